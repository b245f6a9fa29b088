//! A delivery from its claim to its end: who may work on it, what there is to do, and how an attempt ended.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use portgate_core::audit::Entry;
use portgate_core::delivery::{Request, Verdict};
use portgate_core::document::Document;
use portgate_core::finding::Finding;

use crate::acceptance::{Acceptance, NewDelivery};
use crate::event::NewEvent;
use crate::id::{ClaimId, DeliveryId, ExchangeId};

/// Where a delivery is; always in exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// To be sent.
    Pending,
    /// Sent; the partner is to be asked how it ended.
    Awaiting,
    /// The partner has taken it.
    Delivered,
    /// It did not work; a person must look.
    Dead,
    /// A person has given it up.
    Discarded,
}

impl State {
    /// All of them.
    pub const ALL: [State; 5] = [State::Pending, State::Awaiting, State::Delivered, State::Dead, State::Discarded];

    /// As it is written everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Awaiting => "awaiting",
            State::Delivered => "delivered",
            State::Dead => "dead",
            State::Discarded => "discarded",
        }
    }
}

/// Whose fault a dead letter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeadClass {
    /// The partner's: it refused, or was not to be reached for too long.
    Theirs,
    /// Ours: a plugin or a policy.
    Ours,
}

impl DeadClass {
    /// Both.
    pub const ALL: [DeadClass; 2] = [DeadClass::Theirs, DeadClass::Ours];

    /// As it is written everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            DeadClass::Theirs => "theirs",
            DeadClass::Ours => "ours",
        }
    }
}

/// A word that names none of the cases.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of the known words")]
pub struct UnknownWord(pub String);

macro_rules! word {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                let found = $name::ALL.into_iter().find(|case| case.as_str() == text);
                found.ok_or_else(|| UnknownWord(text.to_owned()))
            }
        }
    };
}

word!(State);
word!(DeadClass);

/// Asks for work.
#[derive(Clone, Debug)]
pub struct ClaimRequest {
    /// The partner that the work is for.
    pub destination: String,
    /// Who asks, for people to read.
    pub worker: String,
    /// The time.
    pub now: Timestamp,
    /// How long nobody else may have it.
    pub lease: Duration,
    /// How many at most.
    pub limit: u32,
}

/// The right to work on a delivery, until the lease ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// The delivery.
    pub delivery: DeliveryId,
    /// Which claim on it.
    pub id: ClaimId,
}

/// A delivery to work on.
#[derive(Clone, Debug)]
pub struct ClaimedDelivery {
    /// The right to it.
    pub claim: Claim,
    /// The exchange that it came of.
    pub exchange: ExchangeId,
    /// The partner whose exchange that is.
    pub partner: String,
    /// The trace that the exchange belongs to.
    pub trace: Option<String>,
    /// The partner that it goes to.
    pub destination: String,
    /// The contract that it is rendered as.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// The lane that it holds.
    pub lane: Option<String>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// The number of this attempt, from 1, over its whole life.
    pub attempt: u32,
    /// Attempts in a row before this one that ended in [`Settled::Retry`], since it was accepted, since an operator had
    /// it tried again, or since the partner last said to ask later. The schedule counts by this.
    pub tries: u32,
    /// How often the partner was asked how it ended, since it was sent.
    pub follow_ups: u32,
    /// What there is to do.
    pub work: Work,
}

/// What there is to do for a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// To render these documents, keep the request with `render`, and send it.
    Render(Vec<Document>),
    /// To send this, as it is.
    Send(Request),
    /// To ask with this how it ended.
    Ask(Request),
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The right to settle it.
    pub claim: Claim,
    /// When the attempt started.
    pub started_at: Timestamp,
    /// The time of the settlement, which ends the attempt.
    pub now: Timestamp,
    /// The HTTP status code of the partner's answer, where there was one.
    pub status: Option<u16>,
    /// What the plugin read from the answer, where it read one.
    pub verdict: Option<Verdict>,
    /// What happened, in one sentence for a person.
    pub detail: String,
    /// What becomes of the delivery.
    pub settled: Settled,
    /// What the answer says by itself: an exchange with this delivery as its origin. Where its business key is known
    /// already it is left out, and the settlement stands.
    pub yielded: Option<Box<Acceptance>>,
    /// What is to be told.
    pub events: Vec<NewEvent>,
    /// What must go out because of it, as part of the same exchange. None has a lane.
    pub deliveries: Vec<NewDelivery>,
    /// What the audit log is told of it.
    pub audit: Vec<Entry>,
}

/// What becomes of a delivery after an attempt.
#[derive(Clone, Debug)]
pub enum Settled {
    /// The partner has taken it.
    Delivered {
        /// What the plugin noticed in the answer.
        findings: Vec<Finding>,
    },
    /// The same again: the request is sent, or the partner asked, once more.
    Retry {
        /// Not before this time.
        at: Timestamp,
    },
    /// The partner has it and is to be asked how it ended.
    Pending {
        /// The question.
        follow_up: Request,
        /// Not before this time.
        at: Timestamp,
    },
    /// A person must look.
    Dead {
        /// Whose fault it is.
        class: DeadClass,
        /// What is wrong.
        findings: Vec<Finding>,
    },
}
