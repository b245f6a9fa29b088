//! Webhooks in the forms of providers: each gets in, over HTTP/1 and HTTP/2, and takes effect once although its signature covers
//! no id.

use portgate_store::testing::PostgresServer;
use portgate_tests::signatures::Provider;
use portgate_tests::{Answer, Client, Workshop};

use crate::webhooks::{each_journal, is_the_same};
use crate::{ORDER, order, with};

type Headers = Vec<(&'static str, String)>;

fn signed(provider: &Provider, seconds: i64, body: &[u8]) -> Headers {
    with(provider.sign_at(seconds, body), "content-type", "application/json")
}

/// An order of the shop's that no other has.
fn numbered(number: usize) -> Vec<u8> {
    [order(), vec![b' '; number]].concat()
}

async fn send(client: &Client, headers: &Headers, body: Vec<u8>) -> Answer {
    client.post(ORDER, headers, body).await
}

#[tokio::test]
async fn each_scheme_gets_in_over_both_protocols_and_only_with_its_own_secret() {
    let workshop = Workshop::new();
    let providers = Provider::each();
    providers.iter().for_each(|provider| provider.signs_for(&workshop, "web-shop"));
    let gateway = workshop.start().await;
    for (number, client) in [Client::new(gateway.partner), Client::over_http2(gateway.partner)].into_iter().enumerate()
    {
        for (place, provider) in providers.iter().enumerate() {
            let body = numbered(number * 10 + place);
            let taken = send(&client, &signed(provider, 0, &body), body.clone()).await;
            assert_eq!(taken.status, 202, "{}: {}", provider.scheme(), taken.json());
            let forged = signed(&Provider::new(provider.scheme()), 0, &body);
            let changed = [body.clone(), b"\n".to_vec()].concat();
            for (headers, body) in [(forged, body.clone()), (signed(provider, 0, &body), changed)] {
                let refused = send(&client, &headers, body).await;
                assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (401, "unauthenticated"));
            }
        }
    }
}

#[tokio::test]
async fn a_copy_of_what_is_signed_takes_effect_once_whatever_is_put_beside_it() {
    for (workshop, _server) in each_journal() {
        let providers = Provider::each();
        providers.iter().for_each(|provider| provider.signs_for(&workshop, "web-shop"));
        let mut gateway = workshop.start().await;
        let mut firsts = Vec::new();
        for restart in [false, true] {
            if restart {
                gateway.stopped().await;
                gateway = workshop.start().await;
            }
            let client = Client::new(gateway.partner);
            for (place, provider) in providers.iter().enumerate() {
                let body = numbered(place);
                let caught = signed(provider, -9, &body);
                if !restart {
                    firsts.push(send(&client, &caught, body.clone()).await);
                }
                let first = &firsts[place];
                assert_eq!(first.status, 202, "{}", first.json());
                is_the_same("a copy", first, &send(&client, &caught, body.clone()).await);
                is_the_same("signed anew", first, &send(&client, &signed(provider, 0, &body), body.clone()).await);
                for name in ["x-shopify-webhook-id", "x-github-delivery", "idempotency-key", "webhook-id"] {
                    let other = with(caught.clone(), name, &format!("{restart}-{place}"));
                    is_the_same(name, first, &send(&client, &other, body.clone()).await);
                }
                // The path is not signed, so a webhook that was caught could be sent elsewhere: it is no message of
                // another contract.
                let elsewhere = client.post("/v1/messages/shopify-product/2024-10", &caught, body.clone()).await;
                assert_eq!((elsewhere.status.as_u16(), elsewhere.problem().as_str()), (422, "webhook-id-reused"));
            }
        }
    }
}

#[tokio::test]
async fn a_retry_with_its_own_id_is_a_retry_and_an_id_of_another_body_is_refused() {
    for (workshop, _server) in each_journal() {
        let shopify = Provider::new("shopify");
        shopify.signs_for(&workshop, "web-shop");
        let gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        let delivery = |id: &str, body: &[u8]| with(signed(&shopify, 0, body), "x-shopify-webhook-id", id);
        let first = send(&client, &delivery("b54557e4", &numbered(1)), numbered(1)).await;
        assert_eq!(first.status, 202, "{}", first.json());
        is_the_same("a retry", &first, &send(&client, &delivery("b54557e4", &numbered(1)), numbered(1)).await);
        let reused = send(&client, &delivery("b54557e4", &numbered(2)), numbered(2)).await;
        assert_eq!((reused.status.as_u16(), reused.problem().as_str()), (422, "webhook-id-reused"));
        let twice = with(delivery("one", &numbered(3)), "x-shopify-webhook-id", "two");
        assert_eq!(send(&client, &twice, numbered(3)).await.problem(), "message-id-malformed");
        let other = send(&client, &delivery("c0ffee00", &numbered(3)), numbered(3)).await;
        assert_eq!(other.status, 202);
        assert_ne!(other.header("location"), first.header("location"));
    }
}

#[tokio::test]
async fn what_was_refused_has_had_no_effect_and_the_same_body_is_judged_anew() {
    let workshop = Workshop::new();
    let github = Provider::new("github");
    github.signs_for(&workshop, "customs-broker");
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let headers = with(github.sign(b"<broken"), "content-type", "application/xml");
    for _ in 0..2 {
        let refused = client.post("/v1/messages/dms-notification/3.6", &headers, &b"<broken"[..]).await;
        assert_eq!(refused.problem(), "payload-rejected");
    }
}

#[tokio::test]
async fn a_form_that_the_policy_writes_down_gets_in_and_its_signed_id_counts() {
    let workshop = Workshop::new();
    let stripe = Provider::new("stripe");
    workshop.secret("web-shop.form", stripe.secret());
    workshop.edit("partners/web-shop.toml", |text| {
        let way = "[[authenticate]]\nkind = \"hmac\"\nsecret = \"file:web-shop.form\"\n\
                   [authenticate.signature]\nheader = \"x-relay-signature\"\nencoding = \"hex\"\nprefix = \"mac=\"\n\
                   signed = \"{method} {path} {id} {timestamp} {body}\"\ntimestamp_header = \"x-relay-time\"\n\
                   id_header = \"x-relay-id\"\n\n";
        text.replacen("[limits]", &format!("{way}[limits]"), 1)
    });
    let gateway = workshop.start().await;
    for (id, client) in [("relay-1", Client::new(gateway.partner)), ("relay-2", Client::over_http2(gateway.partner))] {
        let at = jiff::Timestamp::now().as_second();
        let headers = |id: &str, path: &str| -> Headers {
            let signed = [format!("POST {path} {id} {at} ").as_bytes(), &order()].concat();
            vec![
                ("x-relay-signature", format!("mac={}", stripe.mac(&signed))),
                ("x-relay-time", at.to_string()),
                ("x-relay-id", id.to_owned()),
                ("content-type", "application/json".to_owned()),
            ]
        };
        let first = send(&client, &headers(id, ORDER), order()).await;
        assert_eq!(first.status, 202, "{}", first.json());
        is_the_same("a copy", &first, &send(&client, &headers(id, ORDER), order()).await);
        let mut renamed = headers(id, ORDER);
        renamed[2].1.push('x');
        assert_eq!(send(&client, &renamed, order()).await.status, 401);
        assert_eq!(send(&client, &headers(id, "/v1/messages/shopify-order/other"), order()).await.status, 401);
        // A read can be signed as well, if the signature covers an id and a time.
        let place = first.header("location").to_owned();
        let signed = format!("GET {place} {id}-read {at} ");
        let read = vec![
            ("x-relay-signature", format!("mac={}", stripe.mac(signed.as_bytes()))),
            ("x-relay-time", at.to_string()),
            ("x-relay-id", format!("{id}-read")),
        ];
        assert_eq!(client.send(http::Method::GET, &place, &read, bytes::Bytes::new()).await.status, 200);
        let again = client.send(http::Method::GET, &place, &read, bytes::Bytes::new()).await;
        assert_eq!(again.problem(), "webhook-id-taken");
    }
}

#[tokio::test]
async fn a_read_is_no_webhook_of_a_provider() {
    let workshop = Workshop::new();
    let providers = Provider::each();
    providers.iter().for_each(|provider| provider.signs_for(&workshop, "web-shop"));
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let first = client.post(ORDER, &crate::shop(&workshop), order()).await;
    for provider in &providers {
        let read =
            client.send(http::Method::GET, first.header("location"), &provider.sign(b""), bytes::Bytes::new()).await;
        assert_eq!(read.status, 401, "{}", provider.scheme());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_copies_at_two_gateways_at_the_same_moment_one_takes_effect() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let workshop = Workshop::new();
    workshop.keep_in(&server);
    let shopify = Provider::new("shopify");
    shopify.signs_for(&workshop, "web-shop");
    for (key, value) in [("requests_per_second", "10_000"), ("burst", "10_000"), ("requests_in_flight_max", "500")] {
        workshop.edit("partners/web-shop.toml", |text| {
            let (before, limits) = text.split_once("[limits]").expect("limits");
            let (limits, contracts) = limits.split_once("[[contracts]]").expect("contracts");
            let line = |line: &str| match line.split_once(" = ") {
                Some((name, _)) if name == key => format!("{key} = {value}"),
                _ => line.to_owned(),
            };
            let limits = limits.lines().map(line).collect::<Vec<_>>().join("\n");
            format!("{before}[limits]{limits}\n[[contracts]]{contracts}")
        });
    }
    let gateways = [workshop.start().await, workshop.start().await];
    for round in 0..20 {
        let body = numbered(round);
        let calls = (0..8).map(|number| {
            let client = Client::new(gateways[number % 2].partner);
            // Each with another id, as somebody would send it who has caught the first.
            let headers = with(signed(&shopify, 0, &body), "x-shopify-webhook-id", &format!("{round}-{number}"));
            let body = body.clone();
            tokio::spawn(async move { send(&client, &headers, body).await })
        });
        let mut places = std::collections::BTreeSet::new();
        for call in calls.collect::<Vec<_>>() {
            let answer = call.await.expect("a call does not panic");
            match answer.status.as_u16() {
                202 => drop(places.insert(answer.header("location").to_owned())),
                409 => assert_eq!(answer.problem(), "webhook-id-in-progress"),
                other => panic!("{other}: {}", answer.json()),
            }
        }
        assert_eq!(places.len(), 1, "{places:?}");
    }
}
