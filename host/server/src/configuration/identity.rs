//! What makes a plugin another one, which begins with a clean slate: another component, or other limits or grants.

use portgate_core::policy::PluginPolicy;
use portgate_core::sha256::Sha256;
use portgate_runtime::Plugin;

/// Tells the builds of a plugin apart.
pub(super) fn identity(plugin: &Plugin, policy: &PluginPolicy) -> [u8; 32] {
    of(plugin.digest(), policy)
}

fn of(digest_of_component: &str, policy: &PluginPolicy) -> [u8; 32] {
    let PluginPolicy { limits, grants, .. } = policy;
    let rules = serde_json::to_vec(&(limits, grants)).expect("numbers and sets of strings always serialise");
    let mut hash = Sha256::new();
    hash.bytes(digest_of_component.as_bytes());
    hash.bytes(&rules);
    hash.digest()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_component_and_other_rules_are_another_build_and_another_tolerance_is_not() {
        let policy = |memory: u64, failures_max: u32| -> PluginPolicy {
            serde_json::from_value(serde_json::json!({
                "limits": { "memory_bytes_max": memory, "table_elements_max": 1, "cpu_ms_max": 1, "wall_ms_max": 1,
                    "output_bytes_max": 1, "documents_max": 1, "log_lines_max": 1, "log_bytes_max": 1, "lookups_max": 1,
                    "calls_in_flight_max": 1 },
                "quarantine": { "failures_max": failures_max },
            }))
            .expect("a policy")
        };
        let one = of("a", &policy(1, 1));
        assert_eq!(one, of("a", &policy(1, 2)));
        assert_ne!(one, of("b", &policy(1, 1)));
        assert_ne!(one, of("a", &policy(2, 1)));
    }
}
