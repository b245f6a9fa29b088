//! Messages that come again, and messages that mean harm: keys stay what they are, nothing panics, and no field of a real
//! payload is lost in silence.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use carrier_parcel::CarrierParcel;
use portgate_sdk::testkit::unlisted;
use portgate_sdk::{Connector, Decoded, Message, Rejection, testkit};
use serde_json::{Value, json};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");
const EASYPOST: (&str, &str) = ("easypost-tracker", "2");
const SHIPPO: (&str, &str) = ("shippo-track", "2018-02-08");

fn case(name: &str) -> Value {
    let path = Path::new(FOLDER).join(format!("cases/{name}/message.json"));
    serde_json::from_slice(&std::fs::read(path).expect("a case")).expect("JSON")
}

fn message((contract, version): (&str, &str), body: Vec<u8>) -> Message {
    testkit::message(contract, version, "application/json", body)
}

fn decode(contract: (&str, &str), body: Vec<u8>) -> Result<Decoded, Rejection> {
    CarrierParcel::decode(&message(contract, body))
}

fn keys(contract: (&str, &str), body: &Value) -> Vec<String> {
    let decoded = decode(contract, body.to_string().into_bytes()).expect("it is taken");
    let keys: Vec<String> = decoded.documents.iter().map(|document| document.key.clone()).collect();
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len(), "no key stands for two: {keys:?}");
    keys
}

#[test]
fn a_parcel_that_is_told_again_with_one_event_more_keeps_the_keys_of_the_others() {
    let before = keys(EASYPOST, &case("easypost-event-out-for-delivery"));
    let after = keys(EASYPOST, &case("easypost-event-delivered-with-one-event-more"));
    assert_eq!(before.len(), 6, "five events and an estimate");
    assert!(before.iter().all(|key| after.contains(key)), "{before:?} and {after:?}");
    assert_eq!(after.len() - before.len(), 3, "a delivery, a promise and a first attempt");
}

#[test]
fn events_of_shippo_keep_their_keys_under_other_ids() {
    let mut track = case("shippo-event");
    let before = keys(SHIPPO, &track);
    for (index, event) in track["data"]["tracking_history"].as_array_mut().expect("a history").iter_mut().enumerate() {
        event["object_id"] = format!("another-{index}").into();
    }
    assert_eq!(keys(SHIPPO, &track), before);
}

#[test]
fn two_events_of_one_moment_are_two_and_the_same_event_is_one() {
    let mut tracker = case("easypost-event-out-for-delivery");
    let details = tracker["result"]["tracking_details"].as_array_mut().expect("details");
    let (again, mut other) = (details[1].clone(), details[1].clone());
    other["tracking_location"]["city"] = "YORK".into();
    details.extend([again, other]);
    assert_eq!(keys(EASYPOST, &tracker).len(), 7);
}

#[test]
fn a_message_cut_off_or_changed_anywhere_is_taken_or_refused_with_a_reason_and_never_panics() {
    for (contract, name) in [
        (EASYPOST, "easypost-event-delivered-with-one-event-more"),
        (EASYPOST, "easypost-words-that-are-not-known-and-events-that-are-broken"),
        (SHIPPO, "shippo-event"),
    ] {
        let whole = case(name).to_string().into_bytes();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] = changed[at].wrapping_add(1);
            for body in [whole[..at].to_vec(), changed] {
                if let Err(rejection) = decode(contract, body) {
                    assert!(rejection.all_findings().count() > 0, "{name} at {at}");
                }
            }
        }
    }
}

#[test]
fn every_case_fulfils_its_contract_unless_it_says_otherwise() {
    for folder in std::fs::read_dir(Path::new(FOLDER).join("cases")).expect("cases") {
        let name = folder.expect("a folder").file_name().into_string().expect("a plain name");
        if !Path::new(FOLDER).join(format!("cases/{name}/message.json")).is_file() {
            continue;
        }
        let contract = if name.starts_with("easypost") { EASYPOST.0 } else { SHIPPO.0 };
        let schema =
            std::fs::read(Path::new(FOLDER).join(format!("schemas/{contract}.schema.json"))).expect("a schema");
        let schema = jsonschema::validator_for(&serde_json::from_slice(&schema).expect("JSON")).expect("a schema");
        assert_eq!(schema.is_valid(&case(&name)), !name.ends_with("refused"), "{name}");
    }
}

#[test]
fn of_real_payloads_nothing_is_left_unread_that_is_not_listed() {
    let beside = || Path::new(FOLDER).join("../../../shared");
    let shared = std::env::var_os("PORTGATE_SHARED").map_or_else(beside, PathBuf::from).join("samples");
    let mut read = 0;
    for (folder, contract) in
        [("carrier-easypost", EASYPOST), ("carrier-parcel/easypost-tracker", EASYPOST), ("carrier-shippo", SHIPPO)]
    {
        let Ok(files) = std::fs::read_dir(shared.join(folder)) else {
            eprintln!("left out: no folder {folder} with samples");
            continue;
        };
        for path in files.map(|file| file.expect("a file").path()) {
            let body = std::fs::read(&path).expect("a sample");
            let sent: Value = serde_json::from_slice(&body).expect("JSON");
            let is_tracker = |sent: &Value| sent["object"] == json!("Tracker") || sent["tracking_history"].is_array();
            if !is_tracker(&sent) && !is_tracker(&sent["trackers"][0]) {
                continue;
            }
            let message = message(contract, body);
            let (decoded, unread) = unlisted(FOLDER, contract, || CarrierParcel::decode(&message));
            let decoded = decoded.unwrap_or_else(|rejection| panic!("{}: {rejection}", path.display()));
            assert!(unread.is_empty() && !decoded.documents.is_empty(), "{} loses {unread:?}", path.display());
            read += 1;
        }
    }
    println!("{read} samples");
}
