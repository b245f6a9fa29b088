//! Where the streams of one HTTP/2 connection run.
//!
//! Over a connection where somebody was proven each stream is a task of its own. Until then they are part of the
//! connection's task: so one stranger is one task, whatever it asks for, which takes one turn among the others, and which
//! ends with all that it carries at once, without a step of each.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, Stream};
use tokio::sync::watch;

use super::life::Life;
use super::room::Standing;

/// So many streams of a stranger begin in one step of its connection, or end. Then others come first.
const AT_ONCE: usize = 4;

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The streams of one connection.
pub(super) struct Streams {
    life: Duration,
    standing: Arc<Standing>,
    own: FuturesUnordered<Running>,
    /// Those of its own that began since they last ran.
    begun: Arc<Mutex<Vec<Running>>>,
    /// Nothing is ever sent: dropping it is the connection's end.
    alive: watch::Sender<()>,
}

impl Streams {
    /// Each lives so long at most, for the client that never grants the window that its answer needs.
    pub(super) fn new(life: Duration, standing: Arc<Standing>) -> Streams {
        let (alive, _) = watch::channel(());
        Streams { life, standing, own: FuturesUnordered::new(), begun: Arc::default(), alive }
    }

    /// What hyper is given to run streams with.
    pub(super) fn begin(&self) -> Begin {
        let (begun, alive) = (Arc::clone(&self.begun), self.alive.subscribe());
        Begin { life: self.life, standing: Arc::clone(&self.standing), begun, alive }
    }

    /// Runs those that are part of the connection's task.
    fn run_own(&mut self, context: &mut Context<'_>) {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let few = begun.len().min(AT_ONCE);
        self.own.extend(begun.drain(..few));
        let mut others_first = !begun.is_empty();
        drop(begun);
        let mut ended = 0;
        while matches!(Pin::new(&mut self.own).poll_next(context), Poll::Ready(Some(()))) {
            ended += 1;
            if ended == AT_ONCE {
                others_first = true;
                break;
            }
        }
        if others_first {
            context.waker().wake_by_ref();
        }
    }
}

impl Drop for Streams {
    fn drop(&mut self) {
        // hyper's streams hold what begins them, and so themselves.
        let begun = std::mem::take(&mut *self.begun.lock().unwrap_or_else(PoisonError::into_inner));
        drop(begun);
    }
}

/// Begins streams of one connection.
#[derive(Clone)]
pub(super) struct Begin {
    life: Duration,
    standing: Arc<Standing>,
    begun: Arc<Mutex<Vec<Running>>>,
    alive: watch::Receiver<()>,
}

impl<F> hyper::rt::Executor<F> for Begin
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn execute(&self, stream: F) {
        let stream = Life::begin(self.life).live(Box::pin(stream));
        if !self.standing.is_proven() {
            self.begun.lock().unwrap_or_else(PoisonError::into_inner).push(Box::pin(stream));
            return;
        }
        let mut alive = self.alive.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = stream => {}
                _ = alive.changed() => {}
            }
        });
    }
}

/// A connection and its streams, which end with it.
pub(super) struct WithStreams<'a, C> {
    pub(super) connection: Pin<&'a mut C>,
    pub(super) streams: Streams,
}

impl<C: Future> Future for WithStreams<'_, C> {
    type Output = C::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<C::Output> {
        let progress = self.connection.as_mut().poll(context);
        // What a stream has to say wakes the connection again.
        self.streams.run_own(context);
        progress
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, poll_fn};

    use hyper::rt::Executor;

    use super::*;
    use crate::connection::Network;
    use crate::connection::room::Room;

    /// The streams of a connection over which nobody was proven.
    async fn streams() -> Streams {
        let (place, _) = Room::new(1).place(Network::of([192, 0, 2, 1].into())).await;
        Streams::new(Duration::from_secs(60), Arc::clone(&place.standing))
    }

    /// A stream as hyper's are: it holds what begins streams. It never ends.
    fn begin(streams: &Streams, held: &Arc<()>) {
        let (begin, held) = (streams.begin(), Arc::clone(held));
        streams.begin().execute(async move {
            pending::<()>().await;
            drop((begin, held));
        });
    }

    /// A step of the connection's task.
    async fn step(streams: &mut Streams) {
        poll_fn(|context| {
            streams.run_own(context);
            Poll::Ready(())
        })
        .await;
    }

    #[tokio::test]
    async fn what_a_stranger_asks_for_begins_step_by_step() {
        let (mut streams, held) = (streams().await, Arc::new(()));
        (0..10).for_each(|_| begin(&streams, &held));
        for running in [4, 8, 10] {
            step(&mut streams).await;
            assert_eq!(streams.own.len(), running);
        }
    }

    #[tokio::test]
    async fn nothing_stays_of_streams_whose_connection_ends_whether_or_not_they_have_begun() {
        let (mut streams, held) = (streams().await, Arc::new(()));
        (0..10).for_each(|_| begin(&streams, &held));
        step(&mut streams).await;
        assert_eq!((Arc::strong_count(&held), streams.own.len()), (11, 4));
        drop(streams);
        assert_eq!(Arc::strong_count(&held), 1);
    }

    #[tokio::test]
    async fn what_is_asked_for_over_a_proven_connection_does_not_wait_for_its_steps() {
        let (streams, held) = (streams().await, Arc::new(()));
        streams.standing.prove();
        begin(&streams, &held);
        assert!(streams.begun.lock().expect("no panic").is_empty());
        drop(streams);
        // It ends with the connection all the same.
        while Arc::strong_count(&held) > 1 {
            tokio::task::yield_now().await;
        }
    }
}
