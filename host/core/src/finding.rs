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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
}
