//! How names tie documents together, and which documents begin a shipment.

use std::collections::{BTreeMap, BTreeSet};

/// How names of one scheme tie the things that carry them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tie {
    /// One shipment each, such as a UCR: things that carry the same one are of the same shipment.
    Identifying,
    /// Of any number of shipments, such as an order that was split: what carries it belongs to all that carry it.
    Shared,
    /// Of one shipment at a time, such as a container: likewise, but only between things whose times are no further apart
    /// than this.
    Windowed {
        /// The greatest distance, in seconds.
        seconds: i64,
    },
}

/// What policy says of how shipments are made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShipmentRules {
    /// The kinds of documents that begin a shipment; all others wait until something ties them to one.
    pub opens: BTreeSet<String>,
    /// The schemes of names that tie, and how.
    pub ties: BTreeMap<String, Tie>,
    /// The kinds that say what is known of goods whatever shipment they are in: they are looked up by article, not joined.
    pub catalogue: BTreeSet<String>,
    /// The kinds that concern no shipment.
    pub apart: BTreeSet<String>,
    /// Most things that are looked at for one shipment.
    pub things_max: usize,
}

impl ShipmentRules {
    /// How a scheme ties; nothing where it does not.
    pub fn tie(&self, scheme: &str) -> Option<Tie> {
        self.ties.get(scheme).copied()
    }
}
