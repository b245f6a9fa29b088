//! EDIFACT IFTMBC (booking confirmation): a `load-tender-response` for each message. It is read as a booking ([`super::instruction`]);
//! `BGM` says what becomes of it, and `RFF` what the carrier and the other party call it.

use portgate_sdk::canonical::{
    LoadTender, LoadTenderResponse, Reference, TenderKind, TenderPurpose, TenderVerdict, Text,
};
use portgate_sdk::edifact::Message as Edifact;
use portgate_sdk::{Decoded, Message, Rejection};

use super::instruction;
use crate::interchange::edifact_messages;
use crate::notes::Notes;

/// The list of answers.
const ANSWERS: &str = "UNTDID 4343";

/// References by which the other party knows what it booked, the closest first.
const ASKED: [&str; 7] =
    ["edifact:BKG", "edifact:CBR", "edifact:ACW", "shipment", "edifact:FF", "edifact:CU", "edifact:CR"];

/// The confirmations of an interchange, with the report that was agreed.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    edifact_messages(message, &["IFTMBC"], |one, notes| {
        if let Some(response) = read(one, notes) {
            notes.document(&response);
        }
    })
}

fn read(one: Edifact<'_>, notes: &mut Notes<'_>) -> Option<LoadTenderResponse> {
    let bgm = one.first("BGM");
    let booking = instruction::read(one, notes, TenderKind::Booking)?;
    let answer = bgm.and_then(|bgm| notes.code(bgm.at(4), ANSWERS, bgm.component(4, 1)));
    let verdict = match (answer.as_ref().map(|code| &*code.code), booking.purpose) {
        (Some("RE"), _) => TenderVerdict::Declined,
        (Some("CA" | "AC" | "AI"), _) => TenderVerdict::Conditional,
        (_, TenderPurpose::Cancellation) => TenderVerdict::Cancelled,
        (Some("AP" | "AA" | "AB" | "NA") | None, _) => TenderVerdict::Accepted,
        (Some(code), _) => {
            notes.unknown(one.location(), ANSWERS, code, "the confirmation is kept unmapped");
            TenderVerdict::Unmapped
        }
    };
    let find = |scheme: &str| booking.references.iter().find(|reference: &&Reference| &*reference.scheme == scheme);
    let carrier_number: Option<Text<64>> =
        find("booking").and_then(|own| notes.id(one.location(), "carrier's number", Some(&*own.value)));
    let asked = ASKED.iter().find_map(|scheme| find(scheme)).map(|asked| asked.value.to_string());
    let tender_number = match asked {
        Some(asked) => notes.id(one.location(), "number of the booking", Some(asked))?,
        None => booking.tender_number.clone(),
    };
    let LoadTender { version, source, issued_at, carrier, tender_number: number, .. } = booking.clone();
    let id = notes.id(one.location(), "number of the document", Some(format!("confirmation|{number}")))?;
    let mut response = LoadTenderResponse::new(id, version, source, tender_number, TenderKind::Booking, verdict);
    response.verdict_code = answer.or(booking.purpose_code);
    response.carrier = carrier;
    response.carrier_number = carrier_number.or(Some(number));
    response.responded_at = issued_at;
    response.references = booking.references;
    response.parties = booking.parties;
    response.times = booking.times;
    response.stops = booking.stops;
    response.legs = booking.legs;
    response.equipment = booking.equipment;
    response.goods = booking.goods;
    response.charges = booking.charges;
    response.remarks = booking.remarks;
    // A response has no field for the services and totals that are confirmed; they are said in words.
    let services = booking.services.iter().map(|code| format!("Service {} {}", code.code_list, code.code));
    let totals = [
        booking.gross_kg.map(|weight| format!("Gross weight {weight} kg")),
        booking.volume_m3.map(|volume| format!("Volume {volume} m3")),
        booking.packages.map(|packages| format!("Packages {packages}")),
        booking.payment.map(|code| format!("Payment {}", code.code)),
    ];
    for words in services.chain(totals.into_iter().flatten()).collect::<Vec<_>>() {
        let text = notes.text(one.location(), "remark", Some(words));
        let remark = text.map(portgate_sdk::canonical::TenderRemark::new);
        notes.push(one.location(), "remarks", 200, &mut response.remarks, remark);
    }
    Some(response)
}
