//! Rows 42 and 43: a partner among several gateways, and among other partners.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Method;
use portgate_store::testing::PostgresServer;
use portgate_tests::{Client, Workshop};

use crate::{EVENTS, Gate, ORDER, bearer, events, order};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_42_calls_that_are_spread_over_gateways_buy_no_more() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let workshop = Workshop::new();
    workshop.keep_in(&server).set("partners/web-shop.toml", "requests_per_second", "2");
    workshop.set("partners/web-shop.toml", "burst", "10");
    let gateways = [workshop.start().await, workshop.start().await, workshop.start().await];
    let clients = gateways.each_ref().map(|gateway| Client::new(gateway.partner));
    let headers = vec![("x-api-key", workshop.credentials.api_key.clone())];
    let place = "/v1/exchanges/00000000-0000-7000-8000-000000000000";
    let (began, mut passed) = (Instant::now(), 0);
    while began.elapsed() < Duration::from_secs(4) {
        for client in &clients {
            let answer = client.send(Method::GET, place, &headers, Bytes::new()).await;
            match answer.status.as_u16() {
                429 => assert_eq!(answer.problem(), "rate-limited"),
                404 => passed += 1,
                other => panic!("{other}: {}", answer.json()),
            }
        }
    }
    let most = 10 + (began.elapsed().as_secs_f64() * 2.0).floor() as u32;
    assert!((10 + 6..=most).contains(&passed), "{passed} of {most}");
    let carrier = bearer(&workshop.credentials.token());
    assert_eq!(clients[0].post(EVENTS, &carrier, events()).await.status, 202, "others have their own");
}

/// The carrier's place among the events as a new connection is told it.
async fn place_of_carrier(gate: &Gate) -> String {
    let mut stream = gate.client.events("/v1/events", &bearer(&gate.workshop.credentials.token())).await;
    assert!(stream.next_within(Duration::from_millis(200)).await.is_none());
    stream.last
}

#[tokio::test]
async fn row_43_a_place_among_the_events_does_not_tell_how_much_happens_to_others() {
    let gate = Gate::open().await;
    let carrier = bearer(&gate.workshop.credentials.token());
    let nothing = place_of_carrier(&gate).await;
    let mut ids = BTreeSet::from([nothing.clone()]);
    for round in 0..3 {
        let before = place_of_carrier(&gate).await;
        for _ in 0..=round {
            assert_eq!(gate.client.post(ORDER, &gate.shop(), order()).await.status, 202);
        }
        assert_eq!(place_of_carrier(&gate).await, before, "it moves with its own events alone");
        assert_eq!(gate.client.post(EVENTS, &carrier, events()).await.status, 202);
        let headers = [carrier.clone(), vec![("last-event-id", before)]].concat();
        let mut stream = gate.client.events("/v1/events", &headers).await;
        while let Some(event) = stream.next_within(Duration::from_millis(500)).await {
            assert_eq!(event.event["portgatepartner"], "ocean-carrier");
            assert!(ids.insert(event.id), "each event has a place of its own");
        }
        assert_eq!(place_of_carrier(&gate).await, stream.last);
    }
    // No count shows in the ids: none shares more with another than chance would have it.
    let texts: Vec<&[u8]> = ids.iter().map(|id| id.as_bytes()).collect();
    assert!(texts.iter().all(|id| id.len() == 43), "{ids:?}");
    for (number, one) in texts.iter().enumerate() {
        for other in &texts[number + 1..] {
            let same = one.iter().zip(*other).filter(|(one, other)| one == other).count();
            assert!(same < 15, "{same} of 43 characters are the same");
        }
    }
    // What another partner was given is nothing here, nor is what is made up.
    let shop_place = gate.client.events("/v1/events?after=start", &gate.shop()).await.next().await.id;
    for made_up in [shop_place.as_str(), "0-1", "1-1", &"A".repeat(43)] {
        let headers = [carrier.clone(), vec![("last-event-id", made_up.to_owned())]].concat();
        let refused = gate.client.send(Method::GET, "/v1/events", &headers, Bytes::new()).await;
        assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (400, "event-unknown"), "{made_up}");
    }
    gate.is_open().await;
}
