//! Messages that mean harm, or were cut on the way: they are refused with a place, within bounds and without a panic.

use std::path::Path;

use carrier_ocean::CarrierOcean;
use jsonschema::Validator;
use portgate_sdk::{Connector, Decoded, Rejection, testkit};
use serde_json::Value;

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

fn read(path: &str) -> Vec<u8> {
    let path = Path::new(FOLDER).join(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn schema(version: &str) -> Validator {
    let text = read(&format!("schemas/track-trace-{version}.schema.json"));
    jsonschema::validator_for(&serde_json::from_slice(&text).expect("JSON")).expect("a schema")
}

fn decode(contract: &str, version: &str, body: Vec<u8>) -> Result<Decoded, Rejection> {
    CarrierOcean::decode(&testkit::message(contract, version, "text/plain", body))
}

const MESSAGES: [(&str, &str, &str); 4] = [
    ("x12-315", "4010", "cases/x12-315-vessel-arrived/message.edi"),
    ("iftsta", "D00B", "cases/iftsta-rail-departed/message.edi"),
    ("dcsa-track-trace", "2.2", "cases/dcsa-2-2-events/message.json"),
    ("dcsa-track-trace", "3.0", "cases/dcsa-3-0-events/message.json"),
];

/// Messages with more of what a format has.
const RICH: [(&str, &str, &str); 12] = [
    ("x12-315", "4010", "cases/x12-315-zones-of-all-kinds/message.edi"),
    ("x12-301", "4010", "cases/x12-301-confirmed-with-dangerous-goods/message.edi"),
    ("x12-310", "4010", "cases/x12-310-invoice-with-charges/message.edi"),
    ("x12-322", "4010", "cases/x12-322-container-arrived-at-the-ramp/message.edi"),
    ("dcsa-booking-notification", "2.0", "cases/dcsa-booking-amendment-declined/message.json"),
    ("dcsa-ebl-notification", "3.0", "cases/dcsa-shipping-instructions-update-declined/message.json"),
    ("dcsa-booking", "2.0", "cases/dcsa-booking-with-everything/message.json"),
    ("x12-312", "4010", "cases/x12-312-arrival-with-charges/message.edi"),
    ("coparn", "D00B", "cases/coparn-containers-handed-out-and-taken-in/message.edi"),
    ("iftsta", "D00B", "cases/iftsta-time-formats/message.edi"),
    ("iftsta", "D00B", "cases/iftsta-event-time-and-place-by-their-qualifiers/message.edi"),
    ("dcsa-track-trace", "2.2", "cases/dcsa-2-2-place-of-the-call-and-seals/message.json"),
];

#[test]
fn a_message_cut_off_anywhere_is_taken_or_refused_with_a_place_and_never_panics() {
    for (contract, version, file) in MESSAGES.into_iter().chain(RICH) {
        let whole = read(file);
        for length in 0..whole.len() {
            if let Err(rejection) = decode(contract, version, whole[..length].to_vec()) {
                assert!(!rejection.findings.is_empty(), "{contract} cut at {length}");
            }
        }
    }
}

#[test]
fn a_message_with_any_byte_changed_never_panics() {
    for (contract, version, file) in MESSAGES {
        let whole = read(file);
        for at in 0..whole.len() {
            for byte in [0, b'\'', b'+', b'~', b'*', b'9', b'"', 0xe9] {
                let mut changed = whole.clone();
                changed[at] = byte;
                let _ = decode(contract, version, changed);
            }
        }
    }
}

#[test]
fn a_message_with_thousands_of_mistakes_is_refused_with_few_findings() {
    let sets: String = (0..2_000).map(|number| format!("ST*315*{number}~N9*BM*A~SE*3*{number}~")).collect();
    let refused = decode("x12-315", "4010", sets.into_bytes()).expect_err("nothing of it can be taken");
    // Each set says why it is refused, and no more.
    assert_eq!((refused.parts.len(), refused.all_findings().count() <= 2_101), (2_000, true));
    assert_eq!(refused.findings.last().map(|finding| finding.code.as_str()), Some("MORE-FINDINGS"));
}

#[test]
fn more_references_than_a_milestone_has_room_for_are_refused_and_none_is_left_out() {
    let references: String = (0..1_000).map(|number| format!("N9*ZZ*{number}~")).collect();
    let set = format!("ST*315*1~B4***VA*20260228*0430**CSQU*305438*L*45G1*GBFXT*UN*3~{references}SE*1003*1~");
    let refused = decode("x12-315", "4010", set.into_bytes()).expect_err("too many references");
    let mut findings = refused.all_findings();
    let finding = findings.find(|finding| finding.code == "TOO-MANY-REFERENCES").expect("it is said");
    assert_eq!(finding.location, "segment 2 B4 (line 1)");
    assert_eq!(finding.detail, "The event has 1001 references, and 64 are the most.");
}

#[test]
fn an_event_that_is_sent_again_has_the_same_key_and_another_event_has_another() {
    let send = |text: String| decode("x12-315", "4010", text.into_bytes()).expect("taken").documents[0].key.clone();
    let first = String::from_utf8(read(MESSAGES[0].2)).expect("text");
    assert_eq!(send(first.clone()), send(first.replace("000000041", "000000042")));
    assert_ne!(send(first.clone()), send(first.replace("*VA*", "*VD*")));
}

#[test]
fn every_event_that_is_decoded_fulfils_its_contract_and_a_rejected_one_does_not() {
    for (case, version, fulfils) in [
        ("dcsa-2-2-events", "2.2", true),
        ("dcsa-2-2-wrapped-with-unknown-codes", "2.2", true),
        ("dcsa-2-2-mistakes-refused-event-by-event", "2.2", false),
        ("dcsa-3-0-events", "3.0", true),
        ("dcsa-3-0-measurements", "3.0", true),
    ] {
        let message: Value = serde_json::from_slice(&read(&format!("cases/{case}/message.json"))).expect("JSON");
        assert_eq!(schema(version).is_valid(&message), fulfils, "{case}");
    }
}

#[test]
fn a_time_is_read_by_its_code_or_refused_and_the_time_of_the_message_is_never_the_event_s() {
    let texts =
        ["20260304", "260304", "2603041745", "202603041745", "260304174530", "20260304174530", "1745", "20", ""];
    let right = [
        ("102", "20260304", "2026-03-04T00:00:00"),
        ("101", "260304", "2026-03-04T00:00:00"),
        ("201", "2603041745", "2026-03-04T17:45:00"),
        ("203", "202603041745", "2026-03-04T17:45:00"),
        ("202", "260304174530", "2026-03-04T17:45:30"),
        ("204", "20260304174530", "2026-03-04T17:45:30"),
    ];
    let codes = (0..1_000).map(|code| code.to_string()).chain(["".into(), "ZZZ".into(), "1e3".into()]);
    for code in codes {
        for text in texts {
            let report = format!(
                "UNH+1+IFTSTA:D:00B:UN'BGM+23+A+9'DTM+137:201911111111:203'CNI+1+B'STS+1+OA'DTM+334:{text}:{code}'UNT+7+1'"
            );
            let decoded = decode("iftsta", "D00B", report.into_bytes()).ok();
            let value = decoded.map(|decoded| {
                let body: Value = serde_json::from_slice(&decoded.documents[0].body).expect("JSON");
                body["occurredAt"]["value"].as_str().expect("a time").to_owned()
            });
            assert!(
                value.as_deref().is_none_or(|value| !value.contains("11:11")),
                "{text} in format {code}: {value:?}"
            );
            if right.iter().any(|(known, ..)| *known == code) {
                let expected = right.iter().find(|(known, written, _)| (*known, *written) == (&*code, text));
                assert_eq!(value.as_deref(), expected.map(|(.., value)| *value), "{text} in format {code}");
            }
        }
    }
}

#[test]
fn a_contract_of_another_connector_is_refused_by_name() {
    for (contract, version) in [("shopify-order", "2024-10"), ("dcsa-track-trace", "9.9")] {
        let rejection = decode(contract, version, b"{}".to_vec()).expect_err("is not ours");
        assert_eq!(rejection.findings[0].code, "UNKNOWN-CONTRACT");
    }
}
