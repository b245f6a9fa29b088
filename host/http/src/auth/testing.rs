//! Credentials made at run time, for tests: keys, key sets, tokens right and wrong, signed webhooks, API keys.
//!
//! Only in tests and behind the feature `testing`. Nothing here is ever stored in a repository, and nothing here is
//! careful: a broken environment is a panic.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::{self, SystemRandom};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use portgate_core::sha256::sha256_hex;
use serde_json::{Value, json};

/// A private key that signs tokens, and its `kid`.
pub struct SigningKey {
    id: String,
    pair: Pair,
}

enum Pair {
    Es256(EcdsaKeyPair),
    Rs256(RsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

impl SigningKey {
    /// A new key for ES256.
    pub fn es256(id: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key can be made");
        SigningKey { id: id.to_owned(), pair: Pair::Es256(pair) }
    }

    /// A new key of 2048 bits for RS256.
    pub fn rs256(id: &str) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key can be made");
        SigningKey { id: id.to_owned(), pair: Pair::Rs256(pair) }
    }

    /// A new key for EdDSA with Ed25519.
    pub fn ed25519(id: &str) -> Self {
        SigningKey { id: id.to_owned(), pair: Pair::EdDsa(Ed25519KeyPair::generate().expect("a key can be made")) }
    }

    /// The name of its algorithm.
    pub fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Es256(_) => "ES256",
            Pair::Rs256(_) => "RS256",
            Pair::EdDsa(_) => "EdDSA",
        }
    }

    /// Its public half as a JSON Web Key.
    pub fn public_key(&self) -> Value {
        let mut key = match &self.pair {
            Pair::Es256(pair) => {
                let point = pair.public_key().as_ref();
                json!({ "kty": "EC", "crv": "P-256", "x": base64url(&point[1..33]), "y": base64url(&point[33..]) })
            }
            Pair::Rs256(pair) => {
                // RSAPublicKey (RFC 8017 A.1.1) of 2048 bits has a fixed layout: a sequence, the modulus of 256 bytes
                // after a zero byte, the exponent of 3 bytes.
                let der = pair.public_key().as_ref();
                assert_eq!(der.len(), 270, "the modulus has 2048 bits and the exponent 3 bytes");
                json!({ "kty": "RSA", "n": base64url(&der[9..265]), "e": base64url(&der[267..]) })
            }
            Pair::EdDsa(pair) => json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url(pair.public_key().as_ref()) }),
        };
        key["kid"] = json!(self.id);
        key["alg"] = json!(self.algorithm());
        key["use"] = json!("sig");
        key
    }

    /// The header of an ordinary token of this key.
    pub fn header(&self) -> Value {
        json!({ "alg": self.algorithm(), "kid": self.id, "typ": "JWT" })
    }

    /// A token with the ordinary header.
    pub fn token(&self, claims: &Value) -> String {
        self.token_with(&self.header(), claims)
    }

    /// A token with any header, rightly signed.
    pub fn token_with(&self, header: &Value, claims: &Value) -> String {
        self.sign(&header.to_string(), &claims.to_string())
    }

    /// A rightly signed token with any text as header and payload, as no library would make it.
    pub fn sign(&self, header: &str, payload: &str) -> String {
        self.sign_parts(&base64url(header.as_bytes()), &base64url(payload.as_bytes()))
    }

    /// The same with both parts encoded already, however badly.
    pub fn sign_parts(&self, header: &str, payload: &str) -> String {
        let signed = format!("{header}.{payload}");
        format!("{signed}.{}", base64url(&self.signature(signed.as_bytes())))
    }

    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Es256(pair) => pair.sign(&random, message).expect("a key signs").as_ref().to_vec(),
            Pair::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).expect("a key signs");
                signature
            }
            Pair::EdDsa(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }
}

/// The key set of these keys.
pub fn key_set(keys: &[&SigningKey]) -> Value {
    json!({ "keys": keys.iter().map(|key| key.public_key()).collect::<Vec<_>>() })
}

/// Claims that are valid from `now` for five minutes.
pub fn claims(issuer: &str, audience: &str, subject: &str, now: Timestamp) -> Value {
    let now = now.as_second();
    json!({ "iss": issuer, "aud": audience, "sub": subject, "iat": now, "nbf": now, "exp": now + 300 })
}

/// A new API key, and its SHA-256 as policies hold it.
pub fn api_key() -> (String, String) {
    let key = base64url(&random::<32>());
    let hash = sha256_hex(key.as_bytes());
    (key, hash)
}

/// A secret that signs webhooks.
pub struct WebhookSecret(Vec<u8>);

impl WebhookSecret {
    /// A new secret of 32 bytes.
    pub fn generate() -> Self {
        WebhookSecret(random::<32>().to_vec())
    }

    /// A secret of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        WebhookSecret(bytes.to_vec())
    }

    /// Its form in a secrets folder: `whsec_` and base64.
    pub fn text(&self) -> String {
        format!("whsec_{}", STANDARD.encode(&self.0))
    }

    /// One signature: `v1,` and base64.
    pub fn signature(&self, id: &str, timestamp: &str, body: &[u8]) -> String {
        let content = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
        let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), &content);
        format!("v1,{}", STANDARD.encode(mac))
    }

    /// The three header fields of a webhook.
    pub fn headers(&self, id: &str, at: Timestamp, body: &[u8]) -> [(&'static str, String); 3] {
        let timestamp = at.as_second().to_string();
        let signature = self.signature(id, &timestamp, body);
        [("webhook-id", id.to_owned()), ("webhook-timestamp", timestamp), ("webhook-signature", signature)]
    }
}

/// Base64url without padding.
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}
