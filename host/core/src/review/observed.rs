//! What a plugin was seen to use, as a gateway shows it and as suggestions are made from.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one component of a plugin was seen to use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObservedUse {
    /// SHA-256 of the component, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Whether it is the component that the gateway calls now.
    pub current: bool,
    /// Since when it was watched.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub since: Timestamp,
    /// Until when.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub until: Timestamp,
    /// How often it was called.
    pub calls: u64,
    /// Calls by function.
    pub functions: BTreeMap<String, u64>,
    /// Calls that did not return, by what ended them: the key of the limit that was reached, or what it did instead.
    pub ended: BTreeMap<String, u64>,
    /// Calls by contract, `name/version`.
    pub contracts: BTreeMap<String, u64>,
    /// Look-ups by table.
    pub tables: BTreeMap<String, u64>,
    /// Returned documents by kind.
    pub emitted: BTreeMap<String, u64>,
    /// Given documents by kind.
    pub read: BTreeMap<String, u64>,
    /// Requests that its policy permitted.
    pub requests: Vec<RequestUse>,
    /// Requests by the query parameters that they carried.
    pub query: BTreeMap<String, u64>,
    /// What single calls used, by the key of the limit.
    pub budgets: BTreeMap<String, BudgetUse>,
}

/// Requests of one kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestUse {
    /// The method.
    pub method: String,
    /// The partner's base URL.
    pub base_url: String,
    /// The policy's pattern that they fitted.
    pub path: String,
    /// How many.
    pub count: u64,
}

/// What single calls used of one budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BudgetUse {
    /// What the numbers count.
    pub unit: Unit,
    /// Half of the calls used no more.
    pub p50: u64,
    /// 99 of 100 calls used no more.
    pub p99: u64,
    /// 999 of 1,000 calls used no more.
    pub p999: u64,
    /// The most.
    pub max: u64,
}

/// What the numbers of a budget count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Millionths of a second. The limit itself counts milliseconds.
    Microseconds,
    /// Bytes.
    Bytes,
    /// Things.
    Count,
}

/// Every budget in the order of the policy, with what its observations count.
pub const BUDGETS: [(&str, Unit); 10] = [
    ("memory_bytes_max", Unit::Bytes),
    ("table_elements_max", Unit::Count),
    ("cpu_ms_max", Unit::Microseconds),
    ("wall_ms_max", Unit::Microseconds),
    ("output_bytes_max", Unit::Bytes),
    ("documents_max", Unit::Count),
    ("log_lines_max", Unit::Count),
    ("log_bytes_max", Unit::Bytes),
    ("lookups_max", Unit::Count),
    ("calls_in_flight_max", Unit::Count),
];
