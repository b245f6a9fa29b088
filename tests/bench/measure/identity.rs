//! The load generator's identity: a key made for this run, its public half as a key set, and two tokens.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::failure::Failure;

/// The issuer of its tokens.
pub const ISSUER: &str = "urn:bench:issuer";
/// For whom they are.
pub const AUDIENCE: &str = "urn:bench:gateway";
/// Whose they are.
pub const SUBJECT: &str = "load-generator";
const KEY_ID: &str = "bench";

/// Who the load generator is.
pub struct Identity {
    /// The key set (RFC 7517).
    pub jwks: String,
    /// A good token, an hour long (RFC 7519, ES256).
    pub token: String,
    /// The same claims under another key's signature.
    pub forged: String,
}

impl Identity {
    /// A new one.
    ///
    /// # Errors
    ///
    /// When no key can be made.
    pub fn new() -> Result<Identity, Failure> {
        let key = key()?;
        let (x, y) = key.public_key().as_ref()[1..].split_at(32);
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let jwk = json!({
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": KEY_ID, "x": encode(x), "y": encode(y)
        });
        Ok(Identity { jwks: json!({ "keys": [jwk] }).to_string(), token: token(&key)?, forged: token(&self::key()?)? })
    }
}

fn key() -> Result<EcdsaKeyPair, Failure> {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
        .map_err(|_| Failure::step("making a key", "no reason given"))
}

fn token(key: &EcdsaKeyPair) -> Result<String, Failure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(json!({ "alg": "ES256", "typ": "JWT", "kid": KEY_ID }));
    let claims = json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": SUBJECT, "iat": now, "nbf": now, "exp": now + 3600 });
    let signed = format!("{header}.{}", part(claims));
    let signature = key
        .sign(&SystemRandom::new(), signed.as_bytes())
        .map_err(|_| Failure::step("signing a token", "no reason given"))?;
    Ok(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
}
