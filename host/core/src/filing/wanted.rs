//! When a person is wanted for a filing, and what for.

use std::collections::BTreeSet;

use super::fault::CustomsFault;
use super::kept::{Filing, FilingState};
use crate::exception::{Cause, Wanted};
use crate::finding::Severity;
use crate::judgement::{JudgedField, ShipmentFinding};
use crate::sender::GATEWAY;

/// The rule that a composer breaks which fails.
pub const COMPOSER_FAILED: &str = "COMPOSER-FAILED";

/// The rule that a word of customs breaks which comes from a partner that does not speak for customs.
pub const UNHEARD: &str = "UNHEARD";

/// Who says what customs has found, in the place of a rule pack.
const CUSTOMS: &str = "customs";

/// What customs is sent.
const DECLARATION: &str = "customs-declaration";

impl Filing {
    /// That a person is wanted, where one is: customs has rejected it, it did not reach customs, or what was declared has changed
    /// and a person decides, its composer fails, customs has not said in time what it was expected to, or it waits longer than policy
    /// lets it for what is missing, for findings to go or for a release. `name` is what policy calls the filing.
    pub fn wanted(&self, name: &str) -> Option<Wanted> {
        let lrn = &self.lrn;
        let (detail, remedy) = match self.state {
            FilingState::Rejected => (
                format!("Customs has rejected the filing `{name}` ({lrn})."),
                "Correct what customs names, in the system whose it is; the filing goes out again by itself.",
            ),
            FilingState::Undelivered => (
                format!("The filing `{name}` ({lrn}) did not reach customs as far as is known: its delivery is dead."),
                "Look at the delivery and its attempts. Where one may have left, ask who declares to customs whether it is there. \
                 Then have the delivery tried again, or release or cancel the filing.",
            ),
            FilingState::Stopped => (
                format!("What the filing `{name}` ({lrn}) declared is not what would be declared now."),
                "Look at what has changed, and release the filing or have it cancelled.",
            ),
            _ if self.findings.iter().any(|finding| finding.rule == COMPOSER_FAILED) => (
                format!("The composer of the filing `{name}` ({lrn}) cannot write its declaration."),
                "Have the plugin mended or its limits raised; it is tried again and again, and the filing goes on by itself.",
            ),
            _ if self.findings.iter().any(|finding| finding.rule == UNHEARD) => (
                format!(
                    "Somebody speaks for customs of the filing `{name}` ({lrn}) who does not: nothing comes of it."
                ),
                "Ask the partner why it does; if it hands on what customs says, name it under `answers` in `filings.toml`.",
            ),
            FilingState::Draft if self.waits_too_long => (
                format!(
                    "The filing `{name}` ({lrn}) could not be written {}: something is missing for it.",
                    self.since()
                ),
                "Have the systems whose it is say what the findings name; the filing goes on by itself.",
            ),
            FilingState::Blocked if self.waits_too_long => (
                format!("The filing `{name}` ({lrn}) has been blocked {} by {}.", self.since(), self.rules()),
                "Have mended what the findings name, or override them; or release the filing as it is, or cancel it.",
            ),
            FilingState::Ready if self.waits_too_long => (
                format!("The filing `{name}` ({lrn}) has waited for a release {}.", self.since()),
                "Look at what it declares, and release or cancel it.",
            ),
            _ if !self.overdue.is_empty() => {
                let what: Vec<&str> = self.overdue.iter().map(|awaited| awaited.as_str()).collect();
                let what = what.join(", ");
                (
                    format!(
                        "Customs was expected to have said by now of the filing `{name}` ({lrn}) that it is {what}."
                    ),
                    "Ask customs or whoever declares to it; the exception closes by itself when the answer comes.",
                )
            }
            _ => return None,
        };
        let said = self.faults.iter().map(|fault| ShipmentFinding {
            pack: CUSTOMS.to_owned(),
            rule: fault.code.clone(),
            severity: Severity::Error,
            detail: fault.to_string(),
            remedy: String::new(),
            fields: self.declared_at(fault).into_iter().collect(),
            overridden: None,
        });
        let mut findings: Vec<ShipmentFinding> = said.chain(self.findings.iter().cloned()).collect();
        findings.sort();
        Some(Wanted {
            cause: Cause::filing(lrn),
            team: None,
            severity: Severity::Blocking,
            detail,
            remedy: remedy.to_owned(),
            findings,
        })
    }

    /// What was declared where customs finds something wrong, as far as customs was sent it last.
    fn declared_at(&self, fault: &CustomsFault) -> Option<JudgedField> {
        let step = self.steps.iter().rfind(|step| step.number == self.number && !step.replaced)?;
        (!fault.field.is_empty()).then(|| JudgedField {
            kind: DECLARATION.to_owned(),
            id: step.lrn.clone(),
            field: fault.field.clone(),
            value: step.declared.pointer(&fault.field).map(JudgedField::said),
            system: GATEWAY.to_owned(),
            recorded_at: step.at.to_string(),
        })
    }

    fn since(&self) -> String {
        self.waits_since.map(|since| format!("since {since:.0}")).unwrap_or_default()
    }

    /// The rules that stand against it.
    fn rules(&self) -> String {
        let rules: BTreeSet<&str> = self.findings.iter().map(|finding| finding.rule.as_str()).collect();
        rules.into_iter().collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filing::{Awaited, CustomsFault, FilingStep, StepKind};

    #[test]
    fn a_person_is_called_where_nothing_goes_on_by_itself_and_told_what_customs_said() {
        let fault = CustomsFault {
            code: "CDS12056".to_owned(),
            text: "Relation error".to_owned(),
            pointer: "42A/67A/22B".to_owned(),
            field: "/incoterm".to_owned(),
        };
        let filing = |state| Filing { state, faults: vec![fault.clone()], ..Filing::draft("L1".to_owned()) };
        let called: Vec<FilingState> =
            FilingState::ALL.iter().copied().filter(|state| filing(*state).wanted("import").is_some()).collect();
        assert_eq!(called, [FilingState::Undelivered, FilingState::Rejected, FilingState::Stopped]);
        let too_long = |state| Filing { waits_too_long: true, ..filing(state) };
        let called: Vec<FilingState> =
            FilingState::ALL.iter().copied().filter(|state| too_long(*state).wanted("import").is_some()).collect();
        let waiting = [FilingState::Draft, FilingState::Blocked, FilingState::Ready];
        let at_once = [FilingState::Undelivered, FilingState::Rejected, FilingState::Stopped];
        assert_eq!(called, [&waiting[..], &at_once].concat());
        let step = FilingStep {
            at: "2026-03-01T08:15:00Z".parse().expect("a time"),
            declared: serde_json::json!({ "incoterm": { "code": "DAP" } }),
            ..FilingStep::sent(StepKind::Submit, 1)
        };
        let rejected = Filing { steps: vec![step], ..filing(FilingState::Rejected) };
        let wanted = rejected.wanted("import").expect("a person");
        assert_eq!(wanted.cause.to_string(), "filing:L1");
        let found = &wanted.findings[0];
        let declared = JudgedField {
            kind: "customs-declaration".to_owned(),
            id: "L1".to_owned(),
            field: "/incoterm".to_owned(),
            value: Some(r#"{"code":"DAP"}"#.to_owned()),
            system: "portgate".to_owned(),
            recorded_at: "2026-03-01T08:15:00Z".to_owned(),
        };
        assert_eq!(found.fields, [declared]);
        assert_eq!(
            (found.rule.as_str(), found.detail.as_str()),
            ("CDS12056", "Relation error (/incoterm, 42A/67A/22B)")
        );
        let late = Filing { overdue: vec![Awaited::Accepted], ..filing(FilingState::Submitted) };
        assert!(late.wanted("import").is_some_and(|wanted| wanted.detail.ends_with("that it is accepted.")));
    }
}
