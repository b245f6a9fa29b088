//! What rule packs and composers say of a shipment.

use crate::agreement::Setting;
use crate::finding::Severity;

/// One thing that does not fit in the context of a shipment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The rule that says so, such as `R11`.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// The fields that do not fit, as JSON Pointers (RFC 6901) into the context, the one that should change first. The gateway
    /// adds what each says, who said it and when.
    pub fields: Vec<String>,
    /// One sentence on what does not fit.
    pub detail: String,
    /// One sentence on what to do, and who can; empty where nobody need do anything.
    pub remedy: String,
}

impl Judgement {
    /// With everything that a person needs but what to do.
    pub fn new(rule: &str, severity: Severity, fields: Vec<String>, detail: impl Into<String>) -> Self {
        Judgement { rule: rule.to_owned(), severity, fields, detail: detail.into(), remedy: String::new() }
    }

    /// The same with what to do.
    #[must_use]
    pub fn remedy(self, remedy: impl Into<String>) -> Self {
        Judgement { remedy: remedy.into(), ..self }
    }
}

/// Gathers what a rule pack finds in one context.
#[derive(Debug, Default)]
pub struct Judge {
    /// What was found so far, in the order of finding.
    pub judgements: Vec<Judgement>,
}

impl Judge {
    /// Keeps what does not fit, with what to do about it.
    pub fn found(
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

/// What a composer is to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composition {
    /// The regime, as policy calls it, such as `uk-import`.
    pub regime: String,
    /// The local reference number of the filing: the declaration's `lrn` and `id`.
    pub lrn: String,
    /// The MRN of the declaration that it amends, where there is one.
    pub amends: Option<String>,
    /// What policy has for the composer, such as the declarant's EORI.
    pub settings: Vec<Setting>,
}

impl Composition {
    /// The value of a setting; nothing where policy has none.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|setting| setting.name == name).map(|setting| setting.value.as_str())
    }
}
