//! Documents become a context.
//!
//! Of each document the version counts that its system says last; of what several systems say of one document, each field's
//! owner counts. All else stays visible: earlier values, and values that differ. The result is a function of the set of
//! documents, whatever order they came in and however often.

mod agree;
mod difference;
mod enrich;
mod merge;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use portgate_canonical::{
    ContextDocument, FieldConflict, Note, Reference, Sha256, ShipmentContext, Source, Text, Timestamp,
};
use portgate_core::sha256::sha256_hex;
use portgate_core::shipment::{self, ShipmentRules, Version};
use portgate_store::{ShipmentDocuments, StatedDocument};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ownership::Ownership;
pub(crate) use enrich::enrich;
use merge::{Stated, Word};

/// What a context has room for.
pub(crate) const DOCUMENTS_MAX: usize = 2_000;
const CONFLICTS_MAX: usize = 500;
const REFERENCES_MAX: usize = 64;
/// What the gateway is called as the source of a context.
const GATEWAY: &str = "portgate";

/// A context that was put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded {
    /// The revision: the same where the same documents were put together.
    pub revision: String,
    /// The context as JSON.
    pub json: String,
    /// The context.
    pub context: ShipmentContext,
}

/// Why there is no context.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFolded {
    /// None of the documents is there any more.
    #[error("none of its documents is there any more")]
    Empty,
    /// Something of it does not fit its field, which the schemas of its documents should have ruled out.
    #[error("it cannot be said in a context: {0}")]
    Unspeakable(String),
}

/// Puts the context of a shipment together.
///
/// # Errors
///
/// There is nothing to put together, or it cannot be said.
pub fn fold(
    id: &str,
    documents: &ShipmentDocuments,
    rules: &ShipmentRules,
    ownership: &Ownership,
) -> Result<Folded, NotFolded> {
    let mut context = ShipmentContext::new(text(id)?, text("0")?, source(None, &"0".repeat(64))?);
    let (mut conflicts, mut forgotten) = (Vec::new(), 0);
    let folded = merged(&documents.documents, ownership, &mut conflicts, &mut forgotten);
    let references = references(&folded, rules);
    let (kept, left_out) = latest(folded, DOCUMENTS_MAX);
    context.documents = kept;
    let (known, unknown) =
        latest(merged(&documents.catalogue, ownership, &mut conflicts, &mut forgotten), DOCUMENTS_MAX);
    context.catalogue = known;
    let latest = context.documents.iter().chain(&context.catalogue).map(|one| &one.provenance.recorded_at);
    let latest = latest
        .max_by_key(|time| (shipment::microseconds(time.as_str()), time.as_str()))
        .cloned()
        .ok_or(NotFolded::Empty)?;
    let all = || context.documents.iter().chain(&context.catalogue);
    let earlier = all().map(|one| one.earlier.len()).sum::<usize>();
    let counts = [
        (forgotten, "earlier values", earlier),
        (left_out, "documents", context.documents.len()),
        (unknown, "documents of the catalogue", context.catalogue.len()),
        (conflicts.len().saturating_sub(CONFLICTS_MAX), "conflicts", CONFLICTS_MAX.min(conflicts.len())),
        (references.len().saturating_sub(REFERENCES_MAX), "references", REFERENCES_MAX.min(references.len())),
    ];
    for (left_out, what, kept) in counts.into_iter().filter(|(left_out, ..)| *left_out > 0) {
        context.omitted.push(Note::new(text(format!("Of {} {what}, {kept} are here.", kept + left_out))?));
    }
    conflicts.truncate(CONFLICTS_MAX);
    context.conflicts = conflicts;
    context.references = references.into_iter().take(REFERENCES_MAX).collect();
    context.source = source(Some(latest), &"0".repeat(64))?;
    sealed(context)
}

/// The context under the revision that it has by what it says.
pub(crate) fn sealed(mut context: ShipmentContext) -> Result<Folded, NotFolded> {
    let latest = context.source.recorded_at.clone();
    context.version = text("0")?;
    context.source = source(None, &"0".repeat(64))?;
    let (mut content, unsealed) = (json(&context)?, head(&context)?);
    let digest = sha256_hex(content.as_bytes());
    let revision = digest.get(..32).unwrap_or_default().to_owned();
    context.version = text(&revision)?;
    context.source = source(Some(latest), &digest)?;
    // Its head is at its beginning, and all behind it stays: a large one is written once.
    match content.find(&unsealed) {
        Some(start) => content.replace_range(start..start + unsealed.len(), &head(&context)?),
        None => content = json(&context)?,
    }
    Ok(Folded { revision, json: content, context })
}

/// What a context's JSON has of what it is sealed with.
fn head(context: &ShipmentContext) -> Result<String, NotFolded> {
    Ok(format!("\"version\":{},\"source\":{}", json(&context.version)?, json(&context.source)?))
}

fn json<T: Serialize>(value: &T) -> Result<String, NotFolded> {
    serde_json::to_string(value).map_err(|error| NotFolded::Unspeakable(error.to_string()))
}

fn text<const MAX: usize>(value: impl Into<String>) -> Result<Text<MAX>, NotFolded> {
    Text::new(value).map_err(|error| NotFolded::Unspeakable(error.to_string()))
}

fn source(latest: Option<Timestamp>, digest: &str) -> Result<Source, NotFolded> {
    let unspeakable = |error: serde_json::Error| NotFolded::Unspeakable(error.to_string());
    let never = || serde_json::from_value(serde_json::json!({ "value": "1970-01-01T00:00:00Z" })).map_err(unspeakable);
    let recorded_at = latest.map_or_else(never, Ok)?;
    let raw_ref: Sha256 = serde_json::from_value(digest.into()).map_err(unspeakable)?;
    Ok(Source { system: text(GATEWAY)?, message_id: None, recorded_at, raw_ref })
}

/// The documents as they count, by kind and key, and what contradicts.
pub(crate) fn merged(
    documents: &[StatedDocument],
    ownership: &Ownership,
    conflicts: &mut Vec<FieldConflict>,
    forgotten: &mut usize,
) -> Vec<ContextDocument> {
    let mut by_key: BTreeMap<(&str, &str), BTreeMap<&str, Vec<Word>>> = BTreeMap::new();
    for document in documents {
        let Some(word) = word(document, ownership) else { continue };
        let systems = by_key.entry((&document.kind, &document.key)).or_default();
        systems.entry(&document.sender).or_default().push(word);
    }
    let mut counting = Vec::with_capacity(by_key.len());
    for ((kind, key), systems) in by_key {
        let stated: Vec<Stated> = systems.into_values().filter_map(in_order).collect();
        counting.extend(merge::merge(kind, key, stated, ownership, conflicts, forgotten));
    }
    counting
}

/// One version of what one system says, unless it is gone or was cut on its way.
fn word(document: &StatedDocument, ownership: &Ownership) -> Option<Word> {
    let body: Map<String, Value> = serde_json::from_str(document.body.as_deref()?).ok()?;
    let provenance = merge::provenance(&document.sender, &document.version, &body, ownership)?;
    Some(Word {
        sender: document.sender.clone(),
        version: Version {
            version: document.version.clone(),
            recorded_at: document.recorded_at,
            sha256: document.sha256,
        },
        provenance,
        body,
    })
}

/// What one system says: its versions in their order, the one that counts last; what came twice once.
fn in_order(mut words: Vec<Word>) -> Option<Stated> {
    shipment::in_order(&mut words, |word| &word.version);
    words.dedup_by(|one, other| one.version.sha256 == other.version.sha256);
    let current = words.pop()?;
    Some(Stated { current, earlier: words })
}

/// The latest of the documents, in their order, and how many are left out.
fn latest(mut documents: Vec<ContextDocument>, most: usize) -> (Vec<ContextDocument>, usize) {
    let left_out = documents.len().saturating_sub(most);
    if left_out > 0 {
        documents.sort_by_cached_key(|one| Reverse(shipment::microseconds(one.provenance.recorded_at.as_str())));
        documents.truncate(most);
        documents.sort_by(|one, other| (&one.kind, &one.id).cmp(&(&other.kind, &other.id)));
    }
    (documents, left_out)
}

/// All names of the documents that tie, in their order.
fn references(documents: &[ContextDocument], rules: &ShipmentRules) -> Vec<Reference> {
    let of = |document: &ContextDocument| {
        let listed = document.document.0.get("references").map(Vec::<Reference>::deserialize);
        listed.and_then(Result::ok).unwrap_or_default()
    };
    let names: BTreeSet<(String, String)> = documents
        .iter()
        .flat_map(of)
        .filter(|reference| rules.tie(&reference.scheme).is_some())
        .map(|reference| (reference.scheme.to_string(), reference.value.to_string()))
        .collect();
    names.into_iter().filter_map(|(scheme, value)| Reference::new(&scheme, &value).ok()).collect()
}

#[cfg(test)]
mod tests;
