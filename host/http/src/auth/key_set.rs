//! One key set (RFC 7517): public keys, each pinned to the one algorithm that it may verify.
//!
//! The algorithm comes from the key and never from a token. A key that is not for us (another kind, another use, too
//! short) is left out, as RFC 7517 §5 asks, and the reason kept; a set without a usable key, or in which two usable
//! keys share a `kid`, is refused as a whole, because nothing could be verified, or nobody could tell with what.

use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_PAD_INDIFFERENT;
use jsonwebtoken::DecodingKey;
use serde_json::value::RawValue;

use super::AuthError;
use super::members::Members;

/// The largest key set, in bytes.
pub(super) const KEY_SET_BYTES_MAX: usize = 64 * 1024;

/// The smallest and largest RSA modulus, in bits (RFC 7518 §3.3 sets the first, the cost of verifying the second).
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// The algorithms that are taken: asymmetric, because whoever can verify with a shared secret can sign as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// ECDSA on P-256 with SHA-256 (RFC 7518 §3.4).
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
    Rs256,
    /// Ed25519 (RFC 8037 §3.1).
    EdDsa,
}

impl Algorithm {
    /// The algorithm of this registered name.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "ES256" => Some(Algorithm::Es256),
            "RS256" => Some(Algorithm::Rs256),
            "EdDSA" => Some(Algorithm::EdDsa),
            _ => None,
        }
    }

    /// The same algorithm in the library's words.
    pub(super) fn library(self) -> jsonwebtoken::Algorithm {
        match self {
            Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
            Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
            Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
        }
    }
}

/// One usable public key.
pub(super) struct Key {
    id: Option<String>,
    /// The one algorithm that it verifies.
    pub(super) algorithm: Algorithm,
    /// The key itself.
    pub(super) material: DecodingKey,
}

/// Shows which key it is, not the key.
impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Key").field("id", &self.id).field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// The usable keys of one document.
#[derive(Debug)]
pub(super) struct KeySet {
    keys: Vec<Key>,
    /// Why keys were left out.
    pub(super) left_out: Vec<String>,
    document: Vec<u8>,
}

/// Why a document is no key set to verify with.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum KeySetError {
    #[error("the key set is larger than {KEY_SET_BYTES_MAX} bytes")]
    TooLarge,
    #[error("the key set {0}")]
    NotAnObject(&'static str),
    #[error("the key set has no array `keys`")]
    NoKeys,
    #[error("the key set has no usable key ({})", if .0.is_empty() { "it is empty".to_owned() } else { .0.join("; ") })]
    NoneUsable(Vec<String>),
    #[error("two keys of the key set have the same `kid`, or none of two has one")]
    SameKeyId,
}

impl KeySet {
    /// Reads a document.
    pub(super) fn read(document: &[u8]) -> Result<Self, KeySetError> {
        if document.len() > KEY_SET_BYTES_MAX {
            return Err(KeySetError::TooLarge);
        }
        let members = Members::read(document).map_err(KeySetError::NotAnObject)?;
        let listed = members.get("keys").ok_or(KeySetError::NoKeys)?;
        let listed: Vec<&RawValue> = serde_json::from_str(listed.get()).map_err(|_| KeySetError::NoKeys)?;
        let (mut keys, mut left_out) = (Vec::<Key>::new(), Vec::new());
        for (index, key) in listed.into_iter().enumerate() {
            match Members::read(key.get().as_bytes()).and_then(|key| read_key(&key)) {
                Ok(key) if keys.iter().any(|other| other.id == key.id) => return Err(KeySetError::SameKeyId),
                Ok(key) => keys.push(key),
                Err(reason) => left_out.push(format!("key {index} {reason}")),
            }
        }
        match keys.is_empty() {
            true => Err(KeySetError::NoneUsable(left_out)),
            false => Ok(KeySet { keys, left_out, document: document.to_vec() }),
        }
    }

    /// Whether both were read from the same document.
    pub(super) fn is_same(&self, other: &KeySet) -> bool {
        self.document == other.document
    }

    /// The key that a token names; a set of one key may go unnamed.
    pub(super) fn key(&self, id: Option<&str>) -> Result<&Key, AuthError> {
        match (id, self.keys.as_slice()) {
            (None, [only]) => Ok(only),
            (None, _) => Err(AuthError::KeyIdMissing),
            (Some(id), keys) => keys.iter().find(|key| key.id.as_deref() == Some(id)).ok_or(AuthError::UnknownKey),
        }
    }
}

fn read_key(members: &Members<'_>) -> Result<Key, &'static str> {
    let string = |name, problem| members.string(name).map_err(|_| problem);
    if ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].iter().any(|name| members.has(name)) {
        return Err("holds a private or symmetric key, which must never be in a key set that verifies");
    }
    if string("use", "has a `use` that is not a string")?.is_some_and(|usage| usage != "sig") {
        return Err("is not for signatures (`use`)");
    }
    let operations = members.strings("key_ops").map_err(|_| "has `key_ops` that are not strings")?;
    if operations.is_some_and(|operations| !operations.iter().any(|operation| operation == "verify")) {
        return Err("is not for verifying (`key_ops`)");
    }
    let kind = string("kty", "has a `kty` that is not a string")?.ok_or("has no `kty`")?;
    let curve = string("crv", "has a `crv` that is not a string")?;
    let (algorithm, material) = match (kind.as_str(), curve.as_deref()) {
        ("EC", Some("P-256")) => (Algorithm::Es256, elliptic(members)?),
        ("RSA", None) => (Algorithm::Rs256, rsa(members)?),
        ("OKP", Some("Ed25519")) => (Algorithm::EdDsa, edwards(members)?),
        _ => return Err("is none of EC with P-256, RSA and OKP with Ed25519"),
    };
    // Each kind leaves one algorithm of those taken here, so a key without `alg` is pinned as well.
    match string("alg", "has an `alg` that is not a string")? {
        Some(name) if Algorithm::named(&name) != Some(algorithm) => {
            return Err("has another `alg` than ES256, RS256 or EdDSA as its kind allows");
        }
        Some(_) | None => {}
    }
    Ok(Key { id: string("kid", "has a `kid` that is not a string")?, algorithm, material })
}

fn elliptic(members: &Members<'_>) -> Result<DecodingKey, &'static str> {
    // Fixed widths (RFC 7518 §6.2.1): nothing may shift between the two coordinates.
    let (x, y) = (octets::<32>(members, "x")?, octets::<32>(members, "y")?);
    let point = [&[4], x.as_slice(), y.as_slice()].concat();
    ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point).map_err(|_| "is not a point of its curve")?;
    Ok(DecodingKey::from_ec_der(&point))
}

fn edwards(members: &Members<'_>) -> Result<DecodingKey, &'static str> {
    let point = octets::<32>(members, "x")?;
    ParsedPublicKey::new(&ED25519, point).map_err(|_| "is not a point of its curve")?;
    Ok(DecodingKey::from_ed_der(&point))
}

fn rsa(members: &Members<'_>) -> Result<DecodingKey, &'static str> {
    let (n, e) = (unsigned(members, "n")?, unsigned(members, "e")?);
    let bits = n.len() * 8 - n.first().map_or(0, |first| first.leading_zeros() as usize);
    if !RSA_BITS.contains(&bits) {
        return Err("has an RSA modulus of less than 2048 or more than 8192 bits");
    }
    RsaPublicKeyComponents { n: &n, e: &e }
        .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
        .map_err(|_| "is not a usable RSA key")?;
    Ok(DecodingKey::from_rsa_raw_components(&n, &e))
}

fn octets<const N: usize>(members: &Members<'_>, name: &'static str) -> Result<[u8; N], &'static str> {
    decoded(members, name)?.try_into().map_err(|_| "has a coordinate that is not 32 bytes long")
}

/// A number without its leading zero: providers in Java write the one that keeps a signed number positive, although
/// RFC 7518 §6.3.1.1 asks them not to. It changes nothing of the value.
fn unsigned(members: &Members<'_>, name: &'static str) -> Result<Vec<u8>, &'static str> {
    let mut number = decoded(members, name)?;
    if number.len() > 1 && number[0] == 0 {
        number.remove(0);
    }
    match number.first() {
        None | Some(0) => Err("has an `n` or `e` that is empty or begins with several zero bytes"),
        Some(_) => Ok(number),
    }
}

/// The bytes of a member. Padding is taken, since some providers write it: a key set is as trusted as the policy that
/// names it, and its bytes are the same.
fn decoded(members: &Members<'_>, name: &'static str) -> Result<Vec<u8>, &'static str> {
    const WRONG: &str = "lacks a part of its key, or has one that is not base64url";
    let text = members.string(name).ok().flatten().ok_or(WRONG)?;
    URL_SAFE_PAD_INDIFFERENT.decode(text).map_err(|_| WRONG)
}
