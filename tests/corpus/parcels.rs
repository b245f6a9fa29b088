//! Every file of EasyPost and Shippo, each with its row: taken, refused for its own reason, or no message of the connector and
//! why. What the connector does not take is held against its contract all the same: it must be refused, and say where.
//!
//! The samples stand beside the checkout; without them the test says so and proves nothing.

use std::path::Path;

use portgate_tests::samples;

use super::{Answer, Bench, located, name};

/// What becomes of a file.
enum Fate {
    /// Milestones, as many at least.
    Milestones(usize),
    /// It is taken, and a finding of this code says why nothing comes of it.
    Nothing(&'static str),
    /// It is refused with a finding of this code.
    Refused(&'static str),
    /// It is no message of the connector, for this reason, and refused by the contract.
    NoMessage(&'static str),
}
use Fate::{Milestones, NoMessage, Nothing, Refused};

/// What stands in a file's name, and what becomes of the files that the rows above do not name.
const EASYPOST: &[(&str, Fate)] = &[
    ("tracker_retrieve_1_request", NoMessage("a request for a tracker")),
    ("tracker_", Milestones(3)),
    ("-Tracker", Milestones(3)),
    ("error_2_response", Refused("PARAMETER.REQUIRED")),
    ("EventRetrieve-2", Nothing("OTHER-EVENT")),
    ("event_retrieve_1", NoMessage("a list of events without the objects that they are of")),
    ("-Event", NoMessage("events, batches and webhooks as the API lists them, without a tracker")),
    ("customs_", NoMessage("customs information, which goes out")),
    ("-Customs", NoMessage("customs information, which goes out")),
    ("insurance_", NoMessage("an insurance")),
    ("-InsuranceRefund", NoMessage("an insurance")),
    ("parcel_", NoMessage("the measures of a parcel")),
    ("order_", NoMessage("an order of several shipments")),
    ("luma_", NoMessage("a question for the best rate")),
    ("shipment_", NoMessage("a shipment, an address or a parcel, as they are asked for and answered")),
    ("-Shipment", NoMessage("a shipment as it is answered")),
    ("-Refund", NoMessage("a refund")),
    ("-ScanForms", NoMessage("a list of scan forms")),
    ("-Webhook", NoMessage("the registration of a webhook")),
];

const SHIPPO: &[(&str, Fate)] = &[
    ("track_test_create_2_response", Milestones(12)),
    ("track_test_get_status_1_response", Milestones(12)),
    ("track_test_invalid_get_status_1_response", Refused("SHIPPO-REFUSES")),
    ("track_test_invalid_create_1_request", NoMessage("a request for a track")),
    ("track_test_invalid_create_2_response", NoMessage("a refusal, whose `carrier` is a list of reasons")),
    ("customs-", NoMessage("customs information, which goes out, and what Shippo answers")),
    ("order_", NoMessage("orders")),
    ("shipment_", NoMessage("a shipment, an address or a parcel, as they are asked for and answered")),
    ("transaction_", NoMessage("a list of labels that were bought")),
];

#[tokio::test]
async fn every_file_of_parcel_carriers_has_its_row() {
    let Some(shared) = samples::shared() else { return };
    let bench = Bench::new();
    let mut wrong = Vec::new();
    let mut used = std::collections::BTreeSet::new();
    for (folder, contract, version, rows) in [
        ("samples/carrier-easypost", "easypost-tracker", "2", EASYPOST),
        ("samples/carrier-parcel", "easypost-tracker", "2", EASYPOST),
        ("samples/carrier-shippo", "shippo-track", "2018-02-08", SHIPPO),
    ] {
        let files = samples::files(&shared.join(folder));
        assert!(!files.is_empty(), "no sample in {folder}");
        for path in files {
            let row = rows.iter().find(|(part, _)| name(&path).contains(part));
            let Some((part, fate)) = row else {
                wrong.push(format!("{}: it has no row", path.display()));
                continue;
            };
            used.insert((contract, *part));
            let body = std::fs::read(&path).expect("a sample");
            let answer = bench.answer("carrier-parcel", contract, version, body).await;
            match answer.and_then(|answer| judged(fate, &answer)) {
                Ok(said) => println!("{:<72} {contract:<18} {said}", shown(&path)),
                Err(problem) => wrong.push(format!("{}: {problem}", path.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (contract, rows) in [("easypost-tracker", EASYPOST), ("shippo-track", SHIPPO)] {
        for (part, _) in rows {
            assert!(used.contains(&(contract, *part)), "no file for the row `{part}` of {contract}");
        }
    }
}

fn shown(path: &Path) -> String {
    let folder = path.parent().map(name).unwrap_or_default();
    format!("{folder}/{}", name(path))
}

/// What is printed of a file whose answer is what its row says.
fn judged(fate: &Fate, answer: &Answer) -> Result<String, String> {
    match (fate, answer) {
        (Milestones(least), Answer::Taken(documents, findings)) if documents.len() >= *least => {
            let codes: std::collections::BTreeSet<_> = findings.iter().map(|finding| finding.code.as_str()).collect();
            Ok(format!("{} milestones {codes:?}", documents.len()))
        }
        (Nothing(code), Answer::Taken(documents, findings))
            if documents.is_empty() && findings.iter().any(|finding| finding.code == *code) =>
        {
            Ok(format!("taken, nothing comes of it: {code}"))
        }
        (Refused(code), Answer::Refused(findings)) if findings.iter().all(|finding| finding.code == *code) => {
            located(findings).map(|()| format!("refused: {code}"))
        }
        (NoMessage(why), Answer::Refused(findings)) => {
            located(findings).map(|()| format!("no message of the connector: {why}"))
        }
        (_, Answer::Taken(documents, findings)) => Err(format!("{} documents, {findings:?}", documents.len())),
        (_, Answer::Refused(findings)) => Err(format!("refused: {findings:?}")),
    }
}
