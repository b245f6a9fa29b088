//! Turns the files of the policy folder into [`Policies`], or into every mistake in them.
//!
//! Files are known by their paths. All are read before anything is said, so one run shows all mistakes of all files;
//! what depends on several files is only checked between files that are right by themselves.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::files::{Files, Policies};
use super::{OperatorPolicy, PartnerPolicy, PluginPolicy, SignerPolicy, check};
use crate::checked_toml::{File, FileKind, schema};
use crate::document_fields::DocumentFields;
use crate::mistake::{Mistake, Source, nearest};

/// Mistakes of all files that are listed; the others are counted.
const MISTAKES_MAX: usize = 1_000;

const KNOWN_FILES: [&str; 7] =
    ["gateway.toml", "ceiling.toml", "routes.toml", "shipments.toml", "exceptions.toml", "filings.toml", "costs.toml"];

/// Reads the files; paths are relative to the policy folder, with `/`. Files that do not end in `.toml` are left alone.
/// `documents` says which fields can be granted.
///
/// # Errors
/// Every mistake of every file, sorted by place.
pub fn load(files: &[Source], documents: &DocumentFields) -> Result<Policies, Vec<Mistake>> {
    match load_what_can_be(files, &[], documents) {
        (Some(policies), mistakes) if mistakes.is_empty() => Ok(policies),
        (_, mistakes) => Err(mistakes),
    }
}

/// The same for who looks for more mistakes in what the policies name: every mistake, and the policies without the files
/// that are wrong by themselves; nothing without `gateway.toml` and `ceiling.toml`. No gateway runs on them if there is a
/// mistake. `unreadable` are the paths of files that are there and whose text cannot be had.
pub fn load_what_can_be(
    files: &[Source],
    unreadable: &[String],
    documents: &DocumentFields,
) -> (Option<Policies>, Vec<Mistake>) {
    let mut mistakes = Vec::new();
    let found = read(files, unreadable, &mut mistakes);
    check::check(&found, documents, &mut mistakes);
    mistakes.sort();
    mistakes.dedup();
    if mistakes.len() > MISTAKES_MAX {
        let more = mistakes.drain(MISTAKES_MAX..).count();
        mistakes.push(Mistake::whole_file(".", format!("there are {more} more mistakes, which are not listed"), None));
    }
    let policies = found.gateway.zip(found.ceiling).map(|(gateway, ceiling)| Policies {
        gateway: gateway.content,
        ceiling: ceiling.content,
        routes: found.routes.map(|routes| routes.content).unwrap_or_default(),
        shipments: found.shipments.map(|shipments| shipments.content),
        exceptions: found.exceptions.map(|exceptions| exceptions.content),
        filings: found.filings.map(|filings| filings.content).unwrap_or_default(),
        costs: found.costs.map(|costs| costs.content),
        plugins: contents(found.plugins),
        partners: contents(found.partners),
        operators: contents(found.operators),
        signers: contents(found.signers),
    });
    (policies, mistakes)
}

fn contents<T>(files: BTreeMap<String, File<T>>) -> BTreeMap<String, T> {
    files.into_iter().map(|(name, file)| (name, file.content)).collect()
}

fn read(files: &[Source], unreadable: &[String], mistakes: &mut Vec<Mistake>) -> Files {
    let plugin = FileKind::new(schema::<PluginPolicy>());
    let partner = FileKind::new(schema::<PartnerPolicy>());
    let operator = FileKind::new(schema::<OperatorPolicy>());
    let signer = FileKind::new(schema::<SignerPolicy>());
    let mut found = Files {
        all_plugins_read: true,
        all_partners_read: true,
        all_operators_read: true,
        all_signers_read: true,
        ..Files::default()
    };
    let mut seen: Vec<&str> = unreadable.iter().map(String::as_str).collect();
    for path in unreadable {
        match path.split('/').next() {
            Some("plugins") => found.all_plugins_read = false,
            Some("partners") => found.all_partners_read = false,
            Some("operators") => found.all_operators_read = false,
            Some("signers") => found.all_signers_read = false,
            _ => {}
        }
    }
    for source in files.iter().filter(|source| source.path.ends_with(".toml")) {
        seen.push(source.path.as_str());
        match source.path.as_str() {
            "gateway.toml" => found.gateway = one(source, mistakes),
            "ceiling.toml" => found.ceiling = one(source, mistakes),
            "routes.toml" => found.routes = one(source, mistakes),
            "shipments.toml" => found.shipments = one(source, mistakes),
            "exceptions.toml" => found.exceptions = one(source, mistakes),
            "filings.toml" => found.filings = one(source, mistakes),
            "costs.toml" => found.costs = one(source, mistakes),
            path => match path.trim_end_matches(".toml").split_once('/') {
                Some(("plugins", name)) if named(name, path, mistakes) => match kept(plugin.read(source), mistakes) {
                    Some(file) => drop(found.plugins.insert(name.to_owned(), file)),
                    None => found.all_plugins_read = false,
                },
                Some(("partners", name)) if named(name, path, mistakes) => match kept(partner.read(source), mistakes) {
                    Some(file) => drop(found.partners.insert(name.to_owned(), file)),
                    None => found.all_partners_read = false,
                },
                Some(("operators", name)) if named(name, path, mistakes) => {
                    match kept(operator.read(source), mistakes) {
                        Some(file) => drop(found.operators.insert(name.to_owned(), file)),
                        None => found.all_operators_read = false,
                    }
                }
                Some(("signers", name)) if named(name, path, mistakes) => match kept(signer.read(source), mistakes) {
                    Some(file) => drop(found.signers.insert(name.to_owned(), file)),
                    None => found.all_signers_read = false,
                },
                Some(("plugins", _)) => found.all_plugins_read = false,
                Some(("partners", _)) => found.all_partners_read = false,
                Some(("operators", _)) => found.all_operators_read = false,
                Some(("signers", _)) => found.all_signers_read = false,
                _ => {
                    let hint = match nearest(path, KNOWN_FILES) {
                        Some(meant) => format!("did you mean `{meant}`?"),
                        None => {
                            let known = KNOWN_FILES.join(", ");
                            format!("known: {known}, and <name>.toml in plugins, partners, operators and signers")
                        }
                    };
                    mistakes.push(Mistake::whole_file(path, "no policy file is called this", Some(hint)));
                }
            },
        }
    }
    for (path, hint) in [
        ("gateway.toml", "it says where the gateway listens, and its deadlines, caps and paths"),
        ("ceiling.toml", "it says what no plugin's policy may exceed"),
    ] {
        if !seen.contains(&path) {
            mistakes.push(Mistake::whole_file(path, "is missing", Some(hint.to_owned())));
        }
    }
    found
}

fn one<T: JsonSchema + DeserializeOwned>(source: &Source, mistakes: &mut Vec<Mistake>) -> Option<File<T>> {
    kept(FileKind::new(schema::<T>()).read(source), mistakes)
}

fn kept<T>(read: Result<File<T>, Vec<Mistake>>, mistakes: &mut Vec<Mistake>) -> Option<File<T>> {
    read.map_err(|found| mistakes.extend(found)).ok()
}

/// A file's name is the name of what it is about, so it is as narrow as any name.
fn named(name: &str, path: &str, mistakes: &mut Vec<Mistake>) -> bool {
    let narrow = name.len() <= 63
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !narrow {
        let hint = "lower-case letters, digits and hyphens, starting with a letter, at most 63".to_owned();
        mistakes.push(Mistake::whole_file(
            path,
            "the file's name is no name for a plugin, partner, operator or signer",
            Some(hint),
        ));
    }
    narrow
}

#[cfg(test)]
mod tests;
