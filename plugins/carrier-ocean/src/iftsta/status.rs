//! One `STS` with the segments that belong to it: what happened, when, where, and to which containers.

use portgate_sdk::canonical::{Classifier, EventType, MilestoneCode, Reference, Timestamp, TransportMode};
use portgate_sdk::edifact::Segment;
use portgate_sdk::time::Time;
use portgate_sdk::{Finding, Mistake};

use super::journey::{Stop, legs, stops};
use super::{Above, fields};
use crate::codes;
use crate::event::{Equipment, Event, Milestones, Place, REMARKS_MAX, Written, WrittenSeal, meaning_or_unmapped};
use crate::notes::Notes;
use crate::time::{Stated, Times, canonical};

/// Adds the milestones of a status.
pub(super) fn event(
    status: Segment<'_>,
    own: &[Segment<'_>],
    above: &Above,
    message_id: &str,
    milestones: &mut Milestones<'_>,
    notes: &mut Notes,
) {
    let at = status.location();
    let journey_starts = own.iter().position(|segment| segment.tag() == "TDT").unwrap_or(own.len());
    let (details, carriage) = own.split_at(journey_starts);
    let Some(code) = status.component(2, 1) else {
        notes.error("MISSING", status.at(2).component(1), "`STS` has no status; say what happened.");
        return;
    };
    let list = status
        .component(2, 3)
        .map_or_else(|| codes::EDIFACT_STATUS.to_owned(), |agency| format!("{} ({agency})", codes::EDIFACT_STATUS));
    let written =
        Written { code: code.into_owned(), list, words: status.component(2, 4).map(|text| text.into_owned()) };
    let known = codes::status(&written.code);
    let stops = stops(carriage, notes);
    let happened = known.map_or(MilestoneCode::Unmapped, |meaning| meaning.code);
    let Some((occurred_at, classifier)) = occurred_at(details, happened, &stops, &at, notes) else {
        let detail = "The event has no time that can be read; send `DTM+334`. The time of the message (137) is not that \
                      of the event.";
        notes.finding(Finding::error("MISSING", &at, detail).because(Mistake::MissingSegment("DTM")));
        return;
    };
    let meaning = meaning_or_unmapped(known, EventType::Shipment, &written, &at, notes);
    let references = references(details, above, notes);
    let own_container = references.iter().find(|reference| &*reference.scheme == Reference::CONTAINER).cloned();
    let journey = carriage.first().map(|tdt| fields::carriage(*tdt, notes)).unwrap_or_default();
    let mode = carriage.first().and_then(|tdt| tdt.component(3, 1)).and_then(|mode| TransportMode::from_rec19(&mode));
    let reasons: Vec<String> =
        (3..=7).filter_map(|number| status.component(number, 1)).map(|code| code.into()).collect();
    let reason = (reasons.first().cloned(), (!reasons.is_empty()).then(|| reason_words(&reasons)));
    let words = details.iter().chain(carriage).filter(|segment| segment.tag() == "FTX");
    // One more than there is room for is enough to say so, and every container gets a copy.
    let words = words.filter_map(|ftx| fields::words(*ftx, notes));
    let remarks: Vec<String> = above.remarks.iter().cloned().chain(words).take(REMARKS_MAX + 1).collect();
    let template = |equipment: Equipment, seals, references: Vec<Reference>| Event {
        id: None,
        message_id: message_id.to_owned(),
        event_type: meaning.event_type,
        code: meaning.code,
        classifier,
        occurred_at: occurred_at.clone(),
        recorded_at: None,
        written: written.clone(),
        place: Place::default(),
        mode: meaning.mode.or(mode),
        equipment: Equipment { empty: equipment.empty.or(meaning.empty), ..equipment },
        journey: journey.clone(),
        reason: reason.clone(),
        references,
        seals,
        remarks: remarks.clone(),
    };
    let place = place(details, above, happened, &occurred_at, &stops, notes);
    let containers = containers(own);
    for (equipment, seals) in &containers {
        if notes.are_overfull() {
            break;
        }
        let mut references = references.clone();
        references.retain(|reference| &*reference.scheme != Reference::CONTAINER);
        let event = Event { place: place.clone(), ..template(equipment.clone(), seals.clone(), references) };
        milestones.add(event, &at, notes);
    }
    if containers.is_empty() {
        let id = own_container.map(|reference| reference.value.to_string());
        let equipment = Equipment { id, ..Equipment::default() };
        let event = Event { place, ..template(equipment, Vec::new(), references.clone()) };
        milestones.add(event, &at, notes);
    }
    legs(&stops, &template(Equipment::default(), Vec::new(), references), milestones, notes);
}

/// When it happened, and whether it has. The event's own `DTM` say it, by their qualifier: the change of status (334), the
/// event (78), then the time of what the status says (a departure's for a departure), then any other that is known. Where
/// it has none of its own, the journey's departure or arrival is the event's if that is what the status says. The time of
/// the message is never the event's.
fn occurred_at(
    details: &[Segment<'_>],
    happened: MilestoneCode,
    stops: &[Stop],
    at: &str,
    notes: &mut Notes,
) -> Option<(Timestamp, Classifier)> {
    let mut times = Times::new();
    for dtm in details.iter().filter(|segment| segment.tag() == "DTM") {
        let (qualifier, time) = fields::time(*dtm);
        times.add(qualifier, dtm.location(), time, notes);
    }
    let ranks = |stated: &&Stated<String>| {
        let meaning = codes::event_time(&stated.key)?;
        let classified = match meaning.classifier {
            Classifier::Act => 0,
            Classifier::Est => 1,
            Classifier::Pln => 2,
            Classifier::Req => 3,
        };
        Some((stated.key != "334", !matches!(&*stated.key, "78" | "145"), meaning.code != Some(happened), classified))
    };
    let ranked = times.all().iter().filter_map(|stated| Some((ranks(&stated)?, stated)));
    let chosen = ranked.min_by_key(|(rank, _)| *rank).map(|(_, stated)| stated);
    let chosen = chosen.map(|stated| more_exactly(stated, times.all(), happened));
    for stated in times.all().iter().filter(|stated| chosen.is_none_or(|chosen| !std::ptr::eq(chosen, *stated))) {
        let detail = match (codes::event_time(&stated.key), chosen) {
            (Some(_), Some(chosen)) => format!("The event's time is that at {}; this one is not taken.", chosen.at),
            _ => format!("A time {} is not known as that of an event; it is not taken.", short(&stated.key)),
        };
        notes.info("TIME-NOT-TAKEN", &stated.at, detail);
    }
    if let Some(stated) = chosen {
        let meaning = codes::event_time(&stated.key);
        let classifier = meaning.map_or(Classifier::Act, |meaning| meaning.classifier);
        if meaning.and_then(|meaning| meaning.code).is_some_and(|code| code != happened) {
            let detail = format!("The event's only time is of the kind {}; it is taken.", short(&stated.key));
            notes.info("TIME-OF-OTHER-KIND", &stated.at, detail);
        }
        return canonical(&stated.time, &*stated.at, notes).map(|time| (time, classifier));
    }
    // A stop's times are noted where they become milestones of their own, so nothing is said twice.
    let of_journey: Vec<&Stated<String>> = stops
        .iter()
        .flat_map(|stop| stop.times.all())
        .filter(|stated| {
            let meaning = codes::event_time(&stated.key);
            meaning.is_some_and(|meaning| meaning.code == Some(happened) && meaning.classifier == Classifier::Act)
        })
        .collect();
    let [stated] = of_journey[..] else { return None };
    notes.info("TIME-OF-JOURNEY", at, format!("The event has no time of its own; that at {} is taken.", stated.at));
    canonical(&stated.time, &*stated.at, notes).map(|time| (time, Classifier::Act))
}

/// The time that says the same more exactly, where the chosen one is a day alone: that of the event, or of what the status
/// says, on the same day.
fn more_exactly<'t>(
    chosen: &'t Stated<String>,
    times: &'t [Stated<String>],
    happened: MilestoneCode,
) -> &'t Stated<String> {
    let day_of = |stated: &Stated<String>| match &stated.time {
        Time::Point(moment) => moment.day.map(|day| (day, moment.clock.is_some())),
        Time::Period(..) => None,
    };
    let Some((day, false)) = day_of(chosen) else { return chosen };
    let same = |stated: &&Stated<String>| {
        let Some(meaning) = codes::event_time(&stated.key) else { return false };
        let of_event = matches!(&*stated.key, "334" | "78" | "145") || meaning.code == Some(happened);
        of_event && meaning.classifier == Classifier::Act && day_of(stated) == Some((day, true))
    };
    times.iter().find(same).unwrap_or(chosen)
}

/// Where it happened: the event's own place or that of the goods, the consignment's, or the end of the journey that the
/// status or the time says it is at. A finding names the places that are not taken.
fn place(
    details: &[Segment<'_>],
    above: &Above,
    happened: MilestoneCode,
    occurred_at: &Timestamp,
    stops: &[Stop],
    notes: &mut Notes,
) -> Place {
    let segments = details.iter().filter(|segment| segment.tag() == "LOC");
    let own: Vec<(String, Place, String)> = segments
        .map(|loc| {
            let (role, place) = fields::place(*loc);
            (role, place, loc.location())
        })
        .collect();
    let order = [&codes::PLACES[..2], codes::places_of(happened), &codes::PLACES[2..]].concat();
    let chosen = order.iter().find_map(|role| own.iter().find(|(found, ..)| found == role));
    for (role, _, at) in own.iter().filter(|other| chosen.is_none_or(|chosen| !std::ptr::eq(chosen, *other))) {
        let detail = format!("The place of the kind {} is not taken as that of the event.", short(role));
        notes.info("PLACE-NOT-TAKEN", at, detail);
    }
    if let Some((_, place, _)) = chosen {
        return place.clone();
    }
    let of_consignment = order.iter().find_map(|role| above.places.iter().find(|(found, _)| found == role));
    if let Some((_, place)) = of_consignment {
        return place.clone();
    }
    let at_that_time = |stop: &&Stop| {
        let same = |stated: &Stated<String>| match &stated.time {
            Time::Point(moment) => moment.instant().is_ok_and(|instant| instant.value == occurred_at.as_str()),
            Time::Period(..) => false,
        };
        stop.times.all().iter().any(same)
    };
    let of_role = |roles: &[&str]| roles.iter().find_map(|role| stops.iter().find(|stop| stop.role == *role));
    let of_journey = of_role(&codes::PLACES[..2]).or_else(|| stops.iter().find(at_that_time));
    let of_journey = of_journey.or_else(|| of_role(codes::places_of(happened)));
    of_journey.map(|stop| stop.place.clone()).unwrap_or_default()
}

/// What the event is tied to. Its own references of a kind take the place of those that the message gives in general.
fn references(details: &[Segment<'_>], above: &Above, notes: &mut Notes) -> Vec<Reference> {
    let rffs = details.iter().filter(|segment| segment.tag() == "RFF");
    let own: Vec<Reference> = rffs.filter_map(|rff| fields::reference(*rff, notes)).collect();
    let mut references = above.references.clone();
    references.retain(|reference| own.iter().all(|own| own.scheme != reference.scheme));
    references.extend(own);
    references
}

/// Every `EQD` with the seals behind it.
fn containers(own: &[Segment<'_>]) -> Vec<(Equipment, Vec<WrittenSeal>)> {
    let mut containers: Vec<(Equipment, Vec<_>)> = Vec::new();
    for segment in own {
        match (segment.tag(), containers.last_mut()) {
            ("EQD", _) => containers.push((fields::equipment(*segment), Vec::new())),
            ("SEL", Some((_, seals))) => seals.extend(fields::seal(*segment)),
            _ => {}
        }
    }
    containers
}

fn reason_words(codes: &[String]) -> String {
    format!("Status reason codes: {}", codes.join(", "))
}

/// A qualifier for a sentence.
fn short(qualifier: &str) -> String {
    let qualifier: String = qualifier.chars().take(8).collect();
    format!("`{qualifier}`")
}
