//! A message that is sent again takes effect once.

use portgate_tests::{Client, Workshop};

use crate::{ORDER, gate, order, shop, with};

#[tokio::test]
async fn the_same_request_with_its_key_gets_the_same_answer() {
    let (workshop, _gateway, client) = gate().await;
    let headers = with(shop(&workshop), "idempotency-key", "\"order-1\"");
    let first = client.post(ORDER, &headers, order()).await;
    let second = client.post(ORDER, &headers, order()).await;
    assert_eq!((first.status.as_u16(), &first.body), (202, &second.body));
    assert_eq!((second.status, second.header("location")), (first.status, first.header("location")));
    let other = client.post(ORDER, &with(shop(&workshop), "idempotency-key", "\"order-2\""), order()).await;
    assert_ne!(first.header("location"), other.header("location"));
}

#[tokio::test]
async fn a_key_is_the_same_with_and_without_its_quotation_marks() {
    let (workshop, _gateway, client) = gate().await;
    let quoted = client.post(ORDER, &with(shop(&workshop), "idempotency-key", "\"order-1\""), order()).await;
    let bare = client.post(ORDER, &with(shop(&workshop), "idempotency-key", "order-1"), order()).await;
    assert_eq!((quoted.status.as_u16(), &quoted.body), (202, &bare.body));
    let other = client.post(ORDER, &with(shop(&workshop), "idempotency-key", "order-2"), order()).await;
    assert_ne!(quoted.header("location"), other.header("location"));
}

#[tokio::test]
async fn a_sender_s_own_id_makes_a_retry_a_retry_where_the_policy_names_its_header() {
    for (workshop, _server) in crate::webhooks::each_journal() {
        workshop.edit("partners/web-shop.toml", |text| {
            let line = "name = \"shopify-order\"\n";
            text.replacen(line, &format!("{line}id_header = \"x-shopify-webhook-id\"\n"), 1)
        });
        let mut gateway = workshop.start().await;
        let sent = async |client: &Client, id: &str, body: Vec<u8>| {
            client.post(ORDER, &with(shop(&workshop), "x-shopify-webhook-id", id), body).await
        };
        let client = Client::new(gateway.partner);
        let first = sent(&client, "b54557e4", order()).await;
        assert_eq!(first.status, 202, "{}", first.json());
        gateway.stopped().await;
        gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        assert_eq!(sent(&client, "b54557e4", order()).await.body, first.body);
        let changed = [order(), b" ".to_vec()].concat();
        assert_eq!(sent(&client, "b54557e4", changed.clone()).await.problem(), "webhook-id-reused");
        assert_ne!(sent(&client, "b54557e5", order()).await.header("location"), first.header("location"));
        for wrong in ["", &"x".repeat(256)] {
            assert_eq!(sent(&client, wrong, changed.clone()).await.problem(), "message-id-malformed", "{wrong}");
        }
        // The id says nothing about another contract, nor about a message without it.
        let product = portgate_tests::case("ecom-shopify", "product", "json");
        let headers = with(shop(&workshop), "x-shopify-webhook-id", "b54557e4");
        let other = client.post("/v1/messages/shopify-product/2024-10", &headers, product).await;
        assert_eq!(other.status, 202, "{}", other.json());
        let without = client.post(ORDER, &shop(&workshop), order()).await;
        assert_ne!(without.header("location"), first.header("location"));
    }
}

#[tokio::test]
async fn a_key_of_another_payload_is_refused_and_a_broken_key_as_well() {
    let (workshop, _gateway, client) = gate().await;
    let headers = with(shop(&workshop), "idempotency-key", "\"order-1\"");
    assert_eq!(client.post(ORDER, &headers, order()).await.status, 202);
    let mut changed = order();
    changed.push(b' ');
    let reused = client.post(ORDER, &headers, changed).await;
    assert_eq!((reused.status.as_u16(), reused.problem().as_str()), (422, "idempotency-key-reused"));
    for broken in ["\"order-1", "order-1, order-2", "order 1", "order-1;v=1", ""] {
        let broken = client.post(ORDER, &with(shop(&workshop), "idempotency-key", broken), order()).await;
        assert_eq!((broken.status.as_u16(), broken.problem().as_str()), (400, "idempotency-key-malformed"));
    }
}

#[tokio::test]
async fn a_key_outlives_the_process() {
    let workshop = Workshop::new();
    let headers = with(shop(&workshop), "idempotency-key", "\"order-1\"");
    let mut gateway = workshop.start().await;
    let first = Client::new(gateway.partner).post(ORDER, &headers, order()).await;
    gateway.stopped().await;
    let gateway = workshop.start().await;
    let second = Client::new(gateway.partner).post(ORDER, &headers, order()).await;
    assert_eq!((first.status.as_u16(), first.body), (202, second.body));
}

#[tokio::test]
async fn a_thousand_requests_at_once_with_one_key_have_one_effect() {
    let workshop = Workshop::new();
    workshop.edit("partners/web-shop.toml", |text| {
        text.replacen("requests_per_second = 100", "requests_per_second = 5000", 1)
            .replacen("burst = 200", "burst = 5000", 1)
            .replacen("requests_in_flight_max = 16", "requests_in_flight_max = 2000", 1)
    });
    workshop.set("gateway.toml", "requests_in_flight_max", "2000");
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let headers = with(shop(&workshop), "idempotency-key", "\"once\"");
    let calls = (0..1_000).map(|_| {
        let (client, headers) = (client.clone(), headers.clone());
        tokio::spawn(async move { client.post(ORDER, &headers, order()).await })
    });
    let mut places = std::collections::BTreeSet::new();
    let mut waiting = 0;
    for call in calls.collect::<Vec<_>>() {
        let answer = call.await.expect("a call does not panic");
        match answer.status.as_u16() {
            202 => drop(places.insert(answer.header("location").to_owned())),
            409 => {
                assert_eq!(answer.problem(), "idempotency-key-in-progress");
                waiting += 1;
            }
            other => panic!("{other}: {}", answer.json()),
        }
    }
    assert_eq!(places.len(), 1, "{waiting} were told to wait");
    let mut events = client.events("/v1/events?after=start", &shop(&workshop)).await;
    assert_eq!(events.next().await.kind, "portgate.exchange.accepted");
    while let Some(event) = events.next_within(std::time::Duration::from_millis(200)).await {
        assert_ne!(event.kind, "portgate.exchange.accepted");
    }
}
