//! What was found so far.

use portgate_sdk::{Judgement, Severity};

/// Gathers judgements.
#[derive(Default)]
pub(crate) struct Judge {
    pub(crate) judgements: Vec<Judgement>,
}

impl Judge {
    /// Keeps what does not fit, with what to do about it.
    pub(crate) fn found(
        &mut self,
        rule: &str,
        severity: Severity,
        fields: impl IntoIterator<Item = String>,
        detail: impl Into<String>,
        remedy: &str,
    ) {
        let judgement = Judgement::new(rule, severity, fields.into_iter().collect(), detail).remedy(remedy);
        self.judgements.push(judgement);
    }
}
