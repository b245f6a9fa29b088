//! What customs has said of a declaration, whatever order it was heard in.

use std::collections::BTreeSet;

use super::fault::CustomsFault;
use super::kept::{FilingStep, StepKind};

/// What a notification of customs means for a filing. The numbers are the DMS function codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Said {
    /// Registered (02).
    Received,
    /// Accepted (01).
    Accepted,
    /// Amended (07), by customs or as was asked.
    Amended,
    /// What became of a request to amend or cancel (11).
    Outcome {
        /// Whether it was granted.
        granted: bool,
    },
    /// The goods are held: examined (05), documents are wanted (06), or they are not released.
    Held,
    /// Rejected (03): the declaration, or what was asked last.
    Rejected,
    /// The goods are released (08).
    Released,
    /// Nothing is left to do (09), or a transit is written off.
    Cleared,
    /// Invalidated (10).
    Cancelled,
}

/// A notification.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CustomsWord {
    /// When customs issued it, in microseconds since 1970.
    pub at: i64,
    /// What it means.
    pub said: Said,
    /// The version of the declaration that it speaks of, as customs counts, where it names one.
    pub version: Option<u32>,
    /// The movement reference number.
    pub mrn: Option<String>,
    /// What is wrong.
    pub faults: Vec<CustomsFault>,
}

/// All that customs has said of one declaration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// The movement reference number.
    pub mrn: Option<String>,
    /// The version that customs is known to have of it, as customs counts; 1 where it has named none and changed nothing.
    pub version: u32,
    /// Of each step whether it was granted; nothing where that is not known yet.
    pub answers: Vec<Option<bool>>,
    /// What customs found wrong with what it refused last.
    pub faults: Vec<CustomsFault>,
    /// Whether the goods are released.
    pub released: bool,
    /// Whether nothing is left to do.
    pub cleared: bool,
    /// Whether the declaration is cancelled.
    pub cancelled: bool,
}

/// What these notifications say of these steps of one declaration, whatever order they came in and however often.
///
/// Customs answers in the order in which it was asked, and nothing is asked before it has answered what was asked last: so an
/// answer is to the first step that has none. The version that it names counts as customs counts, and never as the gateway does,
/// whose own count goes on over steps that were replaced before customs heard of them. As the declaration service does it, with
/// the examples of its trade tests (TT_IM016a, TT_IM017a, TT_IM082a, TT_IM202a):
///
/// - The declaration is version 1. Each change that is granted makes the next version; one that is refused makes none.
/// - Goods that are presented make one too: a declaration of before is accepted (01) as version 2. No step of ours was amended.
/// - Customs changes a declaration without being asked as well. What it was known to have when a step was made
///   ([`FilingStep::customs_version`]) is no answer to that step.
/// - What became of a request (11) names the version that it was to change, or none; that it was amended (07) the version that
///   came of it.
///
/// So the same change may be granted twice, in both ways. Where versions are named they tell that from two changes; where they are
/// not, what is said in the one way is held against what was said in the other and has no counterpart yet.
pub fn hear(steps: &[&FilingStep], words: &[CustomsWord]) -> Heard {
    let heard = Heard { version: 1, answers: vec![None; steps.len()], ..Heard::default() };
    let mut hearing =
        Hearing { steps, heard, counted: BTreeSet::new(), not_told_as_outcome: 0, not_told_as_amended: 0 };
    told_once(words).iter().for_each(|word| hearing.take_in(word));
    hearing.heard
}

/// The notifications in the order in which customs issued them, each once, whoever handed it on and however much of it.
fn told_once(words: &[CustomsWord]) -> Vec<CustomsWord> {
    let mut words = words.to_vec();
    words.sort();
    words.dedup_by(|other, one| {
        let is_same =
            (one.at, one.said) == (other.at, other.said) && (one.version.is_none() || one.version == other.version);
        if is_same {
            one.version = other.version;
            one.mrn = one.mrn.take().or_else(|| other.mrn.take());
            one.faults = longer(std::mem::take(&mut one.faults), std::mem::take(&mut other.faults));
        }
        is_same
    });
    words
}

fn longer(one: Vec<CustomsFault>, other: Vec<CustomsFault>) -> Vec<CustomsFault> {
    if other.len() > one.len() { other } else { one }
}

/// What was heard so far, word by word in the order in which customs issued them.
struct Hearing<'a> {
    steps: &'a [&'a FilingStep],
    heard: Heard,
    /// The versions, as customs counts, that are known to have come about.
    counted: BTreeSet<u32>,
    /// How many changes were granted of which the other way of saying so was not heard.
    not_told_as_outcome: u32,
    not_told_as_amended: u32,
}

impl Hearing<'_> {
    fn take_in(&mut self, word: &CustomsWord) {
        self.heard.mrn = self.heard.mrn.take().or_else(|| word.mrn.clone());
        match word.said {
            Said::Received | Said::Held => {}
            Said::Accepted => {
                self.answer(0, true, &[]);
                if let Some(version) = word.version {
                    self.count(version);
                }
            }
            Said::Amended => self.amended(word.version),
            Said::Outcome { granted: true } => self.granted(word.version),
            Said::Outcome { granted: false } => {
                let of = word.version.unwrap_or(u32::MAX);
                self.refused(self.asked(of), word);
            }
            Said::Rejected => self.refused(self.unanswered(), word),
            Said::Released | Said::Cleared => {
                self.answer(0, true, &[]);
                self.heard.released = true;
                self.heard.cleared |= word.said == Said::Cleared;
            }
            Said::Cancelled => self.heard.cancelled = true,
        }
    }

    /// There is this version of it now; where that is not said, another one than before unless the same was told as an outcome.
    fn amended(&mut self, version: Option<u32>) {
        let is_new = match version {
            Some(version) => !self.counted.contains(&version),
            None => self.not_told_as_amended == 0,
        };
        if !is_new {
            self.not_told_as_amended = self.not_told_as_amended.saturating_sub(1);
            return;
        }
        let version = version.unwrap_or_else(|| self.heard.version.saturating_add(1));
        self.count(version);
        // What customs had already when a step was made is no answer to it, nor is a change to what was asked before.
        if self.changes(version.saturating_sub(1)) {
            self.not_told_as_outcome = self.not_told_as_outcome.saturating_add(1);
        }
    }

    /// What was asked of this version is granted; where that is not said, unless the same was told of as amended.
    fn granted(&mut self, version: Option<u32>) {
        let next = version.map(|version| version.saturating_add(1));
        let is_new = match next {
            Some(next) => !self.counted.contains(&next),
            None => self.not_told_as_outcome == 0,
        };
        if !is_new {
            self.not_told_as_outcome = self.not_told_as_outcome.saturating_sub(1);
            return;
        }
        let of = version.unwrap_or(u32::MAX);
        match self.asked(of).filter(|step| self.kind(*step) == Some(StepKind::Cancel)) {
            Some(step) => {
                self.answer(step, true, &[]);
                self.heard.cancelled = true;
            }
            None => {
                self.count(next.unwrap_or_else(|| self.heard.version.saturating_add(1)));
                if self.changes(of) {
                    self.not_told_as_amended = self.not_told_as_amended.saturating_add(1);
                }
            }
        }
    }

    /// Takes a change of this version for the answer to the amendment that waits for one, if it can be that.
    fn changes(&mut self, of: u32) -> bool {
        let step = self.asked(of).filter(|step| self.kind(*step) == Some(StepKind::Amend));
        if let Some(step) = step {
            self.answer(step, true, &[]);
        }
        step.is_some()
    }

    fn count(&mut self, version: u32) {
        self.counted.insert(version);
        self.heard.version = self.heard.version.max(version);
    }

    fn refused(&mut self, step: Option<usize>, word: &CustomsWord) {
        if let Some(step) = step {
            self.answer(step, false, &word.faults);
        }
    }

    fn kind(&self, step: usize) -> Option<StepKind> {
        self.steps.get(step).map(|step| step.kind)
    }

    /// The first step that has no answer.
    fn unanswered(&self) -> Option<usize> {
        self.heard.answers.iter().position(Option::is_none)
    }

    /// The first request, to amend or to cancel, that has no answer, if an answer of this version may be to it: the one that was to
    /// be changed, which is none before the one that customs was known to have.
    fn asked(&self, of: u32) -> Option<usize> {
        let is_open = |step: &usize| self.heard.answers.get(*step).is_some_and(Option::is_none);
        let step = (0..self.steps.len()).filter(is_open).find(|step| self.kind(*step) != Some(StepKind::Submit))?;
        let known = self.steps.get(step).and_then(|step| step.customs_version);
        known.is_none_or(|known| known <= of).then_some(step)
    }

    fn answer(&mut self, step: usize, granted: bool, faults: &[CustomsFault]) {
        if let Some(answer) = self.heard.answers.get_mut(step).filter(|answer| answer.is_none()) {
            *answer = Some(granted);
            self.heard.faults = faults.to_vec();
        }
    }
}

#[cfg(test)]
mod tests;
