//! Findings: what is wrong with a message or a document, and where.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much a finding matters, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Probably wrong, taken all the same.
    Warning,
    /// Wrong: the message or document is not taken.
    Error,
    /// Nothing may go on until a person has decided.
    Blocking,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
            Severity::Blocking => "blocking",
        })
    }
}

/// One thing that is wrong, or worth knowing, with the place where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// A stable code: the partner's own where there is one.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// Where: a JSON Pointer (RFC 6901), `line:column /path` for XML, `segment N TAG` for EDI, empty for the whole.
    pub location: String,
    /// One sentence that a person can act on.
    pub detail: String,
}

impl Finding {
    /// A finding of severity [`Severity::Error`].
    pub fn error(code: impl Into<String>, location: impl Into<String>, detail: impl Into<String>) -> Self {
        Finding { code: code.into(), severity: Severity::Error, location: location.into(), detail: detail.into() }
    }

    /// A finding of severity [`Severity::Warning`].
    pub fn warning(code: impl Into<String>, location: impl Into<String>, detail: impl Into<String>) -> Self {
        Finding { severity: Severity::Warning, ..Finding::error(code, location, detail) }
    }

    /// Findings of which some were only counted: one more behind them says how many.
    pub fn counted(mut findings: Vec<Finding>, more: u64) -> Vec<Finding> {
        if more > 0 {
            let detail = format!("{more} more findings are left out; mend these first.");
            findings.push(Finding { severity: Severity::Info, ..Finding::error("more-findings", "", detail) });
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_that_are_left_out_are_counted_by_one_more() {
        let one = || vec![Finding::error("a", "/a", "wrong")];
        assert_eq!(Finding::counted(one(), 0), one());
        let counted = Finding::counted(one(), 7);
        assert_eq!((counted.len(), counted[1].severity), (2, Severity::Info));
        assert_eq!(counted[1].detail, "7 more findings are left out; mend these first.");
    }
}
