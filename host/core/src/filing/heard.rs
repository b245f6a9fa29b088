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

/// What these notifications say of these steps of one declaration, whatever order they came in.
///
/// Customs answers in the order in which it was asked, and nothing is asked before it has answered what was asked last: so an
/// answer is to the first step that has none. The version that it names counts as customs counts, and never as the gateway does,
/// whose own count goes on over steps that were replaced before customs heard of them. As the declaration service does it, with
/// the examples of its trade tests (TT_IM017a, TT_IM082a, TT_IM202a):
///
/// - The declaration is version 1. Each change that is granted makes the next version; one that is refused makes none.
/// - Goods that are presented make one too: a declaration of before is accepted (01) as version 2. No step of ours was amended.
/// - What became of a request (11) names the version that it was to change; that it was amended (07) the version that came of it.
///
/// So the same change may be granted twice, in both ways, and only the version tells that from two changes.
pub fn hear(steps: &[&FilingStep], words: &[CustomsWord]) -> Heard {
    let mut words = words.to_vec();
    words.sort();
    words.dedup();
    let answers = vec![None; steps.len()];
    let mut hearing = Hearing { steps, heard: Heard { answers, ..Heard::default() }, counted: BTreeSet::new() };
    words.iter().for_each(|word| hearing.take_in(word));
    hearing.heard
}

/// What was heard so far, word by word in the order in which customs issued them.
struct Hearing<'a> {
    steps: &'a [&'a FilingStep],
    heard: Heard,
    /// The versions, as customs counts, that are known to have come about.
    counted: BTreeSet<u32>,
}

impl Hearing<'_> {
    fn take_in(&mut self, word: &CustomsWord) {
        self.heard.mrn = self.heard.mrn.take().or_else(|| word.mrn.clone());
        match word.said {
            Said::Received | Said::Held => {}
            Said::Accepted => {
                self.answer(0, true, &[]);
                self.counted.extend(word.version);
            }
            Said::Amended => self.amended(word.version),
            Said::Outcome { granted: true } => self.granted(word.version),
            Said::Outcome { granted: false } => self.refused(self.asked(), word),
            Said::Rejected => self.refused(self.unanswered(), word),
            Said::Released | Said::Cleared => {
                self.answer(0, true, &[]);
                self.heard.released = true;
                self.heard.cleared |= word.said == Said::Cleared;
            }
            Said::Cancelled => self.heard.cancelled = true,
        }
    }

    /// There is this version of it now; where that is not said, the one after the last that is known.
    fn amended(&mut self, version: Option<u32>) {
        let next = || self.counted.last().copied().unwrap_or(1).saturating_add(1);
        let is_new = self.counted.insert(version.unwrap_or_else(next));
        if let Some(step) = self.asked().filter(|step| is_new && self.kind(*step) == Some(StepKind::Amend)) {
            self.answer(step, true, &[]);
        }
    }

    /// What was asked of this version is granted.
    fn granted(&mut self, version: Option<u32>) {
        let next = version.map(|version| version.saturating_add(1));
        let is_known = next.is_some_and(|next| self.counted.contains(&next));
        match self.asked().filter(|step| !is_known && self.kind(*step) == Some(StepKind::Cancel)) {
            Some(step) => {
                self.answer(step, true, &[]);
                self.heard.cancelled = true;
            }
            None => self.amended(next),
        }
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

    /// The first request, to amend or to cancel, that has no answer.
    fn asked(&self) -> Option<usize> {
        let is_open = |step: &usize| self.heard.answers.get(*step).is_some_and(Option::is_none);
        (0..self.steps.len()).filter(is_open).find(|step| self.kind(*step) != Some(StepKind::Submit))
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
