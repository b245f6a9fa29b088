//! The journey below `TDT`: its stops, and the departures and arrivals at them.

use portgate_sdk::canonical::{EventType, MilestoneCode, TransportMode};
use portgate_sdk::edifact::Segment;
use portgate_sdk::time::{Time, TimeError};

use super::fields;
use crate::codes::{self, TimeMeaning};
use crate::event::{Equipment, Event, Journey, Milestones, Place, Written};
use crate::notes::Notes;
use crate::time::{Stated, Times, canonical};

/// A place of the journey with its times by their qualifier.
pub(super) struct Stop {
    /// What the place is to the journey (list 3227).
    pub(super) role: String,
    pub(super) place: Place,
    pub(super) times: Times<String>,
}

/// The stops in the order of the message. Times that stand before the first stop of a carriage belong to no stop and
/// are not taken.
pub(super) fn stops(segments: &[Segment<'_>], notes: &mut Notes) -> Vec<Stop> {
    let mut stops: Vec<Stop> = Vec::new();
    let mut carriage_from = 0;
    for segment in segments {
        match segment.tag() {
            "TDT" => carriage_from = stops.len(),
            "LOC" => {
                let (role, place) = fields::place(*segment);
                stops.push(Stop { role, place, times: Times::new() });
            }
            "DTM" => {
                let (qualifier, time) = fields::time(*segment);
                match stop_of(&qualifier, &time, &mut stops[carriage_from..]) {
                    Some(stop) => stop.times.add(qualifier, segment.location(), time, notes),
                    None => {
                        let detail =
                            "The time stands before the places of the journey and is of none; it is not taken.";
                        notes.info("TIME-NOT-TAKEN", segment.location(), detail);
                    }
                }
            }
            _ => {}
        }
    }
    stops
}

/// The stop of a carriage that a time belongs to: mostly the last one. A departure that stands below the end of a
/// carriage (11, 12, 7, 8) belongs to its beginning (9, 5) as long as that has none, because some partners list all
/// places first and the times behind them.
fn stop_of<'s>(qualifier: &str, time: &Result<Time, TimeError>, stops: &'s mut [Stop]) -> Option<&'s mut Stop> {
    let last = stops.len().checked_sub(1)?;
    let departs =
        |qualifier: &str| codes::event_time(qualifier).is_some_and(|meaning| meaning.code == Some(MilestoneCode::Depa));
    // A day without its time of day lacks the rest, which may come in the next segment.
    let is_rest_of = |stated: &Stated<String>| {
        stated.key == qualifier && time.as_ref().is_ok_and(|time| stated.time.joined(time).is_some())
    };
    let has_none = |stop: &Stop| stop.times.all().iter().all(|stated| !departs(&stated.key) || is_rest_of(stated));
    let begins = |stop: &Stop| codes::places_of(MilestoneCode::Depa).contains(&&*stop.role) && has_none(stop);
    let ends = codes::places_of(MilestoneCode::Arri).contains(&&*stops[last].role);
    let at = if departs(qualifier) && ends { stops.iter().rposition(begins).unwrap_or(last) } else { last };
    stops.get_mut(at)
}

/// Adds the departures and arrivals at the stops. `template` is the event that the journey stands below.
pub(super) fn legs(stops: &[Stop], template: &Event, milestones: &mut Milestones<'_>, notes: &mut Notes) {
    for stop in stops {
        for Stated { key: qualifier, at, time } in stop.times.all() {
            if notes.are_overfull() {
                return;
            }
            let (code, classifier) = match codes::event_time(qualifier) {
                Some(TimeMeaning { code: Some(code @ (MilestoneCode::Arri | MilestoneCode::Depa)), classifier }) => {
                    (code, classifier)
                }
                _ => {
                    let detail = "The time is no arrival or departure that is known here; it is not taken.";
                    notes.info("TIME-NOT-TAKEN", at, detail);
                    continue;
                }
            };
            let Some(occurred_at) = canonical(time, at, notes) else { continue };
            let role = &stop.role;
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
                place: stop.place.clone(),
                mode: template.mode.filter(|_| !matches!(&**role, "9" | "11")).or_else(|| sea(role)),
                equipment: Equipment::default(),
                journey: Journey::default(),
                reason: (None, None),
                references: template.references.clone(),
                seals: Vec::new(),
                remarks: Vec::new(),
            };
            milestones.add(event, at, notes);
        }
    }
}

/// Ports of loading (9) and discharge (11) are the ship's; other stops are those of the carriage that is reported.
fn sea(role: &str) -> Option<TransportMode> {
    matches!(role, "9" | "11").then_some(TransportMode::Sea)
}
