//! `[shipments]` of `partners/<name>.toml`: what a partner may look up of shipments.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Grants;

/// The kind of contexts.
const CONTEXT: &str = "shipment-context";
/// What is seen of a context itself where the policy does not name it: what it is called, and the lists of its documents.
/// Where two systems differ is for those alone who may read contexts.
const OF_CONTEXTS: [&str; 5] = ["/id", "/version", "/documents", "/catalogue", "/omitted"];

/// What a partner may look up of shipments: which of them, and what it sees of the documents in them. Of any other shipment it
/// cannot tell whether it exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShipmentReader {
    /// Whether it may see every shipment. Without it, it sees those in which it has a document, and those of which a document
    /// names one of `parties`. Risk: only for systems of the company's own, such as a portal that has customers of its own.
    #[serde(default)]
    pub all: bool,
    /// Who it is in documents, as scheme and identifier of a party: `EORI:GB123456789000`, `GLN:4012345000009`.
    #[serde(default)]
    #[schemars(inner(regex(pattern = r"^[A-Za-z0-9._-]{1,32}:.{1,64}$")))]
    pub parties: BTreeSet<String>,
    /// The kinds of documents that it sees. With `shipment-context` it is told as well where two systems differ.
    #[schemars(length(min = 1))]
    pub read: BTreeSet<String>,
    /// Of documents of these kinds it sees only these fields: JSON Pointers such as `/lines/*/itemRef`, where `*` stands for
    /// any element of a list. A kind that is not named here is seen whole.
    #[serde(default)]
    pub fields: BTreeMap<String, BTreeSet<String>>,
    /// The schemes of names, such as `order`, by which it finds shipments, and which it sees where fields are restricted.
    #[schemars(length(min = 1))]
    pub references: BTreeSet<String>,
}

impl ShipmentReader {
    /// The same as grants, so that what it sees is taken out of documents as for plugins.
    pub fn grants(&self) -> Grants {
        let ShipmentReader { all: _, parties: _, read, fields, references } = self;
        let mut grants =
            Grants { read: read.clone(), fields: fields.clone(), references: references.clone(), ..Grants::default() };
        if grants.read.insert(CONTEXT.to_owned()) {
            let fields = OF_CONTEXTS.map(str::to_owned).into();
            grants.fields.insert(CONTEXT.to_owned(), fields);
        }
        grants
    }

    /// Who it is in documents: schemes and identifiers.
    pub fn parties(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parties.iter().filter_map(|party| party.split_once(':'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::projection::Projection;

    fn reader(read: &[&str]) -> ShipmentReader {
        let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        ShipmentReader {
            all: false,
            parties: set(&["EORI:GB1", "GLN:4012345000009"]),
            read: set(read),
            fields: BTreeMap::new(),
            references: set(&["order"]),
        }
    }

    fn seen(reader: &ShipmentReader) -> serde_json::Value {
        let body = serde_json::json!({
            "id": "s", "version": "7", "source": { "rawRef": "digest" },
            "references": [{ "scheme": "order", "value": "1" }, { "scheme": "invoice", "value": "hidden" }],
            "documents": [{ "kind": "order", "id": "1", "document": {} }, { "kind": "milestone", "id": "m", "document": {} }],
            "conflicts": [{ "kind": "milestone", "id": "m", "field": "/code" }],
        });
        let body = body.to_string().into_bytes();
        let context = Document { kind: CONTEXT.to_owned(), key: "s".to_owned(), refs: Vec::new(), body };
        let seen = Projection::new(&reader.grants()).of(context).expect("it may be read").into_document();
        serde_json::from_slice(&seen.body).expect("it is JSON")
    }

    #[test]
    fn a_reader_sees_documents_of_its_kinds_and_names_of_its_schemes_and_not_who_differs() {
        let context = seen(&reader(&["milestone"]));
        let wanted = serde_json::json!({
            "id": "s", "version": "7", "references": [{ "scheme": "order", "value": "1" }],
            "documents": [{ "kind": "milestone", "id": "m", "document": {} }],
        });
        assert_eq!(context, wanted);
    }

    #[test]
    fn who_may_read_contexts_is_told_where_two_systems_differ() {
        let context = seen(&reader(&["milestone", CONTEXT]));
        assert_eq!(context["conflicts"].as_array().map(Vec::len), Some(1));
    }

    #[test]
    fn a_party_is_a_scheme_and_whatever_stands_behind_it() {
        let reader = reader(&["milestone"]);
        assert_eq!(reader.parties().collect::<Vec<_>>(), [("EORI", "GB1"), ("GLN", "4012345000009")]);
    }
}
