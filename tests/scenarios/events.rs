//! What concerns a partner is told to it: as it reads, to its webhook, and to the company's own message broker.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use portgate_store::testing::PostgresServer;
use portgate_tests::webhook::Told;
use portgate_tests::{Client, NatsServer, Portal, Webhook, Workshop};

use crate::{EVENTS, ORDER, carrier, event, gate, order, shop, with};

#[tokio::test]
async fn events_are_resumed_after_the_last_one_and_seen_by_their_partner_alone() {
    let (workshop, _gateway, client) = gate().await;
    for number in 0..3 {
        assert_eq!(client.post(EVENTS, &carrier(&workshop), event(number, "CSQU3054383")).await.status, 202);
    }
    assert_eq!(client.post(ORDER, &shop(&workshop), order()).await.status, 202);
    let mut last = String::new();
    let mut seen = Vec::new();
    while seen.iter().filter(|kind| *kind == "portgate.document.milestone").count() < 3 {
        // A connection for each event, as if each were cut off.
        let mut stream = match last.as_str() {
            "" => client.events("/v1/events?after=start", &carrier(&workshop)).await,
            last => client.events("/v1/events", &with(carrier(&workshop), "last-event-id", last)).await,
        };
        let event = stream.next().await;
        assert_eq!(event.event["specversion"], "1.0");
        assert_eq!(event.event["portgatepartner"], "ocean-carrier");
        assert_ne!(event.id, last);
        last = event.id;
        seen.push(event.kind);
    }
    assert!(seen.iter().all(|kind| kind != "portgate.document.order"), "{seen:?}");
    let headers = with(carrier(&workshop), "last-event-id", "x");
    assert_eq!(client.send(Method::GET, "/v1/events", &headers, Bytes::new()).await.problem(), "event-unknown");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_goes_on_at_another_gateway() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let workshop = Workshop::new();
    workshop.keep_in(&server);
    let gateways = [workshop.start().await, workshop.start().await];
    let clients = gateways.each_ref().map(|gateway| Client::new(gateway.partner));
    // Each gateway tells what both have taken, and an id of the one is good at the other.
    let (mut last, mut subjects) = (String::new(), BTreeSet::new());
    for number in 0..6 {
        assert_eq!(
            clients[number % 2].post(EVENTS, &carrier(&workshop), event(number, "CSQU3054383")).await.status,
            202
        );
        for _ in 0..2 {
            let headers = with(carrier(&workshop), "last-event-id", &last);
            let mut stream = match last.is_empty() {
                true => clients[0].events("/v1/events?after=start", &carrier(&workshop)).await,
                false => clients[(number + 1) % 2].events("/v1/events", &headers).await,
            };
            let event = stream.next().await;
            assert!(subjects.insert(event.event["id"].to_string()), "{event:?} comes twice");
            last = event.id;
        }
    }
    assert_eq!(subjects.len(), 12);
}

#[tokio::test]
async fn a_stream_ends_when_its_partner_is_no_longer_the_one_that_was_let_in() {
    let (workshop, _gateway, client) = gate().await;
    let mut stream = client.events("/v1/events?after=start", &shop(&workshop)).await;
    assert_eq!(client.post(ORDER, &shop(&workshop), order()).await.status, 202);
    assert_eq!(stream.next().await.kind, "portgate.exchange.accepted");
    workshop.set("partners/web-shop.toml", "burst", "201");
    stream.end().await;
}

#[tokio::test]
async fn a_stream_ends_with_the_gateway() {
    let (workshop, mut gateway, client) = gate().await;
    let mut stream = client.events("/v1/events", &shop(&workshop)).await;
    gateway.tell_to_stop();
    assert_eq!(stream.end().await, 0);
    assert_eq!(gateway.stopped().await, 0);
}

#[tokio::test]
async fn a_webhook_is_told_of_each_event_under_one_id_until_it_takes_it() {
    let workshop = Workshop::new();
    let webhook = Webhook::start(&workshop, "web-shop", "events = [\"portgate.document.*\"]").await;
    webhook.answer(503);
    let mut gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    assert_eq!(client.post(ORDER, &shop(&workshop), order()).await.status, 202);
    webhook.until("two attempts", |told| told.len() >= 2).await;
    // What was not taken yet is told by the gateway that comes after this one.
    gateway.stopped().await;
    webhook.answer(204);
    let _gateway = workshop.start().await;
    let told = webhook.until("it was taken", |told| told.iter().any(|told| told.status == 204)).await;
    let messages: BTreeSet<&str> = told.iter().map(|told| told.id.as_str()).collect();
    assert_eq!(messages.len(), 1, "{told:#?}");
    let event = &told[0].event;
    assert!(told.iter().all(|told| told.event == *event), "each attempt says the same");
    assert_eq!((&event["type"], &event["specversion"]), (&"portgate.document.order".into(), &"1.0".into()));
    assert_eq!(event["data"]["source"]["system"], "web-shop");
    assert_eq!(told[0].content_type, "application/cloudevents+json");
}

#[tokio::test]
async fn a_webhook_hears_of_what_becomes_of_a_delivery_and_nothing_of_itself() {
    let workshop = Workshop::new();
    let portal = Portal::start(&workshop).await;
    let webhook = Webhook::start(&workshop, "ocean-carrier", "").await;
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let answer = client.post(EVENTS, &carrier(&workshop), event(1, "CSQU3054383")).await;
    assert_eq!(answer.status, 202);
    portal.has_taken(1).await;
    let kinds = |told: &[Told]| -> BTreeSet<String> {
        told.iter().map(|told| told.event["type"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let told = webhook.until("three kinds", |told| kinds(told).len() == 3).await;
    let expected = ["portgate.delivery.delivered", "portgate.document.milestone", "portgate.exchange.accepted"];
    assert_eq!(kinds(&told), expected.map(str::to_owned).into());
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(webhook.told().len(), 3, "telling is no event");
}

#[tokio::test]
async fn while_a_webhook_s_secret_is_changed_both_are_believed() {
    let workshop = Workshop::new();
    let webhook = Webhook::start(&workshop, "web-shop", "previous_secret = \"file:webhook.before\"").await;
    // The receiver knows only the secret from before.
    let before = webhook.change_secret();
    workshop.secret("webhook.before", &before);
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    assert_eq!(client.post(ORDER, &shop(&workshop), order()).await.status, 202);
    let told = webhook.until("it is told", |told| !told.is_empty()).await;
    assert_eq!(told[0].signatures, 2);
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_left_alone_and_its_events_wait_for_a_person() {
    let workshop = Workshop::new();
    let webhook = Webhook::start(&workshop, "web-shop", "events = [\"portgate.exchange.accepted\"]").await;
    webhook.answer(410);
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    assert_eq!(client.post(ORDER, &shop(&workshop), order()).await.status, 202);
    webhook.until("it is told", |told| !told.is_empty()).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(webhook.told().len(), 1, "410 is the last word");
    let operator = Client::new(gateway.operator);
    let key = vec![("authorization", format!("Bearer {}", workshop.credentials.operator_key))];
    let dead = operator.send(Method::GET, "/v1/deliveries?destination=web-shop/webhook", &key, Bytes::new()).await;
    assert_eq!(dead.json()["items"][0]["state"], "dead", "{}", dead.json());
}

#[tokio::test]
async fn every_event_is_published_to_the_broker_once_under_its_own_id() {
    let Some(nats) = NatsServer::start(true) else { return };
    let workshop = Workshop::new();
    nats.told_by(&workshop);
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    assert_eq!(client.post(ORDER, &shop(&workshop), order()).await.status, 202);
    assert_eq!(client.post(EVENTS, &carrier(&workshop), event(1, "CSQU3054383")).await.status, 202);
    let published = nats.published(|events| events.len() >= 4).await;
    let subjects: BTreeMap<&str, &str> =
        published.iter().map(|event| (event.subject.as_str(), event.content_type.as_str())).collect();
    for subject in [
        "portgate.events.ocean-carrier.portgate.document.milestone",
        "portgate.events.ocean-carrier.portgate.exchange.accepted",
        "portgate.events.web-shop.portgate.document.order",
        "portgate.events.web-shop.portgate.exchange.accepted",
    ] {
        assert_eq!(subjects.get(subject), Some(&"application/cloudevents+json"), "{subjects:?}");
    }
    assert!(published.iter().all(|event| event.event["id"] == event.id.as_str()));
}

#[tokio::test]
async fn a_broker_that_acknowledges_what_is_not_on_its_disk_ends_the_start() {
    let Some(nats) = NatsServer::start(false) else { return };
    let workshop = Workshop::new();
    nats.told_by(&workshop);
    let said = workshop.refused().await;
    assert!(said.contains("gateway.toml: nats: ") && said.contains("sync_interval: always"), "{said}");
}

#[tokio::test]
async fn a_broker_that_is_down_stops_nobody() {
    let Some(mut nats) = NatsServer::start(true) else { return };
    let workshop = Workshop::new();
    nats.told_by(&workshop);
    nats.kill();
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    assert_eq!(client.post(ORDER, &shop(&workshop), order()).await.status, 202);
    nats.start_again();
    nats.published(|events| events.len() >= 2).await;
}
