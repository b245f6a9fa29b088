//! `portgate plugin sign`: puts a signature into plugin files, beside those that hold already.

use std::io;
use std::path::PathBuf;

use clap::Args;
use portgate_runtime::{Unreadable, Unsignable, inspect_component};

use super::file::{self, FileError};
use super::key::{KeyError, signing_key};

/// What to sign, and with what.
#[derive(Args)]
pub(crate) struct Options {
    /// The plugin files; each is replaced by itself with the signature inside
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The file of the secret key, as `portgate plugin keygen` writes it
    #[arg(long)]
    key: PathBuf,
}

/// Why a file is not signed.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignError {
    /// There is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The file is no plugin.
    #[error(transparent)]
    File(#[from] FileError),
    /// It cannot be signed.
    #[error("{}: {}", .0.display(), .1)]
    Unsignable(PathBuf, Unsignable),
    /// It cannot be written.
    #[error("{}: {}", .0.display(), .1)]
    Write(PathBuf, io::Error),
}

/// Signs each file and prints what it is now.
pub(super) fn run(options: &Options) -> Result<(), SignError> {
    let key = signing_key(&options.key)?;
    for path in &options.files {
        let component = file::read(path)?;
        let unreadable = |error: Unreadable| FileError::Unreadable(path.clone(), error);
        // What is no plugin is not signed: a signature says that somebody has looked.
        inspect_component(&component).map_err(unreadable)?;
        let signed = key.sign(&component).map_err(|error| SignError::Unsignable(path.clone(), error))?;
        file::replace(path, &signed).map_err(|error| SignError::Write(path.clone(), error))?;
        let inspection = inspect_component(&signed).map_err(unreadable)?;
        println!("{} {}", inspection.manifest.name, inspection.manifest.version);
        println!("  file     {} ({} bytes)", path.display(), inspection.size);
        println!("  sha256   {}", inspection.digest);
        println!("  signed   with the key {}", key.verifying_key().id());
    }
    Ok(())
}
