//! What a partner gets for a message that is taken.

use serde_json::Value;

use crate::{EVENTS, NOTIFICATION, ORDER, broker, carrier, events, gate, order, shop, tax_assessed};

#[tokio::test]
async fn a_shopify_order_becomes_a_canonical_order() {
    let (workshop, _gateway, client) = gate().await;
    let answer = client.post(ORDER, &shop(&workshop), order()).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    let json = answer.json();
    assert_eq!(json["documents"][0]["kind"], "order");
    let document = &json["documents"][0]["document"];
    assert_eq!(document["source"]["system"], "web-shop");
    assert!(document["totals"]["gross"]["amount"].is_string(), "money is an exact decimal: {document}");
}

#[tokio::test]
async fn dcsa_events_become_milestones() {
    let (workshop, _gateway, client) = gate().await;
    let answer = client.post(EVENTS, &carrier(&workshop), events()).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    let json = answer.json();
    let documents = json["documents"].as_array().expect("documents");
    assert!(!documents.is_empty() && documents.iter().all(|document| document["kind"] == "milestone"));
}

#[tokio::test]
async fn assessed_duty_becomes_landed_cost_events() {
    let (workshop, _gateway, client) = gate().await;
    let body = tax_assessed();
    let answer = client.post(NOTIFICATION, &broker(&workshop, &body), body).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    let json = answer.json();
    let kinds: Vec<&Value> = json["documents"].as_array().expect("documents").iter().map(|d| &d["kind"]).collect();
    assert!(kinds.iter().any(|kind| **kind == "landed-cost-event"), "{kinds:?}");
}

#[tokio::test]
async fn a_document_names_the_payload_it_came_from() {
    let (workshop, _gateway, client) = gate().await;
    let body = order();
    let digest = hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &body));
    let answer = client.post(ORDER, &shop(&workshop), body).await;
    assert_eq!(answer.json()["documents"][0]["document"]["source"]["rawRef"], digest.as_str());
}

#[tokio::test]
async fn an_answer_carries_its_request_id_and_what_is_left_of_the_rates() {
    let (workshop, _gateway, client) = gate().await;
    let answer = client.post(ORDER, &shop(&workshop), order()).await;
    assert_eq!(answer.header("x-request-id").len(), 36);
    assert_eq!(answer.header("ratelimit-policy"), "\"partner\";q=200;w=2");
    assert!(answer.header("ratelimit").starts_with("\"partner\";r=199;t="), "{}", answer.header("ratelimit"));
    let again = client.post(ORDER, &shop(&workshop), order()).await;
    assert_ne!(answer.header("x-request-id"), again.header("x-request-id"));
}

#[tokio::test]
async fn every_problem_type_has_its_page() {
    let (_workshop, _gateway, client) = gate().await;
    for kind in portgate_server::problem::ALL {
        let page = client.get(&kind.path()).await;
        assert_eq!(page.status, 200, "{}", kind.slug);
        let text = String::from_utf8_lossy(&page.body).into_owned();
        assert!(text.contains(kind.title) && text.contains(kind.remedy), "{}", kind.slug);
    }
    assert_eq!(client.get("/problems/no-such-problem").await.problem(), "not-found");
}
