//! What operators did: each act has a name and a reason.

use std::num::NonZeroU32;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::again::LeftOutDelivery;

/// Deliveries that become due in a second, for each destination, after a retry that does not say how many.
pub const DELIVERIES_PER_SECOND: NonZeroU32 = NonZeroU32::new(50).unwrap();

/// One act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Act {
    /// `retry`, `resend` or `discard` of deliveries, `exchange-retry`, `exchange-rerun` or `exchange-discard`, `quarantine-lift`,
    /// or what else was done.
    pub kind: String,
    /// Who did it.
    pub operator: String,
    /// Why.
    pub reason: String,
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// What was meant.
    pub filter: Value,
    /// How many it changed.
    pub count: u64,
}

/// What an act on deliveries has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActedOnDeliveries {
    /// How many.
    pub changed: u64,
    /// Those that are not tried again, such as dead ones of filings on which something else would be declared now.
    #[serde(default)]
    pub left_out: Vec<LeftOutDelivery>,
}

/// How many an act has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    /// How many.
    pub changed: u64,
}
