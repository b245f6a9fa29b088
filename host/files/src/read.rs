//! Reading a configured file.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::SystemTime;

use nix::libc;
use zeroize::Zeroizing;

use crate::apart::{Unanswered, apart};
use crate::kind::Kind;
use crate::secrecy::{Guard, TooOpen, check_folder_of_secret, check_secret_folder};

/// Why a file is not read. The path is not part of it, because the caller knows by which name people know the file.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// There is nothing of that name.
    #[error("it is not there")]
    NotThere,
    /// It is a link, and what it leads to is not there.
    #[error("it is a link that leads to nothing")]
    LeadsNowhere,
    /// It is something else than a file.
    #[error("it is {0}, and only plain files are read")]
    NotPlain(&'static str),
    /// It is larger than a file of its kind may be.
    #[error("it has {bytes} bytes, and {kind} may have at most {}", kind.bytes_max())]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// What it is for.
        kind: Kind,
    },
    /// It was written to meanwhile.
    #[error("it changes while it is read")]
    Changing,
    /// It must be text.
    #[error("it is not UTF-8")]
    NotText,
    /// It holds a secret, and others can read it or exchange it.
    #[error(transparent)]
    TooOpen(#[from] TooOpen),
    /// Its file system does not answer.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    /// The system says so.
    #[error("{0}")]
    System(io::Error),
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Unreadable::NotThere,
            _ => Unreadable::System(error),
        }
    }
}

/// Reads a configured file: apart, within the time of its kind.
///
/// # Errors
///
/// [`Unreadable`].
pub fn read(path: &Path, kind: Kind) -> Result<Vec<u8>, Unreadable> {
    let (path, place) = (path.to_owned(), place(path).to_owned());
    apart(&place, kind.wait(), move || plain(&path, kind))?
}

/// Reads a configured file of text.
///
/// # Errors
///
/// As [`read()`], and [`Unreadable::NotText`].
pub fn text(path: &Path, kind: Kind) -> Result<String, Unreadable> {
    text_of(read(path, kind)?)
}

/// Takes what was read for text.
///
/// # Errors
///
/// [`Unreadable::NotText`].
pub fn text_of(content: Vec<u8>) -> Result<String, Unreadable> {
    String::from_utf8(content).map_err(|_| Unreadable::NotText)
}

/// Reads a file with a secret, of which no copy is left behind in memory: apart, and only if nobody else can read it, nor
/// exchange it in its folder.
///
/// # Errors
///
/// As [`read()`], and [`Unreadable::TooOpen`].
pub fn read_secret(path: &Path, kind: Kind, guard: Guard) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
    read_guarded(path, place(path), kind, guard, |folder| Ok(check_folder_of_secret(&std::fs::metadata(folder)?)?))
}

/// The same for a secret in a folder that holds nothing but secrets, and is its owner's alone as well.
///
/// # Errors
///
/// As [`read_secret`].
pub fn read_secret_of_folder(path: &Path, kind: Kind, guard: Guard) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
    // One that does not answer leaves the others of its folder as they are.
    read_guarded(path, path, kind, guard, move |folder| Ok(check_secret_folder(&std::fs::metadata(folder)?, guard)?))
}

/// Reads a file, with `stuck_at` as the place that is avoided for as long as it does not answer.
fn read_guarded(
    path: &Path,
    stuck_at: &Path,
    kind: Kind,
    guard: Guard,
    check_folder: impl FnOnce(&Path) -> Result<(), Unreadable> + Send + 'static,
) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
    let path = path.to_owned();
    apart(stuck_at, kind.wait(), move || {
        check_folder(place(&path))?;
        read_checked(&path, kind, Some(guard)).map(Zeroizing::new)
    })?
}

/// Reads a configured file on this thread, for a caller that is on a thread of its own already. What is not a plain
/// file is refused without being opened. A plain file is opened without blocking, in case it is exchanged in between.
///
/// # Errors
///
/// [`Unreadable`], without its file system's silence.
pub fn plain(path: &Path, kind: Kind) -> Result<Vec<u8>, Unreadable> {
    read_checked(path, kind, None)
}

/// Where reading a file can get stuck, as far as one can tell without asking.
fn place(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn read_checked(path: &Path, kind: Kind, guard: Option<Guard>) -> Result<Vec<u8>, Unreadable> {
    let metadata = std::fs::metadata(path).map_err(|error| not_there(path, error))?;
    check_type(&metadata)?;
    let flags = libc::O_NONBLOCK | libc::O_CLOEXEC | libc::O_NOCTTY;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let before = file.metadata()?;
    check_type(&before)?;
    if let Some(guard) = guard {
        guard.check(&before)?;
    }
    if before.len() > kind.bytes_max() {
        return Err(Unreadable::TooLarge { bytes: before.len(), kind });
    }
    let content = read_all(&file, before.len())?;
    match seen(&file.metadata()?) == seen(&before) {
        true => Ok(content),
        false => Err(Unreadable::Changing),
    }
}

/// Reads so many bytes, after which the file must end. There is room for everything at once: a buffer that grows would
/// leave copies of a secret behind.
fn read_all(mut file: &File, bytes: u64) -> Result<Vec<u8>, Unreadable> {
    let room = usize::try_from(bytes).unwrap_or(usize::MAX);
    let mut content = vec![0; room];
    let mut filled = 0;
    while filled < room {
        match file.read(&mut content[filled..]) {
            Ok(0) => return Err(Unreadable::Changing),
            Ok(more) => filled += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    match file.read(&mut [0])? {
        0 => Ok(content),
        _ => Err(Unreadable::Changing),
    }
}

fn not_there(path: &Path, error: io::Error) -> Unreadable {
    match error.kind() {
        io::ErrorKind::NotFound if std::fs::symlink_metadata(path).is_ok() => Unreadable::LeadsNowhere,
        _ => error.into(),
    }
}

fn check_type(metadata: &Metadata) -> Result<(), Unreadable> {
    let kind = metadata.file_type();
    if kind.is_file() {
        return Ok(());
    }
    let is: [(bool, &'static str); 5] = [
        (kind.is_dir(), "a folder"),
        (kind.is_fifo(), "a pipe"),
        (kind.is_socket(), "a socket"),
        (kind.is_char_device(), "a device"),
        (kind.is_block_device(), "a device"),
    ];
    let is = is.iter().find(|(is, _)| *is);
    Err(Unreadable::NotPlain(is.map_or("no file", |(_, name)| name)))
}

/// What tells that a file was written to.
fn seen(metadata: &Metadata) -> (Option<SystemTime>, u64, i64, i64) {
    (metadata.modified().ok(), metadata.len(), metadata.ctime(), metadata.ctime_nsec())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;
    use std::process::Command;
    use std::time::{Duration, Instant};

    use super::*;

    fn said(path: &Path, kind: Kind) -> String {
        let began = Instant::now();
        let error = read(path, kind).expect_err("it is no plain file");
        assert!(began.elapsed() < Duration::from_secs(4), "{}: {error}", path.display());
        error.to_string()
    }

    #[test]
    fn only_plain_files_are_read_and_nothing_waits() {
        let folder = tempfile::tempdir().unwrap();
        let named = |name: &str| folder.path().join(name);
        fs::write(named("plain"), "content").unwrap();
        symlink(named("plain"), named("link")).unwrap();
        symlink(named("nowhere"), named("dangling")).unwrap();
        symlink(named("loop"), named("loop")).unwrap();
        symlink("/dev/zero", named("device")).unwrap();
        fs::create_dir(named("folder")).unwrap();
        assert!(Command::new("mkfifo").arg(named("pipe")).status().unwrap().success());
        let _listener = UnixListener::bind(named("socket")).unwrap();
        assert_eq!(read(&named("plain"), Kind::Policy).unwrap(), b"content");
        assert_eq!(read(&named("link"), Kind::Policy).unwrap(), b"content");
        for (name, problem) in [
            ("absent", "not there"),
            ("dangling", "a link that leads to nothing"),
            ("loop", "symbolic links"),
            ("device", "a device"),
            ("folder", "a folder"),
            ("pipe", "a pipe"),
            ("socket", "a socket"),
        ] {
            let said = said(&named(name), Kind::Policy);
            assert!(said.contains(problem), "{name}: {said}");
        }
    }

    #[test]
    fn a_file_over_its_cap_is_refused_without_being_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.toml");
        let made = File::create(&file).unwrap();
        made.set_len(Kind::Policy.bytes_max()).unwrap();
        assert_eq!(read(&file, Kind::Policy).unwrap().len() as u64, Kind::Policy.bytes_max());
        made.set_len(1 << 42).unwrap();
        assert_eq!(said(&file, Kind::Policy), "it has 4398046511104 bytes, and a policy may have at most 2097152");
    }

    #[test]
    fn a_file_that_grows_or_shrinks_is_not_half_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "0123456789").unwrap();
        let file = File::open(&path).unwrap();
        assert!(matches!(read_all(&file, 11), Err(Unreadable::Changing)), "it has become shorter");
        let file = File::open(&path).unwrap();
        File::options().append(true).open(&path).unwrap().write_all(b"x").unwrap();
        assert!(matches!(read_all(&file, 10), Err(Unreadable::Changing)), "it has become longer");
    }

    #[test]
    fn text_is_utf_8() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        fs::write(&file, b"\xff").unwrap();
        assert!(matches!(text(&file, Kind::Policy), Err(Unreadable::NotText)));
    }

    #[test]
    fn a_secret_that_others_could_read_or_exchange_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        fs::write(&file, "hunter2").unwrap();
        let chmod = |path: &Path, mode| fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
        let read = || read_secret(&file, Kind::Secret, Guard::OwnerAlone).map_err(|error| error.to_string());
        chmod(&file, 0o644);
        let refused = read().unwrap_err();
        assert!(refused.contains("chmod 600") && !refused.contains("hunter2"), "{refused}");
        chmod(&file, 0o600);
        assert_eq!(**read().unwrap(), *b"hunter2");
        chmod(folder.path(), 0o777);
        assert!(read().unwrap_err().contains("rights to its folder"));
    }
}
