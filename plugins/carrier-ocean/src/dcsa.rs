//! DCSA's interfaces. Here stands what versions 2.2 and 3.0 of Track & Trace share: each version has its own shape of an event; both
//! are read into [`DcsaEvent`], and findings name places by JSON Pointer.
//!
//! Booking requests and shipping instructions are read and written over the same structs ([`wire`]).

pub(crate) mod answer;
pub(crate) mod booking;
pub(crate) mod booking_out;
mod danger;
mod goods;
pub(crate) mod instructions;
pub(crate) mod instructions_out;
mod kept;
mod measure;
mod names;
pub(crate) mod notification;
mod parties;
mod parties_out;
mod places;
mod tender;
mod terms;
pub(crate) mod v2;
pub(crate) mod v3;
mod wire;

use portgate_sdk::canonical::{Classifier, EventType, MilestoneCode, Timestamp};
use portgate_sdk::{Message, Pointer};
use serde::Deserialize;
use serde_json::Value;

use terms::{
    BOOKING, BOOKING_REQUEST, INSTRUCTIONS, TRANSPORT_DOCUMENT, carrier, incoterm, payment, push_goods,
    written_incoterm,
};

use crate::codes::{self, Meaning};
use crate::event::{Equipment, Event, Journey, Milestones, Place, Written, WrittenSeal, meaning_or_unmapped};
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
    /// Whether the place's code is that of the transport call, for the event's own location has none.
    place_of_call: bool,
    mode: Option<String>,
    equipment: Equipment,
    journey: Journey,
    reason: (Option<String>, Option<String>),
    references: Vec<(String, String)>,
    seals: Vec<WrittenSeal>,
    /// What is said in words, besides the reason.
    remarks: Vec<String>,
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
    address: Option<DcsaAddress>,
    /// Version 2.2 has the coordinates here, version 3.0 one level below.
    latitude: Option<Degrees>,
    longitude: Option<Degrees>,
    geo_coordinate: Option<GeoCoordinate>,
}

/// The coordinates of version 3.0.
#[derive(Deserialize)]
struct GeoCoordinate {
    latitude: Option<Degrees>,
    longitude: Option<Degrees>,
}

/// A latitude or longitude: the standard wants a text, and some carriers write a number.
struct Degrees(String);

impl<'de> Deserialize<'de> for Degrees {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Value::deserialize(from)? {
            Value::String(text) => Ok(Degrees(text.trim().to_owned())),
            Value::Number(number) => Ok(Degrees(number.to_string())),
            _ => Err(serde::de::Error::custom("expected degrees, as a text")),
        }
    }
}

/// The coordinates of the place that an event is given: its own, or those of its transport call where it has none.
fn coordinates(own: Option<&DcsaLocation>, call: Option<&DcsaLocation>) -> Option<String> {
    own.or(call).and_then(DcsaLocation::coordinates)
}

impl DcsaLocation {
    /// Its coordinates in words: a milestone's place has no field for them.
    fn coordinates(&self) -> Option<String> {
        let (latitude, longitude) = match &self.geo_coordinate {
            Some(found) => (found.latitude.as_ref()?, found.longitude.as_ref()?),
            None => (self.latitude.as_ref()?, self.longitude.as_ref()?),
        };
        Some(format!("Latitude {}, longitude {}", latitude.0, longitude.0))
    }
}

/// An address as both versions write it.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct DcsaAddress {
    name: Option<String>,
    street: Option<String>,
    street_number: Option<String>,
    floor: Option<String>,
    post_code: Option<String>,
    city: Option<String>,
    state_region: Option<String>,
    country: Option<String>,
    country_code: Option<String>,
}

impl From<DcsaLocation> for Place {
    /// The name is the location's own, or the address in one line.
    fn from(location: DcsaLocation) -> Self {
        let address = location.address.unwrap_or_default();
        let written = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let country = written(address.country_code).or_else(|| written(address.country));
        // Version 2.2 writes the name of the country as often as its code.
        let (country, land) = match country {
            Some(country) if country.len() == 2 => (Some(country.to_ascii_uppercase()), None),
            country => (None, country),
        };
        let street = [written(address.street), written(address.street_number), written(address.floor)];
        let street: Vec<String> = street.into_iter().flatten().collect();
        let lines = [
            written(address.name),
            written(Some(street.join(" "))),
            written(address.post_code),
            written(address.city),
            written(address.state_region),
            land,
        ];
        let lines: Vec<String> = lines.into_iter().flatten().collect();
        Place {
            un_locode: location.un_location_code,
            facility: location.facility_code.map(|code| (code, location.facility_code_list_provider)),
            name: written(location.location_name).or_else(|| written(Some(lines.join(", ")))),
            country,
        }
    }
}

/// The place of an event: its own location, or that of its transport call where it has none. Where its own has no code,
/// those of the call are taken beside its own words, and the answer's second part says so.
fn place(own: Option<DcsaLocation>, call: Place) -> (Place, bool) {
    let own = own.map(Place::from).unwrap_or_default();
    match (own.is_nowhere(), own.is_coded(), call.is_coded()) {
        (true, ..) => (call, false),
        (false, false, true) => {
            let place = Place { un_locode: call.un_locode, facility: call.facility, ..own };
            (Place { name: place.name.or(call.name), ..place }, true)
        }
        _ => (own, false),
    }
}

/// A seal as both versions write it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DcsaSeal {
    seal_number: Option<String>,
    seal_source: Option<String>,
    seal_type: Option<String>,
}

fn seals(seals: Option<Vec<DcsaSeal>>) -> Vec<WrittenSeal> {
    let written = |seal: DcsaSeal| {
        Some(WrittenSeal { number: seal.seal_number?, source: seal.seal_source, kind: seal.seal_type })
    };
    seals.unwrap_or_default().into_iter().filter_map(written).collect()
}

/// The reason in words, and other remarks. A change's own remark says more than the general reason.
fn in_words(change: Option<String>, reason: Option<String>) -> (Option<String>, Vec<String>) {
    match (change, reason) {
        (Some(change), Some(reason)) if change != reason => (Some(change), vec![reason]),
        (change, reason) => (change.or(reason), Vec::new()),
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
    let events: Vec<DcsaEvent> = events.into_iter().collect();
    let (count, is_list) = (events.len(), events.len() > 1);
    for (index, event) in events.into_iter().enumerate() {
        if notes.are_overfull() {
            break;
        }
        let at = root.index(index);
        if is_list {
            notes.part(at.as_str(), event.id.clone().unwrap_or_default());
        }
        if let Some(event) = neutral(event, &at, names, notes) {
            milestones.add(event, at.as_str(), notes);
        }
    }
    notes.end_part();
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
        // Measurements (IOT, REEFER), and kinds that are yet to come, are about the container.
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
    if event.place_of_call {
        let detail = "The event's own location has no code; that of its transport call is taken.";
        notes.info("PLACE-OF-CALL", at, detail);
    }
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
        seals: event.seals,
        remarks: event.remarks,
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

/// The one of a port call's two voyages that ends or begins with the event.
fn voyage(code: Option<&str>, import: Option<String>, export: Option<String>) -> Option<String> {
    match code.and_then(|code| codes::transport(code).or_else(|| codes::equipment(code))) {
        Some(MilestoneCode::Arri | MilestoneCode::Disc) => import.or(export),
        _ => export.or(import),
    }
}
