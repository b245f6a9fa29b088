//! X12 990, response to a load tender: a `load-tender-response` for each set.
//!
//! | segment | what it says | becomes |
//! |---|---|---|
//! | `B1` | carrier, number of the load, when, whether, and why not | `carrier`, `tenderNumber`, `respondedAt`, `verdict`, `reason` |
//! | `N9` | references; the carrier's own number (`CN`) | `references`, `carrierNumber` |
//! | `G62` | times | `times` |
//! | `N7` | the equipment that the carrier gives | `equipment` |
//! | `L9` | charges | `charges` |
//! | `V9`, `K1` | an event with its reason, words | `reason`, `remarks` |
//! | `S5` and what follows | stops as the carrier is going to make them | `stops` |

use portgate_sdk::canonical::{
    LoadTenderResponse, Reason, Reference, TenderCharge, TenderKind, TenderVerdict, Text, Timestamp,
};
use portgate_sdk::time::x12 as x12_time;
use portgate_sdk::x12::{Message as Set, Segment};
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection, codes as agreed};

use super::parties::Parties;
use super::stops::{self, Stop};
use super::tender::{CARRIERS, CHARGES};
use super::{equipment, measures, references};
use crate::interchange::{x12_sets, x12_written_at};
use crate::notes::Notes;

/// The list of verdicts, and the reference of the carrier's own number (PRO).
pub(crate) const VERDICTS: &str = "X12 558";
pub(crate) const CARRIERS_NUMBER: &str = "x12:CN";

/// The answers of an interchange, with the acknowledgement that was agreed.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    x12_sets(message, "990", read)
}

/// The verdict of a code (558). `D` is a reservation cancelled by its name, and in answers to tenders how carriers decline.
pub(crate) fn verdict(code: &str) -> TenderVerdict {
    match code {
        "A" => TenderVerdict::Accepted,
        "B" | "C" => TenderVerdict::Conditional,
        "D" | "E" => TenderVerdict::Declined,
        "R" => TenderVerdict::Cancelled,
        "P" => TenderVerdict::Pending,
        _ => TenderVerdict::Unmapped,
    }
}

fn read(set: Set<'_>, notes: &mut Notes<'_>) {
    let Some(b1) = set.first("B1") else {
        let detail = "The transaction set has no `B1`, which says whether the load is taken.";
        return notes.finding(Finding::error("MISSING", set.location(), detail).because(Mistake::MissingSegment("B1")));
    };
    let Some(mut response) = begun(notes, set, b1) else { return };
    let mut parties = Parties::default();
    let mut stop: Option<Stop> = None;
    for segment in set.segments() {
        if segment.tag() == "S5" {
            let number = response.stops.len() + usize::from(stop.is_some()) + 1;
            let begins = Stop::begin(notes, segment, number, None);
            let ended = stop.replace(begins).map(Stop::end);
            notes.push(segment.location(), "stops", 200, &mut response.stops, ended);
            continue;
        }
        let taken = match &mut stop {
            Some(stop) => stop.take(notes, segment, None, &mut response.equipment),
            None => parties.take(notes, segment, 32) || header(notes, set, segment, &mut response),
        };
        if !taken && !matches!(segment.tag(), "ST" | "SE" | "B1" | "C3") {
            let remark = references::verbatim(notes, segment);
            notes.push(segment.location(), "remarks", 200, &mut response.remarks, remark);
        }
    }
    notes.push(b1.location(), "stops", 200, &mut response.stops, stop.map(Stop::end));
    response.parties = parties.list;
    let own = response.references.iter().find(|reference| &*reference.scheme == CARRIERS_NUMBER);
    response.carrier_number = own.and_then(|own| notes.id(b1.location(), "carrier's number", Some(&*own.value)));
    let named = Reference::new("shipment", &response.tender_number).ok();
    named.iter().for_each(|named| references::add(&mut response.references, named));
    notes.document(&response);
}

/// What `B1` says.
fn begun(notes: &mut Notes<'_>, set: Set<'_>, b1: Segment<'_>) -> Option<LoadTenderResponse> {
    let Some(tender_number) = notes.id::<64>(b1.at(2), "number of the load", b1.element(2)) else {
        notes.finding(Finding::error("MISSING", b1.at(2), "`B1-02`, the number of the load, is missing."));
        return None;
    };
    let Some(code) = notes.code(b1.at(4), VERDICTS, b1.element(4)) else {
        notes.finding(Finding::error("MISSING", b1.at(4), "`B1-04`, whether the load is taken, is missing."));
        return None;
    };
    let verdict = verdict(&code.code);
    if verdict == TenderVerdict::Unmapped {
        notes.unknown(b1.at(4), VERDICTS, &code.code, "the answer is kept unmapped");
    }
    let recorded_at = x12_written_at(set);
    let on = recorded_at
        .as_ref()
        .map_or(&*notes.message.received_at, |time| time.as_str())
        .chars()
        .take(10)
        .collect::<String>();
    let carrier = b1
        .element(1)
        .map(|carrier| agreed::to_ours(CARRIERS, carrier.trim(), &on, b1.at(1), |finding| notes.finding(finding)));
    let carrier: Option<Text<16>> = notes.id(b1.at(1), "carrier", carrier);
    let day = b1.element(3);
    let responded_at = match day {
        Some(day) => notes.moment(b1.at(3), x12_time::read(Some(&day), None, None)),
        None => None,
    };
    let reason = Reason { code: notes.id(b1.at(6), "reason", b1.element(6)), text: None };
    let id = carrier.as_ref().map_or_else(|| tender_number.to_string(), |carrier| format!("{carrier}|{tender_number}"));
    let message_id = notes.id(set.location(), "number of the set", set.reference());
    let version = recorded_at.as_ref().map_or_else(|| Text::new("1").expect("one character"), Timestamp::to_version);
    let source = notes.message.source(message_id, recorded_at);
    let id = notes.id(b1.at(2), "number of the load", Some(id))?;
    Some(LoadTenderResponse {
        verdict_code: Some(code),
        reason: reason.code.is_some().then_some(reason),
        carrier,
        responded_at,
        ..LoadTenderResponse::new(id, version, source, tender_number, TenderKind::Tender, verdict)
    })
}

/// A segment before the first stop; whether it is one that is known there.
fn header(notes: &mut Notes<'_>, set: Set<'_>, segment: Segment<'_>, response: &mut LoadTenderResponse) -> bool {
    if equipment::take(notes, segment, None, &mut response.equipment) {
        return true;
    }
    match segment.tag() {
        "N9" | "L11" => {
            let (reference, remark) = references::read(notes, segment);
            notes.push(segment.location(), "references", references::MOST, &mut response.references, reference);
            notes.push(segment.location(), "remarks", 200, &mut response.remarks, remark);
        }
        "G62" => {
            let time = stops::g62(notes, segment).map(|(_, time)| time);
            notes.push(segment.location(), "times", 32, &mut response.times, time);
        }
        "L9" => {
            let currency = measures::currency(notes, set.first("C3"), &segment.location());
            let amount = measures::amount(notes, segment, 2, &currency);
            let code = notes.code(segment.at(1), CHARGES, segment.element(1));
            response.charges.extend(amount.zip(code).map(|(amount, code)| TenderCharge::new(code, amount)));
        }
        "V9" => {
            // The reason stands in `V9-08`, or in the event itself.
            let code = segment.element(8).or_else(|| segment.element(1));
            let reason = Reason {
                code: notes.id(segment.at(8), "reason", code),
                text: notes.text(segment.at(2), "reason", segment.element(2)),
            };
            match &response.reason {
                None => response.reason = Some(reason),
                Some(_) => response.remarks.extend(references::verbatim(notes, segment)),
            }
        }
        "K1" | "NTE" => stops::words(notes, segment, &mut response.remarks, 200),
        _ => return false,
    }
    true
}
