//! The policy folder on disk: which files belong to it, and whether any of them has changed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::SystemTime;

use portgate_core::document_fields::DocumentFields;
use portgate_core::policy::{self, Mistake, PluginPolicy, Policies, Source};

/// The folder that holds `gateway.toml`, `ceiling.toml`, `routes.toml`, `plugins/`, `partners/`, `operators/` and
/// `signers/`.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
    /// Texts that stand for the policy files, whatever these are.
    given: Option<Arc<[Source]>>,
}

/// SHA-256 by path, in hexadecimal digits: policy files, and the tables that they name.
pub(crate) type Digests = BTreeMap<String, String>;

/// What a file looked like when it was last seen; any difference counts as a change.
pub(crate) type Fingerprint = BTreeMap<PathBuf, Option<(SystemTime, u64)>>;

impl Folder {
    /// The folder at this path; nothing is read yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Folder { root: root.into(), given: None }
    }

    /// The folder with these texts for its policy files.
    pub(crate) fn with(&self, texts: Vec<Source>) -> Folder {
        Folder { root: self.root.clone(), given: Some(texts.into()) }
    }

    /// The folder with its policy files as they are now, so that what is judged is what was read.
    ///
    /// # Errors
    ///
    /// Every file that cannot be read.
    pub(crate) fn as_it_is(&self) -> Result<Folder, Vec<Mistake>> {
        Ok(self.with(self.sources()?))
    }

    /// The folder with whatever its policy files are at each moment.
    pub(crate) fn on_disk(&self) -> Folder {
        Folder { root: self.root.clone(), given: None }
    }

    /// The texts that stand for its policy files.
    pub(crate) fn given_texts(&self) -> &[Source] {
        self.given.as_deref().unwrap_or_default()
    }

    /// A path of a policy, which starts at the folder unless it is absolute.
    pub fn resolve(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// What the folder's files say, each held against its schema and all against each other.
    ///
    /// # Errors
    ///
    /// Every mistake of every file.
    pub fn policies(&self) -> Result<Policies, Vec<Mistake>> {
        self.read().map(|(policies, _)| policies)
    }

    /// The same, with the digest of each file.
    pub(crate) fn read(&self) -> Result<(Policies, Digests), Vec<Mistake>> {
        let sources = self.sources()?;
        let digests = sources.iter().map(|source| (source.path.clone(), digest(source.text.as_bytes())));
        Ok((policy::load(&sources, document_fields())?, digests.collect()))
    }

    /// Where the component of a plugin with this policy is.
    pub fn component(&self, policies: &Policies, name: &str, policy: &PluginPolicy) -> PathBuf {
        let file = policy.file.clone().unwrap_or_else(|| format!("{name}.wasm"));
        self.resolve(&policies.gateway.paths.plugins).join(file)
    }

    /// The text of every policy file, with paths as people know them.
    ///
    /// # Errors
    ///
    /// Every file that cannot be read.
    pub fn sources(&self) -> Result<Vec<Source>, Vec<Mistake>> {
        if let Some(given) = &self.given {
            return Ok(given.to_vec());
        }
        let (mut sources, mut mistakes) = (Vec::new(), Vec::new());
        for path in self.policy_files() {
            let shown = path.strip_prefix(&self.root).unwrap_or(&path).display().to_string();
            match std::fs::read_to_string(&path) {
                Ok(text) => sources.push(Source { path: shown, text }),
                Err(error) => mistakes.push(Mistake::whole_file(shown, format!("cannot be read: {error}"), None)),
            }
        }
        match mistakes.is_empty() {
            true => Ok(sources),
            false => Err(mistakes),
        }
    }

    /// Every `.toml` file of the folder and its subfolders, sorted.
    fn policy_files(&self) -> Vec<PathBuf> {
        let folders = ["", "plugins", "partners", "operators", "signers"];
        let mut files: Vec<PathBuf> = folders.iter().flat_map(|folder| entries(&self.root.join(folder))).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
        files.sort();
        files
    }

    /// The state of the policy files and of `others` (components, tables, secrets): files or folders.
    pub(crate) fn fingerprint(&self, others: &[PathBuf]) -> Fingerprint {
        let others = others.iter().flat_map(|other| match other.is_dir() {
            true => entries(other),
            false => vec![other.clone()],
        });
        let files = self.policy_files().into_iter().chain(others);
        files
            .map(|file| {
                let seen = seen(&file);
                (file, seen)
            })
            .collect()
    }
}

/// The fields of the canonical documents: what policies can grant.
pub fn document_fields() -> &'static DocumentFields {
    static FIELDS: LazyLock<DocumentFields> = LazyLock::new(|| DocumentFields::new(canonical_schemas()));
    &FIELDS
}

/// The canonical schemas as they are checked in. A kind whose text is no JSON would fail the test that generates it.
pub(crate) fn canonical_schemas() -> impl Iterator<Item = (&'static str, serde_json::Value)> {
    let texts = portgate_canonical::SCHEMA_TEXTS.iter();
    texts.map(|(kind, text)| (*kind, serde_json::from_str(text).unwrap_or_default()))
}

/// SHA-256 of a file's content.
pub(crate) fn digest(content: &[u8]) -> String {
    hex::encode(crate::auth::sha256(content))
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_file()).collect()
}

fn seen(file: &Path) -> Option<(SystemTime, u64)> {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
