//! The contracts' schemas: what is taken passes, what is wrong is reported where it is wrong.

use std::path::Path;

use jsonschema::Validator;
use portgate_sdk::{Connector, Severity, testkit};
use serde_json::{Value, json};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

fn read(path: impl AsRef<Path>) -> Value {
    let path = Path::new(FOLDER).join(path);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn schema(contract: &str) -> Validator {
    let name = contract.strip_prefix("shopify-").expect("our contracts begin with the shop's name");
    jsonschema::validator_for(&read(format!("schemas/{name}.schema.json"))).expect("the schema is one")
}

fn breaches(schema: &Validator, message: &Value) -> Vec<String> {
    let mut places: Vec<String> = schema.iter_errors(message).map(|error| error.instance_path().to_string()).collect();
    places.sort();
    places
}

/// The folders of the cases whose names begin so.
fn cases(prefix: &str) -> Vec<String> {
    let folders = std::fs::read_dir(Path::new(FOLDER).join("cases")).expect("there are cases");
    let names = folders.map(|folder| folder.expect("a folder").file_name().into_string().expect("a plain name"));
    names.filter(|name| name.starts_with(prefix)).collect()
}

#[test]
fn every_message_that_is_decoded_fulfils_its_contract() {
    let families = [
        ("order", "shopify-order"),
        ("draft", "shopify-order"),
        ("product", "shopify-product"),
        ("inv", "shopify-inventory-item"),
        ("fulfilment-order", "shopify-fulfillment-order"),
        ("hold", "shopify-fulfillment-order"),
        ("fulfilment-in", "shopify-fulfillment"),
        ("fulfilment-of", "shopify-fulfillment"),
        ("event", "shopify-fulfillment-event"),
        ("refund", "shopify-refund"),
        ("edit", "shopify-order-edit"),
    ];
    let mut checked = 0;
    for (prefix, contract) in families {
        let schema = schema(contract);
        for case in cases(prefix).into_iter().filter(|case| !case.contains("rejected")) {
            let message = read(format!("cases/{case}/message.json"));
            assert_eq!(breaches(&schema, &message), Vec::<String>::new(), "{case}");
            checked += 1;
        }
    }
    assert!(checked >= 12, "only {checked} cases");
}

#[test]
fn mistakes_are_reported_at_their_places_in_every_form_of_an_order() {
    let mut order = read("cases/order/message.json");
    order["id"] = "not a number".into();
    order["line_items"][0]["quantity"] = (-1).into();
    order["line_items"][1]["price"] = "12,50".into();
    order.as_object_mut().expect("an object").remove("currency");
    let schema = schema("shopify-order");
    for (root, message) in [
        ("", order.clone()),
        ("/order", json!({ "order": order.clone() })),
        ("/draft_order", json!({ "draft_order": order })),
    ] {
        let expected =
            ["", "/id", "/line_items/0/quantity", "/line_items/1/price"].map(|place| format!("{root}{place}"));
        assert_eq!(breaches(&schema, &message), expected);
    }
}

#[test]
fn a_message_that_is_no_object_breaks_every_contract_at_its_root() {
    for contract in [
        "shopify-order",
        "shopify-product",
        "shopify-inventory-item",
        "shopify-fulfillment",
        "shopify-fulfillment-order",
        "shopify-fulfillment-event",
        "shopify-refund",
        "shopify-order-edit",
    ] {
        for message in [json!([]), json!("order"), json!(null)] {
            assert_eq!(breaches(&schema(contract), &message), [""], "{contract}");
        }
    }
}

fn decode(contract: &str, body: Vec<u8>) -> Result<portgate_sdk::Decoded, portgate_sdk::Rejection> {
    ecom_shopify::Shopify::decode(&testkit::message(contract, "2024-10", "application/json", body))
}

#[test]
fn the_order_that_is_measured_becomes_one_order_without_a_complaint() {
    let path = Path::new(FOLDER).join("../../tests/bench/payloads/shopify-order.json");
    let body = std::fs::read(path).expect("the payload");
    assert!(schema("shopify-order").is_valid(&serde_json::from_slice(&body).expect("JSON")));
    let decoded = decode("shopify-order", body).expect("decodes");
    let complaints = decoded.findings.iter().filter(|finding| finding.severity != Severity::Info);
    assert_eq!((decoded.documents.len(), complaints.count()), (1, 0), "{:?}", decoded.findings);
}

#[test]
fn a_contract_of_another_connector_is_refused_by_name() {
    let rejection = decode("iftsta", b"{}".to_vec()).expect_err("is not ours");
    assert_eq!(rejection.findings[0].code, "UNKNOWN-CONTRACT");
}

#[test]
fn a_message_cut_off_anywhere_is_rejected_with_a_place_and_without_a_panic() {
    for (case, contract) in [
        ("order", "shopify-order"),
        ("product", "shopify-product"),
        ("inventory-item", "shopify-inventory-item"),
        ("fulfilment-in-two-parcels", "shopify-fulfillment"),
        ("fulfilment-order-held-in-part", "shopify-fulfillment-order"),
        ("event-with-an-estimate", "shopify-fulfillment-event"),
        ("refund-with-tax-in-its-amounts-and-adjustments", "shopify-refund"),
        ("edit-of-lines", "shopify-order-edit"),
    ] {
        let whole = std::fs::read(Path::new(FOLDER).join("cases").join(case).join("message.json")).expect("the case");
        let end = whole.trim_ascii_end().len();
        for length in 1..end {
            let rejection = decode(contract, whole[..length].to_vec()).expect_err("is cut off");
            assert!(!rejection.findings[0].location.is_empty(), "{case} at {length}");
        }
    }
}
