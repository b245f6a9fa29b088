//! Row 45: whoever reads the logs. Nothing that a partner sent or was sent, and no credential, is in them at any level.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use memchr::memmem;
use portgate_store::testing::PostgresServer;
use portgate_tests::process::{GatewayProcess, program};
use portgate_tests::{Client, NatsServer, Workshop, eventually, hostile};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::{EVENTS, NOTIFICATION, ORDER, json};

/// Whatever an operator may name, as loud as it gets.
const EVERYTHING: &str = "trace,tokio_postgres=trace,tokio=trace,hyper=trace,hyper_util=trace,h2=trace,rustls=trace,\
                          async_nats=trace,wasmtime=trace,cranelift_codegen=trace,rusqlite=trace,log=trace,payload=trace";

/// Texts that must not be found, each with where it stood.
#[derive(Default)]
struct Canaries(Mutex<Vec<(String, String)>>);

impl Canaries {
    fn add(&self, place: &str, text: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((place.to_owned(), text.to_owned()));
    }

    /// A new one, of letters and digits alone.
    fn hatch(&self, place: &str) -> String {
        let mut random = [0; 12];
        aws_lc_rs::rand::fill(&mut random).expect("random bytes");
        let text = format!("canary{}", hex::encode(random));
        self.add(place, &text);
        text
    }

    /// The places of the canaries that this text contains: as they are, or in the forms in which libraries print bytes.
    fn found_in(&self, log: &str) -> Vec<String> {
        let log = log.to_lowercase();
        let canaries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let forms = |text: &str| {
            let bytes = format!("{:?}", text.as_bytes());
            let encoded = STANDARD.encode(text).trim_end_matches('=').to_lowercase();
            [text.to_lowercase(), bytes.trim_matches(['[', ']']).to_owned(), hex::encode(text), encoded]
        };
        let is_there =
            |text: &str| forms(text).iter().any(|form| memmem::find(log.as_bytes(), form.as_bytes()).is_some());
        canaries.iter().filter(|(_, text)| is_there(text)).map(|(place, _)| place.clone()).collect()
    }
}

/// A receiver that takes some, refuses some, sends some elsewhere, and talks a lot.
async fn talker(canaries: &Canaries) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (header, body) = (canaries.hatch("an answer's header"), canaries.hatch("an answer's body"));
    let requests = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (header, body, requests) = (header.clone(), body.clone(), Arc::clone(&requests));
            let service = service_fn(move |request: Request<Incoming>| {
                let (header, body, requests) = (header.clone(), body.clone(), Arc::clone(&requests));
                async move {
                    let _ = request.into_body().collect().await;
                    let status = [503, 200, 422, 302, 200][requests.fetch_add(1, Ordering::Relaxed) % 5];
                    let answer = Response::builder().status(status).header("x-note", &header);
                    let answer = answer.header("location", format!("http://127.0.0.1:1/{header}"));
                    let body = format!("{{\"detail\":\"{body}\"}}");
                    Ok::<_, Infallible>(answer.body(Full::new(Bytes::from(body))).expect("an answer"))
                }
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    address
}

/// Has the journal kept in a new database of this server, or in a file where there is none.
fn keep_in(server: Option<&PostgresServer>, workshop: &Workshop, name: &str) {
    let Some(server) = server else { return };
    workshop.secret("journal.url", &server.database(name).expect("a database"));
    workshop.set("gateway.toml", "database", "\"file:journal.url\"");
    workshop.edit("gateway.toml", |text| format!("{text}\n[audit]\nsigning_key = \"file:audit.key\"\n"));
}

/// Bytes that are no request, or half of one.
async fn send_raw(address: SocketAddr, bytes: &str) {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(bytes.as_bytes()).await.expect("it is taken");
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut Vec::new())).await;
}

/// Headers that say a lot, beside what a request needs.
fn loud(canaries: &Canaries, mut headers: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
    for name in ["cookie", "user-agent", "x-note", "referer", "tracestate", "baggage", "forwarded"] {
        headers.push((name, canaries.hatch(&format!("the header {name}"))));
    }
    headers
}

/// Sends everything that a partner, a stranger and an operator can send, with a canary in every place.
async fn everybody_talks(canaries: &Canaries, workshop: &Workshop, gateway: &GatewayProcess) {
    let (client, operator) = (Client::new(gateway.partner), Client::new(gateway.operator));
    let credentials = &workshop.credentials;
    canaries.add("an API key", &credentials.api_key);
    canaries.add("the key for a destination", &credentials.portal_key);
    canaries.add("an operator's key", &credentials.operator_key);
    canaries.add("a webhook's secret", &STANDARD.encode(&credentials.webhook_secret));
    let shop = |canaries: &Canaries| loud(canaries, vec![("x-api-key", credentials.api_key.clone()), json()]);

    // Taken, malformed, against the contract, refused by the connector.
    let order = String::from_utf8(crate::order()).expect("text");
    let told = order.replacen("\"email\": \"", &format!("\"email\": \"{}", canaries.hatch("a payload")), 1);
    assert_ne!(told, order, "the order has an address");
    let mut headers = shop(canaries);
    headers.push(("idempotency-key", format!("\"{}\"", canaries.hatch("an Idempotency-Key"))));
    let taken = client.post(ORDER, &headers, told.into_bytes()).await;
    assert!(taken.status.is_success(), "{}", taken.json());
    for body in [
        format!("{{\"{}\": ", canaries.hatch("a malformed payload")),
        format!("{{\"id\": \"{}\", \"{}\": [1e999]}}", canaries.hatch("a wrong value"), canaries.hatch("a wrong key")),
    ] {
        let answer = client.post(ORDER, &shop(canaries), body.into_bytes()).await;
        assert!(answer.status.is_client_error(), "{}", answer.json());
    }
    let token = credentials.token();
    canaries.add("a token", &token);
    canaries.add("a token's signature", token.rsplit('.').next().expect("three parts"));
    let event = String::from_utf8(portgate_tests::gate_out(7)).expect("text");
    for body in [event.clone(), event.replace("GTOT", &canaries.hatch("a code")), event.replace("OPSU", "opsu")] {
        client.post(EVENTS, &loud(canaries, crate::bearer(&token)), body.into_bytes()).await;
    }
    for body in [
        String::from_utf8(crate::notification()).expect("text"),
        format!("<MetaData><{0}>{0}</MetaData>", canaries.hatch("XML")),
    ] {
        let mut headers = loud(canaries, credentials.webhook(body.as_bytes()));
        headers.push(("content-type", "application/xml".to_owned()));
        client.post(NOTIFICATION, &headers, body.into_bytes()).await;
    }

    // Strangers, and requests that are wrong in their head.
    for (name, value) in [
        ("x-api-key", canaries.hatch("a wrong API key")),
        ("authorization", format!("Bearer {}", canaries.hatch("a wrong token"))),
        ("authorization", format!("Basic {}", canaries.hatch("basic credentials"))),
        ("webhook-signature", format!("v1,{}", canaries.hatch("a wrong signature"))),
    ] {
        client.post(ORDER, &loud(canaries, vec![(name, value), json()]), crate::order()).await;
    }
    for (name, value) in [
        ("content-type", format!("application/{}", canaries.hatch("a Content-Type"))),
        ("content-encoding", canaries.hatch("a Content-Encoding")),
        ("idempotency-key", canaries.hatch("a malformed Idempotency-Key")),
    ] {
        let mut headers = shop(canaries);
        headers.retain(|(known, _)| *known != name);
        headers.push((name, value));
        client.post(ORDER, &headers, crate::order()).await;
    }
    for path in [
        format!("{ORDER}?x={}", canaries.hatch("a query")),
        format!("/v1/messages/{}/1", canaries.hatch("a contract")),
        format!("/v1/messages/shopify-order/{}", canaries.hatch("a version")),
        format!("/{}", canaries.hatch("a path")),
        format!("/v1/exchanges/{}", canaries.hatch("an exchange")),
    ] {
        client.post(&path, &shop(canaries), crate::order()).await;
        client.send(Method::GET, &path, &shop(canaries), Bytes::new()).await;
    }
    let mut events = shop(canaries);
    events.push(("last-event-id", canaries.hatch("a Last-Event-ID")));
    client.send(Method::GET, "/v1/events", &events, Bytes::new()).await;
    for bytes in [
        format!("GET /{0} HTTP/9.9\r\n{0}: {0}\r\n\r\n", canaries.hatch("a broken request line")),
        format!("POST {ORDER} HTTP/1.1\r\nHost: x\r\n{0} : {0}\r\n\r\n", canaries.hatch("a broken header")),
        format!(
            "POST {ORDER} HTTP/1.1\r\nHost: {0}\r\nContent-Length: {0}\r\n\r\n{0}",
            canaries.hatch("a broken length")
        ),
        format!("\u{16}\u{3}\u{1}{}", canaries.hatch("half a handshake")),
    ] {
        send_raw(gateway.partner, &bytes).await;
    }

    // Operators look, and are wrong as well.
    let key = vec![("authorization", format!("Bearer {}", credentials.operator_key))];
    let exchange = taken.header("location").to_owned();
    for path in [
        exchange.clone(),
        format!("{exchange}/payload"),
        format!("{exchange}/record"),
        "/v1/deliveries".to_owned(),
        format!("/v1/exchanges?partner={}", canaries.hatch("an operator's query")),
    ] {
        operator.send(Method::GET, &path, &key, Bytes::new()).await;
    }
    let wrong = vec![("authorization", format!("Bearer {}", canaries.hatch("a wrong operator's key")))];
    operator.send(Method::GET, "/v1/deliveries", &wrong, Bytes::new()).await;
}

/// Waits until this many attempts at deliveries were made.
async fn attempts(gateway: &GatewayProcess, wanted: u64) {
    let operator = Client::new(gateway.operator);
    eventually(&format!("{wanted} attempts are made"), async || {
        let metrics = String::from_utf8_lossy(&operator.get("/metrics").await.body).into_owned();
        let counted = metrics.lines().filter(|line| line.starts_with("portgate_delivery_attempts_total{"));
        let made: u64 = counted.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum();
        if made >= wanted { Ok(()) } else { Err(made) }
    })
    .await;
}

/// The project's own connectors, and all of the above.
async fn connectors(server: Option<&PostgresServer>, arguments: &[&str]) -> (Canaries, String) {
    let (canaries, workshop) = (Canaries::default(), Workshop::new());
    let address = talker(&canaries).await;
    for file in ["plugins/customer-portal.toml", "partners/customer-portal.toml", "ceiling.toml"] {
        workshop.edit(file, |text| text.replace("127.0.0.1:8483", &address.to_string()));
    }
    keep_in(server, &workshop, &format!("connectors{}", arguments.len()));
    let broker = NatsServer::start(true);
    if let Some(broker) = &broker {
        broker.told_by(&workshop);
    }
    let mut gateway = GatewayProcess::start_logging(&workshop, EVERYTHING, arguments);
    everybody_talks(&canaries, &workshop, &gateway).await;
    attempts(&gateway, 3).await;
    replay(&canaries, &workshop, &gateway).await;
    assert!(gateway.stop(Duration::from_secs(60)), "{}", gateway.log());
    (canaries, gateway.log())
}

/// What an operator's own command writes to the error output, asked to be as loud.
async fn replay(canaries: &Canaries, workshop: &Workshop, gateway: &GatewayProcess) {
    let mut command = Command::new(program("portgate"));
    command.args(["replay", "--policies"]).arg(workshop.policies()).current_dir(workshop.path());
    command.env("PORTGATE_OPERATOR", format!("http://{}", gateway.operator)).env("PORTGATE_LOG", EVERYTHING);
    command.env("PORTGATE_OPERATOR_KEY", &workshop.credentials.operator_key).env("RUST_LOG", EVERYTHING);
    let output = tokio::task::spawn_blocking(move || command.output().expect("portgate runs")).await.expect("no panic");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(canaries.found_in(&said).is_empty(), "{said}");
}

/// A plugin that tells what it was given wherever a text of its own may stand.
async fn plugins(server: Option<&PostgresServer>, arguments: &[&str]) -> (Canaries, String) {
    let misdeeds = ["good", "tells-by-kind", "tells-by-lookup", "tells-by-panic", "breaks-schema", "trap"];
    let (canaries, workshop) = (Canaries::default(), hostile::workshop(&misdeeds));
    let address = talker(&canaries).await;
    workshop.secret("sink.key", &canaries.hatch("the key for a destination"));
    hostile::deliver_to(&workshop, address, "everything");
    keep_in(server, &workshop, &format!("plugins{}", arguments.len()));
    let mut gateway = GatewayProcess::start_logging(&workshop, EVERYTHING, arguments);
    let client = Client::new(gateway.partner);
    for misdeed in misdeeds {
        let key = workshop.credentials.api_key.clone();
        let headers =
            loud(&canaries, vec![("x-api-key", key), ("content-type", "application/octet-stream".to_owned())]);
        let body = canaries.hatch(&format!("the payload of {misdeed}"));
        client.post(&format!("/v1/messages/{misdeed}/1"), &headers, body.into_bytes()).await;
    }
    attempts(&gateway, 1).await;
    assert!(gateway.stop(Duration::from_secs(60)), "{}", gateway.log());
    (canaries, gateway.log())
}

async fn postgres() -> Option<PostgresServer> {
    let started = tokio::task::spawn_blocking(|| PostgresServer::start(&[])).await.expect("no panic");
    let server = started.expect("it starts where it is installed");
    if server.is_none() {
        eprintln!("PostgreSQL is not installed (/usr/lib/postgresql/*/bin): its half is LEFT OUT");
    }
    server
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_45_no_payload_and_no_credential_is_in_a_log_at_any_level_with_a_journal_in_sqlite() {
    let (canaries, log) = connectors(None, &[]).await;
    assert!(log.contains("\"DEBUG\""), "it was as loud as that: {log}");
    assert_eq!(canaries.found_in(&log), [""; 0], "{log}");
    let (canaries, log) = plugins(None, &[]).await;
    assert_eq!(canaries.found_in(&log), [""; 0], "{log}");
    // What a plugin writes is told to who asks for it, and to nobody else.
    let (canaries, log) = plugins(None, &["--log-payloads"]).await;
    assert!(canaries.found_in(&log).contains(&"the payload of tells-by-panic".to_owned()), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_45_no_payload_and_no_credential_is_in_a_log_at_any_level_with_a_journal_in_postgresql() {
    let Some(server) = postgres().await else { return };
    for (canaries, log) in [connectors(Some(&server), &[]).await, plugins(Some(&server), &[]).await] {
        assert_eq!(canaries.found_in(&log), [""; 0], "{log}");
    }
    // Only who asks for it has the libraries tell, which do: else this test would prove nothing.
    let (canaries, log) = connectors(Some(&server), &["--log-payloads"]).await;
    assert!(canaries.found_in(&log).contains(&"a payload".to_owned()), "the driver logs what it is given");
    assert!(log.contains("payloads may be logged"), "and the log says so");
}
