//! Which credential counts, API keys and client certificates.

use portgate_core::policy::Authenticate;
use rcgen::{CertificateParams, KeyPair};
use serde_json::json;

use super::fixture::*;
use crate::auth::testing::{SigningKey, WebhookSecret, api_key};
use crate::auth::{AuthError, Credential, Method, PeerCertificate};

/// A certificate with these DNS names, as a connection would hand it over.
fn certificate(names: &[&str]) -> PeerCertificate {
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
    params.not_after = rcgen::date_time_ymd(2030, 1, 1);
    let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    PeerCertificate::from_der(certificate.der()).unwrap()
}

fn by_name(name: &str) -> Authenticate {
    Authenticate::Mtls { certificate_sha256: None, san_dns: Some(name.to_owned()), test: false }
}

#[tokio::test]
async fn a_request_without_a_credential_is_told_so() {
    let authenticator = Fixture::new().authenticator();
    assert_eq!(prove(&authenticator, &head::<&str, &str>(&[]), None, now()).await, Err(AuthError::Missing));
}

#[tokio::test]
async fn two_kinds_of_credential_or_one_twice_are_ambiguous() {
    let key = SigningKey::es256("k");
    let (shop_key, hash) = api_key();
    let mut fixture = Fixture::with_keys(&[&key]);
    fixture.partner("shop", vec![Authenticate::ApiKey { sha256: hash, test: false }]);
    let authenticator = fixture.authenticator();
    let token = format!("Bearer {}", key.token(&right_claims()));
    let (token, shop_key) = (("authorization", token.as_str()), ("x-api-key", shop_key.as_str()));
    let webhook = ("webhook-signature", "v1,x");
    for headers in [
        vec![token, shop_key],
        vec![token, webhook],
        vec![shop_key, webhook],
        vec![token, shop_key, webhook],
        vec![token, token],
        vec![shop_key, shop_key],
    ] {
        let refused = prove(&authenticator, &head(&headers), None, now()).await;
        assert!(matches!(refused, Err(AuthError::Ambiguous { .. })), "{headers:?}: {refused:?}");
    }
    assert!(prove(&authenticator, &head(&[token]), None, now()).await.is_ok());
    assert!(prove(&authenticator, &head(&[shop_key]), None, now()).await.is_ok());
}

#[tokio::test]
async fn a_test_credential_proves_the_partner_as_it_tests_by_whichever_way() {
    let key = SigningKey::es256("k");
    let mut fixture = Fixture::with_keys(&[&key]);
    let (real, real_hash) = api_key();
    let (test, test_hash) = api_key();
    let webhook = WebhookSecret::generate();
    fixture.write("webhook", &webhook.text());
    let mut entries = vec![
        Authenticate::ApiKey { sha256: real_hash, test: false },
        Authenticate::ApiKey { sha256: test_hash, test: true },
        hmac("file:webhook", json!({ "test": true })),
        jwt_with("file:carrier.jwks", json!({ "subject": "tester", "test": true })),
    ];
    entries.push(Authenticate::Mtls { certificate_sha256: None, san_dns: Some("test.shop".to_owned()), test: true });
    fixture.partner("shop", entries);
    let authenticator = fixture.authenticator();
    let token = format!("Bearer {}", key.token(&claims_but("sub", "tester".into())));
    let of = |headers: &[(&str, &str)], certificate: Option<PeerCertificate>| {
        let head = head(headers);
        let authenticator = &authenticator;
        async move {
            prove(authenticator, &head, certificate.as_ref(), now()).await.map(|identity| identity.sender.to_string())
        }
    };
    assert_eq!(of(&[("x-api-key", &real)], None).await.as_deref(), Ok("shop"));
    assert_eq!(of(&[("x-api-key", &test)], None).await.as_deref(), Ok("shop/test"));
    assert_eq!(of(&[("authorization", &token)], None).await.as_deref(), Ok("shop/test"));
    assert_eq!(of(&[], Some(certificate(&["test.shop"]))).await.as_deref(), Ok("shop/test"));
    // What the request shows counts; the certificate beside it has to be the same partner's.
    assert_eq!(of(&[("x-api-key", &real)], Some(certificate(&["test.shop"]))).await.as_deref(), Ok("shop"));
    let signed = head(&webhook.headers("msg_1", now(), b"{}"));
    let Ok(Credential::Signed(signed)) = authenticator.authenticate(&signed, None, now()).await else {
        panic!("the head is right");
    };
    let identity = signed.among(|partner| partner == "shop").unwrap().verify(b"{}", now()).unwrap();
    assert_eq!((&*identity.sender, identity.partner()), ("shop/test", "shop"));
}

#[tokio::test]
async fn only_the_bearer_scheme_is_taken_in_any_case() {
    let key = SigningKey::es256("k");
    let fixture = Fixture::with_keys(&[&key]);
    let authenticator = fixture.authenticator();
    let token = key.token(&right_claims());
    for right in [
        format!("Bearer {token}"),
        format!("bearer {token}"),
        format!("BEARER {token}"),
        format!("Bearer  {token}"),
        format!("Bearer     {token}"),
    ] {
        assert!(prove(&authenticator, &head(&[("authorization", &right)]), None, now()).await.is_ok(), "{right}");
    }
    for wrong in [
        format!("Basic {token}"),
        token.clone(),
        "Bearer".to_owned(),
        "Bearer  ".to_owned(),
        format!("Bearer\t{token}"),
        format!("Bearer {token} {token}"),
        format!(" Bearer{token}"),
        String::new(),
    ] {
        let refused = prove(&authenticator, &head(&[("authorization", &wrong)]), None, now()).await;
        assert!(matches!(refused, Err(AuthError::Malformed { credential: Method::Jwt, .. })), "{wrong}: {refused:?}");
    }
}

#[tokio::test]
async fn an_api_key_proves_its_partner_wherever_its_hash_is_kept() {
    let mut fixture = Fixture::new();
    let mut keys = Vec::new();
    for (partner, place) in [("inline", None), ("in-a-file", Some("shop.sha256"))] {
        let (key, hash) = api_key();
        let sha256 = match place {
            Some(name) => {
                fixture.write(name, &format!("{hash}\n"));
                format!("file:{name}")
            }
            None => hash,
        };
        fixture.partner(partner, vec![Authenticate::ApiKey { sha256, test: false }]);
        keys.push((partner, key));
    }
    let authenticator = fixture.authenticator();
    for (partner, key) in keys {
        let identity = prove(&authenticator, &head(&[("X-Api-Key", &key)]), None, now()).await.unwrap();
        assert_eq!((&*identity.sender, identity.method, identity.expires), (partner, Method::ApiKey, None));
    }
}

#[tokio::test]
async fn a_wrong_short_or_endless_api_key_is_refused() {
    let (key, hash) = api_key();
    let mut fixture = Fixture::new();
    fixture.partner("shop", vec![Authenticate::ApiKey { sha256: hash.clone(), test: false }]);
    let authenticator = fixture.authenticator();
    let refused = async |key: &str| prove(&authenticator, &head(&[("x-api-key", key)]), None, now()).await.unwrap_err();
    assert_eq!(refused(&api_key().0).await, AuthError::UnknownApiKey);
    assert_eq!(refused(&hash).await, AuthError::UnknownApiKey, "the kept hash is no key");
    for wrong in ["", &key[..31], &"k".repeat(513)] {
        assert!(matches!(refused(wrong).await, AuthError::Malformed { credential: Method::ApiKey, .. }), "{wrong}");
    }
}

#[tokio::test]
async fn a_certificate_proves_its_partner_by_hash_or_by_name() {
    let (by_hash, named) = (certificate(&["a.test"]), certificate(&["other.test", "Carrier.Test"]));
    let mut fixture = Fixture::new();
    let certificate_sha256 = Some(hex::encode(by_hash.sha256));
    fixture.partner("broker", vec![Authenticate::Mtls { certificate_sha256, san_dns: None, test: false }]);
    fixture.partner("carrier", vec![by_name("carrier.TEST")]);
    let authenticator = fixture.authenticator();
    for (partner, certificate) in [("broker", &by_hash), ("carrier", &named)] {
        let identity = prove(&authenticator, &head::<&str, &str>(&[]), Some(certificate), now()).await.unwrap();
        assert_eq!((&*identity.sender, identity.method), (partner, Method::Mtls));
        assert_eq!(identity.expires, Some(certificate.not_after));
    }
    let stranger =
        prove(&authenticator, &head::<&str, &str>(&[]), Some(&certificate(&["x.carrier.test", "*.test"])), now()).await;
    assert_eq!(stranger, Err(AuthError::UnknownCertificate));
}

#[tokio::test]
async fn where_hash_and_name_are_given_both_must_hold() {
    let right = certificate(&["carrier.test"]);
    for (name, found) in [("carrier.test", true), ("other.test", false)] {
        let mut fixture = Fixture::new();
        let certificate_sha256 = Some(hex::encode(right.sha256));
        fixture.partner(
            "carrier",
            vec![Authenticate::Mtls { certificate_sha256, san_dns: Some(name.to_owned()), test: false }],
        );
        let judged = prove(&fixture.authenticator(), &head::<&str, &str>(&[]), Some(&right), now()).await;
        assert_eq!(judged.is_ok(), found, "{name}");
    }
}

#[tokio::test]
async fn an_expired_certificate_or_one_of_two_partners_is_refused() {
    let mut fixture = Fixture::new();
    fixture.partner("a", vec![by_name("a.test")]);
    fixture.partner("b", vec![by_name("b.test")]);
    let authenticator = fixture.authenticator();
    let refused = async |certificate: &PeerCertificate, at| {
        prove(&authenticator, &head::<&str, &str>(&[]), Some(certificate), at).await.unwrap_err()
    };
    let one = certificate(&["a.test"]);
    let after = jiff::Timestamp::from_second(one.not_after.as_second() + 1).unwrap();
    assert_eq!(refused(&one, after).await, AuthError::Expired { credential: Method::Mtls, seconds_ago: 1 });
    assert!(matches!(refused(&certificate(&["a.test", "b.test"]), now()).await, AuthError::Ambiguous { .. }));
}

#[tokio::test]
async fn a_header_credential_goes_before_a_certificate_that_must_not_contradict_it() {
    let (key, hash) = api_key();
    let mut fixture = Fixture::new();
    fixture.partner("shop", vec![Authenticate::ApiKey { sha256: hash, test: false }, by_name("shop.test")]);
    fixture.partner("carrier", vec![by_name("carrier.test")]);
    let authenticator = fixture.authenticator();
    let judged =
        async |name| prove(&authenticator, &head(&[("x-api-key", &key)]), Some(&certificate(&[name])), now()).await;
    assert_eq!(judged("shop.test").await.unwrap().method, Method::ApiKey);
    assert_eq!(judged("proxy.test").await.unwrap().method, Method::ApiKey);
    assert!(matches!(judged("carrier.test").await, Err(AuthError::Ambiguous { .. })));
}

#[test]
fn what_is_not_exactly_one_certificate_is_unreadable() {
    let params = CertificateParams::new(vec!["a.test".to_owned()]).unwrap();
    let der = params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec();
    assert!(PeerCertificate::from_der(&der).is_ok());
    assert!(PeerCertificate::from_der(&[der.as_slice(), b"x"].concat()).is_err());
    assert!(PeerCertificate::from_der(&der[..der.len() - 1]).is_err());
    assert!(PeerCertificate::from_der(b"").is_err());
}
