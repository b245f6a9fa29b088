//! What customs has said of a declaration, whatever order it was heard in.

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
    /// The version of the declaration that it speaks of, where it names one.
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

impl Heard {
    fn answer(&mut self, step: usize, granted: bool, faults: &[CustomsFault]) {
        if let Some(answer) = self.answers.get_mut(step).filter(|answer| answer.is_none()) {
            *answer = Some(granted);
            self.faults = faults.to_vec();
        }
    }
}

/// What these notifications say of these steps of one declaration. Customs answers in the order in which it was asked, but for
/// answers that name a version.
pub fn hear(steps: &[&FilingStep], words: &[CustomsWord]) -> Heard {
    let mut words = words.to_vec();
    words.sort();
    words.dedup();
    let mut heard = Heard { answers: vec![None; steps.len()], ..Heard::default() };
    for word in &words {
        heard.mrn = heard.mrn.take().or_else(|| word.mrn.clone());
        let open = heard.answers.iter().position(Option::is_none);
        let named = steps.iter().position(|step| Some(step.version) == word.version && step.kind != StepKind::Cancel);
        let is_request = |place: &usize| steps[*place].kind != StepKind::Submit;
        match word.said {
            Said::Received => {}
            Said::Accepted => {
                heard.answer(0, true, &[]);
                // What was accepted in this version was amended up to it.
                if let Some(named) = named {
                    (1..=named).for_each(|step| heard.answer(step, true, &[]));
                }
            }
            Said::Amended => {
                if let Some(step) = named.or(open).filter(is_request) {
                    heard.answer(step, true, &[]);
                }
            }
            Said::Outcome { granted } => {
                if let Some(step) = named.or(open).filter(is_request) {
                    heard.answer(step, granted, &word.faults);
                    heard.cancelled |= granted && steps[step].kind == StepKind::Cancel;
                }
            }
            Said::Rejected => {
                if let Some(step) = named.filter(|step| heard.answers[*step].is_none()).or(open) {
                    heard.answer(step, false, &word.faults);
                }
            }
            Said::Released | Said::Cleared => {
                heard.answer(0, true, &[]);
                heard.released = true;
                heard.cleared |= word.said == Said::Cleared;
            }
            Said::Cancelled => heard.cancelled = true,
        }
    }
    heard
}
