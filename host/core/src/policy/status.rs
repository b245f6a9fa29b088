//! `[status]` of `gateway.toml`: from when on operators are told that something is not well.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// From when on `portgate status`, `/v1/status` and `/readyz?verbose` say that something is not well. It changes nothing of
/// what the gateway does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Status {
    /// Minutes after which a delivery that is due and that nobody works on is stalled; with 0 it is at once.
    #[schemars(range(max = 525_600))]
    pub stalled_minutes: u32,
    /// Days before its end from which on a certificate, or a signer of plugins, is said to end soon.
    #[schemars(range(max = 3_650))]
    pub certificate_days: u32,
}

impl Default for Status {
    fn default() -> Self {
        Status { stalled_minutes: 15, certificate_days: 30 }
    }
}
