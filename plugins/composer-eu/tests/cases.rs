//! The case folders: what a context becomes, or what is missing. `UPDATE_CASES=1 cargo test` writes what each one answers.

#[test]
fn every_case_is_composed_as_expected() {
    portgate_sdk::testkit::run_composer_cases::<composer_eu::Eu>(env!("CARGO_MANIFEST_DIR"));
}
