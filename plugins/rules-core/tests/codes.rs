//! R23 of commodity codes: a code that does not hold where the goods are declared is found, and who contradicts whom.

mod support;

use portgate_sdk::Severity::{Error, Warning};
use portgate_sdk::{Document, Judgement, Rules, testkit};
use rules_core::Core;
use serde_json::{Value, json};
use support::{RECORDED, coded, declared, invoice, to};

const NOW: &str = "2026-03-10T12:00:00Z";

/// The catalogue's documents of these ids are another system's, recorded then.
fn judged_of(documents: &[(String, Value)], others: &[(&str, &str, &str)], conflicts: Value) -> Vec<Judgement> {
    let whole = testkit::shipment_context(documents);
    let mut context: Value = serde_json::from_slice(&whole.body).expect("a context");
    for known in context["catalogue"].as_array_mut().expect("a catalogue") {
        if let Some((_, system, time)) = others.iter().find(|(id, ..)| known["id"] == *id) {
            known["provenance"]["system"] = json!(system);
            known["provenance"]["recordedAt"]["value"] = json!(time);
        }
    }
    context["conflicts"] = conflicts;
    let mut found = Core::inspect(&Document { body: context.to_string().into_bytes(), ..whole }, NOW);
    found.retain(|one| one.rule == "R23");
    found
}

fn judged(documents: &[(String, Value)]) -> Vec<Judgement> {
    judged_of(documents, &[], json!([]))
}

/// What is found: the first field, and the sentence.
fn only(found: Vec<Judgement>) -> (String, String) {
    let [one] = found.as_slice() else { panic!("one thing is found: {found:#?}") };
    assert!(one.severity >= Error && one.fields.len() >= 2 && !one.remedy.is_empty(), "{one:#?}");
    (one.fields[0].clone(), one.detail.clone())
}

const LINE: &str = "/documents/1/document/lines/0/hs6";

#[test]
fn r23_a_code_that_holds_elsewhere_hides_none_that_does_not_hold_here() {
    let codes = [coded("LAMP|GB", "GB", "9405110000", json!({})), coded("LAMP|US", "US", "8513104000", json!({}))];
    let of = |country: &str, hs6: &str| judged(&[&[to(country), invoice(hs6)], &codes[..]].concat());
    let (place, detail) = only(of("GB", "851310"));
    assert_eq!(place, LINE);
    assert_eq!(detail, "Line 1 has LAMP under 851310, and it is classified as 9405110000 in GB.");
    assert_eq!(of("GB", "940511"), []);
    assert_eq!(of("US", "851310"), [], "nor is a code held against a country that the goods do not come to");
    assert_eq!(of("CH", "940511"), [], "where nobody has classified it any code may be meant");
    only(of("CH", "940540"));
    // A member of the Union has the Union's tariff.
    let union = [to("NL"), invoice("940511"), coded("LAMP|EU", "EU", "85131000", json!({})), codes[0].clone()];
    assert!(only(judged(&union)).1.ends_with("85131000 in EU."));
    // Without a shipment the invoice says where they go.
    let mut alone = invoice("851310");
    alone.1["buyer"] = json!({ "role": "buyer", "name": "Harrier", "address": { "country": "GB" } });
    only(judged(&[&[alone], &codes[..]].concat()));
}

#[test]
fn r23_the_last_code_of_a_system_counts_under_whatever_id_the_one_before_was_kept() {
    let old = coded("LAMP|GB|9405104090", "GB", "9405104090", json!({}));
    let new = coded("LAMP|GB", "GB", "9405110000", json!({}));
    let both = |hs6: &str| {
        judged_of(&[to("GB"), invoice(hs6), new.clone(), old.clone()], &[("LAMP|GB", "erp", NOW)], json!([]))
    };
    only(both("940510"));
    assert_eq!(both("940511"), []);
}

#[test]
fn r23_a_code_counts_on_the_days_that_it_holds() {
    let old = coded("a", "GB", "9405104090", json!({ "validTo": "2026-02-20" }));
    let new = coded("b", "GB", "9405110000", json!({ "validFrom": "2026-02-21" }));
    let mut later = invoice("940510");
    assert_eq!(judged(&[to("GB"), later.clone(), old.clone(), new.clone()]), []);
    later.1["issueDate"] = json!("2026-02-21");
    only(judged(&[to("GB"), later, old, new]));
}

#[test]
fn r23_two_systems_that_contradict_each_other_are_both_named() {
    let one = coded("LAMP|GB", "GB", "9405110000", json!({}));
    let of = |code: &str| {
        let other = coded("7", "GB", code, json!({}));
        judged_of(&[to("GB"), invoice("940511"), one.clone(), other], &[("7", "classifier", RECORDED)], json!([]))
    };
    let (place, detail) = only(of("9405119090"));
    assert!(place.starts_with("/catalogue/"), "{place}");
    assert_eq!(detail, "LAMP is classified as 9405119090 by classifier and as 9405110000 by erp in GB on 2026-03-10.");
    assert_eq!(of("940511"), [], "a system that knows fewer digits says nothing else");
    // Of one document that two systems know the word of its owner counts, and the other is wrong all the same.
    let said = |system: &str, code: &str| {
        json!({
            "value": format!("\"{code}\""),
            "provenance": { "system": system, "version": "1", "recordedAt": { "value": RECORDED }, "rawRef": "0".repeat(64) },
        })
    };
    let conflict = |code: &str| {
        json!([{
            "kind": "item-classification", "id": "LAMP|GB", "field": "/code",
            "counts": said("erp", "9405110000"), "differs": said("shop", code),
        }])
    };
    let found = judged_of(&[to("GB"), invoice("940511"), one.clone()], &[], conflict("8513104000"));
    let [found] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!(found.severity, Warning);
    assert_eq!(found.detail, "LAMP is classified as 9405110000 by erp in GB, which counts, and as 8513104000 by shop.");
    assert_eq!(judged_of(&[to("GB"), invoice("940511"), one], &[], conflict("94051100")), []);
}

#[test]
fn r23_what_is_declared_is_what_the_invoiced_articles_are_classified_as() {
    let codes = coded("LAMP|GB", "GB", "9405119090", json!({}));
    let of = |commodity: &str, taric: &str, said: Value| {
        let mut item = json!({ "no": 1, "origin": "CN", "classification": { "commodity": commodity, "taric": taric } });
        for (name, value) in said.as_object().expect("fields") {
            item[name] = value.clone();
        }
        judged(&[declared(json!({ "items": [item] })), invoice("940511"), codes.clone()])
    };
    let (place, detail) = only(of("94051190", "10", json!({})));
    assert_eq!(place, "/documents/0/document/items/0/classification/commodity");
    assert_eq!(
        detail,
        "Item 1 is declared under 9405119010, and the invoiced articles are classified otherwise in GB: LAMP as 9405119090."
    );
    assert_eq!(of("94051190", "90", json!({})), []);
    // Of an invoice that nobody has seen nothing is known, nor of an article that is classified elsewhere.
    let of_two = json!({ "documents": [{ "type": "N935", "id": "I" }, { "type": "N935", "id": "J" }] });
    assert_eq!(of("94051190", "10", of_two), []);
    let item = json!({ "no": 1, "origin": "CN", "classification": { "commodity": "94051140" } });
    assert_eq!(
        judged(&[declared(json!({ "jurisdiction": "NL", "items": [item] })), invoice("940511"), codes.clone()]),
        []
    );
}
