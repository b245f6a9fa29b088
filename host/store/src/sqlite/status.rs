//! What the errors of SQLite mean for the journal, and the state it is in.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use portgate_files::locks;
use rusqlite::{Connection, ErrorCode, ffi};

use crate::error::{Health, JournalError};

/// Tells apart what will pass, what needs a restart, and what is a mistake. A failed fsync is never among what passes:
/// what is on the disk then is in doubt. A write that failed leaves the transaction without its end, so that nothing of
/// it counts.
pub(super) fn said(error: &rusqlite::Error, connection: &Connection) -> JournalError {
    let (Some(said), file) = (error.sqlite_error(), connection.path().unwrap_or_default()) else {
        return JournalError::Refused(error.to_string());
    };
    let extended = said.extended_code;
    match said.code {
        ErrorCode::DiskFull => JournalError::Full,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
            JournalError::Blocked(locked(Path::new(file)))
        }
        ErrorCode::SystemIoFailure if IN_LOCKING.contains(&extended) => {
            JournalError::Blocked(format!("{file}: no lock can be had ({error})"))
        }
        ErrorCode::SystemIoFailure if extended == ffi::SQLITE_IOERR_WRITE => match system_error(connection) {
            Some(std::io::ErrorKind::ReadOnlyFilesystem) => JournalError::Blocked(read_only(file)),
            Some(std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded) => JournalError::Full,
            _ => JournalError::Poisoned(error.to_string()),
        },
        // By now another file is in its place, or none.
        ErrorCode::ReadOnly if extended == ffi::SQLITE_READONLY_DBMOVED => JournalError::Poisoned(error.to_string()),
        ErrorCode::ReadOnly => JournalError::Blocked(read_only(file)),
        ErrorCode::OperationInterrupted | ErrorCode::SchemaChanged => JournalError::Blocked(format!("{file}: {error}")),
        ErrorCode::SystemIoFailure
        | ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::CannotOpen
        | ErrorCode::OutOfMemory => JournalError::Poisoned(error.to_string()),
        _ => JournalError::Refused(error.to_string()),
    }
}

/// Failures to take or look at a lock.
const IN_LOCKING: [i32; 5] = [
    ffi::SQLITE_IOERR_LOCK,
    ffi::SQLITE_IOERR_RDLOCK,
    ffi::SQLITE_IOERR_SHMLOCK,
    ffi::SQLITE_IOERR_CHECKRESERVEDLOCK,
    ffi::SQLITE_IOERR_BLOCKED,
];

fn read_only(file: &str) -> String {
    format!("{file} is on a file system that is read-only")
}

/// Which of the journal's files is locked, and by whom as far as the system tells.
pub(super) fn locked(file: &Path) -> String {
    let beside = |suffix: &str| {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    for file in [beside("-shm"), beside("-wal"), file.to_owned()] {
        let holders = locks::holders(&file);
        if !holders.is_empty() {
            let processes = holders.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
            return format!("{} is locked by process {processes}", file.display());
        }
    }
    format!("{} or {} is locked by another process", file.display(), beside("-shm").display())
}

/// What the system said to the last call that failed on this connection.
fn system_error(connection: &Connection) -> Option<std::io::ErrorKind> {
    // SAFETY: the connection is open as long as it is borrowed, and the call only reads a number out of it.
    let code = unsafe { ffi::sqlite3_system_errno(connection.handle()) };
    (code != 0).then(|| std::io::Error::from_raw_os_error(code).kind())
}

/// Whether a failure concerns everything in the transaction, not only the command that met it.
pub(super) fn concerns_all(error: &JournalError) -> bool {
    matches!(error, JournalError::Full | JournalError::Blocked(_) | JournalError::Poisoned(_))
}

/// The state that the journal is in.
#[derive(Debug)]
pub(super) struct Status {
    health: Mutex<Health>,
    /// Since when a transaction has been trying to begin.
    begins: Mutex<Option<Instant>>,
}

impl Status {
    pub(super) fn new() -> Self {
        Status { health: Mutex::new(Health::Ready), begins: Mutex::new(None) }
    }

    pub(super) fn get(&self) -> Health {
        self.health.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Keeps the health that a transaction showed, and gives back the health before. A poisoned journal stays poisoned.
    pub(super) fn set(&self, health: Health) -> Health {
        let mut state = self.health.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match &*state {
            Health::Poisoned(why) => Health::Poisoned(why.clone()),
            _ => std::mem::replace(&mut *state, health),
        }
    }

    pub(super) fn poisoned(&self) -> Option<JournalError> {
        match self.get() {
            Health::Poisoned(why) => Some(JournalError::Poisoned(why)),
            _ => None,
        }
    }

    /// A transaction tries to begin.
    pub(super) fn begins(&self) {
        *self.begins.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(Instant::now());
    }

    /// It has begun, or has given up.
    pub(super) fn has_begun(&self) {
        *self.begins.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
    }

    /// For how long a transaction has been trying to begin.
    pub(super) fn begins_for(&self) -> Duration {
        let begins = *self.begins.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        begins.map_or(Duration::ZERO, |since| since.elapsed())
    }
}
