use super::*;

const SHIPMENTS: &str = r#"opens = ["shipment"]
catalogue = ["item"]
apart = ["acknowledgement"]
quiet_days = 120
things_max = 2000

[references]
identifying = ["ucr"]
shared = ["order"]
windowed = { container = 45 }

[[owner]]
role = "erp"
fields = ["order/*", "shipment/grossKg"]

[[pack]]
plugin = "shop"
severity = { R13 = "warning" }
"#;

fn shipping() -> BTreeMap<&'static str, String> {
    let mut folder = folder();
    let text = folder.entry("plugins/shop.toml").or_default();
    text.push_str("read = [\"shipment-context\"]\n");
    folder.entry("ceiling.toml").or_default().push_str("read = [\"*\"]\n");
    let partner = folder.entry("partners/acme.toml").or_default();
    *partner = partner.replacen("title", "role = \"erp\"\ntitle", 1);
    folder.insert("shipments.toml", SHIPMENTS.to_owned());
    folder
}

fn wrong(from: &str, to: &str) -> Vec<String> {
    let mut folder = shipping();
    let text = folder.entry("shipments.toml").or_default();
    assert!(text.contains(from), "it does not hold {from:?}");
    *text = text.replacen(from, to, 1);
    load_folder(&folder).err().unwrap_or_default()
}

#[test]
fn how_shipments_are_made_is_read_and_made_rules_of() {
    let policies = load_folder(&shipping()).expect("no mistake");
    let shipments = policies.shipments.expect("they are made");
    let rules = shipments.rules();
    assert_eq!(rules.tie("container"), Some(crate::shipment::Tie::Windowed { seconds: 45 * 86_400 }));
    assert_eq!((rules.tie("order"), rules.tie("seal")), (Some(crate::shipment::Tie::Shared), None));
    assert_eq!(shipments.packs[0].severity["R13"], crate::finding::Severity::Warning);
    assert_eq!(load_folder(&folder()).expect("no mistake").shipments, None, "without the file none are made");
}

#[test]
fn every_mistake_in_it_is_named_where_it_is() {
    for (from, to, mistakes) in [
        (
            "[\"ucr\"]",
            "[\"ucr\", \"order\"]",
            &["shipments.toml:9:11: references.shared[0]: `order` is in `references/identifying` as well"][..],
        ),
        (
            "[\"item\"]",
            "[\"item\", \"shipment\"]",
            &["shipments.toml:2:22: catalogue[1]: `shipment` is in `opens` as well"],
        ),
        (
            "[\"item\"]",
            "[\"itme\"]",
            &["shipments.toml:2:14: catalogue[0]: there is no kind of document called `itme`; did you mean `item`?"],
        ),
        (
            "\"erp\"",
            "\"erq\"",
            &["shipments.toml:13:8: owner[0].role: no partner has the role `erq`; did you mean `erp`?"],
        ),
        ("\"order/*\"", "\"order\"", &["owner[0].fields[0]"]),
        (
            "plugin = \"shop\"",
            "plugin = \"shpo\"",
            &["shipments.toml:17:10: pack[0].plugin: there is no plugin `shpo`; did you mean `shop`?"],
        ),
        ("container = 45", "container = 0", &["references.windowed.container"]),
        (
            "quiet_days",
            "severity = { CONFLICT = \"error\", R13 = \"info\" }\nquiet_days",
            &["severity.R13: the gateway has no rule `R13` of its own"],
        ),
    ] {
        let found = wrong(from, to);
        assert_eq!(found.len(), mistakes.len(), "{to}: {found:#?}");
        for (found, expected) in found.iter().zip(mistakes) {
            assert!(found.contains(expected), "{to}: {found}");
        }
    }
}

#[test]
fn a_rule_pack_reads_contexts() {
    let mut folder = shipping();
    let text = folder.entry("plugins/shop.toml").or_default();
    *text = text.replacen("read = [\"shipment-context\"]", "read = [\"shipment\"]", 1);
    let mistakes = load_folder(&folder).err().unwrap_or_default();
    assert_eq!(mistakes.len(), 1, "{mistakes:#?}");
    assert!(mistakes[0].contains("pack[0].plugin: `shop` may not read contexts"), "{}", mistakes[0]);
}

#[test]
fn the_gateways_own_name_is_no_partners() {
    let mut folder = folder();
    let acme = folder["partners/acme.toml"].clone();
    folder.insert("partners/portgate.toml", acme);
    let mistakes = load_folder(&folder).expect_err("it is a mistake");
    let said = mistakes.iter().any(|one| one.starts_with("partners/portgate.toml") && one.contains("own name"));
    assert!(said, "{mistakes:?}");
}
