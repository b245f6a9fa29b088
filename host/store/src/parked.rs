//! Exchanges that were acknowledged before they were decoded, because their plugin could not be called then: who may take
//! one up, and how that can end.
//!
//! They are taken up in their order: only one worker at a time has a claim on one partner's exchanges of the same
//! contracts. One that the plugin failed on goes behind those that it has not failed on, so that it is in nobody's way;
//! another build of the plugin begins with all of them in their order.

use std::time::Duration;

use jiff::Timestamp;
use portgate_core::document::Part;
use portgate_core::finding::Finding;
pub use portgate_core::state::ExchangeState;

use crate::acceptance::{Acceptance, Idempotency, PluginBuild, RequestKey, Told};
use crate::agreement::Numbering;
use crate::id::{ClaimId, ExchangeId};

/// One contract of one partner of which something can be taken up, or is being taken up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ParkedContract {
    /// The partner.
    pub partner: String,
    /// The contract's name.
    pub contract: String,
    /// The contract's version.
    pub version: String,
}

/// Asks for exchanges to take up.
#[derive(Clone, Debug)]
pub struct ParkedRequest {
    /// The partner that sent them.
    pub partner: String,
    /// The contracts, name and version of each, that the same plugin decodes.
    pub contracts: Vec<(String, String)>,
    /// The plugin's current build. An exchange that another build has failed on counts as new.
    pub build: [u8; 32],
    /// Who asks, for people to read.
    pub worker: String,
    /// The time.
    pub now: Timestamp,
    /// How long nobody else may have any of these.
    pub lease: Duration,
    /// How many at most.
    pub limit: u32,
}

/// The right to take an exchange up, until the lease ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ParkedClaim {
    /// The exchange.
    pub exchange: ExchangeId,
    /// Which claim on it.
    pub id: ClaimId,
}

/// An exchange to take up, as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedExchange {
    /// The right to it.
    pub claim: ParkedClaim,
    /// The partner that sent it.
    pub partner: String,
    /// The contract's name.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// The media type.
    pub content_type: String,
    /// The headers that the contract lists.
    pub headers: Vec<(String, String)>,
    /// When the host had read it.
    pub received_at: Timestamp,
    /// The request's identifier.
    pub request_id: String,
    /// The trace that it belongs to.
    pub trace: Option<String>,
    /// SHA-256 of the payload.
    pub sha256: [u8; 32],
    /// The payload.
    pub payload: Vec<u8>,
    /// How often the build of the request has failed on it.
    pub failures: u32,
    /// It was refused when it came and is run again, so nobody has acknowledged it and nothing of it was checked.
    pub was_refused: bool,
}

/// How an exchange was taken up.
#[derive(Clone, Debug)]
pub struct ParkedSettlement {
    /// The right to settle it.
    pub claim: ParkedClaim,
    /// The time.
    pub now: Timestamp,
    /// What becomes of it.
    pub settled: TakenUp,
}

/// What becomes of an exchange that was taken up.
#[derive(Clone, Debug)]
pub enum TakenUp {
    /// It is an exchange like any other: plugin and findings, documents, deliveries, business key and events are kept as
    /// this says. The rest is there already, and so is the answer to its `Idempotency-Key`; what this says of keys is kept
    /// beside that.
    Accepted(Box<Acceptance>),
    /// It ends without documents.
    Rejected(Box<Rejected>),
    /// It stays parked.
    Again {
        /// Not before this time.
        at: Timestamp,
        /// The failure, if it was given to the plugin.
        failure: Option<Failure>,
    },
    /// It waits for a person.
    Failed {
        /// The last failure.
        failure: Failure,
        /// What is told.
        told: Told,
    },
}

/// What is kept of an exchange that was taken up and refused.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// The partner that sent it.
    pub partner: String,
    /// The plugin build that it was given to.
    pub plugin: PluginBuild,
    /// Why, for the partner.
    pub findings: Vec<Finding>,
    /// The parts that it was read in.
    pub parts: Vec<Part>,
    /// What is told.
    pub told: Told,
    /// The control numbers under which its sender is told in its own format.
    pub numbering: Option<Numbering>,
    /// What its sender is told that way when it asks, or sends it again.
    pub idempotency: Option<Idempotency>,
    /// What it was known by until now and another may be from now on.
    pub freed: Option<RequestKey>,
}

/// A plugin's failure on a parked exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which build it was.
    pub build: [u8; 32],
    /// What happened, in one sentence for a person.
    pub detail: String,
}

/// What is kept of an exchange that was acknowledged before it was decoded, until it is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// When it was parked.
    pub parked_at: Timestamp,
    /// How often one build of its plugin has failed on it.
    pub failures: u32,
    /// Which one.
    pub failed_build: Option<[u8; 32]>,
    /// What happened last; empty where nothing has.
    pub detail: String,
    /// When it can be taken up, while it is parked.
    pub due_at: Option<Timestamp>,
}

/// How many exchanges of a contract of a partner are in a state in which something is still to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedCount {
    /// The partner.
    pub partner: String,
    /// The contract's name.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// Parked or failed.
    pub state: ExchangeState,
    /// How many.
    pub count: u64,
    /// When the first of them was parked.
    pub oldest: Timestamp,
}

/// What operators do with exchanges that have failed or were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangeAct {
    /// They are parked again, as if nobody had failed on them.
    Retry,
    /// They are given up.
    Discard,
    /// Those that were refused or rejected are parked, so that they are checked and decoded by what there is now. What has no
    /// payload any more stays as it is.
    Rerun,
}

impl ExchangeAct {
    /// Its name, as it is kept.
    pub fn as_str(self) -> &'static str {
        match self {
            ExchangeAct::Retry => "exchange-retry",
            ExchangeAct::Discard => "exchange-discard",
            ExchangeAct::Rerun => "exchange-rerun",
        }
    }
}
