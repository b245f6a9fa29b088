//! Opening the file: for this process alone, with settings that keep the promise, with the newest schema.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use portgate_files::own;
use rusqlite::{Connection, OpenFlags};

use super::connection::Local;
use super::{ready, status};
use crate::error::{JournalError, OpenError};
use crate::migrations;
use crate::statements::{claim, codes, parked, shipments};

/// The writer's connection, with the lock that makes the file this process's own.
pub(super) struct Opened {
    /// The file's path, without links on the way.
    pub(super) path: PathBuf,
    pub(super) connection: Local,
    /// For bringing the write-ahead log into the file beside the writer.
    pub(super) checkpointing: Connection,
    pub(super) lock: File,
}

/// Pages of a new file, in bytes. In a large journal each of a document's keys comes into a page of its own, and all of that page is
/// written: larger ones would cost more than a message saves that fills fewer.
const PAGE_BYTES: i64 = 4096;
/// The writer's cache, so that the indexes that are not appended to stay in memory.
const CACHE_KIB: i64 = 128 * 1024;
/// Statements that are kept prepared.
const STATEMENTS: usize = 128;

/// How long a command waits for a lock that somebody else has. Nobody who belongs here holds one for longer.
const LOCKED_WAIT: std::time::Duration = std::time::Duration::from_secs(1);

pub(super) fn open(path: &Path) -> Result<Opened, OpenError> {
    let path = own_folder(path)?;
    let lock = lock(&path)?;
    own_files(&path)?;
    let connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    settle_settings(&connection)?;
    migrate(&connection)?;
    // The lock proves that no other process works on anything, so all claims can be given back.
    let mut connection = Local::new(connection);
    let released = ready(async {
        claim::release_all(&mut connection).await?;
        codes::awaited::release_all(&mut connection).await?;
        parked::release_all(&mut connection).await?;
        shipments::release_all(&mut connection).await
    });
    released.map_err(|failure| refused(&connection.connection, &failure.into()))?;
    let checkpointing = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    settle_settings(&checkpointing)?;
    Ok(Opened { path, connection, checkpointing, lock })
}

/// Makes or checks the folder, which is the journal's alone, and gives the file's path in it.
fn own_folder(path: &Path) -> Result<PathBuf, OpenError> {
    let (folder, name) = (path.parent().unwrap_or(Path::new("")), path.file_name().unwrap_or_default());
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let is_journals = |entry: &std::ffi::OsStr| entry.as_encoded_bytes().starts_with(name.as_encoded_bytes());
    own::folder(folder, "the journal", is_journals)?;
    let named = |source| OpenError::File { path: folder.display().to_string(), source };
    Ok(folder.canonicalize().map_err(named)?.join(name))
}

/// Makes the file, and tightens it and all that SQLite keeps beside it. What SQLite makes later gets the file's own mode.
/// Must be called before SQLite has any of them open: closing a file gives up the locks that the process has on it.
fn own_files(path: &Path) -> Result<(), OpenError> {
    for suffix in ["-wal", "-shm", "-journal"] {
        own::tighten(&beside(path, suffix))?;
    }
    own::open(path)?;
    Ok(())
}

/// A connection that only reads.
pub(super) fn open_reader(path: &Path) -> Result<Local, OpenError> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map(Local::new)
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, OpenError> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags)
        .map_err(|error| OpenError::Database(format!("{}: {error}", path.display())))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    rusqlite::vtab::array::load_module(&connection).map_err(|error| failed(&connection, error))?;
    connection.busy_timeout(LOCKED_WAIT).map_err(|error| failed(&connection, error))?;
    Ok(connection)
}

fn failed(connection: &Connection, error: rusqlite::Error) -> OpenError {
    refused(connection, &status::said(&error, connection))
}

fn refused(connection: &Connection, error: &JournalError) -> OpenError {
    OpenError::Database(format!("{}: {error}", connection.path().unwrap_or_default()))
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
    let (file, _) = own::open(&lock_path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked { path: lock_path.display().to_string() }),
        Err(TryLockError::Error(source)) => Err(named(source)),
    }
}

/// Sets what the promise needs, and reads it back: a setting that SQLite did not take is an error, not a surprise.
fn settle_settings(connection: &Connection) -> Result<(), OpenError> {
    let pragma = |text: &str| connection.execute_batch(text).map_err(|error| failed(connection, error));
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
            connection.query_row(&format!("PRAGMA {setting}"), [], read).map_err(|error| failed(connection, error))?;
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
    let sql = |error: rusqlite::Error| failed(connection, error);
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
