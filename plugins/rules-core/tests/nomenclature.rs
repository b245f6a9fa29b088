//! R08: a code that there is not is found by the lists that are imported, on the day that counts, and where they are silent nothing is.

mod support;

use portgate_sdk::{Document, Judgement, Rules, testkit};
use rules_core::Core;
use serde_json::{Value, json};
use support::{coded, declared, invoice, to};

fn row(table: &str, key: &str, from: Option<&str>, until: Option<&str>) -> testkit::Row {
    let [from, to] = [from, until].map(|day| day.map(str::to_owned));
    testkit::Row { table: table.to_owned(), key: key.to_owned(), from, to, value: "{}".to_owned() }
}

/// What R08 says on a day.
fn on(day: &str, documents: &[(String, Value)]) -> Vec<String> {
    let mut found: Vec<Judgement> = Core::inspect(&testkit::shipment_context(documents), &format!("{day}T12:00:00Z"));
    found.retain(|one| one.rule == "R08");
    found.into_iter().map(|one| one.detail).collect()
}

fn item(commodity: &str, taric: &str) -> Value {
    json!({ "items": [{ "no": 1, "origin": "CN", "classification": { "commodity": commodity, "taric": taric } }] })
}

/// The subheading of the Harmonised System of 2017, and those of 2022.
fn system() -> Vec<testkit::Row> {
    let list = "harmonised-system";
    let ended = row(list, "940510", None, Some("2022-01-01"));
    vec![
        row(list, "01", None, None),
        row(list, "9405", None, None),
        ended,
        row(list, "940511", Some("2022-01-01"), None),
    ]
}

#[test]
fn r08_a_subheading_that_has_ended_or_never_was_is_found_wherever_it_is_written() {
    testkit::provide(system());
    assert_eq!(on("2026-03-10", &[to("GB"), invoice("940511")]), [] as [&str; 0]);
    assert_eq!(
        on("2026-03-10", &[to("GB"), invoice("940510")]),
        [
            "Line 1 of invoice I is under 940510, and 940510 is not in the Harmonised System on 2026-03-10, which had it before."
        ]
    );
    assert_eq!(on("2021-12-31", &[to("GB"), invoice("940510")]), [] as [&str; 0], "it was there then");
    let never = [declared(
        json!({ "items": [{ "no": 1, "origin": "CN", "classification": { "commodity": "00000000", "taric": "00" } }] }),
    )];
    assert_eq!(
        on("2026-03-10", &never),
        ["Item 1 is declared under 0000000000, and 000000 is not in the Harmonised System on 2026-03-05."]
    );
    let classified = coded("LAMP|EU", "EU", "94051040", json!({}));
    assert_eq!(
        on("2026-03-10", &[to("NL"), classified.clone()]),
        [
            "LAMP is classified as 94051040 in EU, and 940510 is not in the Harmonised System on 2026-03-10, which had it before."
        ]
    );
    assert_eq!(on("2026-03-10", &[to("GB"), classified]), [] as [&str; 0], "it is declared elsewhere");
    // Of a heading four digits are looked up, and what nations add in chapters of their own is for their tariffs.
    let heading = |code: &str| {
        declared(json!({ "regime": "transit", "items": [{ "no": 1, "classification": { "commodity": code } }] }))
    };
    assert_eq!(on("2026-03-10", &[heading("9405")]), [] as [&str; 0]);
    assert_eq!(on("2026-03-10", &[heading("9404")]).len(), 1);
    assert_eq!(on("2026-03-10", &[declared(item("99300000", "00"))]), [] as [&str; 0]);
}

#[test]
fn r08_a_list_that_is_not_there_for_whole_is_silent_of_what_it_never_had() {
    testkit::provide(system().into_iter().filter(|row| row.key != "01").collect());
    assert_eq!(on("2026-03-10", &[declared(item("00000000", "00"))]), [] as [&str; 0]);
    assert_eq!(on("2026-03-10", &[to("GB"), invoice("940510")]).len(), 1, "it had this one");
    testkit::provide(Vec::new());
    assert_eq!(on("2026-03-10", &[to("GB"), invoice("940510"), declared(item("00000000", "00"))]), [] as [&str; 0]);
}

#[test]
fn r08_a_commodity_that_the_tariff_has_ended_is_found_before_it_is_declared_and_not_after() {
    let of = |key: &str, until: Option<&str>| row("uk-tariff", key, Some("2026-01-01"), until);
    testkit::provide(vec![
        of("9405119010", Some("2026-03-08")),
        of("9405119090", None),
        of("9401610000", Some("2026-03-08")),
    ]);
    let known = coded("LAMP|GB", "GB", "9405119010", json!({}));
    let ended = "LAMP is classified as 9405119010 in GB, and 9405119010 is not in the UK's tariff on 2026-03-10, which had it before.";
    assert_eq!(on("2026-03-10", &[to("GB"), known.clone()]), [ended], "it was there when the ERP system said so");
    assert_eq!(on("2026-03-07", &[to("GB"), known.clone()]), [] as [&str; 0]);
    // It was declared on the fifth.
    let accepted = declared(item("94051190", "10"));
    assert_eq!(on("2026-03-10", &[to("GB"), known, accepted]), [] as [&str; 0]);
    // What is exported has eight digits.
    let export = |commodity: &str| {
        let (kind, mut body) = declared(
            json!({ "regime": "export", "items": [{ "no": 1, "classification": { "commodity": commodity } }] }),
        );
        body["acceptedAt"]["value"] = json!("2026-03-09T00:00:00Z");
        (kind, body)
    };
    assert_eq!(on("2026-03-10", &[export("94016100")]).len(), 1);
    assert_eq!(on("2026-03-10", &[export("94051190")]), [] as [&str; 0], "of what is divided further nothing is known");
    // Once a row says that the tariff is there for whole, what it does not have there is not.
    let unknown = [to("GB"), coded("LAMP|GB", "GB", "9405119999", json!({}))];
    assert_eq!(on("2026-03-10", &unknown), [] as [&str; 0]);
    testkit::provide(vec![of("9405119090", None), of("*", None)]);
    assert_eq!(
        on("2026-03-10", &unknown),
        ["LAMP is classified as 9405119999 in GB, and 9405119999 is not in the UK's tariff on 2026-03-10."]
    );
}

#[test]
fn r08_what_the_gateway_has_declared_is_judged_by_its_articles_alone() {
    testkit::provide(system());
    let whole = testkit::shipment_context(&[declared(item("94051040", "90"))]);
    let mut context: Value = serde_json::from_slice(&whole.body).expect("a context");
    context["documents"][0]["provenance"]["system"] = json!("portgate");
    let found = Core::inspect(&Document { body: context.to_string().into_bytes(), ..whole }, "2026-03-10T12:00:00Z");
    assert!(found.iter().all(|one| one.rule != "R08"), "{found:#?}");
}
