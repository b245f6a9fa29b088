//! The engine: its settings, its clock, and the way of a component into it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use portgate_core::capability;
use portgate_core::policy::{Ceiling, PluginPolicy};
use wasmtime::component::{HasSelf, Linker};
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Strategy};

use crate::bindings::{connector, rules};
use crate::cache::Cache;
use crate::host::CallState;
use crate::inspection::inspect_component;
use crate::plugin::Plugin;
use crate::refusal::Refusal;
use crate::tables::Tables;

/// The clock of processor time: one tick of the engine's epoch.
pub(crate) const TICK: Duration = Duration::from_millis(1);

/// No component that a person reviews is larger than this; a Python interpreter is about 40 MB.
const COMPONENT_BYTES_MAX: u64 = 64 << 20;

/// What the engine needs to know of the process.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// The folder of compiled components; made if it is not there.
    pub cache: PathBuf,
    /// Calls at the same time, over all plugins: the size of the pool.
    pub calls_in_flight_max: u32,
    /// The largest memory that any policy allows, in bytes.
    pub memory_bytes_max: u64,
    /// The most table elements that any policy allows.
    pub table_elements_max: u64,
}

/// Why the engine did not start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The cache's folder cannot be used.
    #[error("the cache folder {} cannot be used: {source}", folder.display())]
    Cache {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// This machine cannot run the engine with these settings.
    #[error("the WebAssembly engine cannot start: {0}")]
    Engine(String),
}

/// An engine for plugins. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    wasm: wasmtime::Engine,
    connectors: Linker<CallState>,
    rules: Linker<CallState>,
    cache: Cache,
}

impl Engine {
    /// Starts an engine, its pool and its clock.
    ///
    /// # Errors
    ///
    /// [`EngineError`].
    pub fn new(config: EngineConfig) -> Result<Engine, EngineError> {
        let cache = Cache::open(&config.cache)
            .map_err(|source| EngineError::Cache { folder: config.cache.clone(), source })?;
        let broken = |error: wasmtime::Error| EngineError::Engine(format!("{error:#}"));
        let wasm = wasmtime::Engine::new(&settings(&config)).map_err(broken)?;
        let (mut connectors, mut rules) = (Linker::new(&wasm), Linker::new(&wasm));
        connector::Connector::add_to_linker::<_, HasSelf<_>>(&mut connectors, |state| state).map_err(broken)?;
        rules::Rules::add_to_linker::<_, HasSelf<_>>(&mut rules, |state| state).map_err(broken)?;
        start_clock(&wasm).map_err(|error| EngineError::Engine(error.to_string()))?;
        Ok(Engine { shared: Arc::new(Shared { wasm, connectors, rules, cache }) })
    }

    /// Looks a component over, and compiles it if its policy allows everything that it wants and uses.
    ///
    /// # Errors
    ///
    /// The first [`Refusal`]; of capabilities, all.
    pub fn admit(
        &self,
        name: &str,
        component: &[u8],
        policy: &PluginPolicy,
        ceiling: &Ceiling,
        tables: &Arc<Tables>,
    ) -> Result<Plugin, Refusal> {
        let bytes = component.len() as u64;
        if bytes > COMPONENT_BYTES_MAX {
            return Err(Refusal::TooLarge { bytes, bytes_max: COMPONENT_BYTES_MAX });
        }
        let found = crate::digest(component);
        if let Some(pinned) = policy.sha256.as_ref().filter(|pinned| **pinned != found) {
            return Err(Refusal::OtherDigest { found, pinned: pinned.clone() });
        }
        let inspection = inspect_component(component)?;
        if inspection.manifest.name != name {
            return Err(Refusal::OtherPlugin { found: inspection.manifest.name, expected: name.to_owned() });
        }
        let excess = capability::compare(&inspection.manifest, &inspection.imports, policy, ceiling);
        if !excess.is_empty() {
            return Err(Refusal::Excess(excess));
        }
        if let Some(absent) = policy.grants.tables.iter().find(|table| !tables.contains(table)) {
            return Err(Refusal::NoSuchTable(absent.clone()));
        }
        let Shared { wasm, connectors, rules, cache } = &*self.shared;
        let compiled = cache.artefact(wasm, &inspection.digest, || compile(wasm, component))?;
        let unfit = |error: wasmtime::Error| Refusal::Uncompilable(format!("{error:#}"));
        Plugin::new(inspection, &compiled, connectors, rules, policy, tables).map_err(unfit)
    }
}

/// Turns a component into native code.
fn compile(wasm: &wasmtime::Engine, component: &[u8]) -> Result<Vec<u8>, Refusal> {
    wasm.precompile_component(component).map_err(|error| Refusal::Uncompilable(format!("{error:#}")))
}

/// The engine's settings for code that nobody trusts. SECURITY: each line is deliberate; a test holds the refusals.
fn settings(config: &EngineConfig) -> Config {
    let mut settings = Config::new();
    settings.strategy(Strategy::Cranelift).cranelift_opt_level(OptLevel::Speed);
    // A call is a pure function of its inputs: the bits of a NaN would be the one thing that is not.
    settings.cranelift_nan_canonicalization(true);
    settings.epoch_interruption(true);
    settings.max_wasm_stack(512 << 10);
    settings.wasm_backtrace(false);
    settings.wasm_component_model(true).concurrency_support(false);
    // Proposals that no plugin needs are attack surface.
    settings
        .gc_support(false)
        .wasm_gc(false)
        .wasm_function_references(false)
        .wasm_exceptions(false)
        .wasm_threads(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_tail_call(false)
        .wasm_relaxed_simd(false);
    settings.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(config)));
    settings
}

/// A slot for every call that can be in flight, each kept warm: what a call touched is set back without unmapping it.
fn pool(config: &EngineConfig) -> PoolingAllocationConfig {
    const CORE_INSTANCES: u32 = 8;
    const TABLES: u32 = 4;
    let calls = config.calls_in_flight_max.max(1);
    let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(calls)
        .total_core_instances(calls.saturating_mul(CORE_INSTANCES))
        .total_memories(calls)
        .total_tables(calls.saturating_mul(TABLES))
        .total_stacks(calls)
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_memories_per_component(1)
        .max_tables_per_component(TABLES)
        .max_memory_size(size(config.memory_bytes_max))
        .table_elements(size(config.table_elements_max))
        .linear_memory_keep_resident(2 << 20)
        .table_keep_resident(64 << 10)
        .pagemap_scan(Enabled::Auto);
    pool
}

/// Ticks until the engine is gone.
fn start_clock(wasm: &wasmtime::Engine) -> std::io::Result<()> {
    let engine = wasm.weak();
    let tick = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    };
    std::thread::Builder::new().name("portgate-epoch".to_owned()).spawn(tick).map(drop)
}
