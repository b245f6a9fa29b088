//! Every folder of `cases/` answers as its `expected.json` says, and hostile messages stay within bounds.

use broker_cds::BrokerCds;
use portgate_sdk::{Connector, Decoded, PartVerdict, Rejection, testkit};

#[test]
fn cases_answer_as_expected() {
    portgate_sdk::testkit::run_cases::<BrokerCds>(env!("CARGO_MANIFEST_DIR"));
}

#[test]
fn a_message_with_thousands_of_mistakes_is_refused_with_few_findings() {
    // Each of several responses says why it is refused, and no more.
    let broken = "<Response/>".repeat(2_000);
    let refused = decode(&format!("<MetaData>{broken}</MetaData>")).expect_err("nothing of it can be taken");
    assert_eq!((refused.findings.len(), refused.parts.len()), (1, 2_000));
    assert_eq!(refused.findings[0].code, "MORE-FINDINGS");
    assert!(refused.all_findings().count() <= 2_100, "{}", refused.all_findings().count());
}

#[test]
fn a_mistake_behind_many_warnings_refuses_all_the_same() {
    let errors = "<Error><ValidationCode>CDS12005</ValidationCode></Error>".repeat(200);
    let rejected = format!(
        "<Response><FunctionCode>03</FunctionCode><IssueDateTime>20260301081500Z</IssueDateTime>{errors}\
         <Declaration><ID>26GB0000000000001A</ID></Declaration></Response>"
    );
    let taken = decode(&format!("<MetaData>{rejected}</MetaData>")).expect("warnings do not refuse");
    assert_eq!((taken.documents.len(), taken.findings.len()), (1, 99));
    let taken =
        decode(&format!("<MetaData>{rejected}<Response/></MetaData>")).expect("an error refuses its response alone");
    let [first, second] = &taken.parts[..] else { panic!("{} parts", taken.parts.len()) };
    assert_eq!((first.verdict, second.verdict), (PartVerdict::Accepted, PartVerdict::Refused));
    assert!(second.findings.iter().any(|finding| finding.code == "MISSING"));
}

#[test]
fn every_meaning_of_the_example_policy_s_table_stands_once_and_fits_the_document() {
    let table = include_str!("../../../policies/tables/dms-error-codes.csv");
    let rows: Vec<_> = table.lines().skip(1).filter_map(|line| line.split_once(',')).collect();
    let keys: std::collections::BTreeSet<_> = rows.iter().map(|(key, _)| key).collect();
    assert_eq!(keys.len(), rows.len());
    assert!(rows.iter().all(|(key, value)| key.len() == 8 && value.len() <= 512));
}

fn decode(xml: &str) -> Result<Decoded, Rejection> {
    BrokerCds::decode(&testkit::message("dms-notification", "3.6", "application/xml", xml.as_bytes().to_vec()))
}
