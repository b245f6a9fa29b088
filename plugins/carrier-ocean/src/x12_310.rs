//! X12 310, freight receipt and invoice (ocean), release 004010: a bill of lading with what its carriage costs.
//!
//! The bill of lading becomes a `shipment`: `B3` and `N9` say what it is called, `R4` and `V1` its way, `N7` and `M7` its containers
//! with their seals, `L0` and `L5` its goods. Each `L1` with an amount becomes a `landed-cost-event` ([`charges`]).

use portgate_sdk::canonical::{
    Code, ContainerNumber, Decimal, Equipment, HsCode, Leg, Note, Package, Quantity, Shipment, ShipmentLine, Text,
    TransportMode, Unit,
};
use portgate_sdk::x12::{Message as Set, Segment};
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection};

use crate::codes;
use crate::event::{NO_JOURNEY, NOWHERE};
use crate::notes::Notes;
use crate::time::canonical;
use crate::x12_charges as charges;
use crate::x12_head::{Head, head};
use crate::x12_measure::{count, cubic_metres, kilograms, number};
use crate::x12_party::parties;
use crate::x12_sets::{self as sets, Stop, day_of, stops};

/// Most of each list that the document has room for.
const NOTES_MAX: usize = 100;
const SEALS_MAX: usize = 16;
/// The shipments and costs of an interchange, with the acknowledgement that was agreed.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    sets::decode(message, "310", "NO-SET", |set, notes| bill(set, message, notes, |_, _, _| {}))
}

/// The shipment of a bill of lading, with what `more` knows of it besides, and each of its costs.
pub(crate) fn bill(
    set: Set<'_>,
    message: &Message,
    notes: &mut Notes,
    more: impl FnOnce(&mut Shipment, &Head<'_>, &mut Notes),
) {
    let Some(begin) = set.first("B3") else {
        let detail = "The transaction set has no `B3`, which says which bill of lading and invoice it is.";
        notes.finding(Finding::error("MISSING", set.location(), detail).because(Mistake::MissingSegment("B3")));
        return;
    };
    let Some(head) = head(set, begin, message, notes) else { return };
    if let Some(mut shipment) = shipment(set, begin, &head, notes) {
        more(&mut shipment, &head, notes);
        notes.document(&shipment);
    }
    charges::events(set, begin, &head, notes);
}

fn shipment(set: Set<'_>, begin: Segment<'_>, head: &Head<'_>, notes: &mut Notes) -> Option<Shipment> {
    let id = Text::new(head.shipment_id.to_string()).ok()?;
    let source = head.message.source(head.message_id.clone(), head.written_at.clone());
    let mut shipment = Shipment::new(id, head.version.clone(), source, head.shipment_id.clone());
    shipment.references = head.references.clone();
    let named = |scheme: &str| {
        let found = head.references.iter().find(|reference| &*reference.scheme == scheme)?;
        Text::new(found.value.to_string()).ok()
    };
    shipment.master_transport_doc = named("transport-document");
    shipment.booking_ref = named("booking");
    shipment.mode = Some(TransportMode::Sea);
    shipment.freight_terms = coded(begin, 4, "X12 146", notes);
    shipment.classifications = [(1, "X12 147"), (13, "X12 tariff service")]
        .into_iter()
        .filter_map(|(element, list)| coded(begin, element, list, notes))
        .collect();
    let (parties, others) = parties(set, notes);
    shipment.parties = parties;
    let on = head.invoiced_at.as_ref().map(day_of).unwrap_or_default();
    let places = stops(set, notes);
    way(set, &places, &on, &mut shipment, notes);
    if let Some(total) = set.first("L3") {
        shipment.gross_kg = total.element(1).and_then(|_| kilograms(total, 1, 12, notes));
        shipment.volume_m3 = total.element(9).and_then(|_| cubic_metres(total, 9, 10, notes));
    }
    contents(set, &mut shipment, notes);
    let said = others.into_iter().chain(remarks(set));
    let said: Vec<Note> =
        said.filter_map(|words| notes.free_text(set.location(), "note", Some(&words)).map(Note::new)).collect();
    if said.len() > NOTES_MAX {
        notes.warning("TOO-MANY-REMARKS", set.location(), "There are more than 100 notes; the rest is left out.");
    }
    shipment.notes.extend(said.into_iter().take(NOTES_MAX - shipment.notes.len().min(NOTES_MAX)));
    Some(shipment)
}

/// The code that stands in an element, of this list.
pub(crate) fn coded(segment: Segment<'_>, element: usize, list: &str, notes: &mut Notes) -> Option<Code> {
    let code = notes.identifier(segment.at(element), "code", segment.element(element).as_deref())?;
    Some(Code { code, code_list: Text::new(list).ok()?, source_code: None })
}

/// Ports of loading and discharge with the times there, and the ship between them; the other places are told in words.
fn way(set: Set<'_>, places: &[Stop<'_>], on: &str, shipment: &mut Shipment, notes: &mut Notes) {
    let mut leg = Leg::new(1);
    leg.mode = Some(TransportMode::Sea);
    leg.transport = set.first("V1").map(|vessel| sets::ship(vessel, notes)).filter(|ship| *ship != NO_JOURNEY);
    for stop in places {
        let role = stop.role();
        if !matches!(&*role, "L" | "D") {
            let words = stop.in_words().and_then(|words| notes.free_text(stop.place.location(), "note", Some(&words)));
            shipment.notes.extend(words.map(Note::new));
        }
        let location = Some(sets::location_of(stop, on, notes)).filter(|location| *location != NOWHERE);
        match &*role {
            "L" => (leg.from, shipment.place_of_loading) = (location.clone(), location),
            "D" => (leg.to, shipment.place_of_discharge) = (location.clone(), location),
            _ => {}
        }
        for stated in stop.times.all() {
            let Some(time) = canonical(&stated.time, &*stated.at, notes) else { continue };
            match (&*role, &*stated.key) {
                ("L", "140" | "370") => leg.atd = Some(time),
                ("L", "139" | "369") => leg.etd = Some(time),
                ("D", "140" | "372") => leg.ata = Some(time),
                ("D", "139" | "371") => leg.eta = Some(time),
                (role, qualifier) => {
                    let words = format!("{} {qualifier} at place {role}: {}", codes::X12_TIME, time.as_str());
                    let words = notes.free_text(&stated.at, "note", Some(&words));
                    shipment.notes.extend(words.map(Note::new));
                }
            }
        }
    }
    let says_something = leg.transport.is_some() || leg.from.is_some() || leg.to.is_some();
    shipment.legs.extend(says_something.then_some(leg));
}

/// Below each `LX`: containers with their seals, packages, and goods.
fn contents(set: Set<'_>, shipment: &mut Shipment, notes: &mut Notes) {
    let mut line_no = "1".to_owned();
    let mut descriptions: Vec<String> = Vec::new();
    // Whether there is a line already that an `L5` belongs to.
    let mut open = false;
    for segment in set.segments() {
        match segment.tag() {
            "LX" => {
                line_no = segment.element(1).map_or(line_no, |number| number.into_owned());
                open = false;
            }
            "N7" => shipment.equipment.extend(container(segment, notes)),
            "M7" => {
                let Some(container) = shipment.equipment.last_mut() else { continue };
                let seals = (1..=4).filter_map(|number| segment.element(number));
                let seals = seals.filter_map(|seal| notes.identifier(segment.at(1), "number of the seal", Some(&seal)));
                container.seals.extend(seals);
                container.seals.truncate(SEALS_MAX);
            }
            "L0" => {
                let (package, quantity) = lading(segment, notes);
                shipment.packages.extend(package);
                let number = notes.identifier(segment.at(1), "number of the line", Some(&line_no));
                let Some(number) = number else { continue };
                let mut line = ShipmentLine::new(number, quantity);
                line.gross_kg = weight(segment, "G", notes);
                line.net_kg = weight(segment, "N", notes);
                line.volume_m3 = segment.element(6).and_then(|_| cubic_metres(segment, 6, 7, notes));
                shipment.lines.push(line);
                descriptions.push(String::new());
                open = true;
            }
            "L5" => {
                if !open {
                    let number = notes.identifier(segment.at(1), "number of the line", Some(&line_no));
                    let Some(number) = number else { continue };
                    notes.warning(
                        "NO-QUANTITY",
                        segment.location(),
                        "The goods have no `L0`, which says how much they are.",
                    );
                    shipment.lines.push(ShipmentLine::new(number, Quantity::pieces(Decimal::ZERO)));
                    descriptions.push(String::new());
                    open = true;
                }
                let (Some(line), Some(words)) = (shipment.lines.last_mut(), descriptions.last_mut()) else { continue };
                if let Some(more) = segment.element(2) {
                    *words = format!("{words} {more}");
                }
                commodity(segment, line, notes);
                for number in [6, 8] {
                    let marks = notes.free_text(segment.at(number), "marks", segment.element(number).as_deref());
                    line.notes.extend(marks.map(Note::new));
                }
            }
            _ => {}
        }
    }
    for (line, words) in shipment.lines.iter_mut().zip(descriptions) {
        line.description = Text::cut(&words).map(|cut| cut.text);
        // A field has room for the beginning of a long description, and a note for all of it.
        if words.trim().chars().count() > 512 {
            line.notes.extend(notes.free_text(set.location(), "description", Some(&words)).map(Note::new));
        }
    }
}

fn container(segment: Segment<'_>, notes: &mut Notes) -> Option<Equipment> {
    let part = |number| segment.element(number).unwrap_or_default();
    let written = sets::container_number(&part(1), &part(2), &part(18));
    if let Some(complaint) =
        ContainerNumber::read(&written).ok().and_then(|number| number.complaint().map(str::to_owned))
    {
        notes.warning("CONTAINER-NUMBER", segment.at(2), complaint);
    }
    let id = notes.identifier(segment.at(2), "container number", Some(&ContainerNumber::one_form(&written)))?;
    let mut container = Equipment::new(id);
    let kind = segment.element(22);
    container.iso_type = notes.identifier(segment.at(22), "size and type of the container", kind.as_deref());
    Some(container)
}

/// `L0`: the packages, and how many they are as the quantity of the line.
fn lading(segment: Segment<'_>, notes: &mut Notes) -> (Option<Package>, Quantity) {
    let packages = segment.element(8).and_then(|_| number(segment, 8, notes)).unwrap_or_default();
    let kind = segment.element(9).or_else(|| segment.element(14)).unwrap_or_default();
    let unit = if kind.starts_with("PC") { "C62" } else { "XPK" };
    let quantity = match Unit::new(unit) {
        Ok(unit) => Quantity { value: packages, unit },
        Err(_) => Quantity::pieces(packages),
    };
    let package = segment.element(8).and_then(|_| {
        let mut package = Package::new(Text::new(rec21(&kind)).ok()?, count(segment, 8, notes)?);
        package.written_type = notes.identifier(segment.at(9), "kind of the packages", Some(&kind));
        package.gross_kg = weight(segment, "G", notes);
        package.net_kg = weight(segment, "N", notes);
        package.volume_m3 = segment.element(6).and_then(|_| cubic_metres(segment, 6, 7, notes));
        Some(package)
    });
    (package, quantity)
}

/// The kind of packages (UNECE Recommendation 21) by element 211, whose first three letters say it; a package where it is not known.
fn rec21(kind: &str) -> &'static str {
    match kind.get(..3).unwrap_or_default() {
        "BAG" => "BG",
        "BBL" => "BA",
        "BDL" => "BE",
        "BOX" => "BX",
        "BXT" | "CTN" => "CT",
        "CAS" => "CS",
        "CNT" => "CN",
        "CRT" => "CR",
        "DRM" => "DR",
        "PAL" | "PLT" => "PX",
        "PCS" => "PP",
        "ROL" => "RO",
        _ => "PK",
    }
}

/// The weight of `L0-04` where it is of this kind (`L0-05`); what is not said to be net is gross.
fn weight(segment: Segment<'_>, kind: &str, notes: &mut Notes) -> Option<Decimal> {
    segment.element(4)?;
    let net = segment.element(5).is_some_and(|qualifier| qualifier == "N");
    if net == (kind == "N") { kilograms(segment, 4, 11, notes) } else { None }
}

/// `L5-03` by `L5-04`. Carriers write tariff numbers under qualifiers of all kinds: six digits and more are one where they have the
/// shape, and other codes keep their list.
fn commodity(segment: Segment<'_>, line: &mut ShipmentLine, notes: &mut Notes) {
    let Some(code) = segment.element(3) else { return };
    let qualifier = segment.element(4).unwrap_or_default();
    let digits: String = code.chars().filter(|c| *c != '.').collect();
    match (&*qualifier, HsCode::new(digits)) {
        ("A" | "B" | "J" | "T", Ok(hs_code)) => line.hs_code = Some(hs_code),
        _ => line.classifications.extend(coded(segment, 3, &format!("X12 23 {qualifier}"), notes)),
    }
}

/// What is said in words above and between the goods.
fn remarks(set: Set<'_>) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    for segment in set.segments() {
        let words = |most| (1..=most).filter_map(|number| segment.element(number)).collect::<Vec<_>>().join(" ");
        match (segment.tag(), said.last_mut()) {
            ("C8C", Some(last)) => last.push_str(&words(3)),
            ("C8" | "C8C" | "K1" | "H3", _) => said.push(words(3)),
            ("Y2", _) => said.push(format!("Containers: {}", words(8))),
            // Of an arrival notice: events, routes, and kinds of shipment.
            ("V9" | "G1" | "G2" | "R2", _) => said.push(format!("{}: {}", segment.tag(), words(20))),
            _ => {}
        }
    }
    said.retain(|words| !words.trim().is_empty());
    said
}
