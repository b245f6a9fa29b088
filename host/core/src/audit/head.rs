//! The head of the log: which entry is the last, and a signature over that.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Hash;

/// What kind of thing is signed, so that no other signature by the same key can be taken for a head.
const TYPE: &str = "portgate.audit.head.v1";

/// The end of the log at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of the last entry: how many there are.
    pub number: u64,
    /// Its hash.
    pub hash: Hash,
    /// When it was sealed.
    pub at: Timestamp,
    /// Which key signs.
    pub key: String,
}

impl Head {
    /// What is signed: the head as canonical JSON (RFC 8785).
    pub fn signed_text(&self) -> String {
        let Head { number, hash, at, key } = self;
        let hash = hex::encode(hash);
        format!("{{\"at\":\"{at}\",\"hash\":\"{hash}\",\"key\":\"{key}\",\"number\":{number},\"type\":\"{TYPE}\"}}")
    }
}

/// A head with its signature (Ed25519, RFC 8032, over [`Head::signed_text`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHead {
    /// The head.
    pub head: Head,
    /// The signature.
    pub signature: Vec<u8>,
}

/// Why a text is no head.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadHead {
    /// It is no JSON, or members are missing.
    #[error("this is no head of an audit log: {0}")]
    Form(String),
    /// It is a head of something else, or of a later version.
    #[error("this is a `{0}`, but a `{TYPE}` is needed")]
    OtherType(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    at: Timestamp,
    hash: String,
    key: String,
    number: u64,
    signature: String,
    r#type: String,
}

impl SignedHead {
    /// As it is saved: the signed text's members and the signature, in base64.
    pub fn to_json(&self) -> String {
        let Head { number, hash, at, key } = &self.head;
        let written = Written {
            at: *at,
            hash: hex::encode(hash),
            key: key.clone(),
            number: *number,
            signature: STANDARD.encode(&self.signature),
            r#type: TYPE.to_owned(),
        };
        serde_json::to_string(&written).expect("texts and a number are JSON")
    }

    /// Reads what [`to_json`](SignedHead::to_json) wrote. Whether the signature is right, only
    /// [`PublicKey::has_signed`](super::PublicKey::has_signed) says.
    ///
    /// # Errors
    /// What it is instead.
    pub fn from_json(json: &str) -> Result<SignedHead, BadHead> {
        let written: Written = serde_json::from_str(json).map_err(|error| BadHead::Form(error.to_string()))?;
        if written.r#type != TYPE {
            return Err(BadHead::OtherType(written.r#type));
        }
        let mut hash = [0; 32];
        hex::decode_to_slice(&written.hash, &mut hash)
            .map_err(|_| BadHead::Form("`hash` must have 64 hexadecimal digits".to_owned()))?;
        let signature = STANDARD.decode(&written.signature);
        let signature = signature.map_err(|_| BadHead::Form("`signature` must be base64".to_owned()))?;
        Ok(SignedHead { head: Head { number: written.number, hash, at: written.at, key: written.key }, signature })
    }
}
