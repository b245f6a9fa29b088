//! What a plugin made of a message, in the form that `expected.json` has.

use serde::Serialize;
use serde_json::Value;

/// What a plugin made of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// Documents, with what was noticed on the way.
    Decoded {
        /// The documents in their order.
        documents: Vec<Document>,
        /// The findings in their order.
        findings: Vec<Finding>,
    },
    /// The message was not taken.
    Rejected {
        /// Why.
        rejected: Findings,
    },
}

impl Answer {
    /// A rejection for these reasons.
    pub fn rejected(findings: Vec<Finding>) -> Self {
        Answer::Rejected { rejected: Findings { findings } }
    }

    /// The answer as `expected.json` states it.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).expect("strings, lists and values always serialise")
    }
}

/// The findings of a rejection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// Why the message was not taken.
    pub findings: Vec<Finding>,
}

/// One canonical document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Document {
    /// The kind.
    pub kind: String,
    /// The key.
    pub key: String,
    /// The references in their order.
    pub refs: Vec<Reference>,
    /// The body.
    pub body: Value,
}

impl Document {
    /// A document from what a plugin gave. A body that is not JSON stands as a text that says so, and differs.
    pub fn new(kind: String, key: String, refs: Vec<Reference>, body: &[u8]) -> Self {
        let body = serde_json::from_slice(body).unwrap_or_else(|error| Value::String(format!("not JSON: {error}")));
        Document { kind, key, refs, body }
    }
}

/// One reference of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// The scheme.
    pub scheme: String,
    /// The value.
    pub value: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The code.
    pub code: String,
    /// `info`, `warning`, `error` or `blocking`.
    pub severity: String,
    /// The place.
    pub location: String,
    /// The sentence.
    pub detail: String,
}
