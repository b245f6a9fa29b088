//! The credentials of the demo's partners, made anew at every run.
//!
//! What the gateway must know goes into its secrets folder; what a partner keeps goes into a folder beside it, so that
//! the printed `curl` lines work.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use portgate_core::sha256::sha256_hex;
use portgate_files::own;
use serde_json::json;

/// Secrets that have a form of their own.
const MADE: [&str; 2] = ["ocean-carrier.jwks.json", "customs-broker.whsec"];

/// How the sender of a message proves who it is.
#[derive(Clone, Copy)]
pub(crate) enum Auth {
    /// Somebody without any proof.
    None,
    /// By the API key of this partner.
    ApiKey(&'static str),
    /// The ocean carrier by a token, and somebody by one that is not quite it.
    Token,
    ForgedToken,
    /// The customs broker by a Standard Webhook.
    Webhook,
    /// EasyPost, Shippo, the customs SaaS and the WooCommerce shop, each by its own way to sign.
    EasyPost,
    Shippo,
    CustomsSaas,
    WooShop,
}

impl Auth {
    /// Who that is: the partner's name.
    pub(crate) fn who(self) -> &'static str {
        match self {
            Auth::None | Auth::ForgedToken => "somebody",
            Auth::ApiKey(partner) => partner,
            Auth::Token => "ocean-carrier",
            Auth::Webhook => "customs-broker",
            Auth::EasyPost => "easypost",
            Auth::Shippo => "shippo",
            Auth::CustomsSaas => "customs-saas",
            Auth::WooShop => "woo-shop",
        }
    }
}

/// What the partners hold.
pub(crate) struct Credentials {
    /// The API keys of the partners that authenticate by one.
    api_keys: BTreeMap<String, String>,
    token: String,
    webhook_secret: Vec<u8>,
    pub(crate) operator_key: String,
    /// What both sides know of each other, by the name of its file.
    shared: BTreeMap<String, String>,
    folder: PathBuf,
}

impl Credentials {
    /// Makes all of them and writes both sides' files, readable by their owner only.
    pub(crate) fn make(secrets: &Path, policies: &Path) -> Result<Self, String> {
        let folder = secrets.parent().unwrap_or(secrets).join("partners");
        for folder in [secrets, &folder] {
            own::folder(folder, "the demo's credentials", |_| true).map_err(|error| error.to_string())?;
        }
        let webhook_secret = random::<32>()?.to_vec();
        let operator_key = URL_SAFE_NO_PAD.encode(random::<32>()?);
        let (token, jwks) = token_and_key_set()?;
        let whsec = format!("whsec_{}", STANDARD.encode(&webhook_secret));
        write(secrets, "ocean-carrier.jwks.json", &jwks)?;
        write(secrets, "customs-broker.whsec", &whsec)?;
        let (mut api_keys, mut shared) = (BTreeMap::new(), BTreeMap::new());
        for name in named(policies)? {
            let secret = URL_SAFE_NO_PAD.encode(random::<32>()?);
            match name.strip_suffix(".sha256") {
                Some(partner) => {
                    write(secrets, &name, &sha256_hex(secret.as_bytes()))?;
                    write(&folder, &format!("{partner}.key"), &secret)?;
                    api_keys.insert(partner.to_owned(), secret);
                }
                // What is made above has a form of its own.
                None if MADE.contains(&name.as_str()) => {}
                None => {
                    write(secrets, &name, &secret)?;
                    write(&folder, &name, &secret)?;
                    shared.insert(name, secret);
                }
            }
        }
        write(secrets, "on-call.sha256", &sha256_hex(operator_key.as_bytes()))?;
        write(&folder, "on-call.key", &operator_key)?;
        write(&folder, "ocean-carrier.token", &token)?;
        write(&folder, "customs-broker.hmac-key.hex", &hex::encode(&webhook_secret))?;
        Ok(Credentials { api_keys, token, webhook_secret, operator_key, shared, folder })
    }

    /// A secret that both sides know; none where a partner's policy names it otherwise than by a file.
    pub(crate) fn shared(&self, reference: &str) -> Option<&str> {
        self.shared.get(reference.strip_prefix("file:")?).map(String::as_str)
    }

    /// Keeps what a partner sends beside its credentials, so that the printed `curl` lines work. Gives back where.
    pub(crate) fn keep(&self, name: &str, payload: &str) -> Result<PathBuf, String> {
        write(&self.folder, name, payload)?;
        Ok(self.folder.join(name))
    }

    /// The header fields that prove who sends this body.
    pub(crate) fn headers(&self, auth: Auth, body: &[u8]) -> Vec<(&'static str, String)> {
        match auth {
            Auth::None => Vec::new(),
            Auth::ApiKey(partner) => vec![("x-api-key", self.api_keys.get(partner).cloned().unwrap_or_default())],
            Auth::Token => vec![("authorization", format!("Bearer {}", self.token))],
            Auth::ForgedToken => vec![("authorization", format!("Bearer {}", forged(&self.token)))],
            Auth::Webhook => {
                let (id, now) = (format!("demo-{}", hex::encode(random::<8>().unwrap_or_default())), unix_seconds());
                let signed = [format!("{id}.{now}.").as_bytes(), body].concat();
                let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.webhook_secret), &signed);
                vec![
                    ("webhook-id", id),
                    ("webhook-timestamp", now.to_string()),
                    ("webhook-signature", format!("v1,{}", STANDARD.encode(tag))),
                ]
            }
            Auth::EasyPost => {
                vec![(
                    "x-hmac-signature",
                    format!("hmac-sha256-hex={}", hex::encode(self.signature("easypost.hmac", &[body]))),
                )]
            }
            Auth::Shippo => {
                let before = format!("{}.", unix_seconds());
                let signature = hex::encode(self.signature("shippo.hmac", &[before.as_bytes(), body]));
                vec![("shippo-auth-signature", format!("t={}v1={signature}", before.replace('.', ",")))]
            }
            Auth::CustomsSaas => vec![("x-signature", hex::encode(self.signature("customs-saas.hmac", &[body])))],
            Auth::WooShop => {
                vec![("x-wc-webhook-signature", STANDARD.encode(self.signature("woo-shop.hmac", &[body])))]
            }
        }
    }

    /// The HMAC of a text under a shared secret.
    fn signature(&self, secret: &str, text: &[&[u8]]) -> hmac::Tag {
        let key = self.shared.get(secret).map(String::as_bytes).unwrap_or_default();
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &text.concat())
    }

    /// The same for a shell: what comes before `curl`, and its `-H` options.
    pub(crate) fn shell(&self, auth: Auth, payload: &str) -> (String, String) {
        let file = |name: &str| self.folder.join(name).display().to_string();
        match auth {
            Auth::None | Auth::ForgedToken => (String::new(), String::new()),
            Auth::ApiKey(partner) => {
                (String::new(), format!(" -H \"X-Api-Key: $(cat {})\"", file(&format!("{partner}.key"))))
            }
            Auth::Token => {
                (String::new(), format!(" -H \"Authorization: Bearer $(cat {})\"", file("ocean-carrier.token")))
            }
            Auth::Webhook => (
                format!(
                    "id=try-$RANDOM$RANDOM; at=$(date +%s); sig=$( (printf '%s.%s.' $id $at; cat {payload}) | \
                     openssl dgst -sha256 -mac HMAC -macopt hexkey:$(cat {}) -binary | base64)\n",
                    file("customs-broker.hmac-key.hex")
                ),
                " -H \"webhook-id: $id\" -H \"webhook-timestamp: $at\" -H \"webhook-signature: v1,$sig\"".to_owned(),
            ),
            Auth::EasyPost => (
                signed(&format!("cat {payload}"), &file("easypost.hmac")),
                " -H \"X-Hmac-Signature: hmac-sha256-hex=$sig\"".to_owned(),
            ),
            Auth::Shippo => (
                format!(
                    "at=$(date +%s); {}",
                    signed(&format!("(printf '%s.' $at; cat {payload})"), &file("shippo.hmac"))
                ),
                " -H \"Shippo-Auth-Signature: t=$at,v1=$sig\"".to_owned(),
            ),
            Auth::CustomsSaas => {
                (signed(&format!("cat {payload}"), &file("customs-saas.hmac")), " -H \"X-Signature: $sig\"".to_owned())
            }
            Auth::WooShop => (
                signed(&format!("cat {payload}"), &file("woo-shop.hmac")),
                " -H \"X-WC-Webhook-Signature: $(printf %s $sig | xxd -r -p | base64)\"".to_owned(),
            ),
        }
    }
}

/// What signs a text for a shell: its HMAC under the key in this file, in hexadecimal digits.
fn signed(text: &str, key: &str) -> String {
    format!("sig=$({text} | openssl dgst -sha256 -mac HMAC -macopt key:$(cat {key}) | sed 's/.* //')\n")
}

/// The secrets that the partners' policies name.
fn named(policies: &Path) -> Result<BTreeSet<String>, String> {
    let partners = policies.join("partners");
    let broken = |error: std::io::Error| format!("{}: {error}", partners.display());
    let mut named = BTreeSet::new();
    for entry in fs::read_dir(&partners).map_err(broken)? {
        let text = fs::read_to_string(entry.map_err(broken)?.path()).map_err(broken)?;
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        named.extend(
            lines
                .flat_map(|line| line.split("\"file:").skip(1))
                .filter_map(|rest| rest.split_once('"'))
                .map(|(name, _)| name.to_owned()),
        );
    }
    Ok(named)
}

/// A token signed with a fresh P-256 key (ES256), and the key set that verifies it.
fn token_and_key_set() -> Result<(String, String), String> {
    let broken = |_| "no key could be made".to_owned();
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(broken)?;
    let point = pair.public_key().as_ref();
    let jwks = json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "demo-1",
        "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..65]),
    }]});
    let now = unix_seconds();
    let header = json!({ "alg": "ES256", "typ": "JWT", "kid": "demo-1" });
    let claims = json!({
        "iss": "urn:demo:ocean-carrier", "aud": "urn:demo:portgate", "sub": "event-publisher",
        "iat": now, "nbf": now - 5, "exp": now + 12 * 3600,
    });
    let signed =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = pair.sign(&rand::SystemRandom::new(), signed.as_bytes()).map_err(broken)?;
    Ok((format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)), jwks.to_string()))
}

/// The token with other claims under the same signature, as a thief would try.
fn forged(token: &str) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    if let Some(claims) = parts.get_mut(1) {
        let now = unix_seconds();
        *claims = URL_SAFE_NO_PAD.encode(
            json!({
                "iss": "urn:demo:ocean-carrier", "aud": "urn:demo:portgate", "sub": "event-publisher",
                "iat": now, "nbf": now - 5, "exp": now + 20 * 3600,
            })
            .to_string(),
        );
    }
    parts.join(".")
}

fn random<const N: usize>() -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| "the system gives no random bytes".to_owned())?;
    Ok(bytes)
}

fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn write(folder: &Path, name: &str, content: &str) -> Result<(), String> {
    own::replace(&folder.join(name), content.as_bytes()).map_err(|error| error.to_string())
}
