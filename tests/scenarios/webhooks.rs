//! A signed webhook takes effect once, whenever, wherever and however it comes again.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Method;
use portgate_store::testing::PostgresServer;
use portgate_tests::{Answer, Client, Gateway, Workshop, case};

const NOTIFICATION: &str = "/v1/messages/dms-notification/3.6";

type Headers = Vec<(&'static str, String)>;

fn notification() -> Vec<u8> {
    case("broker-cds", "tax-assessed", "xml")
}

/// The same under another number of customs, which is its business key.
fn another() -> Vec<u8> {
    let text = String::from_utf8(notification()).expect("text");
    let other = text.replace("4f0c2d7e9ab1463f8d5e60a1b2c3d4e5", "4f0c2d7e9ab1463f8d5e60a1b2c3d4e6");
    assert_ne!(text, other);
    other.into_bytes()
}

/// The broker's headers for this body under this id, signed so many seconds from now.
fn signed(workshop: &Workshop, id: &str, seconds: i64, body: &[u8]) -> Headers {
    let mut headers = workshop.credentials.webhook_as(id, seconds, body);
    headers.push(("content-type", "application/xml".to_owned()));
    headers
}

async fn send(client: &Client, headers: &Headers, body: &[u8]) -> Answer {
    client.post(NOTIFICATION, headers, body.to_vec()).await
}

async fn read(client: &Client, path: &str, headers: &Headers) -> Answer {
    client.send(Method::GET, path, headers, Bytes::new()).await
}

#[track_caller]
pub(crate) fn is_the_same(what: &str, first: &Answer, again: &Answer) {
    assert_eq!((again.status, &again.body), (first.status, &first.body), "{what}: {}", again.json());
    assert_eq!(again.header("location"), first.header("location"), "{what}");
}

/// A workshop for each journal that there is here.
pub(crate) fn each_journal() -> Vec<(Workshop, Option<PostgresServer>)> {
    let server = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed");
    let mut each = vec![(Workshop::new(), None)];
    match server {
        Some(server) => {
            let workshop = Workshop::new();
            workshop.keep_in(&server);
            each.push((workshop, Some(server)));
        }
        None => println!("left out: PostgreSQL is not installed"),
    }
    each
}

#[tokio::test]
async fn a_copy_gets_the_first_answer_also_with_another_time_and_after_a_restart() {
    for (workshop, _server) in each_journal() {
        let mut gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        let caught = signed(&workshop, "msg_1", -60, &notification());
        let first = send(&client, &caught, &notification()).await;
        assert_eq!(first.status, 202, "{}", first.json());
        is_the_same("a copy", &first, &send(&client, &caught, &notification()).await);
        let anew = signed(&workshop, "msg_1", 0, &notification());
        is_the_same("signed anew", &first, &send(&client, &anew, &notification()).await);
        gateway.stopped().await;
        let gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        for (what, headers) in [("a copy", caught), ("signed anew", signed(&workshop, "msg_1", 5, &notification()))] {
            is_the_same(what, &first, &send(&client, &headers, &notification()).await);
        }
        let other = send(&client, &signed(&workshop, "msg_2", 0, &another()), &another()).await;
        assert_eq!(other.status, 202, "{}", other.json());
        assert_ne!(other.header("location"), first.header("location"));
    }
}

#[tokio::test]
async fn an_id_of_another_payload_or_contract_is_refused_as_such() {
    for (workshop, _server) in each_journal() {
        let contract = "\n[[contracts]]\nname = \"shopify-order\"\nversions = [\"2024-10\"]\n";
        workshop.edit("partners/customs-broker.toml", |text| format!("{text}{contract}"));
        let gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        let first = send(&client, &signed(&workshop, "msg_1", 0, &notification()), &notification()).await;
        assert_eq!(first.status, 202);
        let changed = [notification(), b" ".to_vec()].concat();
        let refused = send(&client, &signed(&workshop, "msg_1", 0, &changed), &changed).await;
        assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (422, "webhook-id-reused"));
        // The path is not signed, so a webhook that was caught could be sent elsewhere: it is no other message at
        // another contract.
        let mut headers = workshop.credentials.webhook_as("msg_2", 0, &crate::order());
        headers.push(("content-type", "application/json".to_owned()));
        assert_eq!(client.post(crate::ORDER, &headers, crate::order()).await.status, 202);
        headers[3].1 = "application/xml".to_owned();
        assert_eq!(send(&client, &headers, &crate::order()).await.problem(), "webhook-id-reused");
        assert_eq!(client.get("/problems/webhook-id-reused").await.status, 200, "it explains itself");
    }
}

#[tokio::test]
async fn what_was_refused_has_had_no_effect_and_is_judged_anew() {
    for (workshop, _server) in each_journal() {
        let gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        let broken = signed(&workshop, "msg_1", 0, b"<broken");
        for _ in 0..2 {
            assert_eq!(send(&client, &broken, b"<broken").await.problem(), "payload-rejected");
        }
        let mended = signed(&workshop, "msg_1", 0, &notification());
        assert_eq!(send(&client, &mended, &notification()).await.status, 202);
        assert_eq!(send(&client, &broken, b"<broken").await.problem(), "webhook-id-reused");
    }
}

#[tokio::test]
async fn a_webhook_with_a_key_is_known_by_either_and_no_key_makes_a_copy_new() {
    for (workshop, _server) in each_journal() {
        // This contract has no business key, which would recognise the message as well.
        let contract = "\n[[contracts]]\nname = \"shopify-order\"\nversions = [\"2024-10\"]\n";
        workshop.edit("partners/customs-broker.toml", |text| format!("{text}{contract}"));
        let gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        let with = |id: &str, key: &str| {
            let signed = crate::with(
                workshop.credentials.webhook_as(id, 0, &crate::order()),
                "content-type",
                "application/json",
            );
            crate::with(signed, "idempotency-key", &format!("\"{key}\""))
        };
        let send = async |client: &Client, headers: &Headers| client.post(crate::ORDER, headers, crate::order()).await;
        let first = send(&client, &with("msg_1", "one")).await;
        assert_eq!(first.status, 202);
        is_the_same("another key", &first, &send(&client, &with("msg_1", "two")).await);
        is_the_same("another id", &first, &send(&client, &with("msg_2", "one")).await);
        let neither = send(&client, &with("msg_3", "three")).await;
        assert_ne!(neither.header("location"), first.header("location"));
        // Where the two are known from different messages, the id counts: it is what is signed.
        is_the_same("both", &first, &send(&client, &with("msg_1", "three")).await);
        is_the_same("both", &neither, &send(&client, &with("msg_3", "one")).await);
    }
}

#[tokio::test]
async fn a_signed_read_is_answered_once() {
    for (workshop, _server) in each_journal() {
        let mut gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        let first = send(&client, &signed(&workshop, "msg_1", 0, &notification()), &notification()).await;
        let place = first.header("location").to_owned();
        let caught = workshop.credentials.webhook_as("read_1", 0, b"");
        assert_eq!(read(&client, &place, &caught).await.status, 200);
        let again = read(&client, &place, &caught).await;
        assert_eq!((again.status.as_u16(), again.problem().as_str()), (409, "webhook-id-taken"));
        // The path is not signed, so that whoever has caught one could read something else with it.
        assert_eq!(read(&client, "/v1/events?after=start", &caught).await.problem(), "webhook-id-reused");
        gateway.stopped().await;
        let gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        assert_eq!(read(&client, &place, &caught).await.problem(), "webhook-id-taken");
        // The id of a message is not good for a read either.
        let used = workshop.credentials.webhook_as("msg_1", 0, b"");
        assert_eq!(read(&client, &place, &used).await.problem(), "webhook-id-reused");
        let fresh = workshop.credentials.webhook_as("read_2", 0, b"");
        assert_eq!(read(&client, &place, &fresh).await.status, 200);
    }
}

/// The exchanges of copies that all come at the same moment; each is accepted, or told that the first is at work.
async fn at_once(workshop: &Workshop, gateways: &[Gateway], id: &str, copies: usize) -> BTreeSet<String> {
    let headers = signed(workshop, id, 0, &notification());
    let calls = (0..copies).map(|number| {
        let client = Client::new(gateways[number % gateways.len()].partner);
        let headers = headers.clone();
        tokio::spawn(async move { send(&client, &headers, &notification()).await })
    });
    let mut places = BTreeSet::new();
    for call in calls.collect::<Vec<_>>() {
        let answer = call.await.expect("a call does not panic");
        match answer.status.as_u16() {
            202 => drop(places.insert(answer.header("location").to_owned())),
            409 => assert_eq!(answer.problem(), "webhook-id-in-progress"),
            other => panic!("{other}: {}", answer.json()),
        }
    }
    places
}

fn unhurried(workshop: &Workshop) {
    for (key, value) in [("requests_per_second", "10_000"), ("burst", "10_000"), ("requests_in_flight_max", "500")] {
        workshop.set("partners/customs-broker.toml", key, value);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_copies_at_the_same_moment_one_takes_effect() {
    for (workshop, _server) in each_journal() {
        unhurried(&workshop);
        let gateways = [workshop.start().await];
        for round in 0..5 {
            let places = at_once(&workshop, &gateways, &format!("msg_{round}"), 40).await;
            assert_eq!(places.len(), 1, "{places:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_copies_at_two_gateways_at_the_same_moment_one_takes_effect() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let workshop = Workshop::new();
    workshop.keep_in(&server);
    unhurried(&workshop);
    let gateways = [workshop.start().await, workshop.start().await];
    for round in 0..20 {
        let places = at_once(&workshop, &gateways, &format!("msg_{round}"), 8).await;
        assert_eq!(places.len(), 1, "{places:?}");
    }
    // And one after the other, each gateway answers what the other did.
    let headers = signed(&workshop, "msg_last", 0, &notification());
    let first = send(&Client::new(gateways[0].partner), &headers, &notification()).await;
    is_the_same("at another", &first, &send(&Client::new(gateways[1].partner), &headers, &notification()).await);
    let caught = workshop.credentials.webhook_as("read_1", 0, b"");
    assert_eq!(read(&Client::new(gateways[0].partner), first.header("location"), &caught).await.status, 200);
    let again = read(&Client::new(gateways[1].partner), first.header("location"), &caught).await;
    assert_eq!(again.problem(), "webhook-id-taken");
}
