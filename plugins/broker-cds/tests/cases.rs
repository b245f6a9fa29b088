//! Every folder of `cases/` answers as its `expected.json` says.

#[test]
fn cases_answer_as_expected() {
    portgate_sdk::testkit::run_cases::<broker_cds::BrokerCds>(env!("CARGO_MANIFEST_DIR"));
}
