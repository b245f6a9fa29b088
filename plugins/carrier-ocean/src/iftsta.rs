//! EDIFACT IFTSTA, the international multimodal status report, directory D00B.
//!
//! Every `STS` is an event of the consignment (`CNI`) it stands below; its own `RFF`, `DTM`, `LOC`, `FTX` and `EQD` say
//! more, and there is a milestone for each container ([`status`]). `LOC` with `DTM` below `TDT` are the stops of the
//! journey: departures and arrivals, and milestones too ([`journey`]). Where it was agreed, the carrier is told what was taken
//! and what not, and why: a CONTRL.

pub(crate) mod fields;
mod journey;
mod status;

use portgate_sdk::canonical::Reference;
use portgate_sdk::edifact::{Message as Report, Segment};
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection};

use crate::event::{Milestones, Place, REMARKS_MAX};
use crate::notes::Notes;
use crate::reports;
use crate::time::Times;

/// The milestones of an interchange, with the report that was agreed.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let mut milestones = Milestones::of(message);
    reports::decode(message, "IFTSTA", "NOT-AN-IFTSTA", |report, notes| read(report, &mut milestones, notes))
}

/// What stands above an event and holds for it as well.
#[derive(Clone, Default)]
struct Above {
    references: Vec<Reference>,
    /// Places of the consignment, by their qualifier.
    places: Vec<(String, Place)>,
    remarks: Vec<String>,
}

fn read(report: Report<'_>, milestones: &mut Milestones<'_>, notes: &mut Notes) {
    let segments: Vec<Segment<'_>> = report.segments().collect();
    let starts_event = |segment: &Segment<'_>| matches!(segment.tag(), "STS" | "CNI" | "UNT");
    let message_id =
        report.first("BGM").and_then(|begin| begin.component(2, 1)).map(|id| id.into_owned()).unwrap_or_default();

    let (mut header, mut consignment) = (Above::default(), Above::default());
    let mut message_times = Times::new();
    let (mut in_consignment, mut events, mut at) = (false, 0, 0);
    while at < segments.len() && !notes.are_overfull() {
        let segment = segments[at];
        let above = if in_consignment { &mut consignment } else { &mut header };
        match segment.tag() {
            "CNI" => {
                in_consignment = true;
                consignment = header.clone();
                let document = segment.component(2, 1);
                let document =
                    document.and_then(|id| notes.reference(segment.at(2).component(1), "transport-document", &id));
                consignment.references.extend(document);
            }
            "RFF" => above.references.extend(fields::reference(segment, notes)),
            "LOC" => above.places.push(fields::place(segment)),
            "FTX" if above.remarks.len() <= REMARKS_MAX => above.remarks.extend(fields::words(segment, notes)),
            "DTM" => {
                let (qualifier, time) = fields::time(segment);
                message_times.add(qualifier, segment.location(), time, notes);
            }
            "STS" => {
                events += 1;
                let end = segments[at + 1..].iter().position(starts_event).map_or(segments.len(), |to| at + 1 + to);
                let above = if in_consignment { &consignment } else { &header };
                status::event(segment, &segments[at + 1..end], above, &message_id, milestones, notes);
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    for stated in message_times.all().iter().filter(|stated| stated.key != "137") {
        let detail = "The time stands above the events and is of none of them; it is not taken.";
        notes.info("TIME-NOT-TAKEN", &stated.at, detail);
    }
    if events == 0 && !notes.are_overfull() {
        let detail = "The message has no `STS`, which says what happened.";
        notes.finding(Finding::error("MISSING", report.location(), detail).because(Mistake::MissingSegment("STS")));
    }
}
