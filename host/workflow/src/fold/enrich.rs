//! Fields of which no system says anything are filled with what master data says, and marked as such.
//!
//! What a system has said stays as it is. What is filled has a provenance like any value of another system: `table:NAME` with the
//! edition that says it, or the system whose document of the catalogue does. So a context is a function of its documents and of
//! what the tables say; another edition that says the same changes nothing of it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use portgate_canonical::{Body, ContextDocument, FieldSource, Note, Provenance, Sha256, Text, Timestamp};
use portgate_core::policy::Enrichment;
use portgate_core::reference::Lookups;
use portgate_core::sha256::sha256_hex;
use serde_json::{Map, Value, json};

use super::merge::FIELDS_MAX;
use super::{Folded, NotFolded, sealed};
use crate::tables::{Noting, Said, Tables};

/// What master data is to us, in the place of a partner's role.
const ROLE: &str = "master-data";
/// The version of what a person has written into a table by hand.
const BY_HAND: &str = "by hand";
/// Most notes of a context.
const NOTES_MAX: usize = 8;

/// A value, and who says it.
struct Found {
    value: Value,
    provenance: Provenance,
}

/// The context with the fields filled that policy names. Gives back what was looked up for it.
///
/// # Errors
///
/// It cannot be said.
pub(crate) fn enrich(
    folded: Folded,
    enrichments: &[Enrichment],
    tables: &dyn Tables,
    on: Date,
) -> Result<(Folded, Lookups), NotFolded> {
    if enrichments.is_empty() {
        return Ok((folded, Lookups::default()));
    }
    let noting = Noting::new(tables);
    let Folded { revision, json, mut context } = folded;
    let articles = articles(&context.catalogue);
    let mut notes = Vec::new();
    let mut is_filled = false;
    for document in &mut context.documents {
        let kind = document.kind.to_string();
        for enrichment in enrichments.iter().filter(|enrichment| enrichment.document == kind) {
            is_filled |= fill(document, enrichment, &articles, &noting, on, &mut notes);
        }
    }
    let looked_up = noting.done();
    if !is_filled && notes.is_empty() {
        return Ok((Folded { revision, json, context }, looked_up));
    }
    let left = NOTES_MAX.saturating_sub(context.omitted.len());
    context.omitted.extend(notes.into_iter().take(left));
    Ok((sealed(context)?, looked_up))
}

/// The documents of the catalogue by kind and article.
fn articles(catalogue: &[ContextDocument]) -> BTreeMap<(&str, &str), &ContextDocument> {
    let mut articles = BTreeMap::new();
    for document in catalogue {
        if let Some(sku) = document.document.0.get("sku").and_then(Value::as_str) {
            articles.entry((&*document.kind, sku)).or_insert(document);
        }
    }
    articles
}

/// Fills a field of a document wherever it is empty. Gives back whether anything was.
fn fill(
    document: &mut ContextDocument,
    enrichment: &Enrichment,
    articles: &BTreeMap<(&str, &str), &ContextDocument>,
    tables: &Noting<'_>,
    on: Date,
    notes: &mut Vec<Note>,
) -> bool {
    let (list, field) = split(&enrichment.field);
    let (_, by) = split(&enrichment.by);
    let Some((around, name)) = field.rsplit_once('/') else { return false };
    let mut body = Value::Object(std::mem::take(&mut document.document.0));
    let mut is_filled = false;
    for element in elements(&body, list) {
        let Some(key) = body.pointer(&format!("{element}{by}")).and_then(Value::as_str).map(str::to_owned) else {
            continue;
        };
        let place = format!("{element}{around}");
        let is_empty = |body: &Value| {
            let around = body.pointer(&place).and_then(Value::as_object);
            around.is_some_and(|around| around.get(name).is_none_or(Value::is_null))
        };
        if !is_empty(&body) || document.fields.len() >= FIELDS_MAX {
            continue;
        }
        let found = match (&enrichment.table, &enrichment.catalogue) {
            (Some(table), _) => of_table(tables, table, &key, enrichment.take.as_deref(), on, document),
            (None, Some(kind)) => {
                let article = articles.get(&(kind.as_str(), key.as_str()));
                article.and_then(|article| of_article(article, enrichment.take.as_deref()?))
            }
            (None, None) => None,
        };
        let Some(Found { value, provenance }) = found else { continue };
        let pointer = format!("{place}/{name}");
        let Ok(marked) = Text::<256>::new(pointer.clone()) else { continue };
        let mut filled = body.clone();
        if let Some(around) = filled.pointer_mut(&place).and_then(Value::as_object_mut) {
            around.insert(name.to_owned(), value.clone());
        }
        // What breaks the document would keep everybody from reading it.
        if !tables.fits(&document.kind, filled.to_string().as_bytes()) {
            let system = &*provenance.system;
            let (kind, id) = (&*document.kind, &*document.id);
            let note = format!("{system} says {value} for {pointer} of {kind} {id}, which does not fit there.");
            notes.extend(Text::cut(&note).map(|cut| Note::new(cut.text)));
            continue;
        }
        body = filled;
        document.fields.push(FieldSource::new(marked, provenance));
        is_filled = true;
    }
    if let Value::Object(body) = body {
        document.document = Body(body);
    }
    is_filled
}

/// What a table says of a key.
fn of_table(
    tables: &Noting<'_>,
    table: &str,
    key: &str,
    take: Option<&str>,
    on: Date,
    document: &ContextDocument,
) -> Option<Found> {
    let Said { value, edition, from } = tables.said(table, key, on)?;
    let taken = match (take, serde_json::from_str::<Map<String, Value>>(&value)) {
        (Some(member), Ok(members)) => members.get(member).filter(|value| !value.is_null())?.clone(),
        (Some(_), Err(_)) => return None,
        (None, _) => Value::String(value),
    };
    let (version, day) = match edition {
        Some(edition) => (edition.edition, Some(edition.date)),
        None => (from.map_or_else(|| BY_HAND.to_owned(), |day| day.to_string()), from),
    };
    // What a person wrote for all days has none of its own.
    let recorded_at = match day {
        Some(day) => serde_json::from_value::<Timestamp>(json!({ "value": format!("{day}T00:00:00Z") })).ok()?,
        None => document.provenance.recorded_at.clone(),
    };
    let raw_ref: Sha256 = serde_json::from_value(sha256_hex(taken.to_string().as_bytes()).into()).ok()?;
    let system = Text::cut(&format!("table:{table}"))?.text;
    let mut provenance = Provenance::new(system, Text::cut(&version)?.text, recorded_at, raw_ref);
    provenance.role = Text::new(ROLE).ok();
    Some(Found { value: taken, provenance })
}

/// What a document of the catalogue says.
fn of_article(article: &ContextDocument, take: &str) -> Option<Found> {
    let body = Value::Object(article.document.0.clone());
    let value = body.pointer(take).filter(|value| !value.is_null())?.clone();
    let mut provenance = article.provenance.clone();
    // A field of the article can be another system's than the rest of it.
    if let Some(source) = article.fields.iter().find(|source| *source.field == *take) {
        provenance = source.provenance.clone();
    }
    Some(Found { value, provenance })
}

/// The list whose elements a field is of, up to its last `*`, and the field of an element.
fn split(field: &str) -> (&str, &str) {
    field.rfind("/*").map_or(("", field), |end| field.split_at(end + 2))
}

/// The places of the elements that a list names, such as `/lines/0` and `/lines/1` for `/lines/*`.
fn elements(body: &Value, list: &str) -> Vec<String> {
    let mut places = vec![String::new()];
    for step in list.split('/').skip(1) {
        places = match step {
            "*" => {
                let of = |place: &String| body.pointer(place).and_then(Value::as_array).map_or(0, Vec::len);
                let below = |place: &String| (0..of(place)).map(|index| format!("{place}/{index}")).collect::<Vec<_>>();
                places.iter().flat_map(below).collect()
            }
            step => places.iter().map(|place| format!("{place}/{step}")).collect(),
        };
    }
    places
}

#[cfg(test)]
mod tests;
