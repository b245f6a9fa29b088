//! Where a filing stands, and what is to be done next.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::difference::{Difference, differences};
use super::fault::CustomsFault;
use super::heard::{CustomsWord, Heard, hear};
use super::kept::{Filing, FilingState, FilingStep, Standing, StepKind};

/// What becomes of a change of what was declared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnChange {
    /// The declaration is amended once customs has accepted it.
    Amend,
    /// It is cancelled, and another filed under another local reference number.
    CancelAndRefile,
    /// A person decides.
    #[default]
    Stop,
}

/// What a filing is decided on.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Whether it is filed without being released.
    pub automatic: bool,
    /// What becomes of a change after it was sent.
    pub on_change: OnChange,
    /// Whether there is a contract to amend by.
    pub can_amend: bool,
    /// Whether there is a contract to cancel by.
    pub can_cancel: bool,
    /// What would be declared now; nothing where something is missing for it.
    pub composed: Option<&'a Value>,
    /// A digest of the findings that stand against it; empty where none does.
    pub against: &'a str,
    /// Whether an operator has released exactly this.
    pub released: bool,
    /// Whether an operator wants it cancelled.
    pub cancel: bool,
    /// What customs has said of its present declaration.
    pub words: &'a [CustomsWord],
    /// How far its deliveries have come.
    pub deliveries: &'a BTreeMap<String, Standing>,
    /// Whether what would be declared now has been so for as long as policy wants before customs is told of a change.
    pub settled: bool,
}

/// Something to be sent to customs, or to be kept from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilingAct {
    /// A document is sent.
    Send {
        /// What it is.
        kind: StepKind,
        /// Which of the filing's declarations it is of.
        number: u32,
        /// The version of its document.
        version: u32,
        /// The version that customs is known to have of what it amends or cancels; nothing of a declaration.
        customs_version: Option<u32>,
        /// The movement reference number of what it amends or cancels.
        mrn: Option<String>,
        /// The delivery that it takes the place of; that one must not have left.
        replaces: Option<String>,
        /// What changed against what was declared before.
        differences: Vec<Difference>,
    },
    /// A delivery that has not left is given up.
    Withdraw {
        /// Which one.
        delivery: String,
    },
}

/// Where a filing stands, and what is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Where it stands when that is done.
    pub state: FilingState,
    /// The movement reference number.
    pub mrn: Option<String>,
    /// What customs has said is wrong.
    pub faults: Vec<CustomsFault>,
    /// What has changed and customs has not been told.
    pub pending: Vec<Difference>,
    /// What is to be done.
    pub act: Option<FilingAct>,
    /// Whether something is not done only because what would be declared has to stay as it is for a while first.
    pub settles: bool,
}

/// Decides on a filing.
pub fn decide(filing: &Filing, facts: &Facts<'_>) -> Decision {
    let steps: Vec<&FilingStep> = filing.current().collect();
    let heard = hear(&steps, facts.words);
    let mut case = Case { filing, facts, heard, pending: Vec::new(), settles: false };
    let (state, act) = match steps.last() {
        None => case.before(filing.number),
        Some(last) => case.after(&steps, last),
    };
    let Case { heard, pending, settles, .. } = case;
    let faults =
        if state == FilingState::Rejected || state == FilingState::Stopped { heard.faults } else { Vec::new() };
    Decision { state, mrn: heard.mrn, faults, pending, act, settles }
}

struct Case<'a> {
    filing: &'a Filing,
    facts: &'a Facts<'a>,
    heard: Heard,
    pending: Vec<Difference>,
    settles: bool,
}

type Outcome = (FilingState, Option<FilingAct>);

impl Case<'_> {
    /// Nothing of the declaration of this number was sent, or nothing of it has left.
    fn before(&self, number: u32) -> Outcome {
        let Facts { automatic, composed, released, cancel, .. } = *self.facts;
        match composed {
            _ if cancel => (FilingState::Cancelled, None),
            None => (FilingState::Draft, None),
            Some(_) if is_blocked(self.facts) => (FilingState::Blocked, None),
            Some(_) if !automatic && !released => (FilingState::Ready, None),
            Some(_) => (FilingState::Submitted, Some(self.send(StepKind::Submit, number, None, Vec::new()))),
        }
    }

    fn send(
        &self,
        kind: StepKind,
        number: u32,
        replaces: Option<&FilingStep>,
        differences: Vec<Difference>,
    ) -> FilingAct {
        FilingAct::Send {
            kind,
            number,
            version: self.filing.next_version(number),
            customs_version: (kind != StepKind::Submit).then_some(self.heard.version),
            mrn: self.heard.mrn.clone(),
            replaces: replaces.map(|step| step.delivery.clone()),
            differences,
        }
    }

    /// Something was sent, or waits to be.
    fn after(&mut self, steps: &[&FilingStep], last: &FilingStep) -> Outcome {
        let change =
            |base: &FilingStep| self.facts.composed.map(|now| differences(&base.declared, now)).unwrap_or_default();
        // Against what customs has, and against what was said last.
        let known = (0..steps.len()).rfind(|step| self.heard.answers[*step] == Some(true));
        let since_known = change(known.map_or(steps[0], |step| steps[step]));
        let since_last = change(last);
        let asks_to_cancel = last.kind == StepKind::Cancel;
        self.pending.clone_from(&since_last);
        if self.heard.cancelled {
            return self.cancelled(asks_to_cancel);
        }
        let answer = self.heard.answers.last().copied().flatten();
        if self.heard.answers[0] == Some(false) {
            return self.rejected(&since_last);
        }
        let standing = self.facts.deliveries.get(&last.delivery).copied();
        match (standing, answer) {
            // Customs has answered, whatever is known of the delivery.
            (_, Some(true)) => self.accepted(since_known),
            (_, Some(false)) if asks_to_cancel => (FilingState::Stopped, None),
            // A change that was refused and taken back: customs has what it had.
            (_, Some(false)) if since_known.is_empty() => self.accepted(since_known),
            (_, Some(false)) if since_last.is_empty() && !self.facts.released => (FilingState::Rejected, None),
            (_, Some(false)) => self.changed(since_known),
            (Some(Standing::Waiting), None) => self.waiting(last, &since_known, since_last),
            (Some(Standing::Dead | Standing::Discarded), None) => self.undelivered(last, since_last),
            (Some(Standing::Unsure), None) => self.unsure(last, since_last),
            (Some(Standing::UnderWay | Standing::Taken) | None, None) => (self.unanswered(last, &since_last), None),
        }
    }

    /// Customs has not answered what it was sent last.
    fn unanswered(&self, last: &FilingStep, since_last: &[Difference]) -> FilingState {
        match last.kind {
            StepKind::Cancel => FilingState::CancellationPending,
            _ if self.facts.cancel => FilingState::CancellationPending,
            StepKind::Amend => FilingState::AmendmentPending,
            StepKind::Submit if !since_last.is_empty() => FilingState::AmendmentPending,
            StepKind::Submit => FilingState::Submitted,
        }
    }

    /// What was made last has not left: it is mended or withdrawn, and customs never hears of it.
    fn waiting(&self, last: &FilingStep, since_known: &[Difference], since_last: Vec<Difference>) -> Outcome {
        let facts = self.facts;
        let withdraw = || Some(FilingAct::Withdraw { delivery: last.delivery.clone() });
        match last.kind {
            StepKind::Submit if facts.cancel => (FilingState::Cancelled, withdraw()),
            StepKind::Cancel if self.is_to_be_cancelled(since_known) => (FilingState::CancellationPending, None),
            StepKind::Cancel => (FilingState::Accepted, withdraw()),
            _ if facts.cancel => (FilingState::CancellationPending, withdraw()),
            _ if facts.composed.is_none() => (FilingState::Draft, withdraw()),
            // What was to be changed is again what customs has.
            StepKind::Amend if since_known.is_empty() => (FilingState::Accepted, withdraw()),
            // What it was released against stands against it still, and nothing else may.
            kind if since_last.is_empty() => match is_blocked(facts) && last.released_over != facts.against {
                true => (FilingState::Blocked, withdraw()),
                false => (self.state_of(kind), None),
            },
            _ if self.may_not_go() => (self.held(), withdraw()),
            kind => (self.state_of(kind), Some(self.again(last, since_last))),
        }
    }

    /// Whether what customs has is to be cancelled still: because an operator wants it, or by policy because of a change.
    fn is_to_be_cancelled(&self, since_known: &[Difference]) -> bool {
        let by_policy = self.facts.on_change == OnChange::CancelAndRefile && !since_known.is_empty();
        self.facts.cancel || (by_policy && !is_blocked(self.facts))
    }

    /// The delivery of what was made last is dead or was given up, and customs does not have it.
    fn undelivered(&self, last: &FilingStep, since_last: Vec<Difference>) -> Outcome {
        let facts = self.facts;
        let is_new = !since_last.is_empty() || facts.released;
        match last.kind {
            StepKind::Submit if facts.cancel => {
                (FilingState::Cancelled, Some(FilingAct::Withdraw { delivery: last.delivery.clone() }))
            }
            StepKind::Amend if facts.cancel => {
                (FilingState::CancellationPending, Some(FilingAct::Withdraw { delivery: last.delivery.clone() }))
            }
            StepKind::Cancel => (FilingState::Undelivered, None),
            kind if is_new && facts.composed.is_some() && !self.may_not_go() => {
                (self.state_of(kind), Some(self.again(last, since_last)))
            }
            _ => (FilingState::Undelivered, None),
        }
    }

    /// The delivery of what was made last is dead or was given up, and customs may have it all the same. Nobody but a person sends
    /// anything in its place; where that person gives it up and customs has it, customs is asked to cancel it when that is known.
    fn unsure(&self, last: &FilingStep, since_last: Vec<Difference>) -> Outcome {
        let facts = self.facts;
        match last.kind {
            StepKind::Submit if facts.cancel => (FilingState::Cancelled, None),
            StepKind::Submit | StepKind::Amend if facts.released && facts.composed.is_some() && !facts.cancel => {
                (self.state_of(last.kind), Some(self.again(last, since_last)))
            }
            _ => (FilingState::Undelivered, None),
        }
    }

    /// The same once more, in the place of what has not reached customs, with all that changed since customs heard last.
    fn again(&self, last: &FilingStep, since_last: Vec<Difference>) -> FilingAct {
        let known = self.filing.current().rev().skip(1).find(|step| step.kind != StepKind::Cancel);
        let differences = match (known, self.facts.composed) {
            (Some(known), Some(now)) => differences(&known.declared, now),
            _ => since_last,
        };
        self.send(last.kind, last.number, Some(last), differences)
    }

    fn state_of(&self, kind: StepKind) -> FilingState {
        match kind {
            StepKind::Submit => FilingState::Submitted,
            StepKind::Amend => FilingState::AmendmentPending,
            StepKind::Cancel => FilingState::CancellationPending,
        }
    }

    /// Whether what would be said now may not be said without a person.
    fn may_not_go(&self) -> bool {
        is_blocked(self.facts) || !(self.facts.automatic || self.facts.released)
    }

    fn held(&self) -> FilingState {
        if is_blocked(self.facts) { FilingState::Blocked } else { FilingState::Ready }
    }

    /// Customs has refused the declaration itself: once it is another, or a person says so, it is filed anew.
    fn rejected(&mut self, since_last: &[Difference]) -> Outcome {
        let facts = self.facts;
        let is_new = facts.released || (facts.automatic && !since_last.is_empty());
        let outcome = match facts.composed {
            _ if facts.cancel => (FilingState::Cancelled, None),
            Some(_) if is_new && !is_blocked(facts) => {
                let act = self.send(StepKind::Submit, self.filing.number + 1, None, since_last.to_vec());
                (FilingState::Submitted, Some(act))
            }
            _ => (FilingState::Rejected, None),
        };
        self.once_settled(outcome, FilingState::Rejected)
    }

    /// What comes in several messages is told once, after all of them, unless an operator has looked at it as it is.
    fn once_settled(&mut self, outcome: Outcome, meanwhile: FilingState) -> Outcome {
        let waits = outcome.1.is_some() && !self.facts.settled && !self.facts.released;
        self.settles |= waits;
        if waits { (meanwhile, None) } else { outcome }
    }

    /// Customs has cancelled the declaration: because it was asked to, or by itself.
    fn cancelled(&self, was_asked: bool) -> Outcome {
        match was_asked && !self.facts.cancel && self.facts.on_change == OnChange::CancelAndRefile {
            true => self.before(self.filing.number + 1),
            false if self.facts.released && self.facts.composed.is_some() => {
                let act = self.send(StepKind::Submit, self.filing.number + 1, None, Vec::new());
                (FilingState::Submitted, Some(act))
            }
            false => (FilingState::Cancelled, None),
        }
    }

    /// Customs has all that it was sent.
    fn accepted(&mut self, since_known: Vec<Difference>) -> Outcome {
        if self.facts.cancel {
            return match self.facts.can_cancel {
                true => self.cancel(Vec::new()),
                false => (FilingState::Stopped, None),
            };
        }
        self.pending.clone_from(&since_known);
        match since_known.is_empty() {
            true => (self.as_heard(), None),
            false => self.changed(since_known),
        }
    }

    fn as_heard(&self) -> FilingState {
        match (self.heard.cleared, self.heard.released) {
            (true, _) => FilingState::Cleared,
            (_, true) => FilingState::Released,
            _ => FilingState::Accepted,
        }
    }

    /// What customs has is not what would be declared now.
    fn changed(&mut self, since_known: Vec<Difference>) -> Outcome {
        let facts = self.facts;
        if facts.cancel || facts.composed.is_none() {
            return (FilingState::Stopped, None);
        }
        if is_blocked(facts) {
            return (FilingState::Blocked, None);
        }
        // Goods that customs has let go are another matter: a person decides.
        let is_over = self.heard.released;
        let outcome = match facts.on_change {
            _ if is_over && !facts.released => (FilingState::Stopped, None),
            OnChange::CancelAndRefile if facts.can_cancel && !is_over => self.cancel(since_known),
            OnChange::Stop if !facts.released => (FilingState::Stopped, None),
            _ if !facts.automatic && !facts.released => (FilingState::Ready, None),
            _ if facts.can_amend => {
                let act = self.send(StepKind::Amend, self.filing.number, None, since_known);
                (FilingState::AmendmentPending, Some(act))
            }
            _ => (FilingState::Stopped, None),
        };
        self.once_settled(outcome, FilingState::AmendmentPending)
    }

    fn cancel(&self, differences: Vec<Difference>) -> Outcome {
        let act = self.send(StepKind::Cancel, self.filing.number, None, differences);
        (FilingState::CancellationPending, Some(act))
    }
}

/// Whether findings stand against it that nobody has released it over.
fn is_blocked(facts: &Facts<'_>) -> bool {
    !facts.against.is_empty() && !facts.released
}

#[cfg(test)]
mod tests;
