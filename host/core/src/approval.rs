//! The two-person rule: what is accepted, and whether what comes next may be taken up or waits for people.
//!
//! Where the ceiling asks for it (`[approval]`), whatever widens anything waits until two named persons have approved
//! exactly this change. The rule that counts is the accepted one, so that nobody loosens it by himself; and what turns it
//! on is accepted at once, since before it there was none. Who approved what is the journal's to keep, and asking it the
//! gateway's.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::audit::Entry;
use crate::mistake::Source;
pub use crate::policy::PERSONS;
use crate::review::{Change, Component, Surface, difference};

/// Everything that a configuration allows, in the form in which it can be loaded again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The policy files.
    pub policies: Vec<Source>,
    /// What the plugins' components say of themselves, by plugin.
    pub components: BTreeMap<String, Component>,
}

/// What becomes of a configuration that has been loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nobody asks for a second person.
    Free,
    /// It is the first under the rule: what comes is measured by it.
    Begins,
    /// It allows exactly what is accepted.
    Same,
    /// It widens nothing.
    AtOnce(Vec<Change>),
    /// It widens something, so it needs two persons.
    Widens(Vec<Change>),
}

/// Decides on `new`. `accepted` is what was accepted under the rule, where the rule holds; `asked` is whether `new` asks
/// for it.
pub fn decide(accepted: Option<&Surface>, new: &Surface, asked: bool) -> Decision {
    let Some(accepted) = accepted else {
        return if asked { Decision::Begins } else { Decision::Free };
    };
    if accepted.digest() == new.digest() {
        return Decision::Same;
    }
    let changes = difference(accepted, new);
    match changes.iter().any(Change::widens) {
        true => Decision::Widens(changes),
        false => Decision::AtOnce(changes),
    }
}

/// Adds what a change widens to an audit entry, and for which plugins, by the places of the policies: the sentences can
/// quote a manifest.
#[must_use]
pub fn told(entry: Entry, changes: &[Change]) -> Entry {
    let widening = || changes.iter().filter(|change| change.widens());
    let place = |change: &Change| format!("{} {} {}", change.file, change.key, change.item).trim_end().to_owned();
    let count = |changes: usize| u64::try_from(changes).unwrap_or(u64::MAX);
    let plugins: BTreeSet<&str> = widening().filter_map(|change| change.plugin.as_deref()).collect();
    let entry = entry.texts("widens", widening().map(place)).number("changes", count(changes.len()));
    if plugins.is_empty() { entry } else { entry.texts("plugins", plugins) }
}

#[cfg(test)]
mod tests;
