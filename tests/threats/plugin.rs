//! Rows 12, 17 to 23, 25 to 27 and 47: a plugin that means harm, and payloads that would make one.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use portgate_core::manifest::Format;
use portgate_tests::paging::Swap;
use portgate_tests::process::GatewayProcess;
use portgate_tests::{Client, Gateway, Workshop, eventually, hostile, plugins};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{Gate, Headers, NOTIFICATION};

/// The headers of the hostile plugin's partner.
fn acme(workshop: &Workshop) -> Headers {
    let key = workshop.credentials.api_key.clone();
    vec![("x-api-key", key), ("content-type", "application/octet-stream".to_owned())]
}

async fn send(client: &Client, workshop: &Workshop, contract: &str) -> portgate_tests::Answer {
    client.post(&format!("/v1/messages/{contract}/1"), &acme(workshop), b"payload".to_vec()).await
}

/// Each misdeed ends in its own problem, and the next honest message is taken.
async fn end_alone(misdeeds: &[(&str, &str)]) {
    let contracts: Vec<&str> = misdeeds.iter().map(|(name, _)| *name).chain(["good"]).collect();
    let workshop = hostile::workshop(&contracts);
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    for (misdeed, problem) in misdeeds {
        let answer = send(&client, &workshop, misdeed).await;
        assert_eq!(answer.problem(), *problem, "{misdeed}: {}", answer.json());
        assert_eq!(send(&client, &workshop, "good").await.status, 202, "after {misdeed}");
    }
}

#[tokio::test]
async fn row_17_an_endless_loop_ends() {
    end_alone(&[("endless-loop", "plugin-too-slow")]).await;
}

#[tokio::test]
async fn row_18_growth_without_an_end_ends() {
    end_alone(&[("memory-bomb", "plugin-memory"), ("deep-recursion", "plugin-failed")]).await;
}

#[tokio::test]
async fn row_19_a_huge_value_is_not_copied() {
    end_alone(&[("huge-output", "plugin-output-too-large"), ("many-documents", "plugin-output-too-large")]).await;
}

#[tokio::test]
async fn row_20_a_flood_of_log_lines_or_look_ups_ends() {
    end_alone(&[("log-flood", "plugin-log-flood"), ("lookup-flood", "plugin-lookup-refused")]).await;
}

/// A partner that takes everything and remembers it.
struct Sink {
    address: SocketAddr,
    received: Arc<Mutex<Vec<(String, HeaderMap, Bytes)>>>,
}

impl Sink {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let received = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&received);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = Arc::clone(&kept);
                let service = service_fn(move |request: Request<Incoming>| {
                    let kept = Arc::clone(&kept);
                    async move {
                        let (head, body) = request.into_parts();
                        let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
                        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                        kept.push((head.uri.to_string(), head.headers, body));
                        Ok::<_, Infallible>(Response::new(Full::new(Bytes::new())))
                    }
                });
                let http = hyper::server::conn::http1::Builder::new();
                tokio::spawn(http.serve_connection(TokioIo::new(stream), service));
            }
        });
        Sink { address, received }
    }

    fn received(&self) -> Vec<(String, HeaderMap, Bytes)> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The one delivery, as soon as it is in this state.
async fn delivery(operator: &Client, workshop: &Workshop, state: &str) -> Value {
    let key = vec![("authorization", format!("Bearer {}", workshop.credentials.operator_key))];
    eventually(&format!("the delivery to `sink` is {state}"), async || {
        let listed = operator.send(Method::GET, "/v1/deliveries?destination=sink", &key, Bytes::new()).await.json();
        if listed["items"][0]["state"] == state { Ok(listed["items"][0].clone()) } else { Err(listed) }
    })
    .await
}

/// A gateway whose hostile plugin renders what goes to a sink.
async fn with_sink(contract: &str) -> (Workshop, Sink, Gateway) {
    let (workshop, sink) = (hostile::workshop(&["good"]), Sink::start().await);
    workshop.secret("sink.key", "no canary");
    hostile::deliver_to(&workshop, sink.address, contract);
    let gateway = workshop.start().await;
    (workshop, sink, gateway)
}

#[tokio::test]
async fn row_21_a_plugin_s_request_goes_nowhere_but_where_its_policy_says() {
    let (workshop, sink, gateway) = with_sink("elsewhere").await;
    assert_eq!(send(&Client::new(gateway.partner), &workshop, "good").await.status, 202);
    let dead = delivery(&Client::new(gateway.operator), &workshop, "dead").await;
    assert_eq!(
        (&dead["class"], &dead["findings"][0]["code"]),
        (&json!("ours"), &json!("delivery-not-permitted")),
        "{dead}"
    );
    assert!(sink.received().is_empty(), "nothing was sent at all");
}

fn canary() -> String {
    let mut random = [0; 16];
    aws_lc_rs::rand::fill(&mut random).expect("random bytes");
    format!("canary{}", hex::encode(random))
}

#[tokio::test]
async fn row_22_a_secret_is_in_no_plugin_s_memory_no_log_no_answer_and_not_in_the_journal() {
    let (workshop, sink, canary) = (hostile::workshop(&["good", "panic"]), Sink::start().await, canary());
    workshop.secret("sink.key", &canary);
    hostile::deliver_to(&workshop, sink.address, "everything");
    let gateway = GatewayProcess::start_talkative(&workshop);
    let (partner, operator) = (Client::new(gateway.partner), Client::new(gateway.operator));
    let taken = send(&partner, &workshop, "good").await;
    assert_eq!(taken.status, 202);
    delivery(&operator, &workshop, "delivered").await;
    let (_, headers, memory) = sink.received().remove(0);
    assert_eq!(headers["x-api-key"], canary.as_str(), "the secret was used");
    let holds = |bytes: &[u8]| bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
    assert!(memory.len() > 256 << 10 && !holds(&memory), "the plugin's whole memory, {} bytes", memory.len());
    // Answers and errors of every kind.
    let key = vec![("authorization", format!("Bearer {}", workshop.credentials.operator_key))];
    let place = taken.header("location").to_owned();
    let mut said = vec![taken.body, send(&partner, &workshop, "panic").await.body];
    for (client, path, headers) in [
        (&partner, place.as_str(), acme(&workshop)),
        (&operator, place.as_str(), key.clone()),
        (&operator, "/v1/deliveries", key),
        (&operator, "/metrics", Vec::new()),
    ] {
        said.push(client.send(Method::GET, path, &headers, Bytes::new()).await.body);
    }
    assert!(said.iter().all(|body| !holds(body)));
    assert!(!holds(gateway.log().as_bytes()), "at the loudest level");
    for file in ["journal.sqlite", "journal.sqlite-wal"] {
        assert!(!holds(&std::fs::read(workshop.path().join(file)).unwrap_or_default()), "{file}");
    }
}

/// What a plugin finds in memory that it has never written.
async fn found(client: &Client, workshop: &Workshop) -> String {
    let answer = send(client, workshop, "residue").await;
    let place = answer.header("location").to_owned();
    let exchange = client.send(Method::GET, &place, &acme(workshop), Bytes::new()).await.json();
    let remark = exchange["findings"][0]["detail"].as_str().unwrap_or_default();
    assert!(remark.starts_with("earlier calls: 0,"), "{exchange}");
    remark.to_owned()
}

#[tokio::test]
async fn row_23_a_call_finds_nothing_of_another() {
    let workshop = hostile::workshop(&["residue", "good"]);
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let first = found(&client, &workshop).await;
    for _ in 0..4 {
        // The same each time: what it finds is its own.
        assert_eq!(found(&client, &workshop).await, first);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_47_a_call_finds_nothing_of_another_that_was_swapped_out() {
    let workshop = hostile::workshop(&["linger", "residue", "good"]);
    // One place in the pool, so that the next call is where the last one was; and long enough there for the kernel to
    // take its pages meanwhile.
    workshop.set("gateway.toml", "requests_in_flight_max", "1");
    for file in ["ceiling.toml", "plugins/hostile.toml"] {
        workshop.set(file, "cpu_ms_max", "5_000").set(file, "wall_ms_max", "25_000");
    }
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let first = found(&client, &workshop).await;
    let mut mark = [0; 8];
    aws_lc_rs::rand::fill(&mut mark).expect("random bytes");
    let number = u64::from_ne_bytes(mark);
    let headers = acme(&workshop);
    let lingers = client.post("/v1/messages/linger/1", &headers, mark.to_vec());
    let answer = match Swap::find().await {
        Ok(swap) => {
            let swapped = swap.take_out(|page| page[0] == number && page[511] == number, (3 << 20) / 4_096 - 2);
            tokio::join!(lingers, swapped).0
        }
        Err(reason) => {
            eprintln!("left out: nothing can be swapped out here ({reason}). The next call looks all the same.");
            lingers.await
        }
    };
    assert_eq!(answer.problem(), "plugin-too-slow", "{}", answer.json());
    assert_eq!(found(&client, &workshop).await, first, "it found what a call had left that was swapped out");
    assert_eq!(send(&client, &workshop, "good").await.status, 202);
}

#[tokio::test]
async fn row_25_a_compiled_artefact_from_outside_is_not_run() {
    let workshop = hostile::workshop(&["good"]);
    workshop.set("gateway.toml", "cache", "\"../cache\"");
    workshop.start().await.stopped().await;
    let cache = workshop.path().join("cache");
    let mut artefacts = std::fs::read_dir(&cache).expect("a cache").map(|file| file.expect("a file").path());
    let artefact = artefacts.find(|path| path.extension().is_some_and(|extension| extension == "cwasm"));
    let artefact = artefact.expect("a compiled artefact");
    let honest = std::fs::read(&artefact).expect("native code");
    let mut poisoned = honest.clone();
    let middle = poisoned.len() / 2;
    poisoned[middle..middle + 64].fill(0xcc);
    std::fs::write(&artefact, &poisoned).expect("a file");
    let gateway = workshop.start().await;
    assert_eq!(send(&Client::new(gateway.partner), &workshop, "good").await.status, 202);
    assert_eq!(std::fs::read(&artefact).expect("native code"), honest, "it was made anew");
}

#[tokio::test]
async fn row_26_what_a_plugin_returns_begins_no_header_and_no_line_of_the_log() {
    let (workshop, sink, gateway) = with_sink("injected-header").await;
    assert_eq!(send(&Client::new(gateway.partner), &workshop, "good").await.status, 202);
    let dead = delivery(&Client::new(gateway.operator), &workshop, "dead").await;
    assert_eq!(dead["class"], "ours", "{dead}");
    assert!(sink.received().is_empty());

    let workshop = hostile::workshop(&["forged-log-line"]);
    let gateway = GatewayProcess::start_talkative(&workshop);
    assert_eq!(send(&Client::new(gateway.partner), &workshop, "forged-log-line").await.status, 202);
    assert!(gateway.log().contains("ERROR all is lost"), "it is logged, at debug");
    for line in gateway.log().lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no line of its own: {line}"));
        assert!(!(line["level"] == "ERROR" && line.to_string().contains("all is lost")), "{line}");
    }
}

#[tokio::test]
async fn row_27_no_entity_is_expanded_and_none_is_fetched() {
    let gate = Gate::open().await;
    let laughs = "<!DOCTYPE a [<!ENTITY b \"ha\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><MetaData>&c;</MetaData>";
    let external = "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><MetaData>&b;</MetaData>";
    let parameter = "<!DOCTYPE a [<!ENTITY % b SYSTEM \"http://127.0.0.1:1/\"> %b;]><MetaData/>";
    for body in [laughs, external, parameter] {
        let mut headers = gate.workshop.credentials.webhook(body.as_bytes());
        headers.push(("content-type", "application/xml".to_owned()));
        let answer = gate.client.post(NOTIFICATION, &headers, body.as_bytes().to_vec()).await;
        assert!(matches!(answer.status.as_u16(), 400 | 422), "{}", answer.json());
        assert!(!String::from_utf8_lossy(&answer.body).contains("root:"));
    }
    gate.is_open().await;
}

/// The hostile plugin, whose contract `good` has this schema.
fn with_schema(workshop: &Workshop, schema: Value) {
    let component = plugins::with_manifest(&plugins::built("hostile"), |manifest| {
        let contract = manifest.contracts.iter_mut().find(|contract| contract.name == "good").expect("a contract");
        contract.format = Format::Json;
        contract.media_types = ["application/json".to_owned()].into_iter().collect();
        contract.schema = Some(schema);
        manifest.version = "2.0.0".to_owned();
    });
    let path = workshop.path().join("components/hostile.wasm");
    std::fs::write(path, plugins::signed(&component)).expect("a component");
}

#[tokio::test]
async fn row_12_a_schema_fetches_nothing_and_its_patterns_take_time_that_grows_with_the_text_alone() {
    for reference in ["http://127.0.0.1:1/schema.json", "file:///etc/passwd", "https://json-schema.org/other"] {
        let workshop = hostile::workshop(&["good"]);
        with_schema(&workshop, json!({ "$ref": reference }));
        let said = workshop.refused().await;
        assert!(said.contains("Retrieval is disabled"), "{reference}: {said}");
    }
    let workshop = hostile::workshop(&["good"]);
    with_schema(&workshop, json!({ "type": "string", "pattern": "^(a|a)*(a|a)*(a|a)*$" }));
    let gateway = workshop.start().await;
    let mut headers = acme(&workshop);
    headers[1] = ("content-type", "application/json".to_owned());
    let text = format!("\"{}!\"", "a".repeat(60_000));
    let asked = Client::new(gateway.partner);
    let answer = asked.post("/v1/messages/good/1", &headers, text.into_bytes());
    // A matcher that tries every way would practically never be done.
    let answer = tokio::time::timeout(Duration::from_secs(20), answer).await.expect("an answer");
    assert_eq!(answer.problem(), "contract-violation");
}
