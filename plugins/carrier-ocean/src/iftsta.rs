//! EDIFACT IFTSTA, the international multimodal status report, directory D00B.
//!
//! Every `STS` is an event of the consignment (`CNI`) it stands below; its own `RFF`, `DTM`, `LOC` and `EQD` say more,
//! and there is a milestone for each container. `LOC` with `DTM` below `TDT` are the stops of the journey: departures
//! and arrivals, estimated (132, 133) or actual (178, 186), and milestones too.

use portgate_sdk::canonical::{Classifier, EventType, MilestoneCode, Reference, Timestamp, TransportMode};
use portgate_sdk::edifact::{Interchange, Limits, Message as Report, Segment};
use portgate_sdk::{Decoded, Message, Rejection};

use crate::codes;
use crate::event::{Equipment, Event, Journey, Milestones, Place, Written, imo, meaning_or_unmapped};
use crate::notes::Notes;
use crate::time;

/// The milestones of an interchange.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let interchange = Interchange::parse(&message.body, &Limits::default())?;
    let mut notes = Notes::default();
    for anomaly in interchange.anomalies() {
        notes.finding(anomaly.clone());
    }
    let mut milestones = Milestones::of(message);
    for report in interchange.messages() {
        if notes.are_overfull() {
            break;
        }
        match report.kind().as_deref() {
            Some("IFTSTA") | None => read(report, &mut milestones, &mut notes),
            Some(other) => {
                let other: String = other.chars().take(16).collect();
                let detail = format!("This is a message `{other}`; only IFTSTA is taken under this contract.");
                notes.error("NOT-AN-IFTSTA", report.location(), detail);
            }
        }
    }
    if notes.milestones() == 0 && !notes.refused() {
        notes.error("NO-EVENT", "segment 1", "The interchange holds no message IFTSTA; send at least one.");
    }
    notes.finish()
}

fn read(report: Report<'_>, milestones: &mut Milestones<'_>, notes: &mut Notes) {
    if let Some(version) = report.version().filter(|version| version != "D00B") {
        let version: String = version.chars().take(16).collect();
        let detail = format!("The directory is {version}; it is read as D00B.");
        notes.info("OTHER-DIRECTORY", report.location(), detail);
    }
    let segments: Vec<Segment<'_>> = report.segments().collect();
    let starts_event = |segment: &Segment<'_>| matches!(segment.tag(), "STS" | "CNI" | "UNT");
    let message_id =
        report.first("BGM").and_then(|begin| begin.component(2, 1)).map(|id| id.into_owned()).unwrap_or_default();
    let sent_at = segments.iter().find(|segment| is_time(segment, "137")).and_then(|segment| when(*segment, notes));

    let (mut header, mut consignment): (Vec<Reference>, Vec<Reference>) = (Vec::new(), Vec::new());
    let (mut in_consignment, mut events, mut at) = (false, 0, 0);
    while at < segments.len() && !notes.are_overfull() {
        let segment = segments[at];
        match segment.tag() {
            "CNI" => {
                in_consignment = true;
                consignment = header.clone();
                let document = segment.component(2, 1);
                let at = segment.location();
                consignment.extend(document.and_then(|id| notes.reference(&at, "transport-document", &id)));
            }
            "RFF" if in_consignment => consignment.extend(reference(segment, notes)),
            "RFF" => {
                header.extend(reference(segment, notes));
                consignment = header.clone();
            }
            "STS" => {
                events += 1;
                let end = segments[at + 1..].iter().position(starts_event).map_or(segments.len(), |to| at + 1 + to);
                event(segment, &segments[at + 1..end], &consignment, &message_id, sent_at.as_ref(), milestones, notes);
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    if events == 0 && !notes.are_overfull() {
        notes.error("MISSING", report.location(), "The message has no `STS`, which says what happened.");
    }
}

/// One `STS` with the segments that belong to it.
fn event(
    status: Segment<'_>,
    own: &[Segment<'_>],
    above: &[Reference],
    message_id: &str,
    sent_at: Option<&Timestamp>,
    milestones: &mut Milestones<'_>,
    notes: &mut Notes,
) {
    let at = status.location();
    let journey_starts = own.iter().position(|segment| segment.tag() == "TDT").unwrap_or(own.len());
    let (own_details, stops) = own.split_at(journey_starts);
    let Some(code) = status.component(2, 1) else {
        notes.error("MISSING", &at, "`STS` has no status; say what happened.");
        return;
    };
    let occurred_at = match own_details.iter().find(|segment| is_time(segment, "334")) {
        Some(time) => when(*time, notes),
        None => sent_at.cloned().inspect(|_| {
            let detail = "The event has no time (`DTM+334`); taken as the time of the message.";
            notes.warning("NO-TIME", &at, detail);
        }),
    };
    let Some(occurred_at) = occurred_at else {
        notes.error("MISSING", &at, "The event has no time that can be read; send `DTM+334`.");
        return;
    };
    let mut references = above.to_vec();
    let own_references: Vec<Reference> =
        own_details.iter().filter(|segment| segment.tag() == "RFF").filter_map(|rff| reference(*rff, notes)).collect();
    let own_container = own_references.iter().find(|reference| &*reference.scheme == "container").cloned();
    if !own_references.is_empty() {
        // What the event itself says of a kind stands instead of what the message says in general.
        references.retain(|reference| own_references.iter().all(|own| own.scheme != reference.scheme));
        references.extend(own_references);
    }
    let journey = stops.first().map(|tdt| journey(*tdt, notes)).unwrap_or_default();
    let carriage = stops.first().and_then(|tdt| tdt.component(3, 1)).and_then(|mode| TransportMode::from_rec19(&mode));
    let list = status
        .component(2, 3)
        .map_or_else(|| codes::EDIFACT_STATUS.to_owned(), |agency| format!("{} ({agency})", codes::EDIFACT_STATUS));
    let written =
        Written { code: code.into_owned(), list, words: status.component(2, 4).map(|text| text.into_owned()) };
    let meaning = meaning_or_unmapped(codes::status(&written.code), EventType::Shipment, &written, &at, notes);
    let reasons: Vec<String> =
        (3..=7).filter_map(|number| status.component(number, 1)).map(|code| code.into()).collect();
    let reason = (reasons.first().cloned(), (!reasons.is_empty()).then(|| reason_words(&reasons)));
    let place = own.iter().find(|segment| is_place(segment, "175")).map(|loc| place(*loc)).unwrap_or_default();
    let template = |equipment: Equipment, references: Vec<Reference>| Event {
        id: None,
        message_id: message_id.to_owned(),
        event_type: meaning.event_type,
        code: meaning.code,
        classifier: Classifier::Act,
        occurred_at: occurred_at.clone(),
        recorded_at: None,
        written: written.clone(),
        place: place.clone(),
        mode: meaning.mode.or(carriage),
        equipment: Equipment { empty: equipment.empty.or(meaning.empty), ..equipment },
        journey: journey.clone(),
        reason: reason.clone(),
        references,
    };
    let containers: Vec<&Segment<'_>> = own.iter().filter(|segment| segment.tag() == "EQD").collect();
    for container in &containers {
        if notes.are_overfull() {
            break;
        }
        let equipment = equipment(**container);
        let mut references = references.clone();
        references.retain(|reference| &*reference.scheme != "container");
        milestones.add(template(equipment, references), &at, notes);
    }
    if containers.is_empty() {
        let id = own_container.map(|reference| reference.value.to_string());
        milestones.add(template(Equipment { id, ..Equipment::default() }, references.clone()), &at, notes);
    }
    legs(stops, &template(Equipment::default(), references), milestones, notes);
}

/// The departures and arrivals at the stops of a journey.
fn legs(stops: &[Segment<'_>], template: &Event, milestones: &mut Milestones<'_>, notes: &mut Notes) {
    let mut stop: Option<Segment<'_>> = None;
    for segment in stops {
        if notes.are_overfull() {
            break;
        }
        match segment.tag() {
            "LOC" => stop = Some(*segment),
            "DTM" => {
                let qualifier = segment.component(1, 1).unwrap_or_default();
                let (code, classifier) = match &*qualifier {
                    "132" => (MilestoneCode::Arri, Classifier::Est),
                    "133" => (MilestoneCode::Depa, Classifier::Est),
                    "178" => (MilestoneCode::Arri, Classifier::Act),
                    "186" => (MilestoneCode::Depa, Classifier::Act),
                    _ => {
                        let detail = "The time is no arrival or departure that is known here; it is not taken.";
                        notes.info("TIME-NOT-TAKEN", segment.location(), detail);
                        continue;
                    }
                };
                let Some(stop) = stop else { continue };
                let Some(occurred_at) = when(*segment, notes) else { continue };
                let role = stop.element(1).unwrap_or_default();
                let event = Event {
                    id: None,
                    message_id: template.message_id.clone(),
                    event_type: EventType::Transport,
                    code,
                    classifier,
                    occurred_at,
                    recorded_at: None,
                    written: Written {
                        code: format!("{role}/{qualifier}"),
                        list: codes::EDIFACT_TIME.to_owned(),
                        words: None,
                    },
                    place: place(stop),
                    mode: template.mode.filter(|_| !matches!(&*role, "9" | "11")).or_else(|| sea(&role)),
                    equipment: Equipment::default(),
                    journey: Journey::default(),
                    reason: (None, None),
                    references: template.references.clone(),
                };
                milestones.add(event, &segment.location(), notes);
            }
            _ => {}
        }
    }
}

/// Ports of loading (9) and discharge (11) are the ship's; other stops are those of the carriage that is reported.
fn sea(role: &str) -> Option<TransportMode> {
    matches!(role, "9" | "11").then_some(TransportMode::Sea)
}

fn is_time(segment: &Segment<'_>, qualifier: &str) -> bool {
    segment.tag() == "DTM" && segment.component(1, 1).as_deref() == Some(qualifier)
}

fn is_place(segment: &Segment<'_>, qualifier: &str) -> bool {
    segment.tag() == "LOC" && segment.component(1, 1).as_deref() == Some(qualifier)
}

/// The time of a `DTM` (formats 102, 203, 204, 205, 303 and 304 of list 2379).
fn when(dtm: Segment<'_>, notes: &mut Notes) -> Option<Timestamp> {
    let Some(read) = dtm.component(1, 2).as_deref().and_then(time::read) else {
        notes.warning("TIME", dtm.location(), "`DTM` holds no time that can be read; send format 203, CCYYMMDDHHMM.");
        return None;
    };
    if read.day_only {
        notes.info("NO-TIME-OF-DAY", dtm.location(), "Only a date is given; taken as the start of the day.");
    }
    Some(read.at)
}

fn reference(rff: Segment<'_>, notes: &mut Notes) -> Option<Reference> {
    let (qualifier, value) = (rff.component(1, 1)?, rff.component(1, 2)?);
    notes.reference(rff.location(), &codes::scheme("edifact", &qualifier), &value)
}

/// `LOC`: a code and, behind it, the name of the place.
fn place(loc: Segment<'_>) -> Place {
    let text = |number| loc.component(2, number).map(|text| text.into_owned());
    Place { un_locode: text(1), facility: None, name: text(4) }
}

/// `TDT`: voyage, carrier and, for a ship, its number and name.
fn journey(tdt: Segment<'_>, notes: &mut Notes) -> Journey {
    let text = |element, component| tdt.component(element, component).map(|text| text.into_owned());
    let vessel_imo = text(8, 1).and_then(|code| imo(code, true, tdt.location(), notes));
    Journey { vessel_imo, vessel_name: text(8, 4), voyage: text(2, 1), carrier: text(5, 1) }
}

/// `EQD`: number, size and type, and whether it is full (5) or empty (4).
fn equipment(eqd: Segment<'_>) -> Equipment {
    let text = |element| eqd.component(element, 1).map(|text| text.into_owned());
    let empty = match text(6).as_deref() {
        Some("4") => Some(true),
        Some("5") => Some(false),
        _ => None,
    };
    Equipment { id: text(2), iso_type: text(3), empty }
}

fn reason_words(codes: &[String]) -> String {
    format!("Status reason codes: {}", codes.join(", "))
}
