//! What is read back: exchanges, their documents, their deliveries with every attempt.

use jiff::Timestamp;
use portgate_core::agreement::ControlNumbers;
use portgate_core::delivery::{Request, Transcript};
use portgate_core::document::{Part, Reference};
use portgate_core::finding::Finding;
use portgate_core::state::Acknowledged;

use crate::acceptance::PluginBuild;
use crate::delivery::{DeadClass, State};
use crate::id::{DeliveryId, ExchangeId};
use crate::parked::{ExchangeState, Parked};
use crate::refused::Refused;
use crate::rerun::RerunRecord;

/// One inbound payload, without its bytes. Times are exact to the microsecond.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Its name.
    pub id: ExchangeId,
    /// The partner that sent it, or the partner that tests.
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
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// The request's identifier.
    pub request_id: String,
    /// The trace that it belongs to.
    pub trace: Option<String>,
    /// The plugin build that decoded it.
    pub plugin: PluginBuild,
    /// SHA-256 of the payload.
    pub sha256: [u8; 32],
    /// What the plugin noticed.
    pub findings: Vec<Finding>,
    /// The parts that it was taken in; empty where it was taken as a whole.
    pub parts: Vec<Part>,
    /// The delivery whose answer it is, where no partner sent it by itself.
    pub origin: Option<DeliveryId>,
    /// The key that the business gave it.
    pub business_key: Option<String>,
    /// When payload and documents were removed, if they were.
    pub redacted_at: Option<Timestamp>,
    /// Where it is.
    pub state: ExchangeState,
    /// Whether some of it waits for a code.
    pub awaits_code: bool,
}

/// A part of a list, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Whether the list goes on behind the last of them.
    pub more: bool,
}

impl<T> Page<T> {
    /// Makes a page of items that were read with one more than the limit, which shows whether the list goes on.
    pub(crate) fn cut(mut items: Vec<T>, limit: u32) -> Self {
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        Page { items, more }
    }
}

/// An exchange in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedExchange {
    /// The exchange.
    pub exchange: Exchange,
    /// Kind and key of each of its documents, in the plugin's order.
    pub documents: Vec<(String, String)>,
    /// Why it is not accepted, in one sentence, where that is known.
    pub reason: Option<String>,
}

/// An exchange with all that came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeRecord {
    /// The exchange.
    pub exchange: Exchange,
    /// Its documents in the plugin's order; behind them the new documents of each time that it was mapped again.
    pub documents: Vec<KeptDocument>,
    /// What goes out because of it, in the order of the acceptance.
    pub deliveries: Vec<Delivery>,
    /// What else is known of it, as long as it is not accepted.
    pub parked: Option<Parked>,
    /// Why it was refused when it came, if it was refused and has not been accepted since.
    pub refused: Option<Refused>,
    /// The times that it was mapped again.
    pub reruns: Vec<RerunRecord>,
}

/// A document as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDocument {
    /// Its kind.
    pub kind: String,
    /// What identifies it among those of its kind.
    pub key: String,
    /// What it refers to.
    pub refs: Vec<Reference>,
    /// SHA-256 of the body; it outlives the body.
    pub sha256: [u8; 32],
    /// The document as JSON; `None` when it was redacted.
    pub body: Option<Vec<u8>>,
    /// The number of the part that it is of, from 0; `None` where it is of the whole message, or counts no more.
    pub part: Option<u32>,
    /// The number of the rerun since which the document counts no more, from 1.
    pub superseded_by: Option<u32>,
}

/// A delivery as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its name.
    pub id: DeliveryId,
    /// The exchange that it came of.
    pub exchange: ExchangeId,
    /// The partner that it goes to.
    pub destination: String,
    /// The contract that it is rendered as.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// Which of the exchange's documents, counted from 0.
    pub documents: Vec<u32>,
    /// What the exchange's partner calls the parts that it came of; empty where it came of the whole message.
    pub parts: Vec<String>,
    /// Its lane.
    pub lane: Option<String>,
    /// Where it is.
    pub state: State,
    /// What the partner makes of it, where it has acknowledged it.
    pub acknowledged: Option<Acknowledged>,
    /// The exchange that the acknowledgement came in.
    pub acknowledged_in: Option<ExchangeId>,
    /// By when it is to be acknowledged, where that was agreed.
    pub acknowledge_by: Option<Timestamp>,
    /// The control numbers that it was written under, where it was.
    pub numbers: Option<ControlNumbers>,
    /// Whose fault it is that it is dead, or that it is tried again.
    pub class: Option<DeadClass>,
    /// What is wrong with it, or was noticed.
    pub findings: Vec<Finding>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it is to be worked on next, while it is not settled.
    pub due_at: Timestamp,
    /// Whether one before it in its lane is not settled.
    pub waits_in_lane: bool,
    /// Who works on it.
    pub worker: Option<String>,
    /// When it came to its end.
    pub settled_at: Option<Timestamp>,
    /// The delivery that this one was made after, or whose place it takes.
    pub succeeds: Option<DeliveryId>,
    /// The last delivery that was made after this one, or in its place.
    pub succeeded_by: Option<DeliveryId>,
    /// The delivery under whose id it went out together with others.
    pub batch: Option<DeliveryId>,
    /// How many attempts there were.
    pub attempted: u32,
    /// Every attempt, the first one first. Lists of deliveries have the last one alone.
    pub attempts: Vec<Attempt>,
}

/// A delivery with what was sent, and what was said in each attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// The delivery, with every attempt.
    pub delivery: Delivery,
    /// What is sent, the same at each attempt. Nothing until it is rendered, and nothing once retention has removed it.
    pub request: Option<Request>,
    /// What the partner is asked with, where it is to say later what became of it.
    pub question: Option<Request>,
    /// When payload, documents and what was sent were removed, if they were.
    pub redacted_at: Option<Timestamp>,
}

/// One attempt at a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its number, from 1.
    pub number: u32,
    /// When it started.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// The HTTP status code of the answer, if one came.
    pub status: Option<u16>,
    /// What the plugin read from the answer: `accepted`, `rejected`, `retry`, `pending`.
    pub verdict: Option<String>,
    /// What happened.
    pub detail: String,
    /// What was said in it, as much as is kept of that; nothing where deliveries are listed.
    pub transcript: Option<Transcript>,
}

/// A payload as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    /// The media type.
    pub content_type: String,
    /// SHA-256 of the payload.
    pub sha256: [u8; 32],
    /// The bytes; `None` when they were redacted.
    pub payload: Option<Vec<u8>>,
}

/// Which exchanges are meant: those that fit all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExchangeFilter {
    /// These alone; all, where it is `None`.
    pub ids: Option<Vec<ExchangeId>>,
    /// Where they are.
    pub state: Option<ExchangeState>,
    /// Whether some of them waits for a code; either, where it is `None`.
    pub awaits_code: Option<bool>,
    /// The partner that sent them.
    pub partner: Option<String>,
    /// Whether they are tests; either, where it is `None`.
    pub test: Option<bool>,
    /// The contract's name.
    pub contract: Option<String>,
    /// The contract's version.
    pub version: Option<String>,
    /// The name of the plugin that decoded them.
    pub plugin: Option<String>,
    /// Accepted at this time or later, by the time in their identifiers.
    pub since: Option<Timestamp>,
    /// Accepted before this time.
    pub until: Option<Timestamp>,
}

/// How much waits, for one destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The partner.
    pub destination: String,
    /// To be sent.
    pub pending: u64,
    /// They cannot be rendered before codes are there.
    pub awaits_code: u64,
    /// Sent, to be asked about.
    pub awaiting: u64,
    /// The partner has them, and is to acknowledge them.
    pub sent: u64,
    /// The same, and the acknowledgement has not come in time.
    pub overdue: u64,
    /// Dead, to be looked at by a person.
    pub dead: u64,
    /// The earliest time at which one of those to be sent or asked about was or will be due.
    pub oldest_due: Option<Timestamp>,
}

/// Deliveries to one destination that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryTrouble {
    /// The partner.
    pub destination: String,
    /// What is not well.
    pub trouble: Trouble,
    /// How many there are.
    pub count: u64,
    /// Since when: the earliest time at which one of them died or was due, or was accepted if it is tried again.
    pub since: Timestamp,
}

/// What is not well with deliveries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// They are dead, through this one's fault.
    Dead(DeadClass),
    /// They have been due for too long, and nobody works on them.
    Stalled,
    /// Their partner has them, and has not acknowledged them in time.
    Unacknowledged,
    /// They are tried again for a reason on our side; this is what happened to the newest of them.
    TriedAgain(String),
}
