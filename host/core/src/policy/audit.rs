//! `[audit]` of `gateway.toml`: who signs the audit log.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who signs the heads of the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    /// The private key (Ed25519, PEM; `portgate audit keygen` makes one): `file:NAME` or `env:NAME`. Where it is not
    /// given, a key is made beside the journal's file; a journal in PostgreSQL needs one that is named.
    pub signing_key: Option<String>,
}
