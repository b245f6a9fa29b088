//! Threads that hash for strangers. They give way to those that carry requests: where both want one processor, theirs is
//! what is left of it.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

/// How much less than others the threads are worth to the scheduler (nice(2)).
const NICE: i32 = 10;

type Job = Box<dyn FnOnce() + Send>;

/// The threads; they end with this.
pub(super) struct Threads {
    jobs: Sender<Job>,
}

impl Threads {
    /// So many threads. One that cannot be begun is left out, and so is its lower priority where that is not allowed.
    pub(super) fn begin(count: usize) -> Self {
        let (jobs, received) = channel();
        let received = Arc::new(Mutex::new(received));
        for _ in 0..count {
            let received = Arc::clone(&received);
            let begun = std::thread::Builder::new().name("hashing".to_owned()).spawn(move || work(&received));
            if let Err(error) = begun {
                tracing::error!(%error, "a thread for hashing cannot be begun");
            }
        }
        Threads { jobs }
    }

    /// Has one of the threads do this. Nothing comes of it where the work panics or there is no thread.
    pub(super) fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> oneshot::Receiver<T> {
        let (done, result) = oneshot::channel();
        // Nobody may wait for the result any more, or there is no thread, which shows there.
        let _ = self.jobs.send(Box::new(move || drop(done.send(work()))));
        result
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "hashing has the priority of everything else");
    }
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // A panic ends the job alone; whoever waits for it finds its end of the channel closed.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_job_that_panics_takes_no_other_along() {
        let threads = Threads::begin(1);
        let broken = threads.run(|| -> u32 { panic!("as the test wants it") });
        let whole = threads.run(|| 42);
        assert!(broken.await.is_err());
        assert_eq!(whole.await, Ok(42));
    }

    #[tokio::test]
    async fn the_threads_give_way_to_all_others() {
        let (ours, theirs) = (nice_of_this_thread(), Threads::begin(1).run(nice_of_this_thread).await.expect("it ran"));
        assert_eq!(theirs, (ours + NICE).min(19));
    }

    fn nice_of_this_thread() -> i32 {
        rustix::process::getpriority_process(None).expect("the thread's own")
    }
}
