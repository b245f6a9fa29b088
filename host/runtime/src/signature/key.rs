//! Ed25519 keys in the forms that OpenSSL writes: PKCS#8 for secret ones, SubjectPublicKeyInfo for public ones.

use std::fmt;

/// A public key that checks signatures.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyingKey(pub(super) wasmsign2::PublicKey);

/// A secret key that makes signatures. It is wiped from memory when it goes, and never shown.
pub struct SigningKey(pub(super) wasmsign2::SecretKey);

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// It is no public key.
    #[error("is no Ed25519 public key in PEM (`BEGIN PUBLIC KEY`), nor the one line inside of such a file")]
    Public,
    /// It is one that anybody could sign for.
    #[error("is a weak key, for which anybody can make signatures")]
    Weak,
    /// It is no secret key.
    #[error("is no Ed25519 secret key in PEM (`BEGIN PRIVATE KEY`)")]
    Secret,
}

const PEM_BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const PEM_END: &str = "-----END PUBLIC KEY-----";

impl VerifyingKey {
    /// Reads a public key: a PEM file, or the one line of base64 in it.
    ///
    /// # Errors
    ///
    /// [`BadKey`], where it is none, or one that proves nothing.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let pem = match text.contains(PEM_BEGIN) {
            true => text.to_owned(),
            false => format!("{PEM_BEGIN}\n{}\n{PEM_END}\n", text.trim()),
        };
        let key = wasmsign2::PublicKey::from_pem(&pem).map_err(|_| BadKey::Public)?;
        match key.pk.validate() {
            Ok(()) => Ok(VerifyingKey(key)),
            Err(_) => Err(BadKey::Weak),
        }
    }

    /// The key as a PEM file.
    pub fn to_pem(&self) -> String {
        self.0.to_pem()
    }

    /// The one line of base64 inside of the PEM file, as policies have it.
    pub fn line(&self) -> String {
        self.to_pem().lines().nth(1).unwrap_or_default().to_owned()
    }

    /// What signatures name the key by, so that people can tell keys apart.
    pub fn id(&self) -> String {
        hex::encode(self.key_id())
    }

    pub(super) fn key_id(&self) -> Vec<u8> {
        self.0.clone().attach_default_key_id().key_id.unwrap_or_default()
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", self.id())
    }
}

impl SigningKey {
    /// A new key.
    pub fn generate() -> Self {
        SigningKey(wasmsign2::KeyPair::generate().sk)
    }

    /// Reads a secret key in PEM.
    ///
    /// # Errors
    ///
    /// [`BadKey::Secret`], where it is none. What it is instead is not said.
    pub fn parse(pem: &str) -> Result<Self, BadKey> {
        wasmsign2::SecretKey::from_pem(pem).map(SigningKey).map_err(|_| BadKey::Secret)
    }

    /// The key as a PEM file: the secret itself.
    pub fn to_pem(&self) -> String {
        self.0.to_pem()
    }

    /// The public key that checks its signatures.
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(wasmsign2::PublicKey { pk: self.0.sk.public_key(), key_id: None })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}
