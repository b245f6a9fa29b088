//! Signed webhooks: an HMAC over the body and what a partner's policy has signed besides, in the form of Standard Webhooks,
//! of a provider, or of one that the policy writes down ([`form`]).
//!
//! No form has a key id, so each secret that may have signed is tried over the whole body: those of the partners that may send
//! the contract, or of the one among them that the request names ([`SignedRequest::among`]). A name proves nothing; it
//! only says whose secrets are tried. What can be refused on the head alone (form, time, that there is no such secret) is
//! refused before the body is read. Few forms sign the path, which is why the transport must be TLS. That a webhook is taken
//! once is not decided here: whoever acts on it takes what it is known by ([`Signed`]) in the journal.

mod form;
mod secret;

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use http::request::Parts;
use http::{HeaderMap, HeaderName, Uri};
use jiff::Timestamp;
use portgate_core::policy::{SignatureAlgorithm, SignatureForm, SignatureScheme};
use portgate_core::sender;
use portgate_core::sha256::sha256;

use super::{AuthError, Identity, Method};
use crate::secrets::Secret;
use form::{Claim, Form};

#[cfg(test)]
pub(super) use secret::decomposed;

/// The header field that presents this kind of credential, whatever forms partners have.
pub(super) const SIGNATURE_FIELD: &str = "webhook-signature";

/// Webhook secrets of all partners.
pub(super) const CANDIDATES_MAX: usize = 64;
/// What is hashed besides the parts that are signed: the blocks of the key, and the end of a hash (RFC 2104 §2).
const PADDING_BYTES: u64 = 512;
/// So much is hashed before other threads are let by.
const HASHED_IN_A_ROW_BYTES: usize = 64 << 10;

/// All partners' webhook secrets, in the order of their names.
pub(super) struct WebhookKeys {
    /// That of Standard Webhooks first, whether or not somebody uses it.
    forms: Vec<Form>,
    candidates: Vec<Candidate>,
}

struct Candidate {
    sender: Arc<str>,
    /// Which of the forms.
    form: usize,
    key: hmac::Key,
    /// Tells whether two secrets are the same without keeping either.
    sha256: [u8; 32],
}

/// Why a secret was not added.
pub(super) enum NotAdded {
    /// The signature's form is none.
    Form,
    /// It must be this.
    Secret(&'static str),
    /// This partner has the same one, so a signature would not tell the two apart.
    SameAs(Arc<str>),
    /// There are [`CANDIDATES_MAX`] already.
    TooMany,
}

impl Default for WebhookKeys {
    fn default() -> Self {
        let standard = Form::new(&SignatureScheme::StandardWebhooks.form()).expect("a scheme of ours is a form");
        WebhookKeys { forms: vec![standard], candidates: Vec::new() }
    }
}

impl WebhookKeys {
    /// Adds a secret with which messages are signed in this form.
    pub(super) fn add(&mut self, secret: &Secret, form: &SignatureForm, sender: Arc<str>) -> Result<(), NotAdded> {
        let bytes = secret::key(secret, form.secret_form).ok_or(NotAdded::Secret(secret::wanted(form.secret_form)))?;
        let sha256 = sha256(&bytes);
        if let Some(other) = self.candidates.iter().find(|other| other.sha256 == sha256) {
            return Err(NotAdded::SameAs(Arc::clone(&other.sender)));
        }
        if self.candidates.len() >= CANDIDATES_MAX {
            return Err(NotAdded::TooMany);
        }
        let compiled = Form::new(form).ok_or(NotAdded::Form)?;
        let algorithm = match compiled.algorithm {
            SignatureAlgorithm::Sha256 => hmac::HMAC_SHA256,
            SignatureAlgorithm::Sha384 => hmac::HMAC_SHA384,
            SignatureAlgorithm::Sha512 => hmac::HMAC_SHA512,
        };
        let form = self.forms.iter().position(|known| *known == compiled).unwrap_or_else(|| {
            self.forms.push(compiled);
            self.forms.len() - 1
        });
        self.candidates.push(Candidate { sender, form, key: hmac::Key::new(algorithm, &bytes), sha256 });
        Ok(())
    }

    /// Whether a head presents a signature in one of the forms.
    pub(super) fn are_presented(&self, headers: &HeaderMap) -> bool {
        self.forms.iter().any(|form| headers.contains_key(&form.header))
    }
}

/// What a signed message is known by when it comes again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// What of it is signed that no other message has.
    pub by: SignedAs,
    /// Whether the signature counts for ever, because it covers no time.
    pub counts_for_ever: bool,
    /// Where the sender's own id is, which is not signed.
    pub id_header: Option<HeaderName>,
}

/// What is signed that no other message has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedAs {
    /// This id.
    Id(String),
    /// The body.
    Body,
    /// The body, at this time.
    BodyAt(String),
}

/// A webhook whose head is right and whose signature waits for the body.
pub struct SignedRequest {
    keys: Arc<WebhookKeys>,
    /// What the head says, by form; nothing of a form that it does not present rightly.
    claims: Vec<Option<Claim>>,
    /// Which of the keys may have signed it.
    candidates: Vec<usize>,
    /// Senders that the connection's client certificate stands for; empty where it stands for none.
    certified: Vec<Arc<str>>,
    method: http::Method,
    uri: Uri,
}

impl SignedRequest {
    /// Reads the header fields and judges what they say by themselves. A provider's field beside `webhook-signature` means
    /// nothing.
    pub(super) fn read(
        head: &Parts,
        keys: &Arc<WebhookKeys>,
        certified: Vec<Arc<str>>,
        now: Timestamp,
    ) -> Result<Self, AuthError> {
        let is_standard = head.headers.contains_key(SIGNATURE_FIELD);
        let is_presented = |form: &Form| match is_standard {
            true => form.header == SIGNATURE_FIELD,
            false => head.headers.contains_key(&form.header),
        };
        let (mut claims, mut refused) = (Vec::new(), None);
        for form in &keys.forms {
            let claim = is_presented(form).then(|| form.claim(head, now)).transpose();
            claims.push(claim.unwrap_or_else(|error| {
                refused.get_or_insert(error);
                None
            }));
        }
        if claims.iter().all(Option::is_none) {
            return Err(refused.unwrap_or(AuthError::Missing));
        }
        let candidates = keys.candidates.iter().enumerate().filter(|(_, candidate)| claims[candidate.form].is_some());
        Ok(SignedRequest {
            candidates: candidates.map(|(index, _)| index).collect(),
            keys: Arc::clone(keys),
            claims,
            certified,
            method: head.method.clone(),
            uri: head.uri.clone(),
        })
    }

    /// Leaves of the candidates only the secrets of these partners.
    ///
    /// # Errors
    ///
    /// [`AuthError::NoSigner`] where there is none left.
    pub fn among(mut self, may_have_signed: impl Fn(&str) -> bool) -> Result<Self, AuthError> {
        self.candidates.retain(|index| may_have_signed(sender::partner(&self.keys.candidates[*index].sender)));
        if self.candidates.is_empty() { Err(AuthError::NoSigner) } else { Ok(self) }
    }

    /// Leaves only the secrets that sign in a form which tells a read from every other: by a signed id, at a signed time.
    /// Of a read nothing else is signed, so that a signature without them would be good for every read, for ever.
    ///
    /// # Errors
    ///
    /// [`AuthError::NoSigner`] where there is none left.
    pub fn for_reading(mut self) -> Result<Self, AuthError> {
        self.candidates.retain(|index| self.keys.forms[self.keys.candidates[*index].form].signs_id_and_time());
        if self.candidates.is_empty() { Err(AuthError::NoSigner) } else { Ok(self) }
    }

    /// How many secrets are tried.
    pub fn candidates(&self) -> u64 {
        self.candidates.len() as u64
    }

    /// How many bytes [`SignedRequest::verify`] hashes at most for a body of this size.
    pub fn hashed_bytes(&self, body_bytes: usize) -> u64 {
        let each = self.tried().map(|(_, form, claim)| {
            (form.bytes_beside_body(claim, &self.method, &self.uri) + body_bytes) as u64 + PADDING_BYTES
        });
        each.fold(0, u64::saturating_add)
    }

    /// Says who signed this body, and what the message is known by. Hashes the body once for each candidate.
    ///
    /// # Errors
    ///
    /// [`AuthError::BadSignature`] where no candidate signed it, [`AuthError::TimestampOutside`] where reading the body
    /// took too long, [`AuthError::Ambiguous`] where the client certificate names another partner.
    pub fn verify(mut self, body: &[u8], now: Timestamp) -> Result<Identity, AuthError> {
        let mut late = None;
        let signer = self.tried().find(|(candidate, form, claim)| {
            if let Err(error) = form.within_window(claim, now) {
                late = Some(error);
                return false;
            }
            let mac = self.mac(candidate, form, claim, body);
            let matches = |given: &Vec<u8>| verify_slices_are_equal(given, mac.as_ref()).is_ok();
            claim.signatures.iter().any(matches)
        });
        let unsigned = || AuthError::BadSignature { credential: Method::Hmac };
        let Some((candidate, ..)) = signer else { return Err(late.unwrap_or_else(unsigned)) };
        let (sender, number) = (Arc::clone(&candidate.sender), candidate.form);
        let claim = self.claims[number].take().ok_or_else(unsigned)?;
        let signed = Some(self.keys.forms[number].signed(claim));
        let identity = Identity { sender, method: Method::Hmac, expires: None, signed };
        identity.agrees_with(&self.certified)?;
        Ok(identity)
    }

    /// The secrets that are tried, each with its form and what the head says in it.
    fn tried(&self) -> impl Iterator<Item = (&Candidate, &Form, &Claim)> {
        self.candidates.iter().filter_map(|index| {
            let candidate = &self.keys.candidates[*index];
            Some((candidate, &self.keys.forms[candidate.form], self.claims[candidate.form].as_ref()?))
        })
    }

    fn mac(&self, candidate: &Candidate, form: &Form, claim: &Claim, body: &[u8]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&candidate.key);
        form.each_part(claim, &self.method, &self.uri, body, |part| {
            for (number, piece) in part.chunks(HASHED_IN_A_ROW_BYTES).enumerate() {
                if number > 0 {
                    // A thread that hashes long, on the core where requests are carried, lets these by.
                    std::thread::yield_now();
                }
                context.update(piece);
            }
        });
        context.sign()
    }
}

/// Shows what the head says, and no key.
impl std::fmt::Debug for SignedRequest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let of = |claim: &Claim| (claim.id.clone(), claim.timestamp.as_ref().map(|(at, _)| *at));
        let claims: Vec<_> = self.claims.iter().flatten().map(of).collect();
        formatter.debug_struct("SignedRequest").field("claims", &claims).finish_non_exhaustive()
    }
}
