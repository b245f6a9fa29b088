//! The journal in a SQLite file: embedded, for one gateway.
//!
//! One thread writes: it takes all commands that wait, runs them in one transaction, commits once and then answers all
//! of them, so that concurrent exchanges share one fsync. Under load one waits a moment
//! for company. Reads go to a few connections of their
//! own. After a failed commit the journal takes nothing more (see [`JournalError::Poisoned`]).

mod checkpoint;
mod command;
mod connection;
mod open;
#[cfg(test)]
mod plans;
mod readers;
mod status;
mod writer;

use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::sync::watch;

use crate::acceptance::{Acceptance, Accepted};
use crate::engine::{Engine, Work};
use crate::error::{Health, JournalError, OpenError};
use crate::name;
use crate::rates::SharedRates;
use crate::statements::accept;
use connection::Local;
use readers::Readers;
use writer::Writer;

/// How many reads can go on at the same time.
const READERS: usize = 4;

/// A journal in a SQLite file.
pub(crate) struct SqliteJournal {
    writer: Writer,
    readers: Readers,
}

/// What the statements' futures give: SQLite is done when the call returns, so they are never pending.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("a statement of SQLite is done when its call returns"),
    }
}

impl SqliteJournal {
    pub(crate) async fn open(path: &Path) -> Result<Self, OpenError> {
        let path = path.to_owned();
        let opened = tokio::task::spawn_blocking(move || {
            let opened = open::open(&path)?;
            let readers = Readers::open(&opened.path, READERS)?;
            Ok(SqliteJournal { writer: Writer::start(opened), readers })
        });
        opened.await.map_err(|error| OpenError::Database(error.to_string()))?
    }
}

impl Engine for SqliteJournal {
    type Sql = Local;

    async fn read<I, T>(&self, input: I, work: Work<Local, I, T>) -> Result<T, JournalError>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
    {
        self.readers.read(move |sql| ready(work(sql, &input))).await
    }

    async fn write<I, T>(&self, input: I, work: Work<Local, I, T>) -> Result<T, JournalError>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
    {
        self.writer.write(move |sql| ready(work(sql, &input))).await
    }

    async fn write_and_notify<I, T>(&self, input: I, work: Work<Local, I, T>) -> Result<T, JournalError>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
    {
        self.writer.write_and_notify(move |sql| ready(work(sql, &input))).await
    }

    async fn keep(&self, acceptance: Acceptance) -> Result<Accepted, JournalError> {
        // Nothing is done more often, so the names are worked out here rather than on the one thread that writes.
        let names = name::of_acceptance(&acceptance);
        self.writer.write_and_notify(move |sql| ready(accept::accept_named(sql, &acceptance, &names))).await
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.writer.changes()
    }

    fn shared_rates(&self) -> Option<Arc<dyn SharedRates>> {
        // The file belongs to this process, so nobody shares its rates.
        None
    }

    async fn health(&self) -> Health {
        match self.writer.health() {
            Health::Full | Health::Blocked(_) => self.writer.probe().await,
            other => other,
        }
    }

    async fn close(&self, wait: Duration) {
        self.writer.close(wait).await;
    }
}
