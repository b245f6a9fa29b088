//! Messages that were refused after their sender was proven: kept as exchanges that nobody acknowledged, so that partner and
//! operator see what was wrong, and so that one that was refused by mistake can be run again.

use jiff::Timestamp;

use crate::acceptance::{NewExchange, RequestKey};

/// A message that was refused.
#[derive(Clone, Debug)]
pub struct NewRefusal {
    /// The message. Its findings say what is wrong with it.
    pub exchange: NewExchange,
    /// Whether its payload was read; without it, it cannot be run again.
    pub has_payload: bool,
    /// What it would have been known by when it comes again. It is not kept, since it may come again; it can be found by it.
    pub known_by: Vec<RequestKey>,
    /// The HTTP status code of the answer.
    pub status: u16,
    /// The problem's type, such as `contract-violation`.
    pub problem: String,
    /// The problem's sentence.
    pub detail: String,
    /// The time of the refusal.
    pub now: Timestamp,
}

/// What became of a refused message that was to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptRefusal {
    /// It is kept with its payload, if it had one.
    Whole,
    /// It is kept without its payload, which is larger than what a partner may fill in a day.
    WithoutPayload,
    /// It is not kept: a partner may fill less in a day than it takes without its payload.
    Not,
}

/// Why an exchange was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The HTTP status code of the answer.
    pub status: u16,
    /// The problem's type, such as `contract-violation`.
    pub problem: String,
    /// The problem's sentence.
    pub detail: String,
}
