//! What the audit log is told where a plugin wanted something that it may not have.

use jiff::Timestamp;
use portgate_core::audit::{Actor, Entry, Kind, Subject};
use portgate_runtime::CallError;

use crate::configuration::Configuration;

/// The entry for a call that ended in this way; nothing where it did not end for want of a capability.
pub(crate) fn denied(configuration: &Configuration, plugin: &str, error: &CallError, now: Timestamp) -> Option<Entry> {
    let tables = configuration.policies.gateway.tables.keys().map(String::as_str);
    let (capability, name) = wanted(error, configuration.documents.kinds(), tables)?;
    let entry = Entry::new(now, Kind::CapabilityDenied, Actor::plugin(plugin), Subject::plugin(plugin));
    let sha256 = configuration.plugins.get(plugin).map(|plugin| plugin.digest());
    Some(entry.text("capability", capability).text("wanted", name).optional("sha256", sha256))
}

/// What was wanted. A plugin's words are its own and may quote a payload, so they are named only where the gateway knows
/// them as names of its own.
fn wanted<'a>(
    error: &CallError,
    kinds: impl IntoIterator<Item = &'a str>,
    tables: impl IntoIterator<Item = &'a str>,
) -> Option<(&'static str, &'a str)> {
    match error {
        CallError::EmitDenied { kind } => {
            let known = kinds.into_iter().find(|known| known == kind);
            Some(("emit", known.unwrap_or("a kind that does not exist")))
        }
        CallError::ReadDenied { kind } => {
            let known = kinds.into_iter().find(|known| known == kind);
            Some(("read", known.unwrap_or("a kind that does not exist")))
        }
        CallError::LookupDenied { table } => {
            let known = tables.into_iter().find(|known| known == table);
            Some(("tables", known.unwrap_or("a table that does not exist")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_cannot_write_into_the_log_what_it_was_given() {
        let wanted = |error: &CallError| wanted(error, ["invoice", "order"], ["rates"]);
        let emitted = |kind: &str| CallError::EmitDenied { kind: kind.to_owned() };
        assert_eq!(wanted(&emitted("invoice")), Some(("emit", "invoice")));
        assert_eq!(wanted(&emitted("GB82 WEST 1234 5698")), Some(("emit", "a kind that does not exist")));
        let given = CallError::ReadDenied { kind: "invoice".to_owned() };
        assert_eq!(wanted(&given), Some(("read", "invoice")));
        let asked = |table: &str| CallError::LookupDenied { table: table.to_owned() };
        assert_eq!(wanted(&asked("rates")), Some(("tables", "rates")));
        assert_eq!(wanted(&asked("GB82 WEST 1234 5698")), Some(("tables", "a table that does not exist")));
        assert_eq!(wanted(&CallError::StackOverflow), None);
    }
}
