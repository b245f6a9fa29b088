//! The connectors in their sandboxes, as a gateway with the project's policies has them.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portgate_cases::{Case, Given};
use portgate_core::policy::{PluginPolicy, Policies};
use portgate_core::projection::Projection;
use portgate_runtime::{Admission, Compiler, Engine, EngineConfig, Plugin, Tables, digest};
use portgate_server::Folder;
use tokio::runtime::Runtime;

use crate::given;

/// One engine for all connectors.
pub(crate) struct Sandboxes {
    pub(crate) threads: Runtime,
    engine: Engine,
    policies: Policies,
    files: PathBuf,
    /// What was admitted: a connector is admitted once for all cases with the same tables.
    admitted: RefCell<Vec<(&'static str, Arc<Tables>, Plugin)>>,
    _cache: tempfile::TempDir,
}

impl Sandboxes {
    /// With the policies of this checkout, and the plugins that were built in it.
    pub(crate) fn open(repository: &Path) -> Self {
        let policies = Folder::new(repository.join("policies")).policies().expect("the project's policies");
        let cache = tempfile::tempdir().expect("a temporary folder");
        let engine = Engine::new(EngineConfig {
            cache: cache.path().join("cache"),
            calls_in_flight_max: policies.gateway.caps.requests_in_flight_max,
            memory_bytes_max: policies.ceiling.limits.memory_bytes_max,
            table_elements_max: policies.ceiling.limits.table_elements_max,
            compiler: Compiler::InProcess,
        });
        Sandboxes {
            threads: tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"),
            engine: engine.expect("the engine starts"),
            policies,
            files: repository.join("target/plugins"),
            admitted: RefCell::default(),
            _cache: cache,
        }
    }

    /// The connectors that have a policy, in the order of their names; rule packs have no contracts.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let connectors = self.policies.plugins.iter().filter(|(_, policy)| !policy.grants.contracts.is_empty());
        connectors.map(|(name, _)| name.as_str())
    }

    /// Takes out of the case's documents what the connector's policy withholds from it, so that both sides see the same.
    pub(crate) fn withhold(&self, name: &str, case: &mut Case) {
        let projection = Projection::new(&self.policies.plugins[name].grants);
        let Given::Documents(documents) = &mut case.given else { return };
        for document in documents {
            let seen = projection.of(given::document(document)).expect("a document that it may read");
            document.body = serde_json::from_slice(&seen.into_document().body).expect("JSON");
        }
    }

    /// The connector under its policy, with these tables in the place of the policy's.
    pub(crate) fn admit(&self, name: &'static str, mut tables: Tables) -> Plugin {
        let policy = &self.policies.plugins[name];
        for table in policy.grants.tables.iter().filter(|table| !tables.contains(table)).collect::<Vec<_>>() {
            tables.add(table, b"key,value\n").expect("an empty table");
        }
        let mut admitted = self.admitted.borrow_mut();
        if let Some((.., plugin)) = admitted.iter().find(|(other, others, _)| *other == name && **others == tables) {
            return plugin.clone();
        }
        let component = std::fs::read(self.files.join(format!("{name}.wasm"))).expect("run `make plugins`");
        let policy = PluginPolicy { sha256: Some(digest(&component)), signed_by: [].into(), ..policy.clone() };
        let tables = Arc::new(tables);
        let admission = Admission::pinned(name, &policy, &self.policies.ceiling, &tables);
        let plugin = self.engine.admit(&component, &admission).expect("the connector is admitted");
        admitted.push((name, tables, plugin.clone()));
        plugin
    }
}
