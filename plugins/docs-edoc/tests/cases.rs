//! The cases: what each message becomes, what goes out, and what answers mean.

use docs_edoc::DocsEdoc;

#[test]
fn cases_answer_as_expected() {
    portgate_sdk::testkit::run_cases::<DocsEdoc>(env!("CARGO_MANIFEST_DIR"));
}
