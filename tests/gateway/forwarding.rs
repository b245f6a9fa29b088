//! Forward routes: the document goes to an internal system, whose answer returns to the partner.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use portgate_store::testing::PostgresServer;
use portgate_tests::{Client, Workshop, case, eventually};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::{bearer, shop};

const ITEM: &str = "/v1/messages/shopify-inventory-item/2024-10";

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<(HeaderMap, Value)>>>);

/// An internal system that answers with this status and remembers what it was sent; status 0 never answers.
async fn upstream(status: u16) -> (SocketAddr, Seen) {
    upstream_after(Duration::ZERO, status).await
}

/// The same, with an answer that takes so long.
async fn upstream_after(wait: Duration, status: u16) -> (SocketAddr, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let seen = Seen::default();
    let remembered = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let remembered = remembered.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let remembered = remembered.clone();
                async move {
                    let (head, body) = request.into_parts();
                    let bytes = body.collect().await.expect("a body").to_bytes();
                    let json = serde_json::from_slice(&bytes).unwrap_or_default();
                    remembered.0.lock().expect("a lock").push((head.headers, json));
                    if status == 0 {
                        std::future::pending::<()>().await;
                    }
                    tokio::time::sleep(wait).await;
                    let mut response = Response::new(Full::new(Bytes::from_static(b"{\"taken\":true}")));
                    *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
                    response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
                    Ok::<_, Infallible>(response)
                }
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    (address, seen)
}

fn workshop_to(address: SocketAddr, upstream_ms: &str) -> Workshop {
    let workshop = Workshop::new();
    workshop.edit("routes.toml", |text| text.replace("127.0.0.1:8482", &address.to_string()));
    workshop.set("gateway.toml", "upstream_ms", upstream_ms);
    // For the one partner that signs what it sends.
    let contract = "\n[[contracts]]\nname = \"shopify-inventory-item\"\nversions = [\"2024-10\"]\n";
    workshop.edit("partners/customs-broker.toml", |text| format!("{text}{contract}"));
    workshop
}

async fn gate_to(address: SocketAddr, upstream_ms: &str) -> (Workshop, portgate_tests::Gateway, Client) {
    let workshop = workshop_to(address, upstream_ms);
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    (workshop, gateway, client)
}

#[tokio::test]
async fn the_document_reaches_the_upstream_and_its_answer_the_partner() {
    let (address, seen) = upstream(201).await;
    let (workshop, _gateway, client) = gate_to(address, "5000").await;
    let mut headers = shop(&workshop);
    headers.push(("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()));
    let answer = client.post(ITEM, &headers, case("ecom-shopify", "inventory-item", "json")).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    assert_eq!(answer.json()["taken"], true);
    let seen = seen.0.lock().expect("a lock").clone();
    let (headers, document) = &seen[0];
    assert!(document["sku"].is_string(), "{document}");
    assert_eq!(headers["portgate-partner"], "web-shop");
    assert!(headers["traceparent"].to_str().unwrap().starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
    assert!(!headers.contains_key("x-api-key"), "the partner's credential stays at the gate");
}

#[tokio::test]
async fn an_upstream_that_is_down_is_a_502_and_one_that_is_silent_a_504() {
    let item = case("ecom-shopify", "inventory-item", "json");
    let nobody: SocketAddr = {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        listener.local_addr().expect("an address")
    };
    let (workshop, _gateway, client) = gate_to(nobody, "5000").await;
    let answer = client.post(ITEM, &shop(&workshop), item.clone()).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (502, "upstream-unreachable"));
    assert!(!String::from_utf8_lossy(&answer.body).contains(&nobody.to_string()), "an internal address leaks");

    let (silent, _) = upstream(0).await;
    let (workshop, _gateway, client) = gate_to(silent, "300").await;
    let answer = client.post(ITEM, &shop(&workshop), item).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (504, "upstream-too-slow"));
}

#[tokio::test]
async fn a_message_of_which_a_part_is_refused_is_not_passed_on_without_it() {
    let (address, seen) = upstream(201).await;
    let workshop = workshop_to(address, "5000");
    let routes = [("\"shopify-inventory-item\"", "\"dcsa-track-trace\""), ("\"2024-10\"", "\"2.2\"")];
    workshop.replace("routes.toml", &routes);
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let event = serde_json::json!({ "eventID": "event-1", "eventType": "EQUIPMENT", "eventClassifierCode": "ACT",
        "eventDateTime": "2026-03-01T00:00:00Z", "eventCreatedDateTime": "2026-03-02T00:00:00Z",
        "equipmentEventTypeCode": "GTOT", "equipmentReference": "CSQU3054383" });
    let send = async |events: &[&serde_json::Value]| {
        let body = serde_json::json!(events).to_string().into_bytes();
        client.post("/v1/messages/dcsa-track-trace/2.2", &bearer(&workshop.credentials.token()), body).await
    };
    // The second has the first one's id.
    let answer = send(&[&event, &event]).await;
    assert_eq!((answer.problem().as_str(), seen.count()), ("payload-rejected", 0), "{}", answer.json());
    assert_eq!(send(&[&event]).await.status, 201);
    assert_eq!(seen.count(), 1);
}

#[tokio::test]
async fn the_upstream_s_own_refusal_returns_as_it_is() {
    let (address, _) = upstream(409).await;
    let (workshop, _gateway, client) = gate_to(address, "5000").await;
    let answer = client.post(ITEM, &shop(&workshop), case("ecom-shopify", "inventory-item", "json")).await;
    assert_eq!(answer.status, 409);
}

fn item() -> Vec<u8> {
    case("ecom-shopify", "inventory-item", "json")
}

/// The item as a signed webhook under this id, signed so many seconds from now.
fn signed(workshop: &Workshop, id: &str, seconds: i64) -> Vec<(&'static str, String)> {
    let mut headers = workshop.credentials.webhook_as(id, seconds, &item());
    headers.push(("content-type", "application/json".to_owned()));
    headers
}

impl Seen {
    fn count(&self) -> usize {
        self.0.lock().expect("a lock").len()
    }
}

#[tokio::test]
async fn a_signed_webhook_is_passed_on_once_and_a_copy_gets_the_first_answer() {
    let (address, seen) = upstream(201).await;
    let (workshop, mut gateway, client) = gate_to(address, "5000").await;
    let first = client.post(ITEM, &signed(&workshop, "msg_1", -9), item()).await;
    assert_eq!((first.status.as_u16(), &first.json()["taken"]), (201, &true.into()), "{}", first.json());
    let again = client.post(ITEM, &signed(&workshop, "msg_1", 0), item()).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.header("content-type"), first.header("content-type"));
    gateway.stopped().await;
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    assert_eq!(client.post(ITEM, &signed(&workshop, "msg_1", -9), item()).await.body, first.body);
    assert_eq!(seen.count(), 1, "the upstream has seen it once");
    assert_eq!(client.post(ITEM, &signed(&workshop, "msg_2", 0), item()).await.status, 201);
    assert_eq!(seen.count(), 2);
    // A caller that does not sign is not held to an id that it does not have.
    for _ in 0..2 {
        assert_eq!(client.post(ITEM, &shop(&workshop), item()).await.status, 201);
    }
    assert_eq!(seen.count(), 4);
}

#[tokio::test]
async fn a_test_and_a_dry_run_do_not_reach_the_upstream_and_a_test_reaches_that_for_tests() {
    let ((address, seen), (testing, tested)) = (upstream(201).await, upstream(202).await);
    let workshop = workshop_to(address, "5000");
    let key = workshop.test_key("web-shop");
    let line = format!("upstream = \"http://{address}/items\"\n");
    workshop.edit("routes.toml", |text| {
        text.replace(&line, &format!("{line}test_upstream = \"http://{testing}/items\"\n"))
    });
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let mut dry = shop(&workshop);
    dry.push(("portgate-dry-run", "?1".to_owned()));
    let told = client.post(ITEM, &dry, item()).await.json();
    assert_eq!((&told["outcome"], &told["documents"][0]["kind"]), (&"forwarded".into(), &"item".into()), "{told}");
    let headers = [("x-api-key", key), ("content-type", "application/json".to_owned())];
    assert_eq!(client.post(ITEM, &headers, item()).await.status, 202);
    assert_eq!((seen.count(), tested.count()), (0, 1));
    assert_eq!(tested.0.lock().expect("a lock")[0].0["portgate-partner"], "web-shop");
    assert_eq!(client.post(ITEM, &shop(&workshop), item()).await.status, 201);
    assert_eq!((seen.count(), tested.count()), (1, 1));
}

#[tokio::test]
async fn what_is_known_by_an_id_is_passed_on_once_whoever_has_signed_it() {
    let (address, seen) = upstream(201).await;
    let workshop = workshop_to(address, "5000");
    let github = portgate_tests::signatures::Provider::new("github");
    github.signs_for(&workshop, "web-shop");
    workshop.edit("partners/web-shop.toml", |text| {
        let line = "name = \"shopify-inventory-item\"\n";
        text.replacen(line, &format!("{line}id_header = \"x-item-id\"\n"), 1)
    });
    let mut gateway = workshop.start().await;
    let with = |mut headers: Vec<(&'static str, String)>, id: &str| {
        headers.extend([("x-item-id", id.to_owned()), ("content-type", "application/json".to_owned())]);
        headers
    };
    let mut api_key = shop(&workshop);
    api_key.retain(|(name, _)| *name != "content-type");
    for restart in [false, true] {
        if restart {
            gateway.stopped().await;
            gateway = workshop.start().await;
        }
        let client = Client::new(gateway.partner);
        // By what is signed, whatever id is put beside it; by the id, where nothing is signed.
        for headers in [with(github.sign(&item()), "a"), with(github.sign(&item()), "b"), with(api_key.clone(), "a")] {
            let answer = client.post(ITEM, &headers, item()).await;
            assert_eq!(answer.status, 201, "{}", answer.json());
        }
        assert_eq!(seen.count(), 1);
    }
    let client = Client::new(gateway.partner);
    assert_eq!(client.post(ITEM, &with(api_key, "c"), item()).await.status, 201);
    assert_eq!(seen.count(), 2);
}

#[tokio::test]
async fn what_the_upstream_refused_or_never_saw_is_passed_on_anew() {
    let (address, seen) = upstream(503).await;
    let (workshop, _gateway, client) = gate_to(address, "5000").await;
    for tries in 1..=2 {
        assert_eq!(client.post(ITEM, &signed(&workshop, "msg_1", 0), item()).await.status, 503);
        assert_eq!(seen.count(), tries);
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let nobody = listener.local_addr().expect("an address");
    drop(listener);
    let (workshop, _gateway, client) = gate_to(nobody, "5000").await;
    for _ in 0..2 {
        let answer = client.post(ITEM, &signed(&workshop, "msg_1", 0), item()).await;
        assert_eq!(answer.problem(), "upstream-unreachable");
    }
}

#[tokio::test]
async fn where_nobody_knows_what_the_upstream_did_a_copy_is_not_passed_on() {
    let (silent, seen) = upstream(0).await;
    let (workshop, mut gateway, client) = gate_to(silent, "300").await;
    let first = client.post(ITEM, &signed(&workshop, "msg_1", 0), item()).await;
    assert_eq!(first.problem(), "upstream-too-slow");
    let again = client.post(ITEM, &signed(&workshop, "msg_1", 0), item()).await;
    assert_eq!((again.status.as_u16(), again.problem().as_str()), (409, "webhook-id-taken"));
    gateway.stopped().await;
    let gateway = workshop.start().await;
    let again = Client::new(gateway.partner).post(ITEM, &signed(&workshop, "msg_1", 0), item()).await;
    assert_eq!(again.problem(), "webhook-id-taken");
    assert_eq!(seen.count(), 1);
}

#[tokio::test]
async fn a_caller_that_hangs_up_finds_the_answer_when_it_comes_back() {
    let (address, seen) = upstream_after(Duration::from_millis(500), 201).await;
    let (workshop, gateway, client) = gate_to(address, "5000").await;
    let headers = signed(&workshop, "msg_1", 0);
    let impatient = Client::new(gateway.partner);
    let hung_up = tokio::time::timeout(Duration::from_millis(250), impatient.post(ITEM, &headers, item())).await;
    assert!(hung_up.is_err(), "it did not wait for the answer");
    drop(impatient);
    // While the first is at work, a copy has to wait.
    eventually("the copy finds the first one's answer", async || {
        let answer = client.post(ITEM, &headers, item()).await;
        if answer.status == 201 {
            return Ok(());
        }
        assert_eq!(answer.status, 409, "{}", answer.json());
        Err(answer.json())
    })
    .await;
    assert_eq!(seen.count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_copies_at_two_gateways_one_is_passed_on() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let (address, seen) = upstream(201).await;
    let workshop = workshop_to(address, "5000");
    workshop.keep_in(&server);
    let gateways = [workshop.start().await, workshop.start().await];
    for round in 1..=10 {
        let headers = signed(&workshop, &format!("msg_{round}"), 0);
        let calls = (0..6).map(|number| {
            let (client, headers) = (Client::new(gateways[number % 2].partner), headers.clone());
            tokio::spawn(async move { client.post(ITEM, &headers, item()).await.status.as_u16() })
        });
        for call in calls.collect::<Vec<_>>() {
            let status = call.await.expect("a call does not panic");
            assert!(matches!(status, 201 | 409), "{status}");
        }
        assert_eq!(seen.count(), round);
    }
}
