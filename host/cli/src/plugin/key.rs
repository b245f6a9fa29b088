//! `portgate plugin keygen`, and reading the keys that it writes.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::Args;
use portgate_files::own::{self, NotOwn};
use portgate_files::{Guard, Kind, Unreadable, read_secret, text};
use portgate_runtime::{BadKey, SigningKey, VerifyingKey};

/// Where the keys go.
#[derive(Args)]
pub(crate) struct Options {
    /// The file for the secret key, which must not be there yet; the public key goes beside it, into FILE.pub
    file: PathBuf,
}

/// Why there is no key. No message says what is in a file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    /// A key is there already.
    #[error("{}: is there already; a key is never overwritten, for what it signed could not be signed again", .0.display())]
    Exists(PathBuf),
    /// A file cannot be read, or is not its owner's alone.
    #[error("{}: {}", .0.display(), .1)]
    Unreadable(PathBuf, Unreadable),
    /// A file cannot be made for its owner alone.
    #[error(transparent)]
    NotOwn(NotOwn),
    /// A file cannot be written.
    #[error("{}: {}", .0.display(), .1)]
    Io(PathBuf, io::Error),
    /// It holds no key of the kind that is wanted.
    #[error("{}: {}", .0.display(), .1)]
    Bad(PathBuf, BadKey),
}

/// Makes a pair of keys and prints the policy that trusts it. The secret key goes into its file and nowhere else.
pub(super) fn run(options: &Options) -> Result<(), KeyError> {
    let secret = &options.file;
    let public = public_file(secret);
    let key = SigningKey::generate();
    let verifying = key.verifying_key();
    own::write_new(secret, key.to_pem().as_bytes()).map_err(|error| not_written(secret, error))?;
    own::write_new(&public, verifying.to_pem().as_bytes()).map_err(|error| not_written(&public, error))?;
    // Everybody may read a public key.
    let readable = fs::set_permissions(&public, fs::Permissions::from_mode(0o644));
    readable.map_err(|error| KeyError::Io(public.clone(), error))?;
    println!(
        "The secret key is in {}; keep it where plugins are signed, away from gateways and repositories.\n\
         The public key is in {}, its id is {}.\n\
         To trust it, write policies/signers/NAME.toml and put NAME under `signed_by` of plugins' policies:\n\n\
         #:schema ../schemas/signer.schema.json\n\
         title = \"…\" # who holds the secret key\n\
         public_key = \"{}\"",
        secret.display(),
        public.display(),
        verifying.id(),
        verifying.line()
    );
    Ok(())
}

fn public_file(secret: &Path) -> PathBuf {
    let mut name = secret.as_os_str().to_owned();
    name.push(".pub");
    PathBuf::from(name)
}

fn not_written(path: &Path, error: NotOwn) -> KeyError {
    match error {
        NotOwn::System { error, .. } if error.kind() == io::ErrorKind::AlreadyExists => {
            KeyError::Exists(path.to_owned())
        }
        other => KeyError::NotOwn(other),
    }
}

/// Reads the secret key in a file, which must be its owner's alone.
pub(super) fn signing_key(path: &Path) -> Result<SigningKey, KeyError> {
    let unreadable = |error| KeyError::Unreadable(path.to_owned(), error);
    let pem = read_secret(path, Kind::Key, Guard::OwnerAlone).map_err(unreadable)?;
    let pem = std::str::from_utf8(&pem).map_err(|_| unreadable(Unreadable::NotText))?;
    SigningKey::parse(pem).map_err(|bad| KeyError::Bad(path.to_owned(), bad))
}

/// Reads the public key in a file.
pub(super) fn verifying_key(path: &Path) -> Result<VerifyingKey, KeyError> {
    let pem = text(path, Kind::Key).map_err(|error| KeyError::Unreadable(path.to_owned(), error))?;
    VerifyingKey::parse(&pem).map_err(|bad| KeyError::Bad(path.to_owned(), bad))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn a_secret_key_is_for_its_owner_alone_and_never_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("keys/release.key");
        let options = Options { file: file.clone() };
        run(&options).expect("a key");
        assert_eq!(fs::metadata(&file).expect("the key").mode() & 0o777, 0o600);
        let before = fs::read(&file).expect("the key");
        assert!(matches!(run(&options), Err(KeyError::Exists(path)) if path == file));
        assert_eq!(fs::read(&file).expect("the key"), before);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("our file");
        let refused = signing_key(&file).expect_err("others can read it").to_string();
        assert!(refused.contains("release.key") && refused.contains("chmod 600"), "{refused}");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("our file");
        let (secret, public) = (signing_key(&file), verifying_key(&public_file(&file)));
        assert_eq!(secret.expect("it reads").verifying_key(), public.expect("it reads"));
    }

    #[test]
    fn a_file_that_is_no_key_is_named_and_not_shown() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("release.key");
        own::write_new(&file, b"hunter2").expect("a file");
        for error in [signing_key(&file).err(), verifying_key(&file).err()] {
            let said = error.expect("no key").to_string();
            assert!(said.contains("release.key") && !said.contains("hunter2"), "{said}");
        }
    }
}
