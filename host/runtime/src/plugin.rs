//! A plugin that was admitted, and its calls.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use portgate_core::document::{Decoded, Document, Rejection};
use portgate_core::finding::Finding;
use portgate_core::manifest::{Manifest, World};
use portgate_core::message::Message;
use portgate_core::policy::PluginPolicy;
use tokio::sync::Semaphore;
use wasmtime::component::{Component, Linker};
use wasmtime::{Error, Store, Trap, UpdateDeadline};

use crate::bindings::{connector, rules, types};
use crate::call::{Call, CallError, LogLevel, LogLine, Usage, shown};
use crate::host::{CallState, Rules};
use crate::inspection::Inspection;
use crate::tables::Tables;

/// A plugin that was admitted. Cheap to clone; every call runs in a sandbox of its own.
#[derive(Clone)]
pub struct Plugin {
    shared: Arc<Shared>,
}

struct Shared {
    inspection: Inspection,
    engine: wasmtime::Engine,
    world: Instantiable,
    rules: Arc<Rules>,
    places: Semaphore,
}

/// Linked and checked, so that a call only has to fill in a slot of the pool.
enum Instantiable {
    Connector(connector::ConnectorPre<CallState>),
    Rules(rules::RulesPre<CallState>),
}

/// What one step in the sandbox gives.
type Step<'a, T> = Pin<Box<dyn Future<Output = wasmtime::Result<T>> + Send + 'a>>;

/// How many ticks a plugin may run before it makes way for other work on its thread.
const SLICE_TICKS: u64 = 10;

impl Plugin {
    pub(crate) fn new(
        inspection: Inspection,
        component: &Component,
        connectors: &Linker<CallState>,
        rules: &Linker<CallState>,
        policy: &PluginPolicy,
        tables: &Arc<Tables>,
    ) -> wasmtime::Result<Plugin> {
        let world = match inspection.manifest.world {
            World::Connector => {
                Instantiable::Connector(connector::ConnectorPre::new(connectors.instantiate_pre(component)?)?)
            }
            World::Rules => Instantiable::Rules(rules::RulesPre::new(rules.instantiate_pre(component)?)?),
        };
        let rules = Rules {
            limits: policy.limits.clone(),
            grants: policy.grants.clone(),
            tables: Arc::clone(tables),
            wall: Duration::from_millis(policy.limits.wall_ms_max),
        };
        let places = Semaphore::new(policy.limits.calls_in_flight_max as usize);
        let engine = component.engine().clone();
        Ok(Plugin { shared: Arc::new(Shared { inspection, engine, world, rules: Arc::new(rules), places }) })
    }

    /// What the plugin's author says of it.
    pub fn manifest(&self) -> &Manifest {
        &self.shared.inspection.manifest
    }

    /// SHA-256 of its component, 64 lower-case hexadecimal digits.
    pub fn digest(&self) -> &str {
        &self.shared.inspection.digest
    }

    /// What its component is like.
    pub fn inspection(&self) -> &Inspection {
        &self.shared.inspection
    }

    /// Partner to canonical.
    pub async fn decode(&self, message: Message) -> Call<Result<Decoded, Rejection>> {
        let Instantiable::Connector(world) = &self.shared.world else { return other_world("connector") };
        let message = types::Message::from(message);
        let call = self.call(move |store| {
            Box::pin(async move { world.instantiate_async(&mut *store).await?.call_decode(store, &message).await })
        });
        call.await.map(|result, rules| match result {
            Ok(decoded) => {
                let documents = self.documents(decoded.documents, rules)?;
                Ok(Ok(Decoded { documents, findings: findings(decoded.findings) }))
            }
            Err(rejection) => Ok(Err(Rejection { findings: findings(rejection.findings) })),
        })
    }

    /// Everything that is wrong with the shipment whose context this is.
    pub async fn inspect(&self, context: Document, now: String) -> Call<Vec<Finding>> {
        let Instantiable::Rules(world) = &self.shared.world else { return other_world("rules") };
        let context = types::Document::from(context);
        let call = self.call(move |store| {
            Box::pin(async move { world.instantiate_async(&mut *store).await?.call_inspect(store, &context, &now).await })
        });
        call.await.map(|found, _| Ok(findings(found)))
    }

    /// Holds what a plugin returned against its grants.
    fn documents(&self, documents: Vec<types::Document>, rules: &Rules) -> Result<Vec<Document>, CallError> {
        if documents.len() as u64 > rules.limits.documents_max {
            return Err(CallError::DocumentsExceeded);
        }
        match documents.iter().find(|document| !rules.grants.emit.contains(&document.kind)) {
            Some(document) => Err(CallError::EmitDenied { kind: shown(&document.kind, 64) }),
            None => Ok(documents.into_iter().map(Document::from).collect()),
        }
    }

    /// One call: a place, a store, an instance, all within the clock time; then everything is thrown away.
    async fn call<T>(&self, step: impl for<'a> FnOnce(&'a mut Store<CallState>) -> Step<'a, T>) -> Raw<T> {
        let began = Instant::now();
        let rules = &self.shared.rules;
        let mut raw = Raw { result: Err(CallError::Overloaded), usage: Usage::default(), log: Vec::new(), rules: Arc::clone(rules) };
        let Ok(Ok(_place)) = tokio::time::timeout(rules.wall, self.shared.places.acquire()).await else {
            raw.usage.wall = began.elapsed();
            return raw;
        };
        let mut store = self.store();
        let left = rules.wall.saturating_sub(began.elapsed());
        let mut cpu = Duration::ZERO;
        let outcome = tokio::time::timeout(left, timed(step(&mut store), &mut cpu)).await;
        let state = store.into_data();
        raw.usage = Usage {
            cpu,
            wall: began.elapsed(),
            memory_bytes_peak: state.limiter.memory_bytes,
            output_bytes: 0,
            log_lines: state.log.len() as u64,
            lookups: state.lookups,
        };
        raw.result = match outcome {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(ended_badly(&error, &state.log)),
            Err(_) => Err(CallError::WallExceeded),
        };
        raw.log = state.log;
        raw
    }

    fn store(&self) -> Store<CallState> {
        let limits = &self.shared.rules.limits;
        let mut store = Store::new(&self.shared.engine, CallState::new(Arc::clone(&self.shared.rules)));
        store.limiter(|state| &mut state.limiter);
        // What is lifted out of the sandbox is counted before it is copied, for results and for host calls alike.
        store.set_hostcall_fuel(usize::try_from(limits.output_bytes_max).unwrap_or(usize::MAX));
        store.set_max_component_handles(16);
        let ticks = limits.cpu_ms_max;
        store.set_epoch_deadline(ticks.min(SLICE_TICKS));
        store.epoch_deadline_callback(move |mut context| {
            let state = context.data_mut();
            state.slices += 1;
            match ticks.saturating_sub(state.slices * SLICE_TICKS) {
                0 => Err(Error::new(CallError::CpuExceeded)),
                left => Ok(UpdateDeadline::Yield(left.min(SLICE_TICKS))),
            }
        });
        store
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin").field("name", &self.manifest().name).field("digest", &self.digest()).finish()
    }
}

/// A call whose result has not been held against the grants yet.
struct Raw<T> {
    result: Result<T, CallError>,
    usage: Usage,
    log: Vec<LogLine>,
    rules: Arc<Rules>,
}

impl<T> Raw<T> {
    fn map<U: Measured>(self, check: impl FnOnce(T, &Rules) -> Result<U, CallError>) -> Call<U> {
        let Raw { result, mut usage, log, rules } = self;
        let mut outcome = result.and_then(|value| check(value, &rules));
        if let Ok(value) = &outcome {
            usage.output_bytes = value.bytes();
            if usage.output_bytes > rules.limits.output_bytes_max {
                outcome = Err(CallError::OutputExceeded);
            }
        }
        Call { outcome, usage, log }
    }
}

/// How many bytes of text and documents a result holds.
trait Measured {
    fn bytes(&self) -> u64;
}

impl Measured for Vec<Finding> {
    fn bytes(&self) -> u64 {
        self.iter().map(|f| (f.code.len() + f.location.len() + f.detail.len()) as u64).sum()
    }
}

impl Measured for Result<Decoded, Rejection> {
    fn bytes(&self) -> u64 {
        match self {
            Ok(Decoded { documents, findings }) => {
                let refs = |d: &Document| d.refs.iter().map(|r| r.scheme.len() + r.value.len()).sum::<usize>();
                let document = |d: &Document| (d.kind.len() + d.key.len() + d.body.len() + refs(d)) as u64;
                documents.iter().map(document).sum::<u64>() + findings.bytes()
            }
            Err(rejection) => rejection.findings.bytes(),
        }
    }
}

fn findings(findings: Vec<types::Finding>) -> Vec<Finding> {
    findings.into_iter().map(Finding::from).collect()
}

/// A call of a function that the plugin's world does not have; admission makes sure that nobody routes one there.
fn other_world<T>(world: &str) -> Call<T> {
    let detail = format!("the plugin is not of the world `{world}`");
    Call { outcome: Err(CallError::InvalidOutput { detail }), usage: Usage::default(), log: Vec::new() }
}

/// Runs a future and adds up the time that it was on a processor.
async fn timed<T>(future: impl Future<Output = T>, spent: &mut Duration) -> T {
    let mut future = pin!(future);
    poll_fn(|context| {
        let began = Instant::now();
        let polled = future.as_mut().poll(context);
        *spent += began.elapsed();
        polled
    })
    .await
}

/// What an error of the engine means.
fn ended_badly(error: &Error, log: &[LogLine]) -> CallError {
    if let Some(breach) = error.downcast_ref::<CallError>() {
        return breach.clone();
    }
    if error.is::<wasmtime::PoolConcurrencyLimitError>() {
        return CallError::Overloaded;
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => CallError::StackOverflow,
        Some(Trap::UnreachableCodeReached) if let Some(panicked) = panicked(log) => panicked,
        Some(trap) => CallError::Trapped { kind: trap.to_string() },
        None => {
            let detail = format!("{error:#}");
            match detail.contains("fuel allocated for hostcalls") {
                true => CallError::OutputExceeded,
                false => CallError::InvalidOutput { detail: shown(&detail, 300) },
            }
        }
    }
}

/// The panic that the SDK's hook logged last, if it did.
fn panicked(log: &[LogLine]) -> Option<CallError> {
    let line = log.last().filter(|line| line.level == LogLevel::Error)?;
    let rest = line.text.strip_prefix("panicked at ")?;
    let (at, message) = rest.split_once(": ").unwrap_or((rest, ""));
    Some(CallError::Panicked { at: at.to_owned(), message: message.to_owned() })
}
