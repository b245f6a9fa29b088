//! Plugins that the gateway calls, and what each was seen to use.

use jiff::Timestamp;
use portgate_core::review::ObservedUse;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// From when on is looked at what plugins used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = crate::without_null)]
pub struct Since {
    /// At this time or later; the last 30 days where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub since: Option<Timestamp>,
}

/// One plugin that the gateway calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plugin {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What its author says that it does.
    pub description: String,
    /// SHA-256 of its component.
    pub sha256: String,
    /// Since when this component is watched, within the time that was asked for.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub watched_since: Option<Timestamp>,
    /// How often it was called in that time.
    pub calls: Option<u64>,
}

/// What a plugin was seen to use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PluginUses {
    /// The plugin's name.
    pub plugin: String,
    /// What each of its components used, the one that is called now first.
    pub items: Vec<ObservedUse>,
}
