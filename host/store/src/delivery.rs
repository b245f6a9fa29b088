//! A delivery from its claim to its end: who may work on it, what there is to do, and how an attempt ended.

use std::time::Duration;

use jiff::Timestamp;
use portgate_core::audit::Entry;
use portgate_core::codes::AwaitedCodes;
use portgate_core::delivery::{Request, Transcript, Verdict};
use portgate_core::document::Document;
use portgate_core::finding::Finding;
pub use portgate_core::state::{DeadClass, DeliveryState as State, UnknownWord};

use crate::acceptance::{Acceptance, NewDelivery, Told};
use crate::agreement::Numbering;
use crate::batch::Batching;
use crate::event::NewEvent;
use crate::id::{ClaimId, DeliveryId, ExchangeId};

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
    /// How many at most. What goes together counts as one.
    pub limit: u32,
    /// What may go together.
    pub batching: Vec<Batching>,
}

/// The right to work on a delivery, until the lease ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// The delivery.
    pub delivery: DeliveryId,
    /// Which of the claims on it this is.
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
    /// What the exchange's partner calls the parts that it came of; empty where it came of the whole message.
    pub parts: Vec<String>,
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
    /// The delivery under whose id it goes out together with others: its own id, or that of another.
    pub batch: Option<DeliveryId>,
    /// Those that go with it, in the order in which they were accepted, all of them after it. The work to send or to ask is
    /// for all of them; of what is to be rendered each has its own.
    pub companions: Vec<ClaimedDelivery>,
}

impl ClaimedDelivery {
    /// The id that the partner knows it by.
    pub fn sent_as(&self) -> DeliveryId {
        self.batch.unwrap_or(self.claim.delivery)
    }

    /// It and what goes with it.
    pub fn all(&self) -> impl Iterator<Item = &ClaimedDelivery> {
        std::iter::once(self).chain(&self.companions)
    }

    /// The claims on all of them.
    pub fn claims(&self) -> Vec<Claim> {
        self.all().map(|claimed| claimed.claim).collect()
    }
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

/// What was rendered.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The right to the deliveries that it is for, with the number of documents of each, in their order.
    pub deliveries: Vec<(Claim, u32)>,
    /// What is sent.
    pub request: Request,
    /// The control numbers that it has.
    pub numbering: Option<Numbering>,
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The right to settle it.
    pub claim: Claim,
    /// Those that went with it: they end the same way, but for what was acknowledged meanwhile.
    pub companions: Vec<Companion>,
    /// When the attempt started.
    pub started_at: Timestamp,
    /// The time of the settlement, which ends the attempt.
    pub now: Timestamp,
    /// The HTTP status code of the partner's answer, where there was one.
    pub status: Option<u16>,
    /// What the plugin read from the answer, where it read one.
    pub verdict: Option<Verdict>,
    /// What of it the partner may have because of this attempt.
    pub reach: Reach,
    /// What was said in the attempt, as far as it is kept; nothing where nothing was sent.
    pub transcript: Option<Transcript>,
    /// What happened, in one sentence for a person.
    pub detail: String,
    /// What becomes of the delivery.
    pub settled: Settled,
    /// What the answer says by itself: an exchange with this delivery as its origin. Where its business key is known
    /// already it is left out, and the settlement stands.
    pub yielded: Option<Box<Acceptance>>,
    /// The events to be told.
    pub events: Vec<NewEvent>,
    /// The deliveries that must go out because of it, as part of the same exchange. None of them has a lane.
    pub deliveries: Vec<NewDelivery>,
    /// What the audit log is told of it.
    pub audit: Vec<Entry>,
}

/// What the partner may have of a delivery because of an attempt at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nothing: nothing has left, or what left was refused. So it is too where the partner was only asked.
    Nothing,
    /// All of it: something may have left, and nobody has refused that.
    Perhaps,
    /// Nothing more: asked how it ended, the partner says that it has refused what it was sent.
    Refused,
}

impl Reach {
    /// By how many sendings the partner may have a delivery after an attempt like this, if it was by so many before.
    pub(crate) fn after(self, before: u64) -> u64 {
        match self {
            Reach::Nothing => before,
            Reach::Perhaps => before.saturating_add(1),
            Reach::Refused => before.saturating_sub(1),
        }
    }
}

/// A delivery that went out together with another.
#[derive(Clone, Debug)]
pub struct Companion {
    /// The right to settle it.
    pub claim: Claim,
    /// What is told of it.
    pub told: Told,
}

/// What becomes of a delivery after an attempt.
#[derive(Clone, Debug)]
pub enum Settled {
    /// The partner has taken it.
    Delivered {
        /// What the plugin noticed in the answer.
        findings: Vec<Finding>,
    },
    /// The partner has it, and is to acknowledge it. Where it has done so already, that decides.
    Sent {
        /// What the plugin noticed in the answer.
        findings: Vec<Finding>,
        /// When the acknowledgement is overdue.
        acknowledge_by: Timestamp,
    },
    /// The same is done again: the request is sent, or the partner is asked, once more.
    Retry {
        /// Not before this time.
        at: Timestamp,
        /// Whose fault the repetition is.
        class: DeadClass,
    },
    /// The partner has it and is to be asked how it ended.
    Pending {
        /// The question.
        follow_up: Request,
        /// Not before this time.
        at: Timestamp,
    },
    /// It cannot be rendered before these codes are there, and waits for them.
    AwaitsCodes {
        /// The codes.
        awaits: AwaitedCodes,
        /// What the plugin says of them.
        findings: Vec<Finding>,
    },
    /// A person must look.
    Dead {
        /// Whose fault it is.
        class: DeadClass,
        /// What is wrong.
        findings: Vec<Finding>,
    },
}

/// A delivery whose acknowledgement has not come in time.
#[derive(Clone, Debug)]
pub struct Overdue {
    /// The delivery.
    pub delivery: DeliveryId,
    /// What is told of it.
    pub told: Told,
}
