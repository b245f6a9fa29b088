//! Runs the case folders natively: quick, with the debugger and the coverage tool one has. `portgate plugin test` runs
//! the same folders in the sandbox.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use portgate_cases::{Answer, Case};

use super::doubles::{Row, provide};
use crate::finding::Finding;
use crate::message::{Header, Message};
use crate::plugin::Connector;

/// Runs every `cases/<name>/` of the plugin in `folder` and panics with a readable report unless all pass. In a test:
/// `portgate_sdk::testkit::run_cases::<MyConnector>(env!("CARGO_MANIFEST_DIR"))`. With `UPDATE_CASES=1` in the
/// environment it writes each `expected.json` instead.
///
/// # Panics
///
/// A case fails, cannot be read, or there is none.
pub fn run_cases<C: Connector>(folder: impl AsRef<Path>) {
    let report = portgate_cases::run(folder.as_ref(), |case| {
        catch_unwind(AssertUnwindSafe(|| answer::<C>(case))).map_err(|panic| {
            let said = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            format!("the connector panicked: {}", said.unwrap_or("no message"))
        })
    });
    match report {
        Ok(report) if report.passed() => println!("{report}"),
        Ok(report) => panic!("cases of {}:\n{report}", folder.as_ref().display()),
        Err(error) => panic!("{error}"),
    }
}

fn answer<C: Connector>(case: &Case) -> Answer {
    let row = |row: &portgate_cases::Row| Row {
        table: row.table.clone(),
        key: row.key.clone(),
        from: row.from.clone(),
        to: row.to.clone(),
        value: row.value.clone(),
    };
    provide(case.rows.iter().map(row).collect());
    let message = Message {
        partner: case.partner.clone(),
        contract: case.contract.clone(),
        version: case.version.clone(),
        content_type: case.content_type.clone(),
        headers: case.headers.iter().map(|(name, value)| Header::new(name, value)).collect(),
        received_at: case.received_at.clone(),
        digest: case.digest.clone(),
        body: case.body.clone(),
    };
    match C::decode(&message) {
        Ok(decoded) => {
            let document = |document: crate::Document| {
                let refs = document.refs.into_iter();
                let refs = refs.map(|name| portgate_cases::Reference {
                    scheme: name.scheme.to_string(),
                    value: name.value.to_string(),
                });
                portgate_cases::Document::new(document.kind, document.key, refs.collect(), &document.body)
            };
            let documents = decoded.documents.into_iter().map(document).collect();
            Answer::Decoded { documents, findings: decoded.findings.into_iter().map(finding).collect() }
        }
        Err(rejection) => Answer::rejected(rejection.findings.into_iter().map(finding).collect()),
    }
}

fn finding(finding: Finding) -> portgate_cases::Finding {
    portgate_cases::Finding {
        code: finding.code,
        severity: finding.severity.to_string(),
        location: finding.location,
        detail: finding.detail,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{Decoded, Rejection};

    struct Sample;

    impl Connector for Sample {
        fn decode(message: &Message) -> Result<Decoded, Rejection> {
            assert!(message.body != b"panic", "asked to");
            let rate = crate::reference::lookup("rates", "EUR", "2026-03-01").unwrap_or_default();
            Err(Finding::error("SAMPLE", message.text()?, rate).into())
        }
    }

    fn plugin(message: &str, location: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let case = folder.path().join("cases/first");
        fs::create_dir_all(&case).expect("a folder");
        fs::write(folder.path().join("plugin.toml"), "[[contracts]]\nname = 'a'\nversion = '1'\n").expect("a file");
        fs::write(case.join("message.txt"), message).expect("a file");
        fs::write(case.join("case.toml"), "[[rows]]\ntable = 'rates'\nkey = 'EUR'\nvalue = '0.86'\n").expect("a file");
        let expected = format!(
            r#"{{"rejected": {{"findings": [
                {{"code": "SAMPLE", "severity": "error", "location": "{location}", "detail": "0.86"}}]}}}}"#
        );
        fs::write(case.join("expected.json"), expected).expect("a file");
        folder
    }

    #[test]
    fn a_case_that_answers_as_expected_passes_with_its_look_ups() {
        run_cases::<Sample>(plugin("here", "here").path());
    }

    #[test]
    #[should_panic = "/rejected/findings/0/location: expected \"there\", got \"here\""]
    fn a_case_that_answers_otherwise_fails_with_the_difference() {
        run_cases::<Sample>(plugin("here", "there").path());
    }

    #[test]
    #[should_panic = "FAILED   first: the connector panicked: asked to"]
    fn a_connector_that_panics_fails_its_case_by_name() {
        run_cases::<Sample>(plugin("panic", "here").path());
    }
}
