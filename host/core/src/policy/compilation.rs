//! `[compilation]` of `gateway.toml`: what turning one plugin into native code may take.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What compiling one plugin may take. It runs in a process of its own that is killed when it exceeds any of these; the
/// plugin is then refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Compilation {
    /// Addresses that the process may use, in bytes, its own program of some hundred megabytes included.
    #[schemars(range(min = 536_870_912))]
    pub memory_bytes_max: u64,
    /// Time on a processor, in seconds.
    #[schemars(range(min = 1))]
    pub cpu_seconds_max: u32,
    /// Time on the clock, in seconds.
    #[schemars(range(min = 1))]
    pub wall_seconds_max: u32,
}
