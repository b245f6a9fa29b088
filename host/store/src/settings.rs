//! Where the journal is.

use std::fmt;
use std::path::PathBuf;

/// Which database keeps the journal.
#[derive(Clone)]
pub enum JournalSettings {
    /// A SQLite file, for one gateway. The file is made when it is missing, its folder as well.
    Sqlite {
        /// The file.
        path: PathBuf,
    },
    /// A PostgreSQL database, which several gateways can share.
    Postgres {
        /// `postgres://user:password@host/database`, with the parameters of libpq; TLS by `sslmode`.
        url: String,
        /// Connections at most.
        connections_max: u32,
    },
}

impl fmt::Debug for JournalSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JournalSettings::Sqlite { path } => f.debug_struct("Sqlite").field("path", path).finish(),
            // The URL can hold a password.
            JournalSettings::Postgres { connections_max, .. } => {
                f.debug_struct("Postgres").field("connections_max", connections_max).finish_non_exhaustive()
            }
        }
    }
}
