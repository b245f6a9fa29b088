//! What is kept when a message is accepted, all in one transaction, and how that can end.

use bytes::Bytes;
use jiff::Timestamp;
use portgate_core::codes::AwaitedCodes;
use portgate_core::delivery::Request;
use portgate_core::document::{Document, Part};
use portgate_core::finding::Finding;
use portgate_core::state::Acknowledged;

use crate::agreement::{Numbering, Received};
use crate::batch::Batched;
use crate::event::NewEvent;
use crate::id::{DeliveryId, ExchangeId};

/// A message with all that came of it.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// The message itself.
    pub exchange: NewExchange,
    /// What it said, in the plugin's order.
    pub documents: Vec<Document>,
    /// What must go out because of it. In a lane they go out in this order.
    pub deliveries: Vec<NewDelivery>,
    /// The keys by which a repetition is recognised, with the answer that each repetition gets.
    pub idempotency: Option<Idempotency>,
    /// What tells this message from others even without a key.
    pub business_key: Option<BusinessKey>,
    /// What is to be told to whoever listens.
    pub events: Vec<NewEvent>,
    /// The control numbers that the reply to it is written under.
    pub numbering: Option<Numbering>,
    /// The interchange that it is, where its numbers are followed.
    pub received: Option<Received>,
    /// What it says of deliveries.
    pub acknowledgements: Vec<Acknowledgement>,
    /// The codes that some of it waits for.
    pub awaits: AwaitedCodes,
    /// The time of the acceptance.
    pub now: Timestamp,
}

impl Acceptance {
    /// Whether it changes something that was there before, and does not only add to it.
    pub(crate) fn changes(&self) -> bool {
        self.numbering.is_some()
            || self.received.is_some()
            || !self.acknowledgements.is_empty()
            || !self.awaits.is_empty()
    }
}

/// One inbound payload.
#[derive(Clone, Debug)]
pub struct NewExchange {
    /// Made by the caller, because the answer names it.
    pub id: ExchangeId,
    /// The partner that sent it, as its credential says, or the partner that tests ([`portgate_core::sender`]).
    pub partner: String,
    /// The contract's name.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// The media type.
    pub content_type: String,
    /// The headers that the contract lists; names in lower case.
    pub headers: Vec<(String, String)>,
    /// When the host had read it.
    pub received_at: Timestamp,
    /// The request's identifier in logs and problems.
    pub request_id: String,
    /// The trace (W3C `traceparent`) that it belongs to.
    pub trace: Option<String>,
    /// The plugin build that decoded it.
    pub plugin: PluginBuild,
    /// The payload, byte for byte.
    pub payload: Bytes,
    /// SHA-256 of the payload; it outlives the payload.
    pub sha256: [u8; 32],
    /// What the plugin noticed.
    pub findings: Vec<Finding>,
    /// The parts that it was taken in; empty where it was taken as a whole.
    pub parts: Vec<Part>,
    /// The delivery whose answer this is, where no partner sent it by itself.
    pub origin: Option<DeliveryId>,
}

/// Exactly which plugin did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginBuild {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its file.
    pub sha256: [u8; 32],
}

/// One message to be sent to a partner.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// Made by the caller, because the answer can name it.
    pub id: DeliveryId,
    /// The partner that it goes to.
    pub destination: String,
    /// The contract that it is rendered as.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// Which of the exchange's documents, counted from 0.
    pub documents: Vec<u32>,
    /// What the exchange's partner calls the parts that these are of; empty where they are of the whole message.
    pub parts: Vec<String>,
    /// Deliveries of one lane to one destination go out one after the other.
    pub lane: Option<String>,
    /// What is sent, where it is known already and needs no rendering.
    pub request: Option<Request>,
    /// Where it may go out together with others: how. Then it waits for them.
    pub batched: Option<Batched>,
}

/// Events, and the deliveries that tell them.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// What is to be told.
    pub events: Vec<NewEvent>,
    /// What must go out because of it, as part of the exchange. None has a lane.
    pub deliveries: Vec<NewDelivery>,
}

/// What a partner makes of a delivery.
#[derive(Clone, Debug)]
pub struct Acknowledgement {
    /// The delivery.
    pub delivery: DeliveryId,
    /// What it makes of it.
    pub said: Acknowledged,
    /// What it finds wrong.
    pub findings: Vec<Finding>,
    /// What is told of it.
    pub told: Told,
}

/// A key by which a repeated request is recognised. It belongs to one partner: the same key of another partner is a
/// different one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RequestKey {
    /// An `Idempotency-Key`, which counts within one contract.
    Idempotency {
        /// The contract's name.
        contract: String,
        /// The key.
        key: String,
    },
    /// The id that a webhook was signed with, which counts wherever it is sent.
    Webhook {
        /// The id.
        id: String,
    },
    /// What a webhook's signature covers, where it covers no id. It counts wherever it is sent.
    Content {
        /// A digest of it.
        sha256: [u8; 32],
    },
    /// The envelope of an interchange, by which its sender and its receiver know it.
    Interchange {
        /// What the sender is called in it, with its qualifier.
        sender: String,
        /// What the receiver is called in it, with its qualifier.
        receiver: String,
        /// Its control number.
        control_number: String,
    },
    /// An interchange that was refused in its sender's own format: the same bytes are refused so again, and others under
    /// its control number are a message of their own.
    RefusedInterchange {
        /// A digest of the request.
        fingerprint: [u8; 32],
    },
    /// An exchange that was parked: what its sender is told in its own format since it was taken up. No request has it; it is
    /// looked up for who sends the message again, or asks what became of it.
    TakenUp {
        /// The exchange.
        exchange: ExchangeId,
    },
    /// The sender's own id of the message, which nobody has signed. It counts within one contract.
    Message {
        /// The contract's name.
        contract: String,
        /// The id.
        id: String,
    },
}

/// A key that a request takes before it has its effect, because that effect is not kept in this journal.
#[derive(Clone, Debug)]
pub struct TakenKey {
    /// The partner that it belongs to.
    pub partner: String,
    /// The key.
    pub key: RequestKey,
    /// A digest of the request. It tells a repetition from another request with the same key.
    pub fingerprint: [u8; 32],
    /// The time at which it is taken.
    pub now: Timestamp,
    /// Until when it is remembered.
    pub expires_at: Timestamp,
}

/// The keys of a request, with the answer that its repetitions get. They belong to the exchange's partner.
#[derive(Clone, Debug)]
pub struct Idempotency {
    /// The keys. Where several are known, the first one's answer is given.
    pub keys: Vec<RequestKey>,
    /// A digest of the request. It tells a repetition from another request with the same key.
    pub fingerprint: [u8; 32],
    /// The answer that a repetition gets.
    pub answer: Answer,
    /// Until when it is remembered.
    pub expires_at: Timestamp,
}

/// A whole answer, as it was given and will be given again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status code.
    pub status: u16,
    /// The headers that belong to the answer itself.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Bytes,
}

/// A key that the business itself gives a message. Its scope is the exchange's partner and contract.
#[derive(Clone, Debug)]
pub struct BusinessKey {
    /// The key, such as a declaration's reference and revision.
    pub key: String,
    /// Tells whether the same was sent twice: a digest of what was sent.
    pub fingerprint: [u8; 32],
}

/// How an acceptance ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Everything is on the disk.
    Committed,
    /// The key is known from the same request. Nothing was kept; this is the answer that was given then.
    Replayed(Answer),
    /// This key is known from another request. Nothing was kept.
    KeyReused(RequestKey),
    /// The same request has taken the key, but its answer is not kept. Nothing was kept now.
    Unanswered,
    /// The journal has changed since the acceptance was worked out: its control numbers are taken, or a delivery that it
    /// acknowledges was acknowledged. Nothing was kept; it is to be worked out anew.
    Overtaken,
    /// The business key is known: nothing was kept.
    DuplicateBusinessKey {
        /// The exchange that has it.
        exchange: ExchangeId,
        /// Whether that one's fingerprint is the same.
        same_payload: bool,
    },
}

impl From<KeptAnswer> for Accepted {
    fn from(kept: KeptAnswer) -> Self {
        match kept {
            KeptAnswer::Replayed(answer) => Accepted::Replayed(answer),
            KeptAnswer::KeyReused(key) => Accepted::KeyReused(key),
            KeptAnswer::Unanswered => Accepted::Unanswered,
        }
    }
}

/// What is remembered for the keys of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptAnswer {
    /// The same request was given this answer.
    Replayed(Answer),
    /// Another request had this key.
    KeyReused(RequestKey),
    /// The same request has taken it. It is still at work, or its answer is not kept.
    Unanswered,
}
