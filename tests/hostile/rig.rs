//! An engine with small budgets, and the messages that plugins are given.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use portgate_core::document::{Decoded, Rejection};
use portgate_core::message::Message;
use portgate_core::policy::{Approval, Ceiling, Grants, Limits, PluginPolicy, Quarantine};
use portgate_runtime::{Admission, Call, CallError, Compiler, Engine, EngineConfig, Plugin, Refusal, Tables, digest};
use portgate_tests::plugins;
use tempfile::TempDir;

/// What a call of these tests may use. Small, so that every limit is reached in no time.
pub(crate) fn limits() -> Limits {
    Limits {
        memory_bytes_max: 16 << 20,
        table_elements_max: 5_000,
        cpu_ms_max: 50,
        wall_ms_max: 5_000,
        output_bytes_max: 1 << 20,
        documents_max: 100,
        log_lines_max: 20,
        log_bytes_max: 16 << 10,
        lookups_max: 50,
        calls_in_flight_max: 8,
    }
}

/// A policy with those budgets that grants what the hostile plugin declares.
pub(crate) fn policy() -> PluginPolicy {
    let grants = Grants {
        tables: ["codes".to_owned()].into(),
        codes: ["carrier".to_owned()].into(),
        emit: ["document-ref".to_owned()].into(),
        read: ["document-ref".to_owned()].into(),
        ..Grants::default()
    };
    PluginPolicy {
        file: None,
        sha256: None,
        signed_by: [].into(),
        rollback: None,
        limits: limits(),
        grants,
        egress: None,
        quarantine: Quarantine::default(),
    }
}

/// A ceiling that allows everything: what these tests are about comes after it.
pub(crate) fn ceiling() -> Ceiling {
    let any = || ["*".to_owned()].into();
    let grants =
        Grants { contracts: any(), tables: any(), codes: any(), emit: any(), read: any(), ..Grants::default() };
    let limits = Limits {
        memory_bytes_max: u64::MAX,
        table_elements_max: u64::MAX,
        cpu_ms_max: u64::MAX,
        wall_ms_max: u64::MAX,
        output_bytes_max: u64::MAX,
        documents_max: u64::MAX,
        log_lines_max: u64::MAX,
        log_bytes_max: u64::MAX,
        lookups_max: u64::MAX,
        calls_in_flight_max: u32::MAX,
    };
    Ceiling { rebuilds: false, approval: Approval::default(), limits, grants, egress: None }
}

fn folder() -> Arc<TempDir> {
    Arc::new(tempfile::tempdir().expect("a temporary folder"))
}

/// An engine of its own, with a cache of its own.
pub(crate) struct Rig {
    engine: Engine,
    cache: Arc<TempDir>,
    tables: Arc<Tables>,
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self::with_calls(8)
    }

    /// An engine that has room for this many calls at the same time.
    pub(crate) fn with_calls(calls_in_flight_max: u32) -> Self {
        Self::over(folder(), calls_in_flight_max, Compiler::InProcess)
    }

    /// An engine that has room for one call, of this much memory.
    pub(crate) fn with_one_slot(memory_bytes_max: u64) -> Self {
        Self::of(folder(), 1, memory_bytes_max, Compiler::InProcess)
    }

    /// An engine with another content of a table.
    pub(crate) fn with_table(name: &str, content: &[u8]) -> Self {
        let mut rig = Self::new();
        Arc::get_mut(&mut rig.tables).expect("nobody else has them yet").add(name, content).expect("a table");
        rig
    }

    /// A second engine over the same cache, as after a restart.
    pub(crate) fn restarted(&self) -> Self {
        Self::over(Arc::clone(&self.cache), 8, Compiler::InProcess)
    }

    /// An engine that compiles there.
    pub(crate) fn compiling(compiler: Compiler) -> Self {
        Self::over(folder(), 8, compiler)
    }

    fn over(cache: Arc<TempDir>, calls_in_flight_max: u32, compiler: Compiler) -> Self {
        Self::of(cache, calls_in_flight_max, limits().memory_bytes_max, compiler)
    }

    fn of(cache: Arc<TempDir>, calls_in_flight_max: u32, memory_bytes_max: u64, compiler: Compiler) -> Self {
        let config = EngineConfig {
            cache: cache.path().to_owned(),
            calls_in_flight_max,
            memory_bytes_max,
            table_elements_max: limits().table_elements_max,
            compiler,
        };
        let engine = Engine::new(config).expect("an engine");
        let mut tables = Tables::default();
        tables.add("codes", b"key,value\nA,alpha\n").expect("a table");
        tables.add("secrets", b"key,value\nA,secret\n").expect("a table");
        Rig { engine, cache, tables: Arc::new(tables) }
    }

    /// The compiled artefacts in the cache, with the time of each.
    pub(crate) fn artefacts(&self) -> Vec<(PathBuf, SystemTime)> {
        let files = std::fs::read_dir(self.cache.path()).expect("the cache").map(|file| file.expect("a file").path());
        let artefacts = files.filter(|path| path.extension().is_some_and(|extension| extension == "cwasm"));
        artefacts
            .map(|path| (path.clone(), path.metadata().and_then(|file| file.modified()).expect("a time")))
            .collect()
    }

    /// Admits a component under a policy that pins it, so that a test is about everything else. A policy that pins a
    /// digest already keeps it.
    pub(crate) fn admit(&self, name: &str, component: &[u8], policy: &PluginPolicy) -> Result<Plugin, Refusal> {
        let mut pinned = policy.clone();
        pinned.sha256.get_or_insert_with(|| digest(component));
        self.engine.admit(component, &Admission::pinned(name, &pinned, &ceiling(), &self.tables))
    }

    /// What decides on a component besides itself, for a policy as it is.
    pub(crate) fn admission<'a>(&'a self, policy: &'a PluginPolicy, ceiling: &'a Ceiling) -> Admission<'a> {
        Admission::pinned("crafted", policy, ceiling, &self.tables)
    }

    /// Admits a component by everything that decides on it.
    pub(crate) fn decide(&self, component: &[u8], admission: &Admission<'_>) -> Result<Plugin, Refusal> {
        self.engine.admit(component, admission)
    }

    /// Every file in the cache but its key.
    pub(crate) fn kept(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.cache.path()).expect("the cache").map(|file| file.expect("a file").path());
        files.filter(|path| path.file_name().is_some_and(|name| name != "key")).collect()
    }

    /// The hostile plugin under a policy that `change` has been at.
    pub(crate) fn hostile(&self, change: impl FnOnce(&mut PluginPolicy)) -> Plugin {
        let mut policy = policy();
        change(&mut policy);
        // It wants to read whatever a test lets it read.
        let component = plugins::with_manifest(&plugins::built("hostile"), |manifest| {
            manifest.capabilities.read = policy.grants.read.clone();
        });
        self.admit("hostile", &component, &policy).expect("the hostile plugin itself is admitted")
    }

    /// A plugin beside the hostile one that only does what it should.
    pub(crate) fn good(&self) -> Plugin {
        let component =
            plugins::with_manifest(&plugins::built("hostile"), |manifest| manifest.name = "good".to_owned());
        self.admit("good", &component, &policy()).expect("a good plugin is admitted")
    }
}

/// A message of 2.6 kB that asks the hostile plugin for this behaviour.
pub(crate) fn message(behaviour: &str) -> Message {
    Message {
        partner: "acme".to_owned(),
        contract: behaviour.to_owned(),
        version: "1".to_owned(),
        content_type: "application/octet-stream".to_owned(),
        headers: vec![("x-request".to_owned(), "1".to_owned())],
        received_at: "2026-03-01T08:15:00Z".to_owned(),
        digest: "5f".repeat(32),
        body: vec![b'x'; 2_600],
        agreement: None,
        control_numbers: None,
    }
}

pub(crate) type Decode = Call<Result<Decoded, Rejection>>;

/// The error that a call ended with.
#[track_caller]
pub(crate) fn error(call: &Decode) -> CallError {
    match &call.outcome {
        Err(error) => error.clone(),
        Ok(value) => panic!("the call was to fail, but returned {value:?}"),
    }
}

/// The remark of a call that succeeded.
#[track_caller]
pub(crate) fn remark(call: &Decode) -> &str {
    match &call.outcome {
        Ok(Ok(decoded)) => &decoded.findings.first().expect("a remark").detail,
        other => panic!("the call was to succeed, but {other:?}"),
    }
}

/// Calls a good plugin and holds what it says.
#[track_caller]
pub(crate) fn is_good(call: &Decode) {
    match &call.outcome {
        Ok(Ok(decoded)) => {
            assert_eq!(decoded.documents.len(), 1);
            assert_eq!(decoded.documents[0].kind, "document-ref");
        }
        other => panic!("a good plugin was disturbed: {other:?}"),
    }
    assert!(call.usage.wall < Duration::from_secs(5), "a good plugin was held up: {:?}", call.usage);
}
