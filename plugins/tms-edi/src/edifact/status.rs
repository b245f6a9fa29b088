//! EDIFACT IFTSTA of road, rail and transport management systems: a `milestone` for each `STS`, and for each piece of equipment of it.
//!
//! | segment | what it says | becomes |
//! |---|---|---|
//! | `CNI` | the consignment | `shipmentId`, a reference |
//! | `STS` | what happened ([`super::transport_status`]), why (9013) | `code`, `reason` |
//! | `DTM` | when: change of status (334), event (78), or another; without one when the message was written (137) | `occurredAt` |
//! | `LOC` | where (175, 14, …) | `location` |
//! | `RFF`, `FTX` | references, words | `references`, `remarks` |
//! | `TDT` | carrier, mode, journey | `transportRef`, `mode` |
//! | `EQD`, `SEL` | equipment, seals | `equipmentId`, `seals` |

use std::collections::BTreeSet;

use portgate_sdk::canonical::{
    Classifier, Code, ContainerNumber, EventType, Location, Milestone, MilestoneCode, Reason, Reference, Seal, Text,
    Timestamp, TransportMode, TransportRef,
};
use portgate_sdk::edifact::{Message as Report, Segment};
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection};

use super::segments;
use super::transport_status;
use crate::interchange::edifact_messages;
use crate::notes::Notes;

/// The milestones of an interchange, with the report that was agreed.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let mut ids = BTreeSet::new();
    edifact_messages(message, &["IFTSTA"], |report, notes| read(report, notes, &mut ids))
}

/// What holds for several events: those of the message, or of one consignment.
#[derive(Clone, Default)]
struct About {
    shipment: Option<Text<64>>,
    references: Vec<Reference>,
    remarks: Vec<Text<512>>,
    places: Vec<(String, Location)>,
    times: Vec<(String, Timestamp)>,
    journey: TransportRef,
    mode: Option<TransportMode>,
    equipment: Vec<Text<16>>,
    seals: Vec<Seal>,
}

fn read(report: Report<'_>, notes: &mut Notes<'_>, ids: &mut BTreeSet<String>) {
    let bgm = report.first("BGM");
    let number = bgm.and_then(|bgm| bgm.component(2, 1)).unwrap_or_default().into_owned();
    let segments: Vec<Segment<'_>> = report.segments().collect();
    let (mut header, mut consignment) = (About::default(), None::<About>);
    let (mut at, mut events) = (0, 0);
    while at < segments.len() {
        let segment = segments[at];
        match segment.tag() {
            "CNI" => {
                let mut below = header.clone();
                below.shipment = notes.id(segment.at(2), "number of the consignment", segment.component(2, 1));
                let named = below.shipment.as_deref().and_then(|id| notes.reference(segment.at(2), "shipment", id));
                below.references.extend(named);
                consignment = Some(below);
            }
            "STS" => {
                let ends = |segment: &Segment<'_>| matches!(segment.tag(), "STS" | "CNI" | "UNT");
                let end = segments[at + 1..].iter().position(ends).map_or(segments.len(), |to| at + 1 + to);
                let mut own = consignment.clone().unwrap_or_else(|| header.clone());
                // Its own times and places go before those above it.
                let (times, places) = (std::mem::take(&mut own.times), std::mem::take(&mut own.places));
                segments[at + 1..end].iter().for_each(|segment| about(notes, *segment, &mut own));
                own.times.extend(times);
                own.places.extend(places);
                event(notes, report, segment, &own, &number, ids);
                events += 1;
                at = end;
                continue;
            }
            _ => about(notes, segment, consignment.as_mut().unwrap_or(&mut header)),
        }
        at += 1;
    }
    if events == 0 {
        let detail = "The message has no `STS`, which says what happened.";
        notes.finding(Finding::error("MISSING", report.location(), detail).because(Mistake::MissingSegment("STS")));
    }
}

/// What a segment says of what stands above it.
fn about(notes: &mut Notes<'_>, segment: Segment<'_>, about: &mut About) {
    match segment.tag() {
        "RFF" => {
            let reference =
                segments::reference(notes, segment).filter(|reference| !about.references.contains(reference));
            notes.push(segment.location(), "references", 64, &mut about.references, reference);
        }
        "DTM" => about.times.extend(segments::time(notes, segment)),
        "LOC" => {
            let role = segment.component(1, 1).unwrap_or_default().into_owned();
            let place = segments::place(notes, segment);
            about.places.push((role, place));
        }
        "FTX" => {
            for words in segments::words(notes, segment) {
                notes.push(segment.location(), "remarks", 32, &mut about.remarks, words.text);
            }
        }
        "TDT" => {
            about.mode = segment.component(3, 1).and_then(|code| segments::mode(&code)).or(about.mode);
            let carrier = segment.component(5, 1).filter(|code| code.chars().count() <= 16);
            about.journey.carrier = notes.id(segment.at(5), "carrier", carrier).or(about.journey.carrier.take());
            about.journey.carrier_name =
                notes.text(segment.at(5), "carrier", segment.component(5, 4)).or(about.journey.carrier_name.take());
            about.journey.voyage = notes.id(segment.at(2), "number of the journey", segment.component(2, 1));
            about.journey.vessel_name =
                notes.text(segment.at(8), "name of the means of transport", segment.component(8, 4));
        }
        "EQD" => {
            let id = segment.component(2, 1).map(|id| ContainerNumber::one_form(&id));
            let id = notes.id(segment.at(2), "number of the equipment", id);
            notes.push(segment.location(), "pieces of equipment", 500, &mut about.equipment, id);
        }
        "SEL" => {
            let number = notes.id(segment.at(1), "number of the seal", segment.component(1, 1));
            notes.push(segment.location(), "seals", 32, &mut about.seals, number.map(Seal::new));
        }
        // Parties, and what the consignment holds, are those of its instruction.
        _ => {}
    }
}

fn event(
    notes: &mut Notes<'_>,
    report: Report<'_>,
    sts: Segment<'_>,
    about: &About,
    number: &str,
    ids: &mut BTreeSet<String>,
) {
    // `STS+1+24`, or, as some write it, `STS++Z1`.
    let (list, known) = transport_status::status(sts.component(2, 1).unwrap_or_default().trim());
    let Some(code) = notes.code(sts.at(2), list, sts.component(2, 1)) else {
        return notes.finding(Finding::error("MISSING", sts.at(2), "`STS` has no status; say what happened."));
    };
    let words: Option<Text<128>> = notes.text(sts.at(2), "status", joined_words(sts));
    let source_code = Code { source_code: words, ..code };
    if known.is_none() {
        notes.unknown(sts.at(2), list, &source_code.code, "the milestone is kept unmapped");
    }
    let (event_type, code, classifier) =
        known.unwrap_or((EventType::Shipment, MilestoneCode::Unmapped, Classifier::Act));
    let Some((occurred_at, classifier)) = when(notes, sts, about, classifier) else { return };
    let place = ["175", "14", "9", "11", "7", "8", "5"]
        .iter()
        .find_map(|role| about.places.iter().find(|(found, _)| found == role));
    let location =
        place.or(about.places.first()).map(|(_, place)| place.clone()).filter(|place| *place != Location::default());
    let reasons: Vec<String> =
        (3..=sts.element_count()).filter_map(|element| segments::joined(sts, element, 1..=4)).collect();
    let reason_code = sts.component(3, 1).filter(|code| code.chars().count() <= 16);
    let reason = (!reasons.is_empty()).then(|| Reason {
        code: notes.id(sts.at(3), "reason", reason_code),
        text: notes.text(
            sts.at(3),
            "reason",
            (reasons.len() > 1 || sts.component(3, 4).is_some()).then(|| reasons.join(", ")),
        ),
    });
    let issued = about.times.iter().find(|(qualifier, _)| qualifier == "137").map(|(_, time)| time.clone());
    let message_id = notes.id(report.location(), "number of the message", report.reference());
    let of_each: Vec<Option<Text<16>>> = match about.equipment.is_empty() {
        true => vec![None],
        false => about.equipment.iter().cloned().map(Some).collect(),
    };
    for equipment_id in of_each {
        let named =
            about.shipment.as_deref().or(about.references.first().map(|reference| &*reference.value)).unwrap_or(number);
        let parts = [named, equipment_id.as_deref().unwrap_or_default(), &source_code.code, occurred_at.as_str()];
        let mut id = parts
            .map(|part| part.replace(char::is_whitespace, ""))
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("|");
        if !ids.insert(id.clone()) {
            id = format!("{id}|{}", ids.len());
            ids.insert(id.clone());
        }
        let Some(id) = notes.id::<128>(sts.location(), "id of the event", Some(id)) else { continue };
        let mut references = about.references.clone();
        let container =
            equipment_id.as_deref().and_then(|id| notes.reference(sts.location(), Reference::CONTAINER, id));
        let container = container.filter(|container| !references.contains(container));
        notes.push(sts.location(), "references", 64, &mut references, container);
        let version = issued.as_ref().map_or_else(|| Text::new("1").expect("one character"), Timestamp::to_version);
        let source = notes.message.source(message_id.clone(), issued.clone());
        let event = Milestone::new(
            id.clone(),
            version,
            source,
            id,
            event_type,
            code,
            classifier,
            occurred_at.clone(),
            source_code.clone(),
        );
        notes.document(&Milestone {
            shipment_id: about.shipment.clone(),
            recorded_at: issued.clone(),
            location: location.clone(),
            mode: about.mode,
            equipment_id,
            transport_ref: (about.journey != TransportRef::default()).then(|| about.journey.clone()),
            reason: reason.clone(),
            seals: about.seals.clone(),
            remarks: about.remarks.clone(),
            references,
            ..event
        });
    }
}

/// The partner's words for a status, behind its code.
fn joined_words(sts: Segment<'_>) -> Option<String> {
    sts.component(2, 4).map(|words| words.into_owned())
}

/// When it happened: by the qualifier that says most of it; else when the message was written, which a warning says.
fn when(notes: &mut Notes<'_>, sts: Segment<'_>, about: &About, known: Classifier) -> Option<(Timestamp, Classifier)> {
    let ranked =
        ["334", "78", "7", "35", "186", "178", "136", "200", "190", "181", "11", "132", "133", "17", "2", "10"];
    let found = ranked.iter().find_map(|qualifier| about.times.iter().find(|(other, _)| other == qualifier));
    if let Some((qualifier, time)) = found {
        let classifier = match &**qualifier {
            "132" | "133" | "17" => Classifier::Est,
            "2" | "10" => Classifier::Req,
            _ => known,
        };
        return Some((time.clone(), classifier));
    }
    let written = about.times.iter().find(|(qualifier, _)| qualifier == "137").or(about.times.first());
    match written {
        Some((_, time)) => {
            let detail = "The event has no time that is known as one; that of the message is taken.";
            notes.warning("TIME-OF-MESSAGE", sts.location(), detail);
            Some((time.clone(), known))
        }
        None => {
            notes.finding(Finding::error(
                "MISSING",
                sts.location(),
                "The event has no time (`DTM`); say when it happened.",
            ));
            None
        }
    }
}
