//! `[audit]` of `gateway.toml`: who signs the audit log.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::names_secret;
use super::check_partner::SECRET_FORM;
use super::load::Files;
use super::{Database, Gateway};
use crate::checked_toml::File;
use crate::mistake::Mistake;

/// Who signs the heads of the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    /// The private key (Ed25519, PEM; `portgate audit keygen` makes one): `file:NAME` or `env:NAME`. Where it is not
    /// given, a key is made beside the journal's file; a journal in PostgreSQL needs one that is named.
    pub signing_key: Option<String>,
}

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
