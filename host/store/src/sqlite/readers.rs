//! A few connections that only read, beside the writer and never in its way.

use std::path::Path;
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::connection::Local;
use super::open::open_reader;
use super::status::said;
use crate::error::{JournalError, OpenError};
use crate::statements::Step;

/// The connections, and who may have one.
pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn open(path: &Path, count: usize) -> Result<Self, OpenError> {
        let connections = (0..count).map(|_| open_reader(path)).collect::<Result<Vec<_>, _>>()?;
        Ok(Readers { idle: Arc::new(Mutex::new(connections)), permits: Arc::new(Semaphore::new(count)) })
    }

    /// Reads from one state of the journal.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, JournalError>
    where
        T: Send + 'static,
        F: FnOnce(&Local<'_>) -> Step<T> + Send + 'static,
    {
        let closed = |_| JournalError::Unreachable("the journal is closed".to_owned());
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(closed)?;
        let idle = Arc::clone(&self.idle);
        let read = tokio::task::spawn_blocking(move || {
            let taken = idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop();
            let connection = taken.expect("there are as many permits as connections");
            let read = read_at_once(&connection, work);
            idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(connection);
            drop(permit);
            read.map_err(said)
        });
        read.await.unwrap_or_else(|error| Err(JournalError::Refused(error.to_string())))
    }
}

fn read_at_once<T>(connection: &Connection, work: impl FnOnce(&Local<'_>) -> Step<T>) -> Step<T> {
    // Its end, by being dropped, is a rollback: there is nothing to commit.
    let _transaction = connection.unchecked_transaction()?;
    work(&Local(connection))
}
