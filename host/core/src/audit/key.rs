//! The key that signs heads: Ed25519, in the PEM files that other tools know (RFC 8410), so that
//! `openssl genpkey -algorithm ed25519` makes one and `openssl pkeyutl` verifies with it.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::Hash;
use super::head::{Head, SignedHead};
use crate::sha256::sha256;

/// What stands before the 32 bytes of a private key (PKCS #8) and of a public one (SubjectPublicKeyInfo).
const PRIVATE: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
const PUBLIC: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// There is no PEM block of this kind in it.
    #[error("must be a PEM file with `-----BEGIN {0}-----`")]
    NoPem(&'static str),
    /// It is a key of another kind, or damaged.
    #[error("holds no Ed25519 key; `portgate audit keygen` makes one")]
    OtherKey,
}

/// Signs heads. Cheap to clone; never shown.
#[derive(Clone)]
pub struct AuditKey {
    pair: Arc<Ed25519KeyPair>,
    public: PublicKey,
}

impl AuditKey {
    /// The key that these 32 random bytes are.
    ///
    /// # Errors
    /// [`BadKey::OtherKey`]: no key can be made of them.
    pub fn from_seed(seed: &[u8; 32]) -> Result<AuditKey, BadKey> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| BadKey::OtherKey)?;
        let mut public = [0; 32];
        public.copy_from_slice(pair.public_key().as_ref());
        Ok(AuditKey { pair: Arc::new(pair), public: PublicKey(public) })
    }

    /// Reads a private key (PKCS #8, PEM).
    ///
    /// # Errors
    /// What it is instead; nothing of the text is repeated.
    pub fn from_pem(pem: &str) -> Result<AuditKey, BadKey> {
        let der = Zeroizing::new(from_pem(pem, "PRIVATE KEY")?);
        let seed = der.strip_prefix(&PRIVATE).and_then(|rest| rest.first_chunk::<32>()).ok_or(BadKey::OtherKey)?;
        // What may follow in newer files is the public key, which is made anew here.
        AuditKey::from_seed(seed)
    }

    /// The PEM file of the key that these 32 random bytes are.
    pub fn pem_of(seed: &[u8; 32]) -> Zeroizing<String> {
        let mut der = Zeroizing::new(PRIVATE.to_vec());
        der.extend_from_slice(seed);
        Zeroizing::new(to_pem(&der, "PRIVATE KEY"))
    }

    /// What others verify with.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The end of the log, signed. The time is kept to the microsecond, as the journal keeps it.
    pub fn sign(&self, number: u64, hash: Hash, at: Timestamp) -> SignedHead {
        let at = Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at);
        let head = Head { number, hash, at, key: self.public.id() };
        let signature = self.pair.sign(head.signed_text().as_bytes()).as_ref().to_vec();
        SignedHead { head, signature }
    }
}

/// Shows which key it is, and nothing of it.
impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AuditKey").field(&self.public.id()).finish()
    }
}

/// Verifies heads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Reads a public key (SubjectPublicKeyInfo, PEM).
    ///
    /// # Errors
    /// What it is instead.
    pub fn from_pem(pem: &str) -> Result<PublicKey, BadKey> {
        let der = from_pem(pem, "PUBLIC KEY")?;
        let key = der.strip_prefix(&PUBLIC).and_then(|key| key.try_into().ok());
        key.map(PublicKey).ok_or(BadKey::OtherKey)
    }

    /// As a PEM file.
    pub fn to_pem(&self) -> String {
        to_pem(&[&PUBLIC[..], &self.0].concat(), "PUBLIC KEY")
    }

    /// What heads name the key by: the first half of the SHA-256 over its 32 bytes, in hexadecimal digits.
    pub fn id(&self) -> String {
        hex::encode(&sha256(&self.0)[..16])
    }

    /// Whether this key has signed the head, and the head says so.
    pub fn has_signed(&self, signed: &SignedHead) -> bool {
        let text = signed.head.signed_text();
        signed.head.key == self.id() && self.verifies(text.as_bytes(), &signed.signature)
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(message, signature).is_ok()
    }
}

/// The bytes of the one block with this label.
fn from_pem(pem: &str, label: &'static str) -> Result<Vec<u8>, BadKey> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let block = pem.split_once(&begin).and_then(|(_, rest)| rest.split_once(&end)).ok_or(BadKey::NoPem(label))?.0;
    let base64: Zeroizing<String> = Zeroizing::new(block.split_ascii_whitespace().collect());
    STANDARD.decode(base64.as_bytes()).map_err(|_| BadKey::OtherKey)
}

/// One line of base64 is enough for these keys.
fn to_pem(der: &[u8], label: &str) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}
