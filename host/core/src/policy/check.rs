//! What a schema cannot say of policy files. Here is what concerns plugins, routes and the gateway: limits and grants under
//! the ceiling, contracts that exist once, addresses that can be called.

mod agreement;
mod approval;
mod audit;
mod costs;
mod delivery;
mod enrichment;
mod exceptions;
mod fields;
mod filings;
mod kinds;
mod nats;
mod operator;
mod partner;
mod quarantine;
mod shipments;
mod signature;
mod signer;

use std::collections::{BTreeMap, BTreeSet};

use super::files::{Files, Policies};
use super::under_ceiling::allows;
use super::{Grants, Limits, PluginPolicy};
use crate::checked_toml::File;
use crate::document_fields::DocumentFields;
use crate::excerpt::excerpt;
use crate::manifest::{Manifest, Yields};
use crate::mistake::{Mistake, nearest};

/// Checks everything. `documents` says which fields can be granted.
pub(super) fn check(files: &Files, documents: &DocumentFields, mistakes: &mut Vec<Mistake>) {
    gateway_plugins_and_routes(files, mistakes);
    partner::check(files, mistakes);
    delivery::check(files, mistakes);
    fields::check(files, documents, mistakes);
    kinds::check(files, documents, mistakes);
    operator::check(files, mistakes);
    nats::check(files, mistakes);
    shipments::check(files, mistakes);
    enrichment::check(files, documents, mistakes);
    exceptions::check(files, documents, mistakes);
    filings::check(files, mistakes);
    costs::check(files, mistakes);
    signer::check(files, mistakes);
    audit::check(files, mistakes);
    approval::check(files, mistakes);
}

fn gateway_plugins_and_routes(files: &Files, mistakes: &mut Vec<Mistake>) {
    if let Some(gateway) = &files.gateway
        && gateway.content.listen.partner == gateway.content.listen.operator
        && gateway.content.listen.partner.port() != 0
    {
        let hint = Some("partners must never reach the operator API".to_owned());
        mistakes.push(gateway.mistake("/listen/operator", "is the address of the partner API", hint));
    }
    for plugin in files.plugins.values() {
        under_ceiling(files, plugin, mistakes);
        grants(files, plugin, mistakes);
        quarantine::check(plugin, mistakes);
    }
    granted_once(files, mistakes);
    forwards(files, mistakes);
}

fn under_ceiling(files: &Files, plugin: &File<PluginPolicy>, mistakes: &mut Vec<Mistake>) {
    let Some(ceiling) = files.ceiling.as_ref().map(|ceiling| &ceiling.content) else { return };
    for (name, limit, highest) in limits(&plugin.content.limits, &ceiling.limits) {
        if limit > highest {
            let problem = format!("{limit} is over the ceiling of {highest}");
            let hint = Some("lower it, or have `ceiling.toml` raised".to_owned());
            mistakes.push(plugin.mistake(&format!("/limits/{name}"), problem, hint));
        }
    }
    let (granted, allowed) = (grant_lists(&plugin.content.grants), grant_lists(&ceiling.grants));
    for ((list, granted), (_, allowed)) in granted.into_iter().zip(allowed) {
        for name in granted.iter().filter(|name| *name != "*" && !allows(allowed, name)) {
            let pointer = plugin.element(&format!("/grants/{list}"), name);
            let problem = format!("`{name}` is outside the ceiling");
            let hint = Some(format!("remove it, or have it added to grants.{list} of `ceiling.toml`"));
            mistakes.push(plugin.mistake(&pointer, problem, hint));
        }
    }
}

/// Both lists of limits side by side. Every field is there, because the pattern names them all.
pub(crate) fn limits(own: &Limits, ceiling: &Limits) -> [(&'static str, u64, u64); 10] {
    macro_rules! pairs {
        ($($name:ident),*) => {{
            let Limits { $($name: _),* } = own;
            [$((stringify!($name), u64::from(own.$name), u64::from(ceiling.$name))),*]
        }};
    }
    pairs!(
        memory_bytes_max,
        table_elements_max,
        cpu_ms_max,
        wall_ms_max,
        output_bytes_max,
        documents_max,
        log_lines_max,
        log_bytes_max,
        lookups_max,
        calls_in_flight_max
    )
}

fn grant_lists(grants: &Grants) -> [(&'static str, &BTreeSet<String>); 5] {
    // Fields and references have a check of their own.
    let Grants { contracts, tables, codes, emit, read, fields: _, references: _ } = grants;
    [("contracts", contracts), ("tables", tables), ("codes", codes), ("emit", emit), ("read", read)]
}

fn grants(files: &Files, plugin: &File<PluginPolicy>, mistakes: &mut Vec<Mistake>) {
    for (list, granted) in grant_lists(&plugin.content.grants) {
        if granted.contains("*") {
            let pointer = plugin.element(&format!("/grants/{list}"), "*");
            let hint = Some("name each; `\"*\"` may only stand in `ceiling.toml`".to_owned());
            mistakes.push(plugin.mistake(&pointer, "grants everything", hint));
        }
    }
    for contract in plugin.content.grants.contracts.iter().filter(|contract| *contract != "*") {
        if !contract.split_once('/').is_some_and(|(name, version)| is_name(name) && is_name(version)) {
            let pointer = plugin.element("/grants/contracts", contract);
            let hint = Some("write `name/version`, such as `shop-order/2024-10`".to_owned());
            mistakes.push(plugin.mistake(&pointer, format!("{} names no contract", excerpt(contract)), hint));
        }
    }
    let Some(gateway) = &files.gateway else { return };
    let tables = &gateway.content.tables;
    for table in plugin.content.grants.tables.iter().filter(|table| *table != "*" && !tables.contains_key(*table)) {
        let hint = match nearest(table, tables.keys().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("add [tables.{table}] to `gateway.toml`"),
        };
        let pointer = plugin.element("/grants/tables", table);
        mistakes.push(plugin.mistake(&pointer, format!("there is no reference table `{table}`"), Some(hint)));
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

fn granted_once(files: &Files, mistakes: &mut Vec<Mistake>) {
    let mut granted: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, plugin) in &files.plugins {
        for contract in plugin.content.grants.contracts.iter().filter(|contract| *contract != "*") {
            if let Some(first) = granted.insert(contract, name) {
                let pointer = plugin.element("/grants/contracts", contract);
                let hint = Some("one contract is decoded by one plugin; remove one of the two grants".to_owned());
                let problem = format!("`{contract}` is granted to plugin `{first}` as well");
                mistakes.push(plugin.mistake(&pointer, problem, hint));
            }
        }
    }
}

fn forwards(files: &Files, mistakes: &mut Vec<Mistake>) {
    let Some(routes) = &files.routes else { return };
    let mut seen = BTreeSet::new();
    for (index, forward) in routes.content.forward.iter().enumerate() {
        let at = |key: &str| format!("/forward/{index}/{key}");
        if let Some((problem, hint)) = files.not_granted(&forward.contract, &forward.version) {
            mistakes.push(routes.mistake(&at("contract"), problem, Some(hint)));
        }
        let upstreams = [("upstream", Some(&forward.upstream)), ("test_upstream", forward.test_upstream.as_ref())];
        for (key, url) in upstreams {
            if let Some(Err(problem)) = url.map(|url| upstream(url)) {
                let hint = Some("such as `http://127.0.0.1:9000/orders`".to_owned());
                mistakes.push(routes.mistake(&at(key), problem, hint));
            }
        }
        if forward.test_upstream.as_ref() == Some(&forward.upstream) {
            let hint = Some("leave it out, and tests of the contract are refused".to_owned());
            mistakes.push(routes.mistake(&at("test_upstream"), "is the upstream of what is no test", hint));
        }
        let contract = (&forward.contract, &forward.version);
        if !seen.insert(contract) {
            let problem = format!("`{}/{}` is forwarded already", forward.contract, forward.version);
            let hint = Some("a contract has one upstream; remove one of the two routes".to_owned());
            mistakes.push(routes.mistake(&at("contract"), problem, hint));
        }
    }
}

fn upstream(url: &str) -> Result<(), &'static str> {
    let uri: http::Uri = url.parse().map_err(|_| "is no URL")?;
    match (uri.scheme_str(), uri.authority()) {
        (Some("http" | "https"), Some(authority)) if authority.as_str().contains('@') => {
            Err("carries a user or password, which would end up in logs")
        }
        (Some("http" | "https"), Some(_)) => Ok(()),
        _ => Err("must start with `http://` or `https://`"),
    }
}

/// Checks what only the plugins' own manifests can tell, once the plugins are admitted.
pub fn check_manifests(policies: &Policies, manifests: &BTreeMap<String, Manifest>) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let most = policies.gateway.caps.body_bytes_max;
    for (name, manifest) in manifests {
        let path = format!("plugins/{name}.toml");
        if manifest.name != *name {
            let problem = format!("its component calls itself `{}`", manifest.name);
            let hint = Some(format!("name the policy `plugins/{}.toml`", manifest.name));
            mistakes.push(Mistake::whole_file(path.as_str(), problem, hint));
        }
        for contract in manifest.contracts.iter().filter(|contract| contract.body_bytes_max > most) {
            let problem = format!(
                "its contract `{}/{}` takes payloads of {} bytes, but the gateway reads {most} at most",
                contract.name, contract.version, contract.body_bytes_max
            );
            let hint = Some("raise caps.body_bytes_max in `gateway.toml`, or lower the contract's".to_owned());
            mistakes.push(Mistake::whole_file(path.as_str(), problem, hint));
        }
        if let Some(policy) = policies.plugins.get(name) {
            too_small(&path, policy, manifest, &mut mistakes);
        }
    }
    delivery::directions(policies, manifests, &mut mistakes);
    agreement::uses(policies, manifests, &mut mistakes);
    shipments::worlds(policies, manifests, &mut mistakes);
    filings::worlds(policies, manifests, &mut mistakes);
    mistakes
}

/// Budgets that are too small for what a plugin's contracts allow: a valid message would end its call.
fn too_small(path: &str, policy: &PluginPolicy, manifest: &Manifest, mistakes: &mut Vec<Mistake>) {
    let given = limits(&policy.limits, &policy.limits);
    for Need { key, needed, meaning, contract } in needs(&policy.grants, manifest) {
        let Some((_, limit, _)) = given.into_iter().find(|(name, limit, _)| *name == key && *limit < needed) else {
            continue;
        };
        let problem = format!("{limit} is less than the {needed} {meaning} by the contract `{contract}`");
        let hint = format!("raise it, or have the plugin's author lower `body_bytes_max` or `yields` of `{contract}`");
        let key = format!("limits.{key}");
        mistakes.push(Mistake { key, ..Mistake::whole_file(path, problem, Some(hint)) });
    }
}

/// What a contract needs of a budget.
pub(crate) struct Need {
    /// The budget's key.
    pub(crate) key: &'static str,
    /// The least that it must be.
    pub(crate) needed: u64,
    /// What there are so many of.
    meaning: &'static str,
    /// The contract, `name/version`.
    contract: String,
}

/// What the contracts that a plugin is granted need of its budgets.
pub(crate) fn needs(grants: &Grants, manifest: &Manifest) -> Vec<Need> {
    let mut needs = Vec::new();
    for contract in &manifest.contracts {
        let name = format!("{}/{}", contract.name, contract.version);
        if !grants.contracts.contains(&name) {
            continue;
        }
        let mut add = |key, needed, meaning| needs.push(Need { key, needed, meaning, contract: name.clone() });
        let Yields { documents_max, output_bytes_max } = contract.yields;
        let payload = contract.body_bytes_max;
        if contract.direction.is_decoded() {
            add("documents_max", documents_max, "documents that a message may become");
            add("output_bytes_max", output_bytes_max, "bytes that a message may become");
            let both = payload.saturating_add(output_bytes_max);
            add("memory_bytes_max", both, "bytes that a payload and what it may become have together");
        }
        if contract.direction.is_encoded() {
            add("output_bytes_max", payload, "bytes that a rendered message may have");
        }
    }
    needs
}
