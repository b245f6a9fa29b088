//! What is missing for a declaration, or does not fit.

use portgate_sdk::{Judgement, Severity};

/// Gathers what is missing, so that a person hears of all of it at once.
#[derive(Debug, Default)]
pub struct Gaps {
    judgements: Vec<Judgement>,
}

impl Gaps {
    /// Keeps that something is missing or does not fit: the rule that says so, the fields of the context (JSON Pointers) with the one
    /// that should change first, one sentence on what is wrong, and one on what to do and who can.
    pub fn add(
        &mut self,
        rule: &str,
        fields: impl IntoIterator<Item = String>,
        detail: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let judgement = Judgement::new(rule, Severity::Error, fields.into_iter().collect(), detail).remedy(remedy);
        if !self.judgements.contains(&judgement) {
            self.judgements.push(judgement);
        }
    }

    /// Whether nothing is missing so far.
    pub fn is_empty(&self) -> bool {
        self.judgements.is_empty()
    }

    /// Keeps what others have found as well.
    pub fn take_over(&mut self, others: Gaps) {
        let new = others.judgements.into_iter().filter(|one| !self.judgements.contains(one));
        let new: Vec<Judgement> = new.collect();
        self.judgements.extend(new);
    }

    /// What was made, unless something is missing.
    ///
    /// # Errors
    ///
    /// What is missing, in the order in which it was found.
    pub fn finish<T>(self, made: T) -> Result<T, Vec<Judgement>> {
        match self.judgements.is_empty() {
            true => Ok(made),
            false => Err(self.judgements),
        }
    }
}
