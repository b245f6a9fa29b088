//! Builds a [`Configuration`] from the policy folder, taking over from the last one what has not changed.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use portgate_core::contract::{ContractChecker, JsonLimits};
use portgate_core::document_schemas::DocumentSchemas;
use portgate_core::manifest;
use portgate_core::policy::{self, Mistake, PluginPolicy, Policies, Webhook};
use portgate_delivery::connectors::{DestinationPolicy, Speaker};
use portgate_runtime::{Engine, Plugin, Tables};

use super::folder::{Fingerprint, Folder};
use super::{Configuration, Contract, Partner};
use crate::auth::{Authenticator, KeySets};
use crate::operator::Operators;
use crate::secrets::Secrets;

/// A configuration, and what it was made from.
pub(crate) struct Loaded {
    pub(crate) configuration: Configuration,
    /// Plugins that could not be taken up and go on in their last good form. Empty on the first load.
    pub(crate) kept: Vec<Mistake>,
}

/// What outlives every configuration.
pub(crate) struct Lasting {
    pub(crate) engine: Engine,
    pub(crate) key_sets: Arc<KeySets>,
    pub(crate) documents: Arc<DocumentSchemas>,
}

/// Reads the folder and builds a configuration, or says everything that is wrong with it.
pub(crate) fn load(folder: &Folder, lasting: &Lasting, last: Option<&Configuration>) -> Result<Loaded, Vec<Mistake>> {
    let policies = folder.policies()?;
    let mut mistakes = Vec::new();
    let tables = tables(folder, &policies, last, &mut mistakes);
    let (plugins, kept) = plugins(folder, &policies, lasting, &tables, last, &mut mistakes);
    let manifests = plugins.iter().map(|(name, plugin)| (name.clone(), plugin.manifest().clone())).collect();
    mistakes.extend(policy::check_manifests(&policies, &manifests));
    let contracts = contracts(&policies, &plugins, &mut mistakes);
    let rendered = rendered(&policies, &plugins, &mut mistakes);
    let secrets = Secrets::open(folder.resolve(&policies.gateway.paths.secrets));
    let authenticator =
        match Authenticator::new(&policies.partners, &secrets, Arc::clone(&lasting.key_sets)) {
            Ok(authenticator) => Some(authenticator),
            Err(errors) => {
                mistakes.extend(errors.into_iter().map(|error| {
                    Mistake::whole_file(format!("partners/{}.toml", error.partner), error.to_string(), None)
                }));
                None
            }
        };
    let operators = match Operators::new(&policies.operators, &secrets) {
        Ok(operators) => operators,
        Err(wrong) => {
            mistakes.extend(wrong);
            Operators::default()
        }
    };
    let Some(authenticator) = authenticator.filter(|_| mistakes.is_empty()) else {
        return Err(mistakes);
    };
    let configuration = Configuration {
        partners: partners(&policies, last),
        destinations: destinations(&policies),
        contracts,
        rendered,
        plugins,
        tables,
        authenticator,
        operators,
        documents: Arc::clone(&lasting.documents),
        policies,
    };
    Ok(Loaded { configuration, kept })
}

fn tables(
    folder: &Folder,
    policies: &Policies,
    last: Option<&Configuration>,
    mistakes: &mut Vec<Mistake>,
) -> Arc<Tables> {
    let mut tables = Tables::default();
    for (name, table) in &policies.gateway.tables {
        let path = folder.resolve(&table.file);
        let read = std::fs::read(&path).map_err(|error| error.to_string());
        if let Err(problem) = read.and_then(|csv| tables.add(name, &csv).map_err(|error| error.to_string())) {
            mistakes.push(Mistake::whole_file(table.file.clone(), problem, None));
        }
    }
    match last {
        Some(last) if *last.tables == tables => Arc::clone(&last.tables),
        _ => Arc::new(tables),
    }
}

/// Admits every plugin that has a policy. One that fails is kept in its last good form where there is one.
fn plugins(
    folder: &Folder,
    policies: &Policies,
    lasting: &Lasting,
    tables: &Arc<Tables>,
    last: Option<&Configuration>,
    mistakes: &mut Vec<Mistake>,
) -> (BTreeMap<String, Plugin>, Vec<Mistake>) {
    let (mut plugins, mut kept) = (BTreeMap::new(), Vec::new());
    for (name, policy) in &policies.plugins {
        let before = last.and_then(|last| last.plugins.get(name));
        match admit(folder, policies, lasting, tables, last, name, policy) {
            Ok(plugin) => drop(plugins.insert(name.clone(), plugin)),
            Err(problem) => {
                let mistake = Mistake::whole_file(format!("plugins/{name}.toml"), problem, None);
                match before {
                    Some(before) => {
                        kept.push(mistake);
                        plugins.insert(name.clone(), before.clone());
                    }
                    None => mistakes.push(mistake),
                }
            }
        }
    }
    (plugins, kept)
}

fn admit(
    folder: &Folder,
    policies: &Policies,
    lasting: &Lasting,
    tables: &Arc<Tables>,
    last: Option<&Configuration>,
    name: &str,
    policy: &PluginPolicy,
) -> Result<Plugin, String> {
    let path = folder.component(policies, name, policy);
    let component = std::fs::read(&path).map_err(|error| {
        format!("component `{}` cannot be read: {error}; build it with `portgate plugin build`", path.display())
    })?;
    // The same bytes under the same rules with the same tables are the same plugin.
    if let Some(last) = last
        && let Some(before) = last.plugins.get(name)
        && last.policies.plugins.get(name) == Some(policy)
        && last.policies.ceiling == policies.ceiling
        && Arc::ptr_eq(&last.tables, tables)
        && before.digest() == portgate_runtime::digest(&component)
    {
        return Ok(before.clone());
    }
    lasting.engine.admit(name, &component, policy, &policies.ceiling, tables).map_err(|refusal| refusal.to_string())
}

/// The contracts that plugins are granted, with their schemas compiled.
fn contracts(
    policies: &Policies,
    plugins: &BTreeMap<String, Plugin>,
    mistakes: &mut Vec<Mistake>,
) -> HashMap<String, Vec<Arc<Contract>>> {
    let caps = &policies.gateway.caps;
    let limits = JsonLimits { depth_max: caps.json_depth_max, findings_max: caps.findings_max };
    let mut contracts: HashMap<String, Vec<Arc<Contract>>> = HashMap::new();
    for (plugin_name, plugin) in plugins {
        for declared in &plugin.manifest().contracts {
            let granted = &policies.plugins[plugin_name].grants.contracts;
            let granted = granted.contains(&format!("{}/{}", declared.name, declared.version));
            if !granted || !declared.direction.is_decoded() {
                continue;
            }
            let forward = policies
                .routes
                .forward
                .iter()
                .find(|route| route.contract == declared.name && route.version == declared.version);
            match ContractChecker::new(declared, &limits) {
                Ok(checker) => contracts.entry(declared.name.clone()).or_default().push(Arc::new(Contract {
                    name: declared.name.clone(),
                    version: declared.version.clone(),
                    declared: declared.clone(),
                    checker,
                    plugin: plugin.clone(),
                    forward: forward.and_then(|route| route.upstream.parse().ok()),
                })),
                Err(problem) => mistakes.push(unusable(plugin_name, declared, &problem)),
            }
        }
    }
    contracts
}

/// Where deliveries go, by the names that the journal knows.
fn destinations(policies: &Policies) -> HashMap<String, DestinationPolicy> {
    let mut destinations = HashMap::new();
    for (name, partner) in &policies.partners {
        if let Some(delivery) = partner.delivery.clone() {
            let egress = policies.plugins.get(&delivery.plugin).and_then(|plugin| plugin.egress.clone());
            destinations.insert(name.clone(), DestinationPolicy { delivery, speaker: Speaker::Plugin(egress) });
        }
        if let Some(webhook) = &partner.webhook {
            let policy = DestinationPolicy { delivery: webhook.delivery(), speaker: Speaker::Webhook };
            destinations.insert(Webhook::destination(name), policy);
        }
    }
    destinations
}

/// What checks the messages that plugins are granted to render.
fn rendered(
    policies: &Policies,
    plugins: &BTreeMap<String, Plugin>,
    mistakes: &mut Vec<Mistake>,
) -> HashMap<String, ContractChecker> {
    let caps = &policies.gateway.caps;
    let limits = JsonLimits { depth_max: caps.json_depth_max, findings_max: caps.findings_max };
    let mut rendered = HashMap::new();
    for (plugin_name, plugin) in plugins {
        for declared in plugin.manifest().contracts.iter().filter(|declared| declared.direction.is_encoded()) {
            let name = format!("{}/{}", declared.name, declared.version);
            if !policies.plugins[plugin_name].grants.contracts.contains(&name) {
                continue;
            }
            match ContractChecker::new(declared, &limits) {
                Ok(checker) => drop(rendered.insert(name, checker)),
                Err(problem) => mistakes.push(unusable(plugin_name, declared, &problem)),
            }
        }
    }
    rendered
}

fn unusable(plugin: &str, contract: &manifest::Contract, problem: &str) -> Mistake {
    let problem = format!("the schema of contract `{}/{}` is unusable: {problem}", contract.name, contract.version);
    Mistake::whole_file(format!("plugins/{plugin}.toml"), problem, None)
}

/// The partners; one whose policy did not change keeps what is counted of it, so that a reload gives nobody a new burst.
fn partners(policies: &Policies, last: Option<&Configuration>) -> HashMap<Arc<str>, Arc<Partner>> {
    let partner = |(name, policy): (&String, &policy::PartnerPolicy)| {
        let before = last.and_then(|last| last.partners.get(name.as_str()));
        let partner = match before {
            Some(before) if before.policy == *policy => Arc::clone(before),
            _ => Arc::new(Partner::new(name, policy.clone())),
        };
        (Arc::clone(&partner.name), partner)
    };
    policies.partners.iter().map(partner).collect()
}

/// The state of every file that a configuration under these policies depends on. Taken before the files are read, so
/// that a change in between is seen at the next look.
pub(crate) fn fingerprint(folder: &Folder, policies: &Policies) -> Fingerprint {
    let paths = &policies.gateway.paths;
    let mut others = vec![folder.resolve(&paths.secrets)];
    others.extend(policies.gateway.tables.values().map(|table| folder.resolve(&table.file)));
    others.extend(policies.plugins.iter().map(|(name, policy)| folder.component(policies, name, policy)));
    folder.fingerprint(&others)
}
