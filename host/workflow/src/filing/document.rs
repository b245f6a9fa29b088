//! Declarations as documents of the gateway's own.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use portgate_canonical::ShipmentContext;
use portgate_core::document::{Document, Reference};
use portgate_core::filing::{Difference, Filing, StepKind};
use portgate_core::sender::{self, GATEWAY};
use portgate_core::sha256::sha256_hex;
use portgate_core::shipment::{ShipmentRules, Tie};
use serde_json::{Map, Value, json};

use crate::fold::Folded;

/// The kind of documents that declare.
const DECLARATION: &str = "customs-declaration";
/// Longest name of a field that an amendment has room for.
const FIELD_CHARACTERS_MAX: usize = 512;
/// Schemes of the names that customs knows a declaration by.
pub(super) const OF_CUSTOMS: [&str; 2] = ["lrn", "mrn"];

/// The documents of a context, each with its kind.
pub(super) fn bodies(context: &ShipmentContext) -> Vec<(String, Value)> {
    let body = |document: &portgate_canonical::ContextDocument| {
        (document.kind.to_string(), Value::Object(document.document.0.clone()))
    };
    context.documents.iter().map(body).collect()
}

/// The context as composers are given it: without what the gateway has declared, since a declaration is made of facts.
pub(super) fn context(context: &ShipmentContext) -> Result<Document, serde_json::Error> {
    let mut facts = context.clone();
    facts.documents.retain(|document| !is_own(&document.kind, &document.provenance.system));
    Ok(Document {
        kind: "shipment-context".to_owned(),
        key: context.id.to_string(),
        refs: Vec::new(),
        body: serde_json::to_vec(&facts)?,
    })
}

/// Whether a document of this kind, from this system, is a declaration that the gateway has made.
pub(super) fn is_own(kind: &str, system: &str) -> bool {
    kind == DECLARATION && sender::is_gateway(system)
}

/// What declarations are written of, as text: the documents without those that the gateway has declared, and what is known of
/// the goods.
pub(super) fn facts(context: &ShipmentContext) -> String {
    let of_others =
        |document: &&portgate_canonical::ContextDocument| !is_own(&document.kind, &document.provenance.system);
    let facts: Vec<_> = context.documents.iter().filter(of_others).chain(&context.catalogue).collect();
    serde_json::to_string(&facts).unwrap_or_default()
}

/// A request to cancel a declaration; nothing where nothing was declared.
pub(super) fn cancellation(filing: &Filing, mrn: Option<&str>) -> Option<Document> {
    let declared = &filing.current().next_back()?.declared;
    let mut body = json!({
        "lrn": filing.lrn,
        "jurisdiction": declared.get("jurisdiction")?,
        "regime": declared.get("regime")?,
        "functionCode": { "code": "13", "codeList": "WCO message function" },
        "typeCode": "INV",
        "invalidation": { "justification": "The declaration is not wanted any more." },
    });
    if let Some(mrn) = mrn {
        body["mrn"] = mrn.into();
    }
    Some(Document {
        kind: DECLARATION.to_owned(),
        key: String::new(),
        refs: Vec::new(),
        body: body.to_string().into_bytes(),
    })
}

/// What a declaration is kept as.
pub(super) struct Stamp<'a> {
    pub(super) kind: StepKind,
    pub(super) lrn: &'a str,
    pub(super) version: u32,
    pub(super) mrn: Option<&'a str>,
    /// What it changes, where it amends what was declared.
    pub(super) differences: &'a [Difference],
    pub(super) now: Timestamp,
}

/// A declaration as it is kept and sent: named after its local reference number, in the version that it is, tied to its shipment
/// and to no other. Nothing where it is no object, which its schema rules out.
pub(super) fn stamped(
    document: Document,
    stamp: &Stamp<'_>,
    folded: &Folded,
    rules: &ShipmentRules,
) -> Option<Document> {
    let mut body: Map<String, Value> = serde_json::from_slice(&document.body).ok()?;
    // A request to cancel is no later version of what was declared.
    let id = match stamp.kind {
        StepKind::Cancel => format!("{}/cancel", stamp.lrn),
        StepKind::Submit | StepKind::Amend => stamp.lrn.to_owned(),
    };
    let refs = references(&document.refs, stamp, folded, rules);
    let listed: Vec<Value> = refs.iter().map(|one| json!({ "scheme": one.scheme, "value": one.value })).collect();
    body.insert("id".to_owned(), id.clone().into());
    body.insert("version".to_owned(), stamp.version.to_string().into());
    body.insert("lrn".to_owned(), stamp.lrn.into());
    body.insert("references".to_owned(), listed.into());
    if stamp.kind == StepKind::Amend && !body.contains_key("amendments") {
        body.insert("amendments".to_owned(), amendments(stamp.differences));
    }
    let source = json!({
        "system": GATEWAY,
        "recordedAt": { "value": stamp.now.to_string() },
        "rawRef": sha256_hex(folded.json.as_bytes()),
    });
    body.insert("source".to_owned(), source);
    Some(Document { kind: DECLARATION.to_owned(), key: id, refs, body: serde_json::to_vec(&body).ok()? })
}

/// What an amendment changes, field by field; whoever renders it for customs says it in customs' own numbers. A field whose name is too long
/// is left to the declaration itself, which says what holds now.
fn amendments(differences: &[Difference]) -> Value {
    let fields = differences.iter().map(|difference| &difference.field);
    fields
        .filter(|field| (1..=FIELD_CHARACTERS_MAX).contains(&field.chars().count()))
        .map(|field| json!({ "field": field }))
        .collect()
}

/// The names that tie a declaration to its shipment: what customs knows it by, and what identifies the shipment. An order that is
/// split would tie it to all of its shipments, so what is shared ties only where nothing identifies.
fn references(composed: &[Reference], stamp: &Stamp<'_>, folded: &Folded, rules: &ShipmentRules) -> Vec<Reference> {
    let identifies = |scheme: &str| rules.tie(scheme) == Some(Tie::Identifying) && !OF_CUSTOMS.contains(&scheme);
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let opening = folded.context.documents.iter().filter(|document| rules.opens.contains(&*document.kind));
    for document in opening.filter(|document| !sender::is_gateway(&document.provenance.system)) {
        let listed = document.document.0.get("references").cloned().unwrap_or_default();
        let listed: Vec<Reference> = serde_json::from_value(listed).unwrap_or_default();
        for Reference { scheme, value } in listed.into_iter().filter(|one| identifies(&one.scheme)) {
            names.entry(scheme).or_default().insert(value);
        }
    }
    // Of a scheme that names several things none names the shipment.
    let sole = names.into_iter().filter_map(|(scheme, values)| match values.len() {
        1 => values.into_iter().next().map(|value| Reference { scheme, value }),
        _ => None,
    });
    let mut refs: Vec<Reference> = sole.collect();
    if refs.is_empty() {
        let others = composed.iter().filter(|one| !OF_CUSTOMS.contains(&one.scheme.as_str()));
        refs.extend(others.cloned());
    }
    let of_customs = [("lrn", Some(stamp.lrn)), ("mrn", stamp.mrn)];
    let named =
        |(scheme, value): (&str, Option<&str>)| Some(Reference { scheme: scheme.to_owned(), value: value?.to_owned() });
    refs.extend(of_customs.into_iter().filter_map(named));
    refs
}
