//! A signed token's outer form: compact JWS (RFC 7515 §3.1), read strictly, and its signature.
//!
//! The library checks the signature; everything that it would let through is refused here first: loose base64url,
//! repeated header members, and every header parameter that changes what the parts mean (`crit`, `b64`, `zip`). The
//! parameters that name a key by its place or bring it along (`jku`, `jwk`, `x5u`, `x5c`, `x5t`) are not looked at:
//! some providers write them into every token, and keys come from the policy alone. What the payload says is not looked
//! at here either.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::key_set::{Algorithm, Key};
use super::members::Members;
use super::{AuthError, Method};

/// Of `crit` RFC 7515 §4.1.11 demands it, since nothing that it could name is known here; `b64` and `zip` change what is
/// signed.
const REFUSED_PARAMETERS: [&str; 3] = ["crit", "b64", "zip"];

/// A token whose form is right and whose signature nobody has checked yet.
pub(super) struct Jws<'a> {
    signed: &'a str,
    signature: &'a str,
    algorithm: Algorithm,
    /// The header's `kid`.
    pub(super) key_id: Option<String>,
    /// The header's `typ`.
    pub(super) token_type: Option<String>,
    /// The decoded payload.
    pub(super) payload: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Takes a token apart, whose length the caller has bounded.
    pub(super) fn read(token: &'a str) -> Result<Self, AuthError> {
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed("it does not consist of three parts"));
        };
        let header = decoded(header)?;
        let payload = decoded(payload)?;
        if decoded(signature)?.is_empty() {
            return Err(malformed("it is not signed"));
        }
        let header = Members::read(&header).map_err(|_| malformed("its header is not one strict JSON object"))?;
        if let Some(name) = REFUSED_PARAMETERS.into_iter().find(|name| header.has(name)) {
            return Err(AuthError::HeaderRefused { name });
        }
        let string = |name, problem| header.string(name).map_err(|_| malformed(problem));
        let algorithm = string("alg", "its `alg` is not a string")?.ok_or(malformed("it has no `alg`"))?;
        let algorithm = Algorithm::named(&algorithm)
            .ok_or(AuthError::AlgorithmRefused { what: "it is none of ES256, RS256 and EdDSA" })?;
        Ok(Jws {
            // The three parts are joined by two dots, so the signature and its dot can be cut off.
            signed: &token[..token.len() - signature.len() - 1],
            signature,
            algorithm,
            key_id: string("kid", "its `kid` is not a string")?,
            token_type: string("typ", "its `typ` is not a string")?,
            payload,
        })
    }

    /// Checks the signature with this key, by the one algorithm that the key is pinned to.
    pub(super) fn verify(&self, key: &Key) -> Result<(), AuthError> {
        if self.algorithm != key.algorithm {
            return Err(AuthError::AlgorithmRefused { what: "it is not the one that the key is pinned to" });
        }
        let verified = jsonwebtoken::crypto::verify(
            self.signature,
            self.signed.as_bytes(),
            &key.material,
            key.algorithm.library(),
        );
        match verified {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(AuthError::BadSignature { credential: Method::Jwt }),
        }
    }
}

/// The alphabet of RFC 4648 §5 alone: no padding, no other characters, no bits left over.
fn decoded(part: &str) -> Result<Vec<u8>, AuthError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed("a part of it is not base64url without padding"))
}

fn malformed(what: &'static str) -> AuthError {
    AuthError::Malformed { credential: Method::Jwt, what }
}
