//! What can go wrong between the gateway and its journal, by what the caller has to do about it.

use portgate_files::own::NotOwn;

/// Why the journal did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// A commit failed in a way that leaves open what is on the disk. Nothing is acknowledged any more until the process
    /// has restarted and read what is really there.
    #[error("the journal could not be written to its disk and takes nothing more until the gateway is restarted: {0}")]
    Poisoned(String),
    /// There is no space left. Nothing was kept; it works again when there is space.
    #[error("the journal's disk is full; nothing was kept")]
    Full,
    /// Something outside is in the way: somebody else's lock, a file system that is read-only, too many connections.
    /// Nothing was kept; it works again when that is gone.
    #[error("the journal takes nothing now: {0}; nothing was kept")]
    Blocked(String),
    /// The database cannot be reached, or has gone away. Whether a commit that was under way is kept is not known.
    #[error("the journal's database cannot be reached: {0}")]
    Unreachable(String),
    /// The claim on the delivery has ended and somebody else has it, or it is settled. Nothing was changed.
    #[error("the claim on the delivery was lost; nothing was changed")]
    LeaseLost,
    /// What is stored cannot be read as what it should be.
    #[error("the journal holds something unreadable: {0}")]
    Unreadable(String),
    /// The database refused a statement: a mistake in the gateway or a damaged database.
    #[error("the journal's database refused: {0}")]
    Refused(String),
}

/// Why a journal cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has the journal.
    #[error(
        "{path}: another process has this journal open; a SQLite journal belongs to one gateway alone. \
             Stop the other one, or keep the journal in PostgreSQL"
    )]
    Locked {
        /// The lock file.
        path: String,
    },
    /// The journal was written by a newer program.
    #[error("the journal has schema version {found}, this program knows {known}; run the newer program")]
    TooNew {
        /// The version of the database.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// A setting of the database breaks the promise that what is acknowledged is kept.
    #[error("the database has {setting} = {value}; {advice}")]
    UnsafeSetting {
        /// The setting.
        setting: String,
        /// What it is.
        value: String,
        /// What to do.
        advice: String,
    },
    /// The URL cannot be used. It is not shown, because it can hold a password.
    #[error("the URL of the database cannot be used: {0}")]
    BadUrl(String),
    /// The file or its folder is not its owner's alone, or is no plain file.
    #[error(transparent)]
    NotOwn(#[from] NotOwn),
    /// The file or its folder cannot be used.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The database cannot be reached or refused a statement.
    #[error("the journal's database cannot be opened: {0}")]
    Database(String),
}

/// Whether the journal can take anything now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It can.
    Ready,
    /// Its disk is full.
    Full,
    /// Something outside is in its way, such as a lock.
    Blocked(String),
    /// A commit failed; the process must be restarted.
    Poisoned(String),
    /// Its database cannot be reached or is no longer fit.
    Unreachable(String),
}
