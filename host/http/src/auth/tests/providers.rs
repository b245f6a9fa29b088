//! Tokens in the shapes that the common identity providers give them, and the policy that lets each in.
//!
//! Headers, claims and key sets are written after the providers' documentation and their libraries' samples; names,
//! numbers and keys are made up here. Each shape is tried with what its policy says and, as an attacker would, with
//! the neighbouring token of the same provider that must not pass.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portgate_core::policy::Authenticate;
use serde_json::{Value, json};

use super::fixture::*;
use crate::auth::testing::{SigningKey, key_set};
use crate::auth::{AuthError, Authenticator};

/// A provider with one partner, whose policy has these keys.
struct Provider {
    key: SigningKey,
    authenticator: Authenticator,
    _fixture: Fixture,
}

impl Provider {
    fn new(policy: Value) -> Self {
        let key = SigningKey::rs256("kid-1");
        let keys = key_set(&[&key]);
        Provider::with_keys(policy, key, &keys)
    }

    fn with_keys(policy: Value, key: SigningKey, keys: &Value) -> Self {
        let mut fixture = Fixture::new();
        fixture.write("provider.jwks", &keys.to_string());
        fixture.partner("carrier", vec![jwt_with("file:provider.jwks", policy)]);
        Provider { key, authenticator: fixture.authenticator(), _fixture: fixture }
    }

    async fn judge(&self, header: &Value, claims: &Value) -> Result<(), AuthError> {
        let identity = judge(&self.authenticator, &self.key.token_with(header, claims)).await?;
        assert_eq!(&*identity.sender, "carrier");
        Ok(())
    }
}

/// Seconds since 1970, so long after the moment of the tests.
fn at(seconds: i64) -> i64 {
    now().as_second() + seconds
}

#[tokio::test]
async fn keycloak() {
    let issuer = "https://sso.keycloak.test/realms/carriers";
    let policy =
        json!({ "issuer": issuer, "audience": "portgate", "subject": "ocean-carrier", "subject_claim": "azp" });
    let key = SigningKey::rs256("FJ86GcF3jTbNLOco4NvZkUCIUmfYCqoqtOQeMfbhNlE");
    // A realm publishes a key for encryption beside the one for signatures.
    let encryption = with(with(SigningKey::rs256("enc").public_key(), "use", json!("enc")), "alg", json!("RSA-OAEP"));
    let signing = with(key.public_key(), "x5c", json!(["MIIB"]));
    let provider = Provider::with_keys(policy, key, &json!({ "keys": [encryption, signing] }));
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": "FJ86GcF3jTbNLOco4NvZkUCIUmfYCqoqtOQeMfbhNlE" });
    let claims = json!({
        "exp": at(300), "iat": at(0), "jti": "trrtcc:2d6d1a0e-1a1c-8d1e-3c3e-0a6f4a1d1b5f", "iss": issuer,
        "aud": ["portgate", "account"], "sub": "5f2d6e0b-6a3f-4f44-9a6a-2f2f0c8b8b11", "typ": "Bearer",
        "azp": "ocean-carrier", "acr": "1", "realm_access": { "roles": ["offline_access"] }, "scope": "email profile",
        "clientHost": "192.0.2.7", "preferred_username": "service-account-ocean-carrier", "client_id": "ocean-carrier",
    });
    assert_eq!(provider.judge(&header, &claims).await, Ok(()));
    // Without the scope `basic` it has no `sub`, from version 25 on.
    assert_eq!(provider.judge(&header, &with(claims.clone(), "sub", Value::Null)).await, Ok(()));
    let other = with(claims.clone(), "azp", json!("other-client"));
    assert_eq!(provider.judge(&header, &other).await, Err(AuthError::UnknownSubject));
    let account = with(claims, "aud", json!("account"));
    assert_eq!(provider.judge(&header, &account).await, Err(AuthError::WrongAudience));
}

/// The claims that both versions of Entra ID's tokens have.
fn entra_claims(version: &str, issuer: &str, audience: &str) -> Value {
    json!({
        "aud": audience, "iss": issuer, "iat": at(-300), "nbf": at(-300), "exp": at(3600), "aio": "k2BgYPj9r6",
        "idtyp": "app", "oid": "3f1d2c4b-0000-4000-8000-00000000000a", "rh": "1.AXQA",
        "sub": "3f1d2c4b-0000-4000-8000-00000000000a", "tid": "7b0f1a2c-0000-4000-8000-000000000001",
        "uti": "w1Tv1", "ver": version,
    })
}

/// Entra ID's key set: `x5c` and the issuer beside each key, and no `alg`.
fn entra_keys(key: &SigningKey) -> Value {
    let published = with(with(key.public_key(), "alg", Value::Null), "x5c", json!(["MIIC"]));
    json!({ "keys": [with(with(published, "x5t", json!("kid-1")), "issuer", json!("https://login.microsoftonline.test/v2.0"))] })
}

const ENTRA_CLIENT: &str = "1d2e3f40-0000-4000-8000-0000000000c1";

#[tokio::test]
async fn entra_id_version_1() {
    let issuer = "https://sts.windows.test/7b0f1a2c-0000-4000-8000-000000000001/";
    let policy = json!({
        "issuer": issuer, "audience": "api://portgate", "subject": ENTRA_CLIENT, "subject_claim": "appid",
        "claims": { "idtyp": "app" },
    });
    let key = SigningKey::rs256("kid-1");
    let keys = entra_keys(&key);
    let provider = Provider::with_keys(policy, key, &keys);
    let header = json!({ "typ": "JWT", "alg": "RS256", "x5t": "kid-1", "kid": "kid-1" });
    let claims = with(entra_claims("1.0", issuer, "api://portgate"), "appid", json!(ENTRA_CLIENT));
    assert_eq!(provider.judge(&header, &with(claims.clone(), "appidacr", json!("1"))).await, Ok(()));
    // A person who signs in through the same application is not the application.
    for person in [json!("user"), Value::Null] {
        let refused = provider.judge(&header, &with(claims.clone(), "idtyp", person)).await;
        assert_eq!(refused, Err(AuthError::WrongClaim { claim: "idtyp".to_owned() }));
    }
}

#[tokio::test]
async fn entra_id_version_2() {
    let issuer = "https://login.microsoftonline.test/7b0f1a2c-0000-4000-8000-000000000001/v2.0";
    let audience = "9a8b7c6d-0000-4000-8000-0000000000ff";
    let policy = json!({ "issuer": issuer, "audience": audience, "subject": ENTRA_CLIENT, "subject_claim": "azp" });
    let key = SigningKey::rs256("kid-1");
    let keys = entra_keys(&key);
    let provider = Provider::with_keys(policy.clone(), key, &keys);
    let header = json!({ "typ": "JWT", "alg": "RS256", "kid": "kid-1" });
    let claims = with(entra_claims("2.0", issuer, audience), "azp", json!(ENTRA_CLIENT));
    assert_eq!(provider.judge(&header, &with(claims.clone(), "azpacr", json!("1"))).await, Ok(()));
    // A managed identity's token lives for a day and five minutes: longer than is usual here, until the policy says so.
    let managed = with(claims, "exp", json!(at(-300) + 86_700));
    assert_eq!(
        provider.judge(&header, &managed).await,
        Err(AuthError::LifetimeTooLong { seconds: 86_700, max: 86_400 })
    );
    let key = SigningKey::rs256("kid-1");
    let keys = entra_keys(&key);
    let provider = Provider::with_keys(with(policy, "lifetime_seconds_max", json!(86_700)), key, &keys);
    assert_eq!(provider.judge(&header, &managed).await, Ok(()));
    let longer = with(managed, "exp", json!(at(-300) + 86_701));
    assert!(matches!(provider.judge(&header, &longer).await, Err(AuthError::LifetimeTooLong { max: 86_700, .. })));
}

#[tokio::test]
async fn cognito() {
    let issuer = "https://cognito-idp.eu-central-1.amazonaws.test/eu-central-1_Xx1Yy2Zz3";
    let client = "4a5b6c7d8e9f0a1b2c3d4e5f6a";
    let header = json!({ "kid": "kid-1", "alg": "RS256" });
    let claims = json!({
        "sub": client, "token_use": "access", "scope": "portgate/events.write portgate/orders.read", "auth_time": at(0),
        "iss": issuer, "exp": at(3600), "iat": at(0), "version": 2, "jti": "0f1e2d3c-0000-4000-8000-000000000002",
        "client_id": client,
    });
    let by_client = json!({
        "issuer": issuer, "subject": client, "subject_claim": "client_id", "audience": client,
        "audience_claim": "client_id", "claims": { "token_use": "access" },
    });
    let by_scope = json!({
        "issuer": issuer, "subject": client, "audience": "portgate/events.write", "audience_claim": "scope",
    });
    for policy in [by_client, by_scope] {
        let provider = Provider::new(policy);
        assert_eq!(provider.judge(&header, &claims).await, Ok(()));
        // The pool's identity token says the same client in `aud`, and has no `client_id`.
        let identity = json!({
            "sub": client, "aud": client, "token_use": "id", "auth_time": at(0), "iss": issuer, "exp": at(3600),
            "iat": at(0), "cognito:username": "someone",
        });
        assert!(provider.judge(&header, &identity).await.is_err());
        // What is for another system says so in the claim that the policy names, or in `aud`.
        let elsewhere = with(with(claims.clone(), "client_id", json!("other")), "scope", json!("other/events.write"));
        assert!(provider.judge(&header, &elsewhere).await.is_err());
        let elsewhere = with(claims.clone(), "aud", json!("https://other.test"));
        assert_eq!(provider.judge(&header, &elsewhere).await, Err(AuthError::WrongAudience));
    }
    // A part of a scope is no scope.
    let part = json!({ "issuer": issuer, "subject": client, "audience": "portgate/events", "audience_claim": "scope" });
    assert_eq!(Provider::new(part).judge(&header, &claims).await, Err(AuthError::WrongAudience));
}

#[tokio::test]
async fn google_service_account() {
    let policy = json!({
        "issuer": "https://accounts.google.test", "audience": "https://gate.carrier.test", "subject": "100200300400500600700",
        "claims": { "email_verified": "true" },
    });
    let provider = Provider::new(policy);
    let header = json!({ "alg": "RS256", "kid": "kid-1", "typ": "JWT" });
    let claims = json!({
        "aud": "https://gate.carrier.test", "azp": "100200300400500600700",
        "email": "events@carrier-project.iam.gserviceaccount.test", "email_verified": true, "exp": at(3600), "iat": at(0),
        "iss": "https://accounts.google.test", "sub": "100200300400500600700",
    });
    assert_eq!(provider.judge(&header, &claims).await, Ok(()));
    let unverified = with(claims, "email_verified", json!(false));
    assert_eq!(
        provider.judge(&header, &unverified).await,
        Err(AuthError::WrongClaim { claim: "email_verified".to_owned() })
    );
}

#[tokio::test]
async fn auth0() {
    let client = "Zz9Yy8Xx7Ww6Vv5Uu4Tt3Ss2Rr1Qq0Pp";
    let issuer = "https://carrier.eu.auth0.test/";
    let claims = json!({
        "iss": issuer, "sub": format!("{client}@clients"), "aud": "https://gate.carrier.test", "iat": at(0),
        "exp": at(86_400), "azp": client, "gty": "client-credentials",
    });
    let policy = json!({
        "issuer": issuer, "audience": "https://gate.carrier.test", "subject": client, "subject_claim": "azp",
        "claims": { "gty": "client-credentials" },
    });
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": "kid-1" });
    assert_eq!(Provider::new(policy.clone()).judge(&header, &claims).await, Ok(()));
    // The profile of RFC 9068, which a tenant can choose.
    let profile = Provider::new(with(policy, "token_type", json!("at+jwt")));
    assert_eq!(profile.judge(&with(header.clone(), "typ", json!("at+jwt")), &claims).await, Ok(()));
    assert!(matches!(profile.judge(&header, &claims).await, Err(AuthError::WrongType { .. })));
}

#[tokio::test]
async fn xsuaa() {
    let issuer = "https://carrier.authentication.eu10.hana.test/oauth/token";
    let client = "sb-ocean-carrier!b4711";
    let policy = json!({
        "issuer": issuer, "audience": client, "subject": client, "subject_claim": "client_id",
        "claims": { "grant_type": "client_credentials" },
    });
    let key = SigningKey::rs256("key-id-1");
    // The modulus as a signed number of Java has a zero byte in front, and its text may be padded.
    let published = key.public_key();
    let modulus = URL_SAFE_NO_PAD.decode(published["n"].as_str().unwrap()).unwrap();
    let signed = base64::engine::general_purpose::URL_SAFE.encode([&[0], modulus.as_slice()].concat());
    assert!(signed.ends_with('='));
    let keys =
        json!({ "keys": [with(with(published, "n", json!(signed)), "value", json!("-----BEGIN PUBLIC KEY-----"))] });
    let provider = Provider::with_keys(policy, key, &keys);
    let header = json!({
        "alg": "RS256", "jku": "https://carrier.authentication.eu10.hana.test/token_keys", "kid": "key-id-1",
        "typ": "JWT", "jid": "b1C2",
    });
    let claims = json!({
        "jti": "2a6b47182ce34c83a3c4641b556b946c", "ext_attr": { "enhancer": "XSUAA", "zdn": "carrier" }, "sub": client,
        "authorities": ["uaa.resource"], "scope": ["uaa.resource"], "client_id": client, "cid": client, "azp": client,
        "grant_type": "client_credentials", "rev_sig": "b23a72dc", "iat": at(0), "exp": at(43_200), "iss": issuer,
        "zid": "uaa", "aud": ["uaa", client],
    });
    assert_eq!(provider.judge(&header, &claims).await, Ok(()));
    let person = with(claims, "grant_type", json!("urn:ietf:params:oauth:grant-type:jwt-bearer"));
    assert_eq!(provider.judge(&header, &person).await, Err(AuthError::WrongClaim { claim: "grant_type".to_owned() }));
}

#[tokio::test]
async fn a_token_that_two_partners_could_claim_is_nobodys() {
    let key = SigningKey::rs256("kid-1");
    let mut fixture = Fixture::new();
    fixture.write("provider.jwks", &key_set(&[&key]).to_string());
    let entry = |subject: &str, claim: &str| -> Vec<Authenticate> {
        vec![jwt_with("file:provider.jwks", json!({ "subject": subject, "subject_claim": claim }))]
    };
    fixture.partner("person", entry("alice", "sub"));
    fixture.partner("program", entry("portal", "azp"));
    let authenticator = fixture.authenticator();
    let token = |sub: Value, azp: Value| key.token(&with(claims_but("sub", sub), "azp", azp));
    let judged =
        async |sub, azp| judge(&authenticator, &token(sub, azp)).await.map(|identity| identity.sender.to_string());
    assert_eq!(judged(json!("alice"), json!("other")).await.as_deref(), Ok("person"));
    assert_eq!(judged(json!("bob"), json!("portal")).await.as_deref(), Ok("program"));
    assert_eq!(judged(Value::Null, json!("portal")).await.as_deref(), Ok("program"));
    assert!(matches!(judged(json!("alice"), json!("portal")).await, Err(AuthError::Ambiguous { .. })));
    assert_eq!(judged(json!("bob"), json!("other")).await, Err(AuthError::UnknownSubject));
    // Of another kind than a text it names nobody, whatever else is there.
    assert!(matches!(judged(json!(["alice"]), json!("portal")).await, Err(AuthError::Malformed { .. })));
}
