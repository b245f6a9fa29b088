//! Rows 1 to 16: a partner, or somebody who would like to be one.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use h2::Reason;
use http::{Method, Request, Response};
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use portgate_tests::{Answer, Client, Workshop};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::{EVENTS, Gate, NOTIFICATION, ORDER, bearer, events, notification, order};

/// Longer than any deadline that a test sets, shorter than anybody's patience.
const PATIENCE: Duration = Duration::from_secs(30);

#[track_caller]
fn unauthenticated(what: &str, answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (401, "unauthenticated"), "{what}");
}

/// Changes a token's header and claims before it is signed.
type Change<'c> = &'c dyn Fn(&mut Value, &mut Value);

/// The carrier's token with a change in its header or claims is refused; the honest one is taken.
async fn tokens_are_refused(changes: &[(&str, Change<'_>)]) {
    let gate = Gate::open().await;
    for (what, change) in changes {
        let token = gate.workshop.credentials.token_with(|header, claims| change(header, claims));
        unauthenticated(what, &gate.client.post(EVENTS, &bearer(&token), events()).await);
    }
    let good = gate.workshop.credentials.token();
    assert_eq!(gate.client.post(EVENTS, &bearer(&good), events()).await.status, 202);
}

#[tokio::test]
async fn row_01_a_token_does_not_choose_its_algorithm() {
    tokens_are_refused(&[
        ("none", &|header, _| header["alg"] = "none".into()),
        ("the public key as an HMAC secret", &|header, _| header["alg"] = "HS256".into()),
        ("another signature", &|header, _| header["alg"] = "RS256".into()),
    ])
    .await;
}

#[tokio::test]
async fn row_02_headers_that_change_how_a_token_is_read_are_refused() {
    tokens_are_refused(&[
        ("crit", &|header, _| header["crit"] = json!(["exp"])),
        ("zip", &|header, _| header["zip"] = "DEF".into()),
        ("b64", &|header, _| header["b64"] = false.into()),
    ])
    .await;
}

#[tokio::test]
async fn row_02_a_key_that_a_token_brings_or_points_to_is_never_looked_at() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let place = format!("http://{}/keys", listener.local_addr().expect("an address"));
    let gate = Gate::open().await;
    let attacker = Workshop::new();
    let attackers_keys = attacker.credentials.key_set("test-1");
    let named: [(&str, Value); 4] = [
        ("jku", place.clone().into()),
        ("x5u", place.into()),
        ("jwk", attackers_keys["keys"][0].clone()),
        ("x5c", json!(["MIIB"])),
    ];
    for (name, value) in named {
        for known in [true, false] {
            let forged = attacker.credentials.token_with(|header, _| {
                header[name] = value.clone();
                if !known {
                    header["kid"] = "other".into();
                }
            });
            unauthenticated(name, &gate.client.post(EVENTS, &bearer(&forged), events()).await);
        }
        let honest = gate.workshop.credentials.token_with(|header, _| header[name] = value.clone());
        assert_eq!(gate.client.post(EVENTS, &bearer(&honest), events()).await.status, 202, "{name}");
    }
    let visitor = timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(visitor.is_err(), "nobody follows what a token names");
}

#[tokio::test]
async fn row_03_a_token_for_somebody_else_or_of_another_type_is_refused() {
    tokens_are_refused(&[
        ("another audience", &|_, claims| claims["aud"] = "urn:demo:other".into()),
        ("another issuer", &|_, claims| claims["iss"] = "urn:demo:other".into()),
        ("no audience", &|_, claims| claims["aud"] = Value::Null),
        ("an access token of another kind", &|header, _| header["typ"] = "logout+jwt".into()),
        ("no end", &|_, claims| drop(claims.as_object_mut().and_then(|claims| claims.remove("exp")))),
        ("no beginning", &|_, claims| {
            claims.as_object_mut().expect("claims").retain(|name, _| !["nbf", "iat"].contains(&name.as_str()));
        }),
        ("no subject", &|_, claims| drop(claims.as_object_mut().and_then(|claims| claims.remove("sub")))),
        ("the subject in another claim", &|_, claims| {
            claims["azp"] = claims["sub"].take();
            claims["sub"] = "another".into();
        }),
    ])
    .await;
}

#[tokio::test]
async fn row_04_a_flood_of_unknown_keys_asks_the_issuer_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/keys", listener.local_addr().expect("an address"));
    let gate = Gate::open_with(|workshop| {
        workshop.set("partners/ocean-carrier.toml", "jwks", &format!("\"{url}\""));
    })
    .await;
    let keys = Bytes::from(gate.workshop.credentials.key_set("test-1").to_string());
    let asked = Arc::new(AtomicUsize::new(0));
    let issuer = {
        let asked = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (keys, asked) = (keys.clone(), Arc::clone(&asked));
                let service = service_fn(move |_: Request<hyper::body::Incoming>| {
                    asked.fetch_add(1, Relaxed);
                    let keys = keys.clone();
                    async move { Ok::<_, Infallible>(Response::new(Full::new(keys))) }
                });
                let http = hyper::server::conn::http1::Builder::new();
                tokio::spawn(http.serve_connection(TokioIo::new(stream), service));
            }
        })
    };
    let good = gate.workshop.credentials.token();
    assert_eq!(gate.client.post(EVENTS, &bearer(&good), events()).await.status, 202);
    let before = asked.load(Relaxed);
    for number in 0..60 {
        let token = gate.workshop.credentials.token_with(|header, _| header["kid"] = format!("k{number}").into());
        unauthenticated("an unknown key", &gate.client.post(EVENTS, &bearer(&token), events()).await);
    }
    assert!(asked.load(Relaxed) <= before + 1, "the issuer was asked {} times", asked.load(Relaxed));
    assert_eq!(gate.client.post(EVENTS, &bearer(&good), events()).await.status, 202);
    issuer.abort();
}

fn broker(gate: &Gate, body: &[u8]) -> Vec<(&'static str, String)> {
    let mut headers = gate.workshop.credentials.webhook(body);
    headers.push(("content-type", "application/xml".to_owned()));
    headers
}

#[tokio::test]
async fn row_05_a_signed_webhook_takes_effect_once() {
    let mut gate = Gate::open().await;
    let caught = broker(&gate, &notification());
    let first = gate.client.post(NOTIFICATION, &caught, notification()).await;
    assert_eq!(first.status, 202);
    let place = first.header("location").to_owned();
    for restart in [false, true] {
        if restart {
            gate.gateway.stopped().await;
            gate = Gate::of(gate.workshop).await;
        }
        let mut keyed = caught.clone();
        keyed.push(("idempotency-key", format!("\"{restart}\"")));
        let later = gate.workshop.credentials.webhook_as(&caught[0].1, 30, &notification());
        let later = [later, vec![caught[3].clone()]].concat();
        for headers in [&caught, &keyed, &later] {
            let again = gate.client.post(NOTIFICATION, headers, notification()).await;
            assert_eq!((again.status, again.header("location")), (first.status, place.as_str()), "{headers:?}");
        }
        let old = gate.workshop.credentials.webhook_as(&format!("msg_{restart}"), -301, &notification());
        unauthenticated("too late", &gate.client.post(NOTIFICATION, &old, notification()).await);
    }
    // Another notification: customs number them, and this one's number is its business key.
    let text = String::from_utf8(notification()).expect("text");
    let another = text.replace("4f0c2d7e9ab1463f8d5e60a1b2c3d4e5", "4f0c2d7e9ab1463f8d5e60a1b2c3d4e6").into_bytes();
    let fresh = broker(&gate, &another);
    let other = gate.client.post(NOTIFICATION, &fresh, another).await;
    assert_eq!(other.status, 202);
    assert_ne!(other.header("location"), place);
}

#[tokio::test]
async fn row_06_a_signature_covers_id_time_and_body() {
    let gate = Gate::open().await;
    let headers = broker(&gate, &notification());
    let with = |name: &str, value: &str| -> Vec<(&'static str, String)> {
        let changed = headers.iter().map(|(known, old)| match *known == name {
            true => (*known, value.to_owned()),
            false => (*known, old.clone()),
        });
        changed.collect()
    };
    let second = headers.iter().find(|(name, _)| *name == "webhook-timestamp").expect("a time").1.clone();
    let earlier = (second.parse::<i64>().expect("seconds") - 1).to_string();
    for (what, headers, body) in [
        ("another id", with("webhook-id", "msg_other"), notification()),
        ("another time", with("webhook-timestamp", &earlier), notification()),
        ("another body", headers.clone(), [notification(), b" ".to_vec()].concat()),
        ("no time", headers.iter().filter(|(name, _)| *name != "webhook-timestamp").cloned().collect(), notification()),
    ] {
        unauthenticated(what, &gate.client.post(NOTIFICATION, &headers, body).await);
    }
    assert_eq!(gate.client.post(NOTIFICATION, &headers, notification()).await.status, 202);
}

#[tokio::test]
async fn row_07_a_stolen_token_is_worth_nothing_without_its_certificate() {
    let gate = Gate::open().await;
    let bound = gate.workshop.credentials.token_with(|_, claims| claims["cnf"] = json!({ "x5t#S256": "A".repeat(43) }));
    unauthenticated("a bound token", &gate.client.post(EVENTS, &bearer(&bound), events()).await);
    let proof = gate.workshop.credentials.token_with(|_, claims| claims["cnf"] = json!({ "jkt": "A".repeat(43) }));
    unauthenticated(
        "bound in a way that nobody here can prove",
        &gate.client.post(EVENTS, &bearer(&proof), events()).await,
    );
    gate.is_open().await;
}

/// Sends bytes and gives back everything that comes until the connection ends.
pub(crate) async fn send_raw(listener: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(listener).await.expect("a connection");
    // A gateway that has seen enough closes while this is still sending.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the connection is closed in time");
    let _ = read;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn row_08_framing_that_can_be_read_in_two_ways_ends_the_connection() {
    let gate = Gate::open().await;
    let key = &gate.workshop.credentials.api_key;
    let head = format!("POST {ORDER} HTTP/1.1\r\nhost: gate\r\nx-api-key: {key}\r\ncontent-type: application/json\r\n");
    let operator_key = &gate.workshop.credentials.operator_key;
    let operator_head =
        format!("POST /v1/deliveries/retry HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer {operator_key}\r\n");
    let smuggled = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: gate\r\n\r\n";
    for framing in [
        "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n",
        "content-length: 5\r\ncontent-length: 6\r\n\r\n",
        "transfer-encoding: chunked, identity\r\n\r\n",
        "transfer-encoding : chunked\r\n\r\n",
        "transfer-encoding: xchunked\r\n\r\n",
        "content-length: +5\r\n\r\n",
        "content-length: 5\r\ncontent-length: 5\r\n\r\n",
        "content-length: 5, 5\r\n\r\n",
        "content-length: 05\r\n\r\n",
        "content-length: 5\n\r\n",
        "content-length: 5\r\n\n",
        "content-length:\r\n 5\r\n\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n",
        "x-field: a\rtransfer-encoding: chunked\r\n\r\n",
        "x-field: a\0\r\n\r\n",
    ] {
        for (listener, head) in [(gate.gateway.partner, &head), (gate.gateway.operator, &operator_head)] {
            let answer = send_raw(listener, format!("{head}{framing}{smuggled}").as_bytes()).await;
            assert!(answer.starts_with("HTTP/1.1 400"), "{framing:?}: {answer}");
            assert_eq!(
                answer.matches("\r\ndate: ").count(),
                1,
                "one answer, and nothing of what was smuggled: {answer}"
            );
        }
    }
    let bare = format!("POST {ORDER} HTTP/1.1\nhost: gate\r\nx-api-key: {key}\r\n\r\n{smuggled}");
    assert!(send_raw(gate.gateway.partner, bare.as_bytes()).await.starts_with("HTTP/1.1 400"));
    gate.is_open().await;
}

#[tokio::test]
async fn row_09_whoever_is_slow_is_cut_off() {
    let gate = Gate::open_with(|workshop| {
        for deadline in ["first_byte_ms", "head_ms", "body_ms"] {
            workshop.set("gateway.toml", deadline, "300");
        }
    })
    .await;
    assert_eq!(send_raw(gate.gateway.partner, b"").await, "", "nothing at all");
    let head = send_raw(gate.gateway.partner, b"POST / HTTP/1.1\r\nhost: ga").await;
    assert!(head.is_empty() || head.starts_with("HTTP/1.1 408"), "{head}");
    let key = &gate.workshop.credentials.api_key;
    let body = format!(
        "POST {ORDER} HTTP/1.1\r\nhost: gate\r\nx-api-key: {key}\r\ncontent-type: application/json\r\n\
         content-length: 100\r\n\r\n{{"
    );
    let body = send_raw(gate.gateway.partner, body.as_bytes()).await;
    assert!(body.starts_with("HTTP/1.1 408"), "{body}");
    gate.is_open().await;
}

#[tokio::test]
async fn row_10_a_flood_of_resets_or_of_header_frames_ends_its_connection() {
    let gate = Gate::open_with(|workshop| {
        // What is refused is answered, and whoever takes answers floods nobody: nothing is refused here.
        for (limit, most) in [("requests_per_second", "100000"), ("burst", "100000"), ("requests_in_flight_max", "500")]
        {
            workshop.set("partners/web-shop.toml", limit, most);
        }
    })
    .await;
    let stream = TcpStream::connect(gate.gateway.partner).await.expect("a connection");
    let (mut client, connection) = h2::client::handshake(stream).await.expect("a handshake");
    tokio::spawn(connection);
    let key = &gate.workshop.credentials.api_key;
    let flood = async {
        for reset in 0_u32.. {
            client = match client.clone().ready().await {
                Ok(client) => client,
                Err(_) => return reset,
            };
            // Its body never comes, so that it is not answered before it is taken back, however slow this client is.
            let request = Request::post(format!("http://gate{ORDER}")).header("x-api-key", key);
            let request = request.header("content-type", "application/json").body(()).expect("a request");
            let Ok((_, mut stream)) = client.send_request(request, false) else { return reset };
            stream.send_reset(Reason::CANCEL);
            tokio::task::yield_now().await;
        }
        unreachable!("the loop ends by returning")
    };
    let resets = timeout(PATIENCE, flood).await.expect("a connection that floods ends");
    assert!(resets < 100_000, "{resets}");
    // A head that never ends, in CONTINUATION frames (RFC 9113 §6.10).
    let mut frames = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    frames.extend([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    frames.extend([0, 0, 1, 1, 0, 0, 0, 0, 1, 0x82]);
    for _ in 0..20_000 {
        frames.extend([0, 0, 7, 9, 0, 0, 0, 0, 1, 0x40, 1, b'a', 3, b'b', b'c', b'd']);
    }
    send_raw(gate.gateway.partner, &frames).await;
    gate.is_open().await;
}

#[tokio::test]
async fn row_11_json_that_two_readers_could_read_differently_is_refused() {
    let gate = Gate::open().await;
    let deep = "[".repeat(100_000);
    for (what, body) in [
        ("deep", deep.as_str()),
        ("a key twice", r#"{"id": 1, "id": 2}"#),
        ("a key twice in two spellings", r#"{"id": 1, "\u0069d": 2}"#),
        ("a lone surrogate", r#"{"name": "\ud800"}"#),
        ("more after the end", "{} {}"),
    ] {
        let answer = gate.client.post(ORDER, &gate.shop(), body.as_bytes().to_vec()).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (400, "malformed-payload"), "{what}");
    }
    // A number of a million digits is not even looked at, and no number that is taken loses a digit.
    let huge = format!(r#"{{"id": {}}}"#, "9".repeat(1_000_000));
    assert_eq!(gate.client.post(ORDER, &gate.shop(), huge.into_bytes()).await.status, 400);
    let exact = String::from_utf8(order()).expect("text").replacen("\"32.525\"", "\"12345678901234567.125\"", 1);
    let mut headers = gate.shop();
    headers.push(("prefer", "return=representation".to_owned()));
    let answer = gate.client.post(ORDER, &headers, exact.into_bytes()).await;
    assert!(String::from_utf8_lossy(&answer.body).contains("\"12345678901234567.125\""), "{}", answer.json());
    gate.is_open().await;
}

#[tokio::test]
async fn row_13_an_encoded_body_is_not_decoded() {
    let gate = Gate::open().await;
    for encoding in ["gzip", "deflate", "br", "zstd", "identity, gzip"] {
        let mut headers = gate.shop();
        headers.push(("content-encoding", encoding.to_owned()));
        let answer = gate.client.post(ORDER, &headers, vec![0; 1_000]).await;
        assert_eq!(answer.status.as_u16(), 415, "{encoding}: {}", answer.json());
    }
    gate.is_open().await;
}

#[tokio::test]
async fn row_14_another_partner_s_idempotency_key_tells_nothing() {
    let gate = Gate::open().await;
    let key = ("idempotency-key", "\"shared-key\"".to_owned());
    let mut shop = gate.shop();
    shop.push(key.clone());
    let first = gate.client.post(ORDER, &shop, order()).await;
    assert_eq!(first.status, 202);
    let mut carrier = bearer(&gate.workshop.credentials.token());
    carrier.push(key);
    let other = gate.client.post(EVENTS, &carrier, events()).await;
    assert_eq!(other.status, 202, "{}", other.json());
    assert_ne!(first.header("location"), other.header("location"));
    let place = first.header("location");
    let looked = gate.client.send(Method::GET, place, &bearer(&gate.workshop.credentials.token()), Bytes::new()).await;
    assert_eq!(looked.problem(), "exchange-unknown");
    // The same key with another payload is no way to learn the first answer either.
    let mut changed: Value = serde_json::from_slice(&order()).expect("JSON");
    changed["note"] = "changed".into();
    let reused = gate.client.post(ORDER, &shop, changed.to_string()).await;
    assert_eq!(reused.status.as_u16(), 422, "{}", reused.json());
}

#[tokio::test]
async fn row_15_a_rate_is_the_partner_s_whatever_it_pretends() {
    let gate = Gate::open_with(|workshop| {
        workshop.set("partners/web-shop.toml", "requests_per_second", "1");
        workshop.edit("partners/web-shop.toml", |text| {
            text.replace("burst = 200", "burst = 3").replace("burst = 5", "burst = 1")
        });
    })
    .await;
    let mut statuses = Vec::new();
    for number in 0..20 {
        let mut headers = gate.shop();
        headers.push(("x-forwarded-for", format!("203.0.113.{number}")));
        headers.push(("forwarded", format!("for=203.0.113.{number}")));
        headers.push(("user-agent", format!("client-{number}")));
        // A connection of its own each time.
        let client = Client::new(gate.gateway.partner);
        statuses.push(client.post(ORDER, &headers, order()).await.status.as_u16());
    }
    assert!(statuses.iter().filter(|status| **status == 429).count() >= 10, "{statuses:?}");
    let carrier = bearer(&gate.workshop.credentials.token());
    assert_eq!(gate.client.post(EVENTS, &carrier, events()).await.status, 202, "others have their own");
}

#[tokio::test]
async fn row_16_an_old_contract_is_no_way_around_the_new_one() {
    let gate = Gate::open_with(|workshop| {
        workshop.edit("partners/ocean-carrier.toml", |text| text.replace("[\"2.2\", \"3.0\"]", "[\"3.0\"]"));
    })
    .await;
    let carrier = bearer(&gate.workshop.credentials.token());
    let downgraded = gate.client.post(EVENTS, &carrier, events()).await;
    assert_eq!((downgraded.status.as_u16(), downgraded.problem().as_str()), (403, "contract-not-permitted"));
    for version in ["2", "2.2.0", "02.2", "2.2%20", "../2.2", "1.0"] {
        let path = format!("/v1/messages/dcsa-track-trace/{version}");
        let answer = gate.client.post(&path, &carrier, events()).await;
        assert!(matches!(answer.status.as_u16(), 403 | 404), "{version}: {}", answer.status);
    }
    gate.is_open().await;
}

#[tokio::test]
async fn row_48_a_batch_that_is_too_much_does_not_take_the_connector_out() {
    let gate = Gate::open().await;
    let token = format!("Bearer {}", gate.workshop.credentials.token());
    let headers = vec![("authorization", token), ("content-type", "application/edifact".to_owned())];
    let interchange = |statuses: usize| {
        let statuses = "STS++VD'DTM+334:202603010540:203'".repeat(statuses);
        format!("UNH+1+IFTSTA:D:00B:UN'BGM+23+1+9'DTM+137:202603020605:203'{statuses}UNT+1+1'").into_bytes()
    };
    const IFTSTA: &str = "/v1/messages/iftsta/D00B";
    for _ in 0..10 {
        let answer = gate.client.post(IFTSTA, &headers, interchange(45_000)).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (422, "payload-rejected"), "{}", answer.json());
        assert!(answer.json().to_string().contains("more than 5000 documents"), "{}", answer.json());
    }
    let answer = gate.client.post(IFTSTA, &headers, interchange(500)).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["state"]), (202, &"accepted".into()), "{}", answer.json());
    gate.is_open().await;
}

#[tokio::test]
async fn row_49_a_reference_to_what_is_no_character_is_refused() {
    let gate = Gate::open().await;
    let good = String::from_utf8(notification()).expect("text");
    for reference in
        ["&#1;", "&#xD800;", "&#xDFFF;", "&#x110000;", "&#xFFFE;", "&#xFFFFFFFFF;", "&#;", "&#x;", "\u{1}", "\u{FFFE}"]
    {
        let body = good.replacen("PO-2026", &format!("PO{reference}2026"), 1).into_bytes();
        let mut headers = gate.workshop.credentials.webhook(&body);
        headers.push(("content-type", "application/xml".to_owned()));
        let answer = gate.client.post(NOTIFICATION, &headers, body).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (422, "payload-rejected"), "{reference}");
        let finding = &answer.json()["findings"][0];
        assert_eq!(finding["code"], "xml-not-well-formed", "{reference}: {finding}");
        assert!(finding["location"].as_str().is_some_and(|at| at.starts_with("14:")), "{reference}: {finding}");
    }
    let body = good.replacen("PO-2026", "PO&#x2D;2026", 1).into_bytes();
    let mut headers = gate.workshop.credentials.webhook(&body);
    headers.push(("content-type", "application/xml".to_owned()));
    assert_eq!(gate.client.post(NOTIFICATION, &headers, body).await.status, 202);
    gate.is_open().await;
}

#[tokio::test]
async fn row_50_what_identifies_something_is_never_shortened_into_something_else() {
    let gate = Gate::open().await;
    let good = String::from_utf8(order()).expect("text");
    let sku: serde_json::Value = serde_json::from_str(&good).expect("JSON");
    let sku = sku["line_items"][0]["sku"].as_str().expect("a SKU").to_owned();
    let long = good.replacen(&format!("\"{sku}\""), &format!("\"{}\"", "S".repeat(65)), 1);
    let answer = gate.client.post(ORDER, &gate.shop(), long.into_bytes()).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (422, "payload-rejected"), "{}", answer.json());
    let problem = answer.json();
    let errors = problem["findings"].as_array().into_iter().flatten().filter(|finding| finding["severity"] == "error");
    let places: Vec<_> = errors.map(|finding| (finding["code"].as_str(), finding["location"].as_str())).collect();
    assert_eq!(places, [(Some("TOO-LONG"), Some("/line_items/0/sku"))], "{problem:#}");
    gate.is_open().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_51_a_flood_of_refused_messages_fills_nothing_and_keeps_nobody_waiting() {
    let gate = Gate::open_with(|workshop| {
        workshop.set("gateway.toml", "refused_mib_per_day", "1");
        workshop.edit("partners/web-shop.toml", |text| {
            text.replace("requests_per_second = 100\nburst = 200", "requests_per_second = 10_000\nburst = 10_000")
        });
    })
    .await;
    let flood: Vec<_> = (0..8)
        .map(|_| {
            let (client, headers) = (gate.client.clone(), gate.shop());
            tokio::spawn(async move {
                for _ in 0..40 {
                    let answer = client.post(ORDER, &headers, vec![b' '; 60_000]).await;
                    assert_eq!(answer.problem(), "malformed-payload");
                }
            })
        })
        .collect();
    // Meanwhile the others' messages are accepted, each at once.
    let token = bearer(&gate.workshop.credentials.token());
    for _ in 0..10 {
        assert_eq!(gate.client.post(EVENTS, &token, events()).await.status, 202);
    }
    for flooding in flood {
        flooding.await.expect("each is told what is wrong");
    }
    let key = [("authorization", format!("Bearer {}", gate.workshop.credentials.operator_key))];
    let operators = Client::new(gate.gateway.operator);
    let kept = operators.send(Method::GET, "/v1/exchanges?state=refused&limit=1000", &key, Bytes::new()).await.json();
    let kept = kept["items"].as_array().map_or(0, Vec::len);
    assert!((1..=17).contains(&kept), "{kept} of 60,000 bytes each within a MiB");
    let bytes = std::fs::metadata(gate.workshop.path().join("journal.sqlite")).expect("the journal").len();
    assert!(bytes < 16 << 20, "{bytes} bytes after 320 messages of 60,000 bytes");
    gate.is_open().await;
}
