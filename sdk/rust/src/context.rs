//! The context of a shipment, as rule packs and composers read it: the documents that count, each with its place.

use portgate_canonical::{CanonicalDocument, ContextDocument, Provenance, ShipmentContext};
use serde::de::DeserializeOwned;

use crate::document::Document;

/// A context, with the documents that the plugin's policy lets it see.
#[derive(Clone, Debug)]
pub struct Context {
    context: ShipmentContext,
}

/// A document in a context: what it says, where it stands, and who said it.
#[derive(Clone, Debug)]
pub struct Placed<T> {
    /// Where it stands, as a JSON Pointer (RFC 6901) into the context, such as `/documents/3/document`.
    place: String,
    /// Who said it. Single fields may be another system's.
    pub provenance: Provenance,
    /// What it says.
    pub document: T,
}

impl<T> Placed<T> {
    /// The place of one of its fields: the document's with the field behind it, such as `/lines/0/quantity`.
    pub fn at(&self, field: &str) -> String {
        format!("{}{field}", self.place)
    }
}

impl Context {
    /// Reads a context that the host gives. Nothing where it is none.
    pub fn read(document: &Document) -> Option<Context> {
        Some(Context { context: serde_json::from_slice(&document.body).ok()? })
    }

    /// The documents of one kind, in their order. One of which the policy shows so little that it is no document of its kind
    /// any more is left out.
    pub fn documents<T: CanonicalDocument + DeserializeOwned>(&self) -> Vec<Placed<T>> {
        placed("documents", &self.context.documents)
    }

    /// What is known of the articles in it: documents of the catalogue of one kind.
    pub fn catalogue<T: CanonicalDocument + DeserializeOwned>(&self) -> Vec<Placed<T>> {
        placed("catalogue", &self.context.catalogue)
    }

    /// Everything that is in it.
    pub fn whole(&self) -> &ShipmentContext {
        &self.context
    }
}

fn placed<T: CanonicalDocument + DeserializeOwned>(list: &str, documents: &[ContextDocument]) -> Vec<Placed<T>> {
    let of_kind = documents.iter().enumerate().filter(|(_, document)| &*document.kind == T::KIND);
    let read = |(index, document): (usize, &ContextDocument)| {
        let value = serde_json::Value::Object(document.document.0.clone());
        Some(Placed {
            place: format!("/{list}/{index}/document"),
            provenance: document.provenance.clone(),
            document: serde_json::from_value(value).ok()?,
        })
    };
    of_kind.filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use portgate_canonical::{Item, Order};
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_are_read_by_kind_each_with_its_place() {
        let example = |kind: &str| -> serde_json::Value {
            let path = format!("{}/../../wit/canonical/v1/examples/{kind}.json", env!("CARGO_MANIFEST_DIR"));
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
        };
        let provenance = json!({ "system": "erp", "version": "1", "recordedAt": { "value": "2026-03-01T08:00:00Z" },
                                 "rawRef": "0".repeat(64) });
        let placed = |kind: &str, document: serde_json::Value| json!({ "kind": kind, "id": "1", "provenance": provenance, "document": document });
        let context = json!({
            "id": "s", "version": "r",
            "source": { "system": "portgate", "recordedAt": { "value": "2026-03-01T08:00:00Z" }, "rawRef": "0".repeat(64) },
            "documents": [placed("milestone", example("milestone")), placed("order", example("order")), placed("order", json!({}))],
            "catalogue": [placed("item", example("item"))],
        });
        let document = Document {
            kind: "shipment-context".to_owned(),
            key: "s".to_owned(),
            refs: Vec::new(),
            body: context.to_string().into_bytes(),
        };
        let context = Context::read(&document).expect("a context");
        let orders = context.documents::<Order>();
        assert_eq!(orders.len(), 1, "what is no order any more is left out");
        assert_eq!(orders[0].at("/lines/0"), "/documents/1/document/lines/0");
        assert_eq!(context.catalogue::<Item>()[0].at(""), "/catalogue/0/document");
    }
}
