//! The samples that stand beside the checkout, natively: what is valid is taken, and what is not is refused with a place.

use std::path::{Path, PathBuf};

use carrier_ocean::CarrierOcean;
use portgate_sdk::{Connector, testkit};

fn samples() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3)?.join("shared/samples");
    let found = folder.is_dir().then_some(folder);
    if found.is_none() {
        println!("left out: no samples beside the checkout");
    }
    found
}

/// The kinds of the documents of a file, or the codes for which it is refused.
type Answer = Result<Vec<String>, Vec<String>>;

/// The kinds of the documents of each file of a folder, or the codes for which it is refused.
fn answers(folder: &Path, contract: &str, version: &str) -> Vec<(String, Answer)> {
    let files = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    let answer = |file: PathBuf| {
        let message = testkit::message(contract, version, "text/plain", std::fs::read(&file).expect("a sample"));
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let decoded = CarrierOcean::decode(&message).map(|decoded| {
            let warned = decoded.findings.iter().filter(|finding| finding.severity != portgate_sdk::Severity::Info);
            println!("{name}: {:?}", warned.map(|finding| (&finding.code, &finding.location)).collect::<Vec<_>>());
            decoded.documents.iter().map(|document| document.kind.clone()).collect()
        });
        (name, decoded.map_err(|refused| refused.findings.iter().map(|finding| finding.code.clone()).collect()))
    };
    files.into_iter().map(answer).collect()
}

/// Every file is taken, and yields documents of this kind.
fn taken(folder: &str, contract: &str, version: &str, kind: &str) {
    let Some(samples) = samples() else { return };
    for (name, answer) in answers(&samples.join(folder), contract, version) {
        println!("{name}: {answer:?}");
        match answer {
            Ok(kinds) => assert!(kinds.iter().any(|found| found == kind), "{name}: {kinds:?}"),
            Err(codes) => panic!("{name}: {codes:?}"),
        }
    }
}

#[test]
fn every_confirmation_is_taken() {
    taken("x12/301", "x12-301", "4010", "load-tender-response");
}

#[test]
fn every_freight_invoice_is_taken() {
    taken("x12/310", "x12-310", "4010", "shipment");
}

#[test]
fn every_activity_at_a_ramp_is_taken() {
    taken("x12/322", "x12-322", "4010", "milestone");
}

#[test]
fn every_notification_is_taken() {
    taken("dcsa/dcsa-booking-ntf-2.0", "dcsa-booking-notification", "2.0", "milestone");
    taken("dcsa/dcsa-ebl-ntf-3.0", "dcsa-ebl-notification", "3.0", "milestone");
}
