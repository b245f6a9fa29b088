//! Booking requests and shipping instructions of DCSA: what is read of real ones and written again says the same, and what a tender
//! says is in what is written of it, but for what is listed here with the reason.
//!
//! The samples stand beside the checkout; without them the tests of them say so and prove nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use carrier_ocean::CarrierOcean;
use jsonschema::Validator;
use portgate_sdk::{Connector, Decoded, Document, Rejection, Request, Target, testkit};
use serde_json::Value;

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");
const BOOKING: (&str, &str) = ("dcsa-booking", "2.0");
const INSTRUCTIONS: (&str, &str) = ("dcsa-shipping-instructions", "3.0");

/// What is written elsewhere than it stood, or in other words.
const MOVED: &[(&str, &str)] = &[
    ("/street", "has the number behind it"),
    ("/streetNumber", "stands behind the street"),
    ("/floor", "stands behind the street"),
    ("/POBox", "stands behind the street"),
    ("/nationalCommodityCodes/", "is written in the list that takes longer codes"),
    ("Weight/value", "is written in kilograms where it was in pounds"),
    ("Weight/unit", "likewise"),
    ("Volume/value", "is written in cubic metres where it was in cubic feet"),
    ("Volume/unit", "likewise"),
    ("/equipmentReferences/", "is written in the one form of container numbers"),
];

fn decoded((contract, version): (&str, &str), body: &[u8]) -> Result<Decoded, Rejection> {
    CarrierOcean::decode(&testkit::message(contract, version, "application/json", body.to_vec()))
}

fn written((contract, version): (&str, &str), documents: &[Document]) -> Request {
    let target = Target::new(contract, version, "2026-03-01T08:15:00Z");
    CarrierOcean::encode(documents, &target).unwrap_or_else(|why| panic!("{contract}: {why}"))
}

/// The files of a folder of the samples; none where there are no samples.
fn samples(folder: &str) -> Vec<PathBuf> {
    for parent in Path::new(FOLDER).ancestors() {
        if let Ok(entries) = std::fs::read_dir(parent.join("shared/samples").join(folder)) {
            let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
            files.sort();
            return files;
        }
    }
    println!("left out: no samples in {folder}");
    Vec::new()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

fn schema(name: &str) -> Validator {
    let text = std::fs::read(Path::new(FOLDER).join("schemas").join(name)).expect("a schema");
    jsonschema::validator_for(&json(&text)).expect("a schema")
}

/// Each value by its place.
fn leaves(value: &Value, at: &str, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| leaves(value, &format!("{at}/{name}"), found))
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, value)| leaves(value, &format!("{at}/{index}"), found));
        }
        Value::Null => {}
        Value::Number(number) => {
            let text = number.to_string();
            let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
            found.insert(at.to_owned(), text.to_owned());
        }
        Value::String(text) => drop(found.insert(at.to_owned(), text.trim().to_owned())),
        other => drop(found.insert(at.to_owned(), other.to_string())),
    }
}

fn leaves_of(value: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    leaves(value, "", &mut found);
    found
}

/// What of a message is not in what is written of its document, but for what is listed; and that a second time changes nothing.
fn lost(contract: (&str, &str), name: &str, body: &[u8]) -> Vec<String> {
    let first = decoded(contract, body).unwrap_or_else(|why| panic!("{name}: {why}"));
    let once = written(contract, &first.documents);
    let again = decoded(contract, &once.body).unwrap_or_else(|why| panic!("{name}: {why}"));
    let twice = written(contract, &again.documents);
    assert_eq!(json(&once.body), json(&twice.body), "{name}: it says something else the second time");
    let (given, kept) = (leaves_of(&json(body)), leaves_of(&json(&once.body)));
    let gone = given.iter().filter(|(at, value)| kept.get(*at) != Some(value));
    let gone: Vec<String> = gone.map(|(at, value)| format!("{name} {at}: {value}")).collect();
    println!("{name:<56} {} values, {} elsewhere or in other words", given.len(), gone.len());
    gone.into_iter().filter(|line| !MOVED.iter().any(|(part, _)| line.contains(part))).collect()
}

#[test]
fn nothing_of_a_real_booking_request_is_lost_on_its_way_through() {
    let schema = schema("booking.schema.json");
    let mut all = Vec::new();
    for path in samples("dcsa/booking").into_iter().chain(samples("dcsa/dcsa-booking-2.0")) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let body = std::fs::read(&path).expect("a sample");
        let is_request = json(&body).get("requestedEquipments").is_some();
        if !schema.is_valid(&json(&body)) || !is_request {
            // Answers of carriers, and what calls a booking off, stand beside the requests.
            assert!(name.contains("Example") && !name.contains("dgExample"), "{name}");
            continue;
        }
        all.extend(lost(BOOKING, &name, &body));
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn a_real_request_that_is_wrong_on_purpose_is_refused_for_what_is_wrong_about_it() {
    let schema = schema("booking.schema.json");
    for path in samples("dcsa/booking-negative") {
        let body = json(&std::fs::read(&path).expect("a sample"));
        let places: BTreeSet<String> =
            schema.iter_errors(&body).map(|error| error.instance_path().to_string()).collect();
        assert!(places.contains("/receiptTypeAtOrigin"), "{places:?}");
        assert!(places.iter().any(|place| place.ends_with("/cargoGrossWeight")), "{places:?}");
    }
}

#[test]
fn nothing_of_real_shipping_instructions_is_lost_on_their_way_through() {
    let schema = schema("shipping-instructions.schema.json");
    let mut all = Vec::new();
    for path in samples("dcsa/ebl") {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let body = std::fs::read(&path).expect("a sample");
        match schema.is_valid(&json(&body)) {
            true => all.extend(lost(INSTRUCTIONS, &name, &body)),
            false => assert!(name.contains("error-message"), "{name}"),
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

/// A file of a case.
fn case(name: &str, file: &str) -> Vec<u8> {
    std::fs::read(Path::new(FOLDER).join("cases").join(name).join(file)).expect("a case")
}

#[test]
fn nothing_of_what_the_cases_say_is_lost_on_its_way_through() {
    let mut all = Vec::new();
    let name = "dcsa-booking-with-everything";
    all.extend(lost(BOOKING, name, &case(name, "message.json")));
    let name = "dcsa-shipping-instructions-to-order-in-two-containers";
    all.extend(lost(INSTRUCTIONS, name, &case(name, "message.json")));
    assert!(all.is_empty(), "{}", all.join("\n"));
}

/// What of a tender is not told to a carrier, and why.
const NOT_TOLD: &[(&str, &str)] = &[
    ("/id", "our key"),
    ("/version", "our count, where it is none"),
    ("/source", "where the tender came from"),
    ("/kind", "which request it is"),
    ("/purpose", "which method it is"),
    ("/mode", "always by sea"),
    ("/seq", "the order of the list"),
    ("/role", "the name of the property"),
    ("/scheme", "likewise"),
    ("/activity", "the code of the place"),
    ("/codeList", "in DCSA's words"),
    ("/localOnly", "days alone are told"),
    ("/payment/code", "in DCSA's words"),
    ("/services/", "in DCSA's words"),
    ("/activityCode/code", "in DCSA's words"),
    ("/documentType/code", "in DCSA's words"),
    ("/description/code", "that it is a container"),
    ("/lineNo", "the order of the list"),
    ("/equipmentRefs/", "by standing in the equipment"),
    ("/packingGroup", "as a number"),
    ("/regulation", "always those for the sea"),
    ("/ems", "without the comma"),
    ("/parties/1/address/lines/1", "behind other lines"),
    ("/parties/6/name", "the carrier knows itself"),
    ("/goods/0/description: Pumps of stainless steel with", "in lines"),
    ("/goods/1/description: Pumps of stainless steel with", "with the first of its line"),
    ("/equipment/0/isoType: 22G1", "the carrier knows its own containers, where instructions name them"),
    ("/stops/0/location/unLocode: DEHAM", "whether it is in the zone of ICS2"),
    ("/remarks/0/", "DCSA has no words for everything"),
    ("/transportDocument/shippedOnBoard", "by its own name"),
];

/// What of a case's tender is in none of the values that are written.
fn untold(contract: (&str, &str), name: &str) -> BTreeSet<String> {
    let documents = json(&case(name, "documents.json"));
    let body = &documents[0]["body"];
    let document = Document {
        kind: "load-tender".to_owned(),
        key: String::new(),
        refs: Vec::new(),
        body: serde_json::to_vec(body).expect("JSON"),
    };
    let request = json(&written(contract, &[document]).body);
    let told: Vec<String> = leaves_of(&request).into_values().collect();
    // Numbers are written without the noughts behind them, and of times their days.
    let said = |value: &String| {
        let number = value.trim_end_matches('0').trim_end_matches('.');
        let day = value.split_once('T').map(|(day, _)| day).filter(|day| day.len() == 10);
        day.is_some_and(|day| told.iter().any(|told| told == day))
            || told.iter().any(|told| told.contains(value.as_str()) || (value.contains('.') && told == number))
    };
    leaves_of(body).into_iter().filter(|(_, value)| !said(value)).map(|(at, value)| format!("{at}: {value}")).collect()
}

#[test]
fn what_a_tender_says_is_told_to_the_carrier_but_for_what_is_listed() {
    let booking = untold(BOOKING, "dcsa-booking-out-of-another-standard-is-taken");
    let instructions = untold(INSTRUCTIONS, "dcsa-shipping-instructions-out-are-refused-by-fields");
    let all: Vec<&String> = booking.iter().chain(&instructions).collect();
    let lost: Vec<_> = all.iter().filter(|line| !NOT_TOLD.iter().any(|(part, _)| line.contains(part))).collect();
    assert!(lost.is_empty(), "{lost:#?}");
}
