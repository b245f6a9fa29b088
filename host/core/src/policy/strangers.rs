//! `[strangers]` of `gateway.toml`: what may be spent on callers who have not proven who they are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What all callers together may cost before they have proven who they are. Each network address has a share of it: when
/// there is no more, whoever has most of it gives something up for the next. An IPv6 address counts by its /64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Strangers {
    /// Requests that are waited for before their caller is proven: for the body that a webhook's signature covers, or for
    /// an issuer's keys.
    #[schemars(range(min = 1))]
    pub requests_max: u32,
    /// Bytes of their bodies in memory. At least one body of `caps.body_bytes_max` always fits.
    #[schemars(range(min = 1))]
    pub body_bytes_max: u64,
    /// From the end of the head to the end of such a body; `deadlines.body_ms` where that is less.
    #[schemars(range(min = 1))]
    pub body_ms: u64,
    /// A body slower than this, measured each second, is cut off; `deadlines.body_rate_bytes_per_second_min` where that
    /// is more.
    #[schemars(range(min = 1))]
    pub body_rate_bytes_per_second_min: u64,
    /// Bytes that are hashed in a second for signatures that turn out to be wrong.
    #[schemars(range(min = 1))]
    pub hashed_bytes_per_second_max: u64,
    /// Bytes that are hashed for one request: its body once for each secret that may have signed it. A body with which it
    /// would be more is refused, unless its sender says whose secret it is (`?from=PARTNER`). At least one body of
    /// `caps.body_bytes_max` can always be hashed once.
    #[schemars(range(min = 1))]
    pub hashed_bytes_per_request_max: u64,
}

impl Default for Strangers {
    fn default() -> Self {
        Strangers {
            requests_max: 256,
            body_bytes_max: 64 << 20,
            body_ms: 10_000,
            body_rate_bytes_per_second_min: 8_192,
            hashed_bytes_per_second_max: 128 << 20,
            hashed_bytes_per_request_max: 16 << 20,
        }
    }
}
