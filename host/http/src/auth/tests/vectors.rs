//! Public test vectors, where the shared folder with the corpora exists; without it there is nothing to check.

use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::fixture::*;
use crate::auth::jws::Jws;
use crate::auth::key_set::KeySet;
use crate::auth::{AuthError, Credential};

/// A file of the corpora, or nothing where they are not at hand.
fn corpus(path: &str) -> Option<Value> {
    let shared = std::env::var_os("PORTGATE_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let text = std::fs::read_to_string(shared.join("corpora").join(path)).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

/// What Wycheproof expects and this gateway does not do, with the reason. Everything else must agree.
fn refused_on_purpose(key: &Value, id: u64) -> Option<&'static str> {
    let algorithm = key["alg"].as_str().unwrap_or_default();
    match (key["kty"].as_str(), algorithm) {
        (Some("oct"), _) => Some("shared secrets do not verify tokens here"),
        (_, "RS384" | "RS512" | "PS256" | "PS384" | "PS512") => Some("of RSA, only RS256 is taken"),
        // 347 and 351: a made-up algorithm name on another curve.
        (_, "ES521") => Some("of ECDSA, only ES256 is taken"),
        _ => match id {
            // Marked valid with a `?` in the base64url, which no encoder writes.
            372 | 373 => Some("base64url is strict"),
            _ => None,
        },
    }
}

#[test]
fn wycheproof_signatures_are_judged_as_expected_but_for_what_is_refused_on_purpose() {
    let Some(corpus) = corpus("wycheproof/json_web_signature_test.json") else { return };
    let (mut agreed, mut on_purpose, mut wrong) = (0, 0, Vec::new());
    for group in corpus["testGroups"].as_array().unwrap() {
        let key = group.get("public").unwrap_or(&group["private"]);
        let set = KeySet::read(json!({ "keys": [key] }).to_string().as_bytes());
        for test in group["tests"].as_array().unwrap() {
            let id = test["tcId"].as_u64().unwrap();
            let verified = match &set {
                Ok(set) => Jws::read(test["jws"].as_str().unwrap_or_default())
                    .and_then(|jws| jws.verify(set.key(jws.key_id.as_deref())?)),
                Err(_) => Err(AuthError::UnknownKey),
            };
            match (verified.is_ok(), test["result"] == "valid", refused_on_purpose(key, id)) {
                (true, true, None) | (false, false, _) => agreed += 1,
                (false, true, Some(_)) => on_purpose += 1,
                (accepted, ..) => {
                    wrong.push(format!("{id} ({}): accepted is {accepted}: {verified:?}", test["comment"]))
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Exact, so that a vector which changes sides is noticed.
    assert_eq!((agreed, on_purpose), (365, 36));
}

#[tokio::test]
async fn standard_webhooks_vectors_are_judged_as_expected() {
    let Some(corpus) = corpus("standard-webhooks/vectors.json") else { return };
    let mut judged = 0;
    for vector in corpus.as_array().unwrap() {
        let Some(secret) = vector["secret"].as_str() else { continue };
        let mut fixture = Fixture::new();
        fixture.write("secret", secret);
        fixture.partner("sender", vec![hmac("file:secret", json!({}))]);
        let accepted = vector["expect"] != "reject";
        let signature = vector["signature"].as_str().or(vector["expect"].as_str()).unwrap();
        let at = Timestamp::from_second(vector["timestamp"].as_i64().unwrap_or(1_649_367_553)).unwrap();
        let head = head(&[
            ("webhook-id", vector["id"].as_str().unwrap()),
            ("webhook-timestamp", &at.as_second().to_string()),
            ("webhook-signature", signature),
        ]);
        let authenticator = fixture.authenticator();
        let Ok(Credential::Signed(signed)) = authenticator.authenticate(&head, None, at).await else {
            panic!("the head of {vector} is right");
        };
        let verified = signed.verify(vector["payload"].as_str().unwrap().as_bytes(), at);
        assert_eq!(verified.is_ok(), accepted, "{vector}: {verified:?}");
        judged += 1;
    }
    assert!(judged >= 2, "the vectors have another form than this test reads");
}
