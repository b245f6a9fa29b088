//! `[delivery]` of `partners/<name>.toml`: how a partner is reached, with which credential, how often and how patiently.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a partner is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryPolicy {
    /// The plugin that renders what goes to this partner and reads its answers.
    pub plugin: String,
    /// Where its API is; one of the plugin's `egress.base_urls`.
    pub base_url: String,
    /// `false` holds its deliveries back: they wait, and go out at its rate when this is `true` again.
    #[serde(default = "enabled")]
    pub enabled: bool,
    /// Whether it is a test destination: documents of tests go to test destinations alone, all others to the others.
    #[serde(default)]
    pub test: bool,
    /// How the gateway proves to the partner who it is. The plugin never sees it.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// Whether its host may be on this machine or in a private network; `http` is only spoken there.
    #[serde(default)]
    pub private_addresses: bool,
    /// A PEM file of authorities, `file:NAME`, that are trusted instead of the system's.
    #[serde(default)]
    pub ca: Option<String>,
    /// Headers of its answers that the plugin is shown besides those of [`RESPONSE_HEADERS`], lower case.
    #[serde(default)]
    pub response_headers: BTreeSet<String>,
    /// What one request, and all together, may take.
    pub limits: DeliveryLimits,
    /// When a delivery is tried again.
    #[serde(default)]
    pub retry: Retry,
    /// When a partner that fails is left alone.
    #[serde(default)]
    pub breaker: Breaker,
}

fn enabled() -> bool {
    true
}

/// Headers of a partner's answer that every plugin is shown: none carries a credential or a session.
pub const RESPONSE_HEADERS: [&str; 10] = [
    "content-language",
    "content-type",
    "date",
    "etag",
    "last-modified",
    "location",
    "request-id",
    "retry-after",
    "x-correlation-id",
    "x-request-id",
];

/// Headers of a partner's answer that are kept with their values for operators to see, besides those that the plugin is shown.
/// Of all others only the names are kept, since their values may be anything.
pub const KEPT_HEADERS: [&str; 18] = [
    "accept",
    "accept-post",
    "age",
    "allow",
    "cache-control",
    "content-encoding",
    "content-length",
    "deprecation",
    "ratelimit",
    "ratelimit-policy",
    "server",
    "sunset",
    "transfer-encoding",
    "vary",
    "via",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
];

/// What one request to a partner, and all together, may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryLimits {
    /// To look the host up, connect and agree on TLS, in milliseconds.
    #[schemars(range(min = 1))]
    pub connect_timeout_ms: u64,
    /// For the whole request until its answer is read, in milliseconds.
    #[schemars(range(min = 1))]
    pub timeout_ms: u64,
    /// An answer's body, in bytes.
    #[schemars(range(min = 1))]
    pub response_bytes_max: u64,
    /// Requests going on at the same time.
    #[schemars(range(min = 1))]
    pub in_flight_max: u32,
    /// Sustained rate.
    #[schemars(range(min = 1))]
    pub requests_per_second: u32,
    /// How many may go out at once.
    #[schemars(range(min = 1))]
    pub burst: u32,
    /// How often a pending delivery is asked about before a person must look.
    #[schemars(range(min = 1))]
    pub follow_ups_max: u32,
}

/// When a delivery is tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Retry {
    /// The longest wait before each further attempt, in seconds; the wait itself is drawn between 0 and this (full
    /// jitter). One attempt more than there are elements is made. As it is: eleven, over about three days.
    #[schemars(length(min = 1, max = 100), inner(range(min = 1, max = 2_592_000)))]
    pub delays_seconds: Vec<u32>,
    /// The longest wait that a partner can ask for with `Retry-After`, in seconds.
    #[schemars(range(min = 1, max = 2_592_000))]
    pub retry_after_seconds_max: u32,
}

impl Default for Retry {
    fn default() -> Self {
        const HOUR: u32 = 3600;
        Retry {
            delays_seconds: vec![10, 60, 600, HOUR, 4 * HOUR, 10 * HOUR, 20 * HOUR, 28 * HOUR, 36 * HOUR, 44 * HOUR],
            retry_after_seconds_max: 24 * HOUR,
        }
    }
}

/// When a partner that fails is left alone: after so many failures in a row nothing is sent for a while, then a few
/// requests find out whether it is back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Breaker {
    /// Failures in a row that open the breaker.
    #[schemars(range(min = 1))]
    pub failures: u32,
    /// How long nothing is sent, in seconds.
    #[schemars(range(min = 1, max = 86_400))]
    pub open_seconds: u32,
    /// Requests that are let through afterwards; when all succeed the breaker closes, when one fails it opens again.
    #[schemars(range(min = 1))]
    pub half_open_probes: u32,
}

impl Default for Breaker {
    fn default() -> Self {
        Breaker { failures: 5, open_seconds: 30, half_open_probes: 1 }
    }
}

/// How the gateway proves to a partner who it is. Secrets are named, never written: `file:NAME` in the secrets folder,
/// or `env:NAME`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Credential {
    /// A header with a fixed value, such as `authorization` with `Bearer …`.
    Header {
        /// The header's name, lower case.
        name: String,
        /// Its value: `file:NAME` or `env:NAME`.
        value: String,
    },
    /// `Authorization: Basic …` (RFC 7617).
    Basic {
        /// The user's name, without a colon.
        user: String,
        /// The password: `file:NAME` or `env:NAME`.
        password: String,
    },
    /// An API key in a header of its own.
    ApiKey {
        /// The header's name, lower case.
        #[serde(default = "api_key_header")]
        header: String,
        /// The key: `file:NAME` or `env:NAME`.
        value: String,
    },
    /// `Authorization: Bearer …` with a token by client credentials (RFC 6749 §4.4), kept until shortly before it ends.
    Oauth2 {
        /// Where tokens are given out; `https`, or `http` in a private network.
        token_url: String,
        /// The client's identifier.
        client_id: String,
        /// The client's secret: `file:NAME` or `env:NAME`.
        client_secret: String,
        /// The scope to ask for.
        #[serde(default)]
        scope: Option<String>,
        /// The audience to ask for, where the token's issuer wants one.
        #[serde(default)]
        audience: Option<String>,
    },
    /// `webhook-id`, `webhook-timestamp`, `webhook-signature` (Standard Webhooks, HMAC-SHA256).
    Hmac {
        /// The secret: `file:NAME` or `env:NAME`; the content is `whsec_` and base64 of at least 24 bytes.
        secret: String,
        /// The secret before this one. While it is named, messages are signed with both, so that the partner can change
        /// over.
        #[serde(default)]
        previous_secret: Option<String>,
    },
    /// A client certificate in the TLS handshake.
    ClientCertificate {
        /// The PEM file with the certificate chain: `file:NAME` or `env:NAME`.
        certificate: String,
        /// The PEM file with the private key: `file:NAME` or `env:NAME`.
        key: String,
    },
}

impl Credential {
    /// Which kind it is, as it is written in policies.
    pub fn kind(&self) -> &'static str {
        match self {
            Credential::Header { .. } => "header",
            Credential::Basic { .. } => "basic",
            Credential::ApiKey { .. } => "api-key",
            Credential::Oauth2 { .. } => "oauth2",
            Credential::Hmac { .. } => "hmac",
            Credential::ClientCertificate { .. } => "client-certificate",
        }
    }

    /// The secrets that it names, each with its key in the policy.
    pub fn secrets(&self) -> Vec<(&'static str, &str)> {
        match self {
            Credential::Header { value, .. } | Credential::ApiKey { value, .. } => vec![("value", value)],
            Credential::Basic { password, .. } => vec![("password", password)],
            Credential::Oauth2 { client_secret, .. } => vec![("client_secret", client_secret)],
            Credential::Hmac { secret, previous_secret } => {
                let previous = previous_secret.iter().map(|previous| ("previous_secret", previous.as_str()));
                [("secret", secret.as_str())].into_iter().chain(previous).collect()
            }
            Credential::ClientCertificate { certificate, key } => vec![("certificate", certificate), ("key", key)],
        }
    }

    /// Where its tokens are given out, where it needs some.
    pub fn token_url(&self) -> Option<&str> {
        match self {
            Credential::Oauth2 { token_url, .. } => Some(token_url),
            _ => None,
        }
    }
}

fn api_key_header() -> String {
    "x-api-key".to_owned()
}
