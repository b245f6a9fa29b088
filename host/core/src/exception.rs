//! What cannot go on by itself and waits for a person.
//!
//! What ought to be open for a shipment ([`Wanted`]) follows from its facts alone: what rule packs find, what became of its
//! filings, what has not arrived in time. [`reconcile()`] holds that against what is open and says what to change. There is one
//! exception for a shipment and a [`Cause`], so that neither a restart nor a second gateway doubles it; what the facts have
//! mended closes by itself, and opens again where they go wrong again. An [`Override`] takes single findings out of what
//! blocks, for as long as what they were about stays as it was.

mod correction;
mod overriding;
mod reconcile;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

pub use correction::correction;
pub use overriding::{Override, Until, apply, subject};
pub use reconcile::{Change, Closing, Known, reconcile};

use crate::finding::Severity;
pub use crate::judgement::Overridden;
use crate::judgement::ShipmentFinding;
use crate::state::{UnknownWord, words};

words! {
    /// What kind of thing a person is wanted for.
    CauseKind {
        /// A rule pack finds something.
        Rule = "rule",
        /// A filing is rejected, or cannot be made.
        Filing = "filing",
        /// Something has not arrived by its time.
        Expectation = "expectation",
        /// A document has found no shipment for too long.
        Unattached = "unattached",
        /// A shipment's context cannot be put together.
        Context = "context",
    }
}

words! {
    /// Where an exception is.
    ExceptionState {
        /// It waits for a person.
        Open = "open",
        /// Nobody need do anything more.
        Closed = "closed",
    }
}

words! {
    /// What people do with an exception.
    ExceptionAct {
        /// Gives it to a person.
        Assign = "assign",
        /// Has its findings block nothing, for a reason and for a time.
        Override = "override",
        /// Says what a document should have said.
        Correct = "correct",
        /// Closes it, though nothing has changed.
        Discard = "discard",
    }
}

/// Why a person is wanted: with the shipment it names one exception. Written `KIND:NAME`, such as `rule:rules-core/R11`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause {
    /// What kind of thing.
    pub kind: CauseKind,
    /// Which one of its kind: a rule with its pack, a filing's LRN, an expectation's name with what it is about.
    pub name: String,
}

impl Cause {
    /// A rule of a pack.
    pub fn rule(pack: &str, rule: &str) -> Cause {
        Cause { kind: CauseKind::Rule, name: format!("{pack}/{rule}") }
    }

    /// A filing, by its LRN.
    pub fn filing(lrn: &str) -> Cause {
        Cause { kind: CauseKind::Filing, name: lrn.to_owned() }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.name)
    }
}

impl FromStr for Cause {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Cause, UnknownWord> {
        let (kind, name) = text.split_once(':').ok_or_else(|| UnknownWord(text.to_owned()))?;
        Ok(Cause { kind: kind.parse()?, name: name.to_owned() })
    }
}

/// That a person is wanted, as the facts of one moment say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// Why.
    pub cause: Cause,
    /// The team that it is for, where who wants it knows; policy decides otherwise.
    pub team: Option<String>,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence on what is wrong.
    pub detail: String,
    /// One sentence on what to do; empty where nothing can be said.
    pub remedy: String,
    /// What was found, in one order; of a filing what customs said.
    pub findings: Vec<ShipmentFinding>,
}

impl Wanted {
    /// What rule packs found of one rule each, whether it is overridden or not. The order of the findings has no say.
    pub fn of_findings(findings: &[ShipmentFinding]) -> Vec<Wanted> {
        let mut all: std::collections::BTreeMap<Cause, Wanted> = std::collections::BTreeMap::new();
        let mut sorted: Vec<&ShipmentFinding> = findings.iter().collect();
        sorted.sort();
        for finding in sorted {
            let cause = Cause::rule(&finding.pack, &finding.rule);
            let wanted = all.entry(cause.clone()).or_insert_with(|| Wanted {
                cause,
                team: None,
                severity: finding.severity,
                detail: finding.detail.clone(),
                remedy: finding.remedy.clone(),
                findings: Vec::new(),
            });
            wanted.severity = wanted.severity.max(finding.severity);
            wanted.findings.push(finding.clone());
        }
        all.into_values().collect()
    }

    /// Whether a person has overridden all that was found, so that nobody is wanted for it.
    pub fn is_overridden(&self) -> bool {
        !self.findings.is_empty() && self.findings.iter().all(|finding| finding.overridden.is_some())
    }
}
