//! Secrets, which policies name and never hold: `file:NAME` in the secrets folder, `env:NAME` in the environment.
//!
//! Every look-up reads anew, so a reload takes up what has changed. A name cannot leave the folder; a link inside it may
//! lead elsewhere, because orchestrators mount secrets that way and the folder is the operator's. Errors name the
//! reference and never a content, not even that of a reference which turns out to be a secret written by mistake. A file
//! that others can read or exchange is refused ([`Guard`]). This does not guard against other processes of the same user, and
//! does not encrypt at rest: that is the system's part.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use portgate_files::{Guard, Kind, Unreadable, read_secret_of_folder};
use zeroize::Zeroizing;

/// The largest secret, in bytes; the largest are key sets.
pub const SECRET_BYTES_MAX: usize = Kind::Secret.bytes_max() as usize;

/// One secret's content: overwritten when dropped, never shown.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// The content, without the newline that editors put at the end.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The content as text, where it is UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

/// Shows that there is a secret, and nothing of it: not even its length.
impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

/// Why a reference led to no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// It begins with neither `file:` nor `env:`. What it says is not repeated: it may be the secret itself.
    #[error("a secret is named as `file:NAME` or `env:NAME`, never written into a policy; this is neither")]
    NotAReference,
    /// The name of a file could lead out of the folder.
    #[error("`{reference}`: NAME must be the name of a file in the secrets folder: no path, not beginning with a dot")]
    NotAFileName {
        /// The reference as written.
        reference: String,
    },
    /// The name of an environment variable is none.
    #[error("`{reference}`: NAME must consist of letters, digits and `_`")]
    NotAVariableName {
        /// The reference as written.
        reference: String,
    },
    /// The file cannot be read.
    #[error("`{reference}`: {} cannot be read: {problem}", path.display())]
    Unreadable {
        /// The reference as written.
        reference: String,
        /// Where it was looked for.
        path: PathBuf,
        /// What the system said.
        problem: String,
    },
    /// The environment variable does not exist, or is not UTF-8.
    #[error("`{reference}`: the environment variable is not set")]
    NotSet {
        /// The reference as written.
        reference: String,
    },
    /// There is nothing in it.
    #[error("`{reference}`: is empty")]
    Empty {
        /// The reference as written.
        reference: String,
    },
    /// It is larger than any secret should be.
    #[error("`{reference}`: is larger than {SECRET_BYTES_MAX} bytes")]
    TooLarge {
        /// The reference as written.
        reference: String,
    },
}

type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Where secrets are looked up.
#[derive(Clone)]
pub struct Secrets {
    folder: PathBuf,
    guard: Guard,
    environment: Environment,
}

impl Secrets {
    /// Secrets of this folder and of the process's environment. Nothing is read yet; the folder need not exist.
    pub fn open(folder: impl Into<PathBuf>) -> Self {
        let environment = Arc::new(|name: &str| std::env::var(name).ok());
        Secrets { folder: folder.into(), guard: Guard::OwnerAlone, environment }
    }

    /// The same folder, whose files may be kept as this guard allows.
    #[must_use]
    pub fn guarded(self, guard: Guard) -> Self {
        Secrets { guard, ..self }
    }

    /// The same folder with another environment.
    #[must_use]
    pub fn with_environment(self, look_up: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Secrets { environment: Arc::new(look_up), ..self }
    }

    /// Whether a text of a policy is a reference, right or wrong.
    pub fn is_reference(text: &str) -> bool {
        text.starts_with("file:") || text.starts_with("env:")
    }

    /// Reads the secret that a reference names, without one newline at its end.
    ///
    /// # Errors
    ///
    /// [`SecretError`]: not a reference, a name that leaves the folder, missing, unreadable, empty or too large.
    pub fn resolve(&self, reference: &str) -> Result<Secret, SecretError> {
        let named = || reference.to_owned();
        let mut content = if let Some(path) = self.file(reference)? {
            read_secret_of_folder(&path, Kind::Secret, self.guard).map_err(|error| match error {
                Unreadable::TooLarge { .. } => SecretError::TooLarge { reference: named() },
                other => SecretError::Unreadable { reference: named(), path, problem: other.to_string() },
            })?
        } else if let Some(name) = reference.strip_prefix("env:") {
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                return Err(SecretError::NotAVariableName { reference: named() });
            }
            let value = (self.environment)(name).ok_or_else(|| SecretError::NotSet { reference: named() })?;
            Zeroizing::new(value.into_bytes())
        } else {
            return Err(SecretError::NotAReference);
        };
        if content.len() > SECRET_BYTES_MAX {
            return Err(SecretError::TooLarge { reference: named() });
        }
        if content.last() == Some(&b'\n') {
            content.pop();
            if content.last() == Some(&b'\r') {
                content.pop();
            }
        }
        match content.is_empty() {
            true => Err(SecretError::Empty { reference: named() }),
            false => Ok(Secret(content)),
        }
    }

    /// The file that a reference names, or nothing where it is not a `file:` reference.
    pub(crate) fn file(&self, reference: &str) -> Result<Option<PathBuf>, SecretError> {
        let Some(name) = reference.strip_prefix("file:") else {
            return Ok(None);
        };
        // A leading dot covers `.` and `..` and the bookkeeping folders of mounted secrets.
        if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', '\0']) {
            return Err(SecretError::NotAFileName { reference: reference.to_owned() });
        }
        Ok(Some(self.folder.join(name)))
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Secrets").field("folder", &self.folder).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use portgate_files::own;

    use super::*;

    fn folder_with(files: &[(&str, &[u8])]) -> (tempfile::TempDir, Secrets) {
        let folder = tempfile::Builder::new().permissions(PermissionsExt::from_mode(0o700)).tempdir().unwrap();
        for (name, content) in files {
            own::write_new(&folder.path().join(name), content).unwrap();
        }
        let secrets = Secrets::open(folder.path())
            .with_environment(|name| (name == "SHOP_KEY").then(|| "from the environment\n".to_owned()));
        (folder, secrets)
    }

    #[test]
    fn a_file_and_a_variable_are_read_without_their_last_newline() {
        let (_folder, secrets) =
            folder_with(&[("a", b"one\n"), ("b", b"two\r\n"), ("c", b"three\n\n"), ("d", b"four")]);
        for (reference, content) in [
            ("file:a", "one"),
            ("file:b", "two"),
            ("file:c", "three\n"),
            ("file:d", "four"),
            ("env:SHOP_KEY", "from the environment"),
        ] {
            assert_eq!(secrets.resolve(reference).unwrap().text(), Some(content), "{reference}");
        }
    }

    #[test]
    fn a_name_cannot_leave_the_folder() {
        let (folder, _) = folder_with(&[("outside", b"x")]);
        let inner = folder.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        let secrets = Secrets::open(&inner);
        for name in ["../outside", "..", ".", "", "/etc/passwd", "a/b", "a\\b", ".hidden", "a\0b"] {
            let refused = secrets.resolve(&format!("file:{name}"));
            assert!(matches!(refused, Err(SecretError::NotAFileName { .. })), "{name}: {refused:?}");
        }
    }

    #[test]
    fn a_changed_secret_is_read_anew() {
        let (folder, secrets) = folder_with(&[("a", b"old")]);
        assert_eq!(secrets.resolve("file:a").unwrap().bytes(), b"old");
        std::fs::write(folder.path().join("a"), "new").unwrap();
        assert_eq!(secrets.resolve("file:a").unwrap().bytes(), b"new");
    }

    #[test]
    fn what_is_missing_empty_too_large_or_no_file_is_named() {
        let large = vec![b'x'; SECRET_BYTES_MAX + 1];
        let (folder, secrets) = folder_with(&[("empty", b"\n"), ("large", &large)]);
        std::fs::create_dir(folder.path().join("folder")).unwrap();
        for reference in ["file:nowhere", "file:empty", "file:large", "file:folder", "env:NOT_SET", "env:A=B", "env:"] {
            let error = secrets.resolve(reference).unwrap_err().to_string();
            assert!(error.contains(reference), "{error}");
        }
    }

    #[test]
    fn what_others_can_read_or_exchange_is_refused_with_what_to_do() {
        let (folder, secrets) = folder_with(&[("a", b"hunter2")]);
        let chmod = |path: &std::path::Path, mode| {
            std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
        };
        let mounted = secrets.clone().guarded(Guard::Mounted);
        let said = |secrets: &Secrets| secrets.resolve("file:a").map(drop).map_err(|error| error.to_string());
        chmod(&folder.path().join("a"), 0o440);
        let refused = said(&secrets).unwrap_err();
        for part in ["`file:a`", &folder.path().display().to_string(), "mode 0440", "chmod 600"] {
            assert!(refused.contains(part), "{refused}");
        }
        assert!(!refused.contains("hunter2"), "{refused}");
        assert_eq!(said(&mounted), Ok(()), "an orchestrator may mount it so");
        chmod(&folder.path().join("a"), 0o444);
        assert!(said(&mounted).unwrap_err().contains("chmod 440"));
        chmod(&folder.path().join("a"), 0o600);
        chmod(folder.path(), 0o755);
        assert!(said(&secrets).unwrap_err().contains("its folder (mode 0755); `chmod 700` it"));
        assert_eq!(said(&mounted), Ok(()));
    }

    #[test]
    fn a_secret_written_into_a_policy_is_not_repeated() {
        let (_folder, secrets) = folder_with(&[]);
        let error = secrets.resolve("whsec_hunter2hunter2").unwrap_err();
        assert_eq!(error, SecretError::NotAReference);
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn debug_shows_nothing_of_a_secret() {
        let (_folder, secrets) = folder_with(&[("a", b"hunter2")]);
        assert_eq!(format!("{:?}", secrets.resolve("file:a").unwrap()), "Secret");
    }
}
