//! Webhooks as providers sign them, with secrets made at run time.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::Workshop;
use crate::credentials::{random, unix_seconds};

/// A provider that signs its webhooks in its own scheme.
#[derive(Clone, Debug)]
pub struct Provider {
    scheme: &'static str,
    secret: String,
}

impl Provider {
    /// Each that a policy can name, with a secret of its own.
    pub fn each() -> [Provider; 4] {
        ["shopify", "github", "easypost", "stripe"].map(Provider::new)
    }

    /// One that signs in this scheme of the policies, with a new secret.
    pub fn new(scheme: &'static str) -> Self {
        Provider { scheme, secret: hex::encode(random::<16>()) }
    }

    /// The scheme's name in policies.
    pub fn scheme(&self) -> &'static str {
        self.scheme
    }

    /// The secret, as its file has it.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// An HMAC-SHA256 with the secret, in hexadecimal digits.
    pub fn mac(&self, signed: &[u8]) -> String {
        hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes()), signed))
    }

    /// Lets a partner of the workshop prove itself by this provider's signature, besides what it has.
    pub fn signs_for(&self, workshop: &Workshop, partner: &str) {
        let name = format!("{partner}.{}", self.scheme);
        workshop.secret(&name, &self.secret);
        workshop.edit(&format!("partners/{partner}.toml"), |text| {
            let way = format!(
                "[[authenticate]]\nkind = \"hmac\"\nscheme = \"{}\"\nsecret = \"file:{name}\"\n\n",
                self.scheme
            );
            text.replacen("[limits]", &format!("{way}[limits]"), 1)
        });
    }

    /// The header fields of a webhook with this body, signed now.
    pub fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        self.sign_at(0, body)
    }

    /// The same, signed so many seconds from now, where the scheme has a time.
    pub fn sign_at(&self, seconds: i64, body: &[u8]) -> Vec<(&'static str, String)> {
        let mac =
            |parts: &[&[u8]]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes()), &parts.concat());
        match self.scheme {
            "shopify" => vec![("x-shopify-hmac-sha256", STANDARD.encode(mac(&[body])))],
            "github" => vec![("x-hub-signature-256", format!("sha256={}", hex::encode(mac(&[body]))))],
            "easypost" => vec![("x-hmac-signature", format!("hmac-sha256-hex={}", hex::encode(mac(&[body]))))],
            "stripe" => {
                let at = unix_seconds().saturating_add_signed(seconds);
                let digits = hex::encode(mac(&[format!("{at}.").as_bytes(), body]));
                vec![("stripe-signature", format!("t={at},v1={digits}"))]
            }
            other => unreachable!("{other} is no provider's scheme"),
        }
    }
}
