//! Key sets from files and from a real HTTP server on loopback: rotation, caching, floods and failures.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::RootCertStore;
use rustls::pki_types::PrivateKeyDer;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::fixture::*;
use crate::auth::key_set_fetch::{Fetcher, client_config};
use crate::auth::testing::{SigningKey, key_set};
use crate::auth::{AuthError, AuthFailure, Authenticator, Identity, KeySets};
use crate::secrets::Secrets;

/// An issuer's server: says what it is told to say, counts, and waits for a permit before each answer.
struct Issuer {
    answer: Mutex<Response<Bytes>>,
    asked: AtomicUsize,
    permits: Semaphore,
}

impl Issuer {
    /// Starts it; the URL of its key set comes with it.
    async fn start(keys: &[&SigningKey], tls: Option<rustls::ServerConfig>) -> (Arc<Issuer>, String) {
        let answer = Mutex::new(Response::new(Bytes::new()));
        let issuer = Arc::new(Issuer { answer, asked: AtomicUsize::new(0), permits: Semaphore::new(1000) });
        issuer.publish(keys);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://127.0.0.1:{}/keys?set=1", listener.local_addr().unwrap().port());
        let (serving, tls) = (Arc::clone(&issuer), tls.map(|tls| tokio_rustls::TlsAcceptor::from(Arc::new(tls))));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (issuer, tls) = (Arc::clone(&serving), tls.clone());
                tokio::spawn(async move {
                    let service = service_fn(move |request| Arc::clone(&issuer).respond(request));
                    let builder = http1::Builder::new();
                    match tls {
                        None => builder.serve_connection(TokioIo::new(stream), service).await.ok(),
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => builder.serve_connection(TokioIo::new(stream), service).await.ok(),
                            Err(_) => None,
                        },
                    }
                });
            }
        });
        (issuer, url)
    }

    async fn respond(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        assert_eq!((request.method().as_str(), request.uri().path()), ("GET", "/keys"));
        assert!(request.headers().contains_key("host"));
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.permits.acquire().await.unwrap().forget();
        Ok(self.answer.lock().unwrap().clone().map(Full::new))
    }

    fn publish(&self, keys: &[&SigningKey]) {
        self.say(Response::new(Bytes::from(key_set(keys).to_string())));
    }

    fn say(&self, answer: Response<Bytes>) {
        *self.answer.lock().unwrap() = answer;
    }

    fn fail(&self) {
        self.say(Response::builder().status(500).body(Bytes::new()).unwrap());
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn issuer_and_authenticator(keys: &[&SigningKey]) -> (Arc<Issuer>, Fixture, Authenticator) {
    let (issuer, url) = Issuer::start(keys, None).await;
    let mut fixture = Fixture::new();
    fixture.partner("carrier", vec![jwt(&url)]);
    let authenticator = fixture.authenticator();
    (issuer, fixture, authenticator)
}

/// Judges a token of this key, valid at that time, at that time.
async fn judge_at(authenticator: &Authenticator, key: &SigningKey, seconds: i64) -> Result<Identity, AuthError> {
    let at = later(seconds);
    let token = key.token(&crate::auth::testing::claims(ISSUER, AUDIENCE, SUBJECT, at));
    prove(authenticator, &bearer(&token), None, at).await
}

/// Waits, with a limit, for what a background task will do.
async fn eventually(what: impl Fn() -> bool) {
    let waiting = async {
        while !what() {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), waiting).await.expect("it happens in the end");
}

fn is_unavailable<T: std::fmt::Debug>(judged: &Result<T, AuthError>) -> bool {
    matches!(judged, Err(error @ AuthError::KeySetUnavailable { .. }) if error.kind() == AuthFailure::Unavailable)
}

#[tokio::test]
async fn a_set_is_fetched_when_the_first_token_needs_it_and_kept_for_ten_minutes() {
    let key = SigningKey::es256("k");
    let (issuer, _fixture, authenticator) = issuer_and_authenticator(&[&key]).await;
    assert_eq!(issuer.asked(), 0, "nothing is fetched before it is needed");
    for seconds in [0, 1, 599] {
        assert!(judge_at(&authenticator, &key, seconds).await.is_ok());
        assert_eq!(issuer.asked(), 1);
    }
    // After that, the token at hand is judged by the set at hand, and the fetch goes on behind it.
    assert!(judge_at(&authenticator, &key, 600).await.is_ok());
    eventually(|| issuer.asked() == 2).await;
}

#[tokio::test]
async fn a_new_key_is_found_at_once_and_an_old_one_ends_with_the_next_fetch() {
    let (old, new) = (SigningKey::es256("old"), SigningKey::ed25519("new"));
    let (issuer, _fixture, authenticator) = issuer_and_authenticator(&[&old]).await;
    assert!(judge_at(&authenticator, &old, 0).await.is_ok());
    issuer.publish(&[&old, &new]);
    assert!(judge_at(&authenticator, &new, 30).await.is_ok(), "an unknown kid has the set fetched");
    assert!(judge_at(&authenticator, &old, 30).await.is_ok());
    assert_eq!(issuer.asked(), 2);
    // A token of the old key that is remembered, and still valid when the key has gone.
    let claims = claims_but("exp", json!(later(7200).as_second()));
    let remembered = old.token(&claims);
    assert!(prove(&authenticator, &bearer(&remembered), None, later(31)).await.is_ok());
    issuer.publish(&[&new]);
    assert!(
        prove(&authenticator, &bearer(&remembered), None, later(640)).await.is_ok(),
        "the set at hand still counts"
    );
    eventually(|| issuer.asked() == 3).await;
    // Fetched, parsed and taken: then neither the set nor the memory knows it any more.
    let mut judged = Ok(());
    for _ in 0..1000 {
        judged = prove(&authenticator, &bearer(&remembered), None, later(641)).await.map(drop);
        if judged.is_err() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!(judged, Err(AuthError::UnknownKey));
}

#[tokio::test]
async fn a_flood_of_unknown_keys_costs_one_fetch_in_thirty_seconds() {
    let (key, unknown) = (SigningKey::es256("k"), SigningKey::es256("made-up"));
    let (issuer, _fixture, authenticator) = issuer_and_authenticator(&[&key]).await;
    for _ in 0..20 {
        assert_eq!(judge_at(&authenticator, &unknown, 0).await, Err(AuthError::UnknownKey));
    }
    assert_eq!(issuer.asked(), 1);
    for _ in 0..20 {
        assert_eq!(judge_at(&authenticator, &unknown, 30).await, Err(AuthError::UnknownKey));
    }
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn those_who_come_while_a_fetch_is_under_way_share_it() {
    let key = SigningKey::es256("k");
    let (issuer, _fixture, authenticator) = issuer_and_authenticator(&[&key]).await;
    issuer.permits.forget_permits(1000);
    let authenticator = Arc::new(authenticator);
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (authenticator, token) = (Arc::clone(&authenticator), key.token(&right_claims()));
        waiting.spawn(async move { judge(&authenticator, &token).await.is_ok() });
    }
    eventually(|| issuer.asked() == 1).await;
    issuer.permits.add_permits(1);
    assert!(waiting.join_all().await.into_iter().all(|proven| proven));
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn a_caller_who_goes_away_does_not_end_the_fetch_for_the_others() {
    let key = SigningKey::es256("k");
    let (issuer, _fixture, authenticator) = issuer_and_authenticator(&[&key]).await;
    issuer.permits.forget_permits(1000);
    let authenticator = Arc::new(authenticator);
    let first = tokio::spawn({
        let (authenticator, token) = (Arc::clone(&authenticator), key.token(&right_claims()));
        async move { judge(&authenticator, &token).await }
    });
    eventually(|| issuer.asked() == 1).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    issuer.permits.add_permits(1);
    assert!(judge_at(&authenticator, &key, 0).await.is_ok());
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn a_stale_set_serves_for_a_day_while_fetches_fail() {
    let key = SigningKey::es256("k");
    let (issuer, _fixture, authenticator) = issuer_and_authenticator(&[&key]).await;
    assert!(judge_at(&authenticator, &key, 0).await.is_ok());
    issuer.fail();
    let day = 24 * 60 * 60;
    assert!(judge_at(&authenticator, &key, 3600).await.is_ok());
    eventually(|| issuer.asked() == 2).await;
    assert!(judge_at(&authenticator, &key, day - 1).await.is_ok());
    eventually(|| issuer.asked() == 3).await;
    let refused = judge_at(&authenticator, &key, day + 60).await;
    assert!(is_unavailable(&refused), "{refused:?}");
    issuer.publish(&[&key]);
    assert!(judge_at(&authenticator, &key, day + 90).await.is_ok(), "it recovers by itself");
}

#[tokio::test]
async fn without_any_set_the_fault_is_the_gateways_and_the_next_fetch_waits() {
    let key = SigningKey::es256("k");
    let (issuer, _fixture, authenticator) = issuer_and_authenticator(&[&key]).await;
    issuer.fail();
    assert!(is_unavailable(&judge_at(&authenticator, &key, 0).await));
    issuer.publish(&[&key]);
    assert!(is_unavailable(&judge_at(&authenticator, &key, 29).await));
    assert_eq!(issuer.asked(), 1);
    assert!(judge_at(&authenticator, &key, 30).await.is_ok());
}

#[tokio::test]
async fn a_redirect_an_endless_or_a_broken_answer_is_no_set() {
    let key = SigningKey::es256("k");
    let right = key_set(&[&key]).to_string();
    let redirect =
        Response::builder().status(302).header("location", "/keys").body(Bytes::from(right.clone())).unwrap();
    let padded = format!("{right}{}", " ".repeat(64 * 1024));
    for (answer, reason) in [
        (redirect, "302"),
        (Response::new(Bytes::from(padded)), "larger"),
        (Response::new(Bytes::from("<html>")), "JSON"),
        (Response::new(Bytes::from(r#"{"keys":[]}"#)), "no usable key"),
        (Response::builder().status(204).body(Bytes::new()).unwrap(), "204"),
    ] {
        let (issuer, _fixture, authenticator) = issuer_and_authenticator(&[&key]).await;
        issuer.say(answer);
        match judge_at(&authenticator, &key, 0).await {
            Err(AuthError::KeySetUnavailable { reason: said, .. }) => assert!(said.contains(reason), "{said}"),
            judged => panic!("{reason}: {judged:?}"),
        }
    }
}

#[tokio::test]
async fn an_issuer_that_does_not_listen_makes_its_set_unavailable() {
    let key = SigningKey::es256("k");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    drop(listener);
    let mut fixture = Fixture::new();
    fixture.partner("carrier", vec![jwt(&url)]);
    assert!(is_unavailable(&judge_at(&fixture.authenticator(), &key, 0).await));
}

#[tokio::test]
async fn over_tls_the_issuers_certificate_must_be_trusted() {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let server = || {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let private = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config =
            rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], private).unwrap()
    };
    let key = SigningKey::es256("k");
    for trusted in [true, false] {
        let (_issuer, url) = Issuer::start(&[&key], Some(server())).await;
        let mut roots = RootCertStore::empty();
        let other = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        roots.add(if trusted { made.cert.der().clone() } else { other.cert.der().clone() }).unwrap();
        let mut fixture = Fixture::new();
        let fetcher = Fetcher::trusting(client_config(roots).unwrap());
        fixture.key_sets = Arc::new(KeySets::with_fetcher(Secrets::open(fixture.path()), fetcher));
        fixture.partner("carrier", vec![jwt(&url)]);
        let judged = judge_at(&fixture.authenticator(), &key, 0).await;
        match trusted {
            true => assert!(judged.is_ok(), "{judged:?}"),
            false => assert!(is_unavailable(&judged), "{judged:?}"),
        }
    }
}

#[tokio::test]
async fn a_reload_keeps_the_sets_that_are_still_named() {
    let key = SigningKey::es256("k");
    let (issuer, fixture, authenticator) = issuer_and_authenticator(&[&key]).await;
    assert!(judge_at(&authenticator, &key, 0).await.is_ok());
    let reloaded = fixture.authenticator();
    drop(authenticator);
    assert!(judge_at(&reloaded, &key, 1).await.is_ok());
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn a_file_is_read_again_when_it_changed_and_kept_while_it_is_broken() {
    let (old, new) = (SigningKey::es256("old"), SigningKey::es256("new"));
    let fixture = Fixture::with_keys(&[&old]);
    let authenticator = fixture.authenticator();
    assert!(judge_at(&authenticator, &old, 0).await.is_ok());
    fixture.write("carrier.jwks", "{ half a fi");
    assert!(judge_at(&authenticator, &old, 3).await.is_ok(), "the last good set stands");
    fixture.write("carrier.jwks", &key_set(&[&new]).to_string());
    assert_eq!(judge_at(&authenticator, &new, 3).await, Err(AuthError::UnknownKey), "looked at once a second");
    assert!(judge_at(&authenticator, &new, 6).await.is_ok());
    assert_eq!(judge_at(&authenticator, &old, 6).await, Err(AuthError::UnknownKey));
    std::fs::remove_file(fixture.path().join("carrier.jwks")).unwrap();
    assert!(judge_at(&authenticator, &new, 9).await.is_ok());
    assert!(is_unavailable(&judge_at(&authenticator, &new, 6 + 24 * 60 * 60).await), "not for ever");
}
