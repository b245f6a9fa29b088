//! A plugin in the real sandbox, for its author: the gateway's own engine, under budgets that are wide enough to try
//! things out and under grants of exactly what the manifest asks for. A gateway's policy may allow less.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portgate_core::delivery::{Outcome, Request, Response, Target};
use portgate_core::document::{Decoded, Document, Rejection};
use portgate_core::judgement::{Composition, Judgement};
use portgate_core::manifest::{Contract, Manifest};
use portgate_core::message::Message;
use portgate_core::policy::{Approval, Ceiling, Grants, Limits, PluginPolicy, Quarantine};
use portgate_runtime::{
    Admission, Call, Compiler, Engine, EngineConfig, EngineError, Plugin, Refusal, Tables, digest, inspect_component,
};

use super::file::{FileError, read};

/// Why there is no sandbox to call.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SandboxError {
    /// The file is no plugin.
    #[error(transparent)]
    File(#[from] FileError),
    /// The engine does not start.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The engine refuses the plugin.
    #[error("{}: {}", .0.display(), .1)]
    Refused(PathBuf, Box<Refusal>),
    /// The runtime for asynchronous work does not start.
    #[error("cannot start the threads that calls run on: {0}")]
    Threads(io::Error),
}

/// A plugin file, ready to be called.
pub(crate) struct Sandbox {
    engine: Engine,
    bytes: Vec<u8>,
    file: PathBuf,
    manifest: Manifest,
    threads: tokio::runtime::Runtime,
}

impl Sandbox {
    /// Opens a plugin file; compiled code is kept in `cache`.
    pub(crate) fn open(file: &Path, cache: &Path) -> Result<Self, SandboxError> {
        let bytes = read(file)?;
        let unreadable = |error| FileError::Unreadable(file.to_owned(), error);
        let manifest = inspect_component(&bytes).map_err(unreadable)?.manifest;
        let engine = Engine::new(EngineConfig {
            cache: cache.to_owned(),
            calls_in_flight_max: 1,
            memory_bytes_max: limits().memory_bytes_max,
            table_elements_max: limits().table_elements_max,
            compiler: Compiler::InProcess,
        })?;
        let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build();
        Ok(Sandbox { engine, bytes, file: file.to_owned(), manifest, threads: threads.map_err(SandboxError::Threads)? })
    }

    /// What the plugin's author says of it.
    pub(crate) fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Admits the plugin with these tables. Tables that the manifest wants and `tables` does not have are empty.
    pub(crate) fn admit(&self, mut tables: Tables) -> Result<Plugin, SandboxError> {
        let wanted = &self.manifest.capabilities;
        for table in wanted.tables.iter().filter(|table| !tables.contains(table)).collect::<Vec<_>>() {
            tables.add(table, b"key,value\n").expect("a table of a header alone is well-formed");
        }
        let contract = |contract: &Contract| format!("{}/{}", contract.name, contract.version);
        let grants = Grants {
            contracts: self.manifest.contracts.iter().map(contract).collect(),
            tables: wanted.tables.clone(),
            codes: self.manifest.codes(),
            emit: wanted.emit.clone(),
            read: wanted.read.clone(),
            ..Grants::default()
        };
        let ceiling = Ceiling {
            rebuilds: false,
            approval: Approval::default(),
            limits: limits(),
            grants: grants.clone(),
            egress: None,
        };
        // The plugin's own author tries it out, so the file counts as the one that the policy pins.
        let policy = PluginPolicy {
            file: None,
            sha256: Some(digest(&self.bytes)),
            signed_by: [].into(),
            rollback: None,
            limits: limits(),
            grants,
            egress: None,
            quarantine: Quarantine::default(),
        };
        let tables = Arc::new(tables);
        let admission = Admission::pinned(&self.manifest.name, &policy, &ceiling, &tables);
        let admitted = self.engine.admit(&self.bytes, &admission);
        admitted.map_err(|refusal| SandboxError::Refused(self.file.clone(), Box::new(refusal)))
    }

    /// Runs one `decode` in a sandbox of its own.
    pub(crate) fn decode(&self, plugin: &Plugin, message: Message) -> Call<Result<Decoded, Rejection>> {
        self.threads.block_on(plugin.decode(message))
    }

    /// The same, noting what the plugin leaves unread.
    pub(crate) fn decode_noting_unread(&self, plugin: &Plugin, message: Message) -> Call<Result<Decoded, Rejection>> {
        self.threads.block_on(plugin.decode_noting_unread(message))
    }

    /// Runs one `encode` in a sandbox of its own.
    pub(super) fn encode(
        &self,
        plugin: &Plugin,
        documents: Vec<Document>,
        target: Target,
    ) -> Call<Result<Request, Rejection>> {
        self.threads.block_on(plugin.encode(documents, target))
    }

    /// Runs one `interpret` in a sandbox of its own, noting what the plugin leaves unread.
    pub(super) fn interpret(&self, plugin: &Plugin, sent: Request, got: Response) -> Call<Result<Outcome, Rejection>> {
        self.threads.block_on(plugin.interpret_noting_unread(sent, got))
    }

    /// Runs one `compose` in a sandbox of its own.
    pub(super) fn compose(
        &self,
        plugin: &Plugin,
        context: Document,
        composition: Composition,
        now: String,
    ) -> Call<Result<Document, Vec<Judgement>>> {
        self.threads.block_on(plugin.compose(context, composition, now))
    }

    /// Runs one `inspect` in a sandbox of its own.
    pub(super) fn inspect(&self, plugin: &Plugin, context: Document, now: String) -> Call<Vec<Judgement>> {
        self.threads.block_on(plugin.inspect(context, now))
    }
}

/// As much as the ceiling of the demo allows.
fn limits() -> Limits {
    Limits {
        memory_bytes_max: 64 << 20,
        table_elements_max: 20_000,
        cpu_ms_max: 1_000,
        wall_ms_max: 2_000,
        output_bytes_max: 8 << 20,
        documents_max: 5_000,
        log_lines_max: 200,
        log_bytes_max: 64 << 10,
        lookups_max: 10_000,
        calls_in_flight_max: 1,
    }
}
