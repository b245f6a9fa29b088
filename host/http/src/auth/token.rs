//! Bearer tokens: JWT (RFC 7519) by the rules of RFC 8725, from `Authorization` to a partner.
//!
//! Issuer, subject and audience choose the partner's entry, the entry chooses the key set, and only a signature by that
//! set makes the claims true. Which claims say subject and audience is the entry's to say, as is what else they must be.
//! `exp` is required and so is a beginning, `nbf` or `iat`, with 30 seconds of leeway and at most the entry's longest life
//! between them. A token bound to a client certificate (RFC 8705 §3.1) counts on a connection with that certificate
//! alone; one bound in a way that is not known here does not count at all.
//!
//! A verified token is remembered, so that its next use costs a hash instead of a signature. It is judged again by
//! the clock and by the certificate each time, and only while the very key set that verified it is still the current one;
//! a reload of the policies makes a new, empty memory. There is no revocation list, so lives are bounded.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use portgate_core::sha256::sha256;
use quick_cache::sync::Cache;

use super::jws::Jws;
use super::key_set::KeySet;
use super::key_sets::Source;
use super::members::Members;
use super::{AuthError, Identity, Method, PeerCertificate};

/// The longest token, in bytes.
const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// How far apart two clocks may be, in seconds.
const LEEWAY_SECONDS: i64 = 30;
/// Verified tokens to remember.
const REMEMBERED_MAX: usize = 10_000;

/// The claim of RFC 7519 that says whom a token is for.
const AUDIENCE: &str = "aud";
/// Claims that hold a list in one text, with blanks between (RFC 8693 §4.2, RFC 9068 §2.2.3).
const LISTS_IN_TEXT: [&str; 2] = ["scope", "scp"];
/// The type that says no more than that a token is one, so that its absence says no less (RFC 7519 §5.1).
const ANY_TYPE: &str = "JWT";

/// What one partner's tokens must say, beside issuer and subject.
pub(super) struct Entry {
    pub(super) sender: Arc<str>,
    pub(super) audience: String,
    /// The claim that must contain the audience.
    pub(super) audience_claim: String,
    /// What other claims must be.
    pub(super) claims: BTreeMap<String, String>,
    pub(super) token_type: String,
    /// From the earlier of `nbf` and `iat` to `exp`.
    pub(super) lifetime_seconds_max: i64,
    pub(super) keys: Arc<Source>,
    /// Whether only tokens that are bound to a client certificate count.
    pub(super) certificate_bound: bool,
}

/// One issuer's entries: by the claim that names the subject, then by subject.
type Subjects = BTreeMap<String, HashMap<String, Vec<Arc<Entry>>>>;

/// All partners' tokens.
pub(super) struct Tokens {
    issuers: HashMap<String, Subjects>,
    remembered: Cache<[u8; 32], Arc<Verified>>,
}

impl Default for Tokens {
    fn default() -> Self {
        Tokens { issuers: HashMap::new(), remembered: Cache::new(REMEMBERED_MAX) }
    }
}

/// A token whose signature holds, and by which keys.
struct Verified {
    entry: Arc<Entry>,
    keys: Arc<KeySet>,
    claims: Validity,
}

/// The claims that are judged at each use.
struct Validity {
    not_before: i64,
    expires: i64,
    certificate_sha256: Option<[u8; 32]>,
}

impl Tokens {
    /// Adds an entry. If another has the same issuer, subject and audience, its partner's name comes back instead.
    pub(super) fn add(&mut self, issuer: &str, claim: &str, subject: &str, entry: Entry) -> Result<(), Arc<str>> {
        let subjects = self.issuers.entry(issuer.to_owned()).or_default().entry(claim.to_owned()).or_default();
        let entries = subjects.entry(subject.to_owned()).or_default();
        let audience = |entry: &Entry| (entry.audience_claim.clone(), entry.audience.clone());
        match entries.iter().find(|other| audience(other) == audience(&entry)) {
            Some(other) => Err(Arc::clone(&other.sender)),
            None => {
                entries.push(Arc::new(entry));
                Ok(())
            }
        }
    }

    /// Says whose token this is.
    pub(super) async fn identify(
        &self,
        token: &str,
        certificate: Option<&PeerCertificate>,
        now: Timestamp,
    ) -> Result<Identity, AuthError> {
        // Before hashing it: whoever sends megabytes gets no work for them.
        if token.len() > TOKEN_BYTES_MAX {
            return Err(AuthError::TokenTooLong { bytes: token.len(), max: TOKEN_BYTES_MAX });
        }
        let fingerprint = sha256(token.as_bytes());
        if let Some(verified) = self.remembered.get(&fingerprint) {
            let current = verified.entry.keys.current(now).await?;
            if Arc::ptr_eq(&current, &verified.keys) {
                return verified.identity(certificate, now);
            }
            self.remembered.remove(&fingerprint);
        }
        let verified = self.verify(token, now).await?;
        let identity = verified.identity(certificate, now)?;
        self.remembered.insert(fingerprint, Arc::new(verified));
        Ok(identity)
    }

    async fn verify(&self, token: &str, now: Timestamp) -> Result<Verified, AuthError> {
        let jws = Jws::read(token)?;
        let claims = Members::read(&jws.payload).map_err(|_| malformed("its claims are not one strict JSON object"))?;
        let entry = self.entry(&claims)?;
        if !same_type(jws.token_type.as_deref().unwrap_or(ANY_TYPE), &entry.token_type) {
            return Err(AuthError::WrongType { wanted: entry.token_type.clone() });
        }
        if let Some((claim, _)) = entry.claims.iter().find(|(claim, wanted)| !claims.says(claim, wanted)) {
            return Err(AuthError::WrongClaim { claim: claim.clone() });
        }
        let claims = Validity::read(&claims, entry.lifetime_seconds_max)?;
        if entry.certificate_bound && claims.certificate_sha256.is_none() {
            return Err(AuthError::BindingMismatch { what: "it is bound to no client certificate, as it must be" });
        }
        let mut keys = entry.keys.current(now).await?;
        if matches!(keys.key(jws.key_id.as_deref()), Err(AuthError::UnknownKey)) {
            keys = entry.keys.renewed(now).await?;
        }
        jws.verify(keys.key(jws.key_id.as_deref())?)?;
        Ok(Verified { entry, keys, claims })
    }

    /// The one entry that issuer, subject and audience name. Nothing is proven yet.
    fn entry(&self, claims: &Members<'_>) -> Result<Arc<Entry>, AuthError> {
        let issuer = claims.string("iss").map_err(|_| malformed("its `iss` is not a string"))?;
        let issuer = issuer.ok_or(malformed("it has no `iss`"))?;
        let named = named(self.issuers.get(&issuer).ok_or(AuthError::WrongIssuer)?, claims)?;
        if !named.iter().any(|entry| claims.has(&entry.audience_claim)) {
            return Err(malformed("it lacks the claim that names its audience"));
        }
        let mut meant = None;
        for entry in named {
            match entry.is_for(claims)? {
                true if meant.is_some() => {
                    return Err(AuthError::Ambiguous { what: "the token stands for several partners or audiences" });
                }
                true => meant = Some(entry),
                false => {}
            }
        }
        meant.cloned().ok_or(AuthError::WrongAudience)
    }
}

/// The entries that the token's subject names, by whichever claim they want to see it.
fn named<'e>(subjects: &'e Subjects, claims: &Members<'_>) -> Result<Vec<&'e Arc<Entry>>, AuthError> {
    let (mut named, mut says_any) = (Vec::new(), false);
    for (claim, subjects) in subjects {
        let subject =
            claims.string(claim).map_err(|_| malformed("the claim that names its subject is not a string"))?;
        says_any |= subject.is_some();
        named.extend(subject.and_then(|subject| subjects.get(&subject)).into_iter().flatten());
    }
    match (says_any, named.is_empty()) {
        (false, _) => Err(malformed("it lacks the claim that names its subject")),
        (true, true) => Err(AuthError::UnknownSubject),
        (true, false) => Ok(named),
    }
}

impl Entry {
    /// Whether the token is for this audience. An `aud` that is there always has a say (RFC 7519 §4.1.3), whichever claim
    /// the policy names.
    fn is_for(&self, claims: &Members<'_>) -> Result<bool, AuthError> {
        let said = audiences(claims, &self.audience_claim)?;
        let contradicted = audiences(claims, AUDIENCE)?.is_some_and(|others| !others.contains(&self.audience));
        Ok(!contradicted && said.is_some_and(|said| said.contains(&self.audience)))
    }
}

/// All texts of a claim that names an audience.
fn audiences(claims: &Members<'_>, claim: &str) -> Result<Option<Vec<String>>, AuthError> {
    let what = "the claim that names its audience is neither a string nor an array of strings";
    let texts = claims.strings(claim).map_err(|_| malformed(what))?;
    Ok(match LISTS_IN_TEXT.contains(&claim) {
        true => texts.map(|texts| texts.iter().flat_map(|text| text.split(' ')).map(str::to_owned).collect()),
        false => texts,
    })
}

impl Validity {
    fn read(claims: &Members<'_>, lifetime_seconds_max: i64) -> Result<Self, AuthError> {
        let date = |name, wrong| claims.seconds(name).map_err(|_| malformed(wrong));
        let expires = date("exp", "its `exp` is not a date")?.ok_or(malformed("it has no `exp`"))?;
        let not_before = date("nbf", "its `nbf` is not a date")?;
        let issued = date("iat", "its `iat` is not a date")?;
        // Without either nobody could say how long it lives.
        let begins = not_before.or(issued).ok_or(malformed("it has neither `nbf` nor `iat`"))?;
        let issued = issued.unwrap_or(begins);
        if expires <= begins || expires <= issued {
            return Err(malformed("it expires before it begins"));
        }
        let seconds = expires - begins.min(issued);
        if seconds > lifetime_seconds_max {
            return Err(AuthError::LifetimeTooLong { seconds, max: lifetime_seconds_max });
        }
        // A token from the future is as invalid as one for the future.
        let not_before = begins.max(issued);
        Ok(Validity { not_before, expires, certificate_sha256: bound_certificate(claims)? })
    }
}

/// The certificate that a token is bound to (`cnf`, RFC 7800; `x5t#S256`, RFC 8705 §3.1).
fn bound_certificate(claims: &Members<'_>) -> Result<Option<[u8; 32]>, AuthError> {
    let Some(confirmation) = claims.get("cnf") else {
        return Ok(None);
    };
    let confirmation =
        Members::read(confirmation.get().as_bytes()).map_err(|_| malformed("its `cnf` is not an object"))?;
    let thumbprint = confirmation.string("x5t#S256").map_err(|_| malformed("its `x5t#S256` is not a string"))?;
    // A proof that nobody here can ask for must not be skipped.
    let thumbprint = thumbprint.ok_or(AuthError::BindingMismatch { what: "`cnf` has no `x5t#S256`" })?;
    let thumbprint = URL_SAFE_NO_PAD.decode(thumbprint).ok().and_then(|bytes| bytes.try_into().ok());
    thumbprint.map(Some).ok_or_else(|| malformed("its `x5t#S256` is not base64url of 32 bytes"))
}

impl Verified {
    /// Judges what can change from one use of the token to the next.
    fn identity(&self, certificate: Option<&PeerCertificate>, now: Timestamp) -> Result<Identity, AuthError> {
        let seconds = now.as_second();
        if seconds >= self.claims.expires + LEEWAY_SECONDS {
            return Err(AuthError::Expired { credential: Method::Jwt, seconds_ago: seconds - self.claims.expires });
        }
        if seconds < self.claims.not_before - LEEWAY_SECONDS {
            return Err(AuthError::NotYetValid { seconds: self.claims.not_before - seconds });
        }
        if let Some(bound) = &self.claims.certificate_sha256 {
            let certificate =
                certificate.ok_or(AuthError::BindingMismatch { what: "there is no client certificate" })?;
            if certificate.sha256 != *bound {
                return Err(AuthError::BindingMismatch { what: "it names another client certificate" });
            }
        }
        let sender = Arc::clone(&self.entry.sender);
        let expires = Timestamp::from_second(self.claims.expires).ok();
        Ok(Identity { sender, method: Method::Jwt, expires, signed: None })
    }
}

/// Types are compared without case, and `application/` may be left out (RFC 7515 §4.1.9).
fn same_type(given: &str, wanted: &str) -> bool {
    let short = |name: &str| {
        let lower = name.to_ascii_lowercase();
        lower.strip_prefix("application/").map(str::to_owned).unwrap_or(lower)
    };
    short(given) == short(wanted)
}

fn malformed(what: &'static str) -> AuthError {
    AuthError::Malformed { credential: Method::Jwt, what }
}
