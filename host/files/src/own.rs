//! The files that the gateway writes itself: for their owner alone, whatever the umask is, and never through a link.
//!
//! A folder is made with mode 0700 and a file with 0600. What is there already is checked before it is used: it must belong
//! to the user that the process runs as, and what is too open, as older versions left it, is tightened, which the log says.
//! In a folder that is its owner's alone nobody else can place a link, and who finds one there all the same does not
//! follow it.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::libc;
use nix::unistd::geteuid;

/// What a folder or file was like when it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It was not there and has been made.
    Made,
    /// It was its owner's alone.
    Private,
    /// Others had rights to it, which they have lost now.
    Tightened,
}

/// Why a folder or file cannot be the process's own. Its path comes first, and what to do last.
#[derive(Debug, thiserror::Error)]
pub enum NotOwn {
    /// It belongs to somebody else.
    #[error("{}: belongs to user {owner}, and this process runs as user {ours}; `chown` it, or run as that user", path.display())]
    OtherOwner {
        /// The folder or file.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who we are.
        ours: u32,
    },
    /// It is something else than a plain file.
    #[error("{}: is a link or another thing that is no plain file, and would not be written through; remove it", .0.display())]
    NotPlain(PathBuf),
    /// The folder is open to others and holds other things as well.
    #[error(
        "{}: others than its owner have rights to this folder (mode {mode:04o}), which holds other things than {what}; \
         `chmod 700` it, or give {what} a folder of its own", path.display()
    )]
    Shared {
        /// The folder.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
        /// What it is used for.
        what: &'static str,
    },
    /// The system says so.
    #[error("{}: {error}", path.display())]
    System {
        /// The folder or file.
        path: PathBuf,
        /// What it says.
        error: io::Error,
    },
}

const FILE: u32 = 0o600;
const FOLDER: u32 = 0o700;
const OTHERS: u32 = 0o077;
const STICKY: u32 = 0o1000;

fn failed(path: &Path) -> impl Fn(io::Error) -> NotOwn {
    let path = path.to_owned();
    move |error| NotOwn::System { path: path.clone(), error }
}

/// A folder for `what`, made where it is not there. One that others have rights to is tightened only where everything
/// in it `belongs` to the same use: nobody's home or `/tmp` is closed to others by a mistake in a path.
///
/// # Errors
///
/// [`NotOwn`].
pub fn folder(path: &Path, what: &'static str, belongs: impl Fn(&OsStr) -> bool) -> Result<Found, NotOwn> {
    let failed = failed(path);
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make_folder(path)?;
            return Ok(Found::Made);
        }
        Err(error) => return Err(failed(error)),
    };
    if !metadata.is_dir() {
        return Err(failed(io::Error::from(io::ErrorKind::NotADirectory)));
    }
    check_owner(path, &metadata)?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & OTHERS == 0 {
        return Ok(Found::Private);
    }
    let all_belong = || fs::read_dir(path)?.try_fold(true, |all, entry| Ok(all && belongs(&entry?.file_name())));
    if mode & STICKY != 0 || !all_belong().map_err(&failed)? {
        return Err(NotOwn::Shared { path: path.to_owned(), mode, what });
    }
    fs::set_permissions(path, Permissions::from_mode(FOLDER)).map_err(&failed)?;
    let folder = path.canonicalize().unwrap_or(path.to_owned());
    tracing::warn!(folder = %folder.display(), was = format!("{mode:04o}"), "others had rights to this folder; it is its owner's alone now");
    Ok(Found::Tightened)
}

/// Makes a folder and those that it lies in, for their owner alone. One that is there stays as it is.
///
/// # Errors
///
/// [`NotOwn::System`].
pub fn make_folder(path: &Path) -> Result<(), NotOwn> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    let made = DirBuilder::new().recursive(true).mode(FOLDER).create(path);
    // The umask can only take away; it may have taken the owner's own rights.
    made.and_then(|()| fs::set_permissions(path, Permissions::from_mode(FOLDER))).map_err(failed(path))
}

/// Opens a file of the process's own for writing and reading, made where it is not there and tightened where it is too open.
///
/// # Errors
///
/// [`NotOwn`].
pub fn open(path: &Path) -> Result<(File, Found), NotOwn> {
    match make(path) {
        Ok(file) => Ok((file, Found::Made)),
        Err(NotOwn::System { error, .. }) if error.kind() == io::ErrorKind::AlreadyExists => {
            let file = opened(path, OpenOptions::new().read(true).write(true))?;
            let found = tightened(path, &file)?;
            Ok((file, found))
        }
        Err(error) => Err(error),
    }
}

/// Checks and tightens a file of the process's own, if it is there.
///
/// # Errors
///
/// [`NotOwn`].
pub fn tighten(path: &Path) -> Result<Option<Found>, NotOwn> {
    match opened(path, OpenOptions::new().read(true)) {
        Ok(file) => tightened(path, &file).map(Some),
        Err(NotOwn::System { error, .. }) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a new file for its owner alone, in a folder that is made where it is not there, and has it on the disk.
///
/// # Errors
///
/// [`NotOwn`]; of [`io::ErrorKind::AlreadyExists`] where there is one.
pub fn write_new(path: &Path, content: &[u8]) -> Result<(), NotOwn> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let mut file = make(path)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(failed(path))
}

/// Writes a file for its owner alone in place of whatever has this name, which is neither written to nor followed.
///
/// # Errors
///
/// [`NotOwn`].
pub fn replace(path: &Path, content: &[u8]) -> Result<(), NotOwn> {
    let mut passing = path.file_name().unwrap_or_default().to_owned();
    passing.push(format!(".passing-{}", std::process::id()));
    let passing = path.with_file_name(passing);
    // What a process of the same number left behind.
    let _ = fs::remove_file(&passing);
    write_new(&passing, content)?;
    fs::rename(&passing, path).map_err(failed(path))
}

fn make(path: &Path) -> Result<File, NotOwn> {
    let file =
        OpenOptions::new().read(true).write(true).create_new(true).mode(FILE).open(path).map_err(failed(path))?;
    file.set_permissions(Permissions::from_mode(FILE)).map_err(failed(path))?;
    Ok(file)
}

fn opened(path: &Path, options: &mut OpenOptions) -> Result<File, NotOwn> {
    let is_plain = fs::symlink_metadata(path).map(|metadata| metadata.is_file()).map_err(failed(path))?;
    if !is_plain {
        return Err(NotOwn::NotPlain(path.to_owned()));
    }
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;
    let file = options.custom_flags(flags).open(path).map_err(|error| match error.raw_os_error() {
        // It was exchanged for a link in between.
        Some(code) if code == nix::errno::Errno::ELOOP as i32 => NotOwn::NotPlain(path.to_owned()),
        _ => failed(path)(error),
    })?;
    match file.metadata().map_err(failed(path))?.is_file() {
        true => Ok(file),
        false => Err(NotOwn::NotPlain(path.to_owned())),
    }
}

fn tightened(path: &Path, file: &File) -> Result<Found, NotOwn> {
    let metadata = file.metadata().map_err(failed(path))?;
    check_owner(path, &metadata)?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & OTHERS == 0 {
        return Ok(Found::Private);
    }
    file.set_permissions(Permissions::from_mode(FILE)).map_err(failed(path))?;
    tracing::warn!(file = %path.display(), was = format!("{mode:04o}"), "others had rights to this file; it is its owner's alone now");
    Ok(Found::Tightened)
}

fn check_owner(path: &Path, metadata: &Metadata) -> Result<(), NotOwn> {
    let (owner, ours) = (metadata.uid(), geteuid().as_raw());
    match owner == ours {
        true => Ok(()),
        false => Err(NotOwn::OtherOwner { path: path.to_owned(), owner, ours }),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{chown, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn what_is_made_is_for_its_owner_alone_and_what_is_there_is_tightened() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("one/two");
        assert_eq!(super::folder(&inner, "the test", |_| true).unwrap(), Found::Made);
        assert_eq!((mode(&inner), mode(inner.parent().unwrap())), (0o700, 0o700));
        let file = inner.join("file");
        assert_eq!(open(&file).unwrap().1, Found::Made);
        assert_eq!(mode(&file), 0o600);
        assert_eq!(open(&file).unwrap().1, Found::Private);
        chmod(&file, 0o644);
        assert_eq!(tighten(&file).unwrap(), Some(Found::Tightened));
        assert_eq!(mode(&file), 0o600);
        assert_eq!(tighten(&inner.join("absent")).unwrap(), None);
        chmod(&inner, 0o755);
        assert_eq!(super::folder(&inner, "the test", |name| name == "file").unwrap(), Found::Tightened);
        assert_eq!(mode(&inner), 0o700);
    }

    #[test]
    fn a_folder_that_is_others_as_well_is_left_as_it_is_and_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("letters"), "").unwrap();
        chmod(folder.path(), 0o755);
        let refused = super::folder(folder.path(), "the journal", |name| name == "journal").unwrap_err();
        assert!(matches!(refused, NotOwn::Shared { .. }) && refused.to_string().contains("chmod 700"), "{refused}");
        assert_eq!(mode(folder.path()), 0o755);
        chmod(folder.path(), 0o1777);
        assert!(super::folder(folder.path(), "the journal", |_| true).is_err(), "everybody's folder");
        assert_eq!(mode(folder.path()), 0o1777);
    }

    #[test]
    fn no_link_and_no_other_thing_is_written_through() {
        let folder = tempfile::tempdir().unwrap();
        let (victim, link) = (folder.path().join("victim"), folder.path().join("link"));
        fs::write(&victim, "precious").unwrap();
        symlink(&victim, &link).unwrap();
        assert!(matches!(open(&link), Err(NotOwn::NotPlain(_))));
        assert!(matches!(tighten(&link), Err(NotOwn::NotPlain(_))));
        assert!(write_new(&link, b"x").is_err());
        replace(&link, b"new").unwrap();
        assert_eq!((fs::read(&victim).unwrap(), fs::read(&link).unwrap()), (b"precious".to_vec(), b"new".to_vec()));
        assert!(!fs::symlink_metadata(&link).unwrap().is_symlink());
        symlink(folder.path().join("nowhere"), folder.path().join("dangling")).unwrap();
        assert!(matches!(open(&folder.path().join("dangling")), Err(NotOwn::NotPlain(_))));
        assert!(!folder.path().join("nowhere").exists());
        assert!(matches!(open(folder.path()), Err(NotOwn::NotPlain(_))));
    }

    #[test]
    fn what_is_somebody_else_s_is_refused() {
        if !geteuid().is_root() {
            return println!("left out: only root can give a file to somebody else");
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        chown(&file, Some(65_534), None).unwrap();
        assert!(matches!(open(&file), Err(NotOwn::OtherOwner { owner: 65_534, .. })));
        chown(folder.path(), Some(65_534), None).unwrap();
        assert!(matches!(super::folder(folder.path(), "the test", |_| true), Err(NotOwn::OtherOwner { .. })));
    }
}
