//! The milestones and findings of one message as they come.
//!
//! The number of findings is bounded: more than a hundred help nobody. What is beyond is counted, and an error always
//! rejects.

use std::fmt::Display;

use portgate_sdk::canonical::{Milestone, Text};
use portgate_sdk::time::Remark;
use portgate_sdk::{Decoded, Finding, Rejection, Severity};

/// Findings that are kept.
const FINDINGS_MAX: usize = 99;

/// Collects what a message says.
#[derive(Default)]
pub(crate) struct Notes {
    decoded: Decoded,
    omitted: usize,
    refused: bool,
}

impl Notes {
    /// Adds a milestone.
    pub(crate) fn milestone(&mut self, milestone: &Milestone) {
        self.decoded.document(milestone);
    }

    /// How many milestones there are so far.
    pub(crate) fn milestones(&self) -> usize {
        self.decoded.documents.len()
    }

    /// Whether the message is refused already.
    pub(crate) fn refused(&self) -> bool {
        self.refused
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

    /// Words that people read. Those that are too long are cut, and a warning says so.
    pub(crate) fn words<const MAX: usize>(&mut self, at: impl Display, text: &str) -> Option<Text<MAX>> {
        let text = text.trim();
        if text.chars().nth(MAX).is_some() {
            let detail = format!("The text has more than {MAX} characters; the rest is left out.");
            self.warning("CUT", at, detail);
        }
        Text::new(text.chars().take(MAX).collect::<String>()).ok()
    }

    /// Notes a finding that a reader made. What is said already is not said again: one segment can be read for two events.
    pub(crate) fn finding(&mut self, finding: impl Into<Finding>) {
        let finding = finding.into();
        if self.decoded.findings.contains(&finding) {
            return;
        }
        let first_refusal = finding.severity >= Severity::Error && !self.refused;
        if self.decoded.findings.len() >= FINDINGS_MAX && !first_refusal {
            self.omitted += 1;
            return;
        }
        self.refused |= finding.severity >= Severity::Error;
        self.decoded.finding(finding);
    }

    /// An identifier, which must not be cut: one that is too long is left out, and a warning says so.
    pub(crate) fn identifier<const MAX: usize>(&mut self, at: impl Display, text: Option<&str>) -> Option<Text<MAX>> {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        match Text::new(text) {
            Ok(identifier) => Some(identifier),
            Err(error) => {
                self.warning("TOO-LONG", at, format!("Expected {}; the value is left out.", error.expected));
                None
            }
        }
    }

    /// The end: milestones and findings, or the rejection.
    pub(crate) fn finish(mut self) -> Result<Decoded, Rejection> {
        if self.omitted > 0 {
            let detail = format!("{} more findings are left out; mend these first.", self.omitted);
            self.decoded.finding(Finding::info("MORE-FINDINGS", "", detail));
        }
        self.decoded.finish()
    }
}
