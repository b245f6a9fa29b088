//! Work with files on a thread that can be left behind.
//!
//! A call into a file system that does not answer cannot be taken back: on a hung mount even asking for a file's size waits
//! for ever. So whoever must go on has it done on a thread of its own and waits only so long. The thread ends when the file
//! system answers or the process does, which nobody waits for. While one is stuck at a place, no other begins there: a
//! mount that is away costs one thread for each place, not one for each try.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use tokio::sync::oneshot;

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// It took too long.
    #[error("the file system does not answer within {} s", .0.as_secs())]
    Late(Duration),
    /// An earlier attempt at the same place has not come back yet.
    #[error("the file system does not answer: an earlier attempt in {} still waits for it", .0.display())]
    Stuck(PathBuf),
    /// The work panicked, or no thread can be started.
    #[error("the work broke off")]
    BrokenOff,
}

/// Has `work` done apart and waits so long for it, on this thread. `place` is where it may get stuck, such as a folder.
///
/// # Errors
///
/// [`Unanswered`]; what the work does later is lost.
pub fn apart<T: Send + 'static>(
    place: &Path,
    wait: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Unanswered> {
    let (tell, told) = mpsc::sync_channel(1);
    let job = Job::begin(place, move || {
        // Whoever asked may have stopped waiting.
        let _ = tell.send(work());
    })?;
    match told.recv_timeout(wait) {
        Ok(done) => Ok(done),
        Err(mpsc::RecvTimeoutError::Timeout) => Err(job.leave_behind(wait)),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(Unanswered::BrokenOff),
    }
}

/// The same without blocking the thread that waits.
///
/// # Errors
///
/// As [`apart`].
pub async fn apart_later<T: Send + 'static>(
    place: &Path,
    wait: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Unanswered> {
    let (tell, told) = oneshot::channel();
    let job = Job::begin(place, move || {
        // As above.
        let _ = tell.send(work());
    })?;
    match tokio::time::timeout(wait, told).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(_)) => Err(Unanswered::BrokenOff),
        Err(_) => Err(job.leave_behind(wait)),
    }
}

/// How many threads are stuck at each place.
static STUCK: Mutex<BTreeMap<PathBuf, usize>> = Mutex::new(BTreeMap::new());

fn stuck() -> MutexGuard<'static, BTreeMap<PathBuf, usize>> {
    STUCK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One piece of work on its thread.
struct Job {
    place: PathBuf,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    has_ended: AtomicBool,
    left_behind: AtomicBool,
}

impl Job {
    fn begin(place: &Path, work: impl FnOnce() + Send + 'static) -> Result<Job, Unanswered> {
        if stuck().contains_key(place) {
            return Err(Unanswered::Stuck(place.to_owned()));
        }
        let job = Job { place: place.to_owned(), state: Arc::default() };
        let end = End { place: place.to_owned(), state: Arc::clone(&job.state) };
        let run = move || {
            let _end = end;
            work();
        };
        let started = std::thread::Builder::new().name("files".to_owned()).spawn(run);
        started.map(|_| job).map_err(|_| Unanswered::BrokenOff)
    }

    /// Under the lock, so that the thread sees it at its end, or has ended already.
    fn leave_behind(&self, after: Duration) -> Unanswered {
        let mut stuck = stuck();
        if !self.state.has_ended.load(Ordering::Acquire) {
            self.state.left_behind.store(true, Ordering::Release);
            *stuck.entry(self.place.clone()).or_default() += 1;
        }
        Unanswered::Late(after)
    }
}

/// The end of a thread's work, by a panic as well.
struct End {
    place: PathBuf,
    state: Arc<State>,
}

impl Drop for End {
    fn drop(&mut self) {
        let mut stuck = stuck();
        self.state.has_ended.store(true, Ordering::Release);
        if self.state.left_behind.load(Ordering::Acquire)
            && let Some(threads) = stuck.get_mut(&self.place)
        {
            *threads -= 1;
            if *threads == 0 {
                stuck.remove(&self.place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);
    const SHORT: Duration = Duration::from_millis(20);

    #[test]
    fn what_ends_in_time_gives_its_result() {
        assert_eq!(apart(Path::new("/in-time"), LONG, || 7), Ok(7));
    }

    #[test]
    fn what_gets_stuck_is_left_behind_and_keeps_others_of_its_place_out_until_it_ends() {
        let (place, elsewhere) = (Path::new("/stuck"), Path::new("/elsewhere"));
        let (let_go, held) = mpsc::channel::<()>();
        let late = apart(place, SHORT, move || held.recv().is_ok());
        assert_eq!(late, Err(Unanswered::Late(SHORT)));
        assert_eq!(apart(place, LONG, || ()), Err(Unanswered::Stuck(place.to_owned())));
        assert_eq!(apart(elsewhere, LONG, || ()), Ok(()), "another place is not touched");
        drop(let_go);
        while apart(place, LONG, || ()).is_err() {
            std::thread::yield_now();
        }
    }

    #[test]
    fn work_that_panics_is_told_and_leaves_nothing_stuck() {
        let place = Path::new("/panics");
        assert_eq!(apart(place, LONG, || panic!("as told")), Err::<(), _>(Unanswered::BrokenOff));
        assert_eq!(apart(place, LONG, || ()), Ok(()));
    }

    #[tokio::test]
    async fn nobody_waits_for_what_is_stuck_without_a_thread_either() {
        let place = Path::new("/stuck-later");
        let (let_go, held) = mpsc::channel::<()>();
        assert_eq!(apart_later(place, SHORT, move || held.recv().is_ok()).await, Err(Unanswered::Late(SHORT)));
        assert_eq!(apart_later(place, LONG, || ()).await, Err(Unanswered::Stuck(place.to_owned())));
        drop(let_go);
        while apart_later(place, LONG, || ()).await.is_err() {
            tokio::task::yield_now().await;
        }
    }
}
