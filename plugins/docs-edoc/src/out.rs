//! What everything that goes out has in common.

use portgate_sdk::{Document, Finding, Pointer, Rejection};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The one document of a kind that a request is made of.
pub(crate) fn one<T: DeserializeOwned>(documents: &[Document], kind: &str) -> Result<T, Rejection> {
    let [document] = documents else {
        let detail = format!("A request is made of one document, and these are {}.", documents.len());
        return Err(Finding::error("ONE-DOCUMENT", "", detail).into());
    };
    if document.kind != kind {
        let detail = format!("A `{}` is not what goes out here; hand over a `{kind}`.", document.kind);
        return Err(Finding::error("WRONG-KIND", Pointer::root().index(0), detail).into());
    }
    document.read()
}

/// Something that the request cannot do without.
pub(crate) fn missing(at: &Pointer, field: &str, findings: &mut Vec<Finding>) {
    let detail = format!("`{field}` is missing, and nothing can be sent without it.");
    findings.push(Finding::error("MISSING", at.key(field), detail));
}

/// An error where a text is longer than the partner takes.
pub(crate) fn within(at: &Pointer, text: &str, most: usize, findings: &mut Vec<Finding>) {
    let length = text.chars().count();
    if length > most {
        let detail = format!("It has {length} characters, and the partner takes {most}.");
        findings.push(Finding::error("TOO-LONG", at, detail));
    }
}

/// A rejection with everything that is wrong.
pub(crate) fn unless_wrong(findings: Vec<Finding>) -> Result<(), Rejection> {
    match findings.is_empty() {
        true => Ok(()),
        false => Err(Rejection::new(findings)),
    }
}

/// The body of a request.
pub(crate) fn json(body: &impl Serialize) -> Result<Vec<u8>, Finding> {
    serde_json::to_vec(body).map_err(|error| Finding::error("NOT-WRITTEN", "", error.to_string()))
}
