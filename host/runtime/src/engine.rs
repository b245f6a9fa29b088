//! The engine: its settings, its clock, and the way of a component into it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use portgate_core::capability;
use portgate_core::manifest::World;
use portgate_core::projection::Projection;
use tokio::sync::Semaphore;
use wasmtime::component::{HasSelf, Linker};

use crate::admission::Admission;
use crate::bindings::{composer, connector, rules};
use crate::cache::Cache;
use crate::compiler::Compiler;
use crate::connector::Connector;
use crate::host::{Bounds, CallState};
use crate::plugin::{Instantiable, Plugin};
use crate::processor;
use crate::refusal::Refusal;
use crate::sandbox::Sandbox;
use crate::settings::TICK;

mod pool;

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
    /// Where components are compiled.
    pub compiler: Compiler,
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
    composers: Linker<CallState>,
    cache: Cache,
    compiler: Compiler,
    /// The places in the pool, so that a call waits for one instead of failing for want of it.
    pool: Arc<Semaphore>,
}

impl Engine {
    /// Starts an engine, its pool and its clock.
    ///
    /// # Errors
    ///
    /// [`EngineError`].
    pub fn new(config: EngineConfig) -> Result<Engine, EngineError> {
        let cache =
            Cache::open(&config.cache).map_err(|source| EngineError::Cache { folder: config.cache.clone(), source })?;
        let broken = |error: wasmtime::Error| EngineError::Engine(format!("{error:#}"));
        processor::check_clock()
            .map_err(|error| EngineError::Engine(format!("no clock counts the processor time of a thread: {error}")))?;
        let wasm = wasmtime::Engine::new(&pool::settings(&config)).map_err(broken)?;
        let (mut connectors, mut rules, mut composers) = (Linker::new(&wasm), Linker::new(&wasm), Linker::new(&wasm));
        connector::Connector::add_to_linker::<_, HasSelf<_>>(&mut connectors, |state| state).map_err(broken)?;
        rules::Rules::add_to_linker::<_, HasSelf<_>>(&mut rules, |state| state).map_err(broken)?;
        composer::Composer::add_to_linker::<_, HasSelf<_>>(&mut composers, |state| state).map_err(broken)?;
        start_clock(&wasm).map_err(|error| EngineError::Engine(error.to_string()))?;
        let pool = Arc::new(Semaphore::new(config.calls_in_flight_max.max(1) as usize));
        let compiler = config.compiler;
        Ok(Engine { shared: Arc::new(Shared { wasm, connectors, rules, composers, cache, compiler, pool }) })
    }

    /// Looks a component over, and compiles it if it is vouched for and its policy allows everything that it wants and
    /// uses.
    ///
    /// # Errors
    ///
    /// The first [`Refusal`]; of capabilities, all.
    pub fn admit(&self, component: &[u8], admission: &Admission<'_>) -> Result<Plugin, Refusal> {
        let (inspection, grounds) = admission.look_over(component)?;
        let Admission { policy, tables, .. } = *admission;
        let Shared { wasm, connectors, rules, composers, cache, compiler, pool } = &*self.shared;
        let compiled = cache.artefact(wasm, &inspection.digest, |folder| compiler.compile(wasm, component, folder))?;
        let unfit = |error: wasmtime::Error| Refusal::Unfit(format!("{error:#}"));
        let world = match inspection.manifest.world {
            World::Connector => {
                let linked = connectors.instantiate_pre(&compiled).and_then(Connector::new);
                Instantiable::Connector(Arc::new(linked.map_err(unfit)?))
            }
            World::Rules => {
                let linked = rules.instantiate_pre(&compiled).and_then(rules::RulesPre::new);
                Instantiable::Rules(linked.map_err(unfit)?)
            }
            World::Composer => {
                let linked = composers.instantiate_pre(&compiled).and_then(composer::ComposerPre::new);
                Instantiable::Composer(linked.map_err(unfit)?)
            }
        };
        let grants = capability::effective(&inspection.manifest, &policy.grants);
        let bounds = Bounds {
            limits: policy.limits.clone(),
            projection: Projection::new(&grants),
            grants,
            tables: Arc::clone(tables),
            wall: Duration::from_millis(policy.limits.wall_ms_max),
        };
        let sandbox = Sandbox {
            engine: wasm.clone(),
            bounds: Arc::new(bounds),
            places: Semaphore::new(policy.limits.calls_in_flight_max as usize),
            pool: Arc::clone(pool),
        };
        Ok(Plugin::new(inspection, grounds, world, sandbox))
    }
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
