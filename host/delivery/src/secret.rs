//! Secrets as this crate needs them: looked up by their reference at each use, so that a changed one counts at once.

use std::sync::Arc;

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

/// Looks a secret up without blocking the caller's thread.
pub(crate) async fn look_up(secrets: &Arc<dyn SecretSource>, reference: &str) -> Result<Secret, String> {
    let _turn = LOOK_UPS.acquire().await;
    let (secrets, reference) = (Arc::clone(secrets), reference.to_owned());
    let found = tokio::task::spawn_blocking(move || secrets.secret(&reference)).await;
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
}
