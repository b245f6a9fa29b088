//! The journal in a PostgreSQL database, which several gateways can share.
//!
//! Acceptances that come at the same time go out together in one statement (see [`batch`]); everything else takes a
//! connection of the pool for its own transaction, which is tried again when the server breaks a deadlock. All is read
//! from the primary. Other gateways' changes are noticed by looking four times a second: `NOTIFY` would make every commit
//! of the database wait for every other.

mod arrays;
mod batch;
mod connect;
#[cfg(test)]
mod plans;
mod rates;
mod session;

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Pool;
use tokio::sync::watch;

use crate::acceptance::{Acceptance, Accepted};
use crate::engine::{Engine, Work};
use crate::error::{Health, JournalError, OpenError};
use crate::rates::SharedRates;
use crate::statements::{Failure, event};
use batch::Batcher;
use rates::PostgresRates;
use session::Session;

/// How often others' changes are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Connections for counting rates: one for the counts, one to say that this gateway is alive.
const RATES_CONNECTIONS: u32 = 2;
/// How often a transaction is tried that the server ends because of another one.
const TRIES: u32 = 8;
/// How long the server may take to say that it is well.
const HEALTH_WAIT: Duration = Duration::from_secs(2);

/// A journal in a PostgreSQL database.
pub(crate) struct PostgresJournal {
    pool: Pool,
    batcher: Batcher,
    rates: Arc<PostgresRates>,
    told: Arc<watch::Sender<u64>>,
    look: tokio::task::AbortHandle,
}

/// Runs a transaction, and runs it again if another one was in its way.
async fn transact<I, T>(pool: &Pool, input: &I, work: Work<Session, I, T>) -> Result<T, JournalError> {
    let mut tries = 1;
    loop {
        let mut session = Session::begin(pool).await?;
        let worked = work(&mut session, input).await;
        match session.end(worked).await {
            Ok(value) => return Ok(value),
            Err(Failure::Passing(_)) if tries < TRIES => tries += 1,
            Err(failure) => return Err(failure.into()),
        }
    }
}

/// Runs statements that only read.
async fn read<I, T>(pool: &Pool, input: &I, work: Work<Session, I, T>) -> Result<T, JournalError> {
    Ok(work(&mut Session::alone(pool).await?, input).await?)
}

impl PostgresJournal {
    pub(crate) async fn open(url: &str, connections_max: u32) -> Result<Self, OpenError> {
        let pool = connect::pool(url, connections_max)?;
        connect::check_and_migrate(&pool).await?;
        let told = Arc::new(watch::channel(0).0);
        // The rates have connections of their own, so that counting does not wait behind the keeping of messages.
        let rates = PostgresRates::new(connect::pool(url, RATES_CONNECTIONS)?);
        let rates = Arc::new(rates.map_err(|error| OpenError::Database(error.to_string()))?);
        let batcher = Batcher::start(pool.clone(), Arc::clone(&told));
        let look = tokio::spawn(look_for_changes(pool.clone(), Arc::clone(&told))).abort_handle();
        Ok(PostgresJournal { pool, batcher, rates, told, look })
    }
}

impl Drop for PostgresJournal {
    fn drop(&mut self) {
        self.look.abort();
    }
}

fn tell(told: &watch::Sender<u64>) {
    told.send_modify(|count| *count = count.wrapping_add(1));
}

/// Tells of events that other gateways wrote, and of our own once every reader sees them.
async fn look_for_changes(pool: Pool, told: Arc<watch::Sender<u64>>) {
    let mut seen = None;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let end = read(&pool, &(), |sql, ()| Box::pin(event::end_of_events(sql, None))).await;
        // While the server is away there is nothing to tell; those who read notice it themselves.
        if let Ok(end) = end
            && seen.replace(end) != Some(end)
        {
            tell(&told);
        }
    }
}

impl Engine for PostgresJournal {
    type Sql = Session;

    async fn read<I, T>(&self, input: I, work: Work<Session, I, T>) -> Result<T, JournalError>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
    {
        read(&self.pool, &input, work).await
    }

    async fn write<I, T>(&self, input: I, work: Work<Session, I, T>) -> Result<T, JournalError>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
    {
        transact(&self.pool, &input, work).await
    }

    async fn write_and_notify<I, T>(&self, input: I, work: Work<Session, I, T>) -> Result<T, JournalError>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
    {
        let done = transact(&self.pool, &input, work).await?;
        tell(&self.told);
        Ok(done)
    }

    async fn keep(&self, acceptance: Acceptance) -> Result<Accepted, JournalError> {
        self.batcher.accept(acceptance).await
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.told.subscribe()
    }

    fn shared_rates(&self) -> Option<Arc<dyn SharedRates>> {
        Some(Arc::clone(&self.rates) as Arc<dyn SharedRates>)
    }

    async fn health(&self) -> Health {
        match tokio::time::timeout(HEALTH_WAIT, connect::check(&self.pool)).await {
            Ok(Ok(())) => self.batcher.health(),
            Ok(Err(error)) => Health::Unreachable(error.to_string()),
            Err(_) => Health::Unreachable(format!("no answer within {} s", HEALTH_WAIT.as_secs())),
        }
    }

    async fn close(&self, wait: Duration) {
        self.look.abort();
        let _ = tokio::time::timeout(wait, self.batcher.close()).await;
        self.rates.close(wait).await;
        self.pool.close();
    }
}
