//! What all EDIFACT reports share: the walk over an interchange. Where it was agreed, the carrier is told what was taken and what
//! not, and why: a CONTRL.

use portgate_sdk::edifact::{self, Interchange, Limits, Message as Report};
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection};

use crate::notes::Notes;

/// What `read` makes of each message of this type, with the report that was agreed. A message of another type is an error of the code
/// `other`.
pub(crate) fn decode(
    message: &Message,
    kind: &str,
    other: &str,
    read: impl FnMut(Report<'_>, &mut Notes),
) -> Result<Decoded, Rejection> {
    let interchange = Interchange::parse(&message.body, &Limits::default())?;
    edifact::reply(message, &interchange, documents(&interchange, kind, other, read))
}

fn documents(
    interchange: &Interchange<'_>,
    kind: &str,
    not_this: &str,
    mut read: impl FnMut(Report<'_>, &mut Notes),
) -> Result<Decoded, Rejection> {
    let mut notes = Notes::default();
    for anomaly in interchange.anomalies() {
        notes.finding(anomaly.clone());
    }
    for report in interchange.messages() {
        if notes.are_overfull() {
            break;
        }
        notes.part(report.location(), report.reference().unwrap_or_default());
        match (report.broken(), report.kind().as_deref()) {
            (Some(broken), _) => notes.finding(broken),
            (None, Some(other)) if other != kind => {
                let other: String = other.chars().take(16).collect();
                let detail = format!("This is a message `{other}`; only {kind} is taken under this contract.");
                notes.finding(Finding::error(not_this, report.location(), detail).because(Mistake::Unsupported));
            }
            (None, _) => {
                directory(report, &mut notes);
                read(report, &mut notes);
            }
        }
        if notes.is_part_refused() {
            report.pass_over();
        }
    }
    notes.end_part();
    if notes.documents() == 0 && !notes.refused() {
        let detail = format!("The interchange holds no message {kind}; send at least one.");
        notes.error("NO-EVENT", "segment 1", detail);
    }
    notes.finish()
}

/// A finding where the message is of another directory than the contract names.
fn directory(report: Report<'_>, notes: &mut Notes) {
    if let Some(version) = report.version().filter(|version| version != "D00B") {
        let version: String = version.chars().take(16).collect();
        let detail = format!("The directory is {version}; it is read as D00B.");
        notes.info("OTHER-DIRECTORY", report.location(), detail);
    }
}
