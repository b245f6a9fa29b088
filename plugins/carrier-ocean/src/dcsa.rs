//! DCSA Track & Trace: what versions 2.2 and 3.0 share. Each version has its own shape of an event; both are read into
//! [`DcsaEvent`], and findings name places by JSON Pointer.

pub(crate) mod v2;
pub(crate) mod v3;

use portgate_sdk::canonical::{Classifier, EventType, MilestoneCode, Timestamp};
use portgate_sdk::{Message, Pointer};
use serde::Deserialize;

use crate::codes::{self, Meaning};
use crate::event::{Equipment, Event, Journey, Milestones, Place, Written, meaning_or_unmapped};
use crate::notes::Notes;

/// The list of event codes.
const CODES: &str = "DCSA event type code";

/// An event as either version has it, and where each thing stood.
struct DcsaEvent {
    id: Option<String>,
    event_type: Option<String>,
    classifier: Option<String>,
    code: Option<String>,
    occurred_at: Option<String>,
    recorded_at: Option<String>,
    place: Place,
    mode: Option<String>,
    equipment: Equipment,
    journey: Journey,
    reason: (Option<String>, Option<String>),
    references: Vec<(String, String)>,
}

/// The names under which a version writes what findings speak of.
struct Names {
    event_type: &'static [&'static str],
    classifier: &'static [&'static str],
    code: fn(&str) -> &'static [&'static str],
    recorded_at: &'static str,
}

/// A place as both versions write it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DcsaLocation {
    location_name: Option<String>,
    #[serde(rename = "UNLocationCode")]
    un_location_code: Option<String>,
    facility_code: Option<String>,
    facility_code_list_provider: Option<String>,
}

impl From<DcsaLocation> for Place {
    fn from(location: DcsaLocation) -> Self {
        Place {
            un_locode: location.un_location_code,
            facility: location.facility_code.map(|code| (code, location.facility_code_list_provider)),
            name: location.location_name,
        }
    }
}

/// A ship as both versions write it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vessel {
    #[serde(rename = "vesselIMONumber")]
    imo_number: Option<String>,
    vessel_name: Option<String>,
    vessel_operator_carrier_code: Option<String>,
}

/// Makes the milestones of a message's events. `root` is where the list of events stands.
fn milestones(
    message: &Message,
    root: &Pointer,
    events: impl IntoIterator<Item = DcsaEvent>,
    names: &Names,
    notes: &mut Notes,
) {
    let mut milestones = Milestones::of(message);
    let mut count = 0;
    for (index, event) in events.into_iter().enumerate() {
        count += 1;
        let at = root.index(index);
        if let Some(event) = neutral(event, &at, names, notes) {
            milestones.add(event, at.as_str(), notes);
        }
    }
    if count == 0 {
        notes.error("NO-EVENT", root, "The list of events is empty; send at least one.");
    }
}

fn neutral(event: DcsaEvent, at: &Pointer, names: &Names, notes: &mut Notes) -> Option<Event> {
    let below = |path: &[&str]| path.iter().fold(at.clone(), |pointer, key| pointer.key(key));
    let mut required = |value: Option<String>, path: &[&str]| {
        let value = value.filter(|value| !value.trim().is_empty());
        if value.is_none() {
            notes.error("MISSING", below(path), "The event needs this field; fill it.");
        }
        value
    };
    let event_type = required(event.event_type, names.event_type);
    let classifier = required(event.classifier, names.classifier);
    let occurred_at = required(event.occurred_at, &["eventDateTime"]);
    let code_path = (names.code)(event_type.as_deref().unwrap_or_default());
    let code = required(event.code, code_path);
    let classifier = classifier.and_then(|word| match &*word {
        "ACT" => Some(Classifier::Act),
        "EST" => Some(Classifier::Est),
        "PLN" => Some(Classifier::Pln),
        "REQ" => Some(Classifier::Req),
        _ => {
            notes.error("INVALID", below(names.classifier), "Expected ACT, EST, PLN or REQ.");
            None
        }
    });
    let mut time = |text: String, name: &str| {
        Timestamp::new(text).map_err(|error| {
            notes.error("INVALID", below(&[name]), format!("Expected {}.", error.expected));
        })
    };
    let occurred_at = occurred_at.and_then(|text| time(text, "eventDateTime").ok());
    let recorded_at = event.recorded_at.map(|text| time(text, names.recorded_at));
    let (event_type, classifier, code, occurred_at) = (event_type?, classifier?, code?, occurred_at?);
    let recorded_at = recorded_at.transpose().ok()?;

    let (known_type, found) = match &*event_type {
        "TRANSPORT" => (EventType::Transport, codes::transport(&code)),
        "EQUIPMENT" => (EventType::Equipment, codes::equipment(&code)),
        "SHIPMENT" => (EventType::Shipment, codes::shipment(&code)),
        // Measurements (IOT, REEFER) and whatever is to come are about the container.
        _ => (EventType::Equipment, None),
    };
    let written = Written { code: format!("{event_type}/{code}"), list: CODES.to_owned(), words: None };
    let meaning = found.map(|code| Meaning { event_type: known_type, code, mode: None, empty: None });
    let meaning = meaning_or_unmapped(meaning, known_type, &written, below(code_path).as_str(), notes);
    let mode = event.mode.and_then(|word| {
        let mode = codes::mode(&word);
        if mode.is_none() {
            notes.info("UNKNOWN-MODE", at, "The mode of transport is not known; it is left out.");
        }
        mode
    });
    let references = event.references.iter();
    let references =
        references.filter_map(|(kind, value)| notes.reference(at, &codes::scheme("dcsa", kind), value)).collect();
    Some(Event {
        message_id: event.id.clone().unwrap_or_default(),
        id: event.id,
        event_type: meaning.event_type,
        code: meaning.code,
        classifier,
        occurred_at,
        recorded_at,
        written,
        place: event.place,
        mode,
        equipment: event.equipment,
        journey: event.journey,
        reason: event.reason,
        references,
    })
}

/// Whether the container is empty, by DCSA's indicator.
fn empty(indicator: Option<String>) -> Option<bool> {
    match indicator?.as_str() {
        "EMPTY" => Some(true),
        "LADEN" => Some(false),
        _ => None,
    }
}

/// Of the two voyages of a port call the one that ends or begins with the event.
fn voyage(code: Option<&str>, import: Option<String>, export: Option<String>) -> Option<String> {
    match code.and_then(|code| codes::transport(code).or_else(|| codes::equipment(code))) {
        Some(MilestoneCode::Arri | MilestoneCode::Disc) => import.or(export),
        _ => export.or(import),
    }
}
