//! What a consignment lacks.

use portgate_sdk::{Finding, Pointer, Rejection};

/// What is missing or wrong, and where.
#[derive(Default)]
pub(crate) struct Lacks(Vec<Finding>);

impl Lacks {
    /// Something that is needed and not there.
    pub(crate) fn missing(&mut self, at: Pointer, detail: impl Into<String>) {
        self.0.push(Finding::error("MISSING", at, detail));
    }

    /// Something that cannot be said so.
    pub(crate) fn wrong(&mut self, code: &str, at: Pointer, detail: impl Into<String>) {
        self.0.push(Finding::error(code, at, detail));
    }

    /// What there is, or a finding that it is needed.
    pub(crate) fn needed<T>(&mut self, value: Option<T>, at: Pointer, detail: &str) -> Option<T> {
        if value.is_none() {
            self.missing(at, detail);
        }
        value
    }

    /// The value, if nothing is missing or wrong.
    pub(crate) fn unless_any<T>(self, value: Option<T>) -> Result<T, Rejection> {
        match (value, self.0.is_empty()) {
            (Some(value), true) => Ok(value),
            _ => Err(Rejection::new(self.0)),
        }
    }
}
