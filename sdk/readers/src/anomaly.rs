//! What a reader took although it is not quite right.

use std::fmt;

/// Something a reader noticed and read past: the message can be used, and somebody should know. A connector turns each
/// into a finding of severity warning; the three fields are the finding's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anomaly {
    /// A stable code, listed in the module documentation of the reader.
    pub code: &'static str,
    /// Where: `line:column /path` for XML, `segment 14 RFF (line 3)` for EDI.
    pub location: String,
    /// One sentence that a person can act on.
    pub detail: String,
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}: {}", self.code, self.location, self.detail)
    }
}
