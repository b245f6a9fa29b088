//! What a schema cannot say of signers: each is one key, and every plugin has somebody or something to vouch for it.

use std::collections::BTreeMap;

use semver::Version;

use crate::checked_toml::File;
use crate::excerpt::excerpt;
use crate::mistake::{Mistake, nearest};
use crate::policy::PluginPolicy;
use crate::policy::files::Files;

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
