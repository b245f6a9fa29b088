//! A partner's list of states beside ours.

use jiff::Timestamp;
use portgate_core::reconciliation::{KnownState, ListedState, StateDifference};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which part of what is known of a partner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = crate::without_null)]
pub struct StatesQuery {
    /// What was said or delivered from this time on; everything where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub since: Option<Timestamp>,
    /// Behind this place, as the part before had it in `next`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// A part of what is known of a partner. What it was told can be in several parts, the latest last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnownStates {
    /// What is known.
    pub items: Vec<KnownState>,
    /// Where it goes on; nothing where this is the last part.
    pub next: Option<String>,
}

/// Compares a partner's whole list with what is known here. A longer one is held against the parts of `GET /v1/reconciliations/{partner}`
/// by whoever has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = crate::without_null)]
pub struct Reconcile {
    /// The partner.
    pub partner: String,
    /// Its list.
    #[schemars(length(max = 10_000))]
    pub listed: Vec<ListedState>,
    /// The schemes of names that the list is to have, such as `mrn`; those that it has itself where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schemes: Option<Vec<String>>,
    /// Since when the list goes: what was said or delivered before is not missing in it. Everything where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub since: Option<Timestamp>,
}

/// What is different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reconciled {
    /// How many rows the list has.
    pub listed: u64,
    /// How many documents are known here that the partner sent or was sent.
    pub known: u64,
    /// The differences: what is missing there, what is missing here, what differs.
    pub differences: Vec<StateDifference>,
}
