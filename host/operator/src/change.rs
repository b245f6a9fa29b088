//! What waits for people under the two-person rule, and a person's approval of it.

use jiff::Timestamp;
use portgate_core::review::Change;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What waits, and what is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// What waits.
    pub items: Vec<PendingChange>,
    /// What is accepted; null where nothing was yet.
    pub accepted: Option<AcceptedState>,
    /// How many persons must approve a change.
    pub needed: usize,
}

/// A change that widens something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PendingChange {
    /// Which state it leads to; the change's name.
    pub digest: String,
    /// When a gateway first found it.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub first_seen: Timestamp,
    /// Everything that is different from what is accepted, what widens first.
    pub changes: Vec<Change>,
    /// The persons who approved it, in the order in which they did.
    pub approvals: Vec<Approval>,
}

/// What everything may do, as it was accepted last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AcceptedState {
    /// Its digest.
    pub digest: String,
    /// When it was accepted.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// Who approved it; nobody where it needed nobody.
    pub approvals: Vec<Approval>,
    /// Whether it asks for a second person.
    pub required: bool,
}

/// A person's word for a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Approval {
    /// The person, by the name of the operator's policy.
    pub operator: String,
    /// Why.
    pub reason: String,
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
}

/// A person's word for a change, as it is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// Why, in 3 to 500 characters; it is kept.
    pub reason: String,
}

/// What became of a person's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Approved {
    /// The change.
    pub digest: String,
    /// Whether it counts; not where the same person has approved it before.
    pub counted: bool,
    /// How many persons have approved it.
    pub approvals: usize,
    /// How many must.
    pub needed: usize,
    /// The same in a sentence.
    pub message: String,
}
