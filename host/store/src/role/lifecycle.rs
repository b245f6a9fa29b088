//! The journal itself: whether it works, that something has changed, and its end.

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;

use crate::engine::Engine;
use crate::error::Health;

/// Says that something has changed.
pub trait Changes: Send + Sync {
    /// Changes its value when there may be something new to read or to claim. Hints can be early, never missing.
    fn changes(&self) -> watch::Receiver<u64>;
}

/// Says whether the journal works, and ends it.
#[async_trait]
pub trait Lifecycle: Send + Sync {
    /// Whether the journal can take anything now. Answers within a moment.
    async fn health(&self) -> Health;

    /// Ends orderly: what was asked for is done, nothing more is taken. Waits at most this long.
    async fn close(&self, wait: Duration);
}

impl<E: Engine> Changes for E {
    fn changes(&self) -> watch::Receiver<u64> {
        Engine::changes(self)
    }
}

#[async_trait]
impl<E: Engine> Lifecycle for E {
    async fn health(&self) -> Health {
        Engine::health(self).await
    }

    async fn close(&self, wait: Duration) {
        Engine::close(self, wait).await;
    }
}
