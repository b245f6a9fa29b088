//! The policy folder on disk: which files belong to it, and whether any of them has changed.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use portgate_core::document_fields::DocumentFields;
use portgate_core::policy::{self, Mistake, Paths, PluginPolicy, Policies, Source};
use portgate_core::sha256::sha256_hex;
use portgate_files::{Guard, Kind, Unanswered, apart, apart_later, plain, text_of};
use portgate_http::secrets::Secrets;

/// How long reading all policies may take, and how long looking whether any file has changed.
const READ_WAIT: Duration = Duration::from_secs(20);
const LOOK_WAIT: Duration = Duration::from_secs(5);
/// Policy files of a folder, and their bytes together.
const FILES_MAX: usize = 20_000;
const BYTES_MAX: usize = 128 << 20;
/// Where policy files are, below the folder.
const PLACES: [&str; 5] = ["", "plugins", "partners", "operators", "signers"];

/// How files with secrets must be kept under these policies.
pub(crate) fn guard(paths: &Paths) -> Guard {
    if paths.secrets_mounted { Guard::Mounted } else { Guard::OwnerAlone }
}

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
pub(crate) type Fingerprint = BTreeMap<PathBuf, Option<Seen>>;

/// Size, identity and times of a file. Its rights are part of it: the second time changes with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    bytes: u64,
    inode: u64,
    content_changed: (i64, i64),
    changed: (i64, i64),
}

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

    /// The secrets of its policies, kept as they say.
    pub(crate) fn secrets(&self, paths: &Paths) -> Secrets {
        Secrets::open(self.resolve(&paths.secrets)).guarded(guard(paths))
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
        Ok((policy::load(&sources, document_fields())?, digests(&sources)))
    }

    /// Every mistake of every file; and beside it the policies without the files that are wrong by themselves, with the digest
    /// of each file.
    pub(crate) fn read_what_can_be(&self) -> (Option<Policies>, Digests, Vec<Mistake>) {
        let root = self.root.clone();
        let read = match &self.given {
            Some(given) => Ok((given.to_vec(), Vec::new())),
            None => apart(&self.root, READ_WAIT, move || read_sources(&root)),
        };
        let (sources, mut mistakes) = match read {
            Ok(read) => read,
            Err(unanswered) => {
                return (None, Digests::new(), vec![Mistake::whole_file(".", unanswered.to_string(), None)]);
            }
        };
        let unreadable: Vec<String> = mistakes.iter().map(|mistake| mistake.path.clone()).collect();
        let (policies, wrong) = policy::load_what_can_be(&sources, &unreadable, document_fields());
        mistakes.extend(wrong);
        (policies, digests(&sources), mistakes)
    }

    /// Where the component of a plugin with this policy is.
    pub fn component(&self, policies: &Policies, name: &str, policy: &PluginPolicy) -> PathBuf {
        self.resolve(&policies.gateway.paths.plugins).join(policy.component_file(name))
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
        let root = self.root.clone();
        match apart(&self.root, READ_WAIT, move || read_sources(&root)) {
            Ok((sources, mistakes)) if mistakes.is_empty() => Ok(sources),
            Ok((_, mistakes)) => Err(mistakes),
            Err(unanswered) => Err(vec![Mistake::whole_file(".", unanswered.to_string(), None)]),
        }
    }

    /// The state of the policy files and of `others` (components, tables, secrets): files or folders.
    ///
    /// # Errors
    ///
    /// Where one of them is does not answer.
    pub(crate) async fn fingerprint(&self, others: Vec<PathBuf>) -> Result<Fingerprint, Unanswered> {
        let root = self.root.clone();
        apart_later(&self.root, LOOK_WAIT, move || fingerprint(&root, others)).await
    }
}

fn digests(sources: &[Source]) -> Digests {
    sources.iter().map(|source| (source.path.clone(), digest(source.text.as_bytes()))).collect()
}

/// Every file whose name ends in `.toml`, whatever it is, and what is wrong with those that cannot be read; those whose names
/// begin with a dot are editors' and such.
fn read_sources(root: &Path) -> (Vec<Source>, Vec<Mistake>) {
    let (mut sources, mut mistakes) = (Vec::new(), Vec::new());
    let mut bytes = 0;
    for (shown, path) in policy_files(root, &mut mistakes) {
        match plain(&path, Kind::Policy).and_then(text_of) {
            Ok(text) => {
                bytes += text.len();
                sources.push(Source { path: shown, text });
            }
            Err(error) => mistakes.push(Mistake::whole_file(shown, format!("cannot be read: {error}"), None)),
        }
        if sources.len() > FILES_MAX || bytes > BYTES_MAX {
            let problem = format!("holds more than {FILES_MAX} policy files, or {BYTES_MAX} bytes of them");
            return (Vec::new(), vec![Mistake::whole_file(".", problem, None)]);
        }
    }
    (sources, mistakes)
}

/// The policy files as people know them and where they are, sorted. A folder of them that is there and cannot be listed is
/// a mistake.
fn policy_files(root: &Path, mistakes: &mut Vec<Mistake>) -> Vec<(String, PathBuf)> {
    let mut files = Vec::new();
    for place in PLACES {
        match names(&root.join(place)) {
            Ok(names) => files.extend(names.into_iter().filter(|name| is_policy(name)).map(|name| {
                let below = Path::new(place).join(name);
                (below.display().to_string(), root.join(below))
            })),
            Err(error) => mistakes.push(Mistake::whole_file(place, format!("cannot be listed: {error}"), None)),
        }
    }
    files.sort();
    files
}

fn is_policy(name: &Path) -> bool {
    let bytes = name.as_os_str().as_encoded_bytes();
    bytes.ends_with(b".toml") && !bytes.starts_with(b".")
}

/// The names in a folder; none where it is not there.
fn names(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(PathBuf::from(entry?.file_name()))).collect(),
        // A link that leads nowhere is a mistake: only a folder that does not exist counts as empty.
        Err(error) if error.kind() == io::ErrorKind::NotFound && !folder.is_symlink() => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn fingerprint(root: &Path, others: Vec<PathBuf>) -> Fingerprint {
    let policies = policy_files(root, &mut Vec::new()).into_iter().map(|(_, path)| path);
    let folders = PLACES.map(|place| root.join(place));
    let others = others.into_iter().flat_map(|other| match other.is_dir() {
        true => {
            names(&other).unwrap_or_default().into_iter().map(|name| other.join(name)).chain([other.clone()]).collect()
        }
        false => vec![other],
    });
    let files = policies.chain(folders).chain(others);
    files
        .map(|file| {
            let seen = seen(&file);
            (file, seen)
        })
        .collect()
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
    sha256_hex(content)
}

fn seen(file: &Path) -> Option<Seen> {
    let metadata = std::fs::metadata(file).ok()?;
    Some(Seen {
        bytes: metadata.len(),
        inode: metadata.ino(),
        content_changed: (metadata.mtime(), metadata.mtime_nsec()),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn said(folder: &Folder) -> String {
        let mistakes = folder.sources().expect_err("something cannot be read");
        mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_ends_in_toml_is_read_or_is_a_mistake_with_its_name() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        fs::create_dir(path("partners")).unwrap();
        fs::write(path("gateway.toml"), "x = 1").unwrap();
        fs::write(path("partners/good.toml"), "y = 1").unwrap();
        symlink(path("partners/good.toml"), path("partners/link.toml")).unwrap();
        // What an editor leaves beside a file that it has open.
        symlink("somebody@somewhere.1", path("partners/.#good.toml")).unwrap();
        let folder = Folder::new(root.path());
        let sources = folder.sources().unwrap();
        let names: Vec<&str> = sources.iter().map(|source| source.path.as_str()).collect();
        assert_eq!(names, ["gateway.toml", "partners/good.toml", "partners/link.toml"]);

        fs::create_dir(path("partners/folder.toml")).unwrap();
        symlink(path("nowhere"), path("partners/dangling.toml")).unwrap();
        fs::write(path("partners/latin.toml"), b"title = \"\xe4\"").unwrap();
        assert!(std::process::Command::new("mkfifo").arg(path("partners/pipe.toml")).status().unwrap().success());
        let said = said(&folder);
        for (name, problem) in [
            ("partners/folder.toml", "it is a folder"),
            ("partners/dangling.toml", "a link that leads to nothing"),
            ("partners/latin.toml", "not UTF-8"),
            ("partners/pipe.toml", "it is a pipe"),
        ] {
            let line = said.lines().find(|line| line.starts_with(name));
            assert!(line.is_some_and(|line| line.contains(problem)), "{name}: {said}");
        }
    }

    #[test]
    fn a_folder_of_policies_that_cannot_be_listed_is_a_mistake() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("partners"), "no folder").unwrap();
        symlink(root.path().join("nowhere"), root.path().join("signers")).unwrap();
        let said = said(&Folder::new(root.path()));
        assert!(said.contains("partners: cannot be listed") && said.contains("signers: cannot be listed"), "{said}");
    }

    #[test]
    fn a_change_of_rights_is_a_change() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("secret");
        fs::write(&file, "x").unwrap();
        let look = || fingerprint(root.path(), vec![file.clone()]);
        let before = look();
        assert_eq!(look(), before);
        fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
        assert_ne!(look(), before);
    }
}
