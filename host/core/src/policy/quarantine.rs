//! `[quarantine]` of `plugins/<name>.toml`: how much misbehaviour of a plugin is tolerated before it is taken out for a
//! partner, and how it comes back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When a plugin is taken out for a partner: when its calls for that partner trap, exceed a limit, are denied something
/// or return what breaks a schema more often than this. Other partners and other plugins are not touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Quarantine {
    /// Failed calls within the window that are tolerated; with one more the plugin is taken out. What was sent to it when
    /// it failed is told so; what comes afterwards is parked.
    #[schemars(range(min = 0, max = 1_000))]
    pub failures_max: u32,
    /// How long a failed call counts, in seconds.
    #[schemars(range(min = 1, max = 86_400))]
    pub window_seconds: u32,
    /// How long the plugin is not called the first time, in seconds; then one call finds out whether it works again.
    #[schemars(range(min = 1, max = 86_400))]
    pub pause_seconds: u32,
    /// Each relapse doubles the pause, up to this, in seconds.
    #[schemars(range(min = 1, max = 604_800))]
    pub pause_seconds_max: u32,
    /// How often one build of the plugin may fail on the same parked message; then a person must look at that message.
    #[schemars(range(min = 1, max = 100))]
    pub tries_max: u32,
}

impl Default for Quarantine {
    fn default() -> Self {
        Quarantine { failures_max: 5, window_seconds: 60, pause_seconds: 60, pause_seconds_max: 3_600, tries_max: 3 }
    }
}
