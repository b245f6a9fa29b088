//! The parts that a message is taken in, and what the partner is told in its own format.

use crate::finding::Finding;

/// What becomes of a part. The set is closed: it never grows within version 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartVerdict {
    /// Its documents are taken.
    Accepted,
    /// It has none, and its findings say why.
    Refused,
}

/// One of the parts that a message is taken in: a set of an interchange, an event of a list. Made by
/// [`Decoded::part`](crate::Decoded::part).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it begins, as in findings.
    pub location: String,
    /// The partner's name for it, such as the control number of a set; empty where it has none.
    pub reference: String,
    /// What becomes of it.
    pub verdict: PartVerdict,
    /// How many of the documents are of this part. They stand in the order of their parts.
    pub documents: u32,
    /// What is wrong with it, or worth knowing.
    pub findings: Vec<Finding>,
}

/// What the partner is told in its own format, such as a functional acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Its media type.
    pub content_type: String,
    /// Its bytes.
    pub body: Vec<u8>,
}
