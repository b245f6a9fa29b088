use super::*;

const FILINGS: &str = r#"[[filing]]
name = "uk-import"
regime = "uk-import"
composer = "desk"
needs = ["shipment"]
when = { "shipment/consignee/country" = ["GB"] }
to = "acme"
submit = { contract = "order", version = "1" }
amend = { contract = "order", version = "1" }
automatic = true
on_change = "amend"
"#;

/// A folder that files: the composer `desk` writes, and the plugin of `acme` renders.
fn filing() -> BTreeMap<&'static str, String> {
    let mut folder = delivery::delivering();
    let shop = folder.entry("plugins/shop.toml").or_default();
    *shop = shop.replacen("read = [\"order\"]", "read = [\"order\", \"customs-declaration\"]", 1);
    let ceiling = folder.entry("ceiling.toml").or_default();
    *ceiling = ceiling.replacen("emit = [\"order\", \"item\"]", "emit = [\"*\"]", 1);
    let desk = format!(
        "signed_by = [\"release\"]\n{LIMITS}[grants]\nread = [\"shipment-context\", \"shipment\"]\nemit = [\"customs-declaration\"]\n"
    );
    folder.insert("plugins/desk.toml", desk);
    let shipments =
        "opens = [\"shipment\"]\nquiet_days = 120\nthings_max = 2000\n[references]\nidentifying = [\"ucr\"]\n";
    folder.insert("shipments.toml", shipments.to_owned());
    folder.insert("filings.toml", FILINGS.to_owned());
    folder
}

fn wrong(from: &str, to: &str) -> Vec<String> {
    let mut folder = filing();
    let text = folder.entry("filings.toml").or_default();
    assert!(text.contains(from), "it does not hold {from:?}");
    *text = text.replacen(from, to, 1);
    load_folder(&folder).err().unwrap_or_default()
}

#[test]
fn what_is_filed_is_read_with_its_defaults() {
    let policies = load_folder(&filing()).expect("no mistake");
    let filing = &policies.filings.filings[0];
    assert_eq!((filing.name.as_str(), filing.automatic), ("uk-import", true));
    assert_eq!(filing.blocks, crate::policy::FilingBlocks::default());
    assert_eq!(filing.cancel, None);
    let waits = crate::filing::FilingWaits { draft: "1 day".parse().expect("a time"), ..filing.waits };
    assert_eq!((filing.waits, filing.waits.blocked.to_string().as_str()), (waits, "1 hour"));
}

#[test]
fn whoever_is_called_for_nothing_is_told_so() {
    let mut folder = filing();
    let text = folder.entry("filings.toml").or_default();
    text.push_str("blocks = { rules = [\"R05\"] }\n");
    let alone = load_folder(&folder).expect("no mistake").uncalled();
    assert!(alone.len() == 1 && alone[0].contains("`uk-import`") && alone[0].contains("`R05`"), "{alone:#?}");
    let key = "a".repeat(64);
    folder.insert("operators/ann.toml", format!("title = \"A person\"\nkey_sha256 = \"{key}\"\nmay = [\"decide\"]\n"));
    let exceptions = |causes: &str| {
        format!(
            "[teams.desk]\ntitle = \"Desk\"\noperators = [\"ann\"]\n[[route]]\nteam = \"desk\"\ncauses = [{causes}]\n"
        )
    };
    folder.insert("exceptions.toml", exceptions("\"rule\""));
    assert_eq!(load_folder(&folder).expect("no mistake").uncalled().len(), 1);
    folder.insert("exceptions.toml", exceptions("\"rule\", \"filing\""));
    assert_eq!(load_folder(&folder).expect("no mistake").uncalled(), Vec::<String>::new());
}

#[test]
fn every_mistake_of_a_filing_is_named_where_it_is() {
    for (from, to, said) in [
        ("\"desk\"", "\"desq\"", "filing[0].composer: there is no plugin `desq`; did you mean `desk`?"),
        ("\"desk\"", "\"shop\"", "filing[0].composer: `shop` may not read contexts"),
        (
            "to = \"acme\"",
            "to = \"acme\"\nanswers = [\"acne\"]",
            "filing[0].answers[0]: there is no partner `acne`; did you mean `acme`?",
        ),
        ("to = \"acme\"", "to = \"acne\"", "filing[0].to: there is no partner `acne`; did you mean `acme`?"),
        (
            "submit = { contract = \"order\"",
            "submit = { contract = \"odrer\"",
            "filing[0].submit.contract: `odrer/1` is not granted",
        ),
        (
            "amend = { contract = \"order\", version = \"1\" }\n",
            "",
            "filing[0].on_change: wants what there is no contract for: `amend`",
        ),
        ("\"amend\"", "\"cancel-and-refile\"", "filing[0].on_change: wants what there is no contract for: `cancel`"),
        (
            "[\"shipment\"]",
            "[\"shipmnet\"]",
            "there is no kind of document called `shipmnet`; did you mean `shipment`?",
        ),
        ("\"shipment/consignee", "\"shipmnet/consignee", "there is no kind of document called `shipmnet`"),
        (
            "[[filing]]\n",
            "[[filing]]\nsettle = \"1 business hour\"\n",
            "filing[0].settle: is in working time, which does not count here",
        ),
        (
            "[[filing]]\n",
            "[[filing]]\nexpect = { accepted = \"2 business days\" }\n",
            "filing[0].expect.accepted: is in working time, which does not count here",
        ),
        (
            "[[filing]]\n",
            "[[filing]]\nwaits = { blocked = \"1 business hour\" }\n",
            "filing[0].waits.blocked: is in working time, which does not count here",
        ),
    ] {
        let mistakes = wrong(from, to);
        assert!(mistakes.len() == 1 && mistakes[0].contains(said), "{from} as {to}: {mistakes:#?}");
    }
    let tell = |tell: &str| format!("[[filing]]\ntell = [{tell}]\n");
    for (told, said) in [
        (
            "{ to = \"acne\", contract = \"order\", version = \"1\", of = [\"cleared\"] }",
            "filing[0].tell[0].to: there is no partner `acne`; did you mean `acme`?",
        ),
        (
            "{ to = \"acme\", contract = \"odrer\", version = \"1\", of = [\"cleared\"] }",
            "filing[0].tell[0].contract: `odrer/1` is not granted to `shop`",
        ),
        (
            "{ to = \"acme\", contract = \"order\", version = \"1\", of = [\"cleared\"] }",
            "filing[0].tell[0].to: `shop`, which renders for the partner, may not read `customs-status`",
        ),
    ] {
        let mistakes = wrong("[[filing]]\n", &tell(told));
        assert!(mistakes.iter().any(|one| one.contains(said)), "{told}: {mistakes:#?}");
    }
    for of in ["[]", "[\"lost\"]"] {
        let told = format!("{{ to = \"acme\", contract = \"order\", version = \"1\", of = {of} }}");
        let mistakes = wrong("[[filing]]\n", &tell(&told));
        assert!(mistakes.iter().any(|one| one.contains("filing[0].tell[0].of")), "{of}: {mistakes:#?}");
    }
    let once = "{ to = \"acme\", contract = \"order\", version = \"1\", of = [\"cleared\"] }";
    let mistakes = wrong("[[filing]]\n", &tell(&format!("{once}, {once}")));
    assert!(
        mistakes.iter().any(|one| one.contains("filing[0].tell[1].to: `acme` is told of this filing already")),
        "{mistakes:#?}"
    );
    let twice = wrong("[[filing]]", &format!("{FILINGS}\n[[filing]]"));
    assert!(twice.iter().any(|one| one.contains("filing[1].name: `uk-import` is there already")), "{twice:#?}");
    let mut folder = filing();
    folder.remove("shipments.toml");
    let alone = load_folder(&folder).expect_err("it is a mistake");
    assert!(alone.iter().any(|one| one.contains("there are no shipments to file anything of")), "{alone:#?}");
}
