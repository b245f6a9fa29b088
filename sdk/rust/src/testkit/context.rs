//! Contexts of shipments for the tests of rule packs and composers.

use serde_json::{Value, json};

use crate::document::Document;

const RECORDED_AT: &str = "2026-03-01T08:00:00Z";

/// A `shipment-context` of these documents, each with its kind, in their order; those of goods (`item`,
/// `item-classification`) are its catalogue. Every one is said to be the ERP's, recorded on 1 March 2026.
pub fn shipment_context(documents: &[(String, Value)]) -> Document {
    let provenance = json!({
        "system": "erp", "version": "1", "recordedAt": { "value": RECORDED_AT }, "rawRef": "0".repeat(64),
    });
    let list = |catalogue: bool| -> Vec<Value> {
        let of_list = documents.iter().filter(|(kind, _)| kind.starts_with("item") == catalogue);
        let entry = |(kind, body): &(String, Value)| json!({ "kind": kind, "id": body["id"], "provenance": provenance, "document": body });
        of_list.map(entry).collect()
    };
    let context = json!({
        "id": "s", "version": "r",
        "source": { "system": "portgate", "recordedAt": { "value": RECORDED_AT }, "rawRef": "0".repeat(64) },
        "documents": list(false),
        "catalogue": list(true),
    });
    let (kind, key) = ("shipment-context".to_owned(), "s".to_owned());
    Document { kind, key, refs: Vec::new(), body: context.to_string().into_bytes() }
}

/// A `customs-declaration` with this LRN that says this and no more; `said` must have `jurisdiction` and `regime`.
pub fn declaration(lrn: &str, said: Value) -> (String, Value) {
    let mut body = json!({
        "id": lrn, "version": "1", "lrn": lrn,
        "source": { "system": "erp", "recordedAt": { "value": RECORDED_AT }, "rawRef": "0".repeat(64) },
    });
    if let (Some(body), Value::Object(said)) = (body.as_object_mut(), said) {
        body.extend(said);
    }
    ("customs-declaration".to_owned(), body)
}
