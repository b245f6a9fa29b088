//! Canonical documents as they come out of a plugin, and what a plugin said of a message.

use crate::codes::AwaitedCodes;
use crate::finding::Finding;

/// The member of every document that holds its references; it is granted by scheme.
pub(crate) const REFERENCES: &str = "references";

/// The kind of documents that say what a partner makes of what it was sent: they are for the gateway itself.
pub const ACKNOWLEDGEMENT: &str = "acknowledgement";

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

/// What becomes of a part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PartVerdict {
    /// Its documents are taken.
    Accepted,
    /// It has none, and its findings say why.
    Refused,
    /// It has none yet: it waits for a code, and goes on when that is there.
    AwaitsCode,
}

/// One of the parts that a message is taken in: a set of an interchange, an event of a list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Part {
    /// Where it begins, as in findings.
    pub location: String,
    /// The partner's name for it, such as the control number of a set; empty where it has none.
    pub reference: String,
    /// What becomes of it.
    pub verdict: PartVerdict,
    /// How many of the documents are of this part. They stand in the order of their parts; those behind the last part's are
    /// of the whole message.
    pub documents: u32,
    /// What is wrong with it, or worth knowing.
    pub findings: Vec<Finding>,
}

impl Part {
    /// What it is called: the partner's name for it, or where it is.
    pub fn name(&self) -> &str {
        if self.reference.is_empty() { &self.location } else { &self.reference }
    }

    /// The number, from 0, of the part that each document of a message is of, in the documents' order; none for those of
    /// the whole message.
    pub fn numbers(parts: &[Part]) -> impl Iterator<Item = Option<u32>> + Send {
        let of_parts = (0..).zip(parts).flat_map(|(number, part)| (0..part.documents).map(move |_| Some(number)));
        of_parts.chain(std::iter::repeat(None))
    }

    /// What the part of this number is called; nothing without a number.
    pub fn named(parts: &[Part], number: Option<u32>) -> Option<&str> {
        parts.get(number? as usize).map(Part::name)
    }

    /// Whether it waits for a code.
    pub fn awaits_code(&self) -> bool {
        self.verdict == PartVerdict::AwaitsCode
    }

    /// Whether it is refused.
    pub fn is_refused(&self) -> bool {
        self.verdict == PartVerdict::Refused
    }
}

/// What the partner is told in its own format, such as a functional acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Its media type.
    pub content_type: String,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// What a message says, in canonical words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The documents, in the order the plugin gave them.
    pub documents: Vec<Document>,
    /// What the plugin noticed, of the message as a whole first and then of each part; of severity error only of parts that
    /// are refused.
    pub findings: Vec<Finding>,
    /// The parts in their order; empty where the message is taken as a whole.
    pub parts: Vec<Part>,
    /// What the partner is told in its own format.
    pub reply: Option<Reply>,
    /// What of the message it did not look at, as general paths (`portgate-unread` says their form); empty unless it was
    /// asked.
    pub unread: Vec<String>,
    /// The codes that parts of it, or all of it, wait for.
    pub awaits: AwaitedCodes,
}

/// Why a plugin cannot take a message, or cannot make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// What was found, of the message as a whole first and then of each part: at least one of severity error or blocking.
    pub findings: Vec<Finding>,
    /// The parts in their order; none of their documents is taken.
    pub parts: Vec<Part>,
    /// What the partner is told in its own format.
    pub reply: Option<Reply>,
}

impl Rejection {
    /// A rejection of the message as a whole, for these reasons.
    pub fn of(findings: Vec<Finding>) -> Self {
        Rejection { findings, parts: Vec::new(), reply: None }
    }
}
