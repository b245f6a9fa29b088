//! Every folder of `cases/` is a test. `UPDATE_CASES=1 cargo test` writes what each one answers.

#[test]
fn cases_answer_as_expected() {
    portgate_sdk::testkit::run_cases::<own_systems::OwnSystems>(env!("CARGO_MANIFEST_DIR"));
}
