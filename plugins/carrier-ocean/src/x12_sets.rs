//! What all X12 sets share: the walk over an interchange, and the places of a journey (`R4` with the `DTM` below).
//!
//! Where it was agreed, the carrier is told what was taken and what not, and why: a 997 or 999.

use portgate_sdk::canonical::{Address, Location, Reference, Timestamp, TransportRef};
use portgate_sdk::time::{Time, TimeError, x12 as x12_time};
use portgate_sdk::x12::{self, Interchange, Limits, Message as Set, Segment};
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection, codes as agreed};

use crate::event::{NO_JOURNEY, Place, imo, location};
use crate::notes::Notes;
use crate::time::{Times, canonical};

/// The tables of an agreement in which the carrier's codes of carriers, and of places by other lists than UN/LOCODE, are looked
/// up as they were on the day of the event.
pub(crate) const CARRIERS: &str = "carrier";
const LOCATIONS: &str = "location";

/// What `read` makes of each set of this kind, with the acknowledgement that was agreed. Where there is none, an error of the code
/// `none` says so.
pub(crate) fn decode(
    message: &Message,
    kind: &str,
    none: &str,
    read: impl FnMut(Set<'_>, &mut Notes),
) -> Result<Decoded, Rejection> {
    let interchange = Interchange::parse(&message.body, &Limits::default())?;
    x12::reply(message, &interchange, documents(&interchange, kind, none, read))
}

fn documents(
    interchange: &Interchange<'_>,
    kind: &str,
    none: &str,
    mut read: impl FnMut(Set<'_>, &mut Notes),
) -> Result<Decoded, Rejection> {
    let mut notes = Notes::default();
    for anomaly in interchange.anomalies() {
        notes.finding(anomaly.clone());
    }
    for set in interchange.messages() {
        if notes.are_overfull() {
            break;
        }
        notes.part(set.location(), set.reference().unwrap_or_default());
        match (set.broken(), set.kind().as_deref()) {
            (Some(broken), _) => notes.finding(broken),
            (None, None) => read(set, &mut notes),
            (None, Some(found)) if found == kind => read(set, &mut notes),
            (None, Some(other)) => {
                let other: String = other.chars().take(16).collect();
                let detail = format!("This is a transaction set `{other}`; only {kind} is taken under this contract.");
                let code = format!("NOT-A-{kind}");
                notes.finding(Finding::error(&code, set.location(), detail).because(Mistake::Unsupported));
            }
        }
        if notes.is_part_refused() {
            set.pass_over();
        }
    }
    notes.end_part();
    if notes.documents() == 0 && !notes.refused() {
        let detail = format!("The interchange holds no transaction set {kind}; send at least one.");
        notes.error(none, "segment 1", detail);
    }
    notes.finish()
}

/// When a set was written: the time of its group, or none where that cannot be read.
pub(crate) fn written_at(set: Set<'_>) -> Option<Timestamp> {
    let group = set.group()?;
    let (day, clock) = (group.element(4)?, group.element(5));
    let moment = x12_time::read(Some(&day), clock.as_deref(), None).ok()?;
    let clock = moment.clock.map_or_else(|| "T00:00:00".to_owned(), |_| String::new());
    Timestamp::new(format!("{moment}{clock}")).ok()
}

/// A day with its time of day and zone, from three elements; none where there is no day. What cannot be read is a warning.
pub(crate) fn moment(
    segment: Segment<'_>,
    day: usize,
    clock: usize,
    zone: usize,
    notes: &mut Notes,
) -> Option<Timestamp> {
    let part = |number: usize| if number == 0 { None } else { segment.element(number) };
    let (date, clock, zone) = (part(day)?, part(clock), part(zone));
    let at = segment.at(day).to_string();
    match x12_time::read(Some(&date), clock.as_deref(), zone.as_deref()) {
        Ok(moment) => canonical(&Time::Point(moment), &*at, notes),
        Err(error) => {
            crate::time::unreadable(&error, at, notes);
            None
        }
    }
}

/// A port or place of the journey, with its times by their qualifier.
pub(crate) struct Stop<'d> {
    pub(crate) place: Segment<'d>,
    pub(crate) times: Times<String>,
}

impl Stop<'_> {
    /// What the place is to the journey, `R4-01`: `L` loading, `D` discharge, `E` delivery, `R` receipt, `5` activity.
    pub(crate) fn role(&self) -> String {
        self.place.element(1).unwrap_or_default().into_owned()
    }

    /// The code of `R4-03`, the name of `R4-04` with the terminal of `R4-06`, and the country of `R4-05`. A code of another
    /// list than UN/LOCODE is looked up as it was on that day.
    pub(crate) fn place(&self, on: &str, notes: &mut Notes) -> Place {
        our_place(self.written_place(), other_code(self.place, 2, 3), self.place.at(3).to_string(), on, notes)
    }

    /// The role of the place and what it is called, for those who have no other room for it.
    pub(crate) fn in_words(&self) -> Option<String> {
        let text = |number| self.place.element(number).map(|text| text.trim().to_owned());
        let names = [text(3), text(4), text(8), text(5)].into_iter().flatten().collect::<Vec<_>>().join(", ");
        (!names.is_empty()).then(|| format!("Place {}: {names}", self.role()))
    }

    pub(crate) fn written_place(&self) -> Place {
        let text = |number| self.place.element(number).map(|text| text.trim().to_owned());
        let coded = self.place.element(2).is_some_and(|qualifier| qualifier == "UN");
        let (code, identifier) = if coded { (text(3), None) } else { (None, text(3)) };
        let name = text(4).or(identifier);
        let terminal = text(6).filter(|terminal| name.as_ref() != Some(terminal));
        let name = [name, terminal].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let name = Some(name).filter(|name| !name.is_empty());
        Place { un_locode: code, facility: None, name, country: text(5) }
    }
}

pub(crate) fn stops<'d>(set: Set<'d>, notes: &mut Notes) -> Vec<Stop<'d>> {
    let mut stops: Vec<Stop<'d>> = Vec::new();
    for segment in set.segments() {
        match (segment.tag(), stops.last_mut()) {
            ("R4", _) => stops.push(Stop { place: segment, times: Times::new() }),
            ("DTM", Some(stop)) => {
                let qualifier = segment.element(1).unwrap_or_default().into_owned();
                stop.times.add(qualifier, segment.location(), time(segment), notes);
            }
            _ => {}
        }
    }
    stops
}

/// The time of a `DTM`: date, time and zone (`DTM-02` to `DTM-04`), or a text with its format (`DTM-05` and `DTM-06`).
/// Before release 004010 `DTM-05` was the century of the date.
pub(crate) fn time(dtm: Segment<'_>) -> Result<Time, TimeError> {
    let part = |number| dtm.element(number);
    let (date, clock, zone) = (part(2), part(3), part(4));
    if let (None, None, Some(qualifier), Some(text)) = (&date, &clock, part(5), part(6)) {
        return x12_time::by_qualifier(&text, &qualifier);
    }
    let century = part(5).filter(|century| century.len() == 2 && part(6).is_none());
    let date = date.map(|date| match (date.trim().len(), century) {
        (6, Some(century)) => format!("{century}{}", date.trim()),
        _ => date.into_owned(),
    });
    x12_time::read(date.as_deref(), clock.as_deref(), zone.as_deref()).map(Time::Point)
}

/// A place with its state (`R4-08`) as documents have it.
pub(crate) fn location_of(stop: &Stop<'_>, on: &str, notes: &mut Notes) -> Location {
    let mut location = location(stop.place(on, notes), &stop.place.location(), notes);
    let region = notes.free_text(stop.place.at(8), "state", stop.place.element(8).as_deref());
    if region.is_some() {
        location.address = Some(Address { region, ..Address::default() });
    }
    location
}

/// A container's number of its owner's code, serial number and check digit. The serial number has six digits, but some write the
/// check digit behind them as well, and some leave out the zeros before them.
pub(crate) fn container_number(owner: &str, serial: &str, digit: &str) -> String {
    let (owner, serial, digit) = (owner.trim(), serial.trim(), digit.trim());
    let whole = format!("{owner}{serial}");
    let short = serial.len() < 6 && serial.bytes().all(|digit| digit.is_ascii_digit());
    match serial.len() > 6 && whole.ends_with(digit) {
        true => whole,
        false if short => format!("{owner}{serial:0>6}{digit}"),
        false => whole + digit,
    }
}

/// The code of a place by another list than UN/LOCODE, under the name of that list.
pub(crate) fn other_name(stop: &Stop<'_>, notes: &mut Notes) -> Option<Reference> {
    let code = other_code(stop.place, 2, 3)?;
    let list = match stop.place.element(2).as_deref()? {
        "D" => "schedule-d".to_owned(),
        "K" => "schedule-k".to_owned(),
        "SL" => "splc".to_owned(),
        other => format!("x12:{other}"),
    };
    notes.reference(stop.place.at(3), &list, &code)
}

/// `V1`: ship and voyage. `V1-01` is an IMO (Lloyd's) number unless `V1-08` says otherwise.
pub(crate) fn ship(vessel: Segment<'_>, notes: &mut Notes) -> TransportRef {
    let text = |number| vessel.element(number).map(|text| text.into_owned());
    let lloyds = vessel.element(8).is_none_or(|qualifier| qualifier == "L");
    let number = text(1).and_then(|code| imo(&code, lloyds, vessel.location(), notes));
    TransportRef {
        vessel_imo: notes.identifier(vessel.at(1), "number of the ship", number.as_deref()),
        vessel_name: notes.free_text(vessel.at(2), "name of the ship", text(2).as_deref()),
        voyage: notes.identifier(vessel.at(4), "voyage number", text(4).as_deref()),
        carrier: notes.identifier(vessel.at(5), "carrier's code", text(5).as_deref()),
        ..NO_JOURNEY
    }
}

/// The day of a time, where it happened.
pub(crate) fn day_of(time: &Timestamp) -> String {
    time.as_str().chars().take(10).collect()
}

/// A code of a place by another list than UN/LOCODE; `qualifier` and `code` are the numbers of the elements.
pub(crate) fn other_code(segment: Segment<'_>, qualifier: usize, code: usize) -> Option<String> {
    let list = segment.element(qualifier).filter(|list| list != "UN")?;
    segment.element(code).map(|code| code.trim().to_owned()).filter(|code| !list.is_empty() && !code.is_empty())
}

/// A place whose code is of another list, with its UN/LOCODE where that was agreed.
pub(crate) fn our_place(place: Place, code: Option<String>, at: String, on: &str, notes: &mut Notes) -> Place {
    let Some(code) = code else { return place };
    let ours = agreed::to_ours(LOCATIONS, &code, on, at, |finding| notes.finding(finding));
    match ours == code {
        true => place,
        false => Place { un_locode: Some(ours), ..place },
    }
}
