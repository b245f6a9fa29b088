//! Messages of the gateway's own: what it makes of a shipment, and whom it goes to.
//!
//! Each is an exchange like any other, from [`portgate_core::sender::GATEWAY`], and is kept in the transaction that keeps the
//! context it was made of. Its key is the same whoever makes it, so that it is made once.

use jiff::Timestamp;
use portgate_core::document::Document;
use portgate_core::sha256::sha256;
use portgate_store::{Acceptance, BusinessKey};

/// Documents that the gateway has made.
#[derive(Clone, Debug)]
pub struct Made {
    /// What kind of message it is, in the place of a contract's name, such as `filing`.
    pub contract: String,
    /// What tells it from all others of its kind: it is made once.
    pub key: String,
    /// Whether the shipment is one of tests.
    pub is_test: bool,
    /// The plugin that wrote the documents, where one did.
    pub plugin: Option<String>,
    /// The shipment that it was made of, by which its exchange is found.
    pub shipment: String,
    /// The documents.
    pub documents: Vec<Document>,
    /// Whom they go to.
    pub to: Recipients,
}

/// Whom documents of the gateway's own go to.
#[derive(Clone, Debug)]
pub enum Recipients {
    /// Each by the routes, as from the partner [`portgate_core::sender::GATEWAY`].
    ByRoutes,
    /// All of them to these partners, in one delivery each, whatever the routes say.
    Only(Vec<Recipient>),
}

/// A partner that is told something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The partner.
    pub partner: String,
    /// The contract that it is rendered as.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// Deliveries of one lane go out one after the other.
    pub lane: Option<String>,
}

impl Made {
    /// The message as a payload: its documents as one list.
    pub fn payload(&self) -> Vec<u8> {
        let bodies: Vec<&[u8]> = self.documents.iter().map(|document| document.body.as_slice()).collect();
        [b"[".as_slice(), &bodies.join(b",".as_slice()), b"]"].concat()
    }

    /// What it is kept under, once.
    pub fn business_key(&self) -> BusinessKey {
        BusinessKey { key: self.key.clone(), fingerprint: sha256(&self.payload()) }
    }
}

/// Makes exchanges of the gateway's own messages.
pub trait Makes: Send + Sync {
    /// The message with all that follows from it.
    ///
    /// # Errors
    ///
    /// Why it cannot be, in words for people: a document breaks the schema of its kind.
    fn make(&self, made: Made, now: Timestamp) -> Result<Acceptance, String>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payload_is_the_list_of_the_documents() {
        let document = |body: &str| Document {
            kind: "customs-declaration".to_owned(),
            key: "k".to_owned(),
            refs: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        let made = |documents| Made {
            contract: "filing".to_owned(),
            key: "k".to_owned(),
            is_test: false,
            plugin: None,
            shipment: "s".to_owned(),
            documents,
            to: Recipients::ByRoutes,
        };
        let two = made(vec![document("{\"a\":1}"), document("{}")]);
        assert_eq!(String::from_utf8(two.payload()).as_deref(), Ok("[{\"a\":1},{}]"));
        assert_eq!(made(Vec::new()).payload(), b"[]");
        assert_ne!(two.business_key().fingerprint, made(Vec::new()).business_key().fingerprint);
    }
}
