//! Filings: what is kept of them, and what operators want.

use std::collections::BTreeMap;

use jiff::Timestamp;
use portgate_core::filing::{Filing, FilingState, Standing};

use crate::act::Operator;
use crate::event::NewEvent;
use crate::id::{DeliveryId, ShipmentId};

/// A filing as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptFiling {
    /// What the shipment was called when the filing began.
    pub shipment: ShipmentId,
    /// What policy calls it.
    pub name: String,
    /// Where it stands, and what customs was sent.
    pub filing: Filing,
    /// When it began.
    pub began_at: Timestamp,
    /// When it changed last.
    pub changed_at: Timestamp,
    /// Who released it, and what: [`Filing::digest`] as it was then.
    pub released: Option<FilingWord>,
    /// Who wants it cancelled.
    pub cancelled: Option<FilingWord>,
    /// How far its deliveries have come.
    pub deliveries: BTreeMap<String, Standing>,
}

/// What an operator has said of a filing.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FilingWord {
    /// What it was said of: [`Filing::digest`] as it was then.
    pub digest: String,
    /// Who said it.
    pub operator: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// A filing that is not what it was.
#[derive(Clone, Debug)]
pub struct ChangedFiling {
    /// The shipment, by the name that the filing is kept under.
    pub shipment: ShipmentId,
    /// What policy calls it.
    pub name: String,
    /// Where it stands now.
    pub filing: Filing,
    /// A delivery that was made for it.
    pub made: Option<DeliveryId>,
    /// A delivery that is given up for it, with the one that takes its place, if one does. It must not have left.
    pub withdrawn: Option<(DeliveryId, Option<DeliveryId>)>,
    /// Whether an operator's release was used.
    pub release_used: bool,
    /// What is told of it.
    pub told: Option<NewEvent>,
}

/// Which filings are meant: those that fit all that is given, the latest changed first.
#[derive(Clone, Debug, Default)]
pub struct FilingQuery {
    /// Where they stand; any where none is given.
    pub states: Vec<FilingState>,
    /// What policy calls them.
    pub name: Option<String>,
    /// Most that are given.
    pub limit: u32,
}

/// What an operator does with a filing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilingDeed {
    /// What it says now may go out, whatever findings stand against it.
    Release,
    /// It is withdrawn or cancelled, and not filed again before it is released.
    Cancel,
}

impl FilingDeed {
    /// As it is written everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            FilingDeed::Release => "filing-release",
            FilingDeed::Cancel => "filing-cancel",
        }
    }
}

/// Says something of a filing.
#[derive(Clone, Debug)]
pub struct FilingOrder {
    /// The shipment, by the name that the filing is kept under.
    pub shipment: ShipmentId,
    /// The filing.
    pub name: String,
    /// What is done.
    pub deed: FilingDeed,
    /// What was looked at, [`Filing::digest`]: where it is another by now, nothing is done.
    pub digest: String,
    /// Who does it, and why.
    pub operator: Operator,
    /// The time.
    pub now: Timestamp,
}

/// How that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilingOrdered {
    /// It is kept, and the filing is looked at again.
    Done,
    /// The filing is not what was looked at any more; nothing is kept.
    Outdated,
    /// There is none.
    Unknown,
}
