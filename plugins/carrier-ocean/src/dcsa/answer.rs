//! What a carrier's answer to a booking request or to shipping instructions means.
//!
//! What was taken is a milestone: the carrier has received it (`RECE`) under a number of its own, by which its notifications and
//! events speak of it. A refusal has a finding for each error that the carrier names, with its place in what was sent.

use portgate_sdk::canonical::{
    Classifier, Code, EventType, Milestone, MilestoneCode, Reference, Text, Timestamp, TransportMode,
};
use portgate_sdk::{Finding, Outcome, Request, Response, Verdict};
use serde::Deserialize;

use super::names::some;
use super::tender::{name_in, segment};
use super::wire::{BookingRequest, ShippingInstructions};
use super::{BOOKING, BOOKING_REQUEST, INSTRUCTIONS, TRANSPORT_DOCUMENT, booking_out, instructions_out};

/// Errors of an answer that are told one by one.
const ERRORS_MAX: usize = 50;

/// What a carrier answers where it is busy with the same thing.
const CONFLICT: u16 = 409;

/// Who answers, as far as an answer says it.
const CARRIER: &str = "carrier";

/// What was taken.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Taken {
    carrier_booking_request_reference: Option<String>,
    carrier_booking_reference: Option<String>,
    shipping_instructions_reference: Option<String>,
    transport_document_reference: Option<String>,
}

/// An error, in the words of all of DCSA's interfaces.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorResponse {
    status_code_text: Option<String>,
    status_code_message: Option<String>,
    provider_correlation_reference: Option<String>,
    errors: Option<Vec<DetailedError>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DetailedError {
    error_code: Option<serde_json::Number>,
    property: Option<String>,
    value: Option<String>,
    json_path: Option<String>,
    error_code_text: Option<String>,
    error_code_message: Option<String>,
}

/// The answer to what was sent.
pub(crate) fn read(sent: &Request, got: &Response) -> Outcome {
    let is_ours = [booking_out::PATH, instructions_out::PATH].iter().any(|path| sent.path.starts_with(path));
    let outcome = Outcome::of_status(got.status);
    match (is_ours, outcome.verdict) {
        (false, _) => outcome,
        (true, Verdict::Accepted) => taken(sent, got),
        // Another request for the same is on its way with the carrier, which asks for this one again.
        (true, _) if got.status == CONFLICT => told(Outcome::of(Verdict::Retry), got, Finding::warning),
        (true, Verdict::Rejected) => told(outcome, got, Finding::error),
        (true, _) => told(outcome, got, Finding::warning),
    }
}

/// The same verdict with what the carrier says to it, instead of what the status alone says.
fn told(outcome: Outcome, got: &Response, finding: fn(String, String, String) -> Finding) -> Outcome {
    let Ok(error) = got.json::<ErrorResponse>() else { return outcome };
    let text =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let whole = text(&error.status_code_message).or_else(|| text(&error.status_code_text));
    let mut findings = Vec::new();
    let errors = error.errors.unwrap_or_default();
    for one in errors.iter().take(ERRORS_MAX) {
        let code = one.error_code.as_ref().map_or_else(|| "CARRIER-SAYS".to_owned(), |code| format!("DCSA-{code}"));
        let place = text(&one.json_path).or_else(|| text(&one.property)).unwrap_or_default();
        let said = [text(&one.error_code_text), text(&one.error_code_message)];
        let mut said: Vec<String> = said.into_iter().flatten().collect();
        said.dedup();
        let mut said = said.join(": ");
        if let Some(value) = text(&one.value) {
            said.push_str(&format!(" (`{value}`)"));
        }
        if said.is_empty() {
            said = whole.clone().unwrap_or_else(|| "The carrier does not say why.".to_owned());
        }
        findings.push(finding(code, place, said));
    }
    if let (true, Some(whole)) = (errors.is_empty(), whole) {
        findings.push(finding("CARRIER-SAYS".to_owned(), String::new(), whole));
    }
    if errors.len() > ERRORS_MAX {
        let detail = format!("There are {} more errors.", errors.len() - ERRORS_MAX);
        findings.push(Finding::info("MORE-ERRORS", "errors", detail));
    }
    if findings.is_empty() {
        return outcome;
    }
    if let Some(reference) = text(&error.provider_correlation_reference) {
        let detail = format!("The carrier finds this answer by `{reference}`.");
        findings.push(Finding::info("CORRELATION", "providerCorrelationReference", detail));
    }
    Outcome { findings, ..outcome }
}

/// The carrier has it. What is odd about its answer is no reason to send it again.
fn taken(sent: &Request, got: &Response) -> Outcome {
    let outcome = Outcome::of(Verdict::Accepted);
    let answer = match got.body.is_empty() {
        true => Taken::default(),
        false => match got.json::<Taken>() {
            Ok(answer) => answer,
            Err(_) => {
                let detail = "The carrier has taken it, and its answer cannot be read.";
                return outcome.with(Finding::warning("ANSWER-ODD", "", detail));
            }
        },
    };
    let mut references: Vec<Reference> = Vec::new();
    let numbers = [
        (BOOKING_REQUEST, answer.carrier_booking_request_reference),
        (INSTRUCTIONS, answer.shipping_instructions_reference),
        (BOOKING, answer.carrier_booking_reference),
        (TRANSPORT_DOCUMENT, answer.transport_document_reference),
    ];
    for (scheme, number) in numbers {
        references.extend(number.and_then(|number| Reference::new(scheme, &number).ok()));
    }
    let ours = ours(sent);
    let number = references.first().map(|known| known.value.to_string());
    // An answer to a change says nothing: what was changed stands in the path.
    let number = number.or_else(|| {
        ours.iter().find(|known| sent.path.ends_with(&segment(&known.value))).map(|known| known.value.to_string())
    });
    references.extend(ours.into_iter().filter(|known| !references.contains(known)).collect::<Vec<_>>());
    let Some(milestone) = number.and_then(|number| milestone(&number, references, sent, got)) else {
        let detail = "The carrier has taken it, and its answer does not say under which number.";
        return outcome.with(Finding::warning("ANSWER-ODD", "", detail));
    };
    Outcome { documents: vec![portgate_sdk::Document::of(&milestone)], ..outcome }
}

/// The names under which what was sent is known to us and to the carrier.
fn ours(sent: &Request) -> Vec<Reference> {
    let mut names: Vec<(&str, String)> = Vec::new();
    if sent.path.starts_with(booking_out::PATH) {
        let request: BookingRequest = serde_json::from_slice(&sent.body).unwrap_or_default();
        names.extend(request.carrier_booking_reference.map(|name| (BOOKING, name)));
        names.extend(request.carrier_booking_request_reference.map(|name| (BOOKING_REQUEST, name)));
        let customers = request.references.into_iter().flatten().filter(|name| name.r#type.as_deref() == Some("CR"));
        names.extend(customers.filter_map(|name| Some(("dcsa:CR", name.value?))));
    } else {
        let request: ShippingInstructions = serde_json::from_slice(&sent.body).unwrap_or_default();
        names.extend(request.shipping_instructions_reference.map(|name| (INSTRUCTIONS, name)));
        names.extend(request.transport_document_reference.map(|name| (TRANSPORT_DOCUMENT, name)));
        let items = request.consignment_items.into_iter().flatten();
        names.extend(items.filter_map(|item| Some((BOOKING, item.carrier_booking_reference?))));
    }
    // One that calls a booking off names it in its path alone.
    if let (true, Some(name)) = (names.is_empty(), sent.path.strip_prefix(&format!("{}/", booking_out::PATH))) {
        let is_confirmed = String::from_utf8_lossy(&sent.body).contains("bookingCancellationStatus");
        names.push((if is_confirmed { BOOKING } else { BOOKING_REQUEST }, name_in(name)));
    }
    let mut references = Vec::new();
    for (scheme, name) in names {
        references.extend(Reference::new(scheme, &name).ok().filter(|known| !references.contains(known)));
    }
    references.truncate(60);
    references
}

/// That the carrier has received it.
fn milestone(number: &str, references: Vec<Reference>, sent: &Request, got: &Response) -> Option<Milestone> {
    let occurred_at = Timestamp::new(&got.received_at).ok()?;
    let what = if sent.path.starts_with(booking_out::PATH) { "booking" } else { "instruction" };
    let done = sent.method.to_lowercase();
    // A change of the same may come later, and is another event.
    let key = match &*done {
        "post" => format!("{what}|{number}"),
        _ => format!("{what}|{number}|{done}|{}", occurred_at.as_str()),
    };
    let key: Text<128> = Text::new(key).ok()?;
    let written = Code {
        code: Text::new(format!("{what}/{done}")).ok()?,
        code_list: Text::new("DCSA request").ok()?,
        source_code: None,
    };
    let source = got.source(Text::new(CARRIER).ok()?, Some(Text::new(number).ok()?));
    let mut milestone = Milestone::new(
        key.clone(),
        occurred_at.to_version(),
        source,
        key,
        EventType::Shipment,
        MilestoneCode::Rece,
        Classifier::Act,
        occurred_at,
        written,
    );
    milestone.mode = Some(TransportMode::Sea);
    milestone.references = some(references).unwrap_or_default();
    Some(milestone)
}
