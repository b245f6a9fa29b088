//! A table's file, with its change log beside it.
//!
//! A change is told before it is made: the log's line is on the disk when the table's new file takes the place of the old one in one
//! step. Whoever is broken off in between leaves a line about a change that never came, which its digests say. Two that change
//! tables of one folder wait for each other.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use portgate_core::reference::{self, Table, TableError};
use portgate_core::sha256::sha256_hex;
use portgate_files::Kind;

use crate::log::{self, Entry};

/// Why a table cannot be opened or changed.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file system does not let it.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it says.
        error: io::Error,
    },
    /// It is no table.
    #[error("{}: {error}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: TableError,
    },
    /// Its log is none.
    #[error("{}: line {line}: this is no entry of a change log", path.display())]
    Log {
        /// The file.
        path: PathBuf,
        /// Where.
        line: u64,
    },
    /// It is written by hand.
    #[error("{}: this table is written by hand, without a change log: edit it, or begin another one", .0.display())]
    ByHand(PathBuf),
    /// The gateway would not read it.
    #[error("{}: the table would have {bytes} bytes, and a gateway reads {} at most", path.display(), Kind::Table.bytes_max())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How many it would have.
        bytes: usize,
    },
}

/// A table that nobody else can change meanwhile.
#[derive(Debug)]
pub struct Held {
    path: PathBuf,
    /// The folder, whose lock is held.
    folder: File,
    table: Table,
    digest: Option<String>,
}

/// Reads a table, made of editions or written by hand, and the digest of its file.
///
/// # Errors
/// See [`FileError`].
pub fn open(path: &Path) -> Result<(Table, String), FileError> {
    let bytes = fs::read(path).map_err(|error| FileError::Io { path: path.to_owned(), error })?;
    let table = reference::read(&bytes).map_err(|error| FileError::Table { path: path.to_owned(), error })?;
    Ok((table, sha256_hex(&bytes)))
}

/// Where the log of a table is.
pub fn log_of(path: &Path) -> PathBuf {
    path.with_extension("log.jsonl")
}

/// The change log of a table; empty where it has none.
///
/// # Errors
/// See [`FileError`].
pub fn log(path: &Path) -> Result<Vec<Entry>, FileError> {
    let path = log_of(path);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(FileError::Io { path, error }),
    };
    log::read(&text).map_err(|line| FileError::Log { path, line })
}

impl Held {
    /// Holds a table, which may not be there yet.
    ///
    /// # Errors
    /// See [`FileError`].
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let io = |error| FileError::Io { path: parent.to_owned(), error };
        let folder = File::open(parent).map_err(io)?;
        folder.lock().map_err(io)?;
        let (table, digest) = match fs::exists(path).map_err(io)? {
            false => (Table::default(), None),
            true => {
                let (table, digest) = open(path)?;
                (table, Some(digest))
            }
        };
        let is_by_hand = digest.is_some() && !fs::read(path).is_ok_and(|bytes| reference::is_made_of_editions(&bytes));
        match is_by_hand {
            true => Err(FileError::ByHand(path.to_owned())),
            false => Ok(Held { path: path.to_owned(), folder, table, digest }),
        }
    }

    /// What the table says.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Puts another table in its place, and what the log says of it.
    ///
    /// # Errors
    /// See [`FileError`]. The table is as it was.
    pub fn put(self, table: &Table, entry: impl FnOnce(Option<String>, String) -> Entry) -> Result<Entry, FileError> {
        let Held { path, folder, digest, .. } = self;
        let written = reference::write(table);
        if written.len() as u64 > Kind::Table.bytes_max() {
            return Err(FileError::TooLarge { path, bytes: written.len() });
        }
        let entry = entry(digest, sha256_hex(written.as_bytes()));
        let mut beside = path.clone().into_os_string();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        let done = safely_written(&beside, written.as_bytes())
            .map_err(|error| (&beside, error))
            .and_then(|()| added(&log_of(&path), &entry).map_err(|error| (&beside, error)))
            .and_then(|()| fs::rename(&beside, &path).map_err(|error| (&path, error)))
            .and_then(|()| folder.sync_all().map_err(|error| (&path, error)));
        match done {
            Ok(()) => Ok(entry),
            Err((path, error)) => {
                let failed = FileError::Io { path: path.clone(), error };
                // Only what was written beside is taken away; the table is as it was.
                let _ = fs::remove_file(&beside);
                Err(failed)
            }
        }
    }
}

fn safely_written(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Adds a line to the log, behind one that was broken off where there is such a one.
fn added(path: &Path, entry: &Entry) -> io::Result<()> {
    let mut file = File::options().read(true).append(true).create(true).open(path)?;
    let mut last = [b'\n'];
    if file.metadata()?.len() > 0 {
        file.seek(io::SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    if last != *b"\n" {
        // What was broken off is no entry, and must not become the beginning of one.
        let text = fs::read_to_string(path)?;
        file.set_len(text.rfind('\n').map_or(0, |end| end as u64 + 1))?;
    }
    let mut line = serde_json::to_vec(entry)?;
    line.push(b'\n');
    file.write_all(&line)?;
    file.sync_all()
}
