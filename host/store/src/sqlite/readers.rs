//! A few connections that only read, beside the writer and never in its way.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connection::Local;
use super::open::open_reader;
use super::status::locked;
use crate::error::{JournalError, OpenError};
use crate::statements::Step;

/// How long a read may take to begin. Beginning takes a lock, which somebody else can be in the way of; SQLite itself tries
/// for ten seconds.
const BEGIN_WAIT: Duration = Duration::from_secs(2);

/// The connections, and who may have one.
pub(super) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Local>>>,
    permits: Arc<Semaphore>,
    /// The last read that was waited for could not begin in time.
    blocked: AtomicBool,
}

impl Readers {
    pub(super) fn open(path: &Path, count: usize) -> Result<Self, OpenError> {
        let connections = (0..count).map(|_| open_reader(path)).collect::<Result<Vec<_>, _>>()?;
        Ok(Readers {
            path: path.to_owned(),
            idle: Arc::new(Mutex::new(connections)),
            permits: Arc::new(Semaphore::new(count)),
            blocked: AtomicBool::new(false),
        })
    }

    /// Reads from one state of the journal.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, JournalError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Local) -> Step<T> + Send + 'static,
    {
        let permit = self.permit().await?;
        let (idle, has_begun) = (Arc::clone(&self.idle), Arc::new(AtomicBool::new(false)));
        let begun = Arc::clone(&has_begun);
        let mut read = tokio::task::spawn_blocking(move || {
            let taken = idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop();
            let mut connection = taken.expect("there are as many permits as connections");
            let read = read_at_once(&mut connection, &begun, work).map_err(JournalError::from);
            idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(connection);
            drop(permit);
            read
        });
        let read = match tokio::time::timeout(BEGIN_WAIT, &mut read).await {
            Ok(read) => read,
            // The read has begun and takes its time, so its end is waited for.
            Err(_) if has_begun.load(Ordering::Acquire) => read.await,
            Err(_) => {
                self.blocked.store(true, Ordering::Release);
                return Err(self.locked());
            }
        };
        self.blocked.store(false, Ordering::Release);
        read.unwrap_or_else(|error| Err(JournalError::Refused(error.to_string())))
    }

    /// Waits for a connection, unless all of them are stuck.
    async fn permit(&self) -> Result<OwnedSemaphorePermit, JournalError> {
        let closed = |_| JournalError::Unreachable("the journal is closed".to_owned());
        loop {
            let permit = Arc::clone(&self.permits).acquire_owned();
            match tokio::time::timeout(BEGIN_WAIT, permit).await {
                Ok(permit) => return permit.map_err(closed),
                Err(_) if self.blocked.load(Ordering::Acquire) => return Err(self.locked()),
                Err(_) => {}
            }
        }
    }

    fn locked(&self) -> JournalError {
        JournalError::Blocked(locked(&self.path))
    }
}

fn read_at_once<T>(connection: &mut Local, begun: &AtomicBool, work: impl FnOnce(&mut Local) -> Step<T>) -> Step<T> {
    connection.begin_reading()?;
    begun.store(true, Ordering::Release);
    let read = work(connection);
    connection.end_reading();
    read
}
