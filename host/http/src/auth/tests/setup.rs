//! Mistakes in policies and secrets: all of them at once, each with its place.

use portgate_core::policy::Authenticate;
use serde_json::json;

use super::fixture::*;
use crate::auth::testing::{SigningKey, WebhookSecret, api_key};

fn api(sha256: &str) -> Authenticate {
    Authenticate::ApiKey { sha256: sha256.to_owned(), test: false }
}

fn mtls(certificate_sha256: Option<&str>, san_dns: Option<&str>) -> Authenticate {
    Authenticate::Mtls {
        certificate_sha256: certificate_sha256.map(str::to_owned),
        san_dns: san_dns.map(str::to_owned),
        test: false,
    }
}

/// What setting up says about one entry.
fn complaint(prepare: impl FnOnce(&Fixture), entry: Authenticate) -> String {
    let mut fixture = Fixture::new();
    prepare(&fixture);
    fixture.partner("acme", vec![entry]);
    let errors = fixture.try_authenticator().unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors[0].to_string()
}

#[test]
fn every_mistake_of_every_partner_is_said_with_its_place() {
    let mut fixture = Fixture::new();
    fixture.partner("acme", vec![api("nonsense"), api(&api_key().1), mtls(None, None)]);
    fixture.partner("zenith", vec![hmac("file:nowhere", json!({}))]);
    let errors = fixture.try_authenticator().unwrap_err();
    let places: Vec<_> = errors.iter().map(|error| (error.partner.as_str(), error.entry)).collect();
    assert_eq!(places, [("acme", 0), ("acme", 2), ("zenith", 0)]);
    assert!(errors[2].to_string().starts_with("partner `zenith`, authenticate[0] (hmac): `file:nowhere`"));
}

#[test]
fn a_hash_is_sixty_four_lower_case_digits_and_never_repeated() {
    let hash = api_key().1;
    for wrong in
        [hash[..63].to_owned(), format!("{hash}0"), hash.to_uppercase().replace('0', "A"), format!("g{}", &hash[1..])]
    {
        let said = complaint(|_| {}, api(&wrong));
        assert!(said.contains("`sha256`") && !said.contains(&wrong), "{said}");
    }
    let said = complaint(|fixture| fixture.write("k", &format!("{hash}  -")), api("file:k"));
    assert!(said.contains("nothing but them") && !said.contains(&hash), "{said}");
}

#[test]
fn a_webhook_secret_has_its_prefix_and_size() {
    let secret = |bytes: usize| WebhookSecret::of(&vec![7; bytes]).text();
    for right in [24, 64] {
        let mut fixture = Fixture::new();
        fixture.write("s", &secret(right));
        fixture.partner("acme", vec![hmac("file:s", json!({}))]);
        assert!(fixture.try_authenticator().is_ok(), "{right}");
    }
    let plain = secret(32).trim_start_matches("whsec_").to_owned();
    for wrong in [secret(23), secret(65), secret(0), plain, "whsec_%%%".to_owned()] {
        let said = complaint(|fixture| fixture.write("s", &wrong), hmac("file:s", json!({})));
        assert!(said.contains("`whsec_`") && (wrong.len() < 8 || !said.contains(&wrong)), "{said}");
    }
}

#[test]
fn webhook_secrets_are_bounded() {
    let mut fixture = Fixture::new();
    for index in 0..65 {
        let name = format!("p{index:02}");
        fixture.write(&name, &WebhookSecret::generate().text());
        fixture.partner(&name, vec![hmac(&format!("file:{name}"), json!({}))]);
    }
    let errors = fixture.try_authenticator().unwrap_err();
    assert_eq!(errors.iter().map(|error| error.partner.as_str()).collect::<Vec<_>>(), ["p64"]);
}

#[test]
fn no_credential_belongs_to_two_partners() {
    let hash = api_key().1;
    for entry in
        [api(&hash), hmac("file:s", json!({})), mtls(Some(&hash), None), mtls(None, Some("A.test")), jwt("file:k.jwks")]
    {
        let mut fixture = Fixture::new();
        fixture.write("s", &WebhookSecret::generate().text());
        fixture.write("k.jwks", &json!({ "keys": [SigningKey::ed25519("k").public_key()] }).to_string());
        fixture.partner("acme", vec![entry.clone()]);
        fixture.partner("zenith", vec![entry]);
        let errors = fixture.try_authenticator().unwrap_err();
        assert_eq!((errors.len(), errors[0].partner.as_str()), (1, "zenith"), "{errors:?}");
        assert!(errors[0].to_string().contains("`acme`"), "{}", errors[0]);
    }
}

#[test]
fn a_certificate_must_be_described_by_a_whole_name_or_a_hash() {
    for wrong in ["", "*.test", "a..test", ".test", "a test", &"a".repeat(64)] {
        let said = complaint(|_| {}, mtls(None, Some(wrong)));
        assert!(said.contains("`san_dns`"), "{said}");
    }
    assert!(complaint(|_| {}, mtls(None, None)).contains("any certificate would do"));
}

#[test]
fn an_empty_issuer_audience_subject_claim_or_type_is_a_mistake() {
    for key in ["issuer", "audience", "audience_claim", "subject", "subject_claim", "token_type"] {
        let said = complaint(|_| {}, jwt_with("https://issuer.test/jwks", json!({ key: "" })));
        assert!(said.contains(&format!("`{key}` is empty")), "{said}");
    }
}

#[test]
fn tokens_that_two_policies_could_claim_are_told_apart_by_their_claims() {
    let mut fixture = Fixture::new();
    let jwks = "https://issuer.test/jwks";
    fixture.partner("acme", vec![jwt(jwks)]);
    fixture.partner("by-client", vec![jwt_with(jwks, json!({ "subject_claim": "azp" }))]);
    fixture.partner("by-scope", vec![jwt_with(jwks, json!({ "audience_claim": "scope" }))]);
    assert!(fixture.try_authenticator().is_ok());
    fixture.partner("zenith", vec![jwt_with(jwks, json!({ "subject_claim": "azp", "claims": { "a": "b" } }))]);
    let errors = fixture.try_authenticator().unwrap_err();
    assert!(errors.len() == 1 && errors[0].to_string().contains("`by-client`"), "{errors:?}");
}

#[test]
fn a_key_set_comes_from_a_file_from_https_or_from_loopback() {
    for right in [
        "https://issuer.test/jwks",
        "https://issuer.test:8443/jwks?v=1",
        "https://[2001:db8::1]/jwks",
        "http://127.0.0.1:9/jwks",
        "http://[::1]:9/jwks",
        "http://localhost/jwks",
    ] {
        let mut fixture = Fixture::new();
        fixture.partner("acme", vec![jwt(right)]);
        assert!(fixture.try_authenticator().is_ok(), "{right}");
    }
    for wrong in [
        "http://issuer.test/jwks",
        "http://localhost.issuer.test/jwks",
        "http://10.0.0.1/jwks",
        "https://user:password@issuer.test/jwks",
        "ftp://issuer.test/jwks",
        "/jwks",
        "issuer.test",
        "",
        "env:JWKS",
    ] {
        let said = complaint(|_| {}, jwt(wrong));
        assert!(said.contains("`https://…`"), "{wrong}: {said}");
        assert!(!said.contains("password@"), "{said}");
    }
}

#[test]
fn a_key_set_without_a_usable_key_says_why() {
    let key = SigningKey::es256("k").public_key();
    let short = json!({ "kty": "RSA", "n": crate::auth::testing::base64url(&[0xff; 128]), "e": "AQAB" });
    let weak_point = with(key.clone(), "y", key["x"].clone());
    for (keys, reason) in [
        (json!([]), "it is empty"),
        (json!([with(key.clone(), "use", json!("enc"))]), "`use`"),
        (json!([with(key.clone(), "key_ops", json!(["sign"]))]), "`key_ops`"),
        (json!([with(key.clone(), "d", json!("AA"))]), "private"),
        (json!([{ "kty": "oct", "k": "AAAA" }]), "symmetric"),
        (json!([with(key.clone(), "alg", json!("ES384"))]), "`alg`"),
        (json!([with(key.clone(), "alg", json!("RS256"))]), "`alg`"),
        (json!([with(key.clone(), "crv", json!("P-384"))]), "none of EC"),
        (json!([with(key.clone(), "x", json!("AAAA"))]), "32 bytes"),
        (json!([weak_point]), "not a point"),
        (json!([short]), "2048"),
        (json!([{ "kty": "RSA", "n": "AAAB", "e": "AQAB" }]), "several zero"),
        (json!([1, "x"]), "not a JSON object"),
    ] {
        let document = json!({ "keys": keys }).to_string();
        let said = complaint(|fixture| fixture.write("k.jwks", &document), jwt("file:k.jwks"));
        assert!(said.contains(reason), "{document}: {said}");
    }
    for (document, reason) in [
        ("nonsense".to_owned(), "not a JSON object"),
        (r#"{"keys":{}}"#.to_owned(), "no array"),
        ("{}".to_owned(), "no array"),
        (r#"{"keys":[],"keys":[]}"#.to_owned(), "twice"),
        (json!({ "keys": [key, key] }).to_string(), "same `kid`"),
    ] {
        let said = complaint(|fixture| fixture.write("k.jwks", &document), jwt("file:k.jwks"));
        assert!(said.contains(reason), "{document}: {said}");
    }
}

#[tokio::test]
async fn an_unusable_key_beside_a_usable_one_is_left_out() {
    let key = SigningKey::es256("k");
    let mut fixture = Fixture::new();
    let others = [json!({ "kty": "RSA", "use": "enc", "kid": "e" }), json!({ "kty": "later", "kid": "l" })];
    fixture.write("k.jwks", &json!({ "keys": [others[0], key.public_key(), others[1]] }).to_string());
    fixture.partner("carrier", vec![jwt("file:k.jwks")]);
    assert!(judge(&fixture.authenticator(), &key.token(&right_claims())).await.is_ok());
}
