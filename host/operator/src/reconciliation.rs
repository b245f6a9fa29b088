//! A partner's list of states beside ours.

use jiff::Timestamp;
use portgate_core::reconciliation::{ListedState, StateDifference};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Compares a partner's whole list with what is known here.
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
