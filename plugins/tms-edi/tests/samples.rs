//! Real samples and what becomes of them: nothing of one that is taken is left unread but what `plugin.toml` lists, and a tender
//! that is written again says the same.
//!
//! The samples stand beside the checkout; without them the tests say so and prove nothing.

use std::path::{Path, PathBuf};

use portgate_sdk::agreement::{Acknowledgement, Agreement, ControlNumbers, Identifier, Level, Mode};
use portgate_sdk::{Connector, Decoded, Document, Message, Rejection, Target, testkit};
use serde_json::Value;
use tms_edi::TmsEdi;

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

fn message(contract: &str, version: &str, body: Vec<u8>) -> Message {
    testkit::message(contract, version, "application/edi-x12", body)
}

fn decoded(contract: &str, version: &str, body: Vec<u8>) -> Result<Decoded, Rejection> {
    TmsEdi::decode(&message(contract, version, body))
}

/// The files of a folder of the samples; none where there are no samples.
fn samples(folder: &str) -> Vec<PathBuf> {
    let mut checkout = Path::new(FOLDER);
    while let Some(parent) = checkout.parent() {
        checkout = parent;
        let folder = checkout.join("shared/samples").join(folder);
        if let Ok(entries) = std::fs::read_dir(folder) {
            let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
            files.retain(|path| path.is_file());
            files.sort();
            return files;
        }
    }
    println!("left out: no samples in {folder}");
    Vec::new()
}

/// What the documents are written as, under an agreement.
fn written(contract: &str, version: &str, documents: &[Document]) -> Vec<u8> {
    let side =
        |value: &str| vec![Identifier { level: Level::Interchange, qualifier: "ZZ".into(), value: value.into() }];
    let agreement = Agreement {
        name: "out".into(),
        ours: side("PORTGATEDEMO"),
        theirs: side("LDGT"),
        edition: String::new(),
        mode: Mode::Test,
        acknowledgement: Acknowledgement::None,
        all_or_nothing: false,
        settings: Vec::new(),
    };
    let count = documents.len() as u32;
    let numbers = ControlNumbers { interchange: 42, group: 7, first_message: 101, messages: count };
    let (agreement, control_numbers) = (Some(agreement), Some(numbers));
    let target = Target { agreement, control_numbers, ..Target::new(contract, version, "2026-03-01T08:15:00Z") };
    TmsEdi::encode(documents, &target).unwrap_or_else(|why| panic!("{contract}: {why}")).body
}

/// What a document says, without where it comes from and which edition of it this is.
fn said(document: &Document) -> Value {
    let mut said: Value = serde_json::from_slice(&document.body).expect("JSON");
    for envelope in ["source", "version"] {
        said.as_object_mut().expect("an object").remove(envelope);
    }
    said
}

/// Holds that documents of a kind are the same when they are written and read again.
fn hold_round_trip((contract, version): (&str, &str), name: &str, body: Vec<u8>) {
    let first = decoded(contract, version, body).unwrap_or_else(|why| panic!("{name}: {why}"));
    let written = written(contract, version, &first.documents);
    let text = String::from_utf8_lossy(&written).into_owned();
    let again = decoded(contract, version, written).unwrap_or_else(|why| panic!("{name}: {why}\n{text}"));
    let of = |decoded: &Decoded| decoded.documents.iter().map(said).collect::<Vec<_>>();
    assert_eq!(of(&first), of(&again), "{name}\n{text}");
}

#[test]
fn a_load_tender_that_is_written_again_says_the_same() {
    for path in samples("x12/204") {
        let body = std::fs::read(&path).expect("a sample");
        hold_round_trip(("x12-204", "4010"), &path.display().to_string(), body);
    }
}

#[test]
fn an_answer_that_is_written_again_says_the_same() {
    for path in samples("x12/990") {
        let body = std::fs::read(&path).expect("a sample");
        hold_round_trip(("x12-990", "4010"), &path.display().to_string(), body);
    }
}

/// The message of a case.
fn case(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(FOLDER).join("cases").join(name).join("message.edi")).expect("a case")
}

#[test]
fn what_the_cases_say_is_the_same_when_it_is_written_again() {
    for name in ["x12-204-original-with-three-stops", "x12-204-change-and-cancellation"] {
        hold_round_trip(("x12-204", "4010"), name, case(name));
    }
    hold_round_trip(("iftmin", "D00B"), "iftmin", case("edifact-iftmin-instruction"));
    hold_round_trip(("iftmbf", "D00B"), "iftmbf", case("edifact-iftmbf-booking"));
}

#[test]
fn nothing_of_a_sample_is_left_unread_but_what_the_manifest_lists() {
    let mut lost = Vec::new();
    let mut counted = 0;
    for (folder, contract, version) in FAMILIES {
        for path in samples(folder) {
            let body = std::fs::read(&path).expect("a sample");
            let (made, unlisted) = testkit::unlisted(FOLDER, (contract, version), || decoded(contract, version, body));
            counted += 1;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            match made {
                Ok(made) => println!("{contract:<12} {name:<60} {} documents", made.documents.len()),
                Err(why) => println!("{contract:<12} {name:<60} refused: {why}"),
            }
            lost.extend(unlisted.into_iter().map(|what| format!("{contract} {name}: {what}")));
        }
    }
    println!("{counted} files");
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

const FAMILIES: &[(&str, &str, &str)] = &[
    ("x12/204", "x12-204", "4010"),
    ("x12/210", "x12-210", "4010"),
    ("x12/214", "x12-214", "4010"),
    ("x12/990", "x12-990", "4010"),
    ("edifact/IFTMIN", "iftmin", "D00B"),
    ("edifact/iftmin", "iftmin", "D00B"),
    ("edifact/IFTSTA", "iftsta-inland", "D00B"),
    ("edifact/iftsta", "iftsta-inland", "D00B"),
];
