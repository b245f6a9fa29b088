//! `signers/<name>.toml`: whose signature may vouch for plugins; and what a plugin's policy says of who vouches for it.
//!
//! A public key is no secret, so it stands in the policy itself, where a reviewer sees it change. Whether a signature
//! holds is for the sandbox's admission to find out; here is only what the files say.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PluginPolicy;
use super::load::Files;
use crate::admission::Version;
use crate::checked_toml::File;
use crate::excerpt::excerpt;
use crate::mistake::{Mistake, nearest};

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

/// Checks that every plugin has somebody or something to vouch for it, and that every signer is one key.
pub(super) fn check(files: &Files, mistakes: &mut Vec<Mistake>) {
    let mut keys = BTreeMap::new();
    for (name, signer) in &files.signers {
        match (&signer.content.public_key, &signer.content.public_key_file) {
            (Some(key), None) => {
                if let Some(other) = keys.insert(key, name) {
                    let hint = Some("what a key signed must have one name; remove one of the two files".to_owned());
                    mistakes.push(signer.mistake(
                        "/public_key",
                        format!("is the key of signer `{other}` as well"),
                        hint,
                    ));
                }
            }
            (None, Some(_)) => {}
            (None, None) => {
                let hint = "`portgate plugin keygen` makes a key and prints the line for here".to_owned();
                mistakes.push(signer.mistake("/public_key", "is missing", Some(hint)));
            }
            (Some(_), Some(_)) => {
                let hint = Some("a signer has one key; remove one of the two".to_owned());
                mistakes.push(signer.mistake("/public_key_file", "stands beside `public_key`", hint));
            }
        }
    }
    for (name, plugin) in &files.plugins {
        vouched_for(files, name, plugin, mistakes);
    }
}

fn vouched_for(files: &Files, name: &str, plugin: &File<PluginPolicy>, mistakes: &mut Vec<Mistake>) {
    let policy = &plugin.content;
    if policy.sha256.is_none() && policy.signed_by.is_empty() {
        let problem = "pins no digest (sha256) and names no signer (signed_by), so any component would do".to_owned();
        let hint = format!("name signers of `signers/`, or pin what `portgate plugin inspect` prints for {name}");
        mistakes.push(plugin.mistake("/signed_by", problem, Some(hint)));
    }
    for signer in policy.signed_by.iter().filter(|signer| !files.signers.contains_key(*signer)) {
        // A signer whose file is broken has mistakes of its own.
        if files.all_signers_read {
            let hint = match nearest(signer, files.signers.keys().map(String::as_str)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("add `signers/{signer}.toml`"),
            };
            let pointer = plugin.element("/signed_by", signer);
            mistakes.push(plugin.mistake(&pointer, format!("there is no signer {}", excerpt(signer)), Some(hint)));
        }
    }
    if let Some(rollback) = &policy.rollback
        && Version::parse(&rollback.to).is_err()
    {
        let hint = Some("write it as the manifest does, such as `1.2.0`".to_owned());
        mistakes.push(plugin.mistake("/rollback/to", format!("{} is no version", excerpt(&rollback.to)), hint));
    }
}
