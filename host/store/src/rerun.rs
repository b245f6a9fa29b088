//! An accepted exchange whose payload is decoded again, and what takes the place of what it was before.
//!
//! The exchange stays the same. Documents that are no more what the message says are superseded, and kept; those that are
//! new are put behind them. Deliveries are superseded, stay or follow as it was planned, and only if everything is as it was
//! when that was planned.

use std::collections::BTreeMap;

use jiff::Timestamp;
use portgate_core::codes::AwaitedCodes;
use portgate_core::document::{Document, Part};
use portgate_core::finding::Finding;

use crate::acceptance::{BusinessKey, NewDelivery, PluginBuild, Told};
use crate::delivery::State;
use crate::id::{DeliveryId, ExchangeId};

/// What an accepted exchange becomes.
#[derive(Clone, Debug)]
pub struct Rerun {
    /// The exchange.
    pub exchange: ExchangeId,
    /// How often it was run again before.
    pub before: u32,
    /// The plugin build that has decoded it now.
    pub plugin: PluginBuild,
    /// What the plugin noticed.
    pub findings: Vec<Finding>,
    /// The parts that it is taken in now; empty where it is taken as a whole.
    pub parts: Vec<Part>,
    /// The documents that are of a part: the number of the part by the document's position.
    pub of_parts: BTreeMap<u32, u32>,
    /// Its business key, if it has changed.
    pub business_key: Option<BusinessKey>,
    /// New documents; their positions go on from `first_position`.
    pub documents: Vec<Document>,
    /// How many documents it had, superseded ones included.
    pub first_position: u32,
    /// The positions of the documents that count no more.
    pub superseded: Vec<u32>,
    /// Its deliveries as they were when this was planned, but for those to webhooks.
    pub planned_with: Vec<(DeliveryId, State)>,
    /// The deliveries that are given up.
    pub given_up: Vec<DeliveryId>,
    /// The new deliveries, each with the delivery that it was made after, or whose place it takes.
    pub deliveries: Vec<(NewDelivery, Option<DeliveryId>)>,
    /// The codes that some of it waits for now.
    pub awaits: AwaitedCodes,
    /// What is told of it.
    pub told: Told,
    /// The time.
    pub now: Timestamp,
}

/// How running an exchange again ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RerunEnd {
    /// It is kept.
    Done,
    /// Nothing was done: something is not as it was when this was planned.
    Outdated,
    /// Nothing was done: a delivery that was to be given up is being sent at this moment.
    BeingSent(DeliveryId),
}

/// One time that an exchange was run again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RerunRecord {
    /// Which time, from 1.
    pub number: u32,
    /// When.
    pub at: Timestamp,
    /// Who had it run again.
    pub operator: String,
    /// Why.
    pub reason: String,
    /// The plugin build that had decoded it before.
    pub plugin_before: PluginBuild,
}
