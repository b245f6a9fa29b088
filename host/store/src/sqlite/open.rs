//! Opening the file: for this process alone, with settings that keep the promise, with the newest schema.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::connection::Local;
use super::{ready, status};
use crate::error::OpenError;
use crate::migrations;
use crate::statements::{claim, parked};

/// The writer's connection, with the lock that makes the file this process's own.
pub(super) struct Opened {
    pub(super) connection: Connection,
    /// For bringing the write-ahead log into the file beside the writer.
    pub(super) checkpointing: Connection,
    pub(super) lock: File,
}

/// Pages of a new file. Messages fill larger ones better and fewer are written; beyond this, keys, each of which comes into
/// a page of its own, would cost more than that saves.
const PAGE_BYTES: i64 = 8192;
/// The writer's cache, so that the indexes that are not appended to stay in memory.
const CACHE_KIB: i64 = 128 * 1024;
/// Statements that are kept prepared.
const STATEMENTS: usize = 128;

pub(super) fn open(path: &Path) -> Result<Opened, OpenError> {
    let lock = lock(path)?;
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    settle_settings(&connection)?;
    migrate(&connection)?;
    // The lock says that no other process works on anything.
    ready(claim::release_all(&Local(&connection))).map_err(|failure| refused(&status::said(failure)))?;
    ready(parked::release_all(&Local(&connection))).map_err(|failure| refused(&status::said(failure)))?;
    let checkpointing = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    settle_settings(&checkpointing)?;
    Ok(Opened { connection, checkpointing, lock })
}

/// A connection that only reads.
pub(super) fn open_reader(path: &Path) -> Result<Connection, OpenError> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, OpenError> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| refused(&error))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(|error| refused(&error))?;
    Ok(connection)
}

fn refused(error: &dyn std::fmt::Display) -> OpenError {
    OpenError::Database(error.to_string())
}

/// The journal's file with this behind its name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Takes the lock beside the file. The system gives it back when the process ends, however it ends.
fn lock(path: &Path) -> Result<File, OpenError> {
    let lock_path = beside(path, ".lock");
    let named = |source| OpenError::File { path: lock_path.display().to_string(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(named)?;
    }
    let file = File::options().create(true).truncate(false).write(true).open(&lock_path).map_err(named)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked { path: lock_path.display().to_string() }),
        Err(TryLockError::Error(source)) => Err(named(source)),
    }
}

/// Sets what the promise needs, and reads it back: a setting that SQLite did not take is an error, not a surprise.
fn settle_settings(connection: &Connection) -> Result<(), OpenError> {
    let pragma = |text: &str| connection.execute_batch(text).map_err(|error| refused(&error));
    pragma(&format!("PRAGMA page_size = {PAGE_BYTES}"))?;
    pragma("PRAGMA journal_mode = WAL")?;
    // Every commit is on the disk before it is answered.
    pragma("PRAGMA synchronous = FULL")?;
    pragma("PRAGMA foreign_keys = ON")?;
    // What retention removes is overwritten, not only forgotten.
    pragma("PRAGMA secure_delete = ON")?;
    // The writer does it itself, between two transactions, and sees whether it worked.
    pragma("PRAGMA wal_autocheckpoint = 0")?;
    pragma(&format!("PRAGMA cache_size = -{CACHE_KIB}"))?;
    pragma("PRAGMA temp_store = MEMORY")?;
    let expected = [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("foreign_keys", "1"),
        ("secure_delete", "1"),
        ("wal_autocheckpoint", "0"),
    ];
    for (setting, expected) in expected {
        let read = |row: &rusqlite::Row<'_>| {
            Ok(match row.get_ref(0)? {
                rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                other => other.as_str().unwrap_or_default().to_owned(),
            })
        };
        let value: String =
            connection.query_row(&format!("PRAGMA {setting}"), [], read).map_err(|error| refused(&error))?;
        if value != expected {
            return Err(OpenError::UnsafeSetting {
                setting: setting.to_owned(),
                value,
                advice: format!("the journal needs {expected}; its folder must be on a local disk"),
            });
        }
    }
    Ok(())
}

fn migrate(connection: &Connection) -> Result<(), OpenError> {
    let sql = |error: rusqlite::Error| refused(&error);
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(sql)?;
    let known = migrations::newest(migrations::SQLITE);
    if found > known {
        return Err(OpenError::TooNew { found, known });
    }
    for migration in migrations::SQLITE.iter().filter(|migration| migration.version > found) {
        let text =
            format!("BEGIN IMMEDIATE;\n{}\n;PRAGMA user_version = {};\nCOMMIT;", migration.text, migration.version);
        connection.execute_batch(&text).map_err(sql)?;
    }
    Ok(())
}
