//! The documents and findings of one message as they come, and the small reads that can fail with a finding.

use std::fmt;

use portgate_sdk::canonical::{CanonicalDocument, Decimal, Reference, Text, Timestamp};
use portgate_sdk::time::timestamp;
use portgate_sdk::xml::Element;
use portgate_sdk::{Anomaly, Decoded, Finding, Rejection, Severity};

use crate::time;

/// Collects what a message says.
#[derive(Default)]
pub(crate) struct Notes {
    decoded: Decoded,
}

/// The place of an element. Finding its line costs a pass over the text, so it is put into words only where it is needed.
struct At<'d>(Element<'d>);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.location())
    }
}

impl Notes {
    /// Here begins one of several parts of the message; an error refuses it alone. It is named by its number, because finding
    /// the line of each would cost a pass over the text, and by what its sender calls it, at this path in it.
    pub(crate) fn part(&mut self, place: String, part: Element<'_>, name: &str) {
        let id = part.text_at(name);
        self.decoded.part(place, id.unwrap_or_default());
    }

    /// Adds a document.
    pub(crate) fn document(&mut self, document: &impl CanonicalDocument) {
        self.decoded.document(document);
    }

    /// Whether there are more documents than one message may yield, so that reading the rest of it is of no use.
    pub(crate) fn are_overfull(&self) -> bool {
        self.decoded.is_overfull()
    }

    /// What the reader read past.
    pub(crate) fn anomaly(&mut self, anomaly: Anomaly) {
        self.decoded.finding(anomaly);
    }

    /// Worth knowing.
    pub(crate) fn info(&mut self, code: &str, at: Element<'_>, detail: impl Into<String>) {
        self.note(Severity::Info, code, at, detail);
    }

    /// Probably wrong; the message is taken all the same.
    pub(crate) fn warning(&mut self, code: &str, at: Element<'_>, detail: impl Into<String>) {
        self.note(Severity::Warning, code, at, detail);
    }

    /// Wrong; the message is not taken.
    pub(crate) fn error(&mut self, code: &str, at: Element<'_>, detail: impl Into<String>) {
        self.note(Severity::Error, code, at, detail);
    }

    fn note(&mut self, severity: Severity, code: &str, at: Element<'_>, detail: impl Into<String>) {
        self.decoded.note(severity, code, At(at), detail);
    }

    /// Free text, which may be cut; a warning says so.
    pub(crate) fn free_text<const MAX: usize>(&mut self, at: Element<'_>, what: &str, text: &str) -> Option<Text<MAX>> {
        self.decoded.free_text(At(at), what, text)
    }

    /// What identifies something, which must not be cut: where it is too long, the message is refused.
    pub(crate) fn identifier<const MAX: usize>(
        &mut self,
        at: Element<'_>,
        what: &str,
        text: &str,
    ) -> Option<Text<MAX>> {
        self.decoded.identifier(At(at), what, text)
    }

    /// A name that something has in a scheme; one that has no room in a reference is an error.
    pub(crate) fn reference(&mut self, at: Element<'_>, scheme: &str, name: &str) -> Option<Reference> {
        self.decoded.reference(At(at), scheme, name)
    }

    /// An element that must be there.
    pub(crate) fn required<'d>(&mut self, parent: Element<'d>, name: &str) -> Option<Element<'d>> {
        let found = parent.path(name);
        if found.is_none() {
            self.error("MISSING", parent, format!("`{name}` is missing; every message of this kind has it."));
        }
        found
    }

    /// The text of an element that must be there and not be empty.
    pub(crate) fn required_text<const MAX: usize>(&mut self, parent: Element<'_>, name: &str) -> Option<Text<MAX>> {
        let element = self.required(parent, name)?;
        if element.text().is_none() {
            self.error("MISSING", element, format!("`{name}` is empty; every message of this kind fills it."));
        }
        self.bounded(element)
    }

    /// The text at a path, if any. One that is too long is an error, for identifiers must not be cut.
    pub(crate) fn text<const MAX: usize>(&mut self, parent: Element<'_>, path: &str) -> Option<Text<MAX>> {
        self.bounded(parent.path(path)?)
    }

    /// The text of an element; one that is too long is an error.
    pub(crate) fn bounded<const MAX: usize>(&mut self, element: Element<'_>) -> Option<Text<MAX>> {
        self.identifier(element, &format!("`{}`", element.name()), &element.text()?)
    }

    /// The number that an element holds, if any; what is no number is an error.
    pub(crate) fn decimal(&mut self, element: Element<'_>) -> Option<Decimal> {
        let read = Decimal::from_partner(&element.text()?);
        read.map_err(|error| self.error("INVALID", element, format!("Expected {}.", error.expected))).ok()
    }

    /// The time that an element holds. `severity` is how much it matters that there is none.
    pub(crate) fn time(&mut self, element: Element<'_>, severity: Severity) -> Option<Timestamp> {
        let inner = element.elements().find(|inner| inner.text().is_some()).unwrap_or(element);
        let Some(text) = inner.text() else {
            self.note(severity, "MISSING", element, format!("`{}` holds no time.", element.name()));
            return None;
        };
        let format = inner.attribute("formatCode");
        match time::read(&text, format) {
            Ok(instant) => {
                for remark in &instant.remarks {
                    let Finding { severity, code, detail, .. } = Finding::remark("", remark);
                    self.note(severity, &code, inner, detail);
                }
                Some(timestamp(&instant))
            }
            Err(error) => {
                let format: String = format.unwrap_or("none").chars().take(8).collect();
                let detail = format!("This is no time (format code {format}): {error}. Send 304, yyyyMMddHHmmssZ.");
                self.note(severity, "TIME", inner, detail);
                None
            }
        }
    }

    /// The end: documents and findings, or the rejection.
    pub(crate) fn finish(self) -> Result<Decoded, Rejection> {
        self.decoded.finish()
    }
}
