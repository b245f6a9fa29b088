//! Broken and hostile payloads: each gets its problem with the place, and the next message is taken.

use http::Method;
use portgate_tests::Client;

use crate::{EVENTS, NOTIFICATION, ORDER, broker, carrier, gate, order, shop, tax_assessed};

async fn next_order_is_taken(workshop: &portgate_tests::Workshop, client: &Client) {
    assert_eq!(client.post(ORDER, &shop(workshop), order()).await.status, 200);
}

#[tokio::test]
async fn json_that_breaks_off_is_refused_with_its_place() {
    let (workshop, _gateway, client) = gate().await;
    let answer = client.post(ORDER, &shop(&workshop), "{\n  \"id\": 1,\n  \"name\": ").await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (400, "malformed-payload"));
    let finding = &answer.json()["findings"][0];
    assert_eq!(finding["code"], "json-syntax");
    assert!(finding["detail"].as_str().is_some_and(|detail| detail.contains("line 3")), "{finding}");
    next_order_is_taken(&workshop, &client).await;
}

#[tokio::test]
async fn json_with_a_duplicate_key_is_refused() {
    let (workshop, _gateway, client) = gate().await;
    let answer = client.post(ORDER, &shop(&workshop), r#"{"id": 1, "id": 2}"#).await;
    assert_eq!(answer.problem(), "malformed-payload");
}

#[tokio::test]
async fn json_that_is_nested_too_deep_is_refused() {
    let (workshop, _gateway, client) = gate().await;
    let answer = client.post(ORDER, &shop(&workshop), "[".repeat(100_000)).await;
    assert_eq!(answer.problem(), "malformed-payload");
    next_order_is_taken(&workshop, &client).await;
}

#[tokio::test]
async fn every_breach_of_the_schema_is_listed_with_its_pointer() {
    let (workshop, _gateway, client) = gate().await;
    let mut json: serde_json::Value = serde_json::from_slice(&order()).expect("the case is JSON");
    json["id"] = "not a number".into();
    json["line_items"][0]["quantity"] = (-1).into();
    json.as_object_mut().expect("an order is an object").remove("currency");
    let answer = client.post(ORDER, &shop(&workshop), json.to_string()).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (422, "contract-violation"));
    let json = answer.json();
    let places: Vec<&str> = json["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter_map(|finding| finding["location"].as_str())
        .collect();
    assert!(
        places.contains(&"/id") && places.contains(&"/line_items/0/quantity") && places.contains(&""),
        "{places:?}"
    );
    next_order_is_taken(&workshop, &client).await;
}

#[tokio::test]
async fn xml_that_ends_in_the_middle_is_refused_with_its_line() {
    let (workshop, _gateway, client) = gate().await;
    let whole = tax_assessed();
    let body = whole[..whole.len() / 2].to_vec();
    let answer = client.post(NOTIFICATION, &broker(&workshop, &body), body).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (422, "payload-rejected"), "{}", answer.json());
    let json = answer.json();
    let location = json["findings"][0]["location"].as_str().unwrap_or_default().to_owned();
    assert!(location.split(':').next().is_some_and(|line| line.parse::<u32>().is_ok()), "{location}");
}

#[tokio::test]
async fn xml_with_a_document_type_is_refused() {
    let (workshop, _gateway, client) = gate().await;
    let body = b"<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><MetaData>&b;</MetaData>".to_vec();
    let answer = client.post(NOTIFICATION, &broker(&workshop, &body), body).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (400, "malformed-payload"), "{}", answer.json());
    assert_eq!(answer.json()["findings"][0]["code"], "text-doctype");
    assert!(!String::from_utf8_lossy(&answer.body).contains("root:"));
    next_order_is_taken(&workshop, &client).await;
}

#[tokio::test]
async fn edi_with_a_broken_segment_is_refused_with_the_segment() {
    let (workshop, _gateway, client) = gate().await;
    let mut headers = carrier(&workshop);
    headers[1].1 = "application/edifact".to_owned();
    let body = "UNB+UNOC:3+A+B+230522:0044+1'UNH+1+IFTSTA:D:00B:UN'B?+23'UNT+3+1'UNZ+1+1'";
    let answer = client.post("/v1/messages/iftsta/D00B", &headers, body).await;
    assert_eq!(answer.problem(), "payload-rejected", "{}", answer.json());
    let json = answer.json();
    assert!(json["findings"][0]["location"].as_str().is_some_and(|place| place.contains("segment 3")), "{json}");
}

#[tokio::test]
async fn a_payload_over_the_contract_s_cap_is_refused_unread() {
    let (workshop, _gateway, client) = gate().await;
    let answer = client.post(ORDER, &shop(&workshop), vec![b' '; 3 << 20]).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (413, "body-too-large"));
    next_order_is_taken(&workshop, &client).await;
}

#[tokio::test]
async fn another_media_type_is_refused_with_those_that_are_taken() {
    let (workshop, _gateway, client) = gate().await;
    let mut headers = shop(&workshop);
    headers[1].1 = "text/csv".to_owned();
    let answer = client.post(ORDER, &headers, order()).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (415, "media-type-unsupported"));
    assert_eq!(answer.header("accept"), "application/json");
}

#[tokio::test]
async fn a_content_coding_is_refused() {
    let (workshop, _gateway, client) = gate().await;
    let mut headers = shop(&workshop);
    headers.push(("content-encoding", "gzip".to_owned()));
    assert_eq!(client.post(ORDER, &headers, order()).await.problem(), "media-type-unsupported");
}

#[tokio::test]
async fn unknown_paths_contracts_versions_and_methods_are_told_apart() {
    let (workshop, _gateway, client) = gate().await;
    let headers = shop(&workshop);
    for (path, problem) in [
        ("/v1/messages/shopify-order", "not-found"),
        ("/v1/messages/shopify-order/../../etc", "not-found"),
        ("/v1/messages/invoice/1", "contract-unknown"),
        ("/v1/messages/shopify-order/1999-01", "version-unknown"),
    ] {
        let answer = client.post(path, &headers, order()).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (404, problem), "{path}");
    }
    let answer = client.send(Method::PUT, ORDER, &headers, order().into()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.problem().as_str(), answer.header("allow")),
        (405, "method-not-allowed", "POST")
    );
}

#[tokio::test]
async fn what_cannot_be_a_name_is_not_echoed() {
    let (workshop, _gateway, client) = gate().await;
    let answer = client.post("/v1/messages/%3Cscript%3E/1", &shop(&workshop), order()).await;
    assert_eq!(answer.problem(), "not-found");
    assert!(!String::from_utf8_lossy(&answer.body).contains("script"));
}

#[tokio::test]
async fn an_empty_body_is_refused_with_a_finding() {
    let (workshop, _gateway, client) = gate().await;
    let answer = client.post(EVENTS, &carrier(&workshop), "").await;
    assert_eq!(answer.problem(), "malformed-payload");
    assert_eq!(answer.json()["findings"].as_array().map(Vec::len), Some(1));
}
