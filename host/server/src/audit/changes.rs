//! What the audit log is told when a configuration is taken up: each policy file that is another, each plugin that is new
//! or has other rights, each that is gone.

use std::collections::BTreeSet;

use jiff::Timestamp;
use portgate_core::audit::{Actor, Entry, Kind, Sealed, Subject};
use portgate_core::policy::{Egress, Grants, Limits, Mistake, PluginPolicy};
use portgate_core::sha256::sha256_hex;
use portgate_runtime::Plugin;
use serde_json::Value;

use crate::configuration::{Configuration, Digests, RefusedPlugin};

/// What `new` changes against what was before.
pub(crate) fn changes(before: &Configuration, new: &Configuration, now: Timestamp) -> Vec<Entry> {
    let mut entries = files(&before.files, &new.files, now);
    entries.extend(admissions(Some(before), new, now));
    let gone = before.plugins.keys().filter(|name| !new.plugins.contains_key(*name));
    entries.extend(gone.map(|name| removed(name, now)));
    entries
}

/// Plugins that were admitted, or have other rights.
fn admissions(before: Option<&Configuration>, new: &Configuration, now: Timestamp) -> Vec<Entry> {
    let is_known = |name: &str, plugin: &Plugin| {
        before.is_some_and(|before| before.plugins.get(name).is_some_and(|before| before.is_the_same_as(plugin)))
    };
    let admitted = new.plugins.iter().filter(|(name, plugin)| !is_known(name, plugin));
    admitted
        .filter_map(|(name, plugin)| Some(admitted_entry(name, plugin, new.policies.plugins.get(name)?, now)))
        .collect()
}

/// What has changed while no gateway ran, by what the log says last of each file and each plugin.
pub(crate) fn since_the_last_run(
    changed: &[Sealed],
    admitted: &[Sealed],
    removed: &[Sealed],
    new: &Configuration,
    now: Timestamp,
) -> Vec<Entry> {
    let after = |sealed: &Sealed| {
        let detail: Value = serde_json::from_str(&sealed.detail).unwrap_or_default();
        Some((sealed.subject.strip_prefix("policy:")?.to_owned(), detail["after"].as_str()?.to_owned()))
    };
    let mut entries = files(&changed.iter().filter_map(after).collect(), &new.files, now);
    entries.extend(admissions(None, new, now));
    let gone = |plugin: &&Sealed| {
        let later = removed.iter().any(|gone| gone.subject == plugin.subject && gone.number > plugin.number);
        let name = plugin.subject.strip_prefix("plugin:").unwrap_or_default();
        !later && !new.plugins.contains_key(name)
    };
    let names = admitted.iter().filter(gone).filter_map(|plugin| plugin.subject.strip_prefix("plugin:"));
    entries.extend(names.map(|name| self::removed(name, now)));
    entries
}

/// Each file that is not what it was. One that is not there any more has no digest afterwards.
fn files(before: &Digests, after: &Digests, now: Timestamp) -> Vec<Entry> {
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = paths.into_iter().filter(|path| before.get(*path) != after.get(*path));
    let entry = |path: &String| {
        let entry = Entry::new(now, Kind::PolicyChanged, Actor::gateway(), Subject::policy(path));
        let (before, after) = (before.get(path).map(String::as_str), after.get(path).map(String::as_str));
        entry.optional("before", before).optional("after", after)
    };
    changed.map(entry).collect()
}

/// What a plugin is, and what it may do.
fn admitted_entry(name: &str, plugin: &Plugin, policy: &PluginPolicy, now: Timestamp) -> Entry {
    let manifest = plugin.manifest();
    let declared = &manifest.capabilities;
    let contracts = manifest.contracts.iter().map(|contract| format!("{}/{}", contract.name, contract.version));
    let Grants { contracts: granted, tables, codes, emit, read, fields, references } = &policy.grants;
    let fields =
        fields.iter().flat_map(|(kind, pointers)| pointers.iter().map(move |pointer| format!("{kind}{pointer}")));
    let entry = Entry::new(now, Kind::PluginAdmitted, Actor::gateway(), Subject::plugin(name))
        .text("version", &manifest.version)
        .text("sha256", plugin.digest())
        .text("engine", &crate::bom::engine())
        .texts("imports", plugin.imports())
        .texts("declared_contracts", contracts)
        .texts("declared_tables", &declared.tables)
        .texts("declared_codes", manifest.codes())
        .texts("declared_emit", &declared.emit)
        .texts("declared_read", &declared.read)
        .texts("granted_contracts", granted)
        .texts("granted_tables", tables)
        .texts("granted_codes", codes)
        .texts("granted_emit", emit)
        .texts("granted_read", read)
        .texts("granted_fields", fields)
        .texts("granted_references", references)
        .texts("budgets", budgets(&policy.limits));
    let bom = plugin.inspection().bom.as_deref().map(|bom| sha256_hex(bom.as_bytes()));
    let entry = entry.optional("bom_sha256", bom.as_deref());
    let grounds = plugin.grounds();
    let entry = entry
        .text("pinned", if grounds.vouched.pinned { "yes" } else { "no" })
        .texts("signed_by", &grounds.vouched.signed_by)
        .optional("rollback_by", grounds.rollback.as_ref().map(|rollback| rollback.by.as_str()))
        .optional("rollback_reason", grounds.rollback.as_ref().map(|rollback| rollback.reason.as_str()));
    match &policy.egress {
        None => entry,
        Some(Egress { base_urls, methods, paths, query }) => entry
            .texts("egress_base_urls", base_urls)
            .texts("egress_methods", methods.iter().map(|method| method.name()))
            .texts("egress_paths", paths)
            .texts("egress_query", query),
    }
}

/// Each limit with its key.
fn budgets(limits: &Limits) -> Vec<String> {
    let limits = serde_json::to_value(limits).unwrap_or_default();
    limits.as_object().into_iter().flatten().map(|(key, value)| format!("{key}={value}")).collect()
}

fn removed(name: &str, now: Timestamp) -> Entry {
    Entry::new(now, Kind::PluginRemoved, Actor::gateway(), Subject::plugin(name))
}

/// A plugin that was refused: why, in the gateway's own words.
pub(crate) fn refused(refused: &RefusedPlugin, now: Timestamp) -> Entry {
    let entry = Entry::new(now, Kind::PluginRefused, Actor::gateway(), Subject::plugin(&refused.name));
    entry.text("reason", &refused.problem).optional("sha256", refused.sha256.as_deref())
}

/// Files that were not taken up. The places of the mistakes are named and not what is wrong there, which can quote what
/// somebody wrote into a policy and should not have.
pub(crate) fn policies_refused(mistakes: &[Mistake], now: Timestamp) -> Entry {
    let place = |mistake: &Mistake| match (mistake.line, mistake.key.as_str()) {
        (0, "") => mistake.path.clone(),
        (line, key) => format!("{}:{line} {key}", mistake.path).trim_end().to_owned(),
    };
    let entry = Entry::new(now, Kind::PolicyRefused, Actor::gateway(), Subject::policy(""));
    entry.number("mistakes", mistakes.len() as u64).texts("places", mistakes.iter().map(place))
}
