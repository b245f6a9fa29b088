//! Plugins that are out for partners, and what is parked because of them.

use jiff::Timestamp;
use portgate_core::state::ExchangeState;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is in quarantine in the gateway that was asked, and what is parked in its journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quarantines {
    /// Plugins that have failed of late.
    pub items: Vec<Quarantine>,
    /// Exchanges with which something is still to be done.
    pub parked: Vec<ParkedCount>,
}

/// One build of a plugin that has failed of late on what one partner sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Quarantine {
    /// The plugin.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its component.
    pub sha256: String,
    /// The partner.
    pub partner: String,
    /// Whether it is called.
    pub state: QuarantineState,
    /// Since when it is not called as a matter of course.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub since: Option<Timestamp>,
    /// Until when it is not called.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub until: Option<Timestamp>,
    /// How often in a row it has failed when it was tried.
    pub relapses: u32,
    /// What it failed with last.
    pub last_failure: String,
}

/// Whether a plugin is called for a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum QuarantineState {
    /// It is called; failures are counted.
    Closed,
    /// It is not called.
    Open,
    /// One call finds out.
    HalfOpen,
}

/// How many exchanges of a contract of a partner are parked or have failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ParkedCount {
    /// The partner.
    pub partner: String,
    /// The contract's name.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// Parked or failed.
    pub state: ExchangeState,
    /// How many.
    pub count: u64,
    /// When the first of them was parked.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub oldest: Timestamp,
}

/// Has a plugin called for a partner again, as if it had never failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lift {
    /// The plugin.
    pub plugin: String,
    /// The partner.
    pub partner: String,
    /// Why, in 3 to 500 characters; it is kept.
    pub reason: String,
}
