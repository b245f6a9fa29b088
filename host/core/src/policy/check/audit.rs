//! What a schema cannot say of the audit log: there is a key that signs it.

use crate::checked_toml::File;
use crate::mistake::Mistake;
use crate::policy::files::Files;
use crate::policy::secret_name::{SECRET_FORM, names_secret};
use crate::policy::{Database, Gateway};

/// Checks that there is a key that signs.
pub(super) fn check(files: &Files, mistakes: &mut Vec<Mistake>) {
    let Some(gateway) = &files.gateway else { return };
    match &gateway.content.audit.signing_key {
        Some(reference) if !names_secret(reference) => {
            let hint = Some(SECRET_FORM.to_owned());
            mistakes.push(gateway.mistake("/audit/signing_key", "is not the name of a secret", hint));
        }
        Some(_) => {}
        None => without_key(gateway, mistakes),
    }
}

fn without_key(gateway: &File<Gateway>, mistakes: &mut Vec<Mistake>) {
    if let Some(Database::Postgres(_)) = gateway.content.journal.place() {
        let hint = "gateways that share a journal sign with one key: make it with `portgate audit keygen` and name it as \
                    audit.signing_key";
        let problem = "is in PostgreSQL, but no key is named that signs its audit log";
        mistakes.push(gateway.mistake("/journal/database", problem, Some(hint.to_owned())));
    }
}
