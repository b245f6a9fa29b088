//! Canonical documents as they cross the boundary, and what a connector says of a message.

use portgate_canonical::{CanonicalDocument, Reference};
use serde::de::DeserializeOwned;

use crate::finding::{Finding, Rejection};

/// One canonical business document. A connector builds it from a struct of [`canonical`](crate::canonical), never by
/// hand: [`Document::of`] takes kind, key and references from the struct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The kind, which names its schema.
    pub kind: String,
    /// What identifies the document among those of its kind; a later document with this key replaces it.
    pub key: String,
    /// How the document is tied to shipments, orders and other documents.
    pub refs: Vec<Reference>,
    /// The document as JSON under its canonical schema.
    pub body: Vec<u8>,
}

/// Room for most documents, so that writing one does not move it about.
const USUAL_BYTES: usize = 4096;

impl Document {
    /// The document of a canonical struct, which also says its kind, key and references.
    pub fn of<D: CanonicalDocument>(document: &D) -> Self {
        let mut body = Vec::with_capacity(USUAL_BYTES);
        serde_json::to_writer(&mut body, document).expect("a canonical struct holds only what JSON can say");
        Document { kind: D::KIND.to_owned(), key: document.key(), refs: document.references().to_vec(), body }
    }

    /// The document's body as a canonical struct, for `encode` and `inspect`.
    ///
    /// # Errors
    ///
    /// A finding `JSON`, located `line:column` within the document.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Rejection> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

/// What a message says, in canonical words: collect documents and findings as they come, then [`finish`](Self::finish).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The documents, in the order they are to take effect.
    pub documents: Vec<Document>,
    /// What was noticed on the way; none of severity error or blocking once finished.
    pub findings: Vec<Finding>,
}

impl Decoded {
    /// Nothing yet.
    pub fn new() -> Self {
        Decoded::default()
    }

    /// Adds a document.
    pub fn document<D: CanonicalDocument>(&mut self, document: &D) -> &mut Self {
        self.documents.push(Document::of(document));
        self
    }

    /// Notes a finding. One of severity error or blocking makes [`finish`](Self::finish) reject the message, so that a
    /// partner learns of every mistake at once and not of one a try.
    pub fn finding(&mut self, finding: impl Into<Finding>) -> &mut Self {
        self.findings.push(finding.into());
        self
    }

    /// The end of a `decode`: the documents, unless a finding forbids them.
    ///
    /// # Errors
    ///
    /// All findings, when one of them is of severity error or blocking.
    pub fn finish(self) -> Result<Decoded, Rejection> {
        match self.findings.iter().any(|finding| finding.severity.rejects()) {
            true => Err(Rejection { findings: self.findings }),
            false => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_lets_the_documents_through_and_an_error_does_not() {
        let mut decoded = Decoded::new();
        decoded.finding(Finding::warning("W", "", "Odd."));
        assert_eq!(decoded.clone().finish().unwrap().findings.len(), 1);
        decoded.finding(Finding::error("E", "", "Wrong."));
        assert_eq!(decoded.finish().unwrap_err().findings.len(), 2);
    }
}
