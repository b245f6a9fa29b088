//! `[approval]` of `ceiling.toml`: whether one person is enough to widen what anything may do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many different persons must approve what widens anything.
pub const PERSONS: usize = 2;

/// Who must agree to what widens anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Approval {
    /// Whether a policy or plugin that widens anything waits until two operators with the permission `approve` have
    /// approved it (`portgate approve`). That this goes is such a change itself.
    pub required: bool,
}
