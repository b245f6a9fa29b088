//! Reading a plugin file, and writing one.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::{fs, io};

use portgate_files::Kind;
use portgate_runtime::Unreadable;

/// Why a file is no plugin. Every variant names the file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    /// There is none.
    #[error("{}: is not there; `portgate plugin build` makes plugin files", .0.display())]
    Missing(PathBuf),
    /// It cannot be read.
    #[error("{}: {}", .0.display(), .1)]
    Io(PathBuf, portgate_files::Unreadable),
    /// Standard input cannot be read.
    #[error("standard input: {0}")]
    StandardInput(io::Error),
    /// It holds something else.
    #[error("{}: {}", .0.display(), .1)]
    Unreadable(PathBuf, Unreadable),
}

/// Whatever comes by standard input, up to a size.
pub(super) fn standard_input(bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(bytes_max.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > bytes_max {
        true => Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("has more than {bytes_max} bytes"))),
        false => Ok(bytes),
    }
}

/// Writes a plugin file by renaming, so that a gateway that watches the folder never sees half of it.
pub(super) fn replace(path: &Path, component: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let half = path.with_file_name(format!(".{name}.{}", std::process::id()));
    // A process with the same number may have left this file behind. The new one never writes through anything that is
    // there.
    let _ = fs::remove_file(&half);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&half)?;
    file.write_all(component).and_then(|()| fs::rename(&half, path))
}

/// The file's bytes; `-` is standard input.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    if path == Path::new("-") {
        return standard_input(Kind::Component.bytes_max()).map_err(FileError::StandardInput);
    }
    portgate_files::read(path, Kind::Component).map_err(|error| match error {
        portgate_files::Unreadable::NotThere => FileError::Missing(path.to_owned()),
        other => FileError::Io(path.to_owned(), other),
    })
}
