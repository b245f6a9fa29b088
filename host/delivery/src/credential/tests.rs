use portgate_core::policy::BaseUrl;

use super::*;
use crate::client::{Client, Target};
use crate::clock::Clock;
use crate::resolve::SystemResolver;
use crate::testing::{Peer, TestClock, Vault, answer, policy};

async fn attached(credential: &Credential, secrets: &[(&str, &[u8])]) -> Result<HeaderMap, CredentialError> {
    let secrets: Arc<dyn SecretSource> = Vault::with(secrets);
    let mut headers = HeaderMap::new();
    let message = Message { id: "msg_1", at: Timestamp::from_second(1_614_265_330).expect("an instant"), body: b"{}" };
    attach(credential, &secrets, &Tokens::new(None), &message, &mut headers).await?;
    Ok(headers)
}

fn named(name: &str) -> String {
    name.to_owned()
}

#[tokio::test]
async fn each_kind_stands_in_its_header_and_is_never_shown() {
    for (credential, header, value) in [
        (Credential::Header { name: named("authorization"), value: named("file:s") }, "authorization", "hunter2"),
        (Credential::ApiKey { header: named("x-api-key"), value: named("file:s") }, "x-api-key", "hunter2"),
        (Credential::Basic { user: named("u"), password: named("file:s") }, "authorization", "Basic dTpodW50ZXIy"),
    ] {
        let headers = attached(&credential, &[("file:s", b"hunter2")]).await.expect("attached");
        assert_eq!(headers[header], value);
        let shown = format!("{headers:?}");
        assert!(!shown.contains("hunter2") && !shown.contains("dTpodW50ZXIy"), "{shown}");
    }
}

#[tokio::test]
async fn a_webhook_is_signed_over_id_timestamp_and_body() {
    let key: Vec<u8> = (0..32).collect();
    let secret = format!("whsec_{}", STANDARD.encode(&key));
    let credential = Credential::Hmac { secret: named("file:s"), previous_secret: None };
    let headers = attached(&credential, &[("file:s", secret.as_bytes())]).await.expect("signed");
    assert_eq!(
        (&headers["webhook-id"], &headers["webhook-timestamp"]),
        (&"msg_1".parse().expect("a value"), &"1614265330".parse().expect("a value"))
    );
    let signature = headers["webhook-signature"].to_str().expect("ASCII").strip_prefix("v1,").expect("version 1");
    let signature = STANDARD.decode(signature).expect("base64");
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    assert!(hmac::verify(&key, b"msg_1.1614265330.{}", &signature).is_ok());
    assert!(hmac::verify(&key, b"msg_1.1614265330.{ }", &signature).is_err());
}

#[tokio::test]
async fn while_a_secret_is_changed_both_sign() {
    let secret = |byte: u8| format!("whsec_{}", STANDARD.encode([byte; 32])).into_bytes();
    let credential = Credential::Hmac { secret: named("file:new"), previous_secret: Some(named("file:old")) };
    let (new, old) = (secret(1), secret(2));
    let headers = attached(&credential, &[("file:new", &new), ("file:old", &old)]).await.expect("signed");
    let signatures: Vec<_> = headers["webhook-signature"].to_str().expect("ASCII").split(' ').collect();
    assert_eq!(signatures.len(), 2);
    for (signature, byte) in signatures.iter().zip([1, 2]) {
        let signature = STANDARD.decode(signature.strip_prefix("v1,").expect("version 1")).expect("base64");
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[byte; 32]);
        assert!(hmac::verify(&key, b"msg_1.1614265330.{}", &signature).is_ok());
    }
}

#[tokio::test]
async fn a_secret_that_cannot_be_used_is_named_and_not_shown() {
    let header = Credential::Header { name: named("authorization"), value: named("file:s") };
    let webhook = Credential::Hmac { secret: named("file:s"), previous_secret: None };
    for (credential, secrets) in [
        (&header, &[][..]),
        (&header, &[("file:s", &b"hunter2\r\nx: y"[..])][..]),
        (&header, &[("file:s", &b"hunter2\xff"[..])][..]),
        (&webhook, &[("file:s", &b"hunter2"[..])][..]),
        (&webhook, &[("file:s", &b"whsec_aHVudGVyMg=="[..])][..]),
    ] {
        let error = attached(credential, secrets).await.expect_err("unusable");
        let said = format!("{error} {error:?}");
        assert!(said.contains("file:s") && !said.contains("hunter2") && !said.contains("aHVu"), "{said}");
    }
}

fn oauth2(url: &str) -> Credential {
    Credential::Oauth2 {
        token_url: url.to_owned(),
        client_id: named("portgate"),
        client_secret: named("file:s"),
        scope: Some(named("orders:write all")),
        audience: None,
    }
}

fn tokens(url: &str) -> Tokens {
    let target = Target::new(BaseUrl::parse(url).expect("a URL"), true, &policy(url).limits);
    Tokens::new(Some(Client::new(target, &Default::default(), Arc::new(SystemResolver)).expect("a client")))
}

/// An issuer that numbers its tokens.
async fn issuer(expires_in: u32) -> Peer {
    let count = std::sync::atomic::AtomicUsize::new(0);
    Peer::http(move |request| {
        assert_eq!(request.headers()["authorization"], format!("Basic {}", STANDARD.encode("portgate:hunter2")));
        assert_eq!(request.body(), "grant_type=client_credentials&scope=orders%3Awrite+all");
        let number = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
        let body = format!(r#"{{"access_token":"token-{number}","token_type":"Bearer","expires_in":{expires_in}}}"#);
        http::Response::new(body.into())
    })
    .await
}

#[tokio::test]
async fn a_token_is_asked_for_once_and_anew_shortly_before_its_end() {
    let issuer = issuer(600).await;
    let url = format!("{}/token", issuer.url());
    let (tokens, credential, clock) = (tokens(&url), oauth2(&url), TestClock::new());
    let token = async || tokens.token(&credential, b"hunter2", clock.now()).await.expect("a token").to_string();
    let all = tokio::join!(token(), token(), token(), token());
    assert_eq!([all.0, all.1, all.2, all.3], ["token-1"; 4], "one request for all that wait");
    clock.pass(539);
    assert_eq!(token().await, "token-1");
    clock.pass(1);
    assert_eq!(token().await, "token-2");
}

#[tokio::test]
async fn a_token_that_was_given_back_is_asked_for_anew() {
    let issuer = issuer(600).await;
    let url = format!("{}/token", issuer.url());
    let (tokens, credential, clock) = (tokens(&url), oauth2(&url), TestClock::new());
    let token = async || tokens.token(&credential, b"hunter2", clock.now()).await.expect("a token").to_string();
    assert_eq!(token().await, "token-1");
    tokens.give_back("token-1").await;
    assert_eq!(token().await, "token-2");
    tokens.give_back("token-1").await;
    assert_eq!(token().await, "token-2", "giving back an old one does not cost the new one");
}

#[tokio::test]
async fn an_issuer_that_gives_no_token_is_quoted_with_its_code_alone() {
    let issuer = Peer::http(|_| answer(401, r#"{"error":"invalid_client","error_description":"hunter2"}"#)).await;
    let url = format!("{}/token", issuer.url());
    let failed = tokens(&url).token(&oauth2(&url), b"hunter2", Timestamp::UNIX_EPOCH).await.expect_err("refused");
    assert_eq!(failed.to_string(), "no token: its issuer answers 401, `invalid_client`");
}
