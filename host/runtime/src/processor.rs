//! Processor time of one call. A call moves between threads whenever it yields; what counts is the time that its thread
//! really had a processor, so that a busy machine does not use up a plugin's budget.
//!
//! The first turn is the only one of nearly every call, and asking the kernel for the thread's clock would be a notable
//! part of it. That turn is counted by the clock on the wall instead, and as no longer than a turn may be.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};

/// Adds up the processor time of one call.
#[derive(Debug)]
pub(crate) struct Meter {
    /// When the first turn began, and the longest that it can have taken.
    began: Instant,
    first_turn_max: Duration,
    /// Nanoseconds of all turns that have ended.
    before: AtomicU64,
    /// The thread's clock at the beginning of the turn that is going on; [`FIRST`] in the first turn.
    resumed: AtomicU64,
}

/// What [`Meter::resumed`] holds in the first turn.
const FIRST: u64 = u64::MAX;

impl Meter {
    /// Nothing spent; the first turn, which begins soon, is counted as `first_turn_max` at most.
    pub(crate) fn new(first_turn_max: Duration) -> Self {
        Meter { began: Instant::now(), first_turn_max, before: AtomicU64::new(0), resumed: AtomicU64::new(FIRST) }
    }

    /// The time spent so far. To be asked on the thread that the call is running on.
    pub(crate) fn running(&self) -> Duration {
        let turn = match self.resumed.load(Relaxed) {
            FIRST => nanoseconds(self.began.elapsed().min(self.first_turn_max)),
            resumed => thread_nanoseconds().saturating_sub(resumed),
        };
        Duration::from_nanos(self.before.load(Relaxed).saturating_add(turn))
    }

    /// The time spent in all turns that have ended.
    pub(crate) fn spent(&self) -> Duration {
        Duration::from_nanos(self.before.load(Relaxed))
    }

    /// Runs a future and counts each of its turns.
    pub(crate) async fn measure<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        let mut first = true;
        poll_fn(|context| {
            if !first {
                self.resumed.store(thread_nanoseconds(), Relaxed);
            }
            first = false;
            let polled = future.as_mut().poll(context);
            self.before.store(nanoseconds(self.running()), Relaxed);
            polled
        })
        .await
    }
}

/// Whether this machine has the clock that budgets are kept with; asked once, before anything relies on it.
pub(crate) fn check_clock() -> io::Result<()> {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map(drop).map_err(io::Error::from)
}

fn thread_nanoseconds() -> u64 {
    nanoseconds(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from))
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waiting_costs_no_processor_time() {
        let meter = Meter::new(Duration::from_secs(1));
        meter.measure(tokio::time::sleep(Duration::from_millis(50))).await;
        assert!(meter.spent() < Duration::from_millis(25), "{:?}", meter.spent());
    }

    #[tokio::test]
    async fn turns_add_up() {
        let meter = Meter::new(Duration::from_secs(1));
        let work = async {
            for _ in 0..2 {
                let until = meter.running() + Duration::from_millis(5);
                while meter.running() < until {}
                tokio::task::yield_now().await;
            }
        };
        meter.measure(work).await;
        assert!(meter.spent() >= Duration::from_millis(10), "{:?}", meter.spent());
    }
}
