//! What a schema cannot say of quarantines: a pause that is not longer than the longest.

use crate::checked_toml::File;
use crate::mistake::Mistake;
use crate::policy::{PluginPolicy, Quarantine};

/// Checks what the schema cannot say.
pub(super) fn check(plugin: &File<PluginPolicy>, mistakes: &mut Vec<Mistake>) {
    let Quarantine { pause_seconds, pause_seconds_max, .. } = plugin.content.quarantine;
    if pause_seconds > pause_seconds_max {
        let problem = format!("{pause_seconds} is over quarantine.pause_seconds_max, which is {pause_seconds_max}");
        let hint = Some("lower it, or raise quarantine.pause_seconds_max".to_owned());
        mistakes.push(plugin.mistake("/quarantine/pause_seconds", problem, hint));
    }
}
