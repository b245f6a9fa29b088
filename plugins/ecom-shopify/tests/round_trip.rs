//! What the shop asks for and what it is told: the numbers that came in with a fulfilment order, and the tracking of a fulfilment,
//! go out as they came.

use std::path::Path;

use ecom_shopify::Shopify;
use portgate_sdk::{Connector, Document, Target, testkit};
use serde_json::{Value, json};

fn case(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("cases/{name}/message.json"));
    serde_json::from_slice(&std::fs::read(path).expect("a case")).expect("JSON")
}

/// The first document that a message becomes.
fn decoded(contract: &str, body: &Value) -> Value {
    let message = testkit::message(contract, "2025-07", "application/json", body.to_string().into_bytes());
    let decoded = Shopify::decode(&message).expect("it is taken");
    serde_json::from_slice(&decoded.documents[0].body).expect("JSON")
}

/// The variables of the request that tells the shop of a fulfilment.
fn told(fulfilment: &Value) -> Value {
    let body = fulfilment.to_string().into_bytes();
    let document = Document { kind: "fulfilment".to_owned(), key: String::new(), refs: Vec::new(), body };
    let target = Target::new("shopify-fulfillment-create", "2026-07", "2026-03-01T08:15:00Z");
    let request = Shopify::encode(&[document], &target).expect("it can be told");
    let mut body: Value = serde_json::from_slice(&request.body).expect("JSON");
    body["variables"]["fulfillment"].take()
}

#[test]
fn what_was_asked_for_is_fulfilled_under_the_numbers_that_it_was_asked_by() {
    let asked = case("fulfilment-order-as-the-api-answers-it");
    let mut fulfilment = decoded("shopify-fulfillment-order", &asked);
    fulfilment["status"] = json!("FULFILLED");
    let (order, line) = (&asked["id"], &asked["line_items"][0]);
    assert_eq!(
        told(&fulfilment)["lineItemsByFulfillmentOrder"],
        json!([{
            "fulfillmentOrderId": format!("gid://shopify/FulfillmentOrder/{order}"),
            "fulfillmentOrderLineItems":
                [{ "id": format!("gid://shopify/FulfillmentOrderLineItem/{}", line["id"]), "quantity": line["quantity"] }],
        }])
    );
}

#[test]
fn the_tracking_of_a_fulfilment_goes_out_as_it_came_in() {
    for (numbers, urls, expected) in [
        (
            json!(["AC100", "AC101"]),
            json!(["https://carrier.example/t/AC100", "https://carrier.example/t/AC101"]),
            json!({ "company": "Any Carrier", "numbers": ["AC100", "AC101"],
                "urls": ["https://carrier.example/t/AC100", "https://carrier.example/t/AC101"] }),
        ),
        (
            json!(["AC100"]),
            json!(["https://carrier.example/t/AC100"]),
            json!({ "company": "Any Carrier", "number": "AC100", "url": "https://carrier.example/t/AC100" }),
        ),
        (json!(["AC100"]), json!([]), json!({ "company": "Any Carrier", "number": "AC100" })),
        (json!([]), json!([]), json!({ "company": "Any Carrier" })),
    ] {
        let mut sent = case("fulfilment-in-two-parcels");
        (sent["tracking_numbers"], sent["tracking_urls"]) = (numbers, urls);
        (sent["tracking_number"], sent["tracking_url"]) = (Value::Null, Value::Null);
        let mut fulfilment = decoded("shopify-fulfillment", &sent);
        fulfilment["requestRef"] = json!("3300100");
        fulfilment["lines"] = json!([]);
        assert_eq!(told(&fulfilment)["trackingInfo"], expected);
    }
}

#[test]
fn a_later_message_of_the_same_thing_replaces_the_earlier_one() {
    let first = decoded("shopify-fulfillment", &case("fulfilment-in-two-parcels"));
    let later = decoded("shopify-fulfillment", &case("fulfilment-cancelled-replaces-it"));
    assert_eq!(first["id"], later["id"]);
    assert!(first["version"].as_str() < later["version"].as_str(), "{} and {}", first["version"], later["version"]);
    let order = decoded("shopify-fulfillment-order", &case("fulfilment-order-as-the-api-answers-it"));
    assert_ne!(order["id"], json!("3300100"), "a fulfilment may have the number of a fulfilment order");
}
