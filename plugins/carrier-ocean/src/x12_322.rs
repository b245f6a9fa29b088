//! X12 322, activity at a terminal or an intermodal ramp, release 004010.
//!
//! `Q5` says what happened and when, `N7` to which container or wagon, `W2` whether it is loaded, `R4*5` where; `R4*7` is where it is
//! going. A `DTM` of an arrival or departure is an event of its own.

use portgate_sdk::acknowledgement::ElementMistake;
use portgate_sdk::canonical::{Classifier, EventType, MilestoneCode, Timestamp, TransportMode};
use portgate_sdk::time::{Time, x12 as x12_time};
use portgate_sdk::x12::{Message as Set, Segment};
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection};

use crate::codes;
use crate::event::{Equipment, Event, Journey, Milestones, Place, Written, meaning_or_unmapped};
use crate::notes::Notes;
use crate::time::{Times, canonical};
use crate::x12_315::{Tied, tied};
use crate::x12_sets::{self as sets, Stop, day_of, stops, time};

/// The milestones of an interchange, with the acknowledgement that was agreed.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let mut milestones = Milestones::of(message);
    sets::decode(message, "322", "NO-EVENT", |set, notes| read(set, &mut milestones, notes))
}

fn read(set: Set<'_>, milestones: &mut Milestones<'_>, notes: &mut Notes) {
    let Some(status) = set.first("Q5") else {
        let detail = "The transaction set has no `Q5`, which says what happened.";
        notes.finding(Finding::error("MISSING", set.location(), detail).because(Mistake::MissingSegment("Q5")));
        return;
    };
    let at = status.location();
    let code = status.element(1);
    if code.is_none() {
        notes.error("MISSING", status.at(1), "`Q5-01`, the status, is missing; say what happened.");
    }
    let (Some(code), Some(occurred_at)) = (code, occurred_at(status, notes)) else { return };
    let on = day_of(&occurred_at);
    let places = stops(set, notes);
    let Tied { references, carrier, seals, mut remarks } = tied(set, &on, notes);
    let journey = Journey { carrier: carrier.or_else(|| railway(set)), ..Journey::default() };
    let written = Written { code: code.into_owned(), list: codes::X12_STATUS.to_owned(), words: None };
    let meaning = meaning_or_unmapped(codes::ramp_status(&written.code), EventType::Equipment, &written, &at, notes);
    let mut later = Vec::new();
    let times = times(set, notes);
    for stated in times.all() {
        match codes::x12_time(&stated.key) {
            Some(meaning) => {
                later.extend(canonical(&stated.time, &*stated.at, notes).map(|time| (meaning, time, stated)))
            }
            None => remarks.extend(canonical(&stated.time, &*stated.at, notes).map(|time| told(&stated.key, &time))),
        }
    }
    // Where it is going is the place of an arrival that is told of, else words as the other places are.
    let arrives = later.iter().any(|((code, _), ..)| *code == MilestoneCode::Arri);
    for place in places.iter().filter(|stop| stop.role() != "5" && (stop.role() != "7" || !arrives)) {
        remarks.extend(place.in_words());
    }
    let equipment = equipment(set, &mut remarks);
    let event = Event {
        id: None,
        message_id: set.reference().unwrap_or_default().into_owned(),
        event_type: meaning.event_type,
        code: meaning.code,
        classifier: Classifier::Act,
        occurred_at,
        recorded_at: None,
        written,
        place: place_of(&places, "5", &on, notes).unwrap_or_else(|| town(status)),
        mode: meaning.mode,
        equipment: Equipment { empty: meaning.empty.or(equipment.empty), ..equipment.clone() },
        journey: journey.clone(),
        reason: (status.element(5).map(|code| code.into_owned()), None),
        references: references.clone(),
        seals,
        remarks,
    };
    milestones.add(event, &at, notes);
    for ((code, classifier), occurred_at, stated) in later {
        let role = if code == MilestoneCode::Arri { "7" } else { "5" };
        let event = Event {
            id: None,
            message_id: String::new(),
            event_type: EventType::Transport,
            code,
            classifier,
            written: Written { code: format!("{role}/{}", stated.key), list: codes::X12_TIME.to_owned(), words: None },
            place: place_of(&places, role, &day_of(&occurred_at), notes).unwrap_or_default(),
            occurred_at,
            recorded_at: None,
            mode: Some(TransportMode::Rail),
            equipment: equipment.clone(),
            journey: journey.clone(),
            reason: (None, None),
            references: references.clone(),
            seals: Vec::new(),
            remarks: Vec::new(),
        };
        milestones.add(event, &stated.at, notes);
    }
}

/// `Q5-02` to `Q5-04`.
fn occurred_at(status: Segment<'_>, notes: &mut Notes) -> Option<Timestamp> {
    let Some(day) = status.element(2) else {
        notes.error("MISSING", status.at(2), "`Q5-02`, the date of the status, is missing.");
        return None;
    };
    match x12_time::read(Some(&day), status.element(3).as_deref(), status.element(4).as_deref()) {
        Ok(moment) => canonical(&Time::Point(moment), &*status.location(), notes),
        Err(error) => {
            let is_a_day = x12_time::read(Some(&day), None, None).is_ok();
            let (element, mistake) =
                if is_a_day { (3, ElementMistake::InvalidTime) } else { (2, ElementMistake::InvalidDate) };
            let detail = format!("`Q5-02` to `Q5-04` are no time: {error}.");
            notes.finding(Finding::error("TIME", status.at(element), detail).because(mistake));
            None
        }
    }
}

/// The times of the set, wherever they stand.
fn times(set: Set<'_>, notes: &mut Notes) -> Times<String> {
    let mut times = Times::new();
    for dtm in set.segments().filter(|segment| segment.tag() == "DTM") {
        times.add(dtm.element(1).unwrap_or_default().into_owned(), dtm.location(), time(dtm), notes);
    }
    times
}

fn told(qualifier: &str, time: &Timestamp) -> String {
    format!("{} {qualifier}: {}", codes::X12_TIME, time.as_str())
}

/// The railway, where no `N9*SCA` says who carries.
fn railway(set: Set<'_>) -> Option<String> {
    let mut parties = set.segments().filter(|segment| segment.tag() == "N1");
    let railway = parties.find(|party| party.element(1).is_some_and(|role| matches!(&*role, "RR" | "CA" | "MC")))?;
    railway.element(4).map(|code| code.into_owned())
}

fn place_of(places: &[Stop<'_>], role: &str, on: &str, notes: &mut Notes) -> Option<Place> {
    places.iter().find(|stop| stop.role() == role).map(|stop| stop.place(on, notes))
}

/// `Q5-06` to `Q5-08`, where no place of activity is named.
fn town(status: Segment<'_>) -> Place {
    let text = |number| status.element(number).map(|text| text.trim().to_owned());
    let name = [text(6), text(7)].into_iter().flatten().collect::<Vec<_>>().join(", ");
    Place { name: Some(name).filter(|name| !name.is_empty()), country: text(8), ..Place::default() }
}

/// `N7`, or `W2` where there is none: the number, and whether it is loaded (`W2-05`). A number whose owner's code does not end with `U`
/// is that of a wagon or trailer, and its type none of ISO 6346.
fn equipment(set: Set<'_>, remarks: &mut Vec<String>) -> Equipment {
    let (detail, handled) = (set.first("N7"), set.first("W2"));
    let part = |segment: Option<Segment<'_>>, number| {
        let text = segment.and_then(|segment| segment.element(number)).unwrap_or_default();
        text.trim().to_owned()
    };
    let empty = match &*part(handled, 5) {
        "E" => Some(true),
        "L" => Some(false),
        _ => None,
    };
    let (owner, serial, digit) = match detail {
        Some(_) => (part(detail, 1), part(detail, 2), part(detail, 18)),
        None => (part(handled, 1), part(handled, 2), part(handled, 13)),
    };
    let id = match (serial.is_empty(), owner.ends_with('U')) {
        (true, _) => None,
        (false, true) => Some(sets::container_number(&owner, &serial, &digit)),
        (false, false) => Some(format!("{owner}{serial}")),
    };
    let kind = Some(part(detail, 22)).filter(|kind| !kind.is_empty());
    let (iso_type, other) = if owner.ends_with('U') { (kind, None) } else { (None, kind) };
    remarks.extend(other.map(|kind| format!("Equipment type {kind}")));
    Equipment { id, iso_type, empty }
}
