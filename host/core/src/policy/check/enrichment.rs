//! What a schema cannot say of `[[enrich]]` in `shipments.toml`: that the fields are fields, and that what fills them is there.

use crate::checked_toml::File;
use crate::document_fields::{DocumentFields, NoField};
use crate::mistake::{Mistake, nearest};
use crate::policy::files::Files;
use crate::policy::{Enrichment, FieldPattern, Shipments};

/// What says whose document it is; master data says nothing of that.
const OWN: [&str; 4] = ["id", "version", "source", "references"];

pub(super) fn check(files: &Files, documents: &DocumentFields, mistakes: &mut Vec<Mistake>) {
    let Some(file) = &files.shipments else { return };
    for (index, enrichment) in file.content.enrichments.iter().enumerate() {
        let at = |key: &str| format!("/enrich/{index}/{key}");
        let Enrichment { document, field, by, take, catalogue, .. } = enrichment;
        let mut wrong = |key: &str, problem: String, hint: Option<String>| {
            mistakes.push(file.mistake(&at(key), problem, hint));
        };
        for (key, kind, pattern) in [("field", document, Some(field)), ("by", document, Some(by))]
            .into_iter()
            .chain(catalogue.iter().map(|kind| ("take", kind, take.as_ref())))
        {
            let Some(pattern) = pattern else {
                let hint = Some("say which field of the documents is taken, such as `/originCountry`".to_owned());
                wrong("catalogue", "nothing is taken from it (`take`)".to_owned(), hint);
                continue;
            };
            if let Some((problem, hint)) = no_field(documents, kind, pattern) {
                wrong(key, problem, hint);
            }
        }
        if elements(field) != elements(by) {
            let hint = "both name the same elements of lists: `/lines/*/originCountry` by `/lines/*/sku`".to_owned();
            wrong("by", format!("is no field of the same elements as `{field}`"), Some(hint));
        }
        if OWN.iter().any(|own| field.split('/').nth(1) == Some(*own)) {
            wrong("field", "says whose document it is, and in which version".to_owned(), None);
        }
        source(files, file, index, enrichment, mistakes);
    }
}

/// What fills the field: a table that is there, or a kind of the catalogue.
fn source(files: &Files, file: &File<Shipments>, index: usize, enrichment: &Enrichment, mistakes: &mut Vec<Mistake>) {
    let at = |key: &str| format!("/enrich/{index}/{key}");
    match (&enrichment.table, &enrichment.catalogue) {
        (Some(table), None) => {
            let Some(gateway) = &files.gateway else { return };
            let known = &gateway.content.tables;
            if !known.contains_key(table) {
                let hint = match nearest(table, known.keys().map(String::as_str)) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("add [tables.{table}] to `gateway.toml`"),
                };
                mistakes.push(file.mistake(&at("table"), format!("there is no reference table `{table}`"), Some(hint)));
            }
        }
        (None, Some(kind)) if file.content.catalogue.contains(kind) => {}
        (None, Some(kind)) => {
            let problem = format!("`{kind}` is no kind of the catalogue");
            mistakes.push(file.mistake(&at("catalogue"), problem, Some("add it to `catalogue`".to_owned())));
        }
        (Some(_), Some(_)) => {
            let hint = Some("make two of it: the first that says something counts".to_owned());
            mistakes.push(file.mistake(&at("catalogue"), "is said beside `table`", hint));
        }
        (None, None) => {
            let hint = Some("say `table` or `catalogue`".to_owned());
            mistakes.push(file.mistake(&format!("/enrich/{index}"), "nothing fills the field", hint));
        }
    }
}

fn no_field(documents: &DocumentFields, kind: &str, field: &str) -> Option<(String, Option<String>)> {
    let pattern = match FieldPattern::parse(field) {
        Ok(pattern) => pattern,
        Err(problem) => return Some((problem.to_owned(), Some("such as `/placeOfLoading/country`".to_owned()))),
    };
    let meant = |meant: Option<String>| meant.map(|meant| format!("did you mean `{meant}`?"));
    match documents.check(kind, &pattern) {
        Ok(()) => None,
        Err(NoField::Kind(nearest)) => Some((format!("there is no kind of document called `{kind}`"), meant(nearest))),
        Err(NoField::Field(nearest)) => {
            Some((format!("documents of kind `{kind}` have no field `{field}`"), meant(nearest)))
        }
    }
}

/// The list whose elements a field is of: all up to its last `*`.
fn elements(field: &str) -> &str {
    field.rfind("/*").map_or("", |end| &field[..end + 2])
}
