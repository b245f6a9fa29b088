//! Canonical documents as they come out of a plugin, and what a plugin said of a message.

use crate::finding::Finding;

/// The member of every document that holds its references; it is granted by scheme.
pub(crate) const REFERENCES: &str = "references";

/// A name that some party gave a thing, such as scheme `mrn`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Reference {
    /// What kind of name it is: `order`, `ucr`, `lrn`, `mrn`, `container`, `transport-document`, `invoice`, …
    pub scheme: String,
    /// The name itself.
    pub value: String,
}

/// One canonical business document. Mirrors `document` of `wit/connector/v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The kind, which names its schema in `wit/canonical/v1`.
    pub kind: String,
    /// What identifies the document among those of its kind.
    pub key: String,
    /// How the document is tied to shipments, orders and other documents.
    pub refs: Vec<Reference>,
    /// The document as JSON under its canonical schema.
    pub body: Vec<u8>,
}

/// What a message says, in canonical words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The documents, in the order the plugin gave them.
    pub documents: Vec<Document>,
    /// What the plugin noticed on the way; none of severity error.
    pub findings: Vec<Finding>,
    /// What of the message it did not look at, as general paths (`portgate-unread` says their form); empty unless it was
    /// asked.
    pub unread: Vec<String>,
}

/// Why a plugin cannot take a message, or cannot make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// At least one of severity error or blocking.
    pub findings: Vec<Finding>,
}
