//! Partners' codes beside ours: listed, added, ended, and those that something waits for.

use jiff::Timestamp;
use jiff::civil::Date;
use portgate_core::codes::{CodeSide, CodeWay};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which rows: those that fit all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = crate::without_null)]
pub struct CodeFilter {
    /// The partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// The agreement's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<String>,
    /// The table's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// A code of either side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// A day on which they count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub on: Option<Date>,
}

/// A code of theirs beside one of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = crate::without_null)]
pub struct CodePair {
    /// The partner's code.
    #[schemars(length(min = 1, max = 100))]
    pub theirs: String,
    /// Our code.
    #[schemars(length(min = 1, max = 100))]
    pub ours: String,
    /// Which way it counts; both where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<CodeWay>,
    /// The first day on which it counts; ever before where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub from: Option<Date>,
    /// The first day on which it counts no more; for good where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub to: Option<Date>,
}

/// Adds codes to a table of an agreement: all of them or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddCodes {
    /// The partner.
    pub partner: String,
    /// The agreement's name.
    pub agreement: String,
    /// The table's name.
    pub table: String,
    /// The codes.
    #[schemars(length(min = 1, max = 5_000))]
    pub codes: Vec<CodePair>,
    /// Why, in 3 to 500 characters; it is kept.
    pub reason: String,
}

/// Gives a code its last day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndCode {
    /// The row's number.
    pub number: u64,
    /// The first day on which it counts no more; its own first day where it should never have counted.
    #[schemars(with = "String", extend("format" = "date"))]
    pub to: Date,
    /// Why, in 3 to 500 characters; it is kept.
    pub reason: String,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Code {
    /// Its number.
    pub number: u64,
    /// The partner.
    pub partner: String,
    /// The agreement's name.
    pub agreement: String,
    /// The table's name.
    pub table: String,
    /// The partner's code.
    pub theirs: String,
    /// Our code.
    pub ours: String,
    /// Which way it counts.
    pub way: CodeWay,
    /// The first day on which it counts; null for ever before.
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub from: Option<Date>,
    /// The first day on which it counts no more; null where no end is known.
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub to: Option<Date>,
    /// When it was added.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub added_at: Timestamp,
    /// Who added it.
    pub added_by: String,
    /// Why.
    pub reason: String,
    /// When it was given its last day, where that was not known from its beginning.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub ended_at: Option<Timestamp>,
    /// Who gave it that.
    pub ended_by: Option<String>,
    /// Why.
    pub end_reason: Option<String>,
}

/// A code that nobody has written down, and what waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AwaitedCode {
    /// The partner.
    pub partner: String,
    /// The agreement's name.
    pub agreement: String,
    /// The table's name.
    pub table: String,
    /// Whose code it is.
    pub side: CodeSide,
    /// The code.
    pub code: String,
    /// The first day on which it was looked up.
    #[schemars(with = "String", extend("format" = "date"))]
    pub first_day: Date,
    /// The last one.
    #[schemars(with = "String", extend("format" = "date"))]
    pub last_day: Date,
    /// How many exchanges wait for it.
    pub exchanges: u64,
    /// How many deliveries wait for it.
    pub deliveries: u64,
    /// Since when the first of them does.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub since: Timestamp,
}
