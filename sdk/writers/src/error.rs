//! Why an interchange could not be written.

use std::fmt;

/// One thing that is wrong with what was to be written; the three fields are a finding's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// A stable code, listed in the documentation of the crate.
    pub code: &'static str,
    /// Where: `segment 4 N9, element 2, component 1`, counted from 1 and within the interchange.
    pub location: String,
    /// One sentence that a person can act on. It quotes no value.
    pub detail: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}: {}", self.code, self.location, self.detail)
    }
}

/// Everything that is wrong with it, so that all of it can be mended at once: at least one fault, and after the first
/// hundred one that counts the others.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct WriteError {
    /// What is wrong, in the order of writing.
    pub faults: Vec<Fault>,
}

impl WriteError {
    pub(crate) fn one(code: &'static str, location: impl Into<String>, detail: impl Into<String>) -> Self {
        WriteError { faults: vec![Fault { code, location: location.into(), detail: detail.into() }] }
    }
}

/// A list of which the first hundred are kept.
#[derive(Debug)]
pub(crate) struct Kept<T> {
    pub(crate) first: Vec<T>,
    pub(crate) more: usize,
}

/// As many as a reader of them looks at.
const KEPT_MAX: usize = 100;

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Kept { first: Vec::new(), more: 0 }
    }
}

impl<T> Kept<T> {
    pub(crate) fn push(&mut self, one: T) {
        match self.first.len() < KEPT_MAX {
            true => self.first.push(one),
            false => self.more = self.more.saturating_add(1),
        }
    }
}

/// A character for a sentence: itself where it can be seen, else its number.
pub(crate) fn shown(c: char) -> String {
    match c.is_control() || c == ' ' {
        true => format!("U+{:04X}", u32::from(c)),
        false => c.to_string(),
    }
}
