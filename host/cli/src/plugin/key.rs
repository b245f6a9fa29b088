//! `portgate plugin keygen`, and reading the keys that it writes.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Args;
use portgate_runtime::{BadKey, SigningKey, VerifyingKey};

/// Where the keys go.
#[derive(Args)]
pub(crate) struct Options {
    /// The file for the secret key, which must not be there yet; the public key goes beside it, into FILE.pub
    file: PathBuf,
}

/// Why there is no key. What is in a file is never said.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    /// A key is there already.
    #[error("{}: is there already; a key is never overwritten, for what it signed could not be signed again", .0.display())]
    Exists(PathBuf),
    /// A file cannot be read or written.
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
    if let Some(folder) = secret.parent() {
        fs::create_dir_all(folder).map_err(|error| KeyError::Io(folder.to_owned(), error))?;
    }
    write(secret, 0o600, &key.to_pem())?;
    write(&public, 0o644, &verifying.to_pem())?;
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

fn write(path: &Path, mode: u32, content: &str) -> Result<(), KeyError> {
    let mut options = fs::OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(mode).open(path);
    opened.and_then(|mut file| file.write_all(content.as_bytes())).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => KeyError::Exists(path.to_owned()),
        _ => KeyError::Io(path.to_owned(), error),
    })
}

/// Reads the secret key in a file.
pub(super) fn signing_key(path: &Path) -> Result<SigningKey, KeyError> {
    let pem = fs::read_to_string(path).map_err(|error| KeyError::Io(path.to_owned(), error))?;
    SigningKey::parse(&pem).map_err(|bad| KeyError::Bad(path.to_owned(), bad))
}

/// Reads the public key in a file.
pub(super) fn verifying_key(path: &Path) -> Result<VerifyingKey, KeyError> {
    let pem = fs::read_to_string(path).map_err(|error| KeyError::Io(path.to_owned(), error))?;
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
        let (secret, public) = (signing_key(&file), verifying_key(&public_file(&file)));
        assert_eq!(secret.expect("it reads").verifying_key(), public.expect("it reads"));
    }

    #[test]
    fn a_file_that_is_no_key_is_named_and_not_shown() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("release.key");
        fs::write(&file, "hunter2").expect("a file");
        for error in [signing_key(&file).err(), verifying_key(&file).err()] {
            let said = error.expect("no key").to_string();
            assert!(said.contains("release.key") && !said.contains("hunter2"), "{said}");
        }
    }
}
