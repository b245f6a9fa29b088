//! What the sender gets, and what it can look up.

use bytes::Bytes;
use http::Method;

use crate::{EVENTS, ORDER, carrier, event, gate, order, shop, with};

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
    assert_eq!(get(carrier(&workshop), place.clone()).await.problem(), "not-found");
    assert_eq!(get(Vec::new(), place.clone()).await.problem(), "unauthenticated");
    for nowhere in ["/v1/exchanges/", "/v1/exchanges/1", "/v1/exchanges/019ab1c2-0000-7000-8000-000000000000"] {
        assert_eq!(get(shop(&workshop), nowhere.to_owned()).await.problem(), "not-found", "{nowhere}");
    }
    let posted = client.post(&place, &shop(&workshop), order()).await;
    assert_eq!(posted.problem(), "method-not-allowed");
}

#[tokio::test]
async fn what_is_refused_is_no_exchange_and_no_event() {
    let (workshop, _gateway, client) = gate().await;
    assert_eq!(client.post(ORDER, &shop(&workshop), b"{}".to_vec()).await.status, 422);
    let headers = shop(&workshop);
    let events = client.send(Method::GET, "/v1/events?after=start", &headers, Bytes::new());
    let accepted = async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        client.post(ORDER, &shop(&workshop), order()).await
    };
    let (events, accepted) = tokio::join!(events, accepted);
    assert_eq!(accepted.status, 202);
    let text = String::from_utf8(events.body.to_vec()).expect("text");
    assert_eq!(text.matches("portgate.exchange.accepted\n").count(), 1, "{text}");
}

#[tokio::test]
async fn events_are_resumed_after_the_last_one_and_seen_by_their_partner_alone() {
    let (workshop, _gateway, client) = gate().await;
    for number in 0..3 {
        assert_eq!(client.post(EVENTS, &carrier(&workshop), event(number, "CSQU3054383")).await.status, 202);
    }
    assert_eq!(client.post(ORDER, &shop(&workshop), order()).await.status, 202);
    let mut last = String::new();
    let mut seen: Vec<String> = Vec::new();
    while seen.iter().filter(|kind| *kind == "portgate.document.milestone").count() < 3 {
        let (path, headers) = match last.as_str() {
            "" => ("/v1/events?after=start", carrier(&workshop)),
            last => ("/v1/events", with(carrier(&workshop), "last-event-id", last)),
        };
        let answer = client.send(Method::GET, path, &headers, Bytes::new()).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/event-stream"));
        let text = String::from_utf8(answer.body.to_vec()).expect("text");
        for block in text.split("\n\n") {
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
            let (Some(id), Some(kind), Some(data)) = (field("id"), field("event"), field("data")) else { continue };
            let event: serde_json::Value = serde_json::from_str(data).expect("a CloudEvent");
            assert_eq!((&event["specversion"], &event["portgatepartner"]), (&"1.0".into(), &"ocean-carrier".into()));
            last = id.to_owned();
            seen.push(kind.to_owned());
        }
    }
    assert!(seen.iter().all(|kind| kind != "portgate.document.order"), "{seen:?}");
    let headers = with(carrier(&workshop), "last-event-id", "x");
    assert_eq!(client.send(Method::GET, "/v1/events", &headers, Bytes::new()).await.problem(), "event-unknown");
}
