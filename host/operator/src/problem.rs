//! What is answered where nothing was done.

use portgate_core::finding::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A problem document (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// The problem's type, which is the path of a page that explains it: `/problems/not-found`.
    pub r#type: String,
    /// The type's name for people.
    pub title: String,
    /// The status code.
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// The request, by an URN that the gateway's log has as well.
    pub instance: String,
    /// Everything that is wrong with the request, where that is the problem.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// How many more findings there were than are listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub findings_omitted: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
