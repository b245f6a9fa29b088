//! What all formats share: an event as its reader found it, and the milestone that becomes of it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use portgate_sdk::Message;
use portgate_sdk::canonical::{
    Classifier, Code, ContainerNumber, Country, EventType, Location, Milestone, MilestoneCode, Reason, Reference, Seal,
    Text, Timestamp, TransportMode, TransportRef, UnLocode,
};

use crate::codes::Meaning;
use crate::notes::Notes;

/// Most references that a milestone has room for.
const REFERENCES_MAX: usize = 64;

/// Most seals, and most remarks.
const SEALS_MAX: usize = 32;
pub(crate) const REMARKS_MAX: usize = 32;

/// An event with what its reader found, in the partner's words where no others are needed.
pub(crate) struct Event {
    /// The partner's own id, if events have one in its format.
    pub(crate) id: Option<String>,
    /// The partner's name of the message, for those that look for it.
    pub(crate) message_id: String,
    /// What it is about.
    pub(crate) event_type: EventType,
    /// What happened.
    pub(crate) code: MilestoneCode,
    /// Whether it has happened.
    pub(crate) classifier: Classifier,
    /// When.
    pub(crate) occurred_at: Timestamp,
    /// When the partner recorded it.
    pub(crate) recorded_at: Option<Timestamp>,
    /// The code that the partner wrote.
    pub(crate) written: Written,
    /// Where.
    pub(crate) place: Place,
    /// By what.
    pub(crate) mode: Option<TransportMode>,
    /// The container.
    pub(crate) equipment: Equipment,
    /// The journey.
    pub(crate) journey: Journey,
    /// Why: a code and words.
    pub(crate) reason: (Option<String>, Option<String>),
    /// The container's seals.
    pub(crate) seals: Vec<WrittenSeal>,
    /// What the partner says in words.
    pub(crate) remarks: Vec<String>,
    /// What it is tied to, besides the container.
    pub(crate) references: Vec<Reference>,
}

/// A code as the partner wrote it.
#[derive(Clone)]
pub(crate) struct Written {
    /// The code.
    pub(crate) code: String,
    /// The list it is of.
    pub(crate) list: String,
    /// The partner's words for it.
    pub(crate) words: Option<String>,
}

/// A place in the partner's words.
#[derive(Clone, Default)]
pub(crate) struct Place {
    /// A code that should be a UN/LOCODE.
    pub(crate) un_locode: Option<String>,
    /// A terminal or depot, and whose list it is of.
    pub(crate) facility: Option<(String, Option<String>)>,
    /// Its name.
    pub(crate) name: Option<String>,
    /// Its country, where it is said apart.
    pub(crate) country: Option<String>,
}

impl Place {
    /// Whether nothing is known of it.
    pub(crate) fn is_nowhere(&self) -> bool {
        self.un_locode.is_none() && self.facility.is_none() && self.name.is_none() && self.country.is_none()
    }

    /// Whether it has a code, by which systems know it.
    pub(crate) fn is_coded(&self) -> bool {
        let some = |code: &str| !code.trim().is_empty();
        self.un_locode.as_deref().is_some_and(some) || self.facility.as_ref().is_some_and(|(code, _)| some(code))
    }
}

/// A seal in the partner's words.
#[derive(Clone)]
pub(crate) struct WrittenSeal {
    /// Its number.
    pub(crate) number: String,
    /// Who put it there.
    pub(crate) source: Option<String>,
    /// What kind it is.
    pub(crate) kind: Option<String>,
}

/// A container in the partner's words.
#[derive(Clone, Default)]
pub(crate) struct Equipment {
    /// Its number.
    pub(crate) id: Option<String>,
    /// ISO 6346 size and type.
    pub(crate) iso_type: Option<String>,
    /// Whether it is empty.
    pub(crate) empty: Option<bool>,
}

/// A journey in the partner's words.
#[derive(Clone, Default)]
pub(crate) struct Journey {
    /// IMO number.
    pub(crate) vessel_imo: Option<String>,
    /// Name of the ship.
    pub(crate) vessel_name: Option<String>,
    /// Voyage number.
    pub(crate) voyage: Option<String>,
    /// Who carries.
    pub(crate) carrier: Option<String>,
}

/// Makes milestones of the events of one message.
pub(crate) struct Milestones<'m> {
    message: &'m Message,
    ids: BTreeSet<Text<128>>,
}

impl<'m> Milestones<'m> {
    /// For this message.
    pub(crate) fn of(message: &'m Message) -> Self {
        Milestones { message, ids: BTreeSet::new() }
    }

    /// Adds the milestone of an event that stands at `at` in the message.
    pub(crate) fn add(&mut self, event: Event, at: &str, notes: &mut Notes) {
        let mut event = event;
        let written = event.equipment.id.take();
        event.equipment.id = written.as_deref().and_then(|written| container(written, at, notes));
        let Some(id) = self.id(&event, at, notes) else { return };
        let equipment_id = notes.identifier::<16>(at, "container number", event.equipment.id.as_deref());
        let seals = seals(event.seals, at, notes);
        let mut references = event.references;
        let written = written.filter(|_| equipment_id.is_some());
        references.extend(written.and_then(|written| notes.reference(at, Reference::CONTAINER, &written)));
        references.extend(seals.iter().filter_map(|seal| notes.reference(at, "seal", &seal.number)));
        let references = distinct(references, at, notes);
        let remarks = remarks(&event.remarks, at, notes);
        let location = location(event.place, at, notes);
        let Journey { vessel_imo, vessel_name, voyage, carrier } = event.journey;
        let vessel_imo = vessel_imo.map(|written| imo_number(&written).unwrap_or(written));
        let journey = TransportRef {
            vessel_imo: notes.identifier(at, "number of the ship", vessel_imo.as_deref()),
            vessel_name: notes.free_text(at, "name of the ship", vessel_name.as_deref()),
            voyage: notes.identifier(at, "voyage number", voyage.as_deref()),
            carrier: notes.identifier(at, "carrier's code", carrier.as_deref()),
            ..NO_JOURNEY
        };
        let (code, words) = event.reason;
        let reason = Reason {
            code: notes.identifier(at, "code of the reason", code.as_deref()),
            text: notes.free_text(at, "reason", words.as_deref()),
        };
        if event.written.code.trim().is_empty() {
            notes.error("MISSING", at, "The event has no code; say what happened.");
            return;
        }
        let written = &event.written;
        let code = notes.identifier(at, "code of the event", Some(&written.code));
        let code_list = notes.identifier(at, "name of the code's list", Some(&written.list));
        let words = notes.free_text(at, "partner's word for the code", written.words.as_deref());
        let iso_type = notes.identifier(at, "size and type of the container", event.equipment.iso_type.as_deref());
        let message_id = notes.identifier(at, "number of the message", Some(&event.message_id));
        let (Some(code), Some(code_list)) = (code, code_list) else { return };
        let recorded_at = event.recorded_at;
        notes.milestone(&Milestone {
            id: id.clone(),
            version: recorded_at.as_ref().map_or_else(|| Text::new("1").expect("a version"), Timestamp::to_version),
            source: self.message.source(message_id, recorded_at.clone()),
            references,
            event_id: id,
            event_type: event.event_type,
            code: event.code,
            classifier: event.classifier,
            occurred_at: event.occurred_at,
            source_code: Code { code, code_list, source_code: words },
            shipment_id: None,
            recorded_at,
            location: (location != NOWHERE).then_some(location),
            mode: event.mode,
            equipment_id,
            iso_type,
            empty: event.equipment.empty,
            transport_ref: (journey != NO_JOURNEY).then_some(journey),
            reason: (reason != NO_REASON).then_some(reason),
            signed_by: None,
            is_return: None,
            seals,
            remarks,
        });
    }

    /// The partner's id, which must not come twice in a message; or one made of what tells the event from others, so that
    /// the same event has the same id in every message that tells of it.
    fn id(&mut self, event: &Event, at: &str, notes: &mut Notes) -> Option<Text<128>> {
        if let Some(id) = &event.id {
            let Some(id) = notes.identifier(at, "event's id", Some(id)) else {
                if id.trim().is_empty() {
                    notes.error("MISSING", at, "The event's id is empty; give it, or leave the field out.");
                }
                return None;
            };
            if !self.ids.insert(id.clone()) {
                notes.error("DUPLICATE", at, "Two events of this message have one id; each needs its own.");
                return None;
            }
            return Some(id);
        }
        let document = event.references.iter().find(|reference| &*reference.scheme == "transport-document");
        let document = document.or_else(|| event.references.iter().find(|reference| &*reference.scheme == "booking"));
        let classifier = match event.classifier {
            Classifier::Act => "ACT",
            Classifier::Est => "EST",
            Classifier::Pln => "PLN",
            Classifier::Req => "REQ",
        };
        let named = document.is_some() || event.equipment.id.is_some();
        let parts = [
            if named { "" } else { event.message_id.as_str() },
            document.map_or("", |document| &*document.value),
            event.equipment.id.as_deref().unwrap_or_default(),
            &event.written.code,
            classifier,
            event.occurred_at.as_str(),
            event.place.un_locode.as_deref().unwrap_or_default(),
        ];
        let parts = parts.map(|part| part.replace(char::is_whitespace, ""));
        let made = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("|");
        let digest = self.message.digest.get(..32).unwrap_or(&self.message.digest);
        let made = Text::new(made).unwrap_or_else(|_| numbered(digest, self.ids.len()));
        let made = if self.ids.contains(&made) { numbered(digest, self.ids.len()) } else { made };
        self.ids.insert(made.clone());
        Some(made)
    }
}

/// The meaning of a code, or, where it has none, that it is not mapped, with a warning at its place.
pub(crate) fn meaning_or_unmapped(
    meaning: Option<Meaning>,
    event_type: EventType,
    written: &Written,
    at: &str,
    notes: &mut Notes,
) -> Meaning {
    meaning.unwrap_or_else(|| {
        let (code, list) = (&written.code, &written.list);
        let code: String = code.chars().take(64).collect();
        let detail = format!("The code `{code}` of {list} is not known; it is kept unmapped. Add it to the connector.");
        notes.warning("UNKNOWN-CODE", at, detail);
        Meaning { event_type, code: MilestoneCode::Unmapped, mode: None, empty: None }
    })
}

/// A ship's code, if it is an IMO number, which the message may say that it is not. The milestone has room for no other, so
/// that a finding names another.
pub(crate) fn imo(code: &str, said_to_be: bool, at: impl Display, notes: &mut Notes) -> Option<String> {
    let number = imo_number(code).filter(|_| said_to_be);
    if number.is_none() {
        notes.info("NO-IMO-NUMBER", at, "The ship's code is no IMO number and is left out; its name says which it is.");
    }
    number
}

pub(crate) const NOWHERE: Location = Location {
    un_locode: None,
    facility_code: None,
    facility_code_list: None,
    name: None,
    country: None,
    address: None,
};
pub(crate) const NO_JOURNEY: TransportRef = TransportRef {
    vessel_imo: None,
    vessel_name: None,
    voyage: None,
    carrier: None,
    carrier_name: None,
    service: None,
};
const NO_REASON: Reason = Reason { code: None, text: None };

/// An id of last resort: the payload and the event's number in it.
fn numbered(digest: &str, number: usize) -> Text<128> {
    Text::new(format!("{digest}#{number}")).expect("a digest and a number are short")
}

/// A place as documents have it.
pub(crate) fn location(place: Place, at: &str, notes: &mut Notes) -> Location {
    let written = place.un_locode.filter(|code| !code.trim().is_empty());
    let un_locode = written.as_deref().and_then(un_locode);
    let mut name = place.name;
    if let (None, Some(code)) = (&un_locode, written) {
        notes.warning("UN-LOCODE", at, "The place's code is not a UN/LOCODE; it is kept as a name.");
        name = name.or(Some(code));
    }
    let country = country(place.country.as_deref(), un_locode.as_ref(), at, notes);
    let (facility, list) = place.facility.map_or((None, None), |(facility, list)| (Some(facility), list));
    Location {
        un_locode,
        facility_code: notes.identifier(at, "code of the terminal", facility.as_deref()),
        facility_code_list: notes.identifier(at, "name of the terminals' list", list.as_deref()),
        name: notes.free_text(at, "name of the place", name.as_deref()),
        country,
        address: None,
    }
}

/// A UN/LOCODE. The list itself prints it with a blank behind the country: `GB FXT`.
fn un_locode(written: &str) -> Option<UnLocode> {
    let written = written.trim();
    let printed = written.split_once(' ').filter(|(country, place)| country.len() == 2 && place.len() == 3);
    UnLocode::new(printed.map_or_else(|| written.to_owned(), |(country, place)| format!("{country}{place}"))).ok()
}

/// An IMO number, seven digits, which some write with `IMO` before it; none where it is another number of the ship.
fn imo_number(written: &str) -> Option<String> {
    let digits = written.trim();
    let digits = digits.strip_prefix("IMO").unwrap_or(digits).trim_start_matches([' ', '-', ':']);
    (digits.len() == 7 && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.to_owned())
}

/// The country of a place, unless its code begins with it already.
fn country(written: Option<&str>, un_locode: Option<&UnLocode>, at: &str, notes: &mut Notes) -> Option<Country> {
    let written = written.map(str::trim).filter(|country| !country.is_empty())?;
    let Ok(country) = Country::new(written) else {
        notes.warning("COUNTRY", at, "The place's country is no code of two capital letters; it is left out.");
        return None;
    };
    let code = un_locode.map(|code| &code.as_str()[..2]);
    if code.is_some_and(|code| code != country.as_str()) {
        notes.warning("COUNTRY", at, "The place's country is not that of its UN/LOCODE; find out which is right.");
    }
    (code != Some(country.as_str())).then_some(country)
}

/// The container's number in its one form, with a warning where something is wrong with it: real messages carry dummies
/// and containers of shippers' own numbering.
fn container(written: &str, at: &str, notes: &mut Notes) -> Option<String> {
    let written = Some(written.trim()).filter(|written| !written.is_empty())?;
    match ContainerNumber::read(written) {
        Ok(number) => {
            if let Some(complaint) = number.complaint() {
                notes.warning("CONTAINER-NUMBER", at, complaint);
            }
        }
        Err(error) => {
            let detail = format!("A container number is {}; this is kept as it is.", error.expected);
            notes.warning("CONTAINER-NUMBER", at, detail);
        }
    }
    Some(ContainerNumber::one_form(written))
}

/// Each seal once, as many as there is room for.
fn seals(written: Vec<WrittenSeal>, at: &str, notes: &mut Notes) -> Vec<Seal> {
    let mut seals: Vec<Seal> = Vec::new();
    for seal in written {
        let Some(number) = notes.identifier(at, "number of the seal", Some(&seal.number)) else { continue };
        if seals.iter().any(|known| known.number == number) {
            continue;
        }
        if seals.len() == SEALS_MAX {
            let detail = format!("The container has more than {SEALS_MAX} seals; the rest is left out.");
            notes.warning("TOO-MANY-SEALS", at, detail);
            break;
        }
        let source = notes.identifier(at, "code of who put the seal there", seal.source.as_deref());
        let kind = notes.identifier(at, "kind of the seal", seal.kind.as_deref());
        seals.push(Seal { number, source, kind });
    }
    seals
}

/// What is said in words, as much as there is room for.
fn remarks(written: &[String], at: &str, notes: &mut Notes) -> Vec<Text<512>> {
    if written.len() > REMARKS_MAX {
        let detail = format!("The event has more than {REMARKS_MAX} remarks; the rest is left out.");
        notes.warning("TOO-MANY-REMARKS", at, detail);
    }
    written.iter().take(REMARKS_MAX).filter_map(|words| notes.free_text(at, "remark", Some(words))).collect()
}

/// Each reference once; what was written in another form stays beside it. Where there are more than a milestone has room
/// for, the message is refused: without one of them, somebody would not find the event.
fn distinct(references: Vec<Reference>, at: &str, notes: &mut Notes) -> Vec<Reference> {
    let mut kept: Vec<Reference> = Vec::new();
    let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
    for reference in references {
        match places.entry((reference.scheme.to_string(), reference.value.to_string())) {
            Entry::Vacant(place) => {
                place.insert(kept.len());
                kept.push(reference);
            }
            Entry::Occupied(place) => {
                let known = &mut kept[*place.get()];
                known.written = known.written.take().or(reference.written);
            }
        }
    }
    if kept.len() > REFERENCES_MAX {
        let detail = format!("The event has {} references, and {REFERENCES_MAX} are the most.", kept.len());
        notes.error("TOO-MANY-REFERENCES", at, detail);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_ships_have_one_form_as_well() {
        for (written, form) in
            [("GBFXT", Some("GBFXT")), (" GB FXT ", Some("GBFXT")), ("Paris", None), ("GB F XT", None)]
        {
            assert_eq!(un_locode(written).map(|code| code.to_string()).as_deref(), form, "{written}");
        }
        for written in ["9321483", "IMO9321483", "IMO 9321483", "IMO: 9321483"] {
            assert_eq!(imo_number(written).as_deref(), Some("9321483"), "{written}");
        }
        assert!(imo_number("ABCD7").is_none() && imo_number("93214831").is_none());
    }
}
