//! The cache of compiled components.
//!
//! A compiled artefact is native code: whoever can place one here can run anything. So an artefact is used only if its
//! tag, an HMAC-SHA256 over its name and content with a key that never leaves the cache's folder, holds; anything else
//! is compiled again. An artefact's name says what it was made from: the component's digest, the engine's version and
//! settings.

use std::fs::{self, File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::{hmac, rand};
use wasmtime::Engine;
use wasmtime::component::Component;

/// A folder of artefacts, with the key that authenticates them.
pub(crate) struct Cache {
    folder: PathBuf,
    key: hmac::Key,
}

impl Cache {
    /// Opens the folder, making it and its key at first use; both are for their owner alone.
    pub(crate) fn open(folder: &Path) -> io::Result<Cache> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let path = folder.join("key");
        let key = match fs::read(&path) {
            Ok(key) if key.len() == 32 => key,
            Ok(_) => return Err(io::Error::other("the file `key` is damaged; remove the folder, it is made anew")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => make_key(&path)?,
            Err(error) => return Err(error),
        };
        Ok(Cache { folder: folder.to_owned(), key: hmac::Key::new(hmac::HMAC_SHA256, &key) })
    }

    /// The artefact of this component for this engine, from the cache or from `compile`.
    pub(crate) fn artefact(
        &self,
        engine: &Engine,
        digest: &str,
        compile: impl FnOnce() -> Result<Vec<u8>, crate::Refusal>,
    ) -> Result<Component, crate::Refusal> {
        let name = format!("{digest}-{:016x}", compatibility(engine));
        match self.load(engine, &name) {
            Ok(component) => return Ok(component),
            Err(Miss::Absent) => {}
            Err(Miss::Distrusted(why)) => {
                tracing::warn!(artefact = name, "a compiled artefact is not used and made anew: {why}");
            }
        }
        let artefact = compile()?;
        self.store(&name, &artefact).map_err(crate::Refusal::Cache)?;
        self.load(engine, &name).map_err(|miss| match miss {
            Miss::Absent => crate::Refusal::Cache(io::ErrorKind::NotFound.into()),
            Miss::Distrusted(why) => crate::Refusal::Uncompilable(why),
        })
    }

    fn load(&self, engine: &Engine, name: &str) -> Result<Component, Miss> {
        let absent = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => Miss::Absent,
            _ => Miss::Distrusted(error.to_string()),
        };
        let mut file = File::open(self.path(name, "cwasm")).map_err(absent)?;
        let tag = fs::read(self.path(name, "tag")).map_err(absent)?;
        let mut content = Vec::new();
        file.read_to_end(&mut content).map_err(absent)?;
        hmac::verify(&self.key, &tagged(name, &content), &tag)
            .map_err(|_| Miss::Distrusted("its tag does not hold".to_owned()))?;
        // The descriptor's own path, so that what is mapped is the file that was just verified, whatever has become of
        // its name since.
        let verified = format!("/proc/self/fd/{}", file.as_raw_fd());
        // SAFETY: the content was made by this cache with this engine's settings, as its tag proves, and nobody but
        // this process's own user can write to the folder.
        let component = unsafe { Component::deserialize_file(engine, verified) };
        component.map_err(|error| Miss::Distrusted(error.to_string()))
    }

    /// Writes artefact and tag under other names first, so that a crash leaves no half of either.
    fn store(&self, name: &str, artefact: &[u8]) -> io::Result<()> {
        let tag = hmac::sign(&self.key, &tagged(name, artefact));
        for (extension, content) in [("cwasm", artefact), ("tag", tag.as_ref())] {
            let target = self.path(name, extension);
            let passing = self.path(name, &format!("{extension}.{}", std::process::id()));
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&passing)?;
            file.write_all(content)?;
            fs::rename(&passing, &target)?;
        }
        Ok(())
    }

    fn path(&self, name: &str, extension: &str) -> PathBuf {
        self.folder.join(format!("{name}.{extension}"))
    }
}

/// Why an artefact is not in use.
enum Miss {
    Absent,
    Distrusted(String),
}

/// What a tag covers: the name as well, so that one plugin's artefact cannot be passed off as another's.
fn tagged(name: &str, content: &[u8]) -> Vec<u8> {
    [name.as_bytes(), b"\0", content].concat()
}

/// What the engine says its artefacts depend on: its version, settings and the processor's features.
fn compatibility(engine: &Engine) -> u64 {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.finish()
}

fn make_key(path: &Path) -> io::Result<Vec<u8>> {
    let mut key = [0; 32];
    rand::fill(&mut key).map_err(|_| io::Error::other("the system gives no random bytes"))?;
    let mut options = OpenOptions::new();
    match options.write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => file.write_all(&key).map(|()| key.to_vec()),
        // Another process was faster; its key is the one.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => fs::read(path),
        Err(error) => Err(error),
    }
}
