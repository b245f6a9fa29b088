//! What everything may do, in a form that people can judge: explained, compared with what it was, and held against what
//! is used.
//!
//! [`Surface`] is all that policies and components allow, one fact at a time; [`difference`] says of each change whether
//! it widens or narrows what may be done. What is not known to narrow widens: a review that is too strict costs a look,
//! one that is too lenient costs the gate. Every struct of the policies is taken apart field by field here, so that a
//! new key does not compile before somebody has said what it means for a review.

mod difference;
mod digest;
mod explanation;
mod observed;
mod suggestion;
mod surface;
mod words;

pub use difference::{Change, Effect, difference};
pub use explanation::{
    Addressed, Budget, Destination, Emitted, Explanation, Found, Installed, Mismatch, MismatchKind, Read, Served, Table,
};
pub use observed::{BUDGETS, BudgetUse, ObservedUse, RequestUse, Unit};
pub use suggestion::{SuggestedBudget, Suggestion, Unused};
pub use surface::{Subject, Surface};
pub use words::credential;

use serde::{Deserialize, Serialize};

use crate::manifest::Manifest;

/// What a component says of itself, and what it imports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    /// The manifest inside.
    pub manifest: Manifest,
    /// The interfaces that its code imports, with their versions.
    pub imports: Vec<String>,
    /// SHA-256 of the file, 64 lower-case hexadecimal digits.
    pub digest: String,
}

#[cfg(test)]
pub(crate) mod tests;
