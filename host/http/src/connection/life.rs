//! How long an HTTP/2 stream may live.
//!
//! A client that never grants the window for its answer would keep it here for ever: nothing waits in the connection for
//! that, so the stream itself has an end. An answer that is still coming puts its end off each time the client has room
//! for more of it.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

tokio::task_local! {
    static CURRENT: Life;
}

/// The life of one stream.
#[derive(Clone, Debug)]
pub(super) struct Life {
    length: Duration,
    end: Arc<Mutex<Instant>>,
}

impl Life {
    /// Begins now, and lasts as long as this unless something puts the end off.
    pub(super) fn begin(length: Duration) -> Life {
        Life { length, end: Arc::new(Mutex::new(Instant::now() + length)) }
    }

    /// That of the stream whose task this is; HTTP/1 has none.
    pub(super) fn current() -> Option<Life> {
        CURRENT.try_with(Life::clone).ok()
    }

    /// Runs a stream until its end or that of its life.
    pub(super) async fn live<F: Future>(self, stream: F) {
        tokio::select! {
            _ = CURRENT.scope(self.clone(), stream) => {}
            () = self.over() => {}
        }
    }

    /// The client has taken what there was.
    pub(super) fn goes_on(&self) {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + self.length;
    }

    fn end(&self) -> Instant {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn over(&self) {
        loop {
            let end = self.end();
            if Instant::now() >= end {
                return;
            }
            sleep_until(end).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_life_ends_unless_the_client_takes_something() {
        let began = Instant::now();
        Life::begin(Duration::from_secs(10)).live(std::future::pending::<()>()).await;
        assert_eq!(began.elapsed().as_secs(), 10);

        let began = Instant::now();
        let stream = async {
            for _ in 0..5 {
                tokio::time::sleep(Duration::from_secs(9)).await;
                Life::current().expect("a life").goes_on();
            }
            std::future::pending::<()>().await;
        };
        Life::begin(Duration::from_secs(10)).live(stream).await;
        assert_eq!(began.elapsed().as_secs(), 55);
    }

    #[tokio::test]
    async fn a_stream_that_ends_ends_its_life() {
        Life::begin(Duration::from_secs(10)).live(async {}).await;
        assert!(Life::current().is_none());
    }
}
