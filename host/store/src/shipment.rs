//! Shipments: what is asked of the journal, and what it gives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use portgate_core::document::Document;
use portgate_core::judgement::ShipmentFinding;
use portgate_core::shipment::{NotPlaced, ShipmentRules};
use uuid::Uuid;

use crate::acceptance::{Acceptance, Told};
use crate::act::Operator;
use crate::event::Cursor;
use crate::exception::PeopleChanges;
use crate::figures::ShipmentFigures;
use crate::filing::ChangedFiling;
use crate::id::{ClaimId, ExchangeId, ShipmentId};
use crate::reference::ReliedOn;

/// One step of joining: the next documents, in the order in which they were told.
#[derive(Clone, Debug)]
pub struct JoinStep {
    /// How documents become shipments.
    pub rules: Arc<ShipmentRules>,
    /// The partners to whom something is delivered that an expectation begins with.
    pub delivered_to: Arc<BTreeSet<String>>,
    /// Most events that are looked at.
    pub limit: u32,
    /// The time.
    pub now: Timestamp,
}

/// What a step of joining did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Joined {
    /// How many documents were joined.
    pub documents: u32,
    /// How many shipments are to be put together anew.
    pub shipments: u32,
    /// How many things are tied to more than a shipment can be made of.
    pub overfull: u32,
    /// Whether more may be waiting.
    pub more: bool,
}

/// A document that is tied to more than a shipment can be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOutDocument {
    /// Who sent it.
    pub sender: String,
    /// Its kind.
    pub kind: String,
    /// Its key.
    pub key: String,
    /// Whether it is a document of the shipment all the same, by what it named before.
    pub is_part: bool,
}

/// What a look at documents did that are tied to too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookedAgain {
    /// How many shipments are to be put together anew.
    pub shipments: u32,
    /// The last one, where there may be more behind it.
    pub last: Option<i64>,
}

/// A shipment that somebody has to put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedShipment {
    /// Which one.
    pub id: ShipmentId,
    /// The right to do it.
    pub claim: ClaimId,
    /// How often it was changed so far.
    pub joined: u64,
    /// How many things it has.
    pub things: u64,
    /// The revision that was put together last.
    pub revision: Option<String>,
    /// What rule packs said of that.
    pub findings: Vec<ShipmentFinding>,
    /// How often in a row plugins failed at it, or it could not be put together.
    pub failures: u32,
}

/// A document of a shipment, or of the articles in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedDocument {
    /// The thing that it is a version of.
    pub thing: i64,
    /// Who sent it.
    pub sender: String,
    /// Its kind.
    pub kind: String,
    /// Its key.
    pub key: String,
    /// Its version, as its system counts.
    pub version: String,
    /// When its system recorded it, in microseconds since 1970.
    pub recorded_at: i64,
    /// SHA-256 of its body.
    pub sha256: [u8; 32],
    /// The exchange that brought it.
    pub exchange: ExchangeId,
    /// Its place among the documents of the exchange.
    pub position: u32,
    /// The document; nothing where retention has removed it.
    pub body: Option<String>,
}

/// All that a context is put together from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShipmentDocuments {
    /// Every version of every document of the shipment.
    pub documents: Vec<StatedDocument>,
    /// Every version of what is known of its articles.
    pub catalogue: Vec<StatedDocument>,
    /// Of its costs and invoices, by the thing, those that other shipments have as well: all whose they are.
    pub shared: BTreeMap<i64, BTreeSet<ShipmentId>>,
}

/// A context that was put together.
#[derive(Clone, Debug)]
pub struct FoldedShipment {
    /// Whose it is.
    pub id: ShipmentId,
    /// The right to keep it.
    pub claim: ClaimId,
    /// Up to which change of the shipment it goes.
    pub joined: u64,
    /// What it is called.
    pub revision: String,
    /// The context as JSON.
    pub context: String,
    /// What rule packs say of it.
    pub findings: Vec<ShipmentFinding>,
    /// What was looked up in reference tables for all of this.
    pub looked_up: Vec<ReliedOn>,
    /// What is observed of it, in the place of what was.
    pub figures: ShipmentFigures,
    /// What is told of it.
    pub told: Told,
    /// What it changes for people.
    pub people: PeopleChanges,
    /// Messages that the gateway itself makes because of it, each under a business key, so that none is ever made twice: one
    /// whose key is known is left out.
    pub made: Vec<Acceptance>,
    /// Its filings that are not what they were.
    pub filings: Vec<ChangedFiling>,
    /// Others that are put together anew because it is not what it was.
    pub wakes: BTreeSet<ShipmentId>,
    /// When it is to be looked at again though nothing new comes to it.
    pub again_at: Option<Timestamp>,
    /// Whether plugins failed at it.
    pub fails: bool,
    /// The time.
    pub now: Timestamp,
}

impl FoldedShipment {
    /// Whether nothing goes out because of it and nothing is given up that was to: it is right to keep it whatever came meanwhile.
    #[must_use]
    pub fn makes_nothing(&self) -> bool {
        self.made.is_empty() && self.filings.iter().all(|filing| filing.withdrawn.is_none())
    }
}

/// What became of a context that was put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldEnd {
    /// It is kept, with all that was made because of it.
    Kept,
    /// Documents were joined since it was claimed and something was to be made, or a delivery that was to be given up has left:
    /// nothing is kept, since nothing is made on facts that have changed. The claim stands, to be given back.
    Overtaken,
}

/// A shipment as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptShipment {
    /// Which one.
    pub id: ShipmentId,
    /// When its first document came.
    pub opened_at: Timestamp,
    /// When its last one came.
    pub changed_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Whether its context has all documents that are known to be of it.
    pub is_current: bool,
    /// The revision of its context.
    pub revision: Option<String>,
    /// The context as it was put together last, as JSON.
    pub context: Option<String>,
    /// What rule packs say of that.
    pub findings: Vec<ShipmentFinding>,
    /// How many of its documents are tied to more than a shipment can be made of.
    pub overfull: u64,
    /// Why its context could not be put together, where that is so.
    pub problem: Option<String>,
}

/// A document that no shipment has yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unattached {
    /// Who sent it.
    pub sender: String,
    /// Its kind.
    pub kind: String,
    /// Its key.
    pub key: String,
    /// The exchange that brought its latest version.
    pub exchange: ExchangeId,
    /// Whether it is tied to more than a shipment can be made of.
    pub is_overfull: bool,
}

/// Who looks shipments up, and which it may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShipmentViewer {
    /// The partner, or the partner that tests: it sees shipments in which it has a document, of tests alone or of none.
    pub sender: String,
    /// Whether it sees all others as well.
    pub all: bool,
    /// Who it is in documents, by scheme and identifier: it sees shipments of which a document that counts names it.
    pub parties: Vec<(String, String)>,
    /// The schemes of names that it may look up by.
    pub schemes: Vec<String>,
}

/// Something that is told of a shipment, at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShipmentEvent {
    /// Its place; a reader that has handled it goes on after it.
    pub cursor: Cursor,
    /// When it came to the shipment.
    pub at: Timestamp,
    /// What is told.
    pub news: ShipmentNews,
}

/// What is told of a shipment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShipmentNews {
    /// A document came to it.
    Document {
        /// The exchange that brought it.
        exchange: ExchangeId,
        /// Its place among the documents of the exchange.
        position: u32,
        /// Who sent it.
        sender: String,
        /// The document.
        document: Document,
    },
    /// Its context says something new, in this revision.
    Revision(String),
    /// What was told is there no more: retention has removed it, or something else counts in its place.
    Gone,
}

/// What a document is called, whoever speaks of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentName {
    /// Its kind.
    pub kind: String,
    /// Its key.
    pub key: String,
}

/// What an operator does about the shipment that documents belong to.
#[derive(Clone, Debug)]
pub struct ShipmentAct {
    /// Who does it, and why.
    pub operator: Operator,
    /// What.
    pub change: ShipmentChange,
    /// How documents become shipments.
    pub rules: Arc<ShipmentRules>,
    /// The time.
    pub now: Timestamp,
}

/// What is changed about the shipment that documents belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShipmentChange {
    /// These become a shipment of their own.
    Split {
        /// The shipment that they are in.
        shipment: Uuid,
        /// The documents.
        documents: Vec<DocumentName>,
    },
    /// These become part of a shipment.
    Move {
        /// The documents, wherever they are.
        documents: Vec<DocumentName>,
        /// The shipment.
        to: Uuid,
    },
    /// An act is taken back, as if it had never been done.
    Undo {
        /// Its number.
        act: i64,
    },
}

/// What became of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShipmentActed {
    /// It is done.
    Done {
        /// Its number, by which it can be taken back.
        act: i64,
        /// The shipments that the documents are in now.
        shipments: Vec<Uuid>,
    },
    /// No shipment is called so.
    ShipmentUnknown(Uuid),
    /// No document is called so, or none in that shipment.
    DocumentUnknown(DocumentName),
    /// No act of this number says where documents belong, or it was taken back before.
    ActUnknown(i64),
    /// It cannot be done.
    NotPossible(NotPlaced),
}
