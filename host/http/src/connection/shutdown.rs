//! The signal to stop, seen by everyone who holds a clone of it.

use std::sync::Arc;

use tokio::sync::watch;

/// A signal that is given once and stays.
#[derive(Clone, Debug)]
pub struct Shutdown {
    begun: Arc<watch::Sender<bool>>,
}

impl Shutdown {
    /// A signal that nobody has given yet.
    #[expect(clippy::new_without_default, reason = "a signal that only its maker knows is never what was meant")]
    pub fn new() -> Shutdown {
        Shutdown { begun: Arc::new(watch::Sender::new(false)) }
    }

    /// Gives the signal. Giving it again changes nothing.
    pub fn begin(&self) {
        self.begun.send_replace(true);
    }

    /// Whether the signal was given.
    pub fn has_begun(&self) -> bool {
        *self.begun.borrow()
    }

    /// Completes as soon as the signal is given.
    pub async fn begun(&self) {
        // The sender is held by `self`, so the channel cannot close while this waits.
        let _ = self.begun.subscribe().wait_for(|begun| *begun).await;
    }
}
