//! Who is calling: bearer tokens, API keys, signed webhooks and client certificates, each proving one partner.
//!
//! A request presents exactly one credential, and the partner is who that credential says: neither the path nor any
//! other header has a say. A client certificate is a credential only where no header presents one; beside one it serves
//! what a token may be bound to, and where it stands for a partner it must stand for the same one. No credential is ever
//! accepted in the URL. What the partner may do is not decided here.
//!
//! Where no header of these presents a credential, a signature in a provider's header field is one, if a partner's policy
//! has it in its form; beside another credential it means nothing, because a relay may pass it on.
//!
//! Nothing is remembered here of what was accepted: that a signed webhook is taken once is the journal's affair, which has
//! what it is known by from [`Identity::signed`].
//!
//! All methods of a partner's policy are equal: any one is enough. Secrets and files are read when an [`Authenticator`]
//! is made; a reload makes a new one. Key sets outlive it in [`KeySets`].

mod api_key;
mod certificate;
mod error;
mod jws;
mod key_set;
mod key_set_fetch;
mod key_sets;
mod members;
mod setup;
mod signature;
mod token;

#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, header, request};
use jiff::Timestamp;
use portgate_core::policy::PartnerPolicy;
use portgate_core::sender;

use crate::secrets::Secrets;

pub use certificate::{PeerCertificate, UnreadableCertificate};
pub use error::{AuthError, AuthFailure};
pub use key_sets::KeySets;
pub use setup::{AuthSetupError, AuthSetupProblem, sha256_in};
pub use signature::{Signed, SignedAs, SignedRequest};

const API_KEY_FIELD: &str = "x-api-key";

/// One way to prove who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// A bearer token.
    Jwt,
    /// An API key.
    ApiKey,
    /// A signed webhook.
    Hmac,
    /// A client certificate.
    Mtls,
}

impl Method {
    /// The name that policies, logs and metrics use.
    pub fn name(self) -> &'static str {
        match self {
            Method::Jwt => "jwt",
            Method::ApiKey => "api-key",
            Method::Hmac => "hmac",
            Method::Mtls => "mtls",
        }
    }

    /// What a partner calls the credential.
    fn credential(self) -> &'static str {
        match self {
            Method::Jwt => "bearer token",
            Method::ApiKey => "API key",
            Method::Hmac => "signed webhook",
            Method::Mtls => "client certificate",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A partner that proved who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The partner, or the partner that tests ([`portgate_core::sender`]).
    pub sender: Arc<str>,
    /// How it proved it.
    pub method: Method,
    /// When the proof ends, where it does.
    pub expires: Option<Timestamp>,
    /// What a signed webhook is known by. Whatever else it carries, the partner's request counts once under this.
    pub signed: Option<Signed>,
}

impl Identity {
    /// The partner's name: that of its policy file.
    pub fn partner(&self) -> &str {
        sender::partner(&self.sender)
    }

    /// Whether the partners that the client certificate stands for, if any, are no others.
    fn agrees_with(&self, certified: &[Arc<str>]) -> Result<(), AuthError> {
        let agrees = |certified: &Arc<str>| sender::partner(certified) == self.partner();
        match certified.is_empty() || certified.iter().any(agrees) {
            true => Ok(()),
            false => Err(AuthError::Ambiguous { what: "the client certificate stands for another partner" }),
        }
    }
}

/// What a request's head proves.
#[derive(Debug)]
pub enum Credential {
    /// The head alone is proof.
    Proven(Identity),
    /// The proof covers the body, which must be read first.
    Signed(SignedRequest),
}

/// Finds and checks the credential of a request.
pub struct Authenticator {
    tokens: token::Tokens,
    api_keys: api_key::ApiKeys,
    webhook_keys: Arc<signature::WebhookKeys>,
    certificates: certificate::Certificates,
}

impl Authenticator {
    /// Reads what the partners' policies name. Key sets from URLs are not fetched yet.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with any entry of any partner.
    pub fn new(
        partners: &BTreeMap<String, PartnerPolicy>,
        secrets: &Secrets,
        key_sets: &KeySets,
    ) -> Result<Authenticator, Vec<AuthSetupError>> {
        setup::authenticator(partners, secrets, key_sets)
    }

    /// Finds the one credential that the head presents, or else the connection's client certificate, and checks it as
    /// far as the head allows. Needs a tokio runtime with I/O and time where key sets come from URLs.
    ///
    /// # Errors
    ///
    /// [`AuthError`] says why nobody is proven.
    pub async fn authenticate(
        &self,
        head: &request::Parts,
        certificate: Option<&PeerCertificate>,
        now: Timestamp,
    ) -> Result<Credential, AuthError> {
        let certified = certificate.map(|certificate| self.certificates.senders(certificate)).unwrap_or_default();
        let identity = match Presented::find(&head.headers, &self.webhook_keys)? {
            Presented::Token(token) => self.tokens.identify(token, certificate, now).await?,
            Presented::ApiKey(key) => self.api_keys.identify(key)?,
            Presented::Webhook => {
                let signed = SignedRequest::read(head, &self.webhook_keys, certified, now)?;
                return Ok(Credential::Signed(signed));
            }
            Presented::Nothing => {
                let certificate = certificate.ok_or(AuthError::Missing)?;
                certificate::Certificates::identify(certificate, &certified, now)?
            }
        };
        identity.agrees_with(&certified)?;
        Ok(Credential::Proven(identity))
    }
}

/// Shows that there is one.
impl fmt::Debug for Authenticator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Authenticator").finish_non_exhaustive()
    }
}

/// The one credential of a head.
enum Presented<'a> {
    Token(&'a str),
    ApiKey(&'a str),
    Webhook,
    Nothing,
}

impl<'a> Presented<'a> {
    fn find(headers: &'a HeaderMap, webhook_keys: &signature::WebhookKeys) -> Result<Self, AuthError> {
        let fields = [header::AUTHORIZATION.as_str(), API_KEY_FIELD, signature::SIGNATURE_FIELD];
        match fields.map(|field| headers.contains_key(field)) {
            [false, false, false] if webhook_keys.are_presented(headers) => Ok(Presented::Webhook),
            [false, false, false] => Ok(Presented::Nothing),
            [true, false, false] => {
                let value = only_value(headers, header::AUTHORIZATION.as_str(), Method::Jwt)?.unwrap_or_default();
                let bearer = value.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"));
                // RFC 9110 §11.4 has one blank or more behind a scheme; no token begins with one.
                let bearer = bearer.map(|(scheme, token)| (scheme, token.trim_start_matches(' ')));
                let what = "`Authorization` must be `Bearer` and a token";
                bearer
                    .map(|(_, token)| Presented::Token(token))
                    .ok_or(AuthError::Malformed { credential: Method::Jwt, what })
            }
            [false, true, false] => {
                Ok(Presented::ApiKey(only_value(headers, API_KEY_FIELD, Method::ApiKey)?.unwrap_or_default()))
            }
            [false, false, true] => Ok(Presented::Webhook),
            [..] => Err(AuthError::Ambiguous {
                what: "`Authorization`, `X-Api-Key` and `webhook-signature` exclude each other",
            }),
        }
    }
}

/// The value of a header field that may come once, or nothing where it does not come.
fn only_value<'a>(headers: &'a HeaderMap, field: &str, credential: Method) -> Result<Option<&'a str>, AuthError> {
    let mut values = headers.get_all(field).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            let what = "a header field of it has characters beyond visible ASCII";
            value.to_str().map(Some).map_err(|_| AuthError::Malformed { credential, what })
        }
        (Some(_), Some(_)) => {
            Err(AuthError::Ambiguous { what: "a header field of the credential comes more than once" })
        }
    }
}
