//! What is known of one shipment, put together from the documents of all systems.

use serde::{Deserialize, Serialize};

use crate::{Sha256, Text, Timestamp};

/// A document under the schema of its kind, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Body(pub serde_json::Map<String, serde_json::Value>);

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Body {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Body".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "object" })
    }

    fn inline_schema() -> bool {
        true
    }
}

record! {
    /// Who said something, and in which of its documents.
    Provenance {
        required {
            /// The partner.
            system: Text<64>,
            /// The version of the document.
            version: Text<32>,
            /// When the partner recorded it.
            recorded_at: Timestamp,
            /// SHA-256 of the payload.
            raw_ref: Sha256,
        }
        optional {
            /// What the partner is to us, by policy, such as `erp`.
            role: Text<32>,
        }
    }
}

record! {
    /// A field whose value is another system's than that of the document around it.
    FieldSource {
        required {
            /// The field, as a JSON Pointer into the document.
            field: Text<256>,
            /// Who said it.
            provenance: Provenance,
        }
    }
}

record! {
    /// What a field was before.
    EarlierValue {
        required {
            /// The field, as a JSON Pointer into the document.
            field: Text<256>,
            /// Who said it.
            provenance: Provenance,
        }
        optional {
            /// The value as JSON, cut where it is long; none where the field was not there.
            value: Text<500>,
        }
    }
}

record! {
    /// A document as it counts now.
    ContextDocument {
        required {
            /// Its kind.
            kind: Text<64>,
            /// Its `id`.
            id: Text<128>,
            /// Who said it; of single fields somebody else, see `fields`.
            provenance: Provenance,
            /// The document, under the schema of its kind.
            document: Body,
        }
        lists {
            /// Fields that another system owns and has said.
            fields: FieldSource, at most 200;
            /// What its fields were in earlier versions, the latest first.
            earlier: EarlierValue, at most 200;
        }
    }
}

record! {
    /// A value, and who said it.
    StatedValue {
        required {
            /// The value as JSON, cut where it is long.
            value: Text<500>,
            /// Who said it.
            provenance: Provenance,
        }
    }
}

record! {
    /// A field of which two systems say different things.
    FieldConflict {
        required {
            /// The kind of the document.
            kind: Text<64>,
            /// The document's `id`.
            id: Text<128>,
            /// The field, as a JSON Pointer into the document.
            field: Text<256>,
            /// What counts: what its owner says.
            counts: StatedValue,
            /// What somebody else says.
            differs: StatedValue,
        }
    }
}

document! {
    /// The state of one shipment: the documents that concern it as they count now, whoever sent them in whatever order.
    ///
    /// Its `id` is the shipment's. Its `version` is the revision: half of a digest over everything below, the same wherever the
    /// same documents were put together. Its `source` is the gateway, at the time of the last document, with the digest over all.
    ShipmentContext = "shipment-context" {
        required {}
        lists {
            /// The documents, by kind and `id`.
            documents: ContextDocument, at most 2000;
            /// What is known of its goods: articles and their classifications.
            catalogue: ContextDocument, at most 2000;
            /// Fields of which two systems say different things.
            conflicts: FieldConflict, at most 500;
            /// Notes on what was left out because there was too much of it.
            omitted: crate::Note, at most 8;
        }
    }
}
