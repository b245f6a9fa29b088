use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex as Shared};

use bytes::Bytes;
use http::{Request, Response};
use portgate_core::delivery;
use portgate_core::policy::Egress;

use super::*;
use crate::egress::EgressRules;
use crate::resolve::SystemResolver;
use crate::testing::{Authority, Peer, TestClock, Vault, answer, policy};

fn channel(policy: DeliveryPolicy, secrets: Arc<Vault>) -> Channel {
    let around = Surroundings { secrets, resolver: Arc::new(SystemResolver), clock: TestClock::new() };
    Channel::new(policy, around).expect("a channel")
}

fn permitted(method: &str) -> Permitted {
    let rules = EgressRules::new(Some(&Egress {
        base_urls: Default::default(),
        methods: Method::ALL.into(),
        paths: ["/orders".to_owned()].into(),
        query: Default::default(),
    }));
    let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
    let body = if method == "GET" { Vec::new() } else { b"order".to_vec() };
    let request = delivery::Request { method: method.to_owned(), path: "/orders".to_owned(), headers, body };
    rules.permit(&request, None).expect("permitted")
}

fn identity(uses: &Uses) -> Identity<'_> {
    static SCRIBE: LazyLock<Scribe> = LazyLock::new(|| Scribe::new(1_000));
    Identity { id: "d-1", traceparent: Some("00-1-2-01"), uses, scribe: &SCRIBE }
}

#[tokio::test]
async fn a_request_carries_its_identity_and_the_plugins_headers() {
    let peer = Peer::http(|request| Response::new(Bytes::from(format!("{:?}", request.headers())))).await;
    let channel = channel(policy(&peer.url()), Vault::with(&[]));
    let answered = channel.send(identity(&Uses::default()), &permitted("POST")).await.expect("an answer");
    let seen = String::from_utf8(answered.response.body).expect("text");
    for header in [
        r#""idempotency-key": "\"d-1\"""#,
        r#""webhook-id": "d-1""#,
        r#""traceparent": "00-1-2-01""#,
        r#""content-type": "text/plain""#,
        r#""user-agent": "portgate""#,
        r#""content-length": "5""#,
    ] {
        assert!(seen.contains(header), "{header} in {seen}");
    }
    let answered = channel.send(identity(&Uses::default()), &permitted("GET")).await.expect("an answer");
    assert!(!String::from_utf8_lossy(&answered.response.body).contains("d-1"), "asking twice does no harm");
}

#[tokio::test]
async fn the_plugin_is_shown_safe_headers_and_those_of_the_policy() {
    let peer = Peer::http(|_| {
        let mut answer = answer(202, "taken");
        for (name, value) in [("set-cookie", "a=b"), ("location", "/orders/1"), ("x-batch", "7"), ("x-other", "8")] {
            answer.headers_mut().insert(name, value.parse().expect("a value"));
        }
        answer
    })
    .await;
    let policy = DeliveryPolicy { response_headers: ["x-batch".to_owned()].into(), ..policy(&peer.url()) };
    let response = channel(policy, Vault::with(&[]))
        .send(identity(&Uses::default()), &permitted("POST"))
        .await
        .expect("taken")
        .response;
    let mut names: Vec<&str> = response.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["date", "location", "x-batch"]);
    assert_eq!((response.status, response.received_at.as_str()), (202, "2026-03-01T08:00:00Z"));
}

#[tokio::test]
async fn an_answer_that_says_not_now_is_none_for_the_plugin() {
    for status in [401, 407, 408, 425, 429, 502, 503, 504] {
        let peer = Peer::http(move |_| {
            let mut answer = answer(status, "");
            answer.headers_mut().insert("retry-after", "7".parse().expect("a value"));
            answer
        })
        .await;
        let failed =
            channel(policy(&peer.url()), Vault::with(&[])).send(identity(&Uses::default()), &permitted("POST")).await;
        let failed = failed.expect_err("not now");
        assert_eq!((failed.status(), failed.retry_after()), (Some(status), Some(Duration::from_secs(7))));
        assert_eq!(failed.is_healthy(), Some(status < 500));
    }
    for status in [200, 400, 403, 404, 409, 410, 422, 500] {
        let peer = Peer::http(move |_| answer(status, "")).await;
        let answered =
            channel(policy(&peer.url()), Vault::with(&[])).send(identity(&Uses::default()), &permitted("POST")).await;
        assert_eq!(answered.expect("an answer").response.status, status);
    }
}

/// Gives out numbered tokens, and takes orders with those from `taken` on.
async fn partner_with_tokens(taken: usize) -> (Peer, Arc<Shared<Vec<String>>>) {
    let (count, seen) = (AtomicUsize::new(0), Arc::new(Shared::new(Vec::new())));
    let noted = Arc::clone(&seen);
    let peer = Peer::http(move |request: Request<Bytes>| {
        if request.uri().path() == "/token" {
            let number = count.fetch_add(1, Ordering::SeqCst) + 1;
            let body = format!(r#"{{"access_token":"t{number}","token_type":"Bearer","expires_in":600}}"#);
            return Response::new(body.into());
        }
        let token = request.headers()["authorization"].to_str().expect("ASCII").to_owned();
        let good = (taken..9).any(|number| token == format!("Bearer t{number}"));
        noted.lock().expect("no panic").push(token);
        answer(if good { 200 } else { 401 }, "")
    })
    .await;
    (peer, seen)
}

fn with_tokens(peer: &Peer) -> DeliveryPolicy {
    let credential = Credential::Oauth2 {
        token_url: format!("{}/token", peer.url()),
        client_id: "portgate".to_owned(),
        client_secret: "file:s".to_owned(),
        scope: None,
        audience: None,
    };
    DeliveryPolicy { credential: Some(credential), ..policy(&peer.url()) }
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    let (peer, seen) = partner_with_tokens(2).await;
    let channel_two = channel(with_tokens(&peer), Vault::with(&[("file:s", b"hunter2")]));
    assert!(channel_two.send(identity(&Uses::default()), &permitted("POST")).await.is_ok());
    assert!(channel_two.send(identity(&Uses::default()), &permitted("POST")).await.is_ok());
    assert_eq!(*seen.lock().expect("no panic"), ["Bearer t1", "Bearer t2", "Bearer t2"]);

    let (peer, seen) = partner_with_tokens(5).await;
    let channel = channel(with_tokens(&peer), Vault::with(&[("file:s", b"hunter2")]));
    let failed = channel.send(identity(&Uses::default()), &permitted("POST")).await.expect_err("never taken");
    assert_eq!(failed.to_string(), "the partner answers 401 Unauthorized: it does not take the credential");
    assert_eq!(seen.lock().expect("no panic").len(), 2);
}

#[tokio::test]
async fn each_use_of_a_credential_is_counted_and_nothing_else() {
    let (peer, _) = partner_with_tokens(2).await;
    let channel_with_tokens = channel(with_tokens(&peer), Vault::with(&[("file:s", b"hunter2")]));
    let uses = Uses::default();
    assert!(channel_with_tokens.send(identity(&uses), &permitted("POST")).await.is_ok());
    assert_eq!(uses.times(), 2, "the token that was refused, and the one that was taken");
    // A secret that is missing is not used. One that is shown to the issuer of tokens is used.
    let (none, uses) = (channel(with_tokens(&peer), Vault::with(&[])), Uses::default());
    assert!(none.send(identity(&uses), &permitted("POST")).await.is_err());
    assert_eq!(uses.times(), 0);
    let nowhere = Peer::http(|_| answer(500, "")).await;
    let (refused, uses) = (channel(with_tokens(&nowhere), Vault::with(&[("file:s", b"x")])), Uses::default());
    assert!(refused.send(identity(&uses), &permitted("POST")).await.is_err());
    assert_eq!(uses.times(), 1);
    let without = channel(policy(&nowhere.url()), Vault::with(&[]));
    assert!(without.send(identity(&uses), &permitted("POST")).await.is_ok());
    assert_eq!(uses.times(), 1);
}

#[tokio::test]
async fn a_changed_secret_counts_from_the_next_request_on() {
    let peer = Peer::http(|request| Response::new(Bytes::copy_from_slice(request.headers()["x-key"].as_bytes()))).await;
    let credential = Credential::ApiKey { header: "x-key".to_owned(), value: "file:s".to_owned() };
    let vault = Vault::with(&[("file:s", b"old")]);
    let policy = DeliveryPolicy { credential: Some(credential), ..policy(&peer.url()) };
    let channel = channel(policy, Arc::clone(&vault));
    let body =
        async || channel.send(identity(&Uses::default()), &permitted("POST")).await.expect("an answer").response.body;
    assert_eq!(body().await, b"old");
    vault.set("file:s", b"new");
    assert_eq!(body().await, b"new");
}

#[tokio::test]
async fn a_changed_certificate_counts_from_the_next_request_on() {
    let (authority, clients, strangers) = (Authority::new(), Authority::new(), Authority::new());
    let peer = Peer::https(authority.server("127.0.0.1", Some(&clients)), |_| answer(200, "")).await;
    let (wrong, right) = (strangers.issue("portgate.example"), clients.issue("portgate.example"));
    let vault = Vault::with(&[("file:ca", &authority.pem()), ("file:c", &wrong.0), ("file:k", &wrong.1)]);
    let credential = Credential::ClientCertificate { certificate: "file:c".to_owned(), key: "file:k".to_owned() };
    let policy = DeliveryPolicy {
        credential: Some(credential),
        ca: Some("file:ca".to_owned()),
        ..policy(&format!("https://{}", peer.address))
    };
    let channel = channel(policy, Arc::clone(&vault));
    assert!(channel.send(identity(&Uses::default()), &permitted("POST")).await.is_err());
    vault.set("file:c", &right.0);
    vault.set("file:k", &right.1);
    assert!(channel.send(identity(&Uses::default()), &permitted("POST")).await.is_ok());
}

#[tokio::test]
async fn nothing_of_a_credential_is_shown() {
    let (peer, _) = partner_with_tokens(9).await;
    let channel = channel(with_tokens(&peer), Vault::with(&[("file:s", b"hunter2")]));
    let failed = channel.send(identity(&Uses::default()), &permitted("POST")).await.expect_err("never taken");
    let shown = format!("{failed} {failed:?} {channel:?}");
    assert!(!shown.contains("hunter2") && !shown.contains("t1"), "{shown}");
}
