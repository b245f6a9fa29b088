//! What a database engine brings: how work on the journal is run. The roles say once, for all engines, what that work
//! is.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::acceptance::{Acceptance, Accepted};
use crate::error::{Health, JournalError};
use crate::rates::SharedRates;
use crate::statements::{Sql, Step};

/// The steps of one transaction on their way.
pub(crate) type Steps<'a, T> = Pin<Box<dyn Future<Output = Step<T>> + Send + 'a>>;

/// Work on the journal. Its input is kept beside it, so that it can be run again if another transaction was in its way.
pub(crate) type Work<S, I, T> = for<'a> fn(&'a mut S, &'a I) -> Steps<'a, T>;

/// A database that keeps a journal.
pub(crate) trait Engine: Send + Sync + 'static {
    /// A connection, for the length of one piece of work.
    type Sql: Sql;

    /// Runs work that only reads, over one state of the journal.
    fn read<I, T>(&self, input: I, work: Work<Self::Sql, I, T>) -> impl Future<Output = Result<T, JournalError>> + Send
    where
        I: Send + Sync + 'static,
        T: Send + 'static;

    /// Runs work in a transaction.
    fn write<I, T>(
        &self,
        input: I,
        work: Work<Self::Sql, I, T>,
    ) -> impl Future<Output = Result<T, JournalError>> + Send
    where
        I: Send + Sync + 'static,
        T: Send + 'static;

    /// Runs work in a transaction, and tells others when it has changed something that they may want to look at.
    fn write_and_notify<I, T>(
        &self,
        input: I,
        work: Work<Self::Sql, I, T>,
    ) -> impl Future<Output = Result<T, JournalError>> + Send
    where
        I: Send + Sync + 'static,
        T: Send + 'static;

    /// Keeps a message with all that came of it, unless its keys are known. Messages that come at the same time are
    /// kept together.
    fn keep(&self, acceptance: Acceptance) -> impl Future<Output = Result<Accepted, JournalError>> + Send;

    /// Changes its value when there may be something new to read or to claim.
    fn changes(&self) -> watch::Receiver<u64>;

    /// The rates that all gateways of this journal count together.
    fn shared_rates(&self) -> Option<Arc<dyn SharedRates>>;

    /// Whether it can take anything now.
    fn health(&self) -> impl Future<Output = Health> + Send;

    /// Ends orderly, within this time.
    fn close(&self, wait: Duration) -> impl Future<Output = ()> + Send;
}
