//! The documents and findings of one message as they come.

use std::fmt::Display;

use portgate_sdk::canonical::{CanonicalDocument, Milestone, Reference, Text};
use portgate_sdk::time::Remark;
use portgate_sdk::{Decoded, Finding, Rejection};

/// Collects what a message says.
#[derive(Default)]
pub(crate) struct Notes {
    decoded: Decoded,
}

impl Notes {
    /// Here begins a part of the message, such as a set; an error refuses it alone.
    pub(crate) fn part(&mut self, at: impl Display, reference: impl Into<String>) {
        self.decoded.part(at, reference);
    }

    /// What comes now is of the message as a whole.
    pub(crate) fn end_part(&mut self) {
        self.decoded.end_part();
    }

    /// Whether the part that is open is refused already.
    pub(crate) fn is_part_refused(&self) -> bool {
        self.decoded.is_part_refused()
    }

    /// Adds a milestone.
    pub(crate) fn milestone(&mut self, milestone: &Milestone) {
        self.document(milestone);
    }

    /// Adds a document.
    pub(crate) fn document(&mut self, document: &impl CanonicalDocument) {
        self.decoded.document(document);
    }

    /// How many documents there are so far.
    pub(crate) fn documents(&self) -> usize {
        self.decoded.documents.len()
    }

    /// Whether there are more documents than one message may have, so that reading the rest of it is of no use.
    pub(crate) fn are_overfull(&self) -> bool {
        self.decoded.is_overfull()
    }

    /// Whether the message is refused already.
    pub(crate) fn refused(&self) -> bool {
        self.decoded.is_rejected()
    }

    /// Worth knowing.
    pub(crate) fn info(&mut self, code: &str, at: impl Display, detail: impl Into<String>) {
        self.finding(Finding::info(code, at, detail));
    }

    /// Probably wrong; the message is taken all the same.
    pub(crate) fn warning(&mut self, code: &str, at: impl Display, detail: impl Into<String>) {
        self.finding(Finding::warning(code, at, detail));
    }

    /// Wrong; the message is not taken.
    pub(crate) fn error(&mut self, code: &str, at: impl Display, detail: impl Into<String>) {
        self.finding(Finding::error(code, at, detail));
    }

    /// What had to be assumed to read a time.
    pub(crate) fn remark(&mut self, at: impl Display, remark: &Remark) {
        self.finding(Finding::remark(at, remark));
    }

    /// Notes a finding that a reader made. What is said already is not said again: one segment can be read for two events.
    pub(crate) fn finding(&mut self, finding: impl Into<Finding>) {
        let finding = finding.into();
        if self.decoded.noticed().contains(&finding) {
            return;
        }
        self.decoded.finding(finding);
    }

    /// Free text, which may be cut; a warning says so.
    pub(crate) fn free_text<const MAX: usize>(
        &mut self,
        at: impl Display,
        what: &str,
        text: Option<&str>,
    ) -> Option<Text<MAX>> {
        self.decoded.free_text(at, what, text?)
    }

    /// What identifies something, which must not be cut: where it is too long, the message is refused.
    pub(crate) fn identifier<const MAX: usize>(
        &mut self,
        at: impl Display,
        what: &str,
        text: Option<&str>,
    ) -> Option<Text<MAX>> {
        self.decoded.identifier(at, what, text?)
    }

    /// A reference, under the same rule.
    pub(crate) fn reference(&mut self, at: impl Display, scheme: &str, value: &str) -> Option<Reference> {
        self.decoded.reference(at, scheme, value)
    }

    /// The end: documents and findings, or the rejection.
    pub(crate) fn finish(self) -> Result<Decoded, Rejection> {
        self.decoded.finish()
    }
}
