//! What is accepted under the two-person rule, what waits for people, and who approved it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Everything that the configuration allows, as it was accepted last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedState {
    /// The digest of the surface.
    pub digest: [u8; 32],
    /// Whether it asks for a second person, so that the next is measured by it.
    pub required: bool,
    /// What it was made from, as JSON.
    pub state: String,
    /// Who approved it; empty where it needed no approval.
    pub approvals: Vec<Approval>,
    /// When it was accepted.
    pub at: Timestamp,
}

/// A person's approval of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The person, by the name of the operator's policy.
    pub operator: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// A change that widens something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingChange {
    /// The digest of the surface that it leads to.
    pub digest: [u8; 32],
    /// What is different from what is accepted, as JSON.
    pub changes: String,
    /// When a gateway first found it.
    pub first_seen: Timestamp,
    /// The persons who approved it, in the order in which they did.
    pub approvals: Vec<Approval>,
}

/// What became of a person's approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Approved {
    /// It counts; this many have approved it now.
    Counts(usize),
    /// The same person had approved it before, and a person counts once; this many persons have approved it.
    Again(usize),
    /// No such change waits.
    Unknown,
}
