//! What ought to be open, held against what is.

use std::collections::{BTreeMap, BTreeSet};

use super::{Cause, ExceptionState, Wanted, subject};
use crate::judgement::ShipmentFinding;
use crate::state::words;

words! {
    /// How an exception was closed.
    Closing {
        /// What it was about is mended.
        Facts = "facts",
        /// A person has overridden all that was found.
        Override = "override",
        /// A person has discarded it.
        Discard = "discard",
        /// Its shipment is no more, or part of another that has the same exception.
        Merged = "merged",
    }
}

/// An exception as it is kept: of each cause there is one at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Why it was opened.
    pub cause: Cause,
    /// Where it is.
    pub state: ExceptionState,
    /// How it was closed, where it is.
    pub closing: Option<Closing>,
    /// Its sentence.
    pub detail: String,
    /// What was found.
    pub findings: Vec<ShipmentFinding>,
}

/// One thing to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// There is none yet for this cause.
    Open(Wanted),
    /// It is closed, and a person is wanted again.
    Reopen(Wanted),
    /// It is open, and something else is found.
    Update(Wanted),
    /// Nobody is wanted any more.
    Close(Cause, Closing),
}

impl Change {
    /// The cause that it is about.
    pub fn cause(&self) -> &Cause {
        match self {
            Change::Open(wanted) | Change::Reopen(wanted) | Change::Update(wanted) => &wanted.cause,
            Change::Close(cause, _) => cause,
        }
    }
}

/// What to change so that exactly what is wanted is open, by cause. Neither the order of what is wanted nor that of what is
/// known has a say, and what is wanted twice is wanted once. What a person has discarded stays closed while the same is
/// found as then.
pub fn reconcile(wanted: Vec<Wanted>, known: &[Known]) -> Vec<Change> {
    let mut by_cause: BTreeMap<Cause, Wanted> = BTreeMap::new();
    let mut sorted = wanted;
    sorted.sort();
    for mut one in sorted {
        one.findings.sort();
        match by_cause.get_mut(&one.cause) {
            Some(first) => {
                first.severity = first.severity.max(one.severity);
                first.findings.extend(one.findings);
                first.findings.sort();
                first.findings.dedup();
            }
            None => drop(by_cause.insert(one.cause.clone(), one)),
        }
    }
    let known: BTreeMap<&Cause, &Known> = known.iter().map(|known| (&known.cause, known)).collect();
    let causes: BTreeSet<Cause> = by_cause.keys().chain(known.keys().copied()).cloned().collect();
    causes
        .into_iter()
        .filter_map(|cause| {
            let wanted = by_cause.remove(&cause);
            change(wanted, known.get(&cause).copied(), cause)
        })
        .collect()
}

fn change(wanted: Option<Wanted>, known: Option<&Known>, cause: Cause) -> Option<Change> {
    let overridden = wanted.as_ref().is_some_and(Wanted::is_overridden);
    let wanted = wanted.filter(|wanted| !wanted.is_overridden());
    match (wanted, known) {
        (None, None) => None,
        (Some(wanted), None) => Some(Change::Open(wanted)),
        (wanted, Some(known)) => match (wanted, known.state) {
            (None, ExceptionState::Closed) => None,
            (None, ExceptionState::Open) if overridden => Some(Change::Close(cause, Closing::Override)),
            (None, ExceptionState::Open) => Some(Change::Close(cause, Closing::Facts)),
            (Some(wanted), ExceptionState::Open) => {
                let same = wanted.findings == known.findings && wanted.detail == known.detail;
                (!same).then_some(Change::Update(wanted))
            }
            (Some(wanted), ExceptionState::Closed) => {
                let discarded = known.closing == Some(Closing::Discard) && is_about_the_same(&wanted, known);
                (!discarded).then_some(Change::Reopen(wanted))
            }
        },
    }
}

/// Whether nothing is found that was not found then.
fn is_about_the_same(wanted: &Wanted, known: &Known) -> bool {
    let before: BTreeSet<String> = known.findings.iter().map(subject).collect();
    match wanted.findings.is_empty() {
        true => wanted.detail == known.detail,
        false => wanted.findings.iter().map(subject).all(|about| before.contains(&about)),
    }
}
