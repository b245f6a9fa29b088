//! Canonical documents as they cross the boundary.

use portgate_canonical::{CanonicalDocument, Reference};
use serde::de::DeserializeOwned;

use crate::finding::Rejection;

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
        // A batch has thousands of them, and what they do not use would add up.
        body.shrink_to_fit();
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
