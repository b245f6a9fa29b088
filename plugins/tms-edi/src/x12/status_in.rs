//! X12 214, transportation carrier shipment status message: a `milestone` for each `AT7`.
//!
//! | segment | what it says | becomes |
//! |---|---|---|
//! | `B10` | the carrier's number, the shipper's, SCAC | references, `shipmentId`, `transportRef.carrier` |
//! | `L11` | references, of the shipment or of the `LX` | `references`; `LU` the place, `SN` a seal |
//! | `AT7` | status (1650) or appointment (1652), reason (1651), when | `code`, `classifier`, `reason`, `occurredAt` |
//! | `MS1` | city, state, country, position | `location` |
//! | `MS2` | equipment | `equipmentId` |
//! | `M7` | seals | `seals` |
//! | `K1`, `NTE`, `Q7`, `AT8`, `G62`, … | words, exceptions, weights, other dates | `remarks` |
//!
//! `LX` groups what is of one delivery: what stands there is of all its statuses.

use std::collections::BTreeSet;

use portgate_sdk::canonical::{
    Address, Classifier, Code, ContainerNumber, EventType, Location, Milestone, MilestoneCode, Reason, Reference, Seal,
    Text, Timestamp, TransportMode, TransportRef, UnLocode,
};
use portgate_sdk::time::x12 as x12_time;
use portgate_sdk::x12::{Message as Set, Segment};
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection, codes as agreed};

use super::references;
use super::response::CARRIERS_NUMBER;
use super::status_codes::{APPOINTMENT_LIST, Meaning, NORMAL, STATUS_LIST, appointment, meaning};
use super::tender::CARRIERS;
use crate::interchange::{x12_sets, x12_written_at};
use crate::notes::Notes;

/// The table of an agreement in which places are looked up.
const LOCATIONS: &str = "location";

/// The milestones of an interchange, with the acknowledgement that was agreed.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let mut ids = BTreeSet::new();
    x12_sets(message, "214", |set, notes| read(set, notes, &mut ids))
}

/// What holds for several statuses: those of the set, or of one `LX`.
#[derive(Clone, Default)]
struct About {
    references: Vec<Reference>,
    seals: Vec<Seal>,
    remarks: Vec<Text<512>>,
    place: Option<String>,
}

/// A status with the segments directly behind it.
struct Status<'d> {
    at7: Segment<'d>,
    ms1: Option<Segment<'d>>,
    ms2: Option<Segment<'d>>,
}

fn read(set: Set<'_>, notes: &mut Notes<'_>, ids: &mut BTreeSet<String>) {
    let Some(b10) = set.first("B10") else {
        let detail = "The transaction set has no `B10`, which says which shipment it is about.";
        return notes
            .finding(Finding::error("MISSING", set.location(), detail).because(Mistake::MissingSegment("B10")));
    };
    let mut of_set = About::default();
    for (element, scheme) in [(1, CARRIERS_NUMBER), (2, "shipment")] {
        of_set
            .references
            .extend(b10.element(element).and_then(|value| notes.reference(b10.at(element), scheme, &value)));
    }
    if let (Some(qualifier), Some(value)) = (b10.element(5), b10.element(6)) {
        of_set.references.extend(notes.reference(b10.at(6), &references::scheme(&qualifier), &value));
    }
    let segments: Vec<Segment<'_>> = set.segments().collect();
    let begins = |segment: &Segment<'_>| matches!(segment.tag(), "LX" | "AT7");
    let header = segments.iter().position(begins).unwrap_or(segments.len());
    segments[..header].iter().for_each(|segment| about(notes, *segment, &mut of_set));
    let mut rest = &segments[header..];
    let groups = rest.iter().filter(|segment| segment.tag() == "LX").count();
    let mut statuses = 0;
    while let Some(first) = rest.first() {
        let end = rest[1..].iter().position(|segment| segment.tag() == "LX").map_or(rest.len(), |at| at + 1);
        let mut of_group = of_set.clone();
        let own = group(notes, &rest[..end], &mut of_group);
        // What tells one delivery from another of the same shipment.
        let told = of_group.references.iter().find(|reference| !of_set.references.contains(reference));
        let told = told.map(|reference| reference.value.to_string());
        let told = told.or_else(|| (groups > 1).then(|| first.element(1).unwrap_or_default().into_owned()));
        statuses += own.len();
        for status in own {
            milestone(notes, set, b10, &status, &of_group, told.as_deref(), ids);
        }
        rest = &rest[end..];
    }
    if statuses == 0 {
        let detail = "The transaction set has no `AT7`, which says what happened.";
        notes.finding(Finding::error("MISSING", set.location(), detail).because(Mistake::MissingSegment("AT7")));
    }
}

/// The statuses of a `LX`, and what else it says, which is of all of them.
fn group<'d>(notes: &mut Notes<'_>, segments: &[Segment<'d>], of_group: &mut About) -> Vec<Status<'d>> {
    let mut statuses: Vec<Status<'d>> = Vec::new();
    for segment in segments {
        match (segment.tag(), statuses.last_mut()) {
            ("AT7", _) => statuses.push(Status { at7: *segment, ms1: None, ms2: None }),
            ("MS1", Some(status)) => status.ms1 = status.ms1.or(Some(*segment)),
            ("MS2", Some(status)) => status.ms2 = status.ms2.or(Some(*segment)),
            _ => about(notes, *segment, of_group),
        }
    }
    statuses
}

/// What a segment says of the shipment.
fn about(notes: &mut Notes<'_>, segment: Segment<'_>, about: &mut About) {
    let seal = |number: Option<Text<64>>| number.map(Seal::new);
    match segment.tag() {
        "L11" | "N9" => {
            let (reference, remark) = references::read(notes, segment);
            notes.push(segment.location(), "remarks", 32, &mut about.remarks, remark.map(|remark| remark.text));
            let Some(reference) = reference else { return };
            match &*reference.scheme {
                "x12:LU" => about.place = Some(reference.value.to_string()),
                "seal" => {
                    let number = notes.id(segment.location(), "number of the seal", Some(&*reference.value));
                    notes.push(segment.location(), "seals", 32, &mut about.seals, seal(number));
                }
                _ => {}
            }
            if !about.references.contains(&reference) {
                notes.push(segment.location(), "references", references::MOST, &mut about.references, reference);
            }
        }
        "M7" => {
            for number in 1..=4 {
                let number = notes.id(segment.at(number), "number of the seal", segment.element(number));
                notes.push(segment.location(), "seals", 32, &mut about.seals, seal(number));
            }
        }
        "K1" | "NTE" => {
            let lines: Vec<_> = [1, 2].into_iter().filter_map(|line| segment.element(line)).collect();
            let words = notes.text(segment.location(), "remark", Some(lines.join(" ")));
            notes.push(segment.location(), "remarks", 32, &mut about.remarks, words);
        }
        tag @ ("Q7" | "AT8" | "AT5" | "G62" | "MAN" | "CD3" | "MS3" | "PRF" | "SPO" | "EFI") => {
            let what = match tag {
                "Q7" => "Lading exception",
                "AT8" => "Weight",
                "G62" => "Date",
                other => other,
            };
            let parts: Vec<_> = segment.elements().filter_map(|part| part.text()).collect();
            let words = notes.text(segment.location(), "remark", Some(format!("{what} {}", parts.join(" "))));
            notes.push(segment.location(), "remarks", 32, &mut about.remarks, words);
        }
        _ => {}
    }
}

/// The milestone of a status.
fn milestone(
    notes: &mut Notes<'_>,
    set: Set<'_>,
    b10: Segment<'_>,
    status: &Status<'_>,
    about: &About,
    told: Option<&str>,
    ids: &mut BTreeSet<String>,
) {
    let at7 = status.at7;
    let Some((source_code, meaning)) = what(notes, at7) else { return };
    let Some(occurred_at) = when(notes, at7) else { return };
    let on: String = occurred_at.as_str().chars().take(10).collect();
    let carrier = b10
        .element(3)
        .map(|carrier| agreed::to_ours(CARRIERS, carrier.trim(), &on, b10.at(3), |finding| notes.finding(finding)));
    let carrier: Option<Text<16>> = notes.id(b10.at(3), "carrier", carrier);
    let mut remarks = about.remarks.clone();
    let location = place(notes, status, about, &on, &mut remarks);
    let shipment_id: Option<Text<64>> = notes.id(b10.at(2), "shipper's number", b10.element(2));
    let named =
        shipment_id.as_deref().map(str::to_owned).or_else(|| b10.element(1).map(|number| number.trim().to_owned()));
    let parts = [
        carrier.as_deref().unwrap_or_default(),
        named.as_deref().unwrap_or_default(),
        told.unwrap_or_default(),
        &source_code.code,
        occurred_at.as_str(),
        location.as_ref().and_then(|place| place.name.as_deref()).unwrap_or_default(),
    ];
    let parts: Vec<String> =
        parts.map(|part| part.replace(char::is_whitespace, "")).into_iter().filter(|part| !part.is_empty()).collect();
    let mut id = parts.join("|");
    if !ids.insert(id.clone()) {
        id = format!("{id}|{}", ids.len());
        ids.insert(id.clone());
    }
    let Some(id) = notes.id::<128>(at7.location(), "id of the event", Some(id)) else { return };
    let recorded_at = x12_written_at(set);
    let message_id = notes.id(set.location(), "number of the set", set.reference());
    let reason = at7.element(2).or_else(|| at7.element(4)).filter(|reason| !matches!(&**reason, NORMAL | "NA"));
    let reason = notes.id(at7.at(2), "reason", reason).map(|code| Reason { code: Some(code), text: None });
    let equipment_id = status.ms2.and_then(|ms2| equipment(notes, ms2));
    let mut references = about.references.clone();
    let container = equipment_id.as_deref().filter(|id| ContainerNumber::read(id).is_ok());
    let container = container.and_then(|id| notes.reference(at7.location(), Reference::CONTAINER, id));
    container.iter().for_each(|container| references::add(&mut references, container));
    let transport_ref = carrier.map(|carrier| TransportRef { carrier: Some(carrier), ..TransportRef::default() });
    let version = recorded_at.as_ref().map_or_else(|| Text::new("1").expect("one character"), Timestamp::to_version);
    let source = notes.message.source(message_id, recorded_at.clone());
    let Meaning { event_type, code, classifier, mode } = meaning;
    let event = Milestone::new(id.clone(), version, source, id, event_type, code, classifier, occurred_at, source_code);
    notes.document(&Milestone {
        references,
        shipment_id,
        recorded_at,
        location,
        mode,
        equipment_id,
        transport_ref,
        reason,
        seals: about.seals.clone(),
        remarks,
        ..event
    });
}

/// The status of `AT7-01`, or the appointment of `AT7-03`, and what it means.
fn what(notes: &mut Notes<'_>, at7: Segment<'_>) -> Option<(Code, Meaning)> {
    let (element, list) = if at7.element(1).is_some() { (1, STATUS_LIST) } else { (3, APPOINTMENT_LIST) };
    let Some(code) = notes.code(at7.at(element), list, at7.element(element)) else {
        let detail = "`AT7` has neither a status (`AT7-01`) nor an appointment (`AT7-03`); say what happened.";
        notes.finding(Finding::error("MISSING", at7.location(), detail));
        return None;
    };
    let known = if element == 1 { meaning(&code.code) } else { appointment(&code.code) };
    let meaning = known.unwrap_or_else(|| {
        notes.unknown(at7.at(element), list, &code.code, "the milestone is kept unmapped");
        Meaning {
            event_type: EventType::Shipment,
            code: MilestoneCode::Unmapped,
            classifier: Classifier::Act,
            mode: None,
        }
    });
    Some((
        code,
        Meaning { mode: meaning.mode.or(Some(TransportMode::Road)).filter(|_| meaning.is_of_transport()), ..meaning },
    ))
}

/// `AT7-05` to `AT7-07`.
fn when(notes: &mut Notes<'_>, at7: Segment<'_>) -> Option<Timestamp> {
    let (date, time, zone) = (at7.element(5), at7.element(6), at7.element(7));
    if date.is_none() {
        notes.finding(Finding::error("MISSING", at7.at(5), "`AT7-05`, the day of the status, is missing."));
        return None;
    }
    let time = notes.moment(at7.at(5), x12_time::read(date.as_deref(), time.as_deref(), zone.as_deref()));
    if time.is_none() {
        notes.finding(Finding::error("TIME", at7.at(5), "`AT7-05` to `AT7-07` are no time; say when it happened."));
    }
    time
}

/// `MS1`, with the code of the place that a `L11` (`LU`) has. A UN/LOCODE is one that the agreement's table knows, or that begins with
/// the country of `MS1`: others have codes of five letters as well.
fn place(
    notes: &mut Notes<'_>,
    status: &Status<'_>,
    about: &About,
    on: &str,
    remarks: &mut Vec<Text<512>>,
) -> Option<Location> {
    let mut place = Location::default();
    if let Some(ms1) = status.ms1 {
        place.name = notes.text(ms1.at(1), "city", ms1.element(1));
        place.country = notes.country(ms1.at(3), ms1.element(3));
        let region = notes.text(ms1.at(2), "state", ms1.element(2));
        if region.is_some() {
            let city = notes.text(ms1.at(1), "city", ms1.element(1));
            place.address = Some(Address { city, region, ..Address::default() });
        }
        if let (Some(longitude), Some(latitude)) = (ms1.element(4), ms1.element(5)) {
            let (east, north) = (ms1.element(6).unwrap_or_default(), ms1.element(7).unwrap_or_default());
            let words = format!("Position {latitude}{north} {longitude}{east}");
            let words = notes.text(ms1.at(4), "position", Some(words));
            notes.push(ms1.location(), "remarks", 32, remarks, words);
        }
    }
    if let Some(code) = &about.place {
        let at = status.at7.location();
        let ours = agreed::to_ours(LOCATIONS, code, on, &at, |finding| notes.finding(finding));
        let is_there = place.country.as_ref().is_some_and(|country| ours.starts_with(country.as_str()));
        if ours != *code || is_there {
            place.un_locode = UnLocode::new(ours).ok();
        }
    }
    (place != Location::default()).then_some(place)
}

/// `MS2`: a container's number in its one form, or a trailer's as it is written.
fn equipment(notes: &mut Notes<'_>, ms2: Segment<'_>) -> Option<Text<16>> {
    let number = ms2.element(2)?;
    let whole = format!("{}{}", number.trim(), ms2.element(4).unwrap_or_default().trim());
    let written = match ContainerNumber::read(&whole) {
        Ok(container) => container.as_str().to_owned(),
        Err(_) => number.trim().to_owned(),
    };
    notes.id(ms2.at(2), "number of the equipment", Some(written))
}
