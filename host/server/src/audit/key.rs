//! The key that signs heads: the secret that the policy names, or one that is made beside the journal's file when there
//! is none, so that nothing has to be set up.

use std::error::Error;
use std::path::{Path, PathBuf};

use aws_lc_rs::rand;
use portgate_core::audit::AuditKey;
use portgate_core::policy::{Database, Gateway, Mistake};
use portgate_files::{Guard, Kind, Unreadable, own, read_secret};
use zeroize::Zeroizing;

use crate::configuration::Folder;

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
            let secret = folder.secrets(&settings.paths).resolve(reference);
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

/// What others can read or exchange is refused: with this key they could sign another log.
fn read_or_make(file: &Path) -> Result<Zeroizing<String>, Box<dyn Error>> {
    if file.is_symlink() {
        return Err("is a link; the key that is made here is never read through one".into());
    }
    match read_secret(file, Kind::Key, Guard::OwnerAlone) {
        Err(Unreadable::NotThere) => {}
        read => {
            let mut bytes = read?;
            let text = String::from_utf8(std::mem::take(&mut *bytes)).map_err(|_| Unreadable::NotText)?;
            return Ok(Zeroizing::new(text));
        }
    }
    let mut seed = Zeroizing::new([0; 32]);
    rand::fill(&mut *seed).map_err(|_| "the system gives no random bytes")?;
    let pem = AuditKey::pem_of(&seed);
    own::write_new(file, pem.as_bytes())?;
    tracing::info!(file = %file.display(), "made a key that signs the audit log; see [audit] in the manual of policies");
    Ok(pem)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

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
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
        assert!(read_or_make(&file).unwrap_err().to_string().contains("chmod 600"));
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
        let link = folder.path().join("data/link");
        symlink(&file, &link).unwrap();
        assert!(read_or_make(&link).unwrap_err().to_string().contains("link"));
    }
}
