//! The credentials of the project's demo partners, made anew for each test.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use aws_lc_rs::{digest, hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use portgate_core::audit::AuditKey;
use portgate_files::own;
use serde_json::{Value, json};

/// What the partners hold.
pub struct Credentials {
    /// The web shop's key.
    pub api_key: String,
    /// What the gateway shows the customer portal.
    pub portal_key: String,
    /// The transport management system's key.
    pub tms_key: String,
    /// The operator's key.
    pub operator_key: String,
    /// The broker's secret.
    pub webhook_secret: Vec<u8>,
    issuer: EcdsaKeyPair,
}

/// The secrets that the partners' policies name.
fn named() -> BTreeSet<String> {
    let partners = std::fs::read_dir(crate::repository().join("policies/partners")).expect("the partners' policies");
    let texts = partners.map(|entry| std::fs::read_to_string(entry.expect("a file").path()).expect("a policy"));
    let mut named = BTreeSet::new();
    for text in texts {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        let names = lines.flat_map(|line| line.split("\"file:").skip(1)).filter_map(|rest| rest.split_once('"'));
        named.extend(names.map(|(name, _)| name.to_owned()));
    }
    named
}

impl Credentials {
    /// Makes all of them and writes what the gateway must know into `secrets`.
    pub fn make(secrets: &Path) -> Self {
        let credentials = Credentials {
            api_key: URL_SAFE_NO_PAD.encode(random::<32>()),
            portal_key: URL_SAFE_NO_PAD.encode(random::<32>()),
            tms_key: URL_SAFE_NO_PAD.encode(random::<32>()),
            operator_key: URL_SAFE_NO_PAD.encode(random::<32>()),
            webhook_secret: random::<32>().to_vec(),
            issuer: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a P-256 key"),
        };
        let hash = |key: &str| hex::encode(digest::digest(&digest::SHA256, key.as_bytes()));
        let whsec = format!("whsec_{}", STANDARD.encode(&credentials.webhook_secret));
        let write = |name: &str, content: &str| {
            own::replace(&secrets.join(name), content.as_bytes()).expect("a secret");
        };
        write("web-shop.sha256", &hash(&credentials.api_key));
        write("on-call.sha256", &hash(&credentials.operator_key));
        write("customs-broker.whsec", &whsec);
        write("customer-portal.key", &credentials.portal_key);
        write("tms.sha256", &hash(&credentials.tms_key));
        write("audit.key", &AuditKey::pem_of(&random::<32>()));
        write("ocean-carrier.jwks.json", &credentials.key_set("test-1").to_string());
        // Nobody in a test is one of the others.
        for name in named().into_iter().filter(|name| !secrets.join(name).exists()) {
            let secret = URL_SAFE_NO_PAD.encode(random::<32>());
            write(&name, &if name.ends_with(".sha256") { hash(&secret) } else { secret });
        }
        credentials
    }

    /// The issuer's public key as a key set (RFC 7517).
    pub fn key_set(&self, kid: &str) -> Value {
        let point = self.issuer.public_key().as_ref();
        json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": kid,
            "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..65]),
        }]})
    }

    /// A token of the ocean carrier that holds for an hour.
    pub fn token(&self) -> String {
        self.token_with(|_, _| ())
    }

    /// The same after `change` has been at its header and claims.
    pub fn token_with(&self, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let now = unix_seconds();
        let mut header = json!({ "alg": "ES256", "typ": "JWT", "kid": "test-1" });
        let mut claims = json!({
            "iss": "urn:demo:ocean-carrier", "aud": "urn:demo:portgate", "sub": "event-publisher",
            "iat": now, "nbf": now - 5, "exp": now + 3600,
        });
        change(&mut header, &mut claims);
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let signature = self.issuer.sign(&rand::SystemRandom::new(), signed.as_bytes()).expect("a signature");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A webhook secret that nobody else holds, as its file has it.
    pub fn another_webhook_secret(&self) -> String {
        format!("whsec_{}", STANDARD.encode(random::<32>()))
    }

    /// The three headers of a signed webhook with this body, under an id that no other has.
    pub fn webhook(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        self.webhook_as(&format!("msg_{}", hex::encode(random::<12>())), 0, body)
    }

    /// The same under this id, signed so many seconds from now.
    pub fn webhook_as(&self, id: &str, seconds: i64, body: &[u8]) -> Vec<(&'static str, String)> {
        let at = unix_seconds().saturating_add_signed(seconds);
        let signed = [format!("{id}.{at}.").as_bytes(), body].concat();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.webhook_secret), &signed);
        vec![
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", at.to_string()),
            ("webhook-signature", format!("v1,{}", STANDARD.encode(tag))),
        ]
    }
}

pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("random bytes");
    bytes
}

pub(crate) fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs()
}
