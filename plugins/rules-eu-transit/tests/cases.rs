//! The case folders: what is found in a context, and in which nothing is.

#[test]
fn every_case_is_judged_as_expected() {
    portgate_sdk::testkit::run_rules_cases::<rules_eu_transit::Transit>(env!("CARGO_MANIFEST_DIR"));
}
