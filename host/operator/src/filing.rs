//! Filings: what is declared of shipments, and what operators do with it.

use jiff::Timestamp;
use portgate_core::filing::{AtCustoms, CustomsFault, Difference, FilingState, Standing, StepKind};
use portgate_core::judgement::ShipmentFinding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which filings: those that fit all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = crate::without_null)]
pub struct FilingQuery {
    /// Where they stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<FilingState>,
    /// What policy calls them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Those that nothing goes on with before a person has looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<bool>,
}

/// A filing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Filing {
    /// The local reference number of its present declaration.
    pub lrn: String,
    /// What policy calls it.
    pub name: String,
    /// The shipment, by an id that it has or had.
    pub shipment: String,
    /// Where it stands.
    pub state: FilingState,
    /// Whether nothing goes on before a person has looked.
    pub wants_person: bool,
    /// The movement reference number, once customs has given one.
    pub mrn: Option<String>,
    /// The revision of the context that was looked at last.
    pub revision: String,
    /// What an act is confirmed with: it changes with what would be declared and with what stands against it.
    pub digest: String,
    /// When it began.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub began_at: Timestamp,
    /// When it changed last.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub changed_at: Timestamp,
    /// What is missing for it, and what stands against it.
    pub findings: Vec<ShipmentFinding>,
    /// What customs has said is wrong, in its own words.
    pub faults: Vec<CustomsFault>,
    /// What has changed and customs has not been told; the values only for operators with the permission `payload`.
    pub pending: Vec<Difference>,
    /// All that customs was sent, in its order.
    pub steps: Vec<FilingStep>,
    /// What partners were told of where it stands at customs, in that order: documents of the gateway's own (`portgate`).
    pub told: Vec<FilingTold>,
    /// Who has released it as it is, where that was not used yet.
    pub released: Option<FilingWord>,
    /// Who wants it cancelled.
    pub cancelled: Option<FilingWord>,
}

/// Something that customs was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilingStep {
    /// What it was.
    pub kind: StepKind,
    /// The local reference number.
    pub lrn: String,
    /// The version of the declaration's document.
    pub version: u32,
    /// The revision of the context that it was made from.
    pub revision: String,
    /// When it was made.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// The exchange that has the document.
    pub exchange: String,
    /// Its delivery.
    pub delivery: String,
    /// How far that has come; nothing where it is not kept any more.
    pub standing: Option<Standing>,
    /// Whether another took its place, or it was withdrawn, before anything of it left the gateway.
    pub replaced: bool,
    /// What changed against what was declared before; the values only for operators with the permission `payload`.
    pub differences: Vec<Difference>,
}

/// That a partner was told where a declaration stands at customs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilingTold {
    /// The partner.
    pub to: String,
    /// Where it was told that it stands.
    pub at_customs: AtCustoms,
    /// The local reference number of the declaration.
    pub lrn: String,
    /// When it was made.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// The exchange that has the document.
    pub exchange: String,
    /// Its delivery.
    pub delivery: String,
}

/// What an operator has said of a filing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilingWord {
    /// Who.
    pub operator: String,
    /// Why.
    pub reason: String,
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
}

/// Releases a filing, or has it cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActOnFiling {
    /// The local reference number of its present declaration.
    #[schemars(length(min = 1, max = 35))]
    pub lrn: String,
    /// The filing's digest, as it was looked at.
    #[schemars(length(min = 1, max = 64))]
    pub digest: String,
    /// Why; kept with the act.
    pub reason: String,
}
