//! How well things go.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// By what figures are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KpiBy {
    /// By partner.
    Partner,
    /// By lane: from which country to which.
    Lane,
    /// By day, in UTC.
    Day,
    /// By week, Monday to Sunday, in UTC.
    Week,
    /// By month, in UTC.
    Month,
}

/// Which figures: of all that ended in a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = crate::without_null)]
pub struct KpiQuery {
    /// From this time on; the last 30 days where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub from: Option<Timestamp>,
    /// Before this time; until now where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub until: Option<Timestamp>,
    /// By what they are grouped; not at all where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<KpiBy>,
    /// Only of this partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// Only on this lane, such as `VN-DE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<String>,
}

/// One figure of one group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Kpi {
    /// Which: `clearance`, `milestone`, `landed-cost`, `provisional-cost`, `messages`, `delivery`, `onboarding`, `exceptions` or `touches`.
    pub figure: String,
    /// The partner, the lane, the day (`2026-03-01`), the Monday of the week or the month (`2026-03`); empty where nothing is grouped.
    pub group: String,
    /// How many were counted.
    pub count: u64,
    /// How long they took on average, in milliseconds; less than nothing where they came early. Nothing for what takes no time.
    pub mean_ms: Option<i64>,
    /// How long the longest took.
    pub longest_ms: Option<i64>,
    /// The share of those that went well, from `0.0000` to `1.0000`; nothing where that cannot be said.
    pub good_share: Option<String>,
    /// What was reckoned of costs beside what customs assessed, of `landed-cost` and `provisional-cost`. Each currency has a row of its
    /// own.
    pub sums: Option<KpiSums>,
}

/// Sums of what was reckoned of costs, and of what customs assessed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KpiSums {
    /// The currency (ISO 4217).
    pub currency: String,
    /// What was reckoned beforehand.
    pub reckoned: String,
    /// What customs assessed.
    pub assessed: String,
    /// What was reckoned less what was assessed: too much of one shipment makes up for too little of another.
    pub difference: String,
    /// By how much each shipment was off, whether too much or too little, together.
    pub deviation: String,
    /// The deviation in percent of what was assessed, to two digits, halves up; nothing where nothing was assessed.
    pub deviation_percent: Option<String>,
}

/// How well things go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Kpis {
    /// From this time on,
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub from: Timestamp,
    /// and before this one.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub until: Timestamp,
    /// The figures.
    pub items: Vec<Kpi>,
    /// Whether there were more deliveries or messages than are looked at, so that theirs are of the latest alone.
    pub cut: bool,
}
