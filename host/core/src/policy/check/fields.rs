//! What a schema cannot say of grants of fields: kinds that are read, fields that the documents have, and nothing
//! outside the ceiling.

use std::collections::{BTreeMap, BTreeSet};

use crate::checked_toml::File;
use crate::document::REFERENCES;
use crate::document_fields::{DocumentFields, NoField};
use crate::excerpt::{excerpt, pointer_token};
use crate::mistake::{Mistake, nearest};
use crate::policy::files::Files;
use crate::policy::under_ceiling::{Beyond, allows, fields_in_excess};
use crate::policy::{FieldPattern, Grants, PluginPolicy, ShipmentReader};

/// Checks the grants of fields of every plugin and those of the ceiling, and what partners see of shipments.
pub(super) fn check(files: &Files, documents: &DocumentFields, mistakes: &mut Vec<Mistake>) {
    if let Some(ceiling) = &files.ceiling {
        let Grants { read, fields, .. } = &ceiling.content.grants;
        restrictions(ceiling, "/grants", read, fields, documents, mistakes);
    }
    for plugin in files.plugins.values() {
        let grants = &plugin.content.grants;
        restrictions(plugin, "/grants", &grants.read, &grants.fields, documents, mistakes);
        if grants.references.contains("*") {
            let hint = Some("name each; `\"*\"` may only stand in `ceiling.toml`".to_owned());
            mistakes.push(plugin.mistake(&plugin.element("/grants/references", "*"), "grants everything", hint));
        }
        if !grants.references.is_empty() && grants.fields.is_empty() {
            let hint = "remove it: where no fields are restricted ([grants.fields]), all references are given";
            mistakes.push(plugin.mistake("/grants/references", "restricts nothing", Some(hint.to_owned())));
        }
        if let Some(ceiling) = &files.ceiling {
            under_ceiling(plugin, &ceiling.content.grants, mistakes);
        }
    }
    for partner in files.partners.values() {
        if let Some(ShipmentReader { read, fields, .. }) = &partner.content.shipments {
            restrictions(partner, "/shipments", read, fields, documents, mistakes);
        }
    }
}

/// Checks that each pattern names a field of a kind that is granted.
fn restrictions<T>(
    file: &File<T>,
    table: &str,
    read: &BTreeSet<String>,
    fields: &BTreeMap<String, BTreeSet<String>>,
    documents: &DocumentFields,
    mistakes: &mut Vec<Mistake>,
) {
    for (kind, patterns) in fields {
        let at = format!("{table}/fields/{}", pointer_token(kind));
        if !allows(read, kind) {
            let hint = match nearest(kind, read.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("add it to {}.read, or remove it here", &table[1..]),
            };
            let problem = "restricts documents that may not be read at all";
            mistakes.push(file.mistake(&at, problem, Some(hint)));
            continue;
        }
        for text in patterns {
            if let Some((problem, hint)) = wrong(table, kind, text, documents) {
                mistakes.push(file.mistake(&file.element(&at, text), problem, Some(hint)));
            }
        }
    }
}

/// What is wrong with one pattern, if anything is.
fn wrong(table: &str, kind: &str, text: &str, documents: &DocumentFields) -> Option<(String, String)> {
    let pattern = match FieldPattern::parse(text) {
        Ok(pattern) => pattern,
        Err(problem) => return Some((problem.to_owned(), "such as `/orderNumber` or `/lines/*/itemRef`".to_owned())),
    };
    if text.split('/').nth(1) == Some(REFERENCES) {
        let hint = format!("name the schemes in {}.references, such as `references = [\"container\"]`", &table[1..]);
        return Some(("references are granted by their schemes".to_owned(), hint));
    }
    let meant = |meant: Option<String>, otherwise: String| match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => otherwise,
    };
    match documents.check(kind, &pattern) {
        Ok(()) => None,
        Err(NoField::Kind(nearest)) => {
            let hint = meant(nearest, "the kinds are those of wit/canonical/v1".to_owned());
            Some((format!("there is no kind of document called {}", excerpt(kind)), hint))
        }
        Err(NoField::Field(nearest)) => {
            let hint = meant(nearest, format!("the fields are those of wit/canonical/v1/{kind}.schema.json"));
            Some((format!("documents of kind `{kind}` have no field {}", excerpt(text)), hint))
        }
    }
}

fn under_ceiling(plugin: &File<PluginPolicy>, ceiling: &Grants, mistakes: &mut Vec<Mistake>) {
    let grants = &plugin.content.grants;
    for excess in fields_in_excess(grants, ceiling) {
        let kind = pointer_token(excess.kind);
        let (pointer, problem, key) = match excess.beyond {
            Beyond::Whole => {
                let hint = format!("list under [grants.fields] what it needs of `{}`", excess.kind);
                let problem = format!("documents of kind `{}` may not be read whole under the ceiling", excess.kind);
                mistakes.push(plugin.mistake(&plugin.element("/grants/read", excess.kind), problem, Some(hint)));
                continue;
            }
            Beyond::Field(text) => {
                let pointer = plugin.element(&format!("/grants/fields/{kind}"), text);
                (pointer, format!("`{text}` is outside the ceiling"), format!("fields.{}", excess.kind))
            }
            Beyond::Scheme(scheme) => {
                let pointer = plugin.element("/grants/references", scheme);
                (pointer, format!("`{scheme}` is outside the ceiling"), "references".to_owned())
            }
        };
        let hint = format!("remove it, or have it added to grants.{key} of `ceiling.toml`");
        mistakes.push(plugin.mistake(&pointer, problem, Some(hint)));
    }
}
