//! What the worker needs of the journal: deliveries to claim, and the ends of attempts to write down.
//!
//! A claim is a lease: whoever holds it works on the delivery, and when it runs out another may. So a settlement only
//! counts while its lease does, and a worker that was cut off cannot undo what another has done since.

use jiff::Timestamp;
use portgate_core::delivery::{Request, Response, Verdict};
use portgate_core::document::Document;
use portgate_core::finding::Finding;

use crate::BoxFuture;

/// The journal, as the worker sees it.
pub trait Queue: Send + Sync {
    /// The destinations that have something due now. Cheap, however much is waiting.
    fn destinations_due(&self, now: Timestamp) -> BoxFuture<'_, Result<Vec<String>, QueueError>>;

    /// Claims at most `limit` deliveries of one destination that are due, oldest first, for `lease_seconds`. Of those
    /// that share a lane only the oldest that is not settled.
    fn claim<'a>(
        &'a self,
        destination: &'a str,
        limit: u32,
        lease_seconds: u32,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Claimed>, QueueError>>;

    /// Prolongs a lease by `lease_seconds` from now.
    fn renew<'a>(
        &'a self,
        delivery: &'a Claimed,
        lease_seconds: u32,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), QueueError>>;

    /// Keeps what the plugin has rendered, before it is sent for the first time: every attempt sends these bytes.
    fn keep<'a>(&'a self, delivery: &'a Claimed, rendered: &'a Request) -> BoxFuture<'a, Result<(), QueueError>>;

    /// Writes down how an attempt ended, and with it, in the same transaction, what the partner's answer has yielded.
    fn settle<'a>(
        &'a self,
        delivery: &'a Claimed,
        settlement: &'a Settlement,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), QueueError>>;

    /// Ends when there may be something new to do; may end too often.
    fn changed(&self) -> BoxFuture<'_, ()>;
}

/// Why the journal did not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// The lease has run out, or somebody has settled or discarded the delivery meanwhile. Nothing was changed.
    #[error("the lease is lost")]
    LeaseLost,
    /// The journal cannot be used now.
    #[error("the journal: {0}")]
    Unavailable(String),
}

/// A delivery that was claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Its id: the same at every attempt, and what the partner is shown.
    pub id: String,
    /// What tells this claim from every other of the same delivery.
    pub lease: String,
    /// The partner that it goes to.
    pub destination: String,
    /// The contract that it is rendered as.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// What is to be rendered.
    pub documents: Vec<Document>,
    /// The W3C trace context of the exchange that it came from.
    pub traceparent: Option<String>,
    /// What is to be done.
    pub step: Step,
    /// Attempts at this step that have failed.
    pub failures: u32,
    /// Follow-ups that were asked, and answered.
    pub follow_ups: u32,
}

/// What is to be done for a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Render it, and send it for the first time.
    Render,
    /// Send what was rendered.
    Send(Request),
    /// Ask how it ended.
    FollowUp(Request),
}

/// The end of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The attempt itself.
    pub attempt: Attempt,
    /// What becomes of the delivery.
    pub end: End,
    /// What the partner's answer has yielded.
    pub yielded: Option<Yielded>,
}

/// One attempt, for whoever looks at the delivery later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// The status of the partner's answer.
    pub status: Option<u16>,
    /// What the plugin made of the answer.
    pub verdict: Option<Verdict>,
    /// What happened, in one sentence without secrets or payload.
    pub detail: String,
}

/// What becomes of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The partner has taken it.
    Delivered {
        /// What the plugin noticed in the answer.
        findings: Vec<Finding>,
    },
    /// The same again at this instant.
    Retry {
        /// When.
        at: Timestamp,
    },
    /// The partner will say later: this is to be asked.
    FollowUp {
        /// What to ask.
        request: Request,
        /// When.
        at: Timestamp,
    },
    /// A person must look.
    Dead {
        /// Who can do something about it.
        class: Class,
        /// Why; never empty.
        findings: Vec<Finding>,
    },
}

/// Who can do something about a delivery that is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The partner: it refuses, or is not there.
    Theirs,
    /// This gateway's own people: a plugin, a policy, a credential.
    Ours,
}

/// What a partner's answer has yielded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Yielded {
    /// The answer that it was read from.
    pub answer: Response,
    /// The documents, each held against its canonical schema.
    pub documents: Vec<Document>,
    /// What is to be delivered of them.
    pub onward: Vec<Onward>,
}

/// A delivery to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Onward {
    /// The partner that it goes to.
    pub to: String,
    /// The contract that it is rendered as.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// Which of the documents, counted from 0.
    pub documents: Vec<usize>,
    /// Deliveries to this partner with the same lane go out one after the other.
    pub lane: Option<String>,
}
