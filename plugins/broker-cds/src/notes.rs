//! The documents and findings of one message as they come, and the small reads that can fail with a finding.
//!
//! The number of findings is bounded: finding a line costs a pass over the text, so a message with thousands of mistakes
//! would cost thousands of passes. What is beyond the bound is counted, and an error always rejects.

use portgate_sdk::canonical::{CanonicalDocument, Decimal, Text, Timestamp};
use portgate_sdk::time::timestamp;
use portgate_sdk::xml::Element;
use portgate_sdk::{Decoded, Finding, Rejection, Severity};

use crate::time;

/// Findings that are kept; more help nobody.
const FINDINGS_MAX: usize = 99;

/// Collects what a message says.
#[derive(Default)]
pub(crate) struct Notes {
    /// Documents and findings so far.
    pub(crate) decoded: Decoded,
    omitted: usize,
    refused: bool,
}

impl Notes {
    /// Adds a document.
    pub(crate) fn document(&mut self, document: &impl CanonicalDocument) {
        self.decoded.document(document);
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
        if !self.has_room(severity) {
            self.omitted += 1;
            return;
        }
        self.finding(Finding::new(severity, code, at.location(), detail));
    }

    fn finding(&mut self, finding: Finding) {
        if !self.has_room(finding.severity) {
            self.omitted += 1;
            return;
        }
        self.refused |= finding.severity.rejects();
        self.decoded.finding(finding);
    }

    /// The first error always has room, for it refuses the message.
    fn has_room(&self, severity: Severity) -> bool {
        self.decoded.findings.len() < FINDINGS_MAX || severity.rejects() && !self.refused
    }

    /// An element that must be there.
    pub(crate) fn required<'d>(&mut self, parent: Element<'d>, name: &str) -> Option<Element<'d>> {
        let found = parent.path(name);
        if found.is_none() {
            self.error("MISSING", parent, format!("`{name}` is missing; every notification of this kind has it."));
        }
        found
    }

    /// The text of an element that must be there and not be empty.
    pub(crate) fn required_text<const MAX: usize>(&mut self, parent: Element<'_>, name: &str) -> Option<Text<MAX>> {
        let element = self.required(parent, name)?;
        if element.text().is_none() {
            self.error("MISSING", element, format!("`{name}` is empty; every notification of this kind fills it."));
        }
        self.bounded(element)
    }

    /// The text at a path, if any. Text that is too long is an error, for identifiers must not be cut.
    pub(crate) fn text<const MAX: usize>(&mut self, parent: Element<'_>, path: &str) -> Option<Text<MAX>> {
        self.bounded(parent.path(path)?)
    }

    fn bounded<const MAX: usize>(&mut self, element: Element<'_>) -> Option<Text<MAX>> {
        let read = Text::new(element.text()?);
        read.map_err(|error| self.error("INVALID", element, format!("Expected {}.", error.expected))).ok()
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
                    self.finding(Finding::remark(inner.location(), remark));
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
    pub(crate) fn finish(mut self) -> Result<Decoded, Rejection> {
        if self.omitted > 0 {
            let detail = format!("{} more findings are left out; mend these first.", self.omitted);
            self.decoded.finding(Finding::info("MORE-FINDINGS", "", detail));
        }
        self.decoded.finish()
    }
}
