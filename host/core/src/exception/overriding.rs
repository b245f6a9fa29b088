//! Overrides: findings that block nothing because a person has said so, for as long as what they are about stays as it is.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Cause, Overridden};
use crate::judgement::ShipmentFinding;
use crate::sha256::Sha256;

/// How long an override counts at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Until {
    /// For as long as the fields that the finding names stay as they are.
    FieldsChange,
    /// For this revision of the context alone, and as long as the fields stay as they are.
    Revision(String),
}

/// A person's word that findings of one rule block nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Its number.
    pub number: u64,
    /// The rule.
    pub cause: Cause,
    /// What the findings are about that it counts for, by [`subject`].
    pub subjects: BTreeSet<String>,
    /// How long it counts.
    pub until: Until,
    /// Who said it.
    pub said: Overridden,
}

/// What a finding is about: the rule, and the fields with what they said; where it names no field, its sentence. A finding
/// that is made again of the same facts is about the same.
pub fn subject(finding: &ShipmentFinding) -> String {
    let mut hash = Sha256::new();
    hash.text(&finding.pack);
    hash.text(&finding.rule);
    for field in &finding.fields {
        for part in [&field.kind, &field.id, &field.field] {
            hash.text(part);
        }
        hash.text(field.value.as_deref().unwrap_or("\0"));
    }
    if finding.fields.is_empty() {
        hash.text(&finding.detail);
    }
    hex::encode(&hash.digest()[..16])
}

/// Marks the findings that are overridden at this revision. Gives back what is left of each override: of those that have
/// ended, nothing. An override that has ended does not come back with the facts that it was about.
pub fn apply(findings: &mut [ShipmentFinding], overrides: &[Override], revision: &str) -> Vec<(u64, BTreeSet<String>)> {
    let mut left = Vec::with_capacity(overrides.len());
    for finding in &mut *findings {
        finding.overridden = None;
    }
    for one in overrides {
        let mut there = BTreeSet::new();
        let counts = match &one.until {
            Until::FieldsChange => true,
            Until::Revision(of) => of == revision,
        };
        for finding in findings.iter_mut().filter(|_| counts) {
            if Cause::rule(&finding.pack, &finding.rule) != one.cause {
                continue;
            }
            let about = subject(finding);
            if one.subjects.contains(&about) {
                finding.overridden.get_or_insert_with(|| one.said.clone());
                there.insert(about);
            }
        }
        left.push((one.number, there));
    }
    left
}
