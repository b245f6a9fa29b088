//! What is said of fields that a plugin does not look at.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is said of fields that nobody looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unread {
    /// Nothing, and finding out costs nothing.
    #[default]
    Off,
    /// A warning for each that the plugin's manifest does not list as ignored on purpose.
    Finding,
}
