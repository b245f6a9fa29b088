//! Builds a [`Configuration`] from the policy folder, taking over from the last one what has not changed.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use portgate_core::admission::Admitted;
use portgate_core::contract::{ContractChecker, JsonLimits};
use portgate_core::manifest;
use portgate_core::policy::{self, Mistake, Policies, Webhook};
use portgate_delivery::connectors::{DestinationPolicy, Responder};
use portgate_files::Kind;
use portgate_http::auth::Authenticator;
use portgate_runtime::{Plugin, Signers, Tables};

use super::admission::{self, Gate, RefusedPlugin};
use super::folder::{Digests, Folder, digest};
use super::identity::identity;
use super::shared_resources::SharedResources;
use super::{Configuration, Contract, Partner};
use crate::access::Operators;
use crate::costs::LookedUp;
use crate::throttle::Rates;

/// A configuration, and what it was made from.
pub(crate) struct Loaded {
    pub(crate) configuration: Configuration,
    /// Plugins that could not be taken up and go on in their last good form. Empty on the first load.
    pub(crate) kept: Vec<Mistake>,
}

/// Reads the folder and builds a configuration, or says everything that is wrong with it. `before` are the plugins that
/// were ever admitted, as the journal knows them; those that are refused now are added to `refused` in either case.
pub(crate) fn load(
    folder: &Folder,
    shared: &SharedResources,
    last: Option<&Configuration>,
    before: &BTreeMap<String, Admitted>,
    refused: &mut Vec<RefusedPlugin>,
) -> Result<Loaded, Vec<Mistake>> {
    let (policies, files) = folder.read()?;
    build(folder, policies, files, shared, last, before, refused)
}

/// Builds a configuration on these policies, which were read from files with these digests.
pub(crate) fn build(
    folder: &Folder,
    policies: Policies,
    mut files: Digests,
    shared: &SharedResources,
    last: Option<&Configuration>,
    before: &BTreeMap<String, Admitted>,
    refused: &mut Vec<RefusedPlugin>,
) -> Result<Loaded, Vec<Mistake>> {
    files.extend(admission::key_files(folder, &policies).filter_map(|(shown, path)| {
        // One that cannot be read is a mistake of its signer.
        Some((shown, digest(&portgate_files::read(&path, Kind::Key).ok()?)))
    }));
    let mut mistakes = Vec::new();
    let tables = tables(folder, &policies, last.map(|last| &last.tables), &mut files, &mut mistakes);
    let signers = admission::signers(folder, &policies).unwrap_or_else(|wrong| {
        mistakes.extend(wrong);
        Signers::new()
    });
    let gate = Gate {
        folder,
        policies: &policies,
        shared,
        tables: &tables,
        signers: &signers,
        before,
        last,
        now: Timestamp::now(),
    };
    // Without the signers nothing could be said of what they signed.
    let (plugins, kept) = match signers.len() == policies.signers.len() {
        true => plugins(&gate, refused, &mut mistakes),
        false => Default::default(),
    };
    let manifests = plugins.iter().map(|(name, plugin)| (name.clone(), plugin.manifest().clone())).collect();
    mistakes.extend(policy::check_manifests(&policies, &manifests));
    let contracts = contracts(&policies, &plugins, &mut mistakes);
    let rendered = rendered(&policies, &plugins, &mut mistakes);
    let secrets = folder.secrets(&policies.gateway.paths);
    let authenticator =
        match Authenticator::new(&policies.partners, &secrets, &shared.key_sets) {
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
    let looked_up = LookedUp {
        changes: changes(folder, &policies, &tables),
        tables: Arc::clone(&tables),
        documents: Arc::clone(&shared.documents),
    };
    let shipments = portgate_workflow::Plan::of(&policies, Arc::new(looked_up));
    let configuration = Configuration {
        partners: partners(&policies, &shared.rates, last),
        destinations: destinations(&policies),
        contracts,
        rendered,
        builds: builds(&policies, &plugins),
        plugins,
        signers,
        tables,
        authenticator,
        operators,
        shipments,
        documents: Arc::clone(&shared.documents),
        files,
        policies,
    };
    for sentence in configuration.crowded_contracts().into_iter().chain(configuration.policies.uncalled()) {
        tracing::warn!("{sentence}");
    }
    Ok(Loaded { configuration, kept })
}

/// The tables of the policies. What the last ones have of the same file is theirs; where nothing is another, so are all.
fn tables(
    folder: &Folder,
    policies: &Policies,
    last: Option<&Arc<Tables>>,
    files: &mut Digests,
    mistakes: &mut Vec<Mistake>,
) -> Arc<Tables> {
    let last = last.cloned().unwrap_or_default();
    let mut tables = Tables::default();
    for (name, table) in &policies.gateway.tables {
        let path = folder.resolve(&table.file);
        let read = portgate_files::read(&path, Kind::Table).map_err(|error| format!("cannot be read: {error}"));
        files.extend(read.iter().map(|file| (table.file.clone(), digest(file))));
        let added = read.and_then(|file| tables.add_unless_read(name, &file, &last).map_err(|error| error.to_string()));
        if let Err(problem) = added {
            mistakes.push(Mistake::whole_file(table.file.clone(), problem, None));
        }
    }
    if *last == tables { last } else { Arc::new(tables) }
}

/// What the change logs of tables say of their files, as JSON. A table that is written by hand has none.
fn changes(folder: &Folder, policies: &Policies, tables: &Tables) -> BTreeMap<String, String> {
    let change = |(name, table): (&String, &policy::Table)| {
        let entries = portgate_tables::log_at(&folder.resolve(&table.file));
        let entries = entries
            .map_err(|error| tracing::warn!(table = name, %error, "the change log of a table cannot be read"))
            .ok()?;
        let last = entries.iter().rev().find(|entry| entry.after == tables.file(name))?;
        Some((name.clone(), serde_json::to_string(last).ok()?))
    };
    policies.gateway.tables.iter().filter_map(change).collect()
}

/// Admits every plugin that has a policy. One that fails is kept in its last good form where there is one.
fn plugins(
    gate: &Gate<'_>,
    refused: &mut Vec<RefusedPlugin>,
    mistakes: &mut Vec<Mistake>,
) -> (BTreeMap<String, Plugin>, Vec<Mistake>) {
    let (mut plugins, mut kept) = (BTreeMap::new(), Vec::new());
    for (name, policy) in &gate.policies.plugins {
        let before = gate.last.and_then(|last| last.plugins.get(name));
        match gate.admit(name, policy) {
            Ok(plugin) => drop(plugins.insert(name.clone(), plugin)),
            Err(refusal) => {
                let mistake = Mistake::whole_file(format!("plugins/{name}.toml"), &*refusal.problem, None);
                refused.push(refusal);
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
                    test_forward: forward.and_then(|route| route.test_upstream.as_ref()?.parse().ok()),
                })),
                Err(problem) => mistakes.push(unusable(plugin_name, declared, &problem)),
            }
        }
    }
    contracts
}

fn builds(policies: &Policies, plugins: &BTreeMap<String, Plugin>) -> HashMap<String, [u8; 32]> {
    let build = |(name, plugin): (&String, &Plugin)| {
        let policy = policies.plugins.get(name)?;
        Some((name.clone(), identity(plugin, policy)))
    };
    plugins.iter().filter_map(build).collect()
}

/// Where deliveries go, by the names that the journal knows.
fn destinations(policies: &Policies) -> HashMap<String, DestinationPolicy> {
    let mut destinations = HashMap::new();
    for (name, partner) in &policies.partners {
        if let Some(delivery) = partner.delivery.clone() {
            let egress = policies.plugins.get(&delivery.plugin).and_then(|plugin| plugin.egress.clone());
            destinations.insert(name.clone(), DestinationPolicy { delivery, responder: Responder::Plugin(egress) });
        }
        if let Some(webhook) = &partner.webhook {
            let policy = DestinationPolicy { delivery: webhook.delivery(), responder: Responder::Webhook };
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
fn partners(policies: &Policies, rates: &Rates, last: Option<&Configuration>) -> HashMap<Arc<str>, Arc<Partner>> {
    let partner = |(name, policy): (&String, &policy::PartnerPolicy)| {
        let before = last.and_then(|last| last.partners.get(name.as_str()));
        let partner = match before {
            Some(before) if before.policy == *policy => Arc::clone(before),
            _ => Arc::new(Partner::new(name, policy.clone(), rates)),
        };
        (Arc::clone(&partner.name), partner)
    };
    policies.partners.iter().map(partner).collect()
}

/// Every file or folder that a configuration under these policies depends on, the policies themselves left out.
pub(crate) fn depended_on(folder: &Folder, policies: &Policies) -> Vec<PathBuf> {
    let paths = &policies.gateway.paths;
    let mut others = vec![folder.resolve(&paths.secrets)];
    others.extend(policies.gateway.tables.values().map(|table| folder.resolve(&table.file)));
    others.extend(admission::component_paths(folder, policies));
    others.extend(admission::key_files(folder, policies).map(|(_, path)| path));
    others
}

#[cfg(test)]
mod tests {
    use portgate_core::policy::Table;

    use super::*;

    const LISTS: &str = concat!(
        "{\"lists\": [{\"id\": \"w\", \"name\": \"W\", \"version\": \"1\", \"date\": \"2026-03-01\"}]}\n",
        "{\"list\": \"w\", \"id\": \"7\", \"names\": [\"Northern Harrier\"]}\n",
    );

    #[test]
    fn a_table_is_read_again_only_when_its_file_is_another() {
        let files = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| files.path().join(name).display().to_string();
        let folder = Folder::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies"));
        let mut policies = folder.policies().expect("the project's policies");
        let named = ["denied", "rates"].map(|name| (name.to_owned(), Table { file: path(name) }));
        policies.gateway.tables = named.into();
        let write = |name: &str, text: &str| std::fs::write(path(name), text).expect("a file");
        let load = |last: Option<&Arc<Tables>>| {
            let mut mistakes = Vec::new();
            let tables = tables(&folder, &policies, last, &mut Digests::new(), &mut mistakes);
            assert!(mistakes.is_empty(), "{mistakes:?}");
            tables
        };
        let is_kept = |one: &Tables, other: &Tables| {
            std::ptr::eq(one.lists("denied").expect("lists"), other.lists("denied").expect("lists"))
        };
        let rate = |tables: &Tables| {
            let on = "2026-03-01".parse().expect("a day");
            tables.lookup("rates", "EUR", on).map(str::to_owned)
        };

        write("denied", LISTS);
        write("rates", "key,value\nEUR,0.86\n");
        let first = load(None);
        assert!(Arc::ptr_eq(&load(Some(&first)), &first), "nothing is another");

        write("rates", "key,value\nEUR,0.87\n");
        let second = load(Some(&first));
        assert!(is_kept(&first, &second), "the lists are those that were read before");
        assert_eq!((rate(&first).as_deref(), rate(&second).as_deref()), (Some("0.86"), Some("0.87")));

        write("denied", &LISTS.replace('7', "8"));
        let third = load(Some(&second));
        assert!(!is_kept(&second, &third));
        assert_eq!(third.lists("denied").expect("lists").candidates("Harrier", "2026-03-01", 1)[0].entry.id, "8");
    }
}
