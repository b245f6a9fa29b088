//! `portgate audit …`: the audit log of a running gateway, and the proof, away from it, that nothing of it was touched.

mod keygen;
mod report;
mod save;
mod search;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use crate::operator::{Connection, OperatorClient, OperatorError};

/// The verbs of `portgate audit`.
#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// List entries by filter, the newest first
    Search(search::Options),
    /// Save the newest head: keep it where whoever runs the gateway cannot change it
    Head {
        #[command(flatten)]
        connection: Connection,
        /// Where it is written; standard output where it is not given
        file: Option<PathBuf>,
    },
    /// Save the public key that verifies heads
    Key {
        #[command(flatten)]
        connection: Connection,
        /// Where it is written; standard output where it is not given
        file: Option<PathBuf>,
    },
    /// Save the whole log, one entry a line
    Export {
        #[command(flatten)]
        connection: Connection,
        /// Where it is written
        file: PathBuf,
        /// Save the head that belongs to it as well
        #[arg(long)]
        head: Option<PathBuf>,
    },
    /// Prove from files alone that nothing was altered, removed or moved since a head was saved
    Verify(verify::Options),
    /// Write the review of every plugin, and what the gateway is made of
    Report(report::Options),
    /// Make a key that signs heads: write the private one, print the public one
    Keygen {
        /// Where the private key is written; it must not exist
        file: PathBuf,
    },
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Operator(#[from] OperatorError),
    #[error("{}: {}", .0.display(), .1)]
    File(PathBuf, std::io::Error),
    #[error("the audit log is empty")]
    Empty,
    #[error("the answer of the gateway cannot be understood; is it of this version?")]
    Answer,
    #[error("the system gives no random bytes")]
    Random,
}

/// Runs the command. A log that is not what was signed is exit code 1, everything else that fails 2.
pub(crate) fn run(command: &AuditCommand) -> ExitCode {
    let done = match command {
        AuditCommand::Verify(options) => return verify::run(options),
        AuditCommand::Search(options) => search::run(options),
        AuditCommand::Head { connection, file } => save::head(connection, file.as_deref()),
        AuditCommand::Key { connection, file } => save::key(connection, file.as_deref()),
        AuditCommand::Export { connection, file, head } => save::export(connection, file, head.as_deref()),
        AuditCommand::Report(options) => report::run(options),
        AuditCommand::Keygen { file } => keygen::run(file),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("portgate: {failure}");
            ExitCode::from(2)
        }
    }
}

fn client(connection: &Connection) -> Result<OperatorClient, Failure> {
    Ok(OperatorClient::new(connection)?)
}
