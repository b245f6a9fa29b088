//! Reference tables: which versions were taken up, and which shipments were judged again because of them.

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = crate::without_null)]
pub struct TableQuery {
    /// Only of this table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
}

/// A version of a reference table: a file that a gateway took up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TableVersion {
    /// The table.
    pub table: String,
    /// Its number, from 1 for each table.
    pub number: u64,
    /// The SHA-256 of its file.
    pub file: String,
    /// When the first gateway took it up.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub taken_at: Timestamp,
    /// What the table's change log says of it: who changed what, when, why, and which keys mean something else. Nothing where
    /// the table is written by hand.
    pub change: Option<Value>,
    /// How many shipments were judged again under it.
    pub shipments: u64,
}

/// Which shipments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = crate::without_null)]
pub struct TableReviewQuery {
    /// The table.
    pub table: String,
    /// The number of its version; the last one where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// A shipment that was judged again because a table says something else than it had looked up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableReview {
    /// The shipment.
    pub shipment: String,
    /// The key that was looked up for it; nothing where so much was that all of the table counts.
    pub key: Option<String>,
    /// What the table said; nothing where it had no value. Of long values the beginning, with a digest of the whole.
    pub before: Option<String>,
    /// What it says since.
    pub after: Option<String>,
    /// The day for which it was looked up again.
    #[schemars(with = "String", extend("format" = "date"))]
    pub day: Date,
    /// When it was found to be due.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
}
