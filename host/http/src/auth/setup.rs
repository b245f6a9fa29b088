//! From the partners' policies to an [`Authenticator`]: every secret read, every mistake found in one go.
//!
//! What proves one partner may not prove another, nor be listed twice: each credential leads to one entry, so that it
//! cannot depend on an order who a caller is.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use portgate_core::policy::{Authenticate, PartnerPolicy, SignatureForm};
use portgate_core::sender;

use super::api_key::ApiKeys;
use super::certificate::Certificates;
use super::key_sets::SourceError;
use super::signature::{CANDIDATES_MAX, NotAdded, WebhookKeys};
use super::token::{Entry, Tokens};
use super::{Authenticator, KeySets, Method};
use crate::secrets::{SecretError, Secrets};

/// What is wrong with one entry of a partner's `authenticate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthSetupError {
    /// The partner's name.
    pub partner: String,
    /// Which entry, counted from zero.
    pub entry: usize,
    /// Its kind.
    pub method: Method,
    /// What is wrong with it.
    pub problem: AuthSetupProblem,
}

impl fmt::Display for AuthSetupError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AuthSetupError { partner, entry, method, problem } = self;
        write!(formatter, "partner `{partner}`, authenticate[{entry}] ({method}): {problem}")
    }
}

impl std::error::Error for AuthSetupError {}

/// What can be wrong with an entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthSetupProblem {
    /// A secret cannot be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A hash is not one. Its content is not repeated.
    #[error("`{field}` must be 64 lower-case hexadecimal digits, or `file:NAME` or `env:NAME` with nothing but them")]
    NotSha256 {
        /// The field of the policy.
        field: &'static str,
    },
    /// A text that names somebody is empty.
    #[error("`{field}` is empty")]
    Empty {
        /// The field of the policy.
        field: &'static str,
    },
    /// A key set cannot be had.
    #[error("`jwks`: {problem}")]
    KeySet {
        /// What is wrong with it.
        problem: String,
    },
    /// A webhook secret of the wrong form.
    #[error("`secret`: the content must be {wanted}")]
    WebhookSecret {
        /// What it must be.
        wanted: &'static str,
    },
    /// A form in which nothing can be signed.
    #[error("`signature`: nothing can be signed in this form")]
    SignatureForm,
    /// More webhook secrets than can be tried for one signed read.
    #[error("there are already {CANDIDATES_MAX} webhook secrets")]
    TooManyWebhookSecrets,
    /// A client certificate that is not described.
    #[error("give `certificate_sha256`, `san_dns`, or both: any certificate would do otherwise")]
    AnyCertificate,
    /// A name that no certificate can have, or that could stand for many.
    #[error("`san_dns` must be one whole DNS name, without a wildcard")]
    NotADnsName,
    /// The same credential is listed already.
    #[error("partner `{partner}` has the same {what} already; each must prove one partner")]
    Taken {
        /// Whose it is.
        partner: Arc<str>,
        /// What is the same.
        what: &'static str,
    },
}

impl AuthSetupProblem {
    fn taken(what: &'static str) -> impl FnOnce(Arc<str>) -> Self {
        move |partner| AuthSetupProblem::Taken { partner, what }
    }
}

/// Builds the authenticator, or says everything that is in the way.
pub(super) fn authenticator(
    partners: &BTreeMap<String, PartnerPolicy>,
    secrets: &Secrets,
    key_sets: &KeySets,
) -> Result<Authenticator, Vec<AuthSetupError>> {
    let mut setup = Setup::empty(secrets, key_sets);
    let mut errors = Vec::new();
    for (partner, policy) in partners {
        let name: Arc<str> = Arc::from(partner.as_str());
        let testing: Arc<str> = sender::testing(partner).into();
        for (entry, way) in policy.authenticate.iter().enumerate() {
            let sender = if way.is_test() { &testing } else { &name };
            if let Err(problem) = setup.add(sender, way) {
                errors.push(AuthSetupError { partner: partner.clone(), entry, method: method(way), problem });
            }
        }
    }
    match errors.is_empty() {
        false => Err(errors),
        true => Ok(Authenticator {
            tokens: setup.tokens,
            api_keys: setup.api_keys,
            webhook_keys: Arc::new(setup.webhook_keys),
            certificates: setup.certificates,
        }),
    }
}

fn method(way: &Authenticate) -> Method {
    match way {
        Authenticate::Jwt { .. } => Method::Jwt,
        Authenticate::ApiKey { .. } => Method::ApiKey,
        Authenticate::Hmac { .. } => Method::Hmac,
        Authenticate::Mtls { .. } => Method::Mtls,
    }
}

struct Setup<'a> {
    secrets: &'a Secrets,
    key_sets: &'a KeySets,
    tokens: Tokens,
    api_keys: ApiKeys,
    webhook_keys: WebhookKeys,
    certificates: Certificates,
}

impl<'a> Setup<'a> {
    fn empty(secrets: &'a Secrets, key_sets: &'a KeySets) -> Self {
        Setup {
            secrets,
            key_sets,
            tokens: Tokens::default(),
            api_keys: ApiKeys::default(),
            webhook_keys: WebhookKeys::default(),
            certificates: Certificates::default(),
        }
    }

    /// Adds what proves that somebody is this sender.
    fn add(&mut self, sender: &Arc<str>, way: &Authenticate) -> Result<(), AuthSetupProblem> {
        let sender = Arc::clone(sender);
        match way {
            Authenticate::Jwt {
                issuer,
                audience,
                audience_claim,
                subject,
                subject_claim,
                claims,
                token_type,
                lifetime_seconds_max,
                jwks,
                certificate_bound,
                test: _,
            } => {
                let fields = [
                    ("issuer", issuer),
                    ("audience", audience),
                    ("audience_claim", audience_claim),
                    ("subject", subject),
                    ("subject_claim", subject_claim),
                    ("token_type", token_type),
                ];
                if let Some((field, _)) = fields.into_iter().find(|(_, text)| text.is_empty()) {
                    return Err(AuthSetupProblem::Empty { field });
                }
                let keys = self.key_sets.source(jwks).map_err(|error| match error {
                    SourceError::Secret(error) => AuthSetupProblem::Secret(error),
                    error => AuthSetupProblem::KeySet { problem: error.to_string() },
                })?;
                let entry = Entry {
                    sender,
                    audience: audience.clone(),
                    audience_claim: audience_claim.clone(),
                    claims: claims.clone(),
                    token_type: token_type.clone(),
                    lifetime_seconds_max: i64::from(*lifetime_seconds_max),
                    keys,
                    certificate_bound: *certificate_bound,
                };
                let taken = AuthSetupProblem::taken("issuer, subject and audience");
                self.tokens.add(issuer, subject_claim, subject, entry).map_err(taken)
            }
            Authenticate::ApiKey { sha256, test: _ } => {
                let sha256 = self.sha256("sha256", sha256)?;
                self.api_keys.add(sha256, sender).map_err(AuthSetupProblem::taken("API key"))
            }
            Authenticate::Hmac { secret, scheme, signature, test: _ } => {
                let secret = self.secrets.resolve(secret)?;
                let form = SignatureForm::of(*scheme, signature.as_deref());
                self.webhook_keys.add(&secret, &form, sender).map_err(|why| match why {
                    NotAdded::Form => AuthSetupProblem::SignatureForm,
                    NotAdded::Secret(wanted) => AuthSetupProblem::WebhookSecret { wanted },
                    NotAdded::SameAs(partner) => AuthSetupProblem::Taken { partner, what: "webhook secret" },
                    NotAdded::TooMany => AuthSetupProblem::TooManyWebhookSecrets,
                })
            }
            Authenticate::Mtls { certificate_sha256, san_dns, test: _ } => {
                let name = san_dns.as_deref().map(dns_name).transpose()?;
                match (certificate_sha256, name) {
                    (Some(hash), name) => {
                        let hash = self.sha256("certificate_sha256", hash)?;
                        let taken = AuthSetupProblem::taken("certificate");
                        self.certificates.add_hash(hash, name, sender).map_err(taken)
                    }
                    (None, Some(name)) => {
                        let taken = AuthSetupProblem::taken("name of a certificate");
                        self.certificates.add_name(name, sender).map_err(taken)
                    }
                    (None, None) => Err(AuthSetupProblem::AnyCertificate),
                }
            }
        }
    }

    /// A hash that stands in the policy or in a secret.
    fn sha256(&self, field: &'static str, text: &str) -> Result<[u8; 32], AuthSetupProblem> {
        let not_sha256 = AuthSetupProblem::NotSha256 { field };
        if !Secrets::is_reference(text) {
            return hexadecimal(text).ok_or(not_sha256);
        }
        self.secrets.resolve(text)?.text().and_then(hexadecimal).ok_or(not_sha256)
    }
}

/// The SHA-256 that stands in an operator's policy, or in the secret that it names.
///
/// # Errors
///
/// Why there is none, for people.
pub fn sha256_in(secrets: &Secrets, text: &str) -> Result<[u8; 32], String> {
    let not_sha256 = || AuthSetupProblem::NotSha256 { field: "key_sha256" }.to_string();
    if !Secrets::is_reference(text) {
        return hexadecimal(text).ok_or_else(not_sha256);
    }
    let secret = secrets.resolve(text).map_err(|error| error.to_string())?;
    secret.text().and_then(hexadecimal).ok_or_else(not_sha256)
}

fn hexadecimal(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    text.bytes().all(|digit| !digit.is_ascii_uppercase()).then_some(bytes)
}

/// A DNS name in lower case.
fn dns_name(name: &str) -> Result<String, AuthSetupProblem> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    match name.len() <= 253 && name.split('.').all(label) {
        true => Ok(name.to_ascii_lowercase()),
        false => Err(AuthSetupProblem::NotADnsName),
    }
}
