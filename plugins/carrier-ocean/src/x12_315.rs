//! X12 315, status details (ocean), release 004010.
//!
//! `B4` is the event: status, time, place, container. `N9` says what it is tied to, `Q2` the voyage, and each `R4` a port
//! or place of the journey; `DTM` below a place of loading, discharge or delivery is a departure or arrival of its own,
//! estimated (139) or actual (140).

use portgate_sdk::canonical::{Classifier, EventType, MilestoneCode, Reference, Timestamp, TransportMode};
use portgate_sdk::x12::{Interchange, Limits, Message as Set, Segment};
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
    for set in interchange.messages() {
        if notes.are_overfull() {
            break;
        }
        match set.kind().as_deref() {
            Some("315") | None => read(set, &mut milestones, &mut notes),
            Some(other) => {
                let other: String = other.chars().take(16).collect();
                let detail = format!("This is a transaction set `{other}`; only 315 is taken under this contract.");
                notes.error("NOT-A-315", set.location(), detail);
            }
        }
    }
    if notes.milestones() == 0 && !notes.refused() {
        notes.error("NO-EVENT", "segment 1", "The interchange holds no transaction set 315; send at least one.");
    }
    notes.finish()
}

fn read(set: Set<'_>, milestones: &mut Milestones<'_>, notes: &mut Notes) {
    let Some(status) = set.first("B4") else {
        notes.error("MISSING", set.location(), "The transaction set has no `B4`, which says what happened.");
        return;
    };
    let at = status.location();
    let places: Vec<Stop<'_>> = stops(set);
    let code = status.element(3);
    if code.is_none() {
        notes.error("MISSING", &at, "`B4-03`, the status, is missing; say what happened.");
    }
    let activity = places.iter().find(|stop| stop.role() == "5");
    let occurred_at = occurred_at(status, activity, &at, notes);
    let (Some(code), Some(occurred_at)) = (code, occurred_at) else { return };

    let (references, carrier) = references(set, notes);
    let journey = journey(set, carrier, notes);
    let equipment = equipment(status, &references);
    let message_id = set.reference().unwrap_or_default().into_owned();
    let written = Written { code: code.into_owned(), list: codes::X12_STATUS.to_owned(), words: None };
    let meaning = meaning_or_unmapped(codes::status(&written.code), EventType::Equipment, &written, &at, notes);
    let event = Event {
        id: None,
        message_id,
        event_type: meaning.event_type,
        code: meaning.code,
        classifier: Classifier::Act,
        occurred_at,
        recorded_at: None,
        written,
        place: activity.map_or_else(|| status_place(status), |stop| stop.place()),
        mode: meaning.mode,
        equipment: Equipment { empty: meaning.empty.or(equipment.empty), ..equipment },
        journey: journey.clone(),
        reason: (None, None),
        references: references.clone(),
    };
    milestones.add(event, &at, notes);
    for stop in &places {
        leg(stop, &journey, &references, milestones, notes);
    }
}

/// A port or place of the journey, with its times.
struct Stop<'d> {
    place: Segment<'d>,
    times: Vec<Segment<'d>>,
}

impl Stop<'_> {
    /// What the place is to the journey, `R4-01`: `L` loading, `D` discharge, `E` delivery, `R` receipt, `5` activity.
    fn role(&self) -> String {
        self.place.element(1).unwrap_or_default().into_owned()
    }

    fn place(&self) -> Place {
        let text = |number| self.place.element(number).map(|text| text.into_owned());
        let coded = self.place.element(2).is_some_and(|qualifier| qualifier == "UN");
        let (code, identifier) = if coded { (text(3), None) } else { (None, text(3)) };
        Place { un_locode: code, facility: None, name: text(4).or(identifier) }
    }
}

fn stops(set: Set<'_>) -> Vec<Stop<'_>> {
    let mut stops: Vec<Stop<'_>> = Vec::new();
    for segment in set.segments() {
        match (segment.tag(), stops.last_mut()) {
            ("R4", _) => stops.push(Stop { place: segment, times: Vec::new() }),
            ("DTM", Some(stop)) => stop.times.push(segment),
            _ => {}
        }
    }
    stops
}

/// When it happened: `B4-04` and `B4-05`. `B4` has no zone; the actual time at the place of activity may lend it one.
fn occurred_at(status: Segment<'_>, activity: Option<&Stop<'_>>, at: &str, notes: &mut Notes) -> Option<Timestamp> {
    let Some(day) = status.element(4) else {
        notes.error("MISSING", at, "`B4-04`, the date of the status, is missing.");
        return None;
    };
    let clock = status.element(5).unwrap_or_default();
    let actual = activity.and_then(|stop| stop.times.iter().find(|time| time.element(1).as_deref() == Some("140")));
    let same = actual.filter(|time| {
        time.element(2).as_deref() == Some(&*day) && time.element(3).is_some_and(|full| full.starts_with(&*clock))
    });
    if let Some(time) = same {
        return when(*time, notes);
    }
    let Some(read) = time::read(&format!("{day}{clock}")) else {
        notes.error("TIME", at, "`B4-04` and `B4-05` are no time; send CCYYMMDD and HHMM.");
        return None;
    };
    if read.day_only {
        notes.warning("NO-TIME-OF-DAY", at, "The status has a date but no time; taken as the start of the day.");
    }
    Some(read.at)
}

/// The time of a `DTM`: date, time and zone.
fn when(dtm: Segment<'_>, notes: &mut Notes) -> Option<Timestamp> {
    let part = |number| dtm.element(number).unwrap_or_default();
    let Some(read) = time::read(&format!("{}{}{}", part(2), part(3), part(4))) else {
        notes.warning("TIME", dtm.location(), "`DTM` holds no time that can be read; send CCYYMMDD and HHMM.");
        return None;
    };
    if read.day_only {
        notes.info("NO-TIME-OF-DAY", dtm.location(), "Only a date is given; taken as the start of the day.");
    }
    Some(read.at)
}

/// What the message is tied to, and the carrier's SCAC.
fn references(set: Set<'_>, notes: &mut Notes) -> (Vec<Reference>, Option<String>) {
    let (mut references, mut carrier) = (Vec::new(), None);
    for reference in set.segments().filter(|segment| segment.tag() == "N9") {
        let (Some(qualifier), Some(value)) = (reference.element(1), reference.element(2)) else { continue };
        match &*qualifier {
            "SCA" => carrier = Some(value.into_owned()),
            _ => references.extend(notes.reference(reference.location(), &codes::scheme("x12", &qualifier), &value)),
        }
    }
    (references, carrier)
}

/// `Q2`: ship and voyage. `Q2-01` is an IMO (Lloyd's) number unless `Q2-12` says otherwise.
fn journey(set: Set<'_>, carrier: Option<String>, notes: &mut Notes) -> Journey {
    let Some(vessel) = set.first("Q2") else { return Journey { carrier, ..Journey::default() } };
    let text = |number| vessel.element(number).map(|text| text.into_owned());
    let lloyds = vessel.element(12).is_none_or(|qualifier| qualifier == "L");
    Journey {
        vessel_imo: text(1).and_then(|code| imo(code, lloyds, vessel.location(), notes)),
        vessel_name: text(13),
        voyage: text(9),
        carrier,
    }
}

/// `B4-07` and `B4-08`, with the check digit of `B4-13`; else what `N9*EQ` says.
fn equipment(status: Segment<'_>, references: &[Reference]) -> Equipment {
    let part = |number| status.element(number).unwrap_or_default();
    let written = format!("{}{}{}", part(7), part(8), part(13));
    let referenced = || references.iter().find(|reference| &*reference.scheme == "container");
    let id = match part(8).is_empty() {
        true => referenced().map(|reference| reference.value.to_string()),
        false => Some(written),
    };
    let empty = match &*part(9) {
        "E" => Some(true),
        "L" => Some(false),
        _ => None,
    };
    Equipment { id, iso_type: status.element(10).map(|text| text.into_owned()), empty }
}

/// `B4-11` with the list of `B4-12`, or the words of `B4-06`.
fn status_place(status: Segment<'_>) -> Place {
    let text = |number| status.element(number).map(|text| text.into_owned());
    match status.element(12).as_deref() {
        Some("UN") => Place { un_locode: text(11), facility: None, name: text(6) },
        _ => Place { un_locode: None, facility: None, name: text(11).or(text(6)) },
    }
}

/// The departure or arrival that a time at a stop of the journey tells of.
fn leg(
    stop: &Stop<'_>,
    journey: &Journey,
    references: &[Reference],
    milestones: &mut Milestones<'_>,
    notes: &mut Notes,
) {
    let code = match stop.role().as_str() {
        "L" => MilestoneCode::Depa,
        "D" | "E" => MilestoneCode::Arri,
        "5" => return,
        _ => {
            if let Some(time) = stop.times.first() {
                let detail = "What happens at this place and when is not said by its role; the time is not taken.";
                notes.info("TIME-NOT-TAKEN", time.location(), detail);
            }
            return;
        }
    };
    for time in &stop.times {
        if notes.are_overfull() {
            break;
        }
        let qualifier = time.element(1).unwrap_or_default();
        let classifier = match &*qualifier {
            "139" => Classifier::Est,
            "140" => Classifier::Act,
            _ => {
                notes.warning("UNKNOWN-CODE", time.location(), "The time is neither estimated (139) nor actual (140).");
                continue;
            }
        };
        let Some(occurred_at) = when(*time, notes) else { continue };
        let sea = matches!(stop.role().as_str(), "L" | "D");
        let event = Event {
            id: None,
            message_id: String::new(),
            event_type: EventType::Transport,
            code,
            classifier,
            occurred_at,
            recorded_at: None,
            written: Written {
                code: format!("{}/{qualifier}", stop.role()),
                list: codes::X12_TIME.to_owned(),
                words: None,
            },
            place: stop.place(),
            mode: sea.then_some(TransportMode::Sea),
            equipment: Equipment::default(),
            journey: if sea { journey.clone() } else { Journey::default() },
            reason: (None, None),
            references: references.to_vec(),
        };
        milestones.add(event, &time.location(), notes);
    }
}
