//! What a schema cannot say of kinds of documents: that there are such kinds.

use super::super::Grants;
use super::super::files::Files;
use crate::checked_toml::File;
use crate::document_fields::DocumentFields;
use crate::excerpt::excerpt;
use crate::mistake::Mistake;

/// Checks every kind that grants and routes name.
pub(super) fn check(files: &Files, documents: &DocumentFields, mistakes: &mut Vec<Mistake>) {
    if let Some(ceiling) = &files.ceiling {
        grants(ceiling, &ceiling.content.grants, documents, mistakes);
    }
    for plugin in files.plugins.values() {
        grants(plugin, &plugin.content.grants, documents, mistakes);
    }
    for partner in files.partners.values() {
        for kind in partner.content.shipments.iter().flat_map(|reader| &reader.read) {
            if let Some((problem, hint)) = no_kind(kind, documents) {
                let pointer = partner.element("/shipments/read", kind);
                mistakes.push(partner.mistake(&pointer, problem, Some(hint)));
            }
        }
    }
    if let Some(shipments) = &files.shipments {
        let kinds = [
            ("opens", &shipments.content.opens),
            ("catalogue", &shipments.content.catalogue),
            ("apart", &shipments.content.apart),
        ];
        for (list, kinds) in kinds {
            for kind in kinds {
                if let Some((problem, hint)) = no_kind(kind, documents) {
                    let pointer = shipments.element(&format!("/{list}"), kind);
                    mistakes.push(shipments.mistake(&pointer, problem, Some(hint)));
                }
            }
        }
    }
    if let Some(filings) = &files.filings {
        for (index, filing) in filings.content.filings.iter().enumerate() {
            for kind in &filing.needs {
                if let Some((problem, hint)) = no_kind(kind, documents) {
                    let pointer = filings.element(&format!("/filing/{index}/needs"), kind);
                    mistakes.push(filings.mistake(&pointer, problem, Some(hint)));
                }
            }
            for field in filing.when.keys() {
                let kind = field.split('/').next().unwrap_or_default();
                if let Some((problem, hint)) = no_kind(kind, documents) {
                    mistakes.push(filings.mistake(
                        &format!("/filing/{index}/when/{}", field.replace('/', "~1")),
                        problem,
                        Some(hint),
                    ));
                }
            }
        }
    }
    let Some(routes) = &files.routes else { return };
    for (index, route) in routes.content.deliver.iter().enumerate() {
        if let Some((problem, hint)) = no_kind(&route.document, documents) {
            let mistake = routes.mistake(&format!("/deliver/{index}/document"), problem, Some(hint));
            // That the destination's plugin may not read it follows from that.
            mistakes.retain(|other| (&other.path, &other.key) != (&mistake.path, &mistake.key));
            mistakes.push(mistake);
        }
    }
}

fn grants<T>(file: &File<T>, grants: &Grants, documents: &DocumentFields, mistakes: &mut Vec<Mistake>) {
    for (list, kinds) in [("emit", &grants.emit), ("read", &grants.read)] {
        for kind in kinds.iter().filter(|kind| *kind != "*") {
            if let Some((problem, hint)) = no_kind(kind, documents) {
                let pointer = file.element(&format!("/grants/{list}"), kind);
                mistakes.push(file.mistake(&pointer, problem, Some(hint)));
            }
        }
    }
}

/// What is wrong with the name of a kind that there is not.
fn no_kind(kind: &str, documents: &DocumentFields) -> Option<(String, String)> {
    let nearest = documents.no_kind(kind)?;
    let hint = match nearest {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "the kinds are those of wit/canonical/v1".to_owned(),
    };
    Some((format!("there is no kind of document called {}", excerpt(kind)), hint))
}
