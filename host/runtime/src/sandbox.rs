//! One call in one sandbox: a place, a store, an instance and a clock, all thrown away at the end.
//!
//! Every way out of the sandbox is here: returning, running into a limit, trapping. What the plugin returned is not
//! looked at; [`crate::plugin`] holds it against the grants.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use portgate_core::codes::Codes;
use portgate_core::policy::Limits;
use portgate_core::reference::Lookups;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;
use wasmtime::{Error, PoolConcurrencyLimitError, Store, Trap, UpdateDeadline};

use crate::call::{Call, CallError, LogLevel, LogLine, Usage, shown};
use crate::host::{Bounds, CallState};
use crate::processor::Meter;
use crate::settings::TICK;

/// What one step in the sandbox gives.
pub(crate) type Step<'a, T> = Pin<Box<dyn Future<Output = wasmtime::Result<T>> + Send + 'a>>;

/// Handles to resources that a component may hold. The worlds have none.
const HANDLES_MAX: usize = 16;

/// Where one plugin's calls run.
pub(crate) struct Sandbox {
    pub(crate) engine: wasmtime::Engine,
    pub(crate) bounds: Arc<Bounds>,
    /// Places of this plugin.
    pub(crate) places: Semaphore,
    /// Places in the engine's pool, over all plugins.
    pub(crate) pool: Arc<Semaphore>,
}

impl Sandbox {
    /// Runs `step` in a store of its own, all within the time on the clock. `codes` are what it may look up of its partner's.
    pub(crate) async fn call<T>(
        &self,
        codes: Codes,
        step: impl for<'a> FnOnce(&'a mut Store<CallState>) -> Step<'a, T>,
    ) -> Call<T> {
        let began = Instant::now();
        let wall = self.bounds.wall;
        let Some(_places) = self.place_within(wall).await else {
            let usage = Usage { wall: began.elapsed(), ..Usage::default() };
            let (outcome, looked_up) = (Err(CallError::Overloaded), Lookups::default());
            return Call { outcome, usage, awaited: Vec::new(), looked_up, log: Vec::new() };
        };
        let free = self.places.available_permits() as u64;
        let meter = Arc::new(Meter::new(TICK));
        let mut store = self.store(Arc::clone(&meter), codes);
        let left = wall.saturating_sub(began.elapsed());
        let ended = timeout(left, meter.measure(step(&mut store))).await;
        // The instance goes before the place does, so that whoever comes next finds room in the pool.
        let state = store.into_data();
        let outcome = match ended {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(ended_badly(&error, &state.log)),
            Err(_) => Err(CallError::WallExceeded),
        };
        let usage = Usage {
            cpu: meter.spent(),
            wall: began.elapsed(),
            memory_bytes_peak: state.limiter.memory_bytes,
            table_elements: state.limiter.table_elements,
            output_bytes: 0,
            documents: 0,
            log_lines: state.log.len() as u64,
            log_bytes: state.log_bytes,
            lookups: state.lookups,
            lookups_by_table: state.lookups_by_table,
            calls_in_flight: u64::from(self.bounds.limits.calls_in_flight_max).saturating_sub(free),
        };
        let awaited = state.awaited.into_iter().collect();
        Call { outcome, usage, awaited, looked_up: state.looked_up, log: state.log }
    }

    /// A place; none where none gets free in time. Nearly always there is one, and then no clock is set.
    async fn place_within(&self, wall: Duration) -> Option<(SemaphorePermit<'_>, SemaphorePermit<'_>)> {
        if let Ok(place) = self.places.try_acquire()
            && let Ok(pooled) = self.pool.try_acquire()
        {
            return Some((place, pooled));
        }
        timeout(wall, self.place()).await.ok().flatten()
    }

    /// A place among this plugin's calls, then one in the pool. None only if a semaphore were closed, which none is.
    async fn place(&self) -> Option<(SemaphorePermit<'_>, SemaphorePermit<'_>)> {
        Some((self.places.acquire().await.ok()?, self.pool.acquire().await.ok()?))
    }

    fn store(&self, meter: Arc<Meter>, codes: Codes) -> Store<CallState> {
        let limits = &self.bounds.limits;
        let mut store = Store::new(&self.engine, CallState::new(Arc::clone(&self.bounds), codes));
        store.limiter(|state| &mut state.limiter);
        // What a result or the arguments of one host call may copy out of the sandbox, known before it is copied.
        store.set_hostcall_fuel(usize::try_from(limits.output_bytes_max).unwrap_or(usize::MAX));
        store.set_max_component_handles(HANDLES_MAX);
        let budget = cpu_budget(limits);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| match budget.saturating_sub(meter.running()) {
            Duration::ZERO => Err(Error::new(CallError::CpuExceeded)),
            // Tokio's own way of yielding, so that a thread that only has loops to run still sees to its connections
            // and timers between their turns.
            _ => Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now()))),
        });
        store
    }
}

fn cpu_budget(limits: &Limits) -> Duration {
    Duration::from_millis(limits.cpu_ms_max)
}

/// What an error of the engine means.
fn ended_badly(error: &Error, log: &[LogLine]) -> CallError {
    if let Some(breach) = error.downcast_ref::<CallError>() {
        return breach.clone();
    }
    if error.is::<PoolConcurrencyLimitError>() {
        return CallError::Overloaded;
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => CallError::StackOverflow,
        Some(Trap::UnreachableCodeReached) if let Some(panicked) = panicked(log) => panicked,
        Some(trap) => CallError::Trapped { kind: trap.to_string() },
        None => {
            let detail = format!("{error:#}");
            // The engine keeps the type of this error to itself; a test holds its words.
            match detail.contains("fuel allocated for hostcalls has been exhausted") {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_line_of_the_log_names_a_panic() {
        let line = |level, text: &str| LogLine { level, text: text.to_owned(), fields: Vec::new() };
        let panic = line(LogLevel::Error, "panicked at src/lib.rs:42:5: no such code");
        let expected = CallError::Panicked { at: "src/lib.rs:42:5".to_owned(), message: "no such code".to_owned() };
        assert_eq!(panicked(std::slice::from_ref(&panic)), Some(expected));
        assert_eq!(panicked(&[panic, line(LogLevel::Error, "all is well")]), None);
        assert_eq!(panicked(&[line(LogLevel::Info, "panicked at src/lib.rs:1:1: quoted")]), None);
        assert_eq!(panicked(&[]), None);
    }
}
