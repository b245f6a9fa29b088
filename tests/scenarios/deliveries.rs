//! What other partners must know reaches them: once, in order, whatever breaks.

use std::time::Duration;

use portgate_tests::{Client, Portal, Workshop};

use crate::{EVENTS, carrier, event, exchange_in};

const CONTAINERS: [&str; 3] = ["CSQU3054383", "MSKU6011672", "TGHU7596898"];

/// A gateway whose portal this test has.
async fn with_portal() -> (Workshop, Portal) {
    let workshop = Workshop::new();
    let portal = Portal::start(&workshop).await;
    (workshop, portal)
}

#[tokio::test]
async fn a_document_is_delivered_with_the_partner_s_credential_and_the_sender_can_see_it() {
    let (workshop, portal) = with_portal().await;
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let answer = client.post(EVENTS, &carrier(&workshop), event(1, CONTAINERS[0])).await;
    let exchange = exchange_in(&client, answer.header("location"), &carrier(&workshop), "completed").await;
    let json = exchange.json();
    assert_eq!(json["deliveries"][0]["state"], "delivered", "{json}");
    let received = portal.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].delivery, json["deliveries"][0]["id"].as_str().expect("an id"));
    assert!(received[0].path.starts_with("/documents/milestone?key=event-CSQU3054383-1"), "{}", received[0].path);
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&received[0].body).expect("JSON"),
        json["documents"][0]["document"]
    );
}

#[tokio::test]
async fn while_a_partner_is_down_its_deliveries_wait_and_then_arrive_once_and_in_order() {
    let (workshop, portal) = with_portal().await;
    workshop.set("partners/customer-portal.toml", "delays_seconds", &format!("{:?}", [1; 20]));
    portal.answer(503);
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    for number in 0..30 {
        let answer = client.post(EVENTS, &carrier(&workshop), event(number, CONTAINERS[number % 3])).await;
        assert_eq!(answer.status, 202, "a partner that is down is not the sender's trouble");
    }
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(portal.taken().is_empty());
    portal.answer(200);
    portal.has_taken(30).await;
    let received: Vec<_> = portal.received().into_iter().filter(|request| request.status == 200).collect();
    assert_eq!(received.len(), 30, "each once");
    for container in CONTAINERS {
        let numbers: Vec<u32> = received
            .iter()
            .filter_map(|request| request.path.split(&format!("event-{container}-")).nth(1)?.parse().ok())
            .collect();
        assert!(numbers.is_sorted() && numbers.len() == 10, "{container}: {numbers:?}");
    }
}

#[tokio::test]
async fn a_retry_is_byte_for_byte_the_same() {
    let (workshop, portal) = with_portal().await;
    workshop.set("partners/customer-portal.toml", "delays_seconds", &format!("{:?}", [1; 20]));
    portal.answer(503);
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    client.post(EVENTS, &carrier(&workshop), event(1, CONTAINERS[0])).await;
    while portal.received().len() < 2 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    portal.answer(200);
    portal.has_taken(1).await;
    let received = portal.received();
    assert!(received.windows(2).all(|pair| {
        (&pair[0].delivery, &pair[0].path, &pair[0].body) == (&pair[1].delivery, &pair[1].path, &pair[1].body)
    }));
}

#[tokio::test]
async fn what_waits_when_the_gateway_stops_is_delivered_when_it_is_back() {
    let (workshop, portal) = with_portal().await;
    workshop.set("partners/customer-portal.toml", "enabled", "false");
    let mut gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let mut places = Vec::new();
    for number in 0..10 {
        let answer = client.post(EVENTS, &carrier(&workshop), event(number, CONTAINERS[0])).await;
        places.push(answer.header("location").to_owned());
    }
    let held = exchange_in(&client, &places[0], &carrier(&workshop), "accepted").await;
    assert_eq!(held.json()["deliveries"][0]["state"], "held");
    gateway.stopped().await;
    let gateway = workshop.start().await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(portal.received().is_empty(), "a partner that is disabled is sent nothing");
    workshop.set("partners/customer-portal.toml", "enabled", "true");
    portal.has_taken(10).await;
    let client = Client::new(gateway.partner);
    for place in places {
        exchange_in(&client, &place, &carrier(&workshop), "completed").await;
    }
    assert!(portal.taken().values().all(|bodies| bodies.len() == 1));
}

#[tokio::test]
async fn what_a_partner_refuses_waits_for_a_person_and_the_lane_goes_on() {
    let (workshop, portal) = with_portal().await;
    portal.answer(422);
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let refused = client.post(EVENTS, &carrier(&workshop), event(1, CONTAINERS[0])).await;
    let exchange = exchange_in(&client, refused.header("location"), &carrier(&workshop), "exception").await;
    assert_eq!(exchange.json()["deliveries"][0]["state"], "dead");
    portal.answer(200);
    let next = client.post(EVENTS, &carrier(&workshop), event(2, CONTAINERS[0])).await;
    exchange_in(&client, next.header("location"), &carrier(&workshop), "completed").await;
    assert_eq!(portal.taken().len(), 1);
}
