//! Messages that were refused after their sender was proven: kept as exchanges that nobody acknowledged, so that partner and
//! operator see what was wrong, and so that one that was refused by mistake can be run again.

use jiff::Timestamp;

use crate::acceptance::{Idempotency, KeptAnswer, NewDelivery, NewExchange, RequestKey};
use crate::agreement::Numbering;

/// A message that was refused.
#[derive(Clone, Debug)]
pub struct NewRefusal {
    /// The message. Its findings say what is wrong with it.
    pub exchange: NewExchange,
    /// Whether its payload was read; without it, it cannot be run again.
    pub has_payload: bool,
    /// The keys by which it would be recognised when it comes again. They are not kept as keys, since it may come
    /// again, but it can be found by them.
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
    /// It is not kept: even without its payload it is larger than what a partner may fill in a day.
    Not,
}

/// A refused message of which its partner is told in its own format.
#[derive(Clone, Debug)]
pub struct AnsweredRefusal {
    /// The message.
    pub refusal: NewRefusal,
    /// The control numbers of what the partner is told.
    pub numbering: Numbering,
    /// What tells it, where it is a message of its own.
    pub deliveries: Vec<NewDelivery>,
    /// What the message is known by when it comes again, with the answer that it gets then.
    pub idempotency: Idempotency,
}

/// How keeping such a message ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusalEnd {
    /// The control numbers are taken, and what there was room for is kept.
    Kept(KeptRefusal),
    /// It is known by one of its keys. Nothing was kept.
    Known(KeptAnswer),
    /// The agreement has used other control numbers meanwhile. Nothing was kept.
    Overtaken,
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
