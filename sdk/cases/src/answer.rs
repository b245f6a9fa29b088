//! What a plugin made of a message, in the form that `expected.json` has.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::request::{Request, body_value};

/// What a plugin made of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// Documents, with what was noticed on the way.
    Decoded {
        /// The documents in their order.
        documents: Vec<Document>,
        /// The findings in their order: of the message as a whole, then of each part.
        findings: Vec<Finding>,
        /// The parts that it was taken in.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        parts: Vec<Part>,
        /// What the partner is told in its own format.
        #[serde(skip_serializing_if = "Option::is_none")]
        reply: Option<Reply>,
    },
    /// A rendered request.
    Rendered(Request),
    /// What a partner's answer means.
    Interpreted(Outcome),
    /// A declaration that a composer made.
    Composed {
        /// The declaration.
        document: Document,
    },
    /// What a rule pack found, or what a composer misses.
    Judged {
        /// The judgements in their order.
        judgements: Vec<Judgement>,
    },
    /// The message was not taken, no request could be made, or the answer could not be read.
    Rejected {
        /// Why.
        rejected: Rejection,
    },
}

impl Answer {
    /// A rejection for these reasons.
    pub fn rejected(findings: Vec<Finding>, parts: Vec<Part>, reply: Option<Reply>) -> Self {
        Answer::Rejected { rejected: Rejection { findings, parts, reply } }
    }

    /// The answer as `expected.json` states it.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).expect("strings, lists and values always serialise")
    }
}

/// What a partner's answer means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// `accepted`, `rejected`, `retry` or `pending`.
    pub verdict: String,
    /// Documents that the answer yields.
    pub documents: Vec<Document>,
    /// The findings in their order.
    pub findings: Vec<Finding>,
    /// How to ask again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<FollowUp>,
}

/// A further request that finds out how a delivery ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FollowUp {
    /// What to ask.
    pub request: Request,
    /// When, in seconds from the answer.
    pub after_seconds: u32,
}

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejection {
    /// The findings in their order: of the message as a whole, then of each part.
    pub findings: Vec<Finding>,
    /// The parts that it was read in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// What the partner is told in its own format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
}

/// One part of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Where it begins.
    pub location: String,
    /// The partner's name for it.
    pub reference: String,
    /// `accepted` or `refused`.
    pub verdict: &'static str,
    /// How many of the documents belong to it.
    pub documents: u32,
}

/// What the partner is told in its own format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reply {
    /// Its media type.
    pub content_type: String,
    /// Its text, or a value that stands for bytes that are no text.
    pub body: Value,
}

impl Reply {
    /// A reply from what a plugin gave.
    pub fn new(content_type: String, body: &[u8]) -> Self {
        let body = body_value(body);
        Reply { content_type, body }
    }
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The scheme.
    pub scheme: String,
    /// The value.
    pub value: String,
}

/// One judgement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// The rule.
    pub rule: String,
    /// `info`, `warning`, `error` or `blocking`.
    pub severity: String,
    /// The fields, as JSON Pointers into the context.
    pub fields: Vec<String>,
    /// What does not fit.
    pub detail: String,
    /// What to do.
    pub remedy: String,
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
