//! What the sender gets, and what it can look up.

use bytes::Bytes;
use http::Method;

use crate::{ORDER, carrier, gate, order, shop, with};

#[tokio::test]
async fn a_message_is_answered_with_the_place_of_its_exchange() {
    let (workshop, _gateway, client) = gate().await;
    let answer = client.post(ORDER, &shop(&workshop), order()).await;
    assert_eq!(answer.status, 202, "{}", answer.json());
    let place = answer.header("location").to_owned();
    assert_eq!(place, format!("/v1/exchanges/{}", answer.json()["exchange"].as_str().expect("an id")));
    let exchange = client.send(Method::GET, &place, &shop(&workshop), Bytes::new()).await;
    assert_eq!(exchange.status, 200, "{}", exchange.json());
    let json = exchange.json();
    assert_eq!((&json["contract"], &json["state"]), (&"shopify-order".into(), &"completed".into()));
    assert_eq!(json["documents"][0]["document"]["source"]["system"], "web-shop");
}

#[tokio::test]
async fn the_documents_are_in_the_answer_where_they_are_preferred() {
    let (workshop, _gateway, client) = gate().await;
    let answer = client.post(ORDER, &with(shop(&workshop), "prefer", "return=representation"), order()).await;
    assert_eq!((answer.status.as_u16(), answer.header("preference-applied")), (200, "return=representation"));
    assert_eq!(answer.json()["documents"][0]["kind"], "order");
    assert!(answer.header("location").starts_with("/v1/exchanges/"));
}

#[tokio::test]
async fn an_exchange_is_there_for_its_own_partner_alone() {
    let (workshop, _gateway, client) = gate().await;
    let place = client.post(ORDER, &shop(&workshop), order()).await.header("location").to_owned();
    let get = |headers: Vec<(&'static str, String)>, place: String| {
        let client = client.clone();
        async move { client.send(Method::GET, &place, &headers, Bytes::new()).await }
    };
    assert_eq!(get(shop(&workshop), place.clone()).await.status, 200);
    assert_eq!(get(carrier(&workshop), place.clone()).await.problem(), "exchange-unknown");
    assert_eq!(get(Vec::new(), place.clone()).await.problem(), "unauthenticated");
    for nowhere in ["/v1/exchanges/", "/v1/exchanges/1", "/v1/exchanges/019ab1c2-0000-7000-8000-000000000000"] {
        assert_eq!(get(shop(&workshop), nowhere.to_owned()).await.problem(), "exchange-unknown", "{nowhere}");
    }
    let posted = client.post(&place, &shop(&workshop), order()).await;
    assert_eq!(posted.problem(), "method-not-allowed");
}

#[tokio::test]
async fn of_what_is_refused_no_event_is_told() {
    let (workshop, _gateway, client) = gate().await;
    assert_eq!(client.post(ORDER, &shop(&workshop), b"{}".to_vec()).await.status, 422);
    let headers = shop(&workshop);
    let mut events = client.events("/v1/events?after=start", &headers).await;
    assert!(events.next_within(std::time::Duration::from_millis(200)).await.is_none());
    assert_eq!(client.post(ORDER, &shop(&workshop), order()).await.status, 202);
    assert_eq!(events.next().await.kind, "portgate.exchange.accepted");
}
