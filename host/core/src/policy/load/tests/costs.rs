use super::*;

const COSTS: &str = r#"currency = "GBP"
[exchange]
table = "rates"
[[jurisdiction]]
name = "GB"
countries = ["GB", "IM"]
currency = "GBP"
tariff = "rates"
[accruals]
kinds = ["estimate", "provisional"]
to = "acme"
contract = "order"
version = "1"
"#;
const ROUTE: &str =
    "[[deliver]]\ndocument = \"landed-cost-event\"\nto = \"acme\"\ncontract = \"order\"\nversion = \"1\"\n";

/// A folder that reckons costs and tells the partner `acme`; `routes` stand beside it.
fn reckoning(from: &str, to: &str, routes: &str) -> Vec<String> {
    let mut folder = delivery::delivering();
    let shop = folder.entry("plugins/shop.toml").or_default();
    *shop = shop.replacen("read = [\"order\"]", "read = [\"order\", \"landed-cost-event\"]", 1);
    assert!(COSTS.contains(from), "it does not hold {from:?}");
    folder.insert("costs.toml", COSTS.replacen(from, to, 1));
    if !routes.is_empty() {
        folder.insert("routes.toml", routes.to_owned());
    }
    load_folder(&folder).err().unwrap_or_default()
}

#[test]
fn every_mistake_of_costs_is_named_where_it_is() {
    assert_eq!(reckoning("GBP", "GBP", ""), Vec::<String>::new());
    for (from, to, said) in [
        (
            "table = \"rates\"",
            "table = \"rate\"",
            "exchange.table: there is no reference table `rate`; did you mean `rates`?",
        ),
        ("tariff = \"rates\"", "tariff = \"x\"", "jurisdiction[0].tariff: there is no reference table `x`"),
        (
            "[accruals]",
            "[[jurisdiction]]\nname = \"XX\"\ncountries = [\"IM\"]\ncurrency = \"GBP\"\ntariff = \"rates\"\n[accruals]",
            "jurisdiction[1].countries[0]: `IM` is in `GB` as well",
        ),
        ("to = \"acme\"", "to = \"acne\"", "accruals.to: there is no partner `acne`; did you mean `acme`?"),
    ] {
        let mistakes = reckoning(from, to, "");
        assert!(mistakes.len() == 1 && mistakes[0].contains(said), "{from} as {to}: {mistakes:#?}");
    }
}

#[test]
fn nothing_is_posted_both_by_the_gateway_and_by_a_route() {
    let twice = reckoning("GBP", "GBP", &format!("{ROUTE}when = {{ kind = [\"assessed\", \"estimate\"] }}\n"));
    assert!(twice.len() == 1 && twice[0].contains("accruals.kinds[0]: `estimate` costs go to `acme`"), "{twice:#?}");
    let all = reckoning("GBP", "GBP", ROUTE);
    assert_eq!(all.len(), 2, "a route without a condition takes all kinds: {all:#?}");
    let apart = reckoning("GBP", "GBP", &format!("{ROUTE}when = {{ kind = [\"assessed\"] }}\n"));
    assert_eq!(apart, Vec::<String>::new());
}
