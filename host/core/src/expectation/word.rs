//! What is said of a document, from one time to the next.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{Arrived, says};
use crate::shipment;

/// What was said of a document at one time, by whichever systems say it.
#[derive(Debug)]
pub(super) struct Word<'d> {
    /// The document's key.
    pub(super) key: &'d str,
    /// How often something else was said of it before.
    pub(super) before: usize,
    /// When the gateway had it first.
    pub(super) at: Timestamp,
    /// When it was recorded first, in microseconds since 1970.
    pub(super) recorded_at: i64,
    /// What it says.
    pub(super) bodies: Vec<&'d Value>,
}

/// What is said of all documents of a kind whose fields say this, in the order in which the gateway had it. What a system repeats
/// it has said once; the first, second and so on that several systems say of one document is one.
pub(super) fn words<'d>(documents: &[Arrived<'d>], kind: &str, fields: &BTreeMap<String, String>) -> Vec<Word<'d>> {
    let mut by_sender: BTreeMap<(&str, &str), Vec<&Arrived<'d>>> = BTreeMap::new();
    for one in documents.iter().filter(|one| one.kind == kind && says(one.body, fields)) {
        by_sender.entry((one.key, one.sender)).or_default().push(one);
    }
    let mut words: BTreeMap<(&str, usize), Word<'d>> = BTreeMap::new();
    for ((_, _), mut versions) in by_sender {
        shipment::in_order(&mut versions, |one| &one.version);
        let changes = versions.chunk_by(|one, other| one.version.sha256 == other.version.sha256);
        for (before, said) in changes.enumerate() {
            for one in said {
                let (at, recorded_at) = (one.at, one.version.recorded_at);
                let new = || Word { key: one.key, before, at, recorded_at, bodies: Vec::new() };
                let word = words.entry((one.key, before)).or_insert_with(new);
                word.at = word.at.min(at);
                word.recorded_at = word.recorded_at.min(recorded_at);
                word.bodies.push(one.body);
            }
        }
    }
    let mut words: Vec<Word<'d>> = words.into_values().collect();
    words.sort_by_key(|word| (word.at, word.recorded_at, word.key, word.before));
    words
}
