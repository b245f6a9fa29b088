//! `signers/<name>.toml`: whose signature may vouch for plugins; and what a plugin's policy says of who vouches for it.
//!
//! A public key is no secret, so it stands in the policy itself, where a reviewer sees it change. Whether a signature
//! holds is for the sandbox's admission to find out.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who may vouch for plugins. The file's name is what plugins' policies name under `signed_by`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignerPolicy {
    /// Who it is, for people.
    pub title: String,
    /// The Ed25519 public key: the line between `BEGIN PUBLIC KEY` and `END PUBLIC KEY` of its PEM file, which
    /// `portgate plugin keygen` prints.
    #[serde(default)]
    #[schemars(regex(pattern = r"^MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=$"))]
    pub public_key: Option<String>,
    /// The PEM file of the public key, where it does not stand here: for keys that are made on the spot.
    #[serde(default)]
    pub public_key_file: Option<String>,
    /// From this day on (UTC) its signatures vouch for nothing.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub expires_on: Option<Date>,
}

/// A version that may come after a higher one, or again with other content; who decided that, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rollback {
    /// Exactly this version; no other may.
    pub to: String,
    /// The person who decided it.
    #[schemars(length(min = 1))]
    pub by: String,
    /// The reason.
    #[schemars(length(min = 1))]
    pub reason: String,
}
