//! EDIFACT COPARN, directory D00B: containers are to be handed out, taken in or made ready, or are about to come. D95B is read as well.
//!
//! Each message becomes a `load-tender` of the kind `instruction`: `BGM` says what is ordered, `EQD` which containers, or how many
//! (`EQN`) of which kind, `LOC` where they are fetched, left, loaded and unloaded, and `TDT` the ship that they are for. What has no
//! field of its own is a remark with its segment's name.

use std::borrow::Cow;

use portgate_sdk::canonical::{
    Code, ContainerNumber, DangerousCargo, Decimal, Leg, LoadTender, Party, PartyId, PartyRole, StopActivity,
    TenderEquipment, TenderGoods, TenderKind, TenderPurpose, TenderRemark, TenderStop, TenderTime, Text, Timestamp,
    TransportMode, TransportRef,
};
use portgate_sdk::edifact::{Message as Order, Segment};
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection};

use crate::event::{NO_JOURNEY, NOWHERE, location};
use crate::iftsta::fields;
use crate::notes::Notes;
use crate::reports;
use crate::time::canonical;

/// The lists of documents, functions, places, times, parties' parts and packages, and what remarks on a segment name as theirs.
const DOCUMENTS: &str = "UNTDID 1001";
const FUNCTIONS: &str = "UNTDID 1225";
const PLACES: &str = "UNTDID 3227";
const TIMES: &str = "UNTDID 2005";
const PARTS: &str = "UNTDID 3035";
const PACKAGES: &str = "UNTDID 7065";
const SUBJECTS: &str = "UNTDID 4451";
const SEGMENTS: &str = "EDIFACT segment";

/// Room for remarks on a tender and on equipment, and for other lists.
const REMARKS_MAX: usize = 200;
const EQUIPMENT_REMARKS_MAX: usize = 32;
const EQUIPMENT_MAX: usize = 500;
const STOPS_MAX: usize = 200;
const SEALS_MAX: usize = 16;
const REFERENCES_MAX: usize = 64;

/// The orders of an interchange, with the report that was agreed.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    reports::decode(message, "COPARN", "NOT-A-COPARN", |order, notes| {
        if let Some(tender) = read(order, message, notes) {
            notes.document(&tender);
        }
    })
}

/// What a segment belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Below {
    Order,
    Leg,
    Party,
    Goods,
    Equipment,
}

fn read(order: Order<'_>, message: &Message, notes: &mut Notes) -> Option<LoadTender> {
    let Some(begin) = order.first("BGM") else {
        let detail = "The message has no `BGM`, which says what is ordered.";
        notes.finding(Finding::error("MISSING", order.location(), detail).because(Mistake::MissingSegment("BGM")));
        return None;
    };
    let Some(number) = begin.component(2, 1) else {
        notes.error("MISSING", begin.at(2), "`BGM` has no number of the order; give it.");
        return None;
    };
    let number: Text<64> = notes.identifier(begin.at(2), "number of the order", Some(&number))?;
    let function = coded(begin.component(3, 1), FUNCTIONS, begin.at(3), notes);
    let purpose = match function.as_ref().map(|code| &*code.code) {
        None | Some("9") => TenderPurpose::Original,
        Some("1" | "3") => TenderPurpose::Cancellation,
        Some("2" | "4" | "5") => TenderPurpose::Change,
        Some("6") => TenderPurpose::Confirmation,
        Some("7") => TenderPurpose::Duplicate,
        Some("31" | "43") => TenderPurpose::Copy,
        Some(_) => {
            let detail = "What the message does to the order is not known by this code; the code is kept.";
            notes.warning("UNKNOWN-CODE", begin.at(3), detail);
            TenderPurpose::Unmapped
        }
    };
    let issued_at = issued_at(order, notes);
    let id = Text::new(format!("instruction|{number}")).ok()?;
    let version = issued_at.as_ref().map(Timestamp::to_version).or_else(|| Text::new("1").ok())?;
    let message_id = notes.identifier(order.location(), "number of the message", order.reference().as_deref());
    let source = message.source(message_id, issued_at.clone());
    let mut tender = LoadTender::new(id, version, source, number, TenderKind::Instruction, purpose);
    tender.purpose_code = function;
    let document = coded(begin.component(1, 1), DOCUMENTS, begin.at(1), notes);
    let words = begin.component(1, 4).and_then(|words| Text::new(words.trim()).ok());
    tender.document_type = document.map(|code| Code { source_code: words, ..code });
    tender.issued_at = issued_at;
    let mut below = Below::Order;
    for segment in order.segments() {
        below = take(segment, below, &mut tender, notes);
    }
    // Goods of which nothing is said but that they are there.
    tender.goods.retain(|goods| *goods != TenderGoods::default());
    let general = tender.references.len() > REFERENCES_MAX;
    if general || tender.equipment.iter().any(|equipment| equipment.references.len() > REFERENCES_MAX) {
        notes.error("TOO-MANY-REFERENCES", order.location(), "The order has more than 64 references.");
    }
    Some(tender)
}

/// When the message was written (137).
fn issued_at(order: Order<'_>, notes: &mut Notes) -> Option<Timestamp> {
    let written = order.segments().find(|dtm| dtm.tag() == "DTM" && dtm.component(1, 1).as_deref() == Some("137"))?;
    let (_, time) = fields::time(written);
    time.ok().and_then(|time| canonical(&time, &*written.location(), notes))
}

/// Takes a segment, and says what the next one belongs to.
fn take(segment: Segment<'_>, below: Below, tender: &mut LoadTender, notes: &mut Notes) -> Below {
    match segment.tag() {
        "UNH" | "UNT" | "BGM" | "CNT" => {}
        "TDT" => {
            leg(segment, tender, notes);
            return Below::Leg;
        }
        "NAD" => {
            party(segment, tender, notes);
            return Below::Party;
        }
        "GID" => {
            let packages = segment.component(2, 1).and_then(|count| count.trim().parse().ok());
            let package_type = coded(segment.component(2, 2), PACKAGES, segment.at(2), notes);
            tender.goods.push(TenderGoods { packages, package_type, ..TenderGoods::default() });
            return Below::Goods;
        }
        "EQD" if tender.equipment.len() < EQUIPMENT_MAX => {
            equipment(segment, tender, notes);
            return Below::Equipment;
        }
        "LOC" => place(segment, below, tender, notes),
        "DTM" => time(segment, below, tender, notes),
        "RFF" => {
            let Some(reference) = fields::reference(segment, notes) else { return below };
            let list = match (below, tender.equipment.last_mut()) {
                (Below::Equipment, Some(equipment)) => &mut equipment.references,
                _ => &mut tender.references,
            };
            if !list.contains(&reference) {
                list.push(reference);
            }
        }
        "FTX" => words(segment, below, tender, notes),
        "CTA" | "COM" if below == Below::Party => reached(segment, tender, notes),
        "DGS" => {
            if !matches!(below, Below::Goods | Below::Equipment) || tender.goods.is_empty() {
                tender.goods.push(TenderGoods::default());
            }
            let danger = danger(segment, notes);
            if let Some(goods) = tender.goods.last_mut().filter(|goods| goods.dangerous.len() < 64) {
                goods.dangerous.push(danger);
            }
            return Below::Goods;
        }
        _ => {
            let is_taken = match tender.equipment.last_mut().filter(|_| below == Below::Equipment) {
                Some(equipment) => of_equipment(segment, equipment, notes),
                None => false,
            };
            if !is_taken {
                remark(segment, below, tender, notes);
            }
        }
    }
    below
}

/// The code that stands somewhere, of this list.
fn coded(code: Option<Cow<'_, str>>, list: &str, at: impl std::fmt::Display, notes: &mut Notes) -> Option<Code> {
    let code = notes.identifier(at, "code", code.as_deref())?;
    Some(Code { code, code_list: Text::new(list).ok()?, source_code: None })
}

/// `TDT`: the carriage, of which the main one (20) says who carries.
fn leg(tdt: Segment<'_>, tender: &mut LoadTender, notes: &mut Notes) {
    let journey = fields::carriage(tdt, notes);
    let at = tdt.location();
    let mut leg = Leg::new(tender.legs.len() as u32 + 1);
    leg.mode = tdt.component(3, 1).and_then(|mode| TransportMode::from_rec19(mode.trim().get(..1)?));
    let transport = TransportRef {
        vessel_imo: notes.identifier(&at, "number of the ship", journey.vessel_imo.as_deref()),
        vessel_name: notes.free_text(&at, "name of the ship", journey.vessel_name.as_deref()),
        voyage: notes.identifier(&at, "voyage", journey.voyage.as_deref()),
        carrier: notes.identifier(&at, "carrier's code", journey.carrier.as_deref()),
        ..NO_JOURNEY
    };
    if tdt.component(1, 1).as_deref() == Some("20") {
        tender.carrier = tender.carrier.take().or(transport.carrier.clone());
        tender.mode = tender.mode.or(leg.mode);
    }
    leg.transport = (transport != NO_JOURNEY).then_some(transport);
    if tender.legs.len() < 32 {
        tender.legs.push(leg);
    }
}

/// `LOC`: a stop, by what the place is; one that several containers share is one stop.
fn place(loc: Segment<'_>, below: Below, tender: &mut LoadTender, notes: &mut Notes) {
    let (role, place) = fields::place(loc);
    let activity = match &*role {
        "88" | "98" => StopActivity::PickUp,
        "7" | "99" => StopActivity::DropOff,
        "9" => StopActivity::Load,
        "11" => StopActivity::Unload,
        "13" => StopActivity::Transload,
        // The terminal or depot: what is done there says the order.
        "165" => match tender.document_type.as_ref().map(|code| &*code.code) {
            Some("12") => StopActivity::PickUp,
            Some("11" | "27") => StopActivity::DropOff,
            _ => StopActivity::Other,
        },
        _ => StopActivity::Other,
    };
    let location = location(place, &loc.location(), notes);
    if location == NOWHERE {
        return;
    }
    let mut stop = TenderStop::new(tender.stops.len() as u32 + 1, activity);
    stop.activity_code = coded(loc.component(1, 1), PLACES, loc.at(1), notes);
    stop.location = Some(location);
    let is_known =
        |known: &TenderStop| (&known.activity_code, &known.location) == (&stop.activity_code, &stop.location);
    if below == Below::Leg
        && let Some(leg) = tender.legs.last_mut()
    {
        match activity {
            StopActivity::Load => leg.from = stop.location.clone(),
            StopActivity::Unload => leg.to = stop.location.clone(),
            _ => {}
        }
    }
    if tender.stops.len() < STOPS_MAX && !tender.stops.iter().any(is_known) {
        tender.stops.push(stop);
    }
}

/// `DTM`: departure and arrival of a leg (133, 132), else a time of the order.
fn time(dtm: Segment<'_>, below: Below, tender: &mut LoadTender, notes: &mut Notes) {
    let (qualifier, time) = fields::time(dtm);
    if qualifier == "137" {
        return;
    }
    let time = match time {
        Ok(time) => canonical(&time, &*dtm.location(), notes),
        Err(error) => {
            crate::time::unreadable(&error, dtm.location().to_string(), notes);
            None
        }
    };
    let Some(time) = time else { return };
    let leg = tender.legs.last_mut().filter(|_| below == Below::Leg);
    let field = leg.and_then(|leg| match &*qualifier {
        "133" => Some(&mut leg.etd),
        "132" => Some(&mut leg.eta),
        "186" => Some(&mut leg.atd),
        "178" => Some(&mut leg.ata),
        _ => None,
    });
    match field {
        Some(field) => *field = Some(time),
        None => {
            let what = coded(dtm.component(1, 1), TIMES, dtm.at(1), notes);
            let time = what.map(|what| TenderTime::new(what, time));
            if let Some(time) = time.filter(|time| tender.times.len() < 32 && !tender.times.contains(time)) {
                tender.times.push(time);
            }
        }
    }
}

/// `NAD`: a party. Who carries or runs the containers says who the carrier is.
fn party(nad: Segment<'_>, tender: &mut LoadTender, notes: &mut Notes) {
    let part = nad.component(1, 1).unwrap_or_default().into_owned();
    let role = match &*part {
        "CA" | "CF" | "CG" => PartyRole::Carrier,
        "FW" => PartyRole::Forwarder,
        "CZ" | "SH" => PartyRole::Consignor,
        "CN" => PartyRole::Consignee,
        "NI" => PartyRole::Notify,
        "TR" => PartyRole::Warehouse,
        _ => PartyRole::Other,
    };
    let mut party = Party::new(role);
    party.role_code = coded(Some(part.into()), PARTS, nad.at(1), notes);
    let text = |element, component| nad.component(element, component).map(|text| text.trim().to_owned());
    let name = text(4, 1).or_else(|| text(3, 1));
    party.name = notes.free_text(nad.at(4), "name of the party", name.as_deref());
    if let Some(code) = text(2, 1) {
        let scheme = match (text(2, 2).as_deref(), text(2, 3).as_deref()) {
            (_, Some("182")) => "SCAC".to_owned(),
            (Some("172"), Some("20")) => "BIC".to_owned(),
            (_, Some("306")) => "SMDG".to_owned(),
            (list, agency) => format!("edifact:{}:{}", list.unwrap_or_default(), agency.unwrap_or_default()),
        };
        let scheme = notes.identifier(nad.at(2), "kind of the party's number", Some(&scheme));
        let value = notes.identifier(nad.at(2), "number of the party", Some(&code));
        party.ids.extend(scheme.zip(value).map(|(scheme, value)| PartyId::new(scheme, value)));
        if role == PartyRole::Carrier && tender.carrier.is_none() {
            tender.carrier = Text::new(code).ok();
        }
    }
    let lines = [text(3, 2), text(3, 3), text(4, 2), text(5, 1), text(5, 2), text(6, 1), text(8, 1), text(9, 1)];
    let lines = lines.into_iter().flatten().filter(|line| !line.is_empty());
    let lines: Vec<_> =
        lines.filter_map(|line| notes.free_text(nad.at(5), "line of the address", Some(&line))).collect();
    if !lines.is_empty() {
        party.address.get_or_insert_default().lines = lines;
    }
    if tender.parties.len() < 32 && !tender.parties.contains(&party) {
        tender.parties.push(party);
    }
}

/// `CTA` and `COM`: whom to ask, and how.
fn reached(segment: Segment<'_>, tender: &mut LoadTender, notes: &mut Notes) {
    let Some(party) = tender.parties.last_mut() else { return };
    let number = segment.component(1, 1);
    match (segment.tag(), segment.component(1, 2).as_deref()) {
        ("CTA", _) => {
            let name = segment.component(2, 2).or_else(|| segment.component(2, 1));
            party.contact = notes.free_text(segment.at(2), "contact", name.as_deref());
        }
        (_, Some("EM")) => party.email = notes.free_text(segment.at(1), "address for mail", number.as_deref()),
        _ => party.phone = notes.free_text(segment.at(1), "telephone number", number.as_deref()),
    }
}

/// `EQD`: a container, or one of a kind.
fn equipment(eqd: Segment<'_>, tender: &mut LoadTender, notes: &mut Notes) {
    let found = fields::equipment(eqd);
    let id = found.id.map(|id| ContainerNumber::one_form(&id));
    let mut equipment = TenderEquipment {
        id: notes.identifier(eqd.at(2), "container number", id.as_deref()),
        iso_type: notes.identifier(eqd.at(3), "size and type of the container", found.iso_type.as_deref()),
        empty: found.empty,
        // Who supplies it (8077): the shipper (1) or the carrier (2).
        shipper_owned: match eqd.component(4, 1).as_deref() {
            Some("1") => Some(true),
            Some("2") => Some(false),
            _ => None,
        },
        ..TenderEquipment::default()
    };
    // Whether it is for export, import or transshipment (8249).
    let status = eqd.component(5, 1).map(|status| format!("Equipment status {status}"));
    let status = notes.free_text(eqd.at(5), "status", status.as_deref());
    equipment.remarks.extend(status.map(|text| TenderRemark { subject: subject("8249", "UNTDID"), text }));
    tender.equipment.push(equipment);
}

fn subject(code: &str, list: &str) -> Option<Code> {
    Some(Code { code: Text::new(code).ok()?, code_list: Text::new(list).ok()?, source_code: None })
}

/// A segment that says more of a container; whether it is one of those.
fn of_equipment(segment: Segment<'_>, equipment: &mut TenderEquipment, notes: &mut Notes) -> bool {
    let number = |element, component| {
        let text = segment.component(element, component)?;
        Decimal::from_partner(&text.replace(',', ".")).ok()
    };
    match segment.tag() {
        "EQN" => equipment.count = segment.component(1, 1).and_then(|count| count.trim().parse().ok()),
        "MEA" => {
            let is_kilograms = matches!(segment.component(3, 1).as_deref(), Some("KGM" | "KG"));
            let Some(weight) = number(3, 2).filter(|_| is_kilograms) else { return false };
            let kind = segment.component(2, 1).or_else(|| segment.component(1, 1));
            let field = match kind.as_deref() {
                Some("G" | "AAE" | "EGW") => &mut equipment.gross_kg,
                Some("T") => &mut equipment.tare_kg,
                Some("VGM") => &mut equipment.vgm_kg,
                Some("AAL" | "N") => &mut equipment.net_kg,
                _ => return false,
            };
            if field.is_some_and(|known| known != weight) {
                return false;
            }
            *field = Some(weight);
        }
        "TMP" if segment.component(2, 2).as_deref() == Some("CEL") => equipment.temperature_c = number(2, 1),
        "RNG" if segment.component(2, 1).as_deref() == Some("CEL") => {
            (equipment.temperature_min_c, equipment.temperature_max_c) = (number(2, 2), number(2, 3));
        }
        "SEL" if equipment.seals.len() < SEALS_MAX => {
            let seal = fields::seal(segment).map(|seal| seal.number);
            equipment.seals.extend(notes.identifier(segment.at(1), "number of the seal", seal.as_deref()));
        }
        _ => return false,
    }
    true
}

/// `DGS`: rules, class, UN number, packing group and schedules.
fn danger(dgs: Segment<'_>, notes: &mut Notes) -> DangerousCargo {
    let group = dgs.component(5, 1).map(|group| match &*group {
        "1" => "I".to_owned(),
        "2" => "II".to_owned(),
        "3" => "III".to_owned(),
        other => other.to_owned(),
    });
    let flashpoint = dgs.component(4, 1).filter(|_| dgs.component(4, 2).as_deref() == Some("CEL"));
    DangerousCargo {
        regulation: notes.identifier(dgs.at(1), "rules", dgs.component(1, 1).as_deref()),
        class: notes.identifier(dgs.at(2), "class", dgs.component(2, 1).as_deref()),
        un_number: notes.identifier(dgs.at(3), "UN number", dgs.component(3, 1).as_deref()),
        flashpoint_c: flashpoint.and_then(|degrees| Decimal::from_partner(&degrees.replace(',', ".")).ok()),
        packing_group: notes.identifier(dgs.at(5), "packing group", group.as_deref()),
        ems: notes.identifier(dgs.at(6), "emergency schedules", dgs.component(6, 1).as_deref()),
        ..DangerousCargo::default()
    }
}

/// `FTX`: what the goods are (`AAA`), the proper name of a danger (`AAD`), or a remark.
fn words(ftx: Segment<'_>, below: Below, tender: &mut LoadTender, notes: &mut Notes) {
    let Some(said) = fields::words(ftx, notes) else { return };
    let about = ftx.component(1, 1).unwrap_or_default().into_owned();
    if about == "AAA" && matches!(below, Below::Equipment | Below::Goods) {
        let within = Text::new(tender.equipment.len().to_string()).ok().filter(|_| below == Below::Equipment);
        let is_open = below == Below::Goods && tender.goods.last().is_some_and(|goods| goods.description.is_none());
        if !is_open {
            tender.goods.push(TenderGoods { equipment_refs: within.into_iter().collect(), ..TenderGoods::default() });
        }
        if let Some(goods) = tender.goods.last_mut() {
            goods.description = notes.free_text(ftx.at(4), "description", Some(&said));
        }
        return;
    }
    let danger = tender.goods.last_mut().and_then(|goods| goods.dangerous.last_mut());
    if let (Below::Goods, "AAD", Some(danger)) = (below, &*about, danger)
        && danger.proper_shipping_name.is_none()
    {
        danger.proper_shipping_name = notes.free_text(ftx.at(4), "proper shipping name", Some(&said));
        return;
    }
    let subject = coded(Some(about.into()), SUBJECTS, ftx.at(1), notes);
    let Ok(text) = Text::new(said) else { return };
    push(TenderRemark { subject, text }, below, tender, &ftx.location(), notes);
}

/// A segment that has no field of its own: its elements, under its name.
fn remark(segment: Segment<'_>, below: Below, tender: &mut LoadTender, notes: &mut Notes) {
    let elements: Vec<String> = segment.elements().map(|one| one.components().collect::<Vec<_>>().join(":")).collect();
    let elements = elements.join("|");
    let said = elements.trim_matches('|');
    let Some(text) = notes.free_text(segment.location(), "segment", Some(said)) else { return };
    push(TenderRemark { subject: subject(segment.tag(), SEGMENTS), text }, below, tender, &segment.location(), notes);
}

fn push(remark: TenderRemark, below: Below, tender: &mut LoadTender, at: &str, notes: &mut Notes) {
    let (list, most) = match (below, tender.equipment.last_mut()) {
        (Below::Equipment, Some(equipment)) => (&mut equipment.remarks, EQUIPMENT_REMARKS_MAX),
        _ => (&mut tender.remarks, REMARKS_MAX),
    };
    match list.len() < most {
        true => list.push(remark),
        false => notes.warning("TOO-MANY-REMARKS", at, "There are more remarks than there is room for."),
    }
}
