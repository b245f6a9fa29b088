//! The key that signs heads: the secret that the policy names, or one that is made beside the journal's file when there
//! is none, so that nothing has to be set up.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::rand;
use portgate_core::audit::AuditKey;
use portgate_core::policy::{Database, Gateway, Mistake};
use zeroize::Zeroizing;

use crate::configuration::Folder;
use crate::secrets::Secrets;

/// The key of `[audit]` in `gateway.toml`.
///
/// # Errors
/// Why there is none, with the key of the policy.
pub(crate) fn signing_key(folder: &Folder, settings: &Gateway) -> Result<AuditKey, Vec<Mistake>> {
    let mistake = |problem: String| {
        let hint = "`portgate audit keygen` makes a key".to_owned();
        vec![Mistake::whole_file("gateway.toml", format!("audit.signing_key: {problem}"), Some(hint))]
    };
    let pem = match (&settings.audit.signing_key, settings.journal.place()) {
        (Some(reference), _) => {
            let secret = Secrets::open(folder.resolve(&settings.paths.secrets)).resolve(reference);
            let secret = secret.map_err(|error| mistake(error.to_string()))?;
            Zeroizing::new(secret.text().ok_or_else(|| mistake("the secret is no text".to_owned()))?.to_owned())
        }
        (None, Some(Database::Sqlite(path))) => {
            let file = beside(&folder.resolve(path));
            read_or_make(&file).map_err(|error| mistake(format!("{}: {error}", file.display())))?
        }
        (None, _) => return Err(mistake("is missing".to_owned())),
    };
    AuditKey::from_pem(&pem).map_err(|error| mistake(error.to_string()))
}

/// The journal's file with `.audit-key` behind its name.
fn beside(journal: &Path) -> PathBuf {
    let mut name = journal.as_os_str().to_owned();
    name.push(".audit-key");
    PathBuf::from(name)
}

fn read_or_make(file: &Path) -> std::io::Result<Zeroizing<String>> {
    match std::fs::read_to_string(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        read => return read.map(Zeroizing::new),
    }
    let mut seed = Zeroizing::new([0; 32]);
    rand::fill(&mut *seed).map_err(|_| std::io::Error::other("the system gives no random bytes"))?;
    let pem = AuditKey::pem_of(&seed);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // Nobody else may read it, from the first byte on.
    let mut made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    made.write_all(pem.as_bytes())?;
    made.sync_all()?;
    tracing::info!(file = %file.display(), "made a key that signs the audit log; see [audit] in the manual of policies");
    Ok(pem)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = beside(&folder.path().join("data/journal.sqlite"));
        let made = read_or_make(&file).unwrap();
        assert_eq!(read_or_make(&file).unwrap(), made);
        assert!(AuditKey::from_pem(&made).is_ok());
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(file.file_name().unwrap(), "journal.sqlite.audit-key");
    }
}
