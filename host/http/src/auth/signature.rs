//! Signed webhooks in the Standard Webhooks form: HMAC-SHA256 over `id.timestamp.body`.
//!
//! The standard has no key id, so each secret that may have signed is tried over the whole body: those of the partners
//! that may send the contract, or of the one among them that the request names ([`SignedRequest::among`]). A name proves
//! nothing; it only says whose secrets are tried. What can be refused on the head alone (form, timestamp, that there is
//! no such secret) is refused before the body is read. The path is not part of what is signed; that is the standard's
//! form, and why the transport must be TLS. That a webhook is taken once is not decided here: whoever acts on it takes its
//! id in the journal.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use jiff::Timestamp;
use portgate_core::sha256::sha256;

use super::{AuthError, Identity, Method, only_value};
use crate::secrets::Secret;

/// The header field that presents this kind of credential.
pub(super) const SIGNATURE_FIELD: &str = "webhook-signature";

/// How far a timestamp may be from now, in seconds, either way.
const WINDOW_SECONDS: i64 = 300;
/// Webhook secrets of all partners.
pub(super) const CANDIDATES_MAX: usize = 64;
/// The longest id, in bytes.
const ID_BYTES_MAX: usize = 256;
/// What is hashed besides the parts that are signed: the blocks of the key, and the end of a hash (RFC 2104 §2).
const PADDING_BYTES: u64 = 256;
/// Signatures of one request; two are enough to change a secret without a gap.
const SIGNATURES_MAX: usize = 8;
/// The size of a secret, in bytes (Standard Webhooks, signature scheme).
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// All partners' webhook secrets, in the order of their names.
#[derive(Default)]
pub(super) struct WebhookKeys {
    candidates: Vec<Candidate>,
}

struct Candidate {
    partner: Arc<str>,
    key: hmac::Key,
    /// Tells whether two secrets are the same without keeping either.
    sha256: [u8; 32],
}

/// Why a secret was not added.
pub(super) enum NotAdded {
    /// It is not `whsec_` and base64 of 24 to 64 bytes.
    Form,
    /// This partner has the same one, so a signature would not tell the two apart.
    SameAs(Arc<str>),
    /// There are [`CANDIDATES_MAX`] already.
    TooMany,
}

impl WebhookKeys {
    /// Adds a secret.
    pub(super) fn add(&mut self, secret: &Secret, partner: Arc<str>) -> Result<(), NotAdded> {
        let text = secret.text().and_then(|text| text.strip_prefix("whsec_")).ok_or(NotAdded::Form)?;
        let bytes = zeroize::Zeroizing::new(STANDARD.decode(text).map_err(|_| NotAdded::Form)?);
        if !SECRET_BYTES.contains(&bytes.len()) {
            return Err(NotAdded::Form);
        }
        let sha256 = sha256(&bytes);
        if let Some(other) = self.candidates.iter().find(|other| other.sha256 == sha256) {
            return Err(NotAdded::SameAs(Arc::clone(&other.partner)));
        }
        if self.candidates.len() >= CANDIDATES_MAX {
            return Err(NotAdded::TooMany);
        }
        self.candidates.push(Candidate { partner, key: hmac::Key::new(hmac::HMAC_SHA256, &bytes), sha256 });
        Ok(())
    }
}

/// A webhook whose head is right and whose signature waits for the body.
pub struct SignedRequest {
    keys: Arc<WebhookKeys>,
    /// Which of the keys may have signed it.
    candidates: Vec<usize>,
    /// Partners that the connection's client certificate names; empty where it names none.
    certified: Vec<Arc<str>>,
    id: String,
    timestamp: Timestamp,
    timestamp_text: String,
    signatures: Vec<[u8; 32]>,
}

impl SignedRequest {
    /// Reads the three header fields and judges what they say by themselves.
    pub(super) fn read(
        headers: &HeaderMap,
        keys: &Arc<WebhookKeys>,
        certified: Vec<Arc<str>>,
        now: Timestamp,
    ) -> Result<Self, AuthError> {
        let field = |name, missing| only_value(headers, name, Method::Hmac)?.ok_or_else(|| malformed(missing));
        let id = field("webhook-id", "`webhook-id` is missing")?;
        // Without a full stop, because it parts what is signed: `a.1` and `2` must not pass for `a` and `1.2`.
        if id.is_empty() || id.len() > ID_BYTES_MAX || !id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.') {
            return Err(malformed("`webhook-id` must be 1 to 256 visible ASCII characters without a full stop"));
        }
        let timestamp_text = field("webhook-timestamp", "`webhook-timestamp` is missing")?;
        let timestamp = seconds(timestamp_text)
            .ok_or_else(|| malformed("`webhook-timestamp` must be a whole number of seconds since 1970"))?;
        let mut signatures = Vec::new();
        for signature in field(SIGNATURE_FIELD, "`webhook-signature` is missing")?.split(' ') {
            // Other versions are for other receivers: the standard lets a sender change over with both.
            let Some(encoded) = signature.strip_prefix("v1,") else { continue };
            let decoded = STANDARD.decode(encoded).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
            signatures.extend(decoded);
        }
        if signatures.is_empty() || signatures.len() > SIGNATURES_MAX {
            return Err(malformed(
                "`webhook-signature` must hold 1 to 8 signatures of the form `v1,` and base64 of 32 bytes",
            ));
        }
        let request = SignedRequest {
            keys: Arc::clone(keys),
            candidates: (0..keys.candidates.len()).collect(),
            certified,
            id: id.to_owned(),
            timestamp,
            timestamp_text: timestamp_text.to_owned(),
            signatures,
        };
        request.within_window(now)?;
        Ok(request)
    }

    /// Leaves of the candidates only the secrets of these partners.
    ///
    /// # Errors
    ///
    /// [`AuthError::NoSigner`] where there is none left.
    pub fn among(mut self, may_have_signed: impl Fn(&str) -> bool) -> Result<Self, AuthError> {
        self.candidates.retain(|index| may_have_signed(&self.keys.candidates[*index].partner));
        if self.candidates.is_empty() { Err(AuthError::NoSigner) } else { Ok(self) }
    }

    /// How many secrets are tried.
    pub fn candidates(&self) -> u64 {
        self.candidates.len() as u64
    }

    /// How many bytes [`SignedRequest::verify`] hashes at most for a body of this size.
    pub fn hashed_bytes(&self, body_bytes: usize) -> u64 {
        let once = (self.id.len() + self.timestamp_text.len() + body_bytes) as u64 + PADDING_BYTES;
        self.candidates().saturating_mul(once)
    }

    /// Says who signed this body, and under which id. Hashes the body once for each candidate.
    ///
    /// # Errors
    ///
    /// [`AuthError::BadSignature`] where no candidate signed it, [`AuthError::TimestampOutside`] where reading the body
    /// took too long, [`AuthError::Ambiguous`] where the client certificate names another partner.
    pub fn verify(self, body: &[u8], now: Timestamp) -> Result<Identity, AuthError> {
        self.within_window(now)?;
        let mut candidates = self.candidates.iter().map(|index| &self.keys.candidates[*index]);
        let signer = candidates.find(|candidate| {
            let mac = self.mac(candidate, body);
            let matches = |given: &[u8; 32]| verify_slices_are_equal(given, mac.as_ref()).is_ok();
            self.signatures.iter().any(matches)
        });
        let candidate = signer.ok_or(AuthError::BadSignature { credential: Method::Hmac })?;
        let partner = Arc::clone(&candidate.partner);
        let identity = Identity { partner, method: Method::Hmac, expires: None, webhook_id: Some(self.id) };
        identity.agrees_with(&self.certified)?;
        Ok(identity)
    }

    fn mac(&self, candidate: &Candidate, body: &[u8]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&candidate.key);
        for part in [self.id.as_bytes(), b".", self.timestamp_text.as_bytes(), b".", body] {
            context.update(part);
        }
        context.sign()
    }

    fn within_window(&self, now: Timestamp) -> Result<(), AuthError> {
        let offset_seconds = self.timestamp.as_second() - now.as_second();
        match (-WINDOW_SECONDS..=WINDOW_SECONDS).contains(&offset_seconds) {
            true => Ok(()),
            false => Err(AuthError::TimestampOutside { offset_seconds }),
        }
    }
}

/// Shows the head, and no key.
impl std::fmt::Debug for SignedRequest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SignedRequest")
            .field("id", &self.id)
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}

fn seconds(text: &str) -> Option<Timestamp> {
    let digits = (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text.parse().ok().filter(|_| digits)?;
    Timestamp::from_second(seconds).ok()
}

fn malformed(what: &'static str) -> AuthError {
    AuthError::Malformed { credential: Method::Hmac, what }
}
