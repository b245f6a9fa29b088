//! X12 315, status details (ocean), release 004010.
//!
//! `B4` is the event: status, time, place, container. `N9` says what it is tied to, `Q2` the voyage, and each `R4` a port
//! or place of the journey; `DTM` below a place of loading, discharge or delivery is a departure or arrival of its own,
//! estimated (139) or actual (140). Times have the zones of element 623, which [`portgate_sdk::time`] reads.
//!
//! Where it was agreed, the carrier is told what was taken and what not, and why: a 997 or 999.

use portgate_sdk::acknowledgement::ElementMistake;
use portgate_sdk::canonical::{Classifier, EventType, MilestoneCode, Reference, Timestamp, TransportMode};
use portgate_sdk::time::{Time, x12 as x12_time};
use portgate_sdk::x12::{Message as Set, Segment};
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection, codes as agreed};

use crate::codes;
use crate::event::{Equipment, Event, Journey, Milestones, Place, Written, WrittenSeal, imo, meaning_or_unmapped};
use crate::notes::Notes;
use crate::time::{Stated, canonical};
use crate::x12_sets::{self as sets, Stop, day_of, other_code, our_place, stops};

/// The milestones of an interchange, with the acknowledgement that was agreed.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let mut milestones = Milestones::of(message);
    sets::decode(message, "315", "NO-EVENT", |set, notes| read(set, &mut milestones, notes))
}

fn read(set: Set<'_>, milestones: &mut Milestones<'_>, notes: &mut Notes) {
    let Some(status) = set.first("B4") else {
        let detail = "The transaction set has no `B4`, which says what happened.";
        notes.finding(Finding::error("MISSING", set.location(), detail).because(Mistake::MissingSegment("B4")));
        return;
    };
    let at = status.location();
    let places: Vec<Stop<'_>> = stops(set, notes);
    let code = status.element(3);
    if code.is_none() {
        notes.error("MISSING", status.at(3), "`B4-03`, the status, is missing; say what happened.");
    }
    let activity = places.iter().find(|stop| stop.role() == "5");
    let occurred_at = occurred_at(status, &places, &at, notes);
    let (Some(code), Some(occurred_at)) = (code, occurred_at) else { return };

    let on = day_of(&occurred_at);
    let Tied { references, carrier, seals, remarks } = tied(set, &on, notes);
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
        place: match activity {
            Some(stop) => stop.place(&on, notes),
            None => our_place(status_place(status), other_code(status, 12, 11), status.at(11).to_string(), &on, notes),
        },
        mode: meaning.mode,
        equipment: Equipment { empty: meaning.empty.or(equipment.empty), ..equipment },
        journey: journey.clone(),
        reason: (None, None),
        references: references.clone(),
        seals,
        remarks,
    };
    milestones.add(event, &at, notes);
    for stop in &places {
        leg(stop, &journey, &references, milestones, notes);
    }
}

/// When it happened: `B4-04` and `B4-05`. `B4` has no zone; the actual time (140) at the place of activity may lend it one,
/// or, where none is named so, that at the place that `B4` names.
fn occurred_at(status: Segment<'_>, stops: &[Stop<'_>], at: &str, notes: &mut Notes) -> Option<Timestamp> {
    let Some(day) = status.element(4) else {
        notes.error("MISSING", status.at(4), "`B4-04`, the date of the status, is missing.");
        return None;
    };
    let clock = status.element(5);
    let moment = match x12_time::read(Some(&day), clock.as_deref(), None) {
        Ok(moment) => moment,
        Err(error) => {
            let is_a_day = x12_time::read(Some(&day), None, None).is_ok();
            let (element, mistake) =
                if is_a_day { (5, ElementMistake::InvalidTime) } else { (4, ElementMistake::InvalidDate) };
            let detail = format!("`B4-04` and `B4-05` are no time: {error}.");
            notes.finding(Finding::error("TIME", status.at(element), detail).because(mistake));
            return None;
        }
    };
    // An actual time that says the same as far as `B4` goes, mostly to the minute, is the same time, more exactly.
    let shown = moment.clock.map(|clock| clock.to_string()).unwrap_or_default();
    let minutes_only = clock.is_some_and(|clock| clock.trim().len() == 4);
    let shown = shown.strip_suffix(":00").filter(|_| minutes_only).unwrap_or(&shown);
    let same = |stated: &&Stated<String>| {
        let Time::Point(full) = &stated.time else { return false };
        let full_clock = full.clock.map(|clock| clock.to_string()).unwrap_or_default();
        stated.key == "140" && full.day == moment.day && full_clock.starts_with(shown)
    };
    let place = status_place(status).un_locode;
    let named = |stop: &&Stop<'_>| place.is_some() && stop.written_place().un_locode == place;
    let activity = stops.iter().find(|stop| stop.role() == "5").or_else(|| stops.iter().find(named));
    if let Some(stated) = activity.and_then(|stop| stop.times.all().iter().find(same)) {
        return canonical(&stated.time, &*stated.at, notes);
    }
    if moment.clock.is_none() {
        notes.warning("NO-TIME-OF-DAY", at, "The status has a date but no time; taken as the start of the day.");
        return Timestamp::new(format!("{moment}T00:00:00")).ok();
    }
    canonical(&Time::Point(moment), at, notes)
}

/// What the message is tied to.
pub(crate) struct Tied {
    pub(crate) references: Vec<Reference>,
    /// The carrier's SCAC.
    pub(crate) carrier: Option<String>,
    pub(crate) seals: Vec<WrittenSeal>,
    pub(crate) remarks: Vec<String>,
}

/// `N9`: references, the carrier, seals, and what is said about them in words; `M7`: more seals.
pub(crate) fn tied(set: Set<'_>, on: &str, notes: &mut Notes) -> Tied {
    let mut tied = Tied { references: Vec::new(), carrier: None, seals: Vec::new(), remarks: Vec::new() };
    for seals in set.segments().filter(|segment| segment.tag() == "M7") {
        tied.seals.extend((1..=4).filter_map(|number| seals.element(number)).map(|number| seal(&number)));
    }
    for reference in set.segments().filter(|segment| segment.tag() == "N9") {
        let (Some(qualifier), value) = (reference.element(1), reference.element(2)) else { continue };
        if let Some(words) = reference.element(3) {
            let name = [&*qualifier, value.as_deref().unwrap_or_default()].join(" ");
            tied.remarks.push(format!("{}: {words}", name.trim_end()));
        }
        let Some(value) = value else { continue };
        match &*qualifier {
            "SCA" => {
                let tell = |finding| notes.finding(finding);
                tied.carrier = Some(agreed::to_ours(sets::CARRIERS, &value, on, reference.at(2), tell));
            }
            _ => {
                let scheme = codes::scheme("x12", &qualifier);
                let Some(reference) = notes.reference(reference.at(2), &scheme, &value) else { continue };
                tied.seals.extend((qualifier == "SN").then(|| seal(&reference.value)));
                tied.references.push(reference);
            }
        }
    }
    tied
}

fn seal(number: &str) -> WrittenSeal {
    WrittenSeal { number: number.to_owned(), source: None, kind: None }
}

/// `Q2`: ship and voyage. `Q2-01` is an IMO (Lloyd's) number unless `Q2-12` says otherwise.
fn journey(set: Set<'_>, carrier: Option<String>, notes: &mut Notes) -> Journey {
    let Some(vessel) = set.first("Q2") else { return Journey { carrier, ..Journey::default() } };
    let text = |number| vessel.element(number).map(|text| text.into_owned());
    let lloyds = vessel.element(12).is_none_or(|qualifier| qualifier == "L");
    Journey {
        vessel_imo: text(1).and_then(|code| imo(&code, lloyds, vessel.location(), notes)),
        vessel_name: text(13),
        voyage: text(9),
        carrier,
    }
}

/// `B4-07` and `B4-08`, with the check digit of `B4-13`; else what `N9*EQ` says.
fn equipment(status: Segment<'_>, references: &[Reference]) -> Equipment {
    let part = |number| status.element(number).unwrap_or_default().trim().to_owned();
    let (owner, serial, digit) = (part(7), part(8), part(13));
    let referenced = || references.iter().find(|reference| &*reference.scheme == Reference::CONTAINER);
    let id = match serial.is_empty() {
        true => referenced().map(|reference| reference.value.to_string()),
        false => Some(sets::container_number(&owner, &serial, &digit)),
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
        Some("UN") => Place { un_locode: text(11), name: text(6), ..Place::default() },
        _ => Place { name: text(11).or(text(6)), ..Place::default() },
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
            for stated in stop.times.all() {
                let detail = "What happens at this place and when is not said by its role; the time is not taken.";
                notes.info("TIME-NOT-TAKEN", &stated.at, detail);
            }
            return;
        }
    };
    for Stated { key: qualifier, at, time } in stop.times.all() {
        if notes.are_overfull() {
            break;
        }
        let classifier = match qualifier.as_str() {
            "139" => Classifier::Est,
            "140" => Classifier::Act,
            _ => {
                notes.warning("UNKNOWN-CODE", at, "The time is neither estimated (139) nor actual (140).");
                continue;
            }
        };
        let Some(occurred_at) = canonical(time, at, notes) else { continue };
        let place = stop.place(&day_of(&occurred_at), notes);
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
            place,
            mode: sea.then_some(TransportMode::Sea),
            equipment: Equipment::default(),
            journey: if sea { journey.clone() } else { Journey::default() },
            reason: (None, None),
            references: references.to_vec(),
            seals: Vec::new(),
            remarks: Vec::new(),
        };
        milestones.add(event, at, notes);
    }
}
