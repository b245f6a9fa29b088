//! The tasks that work beside the requests. Each has a name and its place in the order of stopping, and none ends by
//! itself: one that does, or that panics, is begun again, after a pause that grows while it goes on failing. That is
//! counted in the metrics, and `/readyz` says it until the task has run for a while.
//!
//! A task is a value that can be run: what it knows outlives its panic.

use std::collections::BTreeMap;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use portgate_http::connection::Shutdown;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// Between the end of a task and its next beginning, at first and at most.
const PAUSE_MIN: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// A task that has run so long is well again. Longer than the pauses that tasks make between two rounds of their own.
const WELL_AFTER: Duration = Duration::from_secs(150);

/// What works beside the requests.
pub(crate) trait Task: Send + 'static {
    /// Works, until it is told to stop and has finished what cannot be left. Where it was broken off it is run again.
    fn run(&mut self, stop: Shutdown) -> impl Future<Output = ()> + Send;
}

/// When a task stops, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stops {
    /// When no more requests are taken: it finishes what it has begun, and is waited for.
    WithRequests,
    /// When operators are served no more: whatever it is at can be left.
    WithOperators,
    /// After everything that it tells of.
    Last,
}

/// Begins tasks, and stops them.
pub(crate) struct Supervisor {
    health: Arc<TaskHealth>,
    running: Vec<Running>,
}

struct Running {
    stops: Stops,
    stop: Shutdown,
    task: JoinHandle<()>,
}

impl Supervisor {
    /// Nothing runs yet.
    pub(crate) fn new(health: Arc<TaskHealth>) -> Self {
        Supervisor { health, running: Vec::new() }
    }

    /// Has a task run under this name.
    pub(crate) fn run(&mut self, name: &'static str, stops: Stops, task: impl Task) {
        let stop = Shutdown::new();
        let task = tokio::spawn(supervise(name, task, stop.clone(), Arc::clone(&self.health)));
        self.running.push(Running { stops, stop, task });
    }

    /// Tells the tasks whose turn it is to stop, and waits for them so long; what is still at work then is left.
    pub(crate) async fn stop(&mut self, turn: Stops, patience: Duration) {
        let (stopping, others) = std::mem::take(&mut self.running).into_iter().partition(|one| one.stops == turn);
        self.running = others;
        let mut stopping: Vec<Running> = stopping;
        stopping.iter().for_each(|one| one.stop.begin());
        let all_ended = async {
            for one in &mut stopping {
                // It cannot panic: what it runs is caught.
                let _ = (&mut one.task).await;
            }
        };
        let _ = timeout(patience, all_ended).await;
        stopping.iter().for_each(|one| one.task.abort());
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.running.iter().for_each(|one| one.task.abort());
    }
}

async fn supervise(name: &'static str, mut task: impl Task, stop: Shutdown, health: Arc<TaskHealth>) {
    let mut pause = PAUSE_MIN;
    loop {
        let mut running = pin!(caught(name, task.run(stop.clone())));
        let ended = tokio::select! {
            ended = &mut running => ended,
            () = sleep(WELL_AFTER) => {
                health.is_well(name);
                pause = PAUSE_MIN;
                running.await
            }
        };
        if stop.has_begun() {
            return;
        }
        health.has_failed(name, ended);
        tokio::select! {
            () = stop.begun() => return,
            () = sleep(pause) => {}
        }
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// How a task came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    ByItself,
    ByPanic,
}

impl Ended {
    fn as_str(self) -> &'static str {
        match self {
            Ended::ByItself => "it ended",
            Ended::ByPanic => "it panicked",
        }
    }
}

/// Runs a task to its end, whatever that is. Tests have it panic wherever it has come to.
async fn caught(name: &'static str, task: impl Future<Output = ()>) -> Ended {
    tracing::debug!(task = name, "a task of the gateway begins");
    let mut task = pin!(task);
    std::future::poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| {
            fail::fail_point!(&format!("task::{name}"));
            task.as_mut().poll(context)
        }));
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(())) => Poll::Ready(Ended::ByItself),
            Err(_) => Poll::Ready(Ended::ByPanic),
        }
    })
    .await
}

/// How the tasks are.
#[derive(Default)]
pub(crate) struct TaskHealth {
    /// How often each has failed in a row, while it is not well.
    failing: Mutex<BTreeMap<&'static str, u32>>,
    /// How often each was begun again.
    pub(crate) restarts: Family<TaskLabels, Counter>,
    /// 1 while it is not well.
    pub(crate) is_failing: Family<TaskLabels, Gauge>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(crate) struct TaskLabels {
    task: &'static str,
}

impl TaskHealth {
    /// What is not well, in a sentence for each.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let told = |(task, times)| format!("the task `{task}` is begun again: it has failed {times} times");
        self.failing_now().into_iter().map(told).collect()
    }

    /// The tasks that are not well, with how often each has failed in a row.
    pub(crate) fn failing_now(&self) -> Vec<(&'static str, u32)> {
        self.failing().iter().map(|(task, times)| (*task, *times)).collect()
    }

    fn failing(&self) -> MutexGuard<'_, BTreeMap<&'static str, u32>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The words of a panic can be those of a payload, so they are not told.
    fn has_failed(&self, task: &'static str, ended: Ended) {
        let times = {
            let mut failing = self.failing();
            let times = failing.entry(task).or_default();
            *times = times.saturating_add(1);
            *times
        };
        self.restarts.get_or_create(&TaskLabels { task }).inc();
        self.is_failing.get_or_create(&TaskLabels { task }).set(1);
        tracing::error!(task, times, why = ended.as_str(), "a task of the gateway has failed and is begun again");
    }

    fn is_well(&self, task: &'static str) {
        if self.failing().remove(task).is_some() {
            self.is_failing.get_or_create(&TaskLabels { task }).set(0);
            tracing::info!(task, "a task of the gateway that had failed is well again");
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;
    use tokio::time::Instant;

    use super::*;

    fn supervisor() -> (Supervisor, Arc<TaskHealth>) {
        let health = Arc::new(TaskHealth::default());
        (Supervisor::new(Arc::clone(&health)), health)
    }

    fn restarts(health: &TaskHealth, task: &'static str) -> u64 {
        health.restarts.get_or_create(&TaskLabels { task }).get()
    }

    /// Says when it is run, and panics.
    struct Panics(mpsc::UnboundedSender<Instant>);

    impl Task for Panics {
        async fn run(&mut self, _: Shutdown) {
            let _ = self.0.send(Instant::now());
            panic!("it cannot");
        }
    }

    /// Ends so often, which is no better than a panic, and works then.
    struct Ends(u32);

    impl Task for Ends {
        async fn run(&mut self, stop: Shutdown) {
            if self.0 == 0 {
                stop.begun().await;
            }
            self.0 = self.0.saturating_sub(1);
        }
    }

    /// Takes five seconds to stop, and says so then.
    struct Finishes(&'static str, mpsc::UnboundedSender<&'static str>);

    impl Task for Finishes {
        async fn run(&mut self, stop: Shutdown) {
            stop.begun().await;
            sleep(Duration::from_secs(5)).await;
            let _ = self.1.send(self.0);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_goes_on_failing_is_begun_again_after_longer_and_longer_pauses() {
        let (mut supervisor, health) = supervisor();
        let (begun, mut beginnings) = mpsc::unbounded_channel();
        supervisor.run("worker", Stops::Last, Panics(begun));
        let mut at = beginnings.recv().await.expect("it begins");
        let mut pauses = Vec::new();
        for _ in 0..10 {
            let next = beginnings.recv().await.expect("it begins again");
            pauses.push((next - at).as_millis());
            at = next;
        }
        assert_eq!(pauses, [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
        tokio::task::yield_now().await;
        let times = restarts(&health, "worker");
        assert!(times >= 10, "{times}");
        assert_eq!(health.complaints(), [format!("the task `worker` is begun again: it has failed {times} times")]);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_has_run_for_a_while_is_well_again() {
        let (mut supervisor, health) = supervisor();
        supervisor.run("worker", Stops::Last, Ends(3));
        sleep(WELL_AFTER).await;
        assert_eq!(health.complaints().len(), 1, "it has not run so long yet");
        sleep(Duration::from_secs(2)).await;
        assert_eq!((health.complaints(), restarts(&health, "worker")), (Vec::new(), 3));
        assert_eq!(health.is_failing.get_or_create(&TaskLabels { task: "worker" }).get(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn tasks_stop_in_their_order_and_work_is_finished() {
        let (mut supervisor, health) = supervisor();
        let (said, mut heard) = mpsc::unbounded_channel();
        for (name, stops) in [("last", Stops::Last), ("worker", Stops::WithRequests), ("keeper", Stops::WithOperators)]
        {
            supervisor.run(name, stops, Finishes(name, said.clone()));
        }
        // Let them begin.
        sleep(Duration::from_secs(1)).await;
        supervisor.stop(Stops::WithRequests, Duration::from_secs(10)).await;
        assert_eq!(heard.try_recv(), Ok("worker"));
        // Nobody waits for those.
        supervisor.stop(Stops::WithOperators, Duration::ZERO).await;
        supervisor.stop(Stops::Last, Duration::from_secs(10)).await;
        assert_eq!(heard.try_recv(), Ok("last"));
        assert!(heard.try_recv().is_err());
        assert_eq!((restarts(&health, "worker"), restarts(&health, "keeper")), (0, 0), "an end that was asked for");
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_waits_to_be_begun_again_stops_at_once() {
        let (mut supervisor, health) = supervisor();
        let (begun, _beginnings) = mpsc::unbounded_channel();
        supervisor.run("worker", Stops::Last, Panics(begun));
        sleep(Duration::from_secs(30)).await;
        let (times, began) = (restarts(&health, "worker"), Instant::now());
        supervisor.stop(Stops::Last, Duration::from_secs(3_600)).await;
        assert_eq!((began.elapsed(), restarts(&health, "worker")), (Duration::ZERO, times));
    }
}
