//! Rows 52 to 54: webhooks in the forms of providers, whose signatures cover less than those of Standard Webhooks.

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use http::Method;
use portgate_tests::signatures::Provider;
use portgate_tests::strangers::{Caller, Target};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, timeout};

use crate::{Gate, Headers, ORDER, json, order};

fn signed(provider: &Provider, seconds: i64, body: &[u8]) -> Headers {
    [provider.sign_at(seconds, body), vec![json()]].concat()
}

async fn gate(providers: &[Provider]) -> Gate {
    Gate::open_with(|workshop| providers.iter().for_each(|provider| provider.signs_for(workshop, "web-shop"))).await
}

#[tokio::test]
async fn row_52_what_a_signature_without_an_id_covers_takes_effect_once() {
    let providers = Provider::each();
    let mut gate = gate(&providers).await;
    let body = |place: usize| [order(), vec![b' '; place]].concat();
    let mut firsts = Vec::new();
    for (place, provider) in providers.iter().enumerate() {
        firsts.push(gate.client.post(ORDER, &signed(provider, -5, &body(place)), body(place)).await);
        assert_eq!(firsts[place].status, 202, "{}", firsts[place].json());
    }
    for restart in [false, true] {
        if restart {
            gate.gateway.stopped().await;
            gate = Gate::of(gate.workshop).await;
        }
        for (place, provider) in providers.iter().enumerate() {
            let caught = signed(provider, -5, &body(place));
            for beside in [
                None,
                Some(("x-shopify-webhook-id", format!("made-up-{restart}"))),
                Some(("x-github-delivery", format!("made-up-{restart}"))),
                Some(("idempotency-key", format!("made-up-{restart}"))),
            ] {
                let headers: Headers = caught.iter().cloned().chain(beside).collect();
                let again = gate.client.post(ORDER, &headers, body(place)).await;
                assert_eq!(again.header("location"), firsts[place].header("location"), "{headers:?}");
            }
            let elsewhere = gate.client.post("/v1/messages/shopify-product/2024-10", &caught, body(place)).await;
            assert_eq!(elsewhere.problem(), "webhook-id-reused", "another contract");
            let (path, over_nothing) = (firsts[place].header("location"), provider.sign(b""));
            let read = gate.client.send(Method::GET, path, &over_nothing, Bytes::new()).await;
            assert_eq!(read.status, 401, "a signature over nothing reads nothing");
        }
        let stripe = Provider::clone(&providers[3]);
        let late = gate.client.post(ORDER, &signed(&stripe, -301, &body(9)), body(9)).await;
        assert_eq!(late.status, 401, "where there is a time it counts");
    }
    gate.is_open().await;
}

#[tokio::test]
async fn row_52_what_counts_for_ever_is_remembered_as_long_as_exchanges_are_kept() {
    let providers = [Provider::new("github"), Provider::new("stripe")];
    let mut gate = gate(&providers).await;
    for (place, provider) in providers.iter().enumerate() {
        let body = [order(), vec![b' '; place]].concat();
        assert_eq!(gate.client.post(ORDER, &signed(provider, 0, &body), body).await.status, 202);
    }
    gate.gateway.stopped().await;
    let journal = rusqlite::Connection::open(gate.workshop.path().join("journal.sqlite")).expect("the journal");
    let text = "SELECT expires_at FROM answers ORDER BY expires_at";
    let mut statement = journal.prepare(text).expect("a statement");
    let until = statement.query_map([], |row| row.get::<_, i64>(0)).expect("rows");
    let now = jiff::Timestamp::now().as_microsecond();
    let days: Vec<i64> = until.map(|until| (until.expect("a time") - now + 60_000_000) / 86_400_000_000).collect();
    // By its body alone: 400 days, as exchanges. With a time beside: 7, as keys.
    assert_eq!(days, [7, 400]);
}

#[tokio::test]
async fn row_53_nothing_is_read_or_hashed_for_a_signature_that_nobody_can_have_made() {
    let gate = Gate::open_with(|workshop| {
        Provider::new("github").signs_for(workshop, "web-shop");
        workshop.set("gateway.toml", "hashed_bytes_per_second_max", "1_000");
    })
    .await;
    let junk = format!("sha256={}", "7".repeat(64));
    // Whoever may send the contract does not sign so, or nobody signs so at all: answered before a byte of the body comes.
    for (path, field) in [
        ("/v1/messages/dms-notification/3.6", "x-hub-signature-256"),
        (&*format!("{ORDER}?from=customs-broker"), "x-hub-signature-256"),
        (ORDER, "stripe-signature"),
        (ORDER, "x-shopify-hmac-sha256"),
        (ORDER, "webhook-signature"),
    ] {
        let mut stream = TcpStream::connect(gate.gateway.partner).await.expect("a connection");
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: gate\r\ncontent-type: application/json\r\n{field}: {junk}\r\n\
             content-length: 1000000\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("the head is taken");
        let mut answer = [0; 12];
        let read = timeout(Duration::from_secs(5), stream.read_exact(&mut answer)).await;
        read.expect("an answer without a body").expect("an answer");
        assert_eq!(&answer, b"HTTP/1.1 401", "{path} {field}");
    }
    // Where somebody could have signed so, a signature is tried, until the address has used up what it has.
    let target = Target { address: gate.gateway.partner, tls: None };
    let from = |last: u8| IpAddr::V4(Ipv4Addr::new(127, 0, 0, last));
    let headers: Headers = vec![("x-hub-signature-256", junk), json()];
    let mut statuses = Vec::new();
    while statuses.len() < 24 && statuses.last() != Some(&503) {
        let mut stranger = Caller::connect(&target, from(2)).await.expect("a connection");
        let called = stranger.call(Method::POST, ORDER, &headers, vec![b'x'; 1 << 20]).await;
        statuses.push(called.map_or(503, |called| called.status));
    }
    assert_eq!((statuses.first(), statuses.last()), (Some(&401), Some(&503)), "{statuses:?}");
    let shop = gate.shop();
    let mut partner = Caller::connect(&target, from(3)).await.expect("a connection");
    assert_eq!(partner.call(Method::POST, ORDER, &shop, order()).await.expect("an answer").status, 202);
}

#[tokio::test]
async fn row_54_an_id_that_nobody_has_signed_says_nothing_of_another_partner_or_contract() {
    let shopify = Provider::new("shopify");
    let gate = Gate::open_with(|workshop| {
        shopify.signs_for(workshop, "web-shop");
        let contract = "\n[[contracts]]\nname = \"shopify-order\"\nversions = [\"2024-10\"]\n\
                        id_header = \"x-shopify-webhook-id\"\n";
        workshop.edit("partners/customs-broker.toml", |text| format!("{text}{contract}"));
    })
    .await;
    let id = ("x-shopify-webhook-id", "b54557e4".to_owned());
    let mut attacker = gate.workshop.credentials.webhook(&order());
    attacker.extend([json(), id.clone()]);
    let guessed = gate.client.post(ORDER, &attacker, order()).await;
    assert_eq!(guessed.status, 202, "{}", guessed.json());
    let honest = [signed(&shopify, 0, &order()), vec![id]].concat();
    let taken = gate.client.post(ORDER, &honest, order()).await;
    assert_eq!(taken.status, 202, "{}", taken.json());
    assert_ne!(taken.header("location"), guessed.header("location"));
    // It opens nothing either: a known id beside another body is no proof and no answer.
    let forged = [signed(&Provider::new("shopify"), 0, &order()), vec![honest[2].clone()]].concat();
    assert_eq!(gate.client.post(ORDER, &forged, order()).await.status, 401);
    gate.is_open().await;
}
