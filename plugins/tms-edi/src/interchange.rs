//! Interchanges, taken part by part: what a set or message is read by is the business of its own file.

use portgate_sdk::canonical::Timestamp;
use portgate_sdk::time::x12 as x12_time;
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection, edifact, x12};

use crate::notes::Notes;

/// The documents of an interchange of X12 whose sets are of this kind, with the acknowledgement that was agreed.
pub(crate) fn x12_sets(
    message: &Message,
    kind: &str,
    mut read: impl FnMut(x12::Message<'_>, &mut Notes<'_>),
) -> Result<Decoded, Rejection> {
    let interchange = x12::Interchange::parse(&message.body, &x12::Limits::default())?;
    let mut notes = Notes::of(message);
    for anomaly in interchange.anomalies() {
        notes.finding(anomaly.clone());
    }
    for set in interchange.messages() {
        if notes.are_overfull() {
            break;
        }
        notes.part(set.location(), set.reference().unwrap_or_default());
        match (set.broken(), set.kind()) {
            (Some(broken), _) => notes.finding(broken),
            (None, Some(other)) if other != kind => notes.finding(of_another_kind(&other, &[kind], &set.location())),
            (None, _) => read(set, &mut notes),
        }
        if notes.is_part_refused() {
            set.pass_over();
        }
    }
    x12::reply(message, &interchange, finished(notes, &[kind]))
}

/// The documents of an interchange of EDIFACT whose messages are of one of these kinds, likewise.
pub(crate) fn edifact_messages(
    message: &Message,
    kinds: &[&str],
    mut read: impl FnMut(edifact::Message<'_>, &mut Notes<'_>),
) -> Result<Decoded, Rejection> {
    let interchange = edifact::Interchange::parse(&message.body, &edifact::Limits::default())?;
    let mut notes = Notes::of(message);
    for anomaly in interchange.anomalies() {
        notes.finding(anomaly.clone());
    }
    for one in interchange.messages() {
        if notes.are_overfull() {
            break;
        }
        notes.part(one.location(), one.reference().unwrap_or_default());
        match (one.broken(), one.kind()) {
            (Some(broken), _) => notes.finding(broken),
            (None, Some(other)) if !kinds.contains(&&*other) => {
                notes.finding(of_another_kind(&other, kinds, &one.location()));
            }
            (None, _) => read(one, &mut notes),
        }
        if notes.is_part_refused() {
            one.pass_over();
        }
    }
    edifact::reply(message, &interchange, finished(notes, kinds))
}

fn of_another_kind(other: &str, kinds: &[&str], at: &str) -> Finding {
    let other: String = other.chars().take(16).collect();
    let detail = format!("This is a `{other}`; only {} is taken under this contract.", kinds.join(" or "));
    Finding::error("OTHER-KIND", at, detail).because(Mistake::Unsupported)
}

fn finished(mut notes: Notes<'_>, kinds: &[&str]) -> Result<Decoded, Rejection> {
    notes.end_part();
    if notes.are_empty() {
        let detail = format!("The interchange holds no {}; send at least one.", kinds.join(" or "));
        notes.finding(Finding::error("NOTHING", "segment 1", detail));
    }
    notes.finish()
}

/// When a set was written, as its group says it (`GS04`, `GS05`): the only time that tells one edition of a document from
/// another. Nothing where it is none.
pub(crate) fn x12_written_at(set: x12::Message<'_>) -> Option<Timestamp> {
    let group = set.group()?;
    let moment = x12_time::read(group.element(4).as_deref(), group.element(5).as_deref(), None).ok()?;
    let instant = moment.instant().ok()?;
    Some(portgate_sdk::time::timestamp(&instant))
}
