//! X12 204, motor carrier load tender: a `load-tender` for each set.
//!
//! | segment | what it says | becomes |
//! |---|---|---|
//! | `B2`, `B2A` | carrier, number, who pays; what the set does | `carrier`, `tenderNumber`, `payment`; `purpose` |
//! | `L11` | references, with words about them | `references`, and `remarks` where there are words |
//! | `G62` | by when the carrier has to answer; other times | `respondBy`; `times` |
//! | `MS3` | mode of transport | `mode` |
//! | `AT5`, `NTE`, `K1` | special handling, what is said in words | `services`, `remarks` |
//! | `N1` and what follows | parties | `parties` |
//! | `N7`, `M7` | equipment and seals | `equipment` |
//! | `S5` and what follows | stops ([`super::stops`]) with their goods ([`super::goods`]) | `stops` |
//! | `L3` | weight, charges, volume, packages in all | `grossKg`, `charges`, … |

use portgate_sdk::canonical::{
    Code, LoadTender, Money, Reference, TenderCharge, TenderKind, TenderPurpose, Text, Timestamp,
};
use portgate_sdk::x12::{self, Message as Set, Segment};
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection, codes as agreed};

use super::goods::{Loaded, weigh};
use super::parties::Parties;
use super::stops::{self, Role, Stop};
use super::{equipment, measures, references};
use crate::interchange::{x12_sets, x12_written_at};
use crate::notes::Notes;

/// The lists of purposes, of documents, of who pays, of special charges and of what a rate is for.
pub(crate) const PURPOSES: &str = "X12 353";
pub(crate) const DOCUMENTS: &str = "X12 346";
pub(crate) const PAYMENTS: &str = "X12 146";
pub(crate) const CHARGES: &str = "X12 150";
pub(crate) const RATES: &str = "X12 122";

/// The list of who pays that X12 shares most codes with, and those that mean the same in both: `PE` does not.
pub(crate) const UN_PAYMENTS: &str = "UNTDID 4215";
pub(crate) const IN_BOTH: [&str; 18] =
    ["CA", "CC", "CF", "DF", "FO", "MX", "NC", "PA", "PB", "PC", "PO", "PP", "PU", "RC", "RF", "RS", "TP", "WC"];

/// The code of freight where a charge has none of its own.
pub(crate) const FREIGHT: (&str, &str) = ("FC", "UNTDID 7161");

/// The table of an agreement in which carriers are looked up.
pub(crate) const CARRIERS: &str = "carrier";

/// The other elements of `B2` that are codes, with their lists.
const OF_B2: [(usize, &str); 5] = [(1, "X12 375"), (7, "X12 147"), (10, "X12 104"), (11, "X12 335"), (12, "X12 107")];

/// Qualifiers of references that number a load where `B2-04` does not.
const NUMBERS: [&str; 9] =
    ["shipment", "x12:LO", "x12:MB", "transport-document", "booking", "x12:CR", "x12:CN", "order", "x12:9R"];

/// The tenders of an interchange, with the acknowledgement that was agreed.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    x12_sets(message, "204", read)
}

/// The purpose of a code (353).
pub(crate) fn purpose(code: &str) -> TenderPurpose {
    match code {
        "00" => TenderPurpose::Original,
        "01" | "03" => TenderPurpose::Cancellation,
        "04" | "05" | "02" => TenderPurpose::Change,
        "06" => TenderPurpose::Confirmation,
        "07" => TenderPurpose::Duplicate,
        "22" => TenderPurpose::Copy,
        _ => TenderPurpose::Unmapped,
    }
}

/// Who pays, by a code (146): one that the United Nations' list has as well is of that.
pub(crate) fn payment(code: Code) -> Code {
    match IN_BOTH.contains(&&*code.code) {
        true => Code { code_list: Text::new(UN_PAYMENTS).expect("a short name"), ..code },
        false => code,
    }
}

/// The list of modes of transport, whose codes often say more than one of ours.
pub(crate) const MODES: &str = "X12 91";

fn read(set: Set<'_>, notes: &mut Notes<'_>) {
    let Some(b2) = set.first("B2") else {
        let detail = "The transaction set has no `B2`, which says whose load it is.";
        return notes.finding(Finding::error("MISSING", set.location(), detail).because(Mistake::MissingSegment("B2")));
    };
    let unit = unit(set, b2);
    let recorded_at = x12_written_at(set);
    let mut tender = begun(notes, set, b2, recorded_at);
    let mut parties = Parties::default();
    let mut stop: Option<Stop> = None;
    for segment in set.segments() {
        if segment.tag() == "S5" {
            let number = tender.stops.len() + usize::from(stop.is_some()) + 1;
            let begins = Stop::begin(notes, segment, number, unit.as_deref());
            end_stop(notes, segment, stop.replace(begins), &mut tender);
            continue;
        }
        let taken = match &mut stop {
            Some(stop) => stop.take(notes, segment, unit.as_deref(), &mut tender.equipment),
            None => parties.take(notes, segment, 32) || header(notes, segment, unit.as_deref(), &mut tender),
        };
        if !taken && segment.tag() == "L3" {
            totals(notes, set, segment, unit.as_deref(), &mut tender);
        } else if !taken && !matches!(segment.tag(), "ST" | "SE" | "B2" | "B2A" | "C3") {
            // What is of no stop, or not known here, is kept as it is.
            let remark = references::verbatim(notes, segment);
            notes.push(segment.location(), "remarks", 200, &mut tender.remarks, remark);
        }
    }
    end_stop(notes, b2, stop, &mut tender);
    tender.parties = parties.list;
    let of_stops: Vec<Reference> = tender.stops.iter().flat_map(|stop| stop.references.clone()).collect();
    for reference in &of_stops {
        references::add(&mut tender.references, reference);
    }
    if let Some(number) = number(notes, b2, &tender.references) {
        let named = Reference::new("shipment", &number).ok();
        named.iter().for_each(|named| references::add(&mut tender.references, named));
        tender.id = number.widened();
        tender.tender_number = number;
        notes.document(&tender);
    }
}

/// The usual unit of weight of a set: that of `B2-05`, or the first that one of its weights has.
fn unit(set: Set<'_>, b2: Segment<'_>) -> Option<String> {
    let of_l3 = || set.first("L3").and_then(|l3| l3.element(12));
    let of_at8 = || set.first("AT8").and_then(|at8| at8.element(2));
    b2.element(5).or_else(of_l3).or_else(of_at8).map(|unit| unit.into_owned())
}

/// What `B2` and `B2A` say. The number is filled in when all references are known.
fn begun(notes: &mut Notes<'_>, set: Set<'_>, b2: Segment<'_>, recorded_at: Option<Timestamp>) -> LoadTender {
    let b2a = set.first("B2A");
    let code = b2a.and_then(|b2a| notes.code(b2a.at(1), PURPOSES, b2a.element(1)));
    let purpose = code.as_ref().map_or(TenderPurpose::Original, |code| purpose(&code.code));
    if let (TenderPurpose::Unmapped, Some(b2a), Some(code)) = (purpose, b2a, &code) {
        notes.unknown(b2a.at(1), PURPOSES, &code.code, "the tender is kept, with its code");
    }
    let on = recorded_at
        .as_ref()
        .map_or(&*notes.message.received_at, |time| time.as_str())
        .chars()
        .take(10)
        .collect::<String>();
    let carrier = b2
        .element(2)
        .map(|carrier| agreed::to_ours(CARRIERS, carrier.trim(), &on, b2.at(2), |finding| notes.finding(finding)));
    let mut services = Vec::new();
    for (element, list) in OF_B2 {
        services.extend(notes.code(b2.at(element), list, b2.element(element)));
    }
    LoadTender {
        purpose_code: code,
        document_type: b2a.and_then(|b2a| notes.code(b2a.at(2), DOCUMENTS, b2a.element(2))),
        carrier: notes.id(b2.at(2), "carrier", carrier),
        payment: notes.code(b2.at(6), PAYMENTS, b2.element(6)).map(payment),
        services,
        ..empty(notes, set, purpose, recorded_at)
    }
}

fn empty(notes: &mut Notes<'_>, set: Set<'_>, purpose: TenderPurpose, recorded_at: Option<Timestamp>) -> LoadTender {
    let message_id = notes.id(set.location(), "number of the set", set.reference());
    let nothing_yet = Text::new("-").expect("one character");
    let version = recorded_at.as_ref().map_or_else(|| Text::new("1").expect("one character"), Timestamp::to_version);
    let source = notes.message.source(message_id, recorded_at);
    let id = Text::new("-").expect("one character");
    LoadTender::new(id, version, source, nothing_yet, TenderKind::Tender, purpose)
}

fn end_stop(notes: &mut Notes<'_>, at: Segment<'_>, stop: Option<Stop>, tender: &mut LoadTender) {
    notes.push(at.location(), "stops", 200, &mut tender.stops, stop.map(Stop::end));
}

/// A segment before the first stop; whether it is one that is known there.
fn header(notes: &mut Notes<'_>, segment: Segment<'_>, unit: Option<&str>, tender: &mut LoadTender) -> bool {
    if equipment::take(notes, segment, unit, &mut tender.equipment) {
        return true;
    }
    match segment.tag() {
        "L11" | "N9" => {
            let (reference, remark) = references::read(notes, segment);
            notes.push(segment.location(), "references", references::MOST, &mut tender.references, reference);
            notes.push(segment.location(), "remarks", 200, &mut tender.remarks, remark);
        }
        "G62" => match stops::g62(notes, segment) {
            Some((Role::RespondBy, time)) if tender.respond_by.is_none() => tender.respond_by = Some(time.at),
            Some((_, time)) => notes.push(segment.location(), "times", 32, &mut tender.times, time),
            None => {}
        },
        "MS3" => {
            let code = segment.element(4);
            tender.mode = code.as_deref().and_then(|code| x12::transport_mode(code.trim()));
            let carrier = notes.id(segment.at(1), "carrier", segment.element(1));
            match &tender.carrier {
                None => tender.carrier = carrier,
                // Another one carries a part of the way.
                Some(known) if carrier.as_ref().is_some_and(|carrier| carrier != known) => {
                    tender.remarks.extend(references::verbatim(notes, segment));
                }
                Some(_) => {}
            }
            if tender.mode.map(x12::transport_method) != code.as_deref() {
                tender.services.extend(notes.code(segment.at(4), MODES, code));
            }
        }
        "AT5" => stops::at5(notes, segment, &mut tender.services, 64),
        "NTE" | "K1" => stops::words(notes, segment, &mut tender.remarks, 200),
        _ => return false,
    }
    true
}

/// `L3`: weight, freight, advances, what is prepaid, volume, packages, declared value.
fn totals(notes: &mut Notes<'_>, set: Set<'_>, l3: Segment<'_>, unit: Option<&str>, tender: &mut LoadTender) {
    weigh(notes, l3, (2, 1), l3.element(12).as_deref().or(unit), &mut tender.load());
    tender.volume_m3 = measures::volume(notes, l3, 9, l3.element(10).as_deref());
    tender.packages = notes.count(l3.at(11), "number of packages", l3.element(11));
    let has_amounts = [5, 6, 7, 14].iter().any(|element| l3.element(*element).is_some());
    if !has_amounts {
        return;
    }
    let currency = measures::currency(notes, set.first("C3"), &l3.location());
    let code = |notes: &mut Notes<'_>| {
        let special = notes.code(l3.at(8), CHARGES, l3.element(8));
        special.or_else(|| notes.code(l3.at(5), FREIGHT.1, Some(FREIGHT.0)))
    };
    if let (Some(amount), Some(code)) = (measures::amount(notes, l3, 5, &currency), code(notes)) {
        tender.charges.push(TenderCharge {
            rate: notes.number(l3.at(3), "rate", l3.decimal(3, 1)),
            rate_basis: notes.code(l3.at(4), RATES, l3.element(4)),
            ..TenderCharge::new(code, amount)
        });
    }
    for (element, what) in [(6, "advances"), (7, "prepaid")] {
        let amount = measures::amount(notes, l3, element, &currency);
        let code = notes.code(l3.at(element), "X12 L3", Some(what));
        tender.charges.extend(amount.zip(code).map(|(amount, code)| TenderCharge::new(code, amount)));
    }
    tender.value = notes
        .number(l3.at(14), "declared value", l3.decimal(14, 1))
        .map(|amount| Money { amount, currency: currency.clone() });
}

/// The load's number: `B2-04`, or the reference that numbers it where that is left out.
fn number(notes: &mut Notes<'_>, b2: Segment<'_>, known: &[Reference]) -> Option<Text<64>> {
    if let Some(number) = notes.id(b2.at(4), "number of the load", b2.element(4)) {
        return Some(number);
    }
    let find = |scheme: &&str| known.iter().find(|reference| &*reference.scheme == *scheme);
    let Some(reference) = NUMBERS.iter().find_map(find).or(known.first()) else {
        let detail = "`B2-04`, the number of the load, is missing, and no `L11` names it.";
        notes.finding(Finding::error("MISSING", b2.at(4), detail));
        return None;
    };
    let detail =
        format!("`B2-04`, the number of the load, is missing; the reference `{}` is taken for it.", reference.scheme);
    notes.warning("NUMBER-OF-REFERENCE", b2.at(4), detail);
    notes.id(b2.at(4), "number of the load", Some(&*reference.value))
}
