//! `portgate plugin inspect`: what a file holds, for the person who decides whether a gateway takes it. Nothing of the
//! plugin runs.

use std::collections::BTreeSet;
use std::path::Path;

use portgate_core::manifest::{Contract, World};
use portgate_runtime::{Inspection, Signatures, inspect_component};

use super::file::{FileError, read};

/// Prints what the plugin file holds.
pub(super) fn run(file: &Path) -> Result<(), FileError> {
    let component = read(file)?;
    let unreadable = |error| FileError::Unreadable(file.to_owned(), error);
    let inspection = inspect_component(&component).map_err(unreadable)?;
    let signatures = Signatures::of(&component).map_err(|error| unreadable(error.into()))?;
    print!("{}", describe(&inspection, &signatures));
    Ok(())
}

/// The table that `inspect` prints.
fn describe(inspection: &Inspection, signatures: &Signatures<'_>) -> String {
    let manifest = &inspection.manifest;
    let world = match manifest.world {
        World::Connector => "connector",
        World::Rules => "rules",
        World::Composer => "composer",
    };
    let mut rows = vec![
        ("plugin", format!("{} {}", manifest.name, manifest.version)),
        ("", manifest.description.clone()),
        ("world", world.to_owned()),
        ("sha256", inspection.digest.clone()),
        ("size", format!("{} bytes", inspection.size)),
        ("made of", inspection.bom.as_deref().map_or("it carries no bill of materials".to_owned(), made_of)),
        ("content", format!("{}, signatures left out", hex::encode(inspection.content_sha256))),
    ];
    rows.extend(labelled("signed", signed(signatures).into_iter()));
    rows.extend(labelled("contracts", manifest.contracts.iter().map(contract)));
    rows.extend(labelled("tables", names(&manifest.capabilities.tables)));
    rows.extend(labelled("codes", names(&manifest.codes())));
    rows.extend(labelled("emits", names(&manifest.capabilities.emit)));
    rows.extend(labelled("reads", names(&manifest.capabilities.read)));
    rows.extend(labelled("imports", inspection.imports.iter().cloned()));
    rows.extend(labelled("exports", inspection.exports.iter().cloned()));
    rows.iter().map(|(label, text)| format!("{label:<10}{text}\n")).collect()
}

/// The keys that the signatures name. Whether they hold is for `portgate plugin verify` to say, which knows the keys.
fn signed(signatures: &Signatures<'_>) -> Vec<String> {
    let afterwards = match signatures.fit_the_content() {
        true => "",
        false => ", but the content was changed afterwards",
    };
    signatures.key_ids().into_iter().map(|id| format!("key {id}{afterwards}")).collect()
}

/// How many parts the bill of materials names.
fn made_of(bom: &str) -> String {
    let bill: serde_json::Value = serde_json::from_str(bom).unwrap_or_default();
    format!("{} parts, by its bill of materials", bill["components"].as_array().map_or(0, Vec::len))
}

fn names(names: &BTreeSet<String>) -> impl Iterator<Item = String> {
    names.iter().cloned()
}

/// One row an item, the label beside the first; `none` where there is no item.
fn labelled(label: &'static str, items: impl Iterator<Item = String>) -> Vec<(&'static str, String)> {
    let mut rows: Vec<_> = items.map(|item| ("", item)).collect();
    if rows.is_empty() {
        rows.push(("", "none".to_owned()));
    }
    rows[0].0 = label;
    rows
}

fn contract(contract: &Contract) -> String {
    let mut text = format!("{}/{}", contract.name, contract.version);
    text.push_str(&format!(", {}, at most {} bytes", contract.media_types.join(" or "), contract.body_bytes_max));
    if let Some(day) = contract.deprecated_on {
        text.push_str(&format!(", deprecated on {day}"));
    }
    if let Some(day) = contract.sunset_on {
        text.push_str(&format!(", ends on {day}"));
    }
    text
}
