//! Secrets as this crate needs them: looked up by their reference at each use, so that a changed one counts at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use portgate_core::sha256::sha256;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// A secret's content: overwritten when dropped.
pub type Secret = Zeroizing<Vec<u8>>;

/// Where secrets are looked up. May read a file: it is called where blocking does no harm.
pub trait SecretSource: Send + Sync {
    /// The content of the secret that a reference names, `file:NAME` or `env:NAME`.
    ///
    /// # Errors
    /// Why there is none, naming the reference and nothing of any content.
    fn secret(&self, reference: &str) -> Result<Secret, String>;
}

/// How many secrets are looked up at once. It takes microseconds; with one thread for each of the deliveries that go out side by
/// side, all of these would take their turns at reading the journal as well, and each keeps some memory for the next.
const LOOK_UPS_MAX: usize = 8;
static LOOK_UPS: Semaphore = Semaphore::const_new(LOOK_UPS_MAX);

/// Whose turn it is to look one secret up, by its reference; of those alone that somebody wants. A file whose file system does not
/// answer is waited for by one, so that a partner with many deliveries never has all the turns.
static OF_REFERENCE: Mutex<BTreeMap<String, Arc<Semaphore>>> = Mutex::new(BTreeMap::new());

/// A place in the queue of one reference.
struct Queue<'r> {
    reference: &'r str,
    turns: Arc<Semaphore>,
}

impl<'r> Queue<'r> {
    fn of(reference: &'r str) -> Self {
        let one = || Arc::new(Semaphore::new(1));
        Queue { reference, turns: Arc::clone(queues().entry(reference.to_owned()).or_insert_with(one)) }
    }
}

impl Drop for Queue<'_> {
    fn drop(&mut self) {
        let mut queues = queues();
        // The map's and this one.
        if Arc::strong_count(&self.turns) <= 2 {
            queues.remove(self.reference);
        }
    }
}

fn queues() -> MutexGuard<'static, BTreeMap<String, Arc<Semaphore>>> {
    OF_REFERENCE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Looks a secret up without blocking the caller's thread.
pub(crate) async fn look_up(secrets: &Arc<dyn SecretSource>, reference: &str) -> Result<Secret, String> {
    let queue = Queue::of(reference);
    let alone = Arc::clone(&queue.turns).acquire_owned().await;
    let turn = LOOK_UPS.acquire().await;
    let (secrets, reference) = (Arc::clone(secrets), reference.to_owned());
    let found = tokio::task::spawn_blocking(move || {
        // Whoever wanted it may have gone: its turns are over when its thread is.
        let _turns = (alone, turn);
        secrets.secret(&reference)
    })
    .await;
    found.unwrap_or_else(|_| Err("looking a secret up was broken off".to_owned()))
}

/// Tells two contents apart without keeping either.
pub(crate) fn digest(content: &[u8]) -> [u8; 32] {
    sha256(content)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::time::Duration;

    use super::*;

    /// Counts how many look something up at the same time.
    #[derive(Debug, Default)]
    struct Counting {
        now: AtomicUsize,
        most: AtomicUsize,
    }

    impl SecretSource for Counting {
        fn secret(&self, reference: &str) -> Result<Secret, String> {
            self.most.fetch_max(self.now.fetch_add(1, SeqCst) + 1, SeqCst);
            std::thread::sleep(Duration::from_millis(5));
            self.now.fetch_sub(1, SeqCst);
            Ok(Zeroizing::new(reference.as_bytes().to_vec()))
        }
    }

    #[tokio::test]
    async fn few_are_looked_up_at_once_and_all_of_them_in_the_end() {
        let counting = Arc::new(Counting::default());
        let source: Arc<dyn SecretSource> = Arc::<Counting>::clone(&counting);
        let all: Vec<_> = (0..4 * LOOK_UPS_MAX)
            .map(|number| {
                let source = Arc::clone(&source);
                tokio::spawn(async move { look_up(&source, &number.to_string()).await })
            })
            .collect();
        for (number, found) in all.into_iter().enumerate() {
            assert_eq!(*found.await.unwrap().unwrap(), number.to_string().into_bytes());
        }
        assert!(counting.most.load(SeqCst) <= LOOK_UPS_MAX, "{counting:?}");
    }

    /// Of one secret it says nothing until it is told to.
    struct Slow {
        told: Mutex<std::sync::mpsc::Receiver<()>>,
        asked: AtomicUsize,
    }

    impl SecretSource for Slow {
        fn secret(&self, reference: &str) -> Result<Secret, String> {
            if reference == "file:slow" {
                self.asked.fetch_add(1, SeqCst);
                let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
                told.recv().map_err(|_| "the file system does not answer".to_owned())?;
            }
            Ok(Zeroizing::new(reference.as_bytes().to_vec()))
        }
    }

    #[tokio::test]
    async fn a_secret_that_is_slow_to_read_holds_up_nobody_who_wants_another() {
        let (tell, told) = std::sync::mpsc::channel();
        let slow = Arc::new(Slow { told: Mutex::new(told), asked: AtomicUsize::new(0) });
        let source: Arc<dyn SecretSource> = Arc::<Slow>::clone(&slow);
        let wants = |reference: &str| {
            let (source, reference) = (Arc::clone(&source), reference.to_owned());
            tokio::spawn(async move { look_up(&source, &reference).await })
        };
        let waiting: Vec<_> = (0..4 * LOOK_UPS_MAX).map(|_| wants("file:slow")).collect();
        while slow.asked.load(SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        for number in 0..4 * LOOK_UPS_MAX {
            let other = format!("file:{number}");
            let found =
                tokio::time::timeout(Duration::from_secs(10), wants(&other)).await.expect("nothing is in its way");
            assert_eq!(*found.unwrap().unwrap(), other.into_bytes());
        }
        assert_eq!(slow.asked.load(SeqCst), 1, "one waits for it, and the others for that one");
        // What nobody wants any more is gone from the queue, and whoever waits has it in the end.
        waiting[1].abort();
        for _ in 1..waiting.len() {
            tell.send(()).unwrap();
        }
        for (number, one) in waiting.into_iter().enumerate().filter(|(number, _)| *number != 1) {
            assert!(one.await.unwrap().is_ok(), "{number}");
        }
        assert!(!queues().contains_key("file:slow"), "nobody wants it any more");
    }
}
