//! `[webhook]` of `partners/<name>.toml`: where a partner is told of what concerns it (Standard Webhooks).

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Breaker, Credential, DeliveryLimits, DeliveryPolicy, Retry};

/// Where a partner is told of its events, each as one signed POST of a CloudEvent. Each is kept and tried again like a
/// delivery, under the destination `<partner>/webhook`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Where events are sent to, without a query, such as `https://example.com/hooks/portgate`.
    pub url: String,
    /// The types of events that are sent, such as `portgate.document.milestone`; `*` at the end stands for any rest.
    #[serde(default = "every_type")]
    #[schemars(length(min = 1))]
    pub events: BTreeSet<String>,
    /// What events are signed with: `file:NAME` or `env:NAME`; the content is `whsec_` and base64 of at least 24 bytes.
    pub secret: String,
    /// The secret before this one. While it is named, events are signed with both, so that the receiver can change over.
    #[serde(default)]
    pub previous_secret: Option<String>,
    /// `false` holds its events back: they wait, and go out at its rate when this is `true` again.
    #[serde(default = "enabled")]
    pub enabled: bool,
    /// Whether its host may be on this machine or in a private network; `http` is only spoken there.
    #[serde(default)]
    pub private_addresses: bool,
    /// A PEM file of authorities, `file:NAME`, that are trusted instead of the system's.
    #[serde(default)]
    pub ca: Option<String>,
    /// What one request, and all together, may take.
    pub limits: WebhookLimits,
    /// When an event is sent again.
    #[serde(default)]
    pub retry: Retry,
    /// When a receiver that fails is left alone.
    #[serde(default)]
    pub breaker: Breaker,
}

fn every_type() -> BTreeSet<String> {
    ["*".to_owned()].into()
}

fn enabled() -> bool {
    true
}

/// What one request to a webhook, and all together, may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookLimits {
    /// To look the host up, connect and agree on TLS, in milliseconds.
    #[schemars(range(min = 1))]
    pub connect_timeout_ms: u64,
    /// For the whole request until its answer is read, in milliseconds.
    #[schemars(range(min = 1))]
    pub timeout_ms: u64,
    /// Requests going on at the same time.
    #[schemars(range(min = 1))]
    pub in_flight_max: u32,
    /// Sustained rate.
    #[schemars(range(min = 1))]
    pub requests_per_second: u32,
    /// How many may go out at once.
    #[schemars(range(min = 1))]
    pub burst: u32,
}

/// The largest answer of a receiver, in bytes; only its status means anything.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// What stands behind a partner's name in the destination of its webhook. No partner's name can hold the slash.
const SUFFIX: &str = "/webhook";

impl Webhook {
    /// The destination of a partner's webhook.
    pub fn destination(partner: &str) -> String {
        format!("{partner}{SUFFIX}")
    }

    /// Whether a destination is a webhook.
    pub fn is(destination: &str) -> bool {
        destination.ends_with(SUFFIX)
    }

    /// Whether events of this type are sent.
    pub fn wants(&self, kind: &str) -> bool {
        self.events.iter().any(|wanted| match wanted.strip_suffix('*') {
            Some(start) => kind.starts_with(start),
            None => kind == wanted,
        })
    }

    /// How the receiver is reached. It has no plugin.
    pub fn delivery(&self) -> DeliveryPolicy {
        let WebhookLimits { connect_timeout_ms, timeout_ms, in_flight_max, requests_per_second, burst } = self.limits;
        DeliveryPolicy {
            plugin: String::new(),
            base_url: self.url.clone(),
            enabled: self.enabled,
            test: false,
            credential: Some(Credential::Hmac {
                secret: self.secret.clone(),
                previous_secret: self.previous_secret.clone(),
            }),
            private_addresses: self.private_addresses,
            ca: self.ca.clone(),
            response_headers: BTreeSet::new(),
            limits: DeliveryLimits {
                connect_timeout_ms,
                timeout_ms,
                response_bytes_max: ANSWER_BYTES_MAX,
                in_flight_max,
                requests_per_second,
                burst,
                follow_ups_max: 1,
            },
            retry: self.retry.clone(),
            breaker: self.breaker.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_in_full_or_by_their_beginning() {
        let webhook = |events: &[&str]| -> Webhook {
            serde_json::from_value(serde_json::json!({
                "url": "https://example.com", "secret": "file:s", "events": events,
                "limits": { "connect_timeout_ms": 1, "timeout_ms": 1, "in_flight_max": 1, "requests_per_second": 1,
                    "burst": 1 },
            }))
            .expect("a webhook")
        };
        let some = webhook(&["portgate.document.*", "portgate.delivery.dead"]);
        for (kind, wanted) in [
            ("portgate.document.milestone", true),
            ("portgate.delivery.dead", true),
            ("portgate.delivery.deadly", false),
            ("portgate.exchange.accepted", false),
        ] {
            assert_eq!(some.wants(kind), wanted, "{kind}");
        }
        assert!(webhook(&["*"]).wants("anything"));
    }
}
