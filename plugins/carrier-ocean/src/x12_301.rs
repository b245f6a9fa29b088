//! X12 301, confirmation of a booking (ocean), release 004010.
//!
//! `B1` says what the carrier does with the booking, `Y3` what it is called and when the ship sails, `Y4` which containers are given,
//! each `R4` a place of the way, and `V1` the ship. Below each `LX` are goods. A later confirmation of the same booking takes the
//! place of an earlier one.

use portgate_sdk::canonical::{
    Code, ContainerNumber, DangerousCargo, HsCode, Leg, LoadTenderResponse, Reference, StopActivity, TenderEquipment,
    TenderGoods, TenderKind, TenderRemark, TenderStop, TenderTime, TenderVerdict, Text, Timestamp, TransportMode,
};
use portgate_sdk::x12::{Message as Set, Segment};
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection, codes as agreed};

use crate::codes;
use crate::event::{NO_JOURNEY, NOWHERE, location};
use crate::notes::Notes;
use crate::time::canonical;
use crate::x12_measure::{celsius, count, cubic_metres, kilograms};
use crate::x12_party::parties;
use crate::x12_sets::{self as sets, Stop, day_of, moment, stops, written_at};

/// Most of each list that the document has room for.
const REMARKS_MAX: usize = 200;
const STOPS_MAX: usize = 200;
const TIMES_MAX: usize = 32;
const REFERENCES_MAX: usize = 64;

/// The names that a shipper gives a booking, in the order in which one is taken as that of the tender.
const OURS: [&str; 5] = ["booking-request", "shipper", "forwarder", "x12:FN", "order"];

/// The answers of an interchange, with the acknowledgement that was agreed.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    sets::decode(message, "301", "NO-SET", |set, notes| {
        if let Some(answer) = read(set, message, notes) {
            notes.document(&answer);
        }
    })
}

fn read(set: Set<'_>, message: &Message, notes: &mut Notes) -> Option<LoadTenderResponse> {
    let Some(begin) = set.first("B1") else {
        let detail = "The transaction set has no `B1`, which says what becomes of the booking.";
        notes.finding(Finding::error("MISSING", set.location(), detail).because(Mistake::MissingSegment("B1")));
        return None;
    };
    let sailing = set.first("Y3");
    let booking = sailing.and_then(|sailing| Some((sailing.element(1)?, sailing.at(1))));
    let Some((booking, booking_at)) = booking.or_else(|| Some((begin.element(2)?, begin.at(2)))) else {
        notes.error("MISSING", begin.at(2), "Neither `Y3-01` nor `B1-02` has the number of the booking; give it.");
        return None;
    };
    let written_at = written_at(set);
    let responded_at = moment(begin, 3, 0, 0, notes).or_else(|| written_at.clone());
    let on = responded_at.as_ref().map(day_of).unwrap_or_else(|| message.received_at.chars().take(10).collect());
    let carrier = begin
        .element(1)
        .map(|code| agreed::to_ours(sets::CARRIERS, &code, &on, begin.at(1), |finding| notes.finding(finding)));
    let carrier: Option<Text<16>> = notes.identifier(begin.at(1), "carrier's code", carrier.as_deref());
    let carrier_number: Text<64> = notes.identifier(booking_at, "number of the booking", Some(&booking))?;
    let references = references(set, begin, &carrier_number, notes);
    let ours = OURS.iter().find_map(|scheme| references.iter().find(|reference| &*reference.scheme == *scheme));
    let tender_number = match ours.and_then(|reference| Text::new(reference.value.to_string()).ok()) {
        Some(number) => number,
        None => {
            let detail = "The shipper's own number of the booking is not said; the carrier's is taken for it.";
            notes.info("NO-SHIPPERS-NUMBER", set.location(), detail);
            carrier_number.clone()
        }
    };
    let id = [carrier.as_deref(), Some(&*carrier_number)].into_iter().flatten().collect::<Vec<_>>().join("|");
    let version = written_at.as_ref().or(responded_at.as_ref()).map(Timestamp::to_version);
    let message_id = notes.identifier(set.location(), "number of the set", set.reference().as_deref());
    let (verdict, verdict_code) = verdict(begin, notes);
    let mut answer = LoadTenderResponse::new(
        Text::new(id).ok()?,
        version.or_else(|| Text::new("1").ok())?,
        message.source(message_id, written_at),
        tender_number,
        TenderKind::Booking,
        verdict,
    );
    answer.verdict_code = verdict_code;
    answer.carrier = carrier;
    answer.carrier_number = Some(carrier_number);
    answer.responded_at = responded_at;
    answer.references = references;
    let (parties, others) = parties(set, notes);
    answer.parties = parties;
    let others = others.iter().filter_map(|words| notes.free_text(set.location(), "remark", Some(words)));
    answer.remarks = others.map(TenderRemark::new).collect();
    answer.equipment = equipment(set, &mut answer.times, notes);
    let places = stops(set, notes);
    answer.stops =
        places.iter().take(STOPS_MAX).enumerate().map(|(at, stop)| tender_stop(at, stop, &on, notes)).collect();
    answer.legs.extend(leg(set, sailing, &places, &on, notes));
    if let Some(sailing) = sailing {
        answer.times.extend(cutoff(sailing, notes));
        answer.remarks.extend(terms(sailing, notes));
    }
    goods(set, &mut answer, notes);
    answer.times.truncate(TIMES_MAX);
    if answer.remarks.len() > REMARKS_MAX {
        notes.warning(
            "TOO-MANY-REMARKS",
            set.location(),
            "There are more remarks than there is room for; the rest is left out.",
        );
        answer.remarks.truncate(REMARKS_MAX);
    }
    Some(answer)
}

/// What `B1-04` (element 558) says. That a booking is confirmed as new, changed or split is that it is taken.
fn verdict(begin: Segment<'_>, notes: &mut Notes) -> (TenderVerdict, Option<Code>) {
    let Some(code) = begin.element(4) else {
        notes.info("NO-VERDICT", begin.at(4), "`B1-04` is left out; a confirmation is that the booking is taken.");
        return (TenderVerdict::Accepted, None);
    };
    let verdict = match &*code {
        "A" | "N" | "U" | "S" => TenderVerdict::Accepted,
        "B" | "C" | "V" => TenderVerdict::Conditional,
        "D" | "R" => TenderVerdict::Cancelled,
        "E" => TenderVerdict::Declined,
        _ => {
            let detail = "What the carrier does with the booking is not known by this code; it is kept unmapped.";
            notes.warning("UNKNOWN-CODE", begin.at(4), detail);
            TenderVerdict::Unmapped
        }
    };
    (verdict, coded(begin, 4, "X12 558", notes))
}

/// The code that stands in an element, of this list.
fn coded(segment: Segment<'_>, element: usize, list: &str, notes: &mut Notes) -> Option<Code> {
    let code = notes.identifier(segment.at(element), "code", segment.element(element).as_deref())?;
    Some(Code { code, code_list: Text::new(list).ok()?, source_code: None })
}

/// The booking by the carrier's number, and by each that `B1-02` and `N9` give it.
fn references(set: Set<'_>, begin: Segment<'_>, booking: &str, notes: &mut Notes) -> Vec<Reference> {
    let mut references: Vec<Reference> = Vec::new();
    references.extend(notes.reference(begin.at(2), "booking", booking));
    if let Some(shipment) = begin.element(2).filter(|shipment| shipment != booking) {
        references.extend(notes.reference(begin.at(2), "carrier-shipment", &shipment));
    }
    for name in set.segments().filter(|segment| segment.tag() == "N9") {
        let (Some(qualifier), Some(value)) = (name.element(1), name.element(2)) else { continue };
        let Some(found) = notes.reference(name.at(2), &codes::scheme("x12", &qualifier), &value) else { continue };
        if !references.contains(&found) {
            references.push(found);
        }
    }
    if references.len() > REFERENCES_MAX {
        notes.error("TOO-MANY-REFERENCES", set.location(), "The booking has more than 64 references.");
    }
    references
}

/// `Y4`: so many containers of a kind, with the day on which they can be had; `W09` their temperature; `N7` above the goods a
/// container that is known already.
fn equipment(set: Set<'_>, times: &mut Vec<TenderTime>, notes: &mut Notes) -> Vec<TenderEquipment> {
    let mut all: Vec<TenderEquipment> = Vec::new();
    for segment in set.segments() {
        match segment.tag() {
            "Y4" => {
                let mut equipment = TenderEquipment { count: count(segment, 5, notes), ..TenderEquipment::default() };
                let kind = segment.element(6).unwrap_or_default();
                equipment.iso_type = notes.identifier(segment.at(6), "size and type of the container", Some(&kind));
                equipment.owner =
                    notes.identifier(segment.at(7), "owner of the container", segment.element(7).as_deref());
                let release = segment.element(2).or_else(|| segment.element(1));
                let release = release.and_then(|number| notes.reference(segment.at(2), "equipment-release", &number));
                equipment.references.extend(release);
                let place = segment.element(9).or_else(|| segment.element(4));
                let place = place.and_then(|place| notes.free_text(segment.at(9), "place", Some(&place)));
                equipment.remarks.extend(place.map(|text| remark(text, "place of the equipment", "X12 Y4")));
                times.extend(stated(segment, 3, "equipment-available", "X12 Y4", notes));
                all.push(equipment);
            }
            "N7" => {
                let part = |number| segment.element(number).unwrap_or_default();
                let written = sets::container_number(&part(1), &part(2), &part(18));
                let mut equipment = TenderEquipment::default();
                let id = ContainerNumber::one_form(&written);
                equipment.id = notes.identifier(segment.at(2), "container number", Some(&id));
                equipment.iso_type =
                    notes.identifier(segment.at(22), "size and type of the container", segment.element(22).as_deref());
                equipment.gross_kg = segment.element(3).and_then(|_| kilograms(segment, 3, 17, notes));
                equipment.tare_kg = segment.element(5).and_then(|_| kilograms(segment, 5, 17, notes));
                equipment.volume_m3 = segment.element(8).and_then(|_| cubic_metres(segment, 8, 9, notes));
                all.push(equipment);
            }
            "W09" => {
                if all.is_empty() {
                    all.push(TenderEquipment::default());
                }
                let coldest = segment.element(2).and_then(|_| celsius(segment, 2, 3, notes));
                let warmest = segment.element(4).and_then(|_| celsius(segment, 4, 5, notes));
                let words = vent(segment, notes);
                for equipment in &mut all {
                    match (coldest, warmest) {
                        (Some(coldest), Some(warmest)) if coldest != warmest => {
                            equipment.temperature_min_c = Some(coldest.min(warmest));
                            equipment.temperature_max_c = Some(coldest.max(warmest));
                        }
                        (coldest, warmest) => equipment.temperature_c = coldest.or(warmest),
                    }
                    equipment.remarks.extend(words.clone());
                }
            }
            _ => {}
        }
    }
    all
}

/// The rest of `W09` in words: the equipment, what is said of it, how far its vents are open, humidity and air exchange.
fn vent(segment: Segment<'_>, notes: &mut Notes) -> Option<TenderRemark> {
    let names = [(1, "equipment"), (6, ""), (7, "vent"), (8, "humidity %"), (9, "air exchange")];
    let words = names.iter().filter_map(|(number, name)| {
        let said = segment.element(*number)?;
        Some(format!("{name} {said}").trim().to_owned())
    });
    let words = words.collect::<Vec<_>>().join("; ");
    let text = notes.free_text(segment.location(), "remark", Some(&words))?;
    Some(remark(text, "refrigeration", "X12 W09"))
}

fn remark(text: Text<512>, subject: &str, list: &str) -> TenderRemark {
    let subject = Text::new(subject).ok().zip(Text::new(list).ok());
    let subject = subject.map(|(code, code_list)| Code { code, code_list, source_code: None });
    TenderRemark { text, subject }
}

/// A day that stands in an element, with what it is the day of.
fn stated(segment: Segment<'_>, day: usize, what: &str, list: &str, notes: &mut Notes) -> Option<TenderTime> {
    let at = moment(segment, day, 0, 0, notes)?;
    let (code, code_list) = (Text::new(what).ok()?, Text::new(list).ok()?);
    Some(TenderTime::new(Code { code, code_list, source_code: None }, at))
}

/// `Y3-07` and `Y3-08`: until when the goods have to be at the pier.
fn cutoff(sailing: Segment<'_>, notes: &mut Notes) -> Option<TenderTime> {
    let at = moment(sailing, 7, 8, 11, notes)?;
    let (code, code_list) = (Text::new("cut-off").ok()?, Text::new("X12 Y3").ok()?);
    Some(TenderTime::new(Code { code, code_list, source_code: None }, at))
}

/// What else `Y3` says: the pier, and the terms of the carriage.
fn terms(sailing: Segment<'_>, notes: &mut Notes) -> Vec<TenderRemark> {
    let names = [(5, "pier code"), (6, "pier"), (9, "tariff service"), (10, "transportation terms")];
    let said = names.iter().filter_map(|(number, name)| Some((*number, *name, sailing.element(*number)?)));
    let said: Vec<_> = said.collect();
    let kept = said.into_iter().filter_map(|(number, name, words)| {
        let text = notes.free_text(sailing.at(number), "remark", Some(&words))?;
        Some(remark(text, name, "X12 Y3"))
    });
    kept.collect()
}

/// A place of the way. What is done there is read from its role; the role stands beside it.
fn tender_stop(at: usize, stop: &Stop<'_>, on: &str, notes: &mut Notes) -> TenderStop {
    let activity = match stop.role().as_str() {
        "R" => StopActivity::PickUp,
        "L" => StopActivity::Load,
        "D" => StopActivity::Unload,
        "E" => StopActivity::DropOff,
        "T" => StopActivity::Transload,
        _ => StopActivity::Other,
    };
    let mut tender_stop = TenderStop::new(at as u32 + 1, activity);
    tender_stop.activity_code = coded(stop.place, 1, "X12 115", notes);
    let location = sets::location_of(stop, on, notes);
    tender_stop.location = (location != NOWHERE).then_some(location);
    tender_stop.references.extend(sets::other_name(stop, notes));
    for stated in stop.times.all().iter().take(TIMES_MAX) {
        let Some(at) = canonical(&stated.time, &*stated.at, notes) else { continue };
        let code = notes.identifier(&stated.at, "kind of the time", Some(&stated.key));
        let (Some(code), Ok(code_list)) = (code, Text::new(codes::X12_TIME)) else { continue };
        tender_stop.times.push(TenderTime::new(Code { code, code_list, source_code: None }, at));
    }
    tender_stop
}

/// The carriage by ship: `V1` from the port of loading to that of discharge, with the days of `Y3`.
fn leg(set: Set<'_>, sailing: Option<Segment<'_>>, places: &[Stop<'_>], on: &str, notes: &mut Notes) -> Option<Leg> {
    let vessel = set.first("V1");
    let mut leg = Leg::new(1);
    leg.etd = sailing.and_then(|sailing| moment(sailing, 3, 0, 0, notes));
    leg.eta = sailing.and_then(|sailing| moment(sailing, 4, 0, 0, notes));
    let mut end = |role: &str| {
        let stop = places.iter().find(|stop| stop.role() == role)?;
        Some(location(stop.place(on, notes), &stop.place.location(), notes)).filter(|location| *location != NOWHERE)
    };
    (leg.from, leg.to) = (end("L"), end("D"));
    if let Some(vessel) = vessel {
        leg.transport = Some(sets::ship(vessel, notes)).filter(|transport| *transport != NO_JOURNEY);
        leg.mode = Some(TransportMode::Sea);
    }
    let says_something = leg.transport.is_some() || leg.etd.is_some() || leg.eta.is_some();
    says_something.then_some(leg)
}

/// The goods below each `LX`, and the remarks above and between them.
fn goods(set: Set<'_>, answer: &mut LoadTenderResponse, notes: &mut Notes) {
    let mut open = false;
    for segment in set.segments() {
        let last = answer.goods.last_mut().filter(|_| open);
        match (segment.tag(), last) {
            ("LX", _) => {
                let line_no = notes.identifier(segment.at(1), "number of the line", segment.element(1).as_deref());
                answer.goods.push(TenderGoods { line_no, ..TenderGoods::default() });
                open = true;
            }
            ("L0", Some(line)) => measures(segment, line, notes),
            ("L5", Some(line)) => described(segment, line, notes),
            ("H1", Some(line)) => line.dangerous.extend(danger(segment, notes)),
            ("H2", Some(line)) => {
                let Some(danger) = line.dangerous.last_mut() else { continue };
                let words = (1..=2).filter_map(|number| segment.element(number)).collect::<Vec<_>>().join(" ");
                let text = notes.free_text(segment.location(), "remark", Some(&words));
                danger.remarks.extend(text.map(TenderRemark::new));
            }
            ("K1" | "C8" | "H3" | "EA" | "V9", last) => {
                let words = (1..=3).filter_map(|number| segment.element(number)).collect::<Vec<_>>().join(" ");
                let text = notes.free_text(segment.location(), "remark", Some(&words));
                let said = text.map(|text| remark(text, segment.tag(), "X12 segment"));
                match last {
                    Some(line) if line.remarks.len() < 64 => line.remarks.extend(said),
                    _ => answer.remarks.extend(said),
                }
            }
            _ => {}
        }
    }
    for line in &mut answer.goods {
        line.dangerous.truncate(64);
        line.dangerous.dedup();
    }
}

/// `L0`: weight, volume and packages, the weight gross unless `L0-05` says that it is net (`N`).
fn measures(segment: Segment<'_>, line: &mut TenderGoods, notes: &mut Notes) {
    let weight = segment.element(4).and_then(|_| kilograms(segment, 4, 11, notes));
    match segment.element(5).as_deref() {
        Some("N") => line.net_kg = weight,
        _ => line.gross_kg = weight,
    }
    line.volume_m3 = segment.element(6).and_then(|_| cubic_metres(segment, 6, 7, notes));
    line.packages = count(segment, 8, notes);
    line.package_type = coded(segment, 9, "X12 211", notes);
    // How the carriage is done or paid, as house to pier: partners put it into the one or the other.
    for number in [12, 13] {
        let text = notes.free_text(segment.at(number), "remark", segment.element(number).as_deref());
        line.remarks.extend(text.map(|text| remark(text, "type of service", "X12 L0")));
    }
}

/// `L5`: the goods in words, their commodity code and marks.
fn described(segment: Segment<'_>, line: &mut TenderGoods, notes: &mut Notes) {
    let known = line.description.take().map(|known| known.to_string());
    let words =
        known.into_iter().chain(segment.element(2).map(|words| words.into_owned())).collect::<Vec<_>>().join(" ");
    line.description = notes.free_text(segment.at(2), "description of the goods", Some(&words));
    if let Some(code) = segment.element(3) {
        let qualifier = segment.element(4).unwrap_or_default();
        let digits: String = code.chars().filter(|c| *c != '.').collect();
        match (&*qualifier, HsCode::new(digits)) {
            ("A" | "B" | "J" | "T", Ok(hs_code)) => line.hs_code = Some(hs_code),
            _ => line.commodity = coded(segment, 3, &format!("X12 23 {qualifier}"), notes),
        }
    }
    let marks = segment.element(6);
    line.marks = notes.free_text(segment.at(6), "marks", marks.as_deref()).or(line.marks.take());
}

/// `H1`: UN number, class and name. The packing group stands in the eighth element or the ninth.
fn danger(segment: Segment<'_>, notes: &mut Notes) -> Option<DangerousCargo> {
    let text = |number: usize| segment.element(number).map(|text| text.trim().to_owned());
    let mut danger = DangerousCargo::default();
    let un_number = text(1).map(|number| number.trim_start_matches("UN").trim().to_owned());
    danger.un_number = notes.identifier(segment.at(1), "UN number", un_number.as_deref());
    danger.class = notes.identifier(segment.at(2), "class of the danger", text(2).as_deref());
    danger.regulation = match text(3).as_deref() {
        Some("I") => Text::new("IMD").ok(),
        Some("D") => Text::new("49CFR").ok(),
        other => notes.identifier(segment.at(3), "rules of the danger", other),
    };
    danger.proper_shipping_name = notes.free_text(segment.at(4), "name of the goods", text(4).as_deref());
    danger.flashpoint_c = segment.element(6).and_then(|_| celsius(segment, 6, 7, notes));
    let group = text(8).filter(|group| !group.is_empty()).or_else(|| text(9));
    danger.packing_group = notes.identifier(segment.at(8), "packing group", group.as_deref());
    Some(danger)
}
