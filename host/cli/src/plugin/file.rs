//! Reading a plugin file, and writing one.

use std::path::{Path, PathBuf};
use std::{fs, io};

use portgate_runtime::Unreadable;

/// Why a file is no plugin. Every variant names the file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    /// There is none.
    #[error("{}: is not there; `portgate plugin build` makes plugin files", .0.display())]
    Missing(PathBuf),
    /// It cannot be read.
    #[error("{}: {}", .0.display(), .1)]
    Io(PathBuf, io::Error),
    /// It holds something else.
    #[error("{}: {}", .0.display(), .1)]
    Unreadable(PathBuf, Unreadable),
}

/// Writes a plugin file by renaming, so that a gateway that watches the folder never sees half of it.
pub(super) fn replace(path: &Path, component: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let half = path.with_file_name(format!(".{name}.{}", std::process::id()));
    fs::write(&half, component).and_then(|()| fs::rename(&half, path))
}

/// The file's bytes.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => FileError::Missing(path.to_owned()),
        _ => FileError::Io(path.to_owned(), error),
    })
}
