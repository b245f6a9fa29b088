//! The case folders: what a context becomes, or what is missing.

#[test]
fn every_case_is_composed_as_expected() {
    portgate_sdk::testkit::run_composer_cases::<composer_uk::ComposerUk>(env!("CARGO_MANIFEST_DIR"));
}
