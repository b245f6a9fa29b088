//! What rule packs and composers say of a shipment.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::finding::Severity;

/// The rule that systems break which say different things of one field.
pub const CONFLICT: &str = "CONFLICT";
/// The rule that costs break which are of several shipments when nobody can say which part is whose.
pub const COST_SHARED: &str = "COST-SHARED";
/// The rule that invoices break which are of several shipments when nobody can say which part is whose.
pub const INVOICE_SHARED: &str = "INVOICE-SHARED";
/// The rules that the gateway judges shipments by itself, beside those of rule packs.
pub const OWN_RULES: [&str; 3] = [CONFLICT, COST_SHARED, INVOICE_SHARED];

/// One thing that does not fit in the context of a shipment. Mirrors `judgement` of `wit/connector/v1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Judgement {
    /// The rule that says so, such as `R11`.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// The fields that do not fit, as JSON Pointers (RFC 6901) into the context, the one that should change first.
    pub fields: Vec<String>,
    /// One sentence on what does not fit.
    pub detail: String,
    /// One sentence on what to do, and who can; empty where nobody need do anything.
    pub remedy: String,
}

/// A field that a judgement names, as it stands in the context that was judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct JudgedField {
    /// The kind of its document.
    pub kind: String,
    /// The document's `id`; empty where the rule pack does not see it.
    pub id: String,
    /// The field, as a JSON Pointer into the document.
    pub field: String,
    /// Its value as JSON, cut where it is long; nothing where it is not there.
    pub value: Option<String>,
    /// The partner that said it.
    pub system: String,
    /// When the partner recorded it.
    pub recorded_at: String,
}

impl JudgedField {
    /// How many characters of a value are kept.
    const VALUE_MAX: usize = 500;

    /// A value as JSON, cut where it is long.
    pub fn said(value: &Value) -> String {
        value.to_string().chars().take(Self::VALUE_MAX).collect()
    }
}

/// Who has overridden a finding, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Overridden {
    /// The override.
    pub by: u64,
    /// The operator.
    pub operator: String,
    /// The second operator, where two were needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_by: Option<String>,
    /// Why.
    pub reason: String,
}

/// A judgement with the pack that made it and with what its fields say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentFinding {
    /// The rule pack, by the name of its plugin.
    pub pack: String,
    /// The rule.
    pub rule: String,
    /// How much it matters, by policy where that says so.
    pub severity: Severity,
    /// What does not fit.
    pub detail: String,
    /// What to do; empty where nobody need do anything.
    pub remedy: String,
    /// The fields that do not fit, the one that should change first.
    pub fields: Vec<JudgedField>,
    /// Who has overridden it and why, where somebody has: then it blocks nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overridden: Option<Overridden>,
}

impl ShipmentFinding {
    /// Whether it keeps a filing from going out: it says so, and nobody has overridden it.
    pub fn blocks(&self) -> bool {
        self.severity == Severity::Blocking && self.overridden.is_none()
    }
}

/// What a composer is to make. Mirrors `composition` of `wit/connector/v1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Composition {
    /// The regime, as policy calls it, such as `uk-import`.
    pub regime: String,
    /// The local reference number of the filing.
    pub lrn: String,
    /// The MRN of the declaration that it amends, where there is one.
    pub amends: Option<String>,
    /// What policy has for the composer, by name.
    pub settings: Vec<(String, String)>,
}
