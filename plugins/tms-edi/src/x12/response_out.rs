//! X12 990, release 004010, of `load-tender-response` documents: a transaction set for each. What stands in which segment is said
//! by [`super::response`], which reads them.

use portgate_sdk::canonical::{
    Code, Reason, TenderCharge, TenderEquipment, TenderRemark, TenderStop, TenderTime, TenderVerdict, Text, Timestamp,
};
use portgate_sdk::x12::{self, Form, Pen};
use portgate_sdk::{Document, Pointer, Rejection, Request, Target};
use serde::Deserialize;

use super::parties_out::{self, REFERENCE_MAX};
use super::pen::{self, n2};
use super::response::VERDICTS;
use super::stops::REASONS;
use super::tender::CHARGES;
use super::{stops_out, time};

const FORM: Form = pen::form("load-tender-response", "990", "GF");

/// The most characters of a line of remarks (61), and the lines that a set has room for.
const LINE_MAX: usize = 30;

/// As much of an answer as is written. What policy withholds is not there.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    tender_number: Option<Text<64>>,
    verdict: Option<TenderVerdict>,
    verdict_code: Option<Code>,
    reason: Option<Reason>,
    carrier: Option<Text<16>>,
    carrier_number: Option<Text<64>>,
    responded_at: Option<Timestamp>,
    #[serde(default)]
    times: Vec<TenderTime>,
    #[serde(default)]
    stops: Vec<TenderStop>,
    #[serde(default)]
    equipment: Vec<TenderEquipment>,
    #[serde(default)]
    charges: Vec<TenderCharge>,
    #[serde(default)]
    remarks: Vec<TenderRemark>,
}

/// One interchange with a set for each answer.
pub(crate) fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
    x12::interchange(&FORM, documents, target, write)
}

fn write(pen: &mut Pen<'_>, response: &Response) {
    let at = pen.at.clone();
    beginning(pen, &at, response);
    if let Some(number) = response.carrier_number.as_deref() {
        let number = pen.id(at.key("carrierNumber"), "carrier's number", number, REFERENCE_MAX);
        pen.out.segment("N9").elements(("CN", number));
    }
    stops_out::other_times(pen, &response.times);
    for (index, equipment) in response.equipment.iter().enumerate() {
        parties_out::equipment(pen, &at.key("equipment").index(index), equipment);
    }
    for charge in &response.charges {
        let code = if &*charge.code.code_list == CHARGES { &*charge.code.code } else { "400" };
        pen.out.segment("L9").elements((code, n2(charge.amount.amount)));
    }
    let words = response.reason.as_ref().and_then(|reason| reason.text.as_deref());
    for line in words.into_iter().chain(response.remarks.iter().map(|remark| &*remark.text)).collect::<Vec<_>>() {
        words_of(pen, line);
    }
    for (index, stop) in response.stops.iter().enumerate() {
        one_stop(pen, &at.key("stops").index(index), stop);
    }
}

/// `B1`, and `V9` with why not.
fn beginning(pen: &mut Pen<'_>, at: &Pointer, response: &Response) {
    let Some(number) = response.tender_number.as_deref() else {
        return pen.wrong(
            "MISSING",
            at.key("tenderNumber"),
            "A 990 says which load it answers; the answer has no number.",
        );
    };
    let number = pen.id(at.key("tenderNumber"), "number of the load", number, REFERENCE_MAX);
    let own =
        response.verdict_code.as_ref().filter(|code| &*code.code_list == VERDICTS).map(|code| code.code.to_string());
    let verdict = own.or_else(|| response.verdict.and_then(code).map(str::to_owned));
    let Some(verdict) = verdict else {
        return pen.wrong(
            "NO-VERDICT",
            at.key("verdict"),
            "A 990 accepts or declines; the answer's verdict has no code of X12 558.",
        );
    };
    let scac = pen::scac(pen, response.carrier.as_deref(), at.key("carrier"));
    if scac.is_none() {
        pen.wrong(
            "MISSING",
            at.key("carrier"),
            "A 990 names its carrier by SCAC; name it, or set the agreement's setting `scac`.",
        );
    }
    let day = response.responded_at.as_ref().map(|time| time::written(time).date);
    pen.out.segment("B1").elements((scac, number, day, verdict));
    // An event's code has three letters; another reason is said in words.
    if let Some(code) = response.reason.as_ref().and_then(|reason| reason.code.as_deref()) {
        match code.len() == 3 {
            true => drop(pen.out.segment("V9").element(code)),
            false => words_of(pen, &format!("Reason {code}")),
        }
    }
}

/// The code (558) of a verdict. Carriers decline with `D`.
fn code(verdict: TenderVerdict) -> Option<&'static str> {
    match verdict {
        TenderVerdict::Accepted => Some("A"),
        TenderVerdict::Conditional => Some("B"),
        TenderVerdict::Declined => Some("D"),
        TenderVerdict::Cancelled => Some("R"),
        TenderVerdict::Pending | TenderVerdict::Unmapped => None,
    }
}

/// `K1`, two lines each.
fn words_of(pen: &mut Pen<'_>, words: &str) {
    for pair in pen.lines(words, LINE_MAX).chunks(2) {
        pen.out.segment("K1").elements(pair);
    }
}

/// `S5` with its references, times and remarks.
fn one_stop(pen: &mut Pen<'_>, at: &Pointer, stop: &TenderStop) {
    let own = stop.activity_code.as_ref().filter(|code| &*code.code_list == REASONS).map(|code| &*code.code);
    let reason = own.unwrap_or_else(|| stops_out::reason(stop.activity));
    pen.out.segment("S5").elements((stop.seq, reason));
    for (index, reference) in stop.references.iter().enumerate() {
        let Some(qualifier) = super::status_codes::qualifier(&reference.scheme) else { continue };
        let value = pen.id(at.key("references").index(index), "reference", &reference.value, REFERENCE_MAX);
        pen.out.segment("N9").elements((qualifier, value));
    }
    stops_out::times(pen, stop);
    for remark in &stop.remarks {
        words_of(pen, &remark.text);
    }
}
