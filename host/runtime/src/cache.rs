//! The cache of compiled components.
//!
//! A compiled artefact is native code: whoever can place one here can run anything. So an artefact is used only if its
//! tag, an HMAC-SHA256 over its name and content with a key that never leaves the cache's folder, holds; anything else
//! is compiled again. An artefact's name says what it was made from: the component's digest, the engine's version and
//! settings. No artefact is ever removed: deleting the folder while the gateway is down is always safe. What several
//! gateways look for at once one of them compiles, and the others wait for it.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::{constant_time, hmac, rand};
use nix::libc;
use portgate_files::own::{self, Found};
use tempfile::NamedTempFile;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::refusal::Refusal;

/// The file with the key.
const KEY: &str = "key";
const KEY_BYTES: usize = 32;
/// More than any tag has.
const TAG_BYTES_MAX: u64 = 1024;
/// How much of an artefact is read at a time: whole it has tens of megabytes.
const PIECE_BYTES: usize = 128 << 10;
/// What the names of artefacts and tags end with, and those of files that are not finished begin with.
const ARTEFACT: &str = "cwasm";
const TAG: &str = "tag";
const PASSING: &str = ".passing-";

/// A folder of artefacts, with the key that authenticates them.
pub(crate) struct Cache {
    folder: PathBuf,
    key: hmac::Key,
}

impl Cache {
    /// Opens the folder, making it and its key at first use; both are for their owner alone. Where others had rights to
    /// either, what is in it proves nothing: the key is made anew, and with it everything else.
    pub(crate) fn open(folder: &Path) -> io::Result<Cache> {
        let path = folder.join(KEY);
        let too_open = own::folder(folder, "the cache", is_cached).map_err(io::Error::other)? == Found::Tightened
            || own::tighten(&path).map_err(io::Error::other)? == Some(Found::Tightened);
        if too_open {
            tracing::warn!(folder = %folder.display(), "others had rights to the cache of compiled plugins; it is made anew");
            fs::remove_file(&path).or_else(|error| match error.kind() {
                io::ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            })?;
        }
        let key = match fs::read(&path) {
            Ok(key) => key,
            Err(error) if error.kind() == io::ErrorKind::NotFound => make_key(folder, &path)?,
            Err(error) => return Err(error),
        };
        match key.len() {
            KEY_BYTES => Ok(Cache { folder: folder.to_owned(), key: hmac::Key::new(hmac::HMAC_SHA256, &key) }),
            _ => Err(io::Error::other("the file `key` is damaged; remove the folder, it is made anew")),
        }
    }

    /// The artefact of this component for this engine, from the cache or from `compile`, which may keep temporary files
    /// in the folder that it is given.
    ///
    /// # Errors
    ///
    /// What `compile` refuses, [`Refusal::Cache`] where the folder cannot be written, [`Refusal::Uncompilable`] where
    /// the engine does not take what it has just compiled, since it is too large for the pool.
    pub(crate) fn artefact(
        &self,
        engine: &Engine,
        digest: &str,
        compile: impl FnOnce(&Path) -> Result<Vec<u8>, Refusal>,
    ) -> Result<Component, Refusal> {
        let name = format!("{digest}-{:016x}", compatibility(engine));
        match self.load(engine, &name) {
            Ok(component) => return Ok(component),
            Err(Miss::Absent) => {}
            Err(Miss::Distrusted(why)) => {
                tracing::warn!(artefact = name, "a compiled artefact is not used and made anew: {why}");
            }
        }
        let _turn = self.turn(&name).map_err(Refusal::Cache)?;
        if let Ok(component) = self.load(engine, &name) {
            return Ok(component);
        }
        let file = self.store(&name, &compile(&self.folder)?).map_err(Refusal::Cache)?;
        // SAFETY: the file was written a moment ago, through this very descriptor, with what the engine had compiled;
        // and nobody but this process's own user can write to it.
        let component = unsafe { Component::deserialize_file(engine, mapped_from(&file)) };
        component.map_err(|error| Refusal::Uncompilable(format!("{error:#}")))
    }

    fn load(&self, engine: &Engine, name: &str) -> Result<Component, Miss> {
        let file = opened(&self.path(name, ARTEFACT)).map_err(miss)?;
        let mut tag = Vec::new();
        opened(&self.path(name, TAG)).map_err(miss)?.take(TAG_BYTES_MAX).read_to_end(&mut tag).map_err(miss)?;
        let due = self.tag(name, &file).map_err(miss)?;
        constant_time::verify_slices_are_equal(due.as_ref(), &tag)
            .map_err(|_| Miss::Distrusted("its tag does not hold".to_owned()))?;
        // SAFETY: the content was made by this cache with this engine's settings, as its tag proves, what is mapped is
        // the very file that was verified, and nobody but this process's own user can write to it.
        let component = unsafe { Component::deserialize_file(engine, mapped_from(&file)) };
        component.map_err(|error| Miss::Distrusted(format!("{error:#}")))
    }

    /// Writes tag and artefact under temporary names first, so that a crash leaves no half of either.
    fn store(&self, name: &str, artefact: &[u8]) -> io::Result<File> {
        let tag = self.tag(name, artefact)?;
        write_new(&self.folder, tag.as_ref())?.persist(self.path(name, TAG))?;
        Ok(write_new(&self.folder, artefact)?.persist(self.path(name, ARTEFACT))?)
    }

    /// What vouches for an artefact. It covers the name as well, so that one plugin's artefact cannot be passed off as another's.
    fn tag(&self, name: &str, mut artefact: impl Read) -> io::Result<hmac::Tag> {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(name.as_bytes());
        context.update(b"\0");
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            match artefact.read(&mut piece) {
                Ok(0) => return Ok(context.sign()),
                Ok(length) => context.update(&piece[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The right to compile this artefact, until it is dropped. The file goes with it: whoever asks between may compile a second
    /// time, which is only slower.
    fn turn(&self, name: &str) -> io::Result<Turn> {
        let path = self.folder.join(format!("{PASSING}{name}"));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600).custom_flags(libc::O_NOFOLLOW);
        let file = options.open(&path)?;
        file.lock()?;
        Ok(Turn { path, _locked: file })
    }

    fn path(&self, name: &str, extension: &str) -> PathBuf {
        self.folder.join(format!("{name}.{extension}"))
    }
}

/// A right that others wait for.
struct Turn {
    path: PathBuf,
    _locked: File,
}

impl Drop for Turn {
    fn drop(&mut self) {
        // What cannot be removed is taken again the next time.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether a file's name is one that the cache gives.
fn is_cached(name: &OsStr) -> bool {
    let extension = Path::new(name).extension();
    let finished = extension.is_some_and(|extension| extension == ARTEFACT || extension == TAG);
    name == KEY || finished || name.as_encoded_bytes().starts_with(PASSING.as_bytes())
}

/// Opens a file of the cache, which is a plain file and no link.
fn opened(path: &Path) -> io::Result<File> {
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("it is no plain file")),
    }
}

/// Why an artefact in the cache cannot be used.
enum Miss {
    Absent,
    Distrusted(String),
}

fn miss(error: io::Error) -> Miss {
    match error.kind() {
        io::ErrorKind::NotFound => Miss::Absent,
        _ => Miss::Distrusted(error.to_string()),
    }
}

/// The path by which an open file can be mapped, whatever has become of its name since.
fn mapped_from(file: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

/// What the engine says its artefacts depend on: its version, settings and the processor's features.
fn compatibility(engine: &Engine) -> u64 {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.finish()
}

fn make_key(folder: &Path, path: &Path) -> io::Result<Vec<u8>> {
    let mut key = [0; KEY_BYTES];
    rand::fill(&mut key).map_err(|_| io::Error::other("the system gives no random bytes"))?;
    match write_new(folder, &key)?.persist_noclobber(path) {
        Ok(_) => Ok(key.to_vec()),
        // Another process was faster, so its key is used.
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => fs::read(path),
        Err(error) => Err(error.error),
    }
}

/// A file for its owner alone, under a temporary name. It is removed again unless it is given its own name.
fn write_new(folder: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let mut file =
        tempfile::Builder::new().prefix(PASSING).permissions(Permissions::from_mode(0o600)).tempfile_in(folder)?;
    file.write_all(content)?;
    Ok(file)
}

#[cfg(test)]
mod tests;
