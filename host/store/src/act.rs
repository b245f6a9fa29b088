//! What operators do with deliveries and exchanges. Each act names its operator and the reason, and is kept.

use std::num::NonZeroU32;

use jiff::Timestamp;

use crate::delivery::{DeadClass, State};
use crate::id::{DeliveryId, ExchangeId};
use crate::resend::LeftOut;

/// Which deliveries are meant: those that fit all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only these deliveries; all, where it is `None`.
    pub ids: Option<Vec<DeliveryId>>,
    /// The partner that they go to.
    pub destination: Option<String>,
    /// Where they are.
    pub state: Option<State>,
    /// Whose fault it is. Without a state this means dead deliveries only, because a delivery that is tried again has a
    /// class too.
    pub class: Option<DeadClass>,
    /// The contract that they are rendered as.
    pub contract: Option<String>,
    /// The exchange that they came of.
    pub exchange: Option<ExchangeId>,
    /// The delivery under whose id they went out together.
    pub batch: Option<DeliveryId>,
    /// Accepted at this time or later.
    pub since: Option<Timestamp>,
    /// Accepted before this time.
    pub until: Option<Timestamp>,
}

/// Who does it, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The person.
    pub name: String,
    /// The reason.
    pub reason: String,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActKind {
    /// Dead deliveries are pending again, and deliveries that wait for their time are due: at most so many a second for
    /// each destination. Nothing else is touched, so neither what was delivered nor what was discarded comes back; and a dead one
    /// of a filing only where the filing lets it.
    Retry {
        /// The rate at which they become due.
        per_second: NonZeroU32,
    },
    /// Dead deliveries, and those that nobody works on at the moment, are given up.
    Discard,
}

impl ActKind {
    /// Its name, as it is written everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            ActKind::Retry { .. } => "retry",
            ActKind::Discard => "discard",
        }
    }
}

/// What an act on deliveries came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acted {
    /// How many were changed.
    pub changed: u64,
    /// Those of which it was meant and that are not tried again, and why.
    pub left_out: Vec<(DeliveryId, LeftOut)>,
}

/// One act, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// `retry` or `discard` of deliveries, `exchange-retry` or `exchange-discard`, or what else was done.
    pub kind: String,
    /// Who did it, and why.
    pub operator: Operator,
    /// When.
    pub at: Timestamp,
    /// The filter that says what was meant, as JSON.
    pub filter: String,
    /// How many it changed.
    pub count: u64,
}

/// How many deliveries of a destination are in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The partner that they go to.
    pub destination: String,
    /// Where they are.
    pub state: State,
    /// How many.
    pub count: u64,
    /// When the last of them came to its end, if they are at an end.
    pub last_settled_at: Option<Timestamp>,
}
