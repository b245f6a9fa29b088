//! What the errors of SQLite mean for the journal, and the state it is in.

use std::sync::Mutex;

use rusqlite::ErrorCode;

use crate::error::{Health, JournalError};
use crate::statements::Failure;

/// What the journal's own answer to a failure is.
pub(super) fn said(failure: Failure) -> JournalError {
    match failure {
        Failure::Journal(error) => error,
        Failure::Sqlite(error) => said_by_sqlite(&error),
        Failure::KeyTaken => JournalError::Refused("a key that was free is taken".to_owned()),
        Failure::Postgres(error) => JournalError::Refused(error.to_string()),
    }
}

fn said_by_sqlite(error: &rusqlite::Error) -> JournalError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => JournalError::Full,
        Some(
            ErrorCode::SystemIoFailure
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::OutOfMemory
            | ErrorCode::FileLockingProtocolFailed,
        ) => JournalError::Poisoned(error.to_string()),
        _ => JournalError::Refused(error.to_string()),
    }
}

/// Whether a failure concerns everything in the transaction, not only the command that met it.
pub(super) fn concerns_all(error: &JournalError) -> bool {
    matches!(error, JournalError::Full | JournalError::Poisoned(_))
}

/// The state that the journal is in.
#[derive(Debug)]
pub(super) struct Status(Mutex<Health>);

impl Status {
    pub(super) fn new() -> Self {
        Status(Mutex::new(Health::Ready))
    }

    pub(super) fn get(&self) -> Health {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Keeps what a transaction showed. What is poisoned stays so.
    pub(super) fn set(&self, health: Health) {
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !matches!(*state, Health::Poisoned(_)) {
            *state = health;
        }
    }

    pub(super) fn poisoned(&self) -> Option<JournalError> {
        match self.get() {
            Health::Poisoned(why) => Some(JournalError::Poisoned(why)),
            _ => None,
        }
    }
}
