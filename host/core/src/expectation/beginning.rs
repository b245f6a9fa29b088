//! What begins an expectation.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::word::{Word, words};
use super::{After, Arrived, Delivered, Expect};

/// One time that an expectation begins.
#[derive(Debug)]
pub(super) struct Beginning<'d> {
    /// What began it, as people read it.
    pub(super) of: String,
    /// When it began: from then on its time runs.
    pub(super) since: Timestamp,
    /// From when on an answer can have come.
    answerable: Timestamp,
    /// When its system recorded it, of a document; in microseconds since 1970.
    recorded_at: Option<i64>,
    /// What was said or delivered.
    pub(super) bodies: Vec<&'d Value>,
}

impl Beginning<'_> {
    /// Whether something was said at the time of this or later: by when it came, or by when both were recorded, as what was said later
    /// can come earlier.
    pub(super) fn is_answered_at(&self, word: &Word<'_>) -> bool {
        word.at >= self.answerable || self.recorded_at.is_some_and(|recorded_at| word.recorded_at >= recorded_at)
    }
}

/// All that begins an expectation, the earliest first.
pub(super) fn beginnings<'d>(
    expect: &Expect,
    documents: &[Arrived<'d>],
    delivered: &[Delivered],
) -> Vec<Beginning<'d>> {
    let mut all: Vec<Beginning<'d>> = match &expect.after {
        After::Document { document, fields } => {
            let words = words(documents, document, fields).into_iter();
            words.filter(|word| expect.each || word.before == 0).map(of_a_document).collect()
        }
        After::Delivered { delivered: partner, contract } => {
            let is_meant = |one: &&Delivered| {
                one.partner == *partner && contract.as_ref().is_none_or(|contract| one.contract == *contract)
            };
            // What is sent again was delivered when it was delivered first.
            let mut first: BTreeMap<_, &Delivered> = BTreeMap::new();
            for one in delivered.iter().filter(is_meant) {
                let known = first.entry((&one.contract, one.exchange, &one.documents)).or_insert(one);
                if (one.at, &one.id) < (known.at, &known.id) {
                    *known = one;
                }
            }
            // Nobody answers for what does not stand any more.
            let sent = first.into_values().map(|one| of_a_delivery(one, documents));
            sent.filter(|one| !one.bodies.is_empty()).collect()
        }
    };
    all.sort_by(|one, other| (one.since, &one.of).cmp(&(other.since, &other.of)));
    all
}

fn of_a_document(word: Word<'_>) -> Beginning<'_> {
    let of = match word.before {
        0 => word.key.to_owned(),
        before => format!("{}/{}", word.key, before + 1),
    };
    Beginning { of, since: word.at, answerable: word.at, recorded_at: Some(word.recorded_at), bodies: word.bodies }
}

fn of_a_delivery<'d>(delivery: &Delivered, documents: &[Arrived<'d>]) -> Beginning<'d> {
    let is_in_it = |one: &&Arrived<'_>| one.place.0 == delivery.exchange && delivery.documents.contains(&one.place.1);
    Beginning {
        of: delivery.id.clone(),
        since: delivery.at,
        // What came is known to the millisecond, by the ids of exchanges.
        answerable: Timestamp::from_millisecond(delivery.left.as_millisecond()).unwrap_or(delivery.left),
        recorded_at: None,
        bodies: documents.iter().filter(is_in_it).map(|one| one.body).collect(),
    }
}
