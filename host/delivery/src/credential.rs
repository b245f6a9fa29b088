//! Proves to a partner who the gateway is, in the way that the partner's policy names.
//!
//! Secrets are looked up at each use, so a changed one counts at once. What is attached is marked as sensitive, so that
//! it cannot be shown by accident; errors name a reference and never a content. A client certificate is no header: the
//! client has it from `tls_files`.

use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use portgate_core::policy::Credential;
use zeroize::Zeroizing;

mod token;

pub use token::TokenError;
pub(crate) use token::Tokens;

use crate::client::TlsFiles;
use crate::secret::{Secret, SecretSource, look_up};

/// The size of a webhook secret, in bytes (Standard Webhooks, signature scheme).
const WEBHOOK_SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Why a credential could not be attached. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// A secret could not be looked up.
    #[error("{0}")]
    Secret(String),
    /// A secret's content cannot stand in a header.
    #[error("`{0}`: its content cannot stand in a header: control characters, or no UTF-8")]
    Content(String),
    /// A webhook secret is malformed.
    #[error("`{0}`: must be `whsec_` and base64 of 24 to 64 bytes")]
    WebhookSecret(String),
    /// The message's id cannot stand in a header.
    #[error("the message's id cannot stand in a header")]
    MessageId,
    /// No token was given out.
    #[error(transparent)]
    Token(#[from] TokenError),
}

/// The header in which a credential stands, if it has one of the policy's choice.
pub fn header(credential: Option<&Credential>) -> Option<&str> {
    match credential? {
        Credential::Header { name, .. } => Some(name),
        Credential::ApiKey { header, .. } => Some(header),
        Credential::Basic { .. } | Credential::Oauth2 { .. } => Some("authorization"),
        Credential::Hmac { .. } | Credential::ClientCertificate { .. } => None,
    }
}

/// The PEM files that a partner's TLS needs.
///
/// # Errors
/// [`CredentialError::Secret`]: one cannot be looked up.
pub(crate) async fn tls_files(
    secrets: &Arc<dyn SecretSource>,
    ca: Option<&str>,
    credential: Option<&Credential>,
) -> Result<TlsFiles, CredentialError> {
    let pem = async |reference: &str| look_up(secrets, reference).await.map_err(CredentialError::Secret);
    Ok(TlsFiles {
        ca: match ca {
            Some(reference) => Some(pem(reference).await?),
            None => None,
        },
        client_certificate: match credential {
            Some(Credential::ClientCertificate { certificate, key }) => {
                Some((pem(certificate).await?, pem(key).await?))
            }
            _ => None,
        },
    })
}

/// What a credential is attached to.
pub(crate) struct Message<'a> {
    /// The message's id, the same at each attempt.
    pub(crate) id: &'a str,
    /// When it is sent.
    pub(crate) at: Timestamp,
    /// Its body.
    pub(crate) body: &'a [u8],
}

/// Attaches a credential to a message's headers. For OAuth 2.0 the token is returned too, so that one the partner does
/// not take can be given back.
pub(crate) async fn attach(
    credential: &Credential,
    secrets: &Arc<dyn SecretSource>,
    tokens: &Tokens,
    message: &Message<'_>,
    headers: &mut HeaderMap,
) -> Result<Option<Zeroizing<String>>, CredentialError> {
    let secret = async |reference: &str| look_up(secrets, reference).await.map_err(CredentialError::Secret);
    match credential {
        Credential::Header { name: header, value } | Credential::ApiKey { header, value } => {
            let name = HeaderName::from_bytes(header.as_bytes());
            let name = name.map_err(|_| CredentialError::Content(value.clone()))?;
            headers.insert(name, sensitive(&secret(value).await?, value)?);
        }
        Credential::Basic { user, password } => {
            let mut both = Zeroizing::new(format!("{user}:").into_bytes());
            both.extend_from_slice(&secret(password).await?);
            headers.insert(AUTHORIZATION, basic(&both, password)?);
        }
        Credential::Oauth2 { client_secret, .. } => {
            let secret = secret(client_secret).await?;
            let token = tokens.token(credential, &secret, message.at).await?;
            let value = Zeroizing::new(format!("Bearer {}", token.as_str()));
            headers.insert(AUTHORIZATION, sensitive(value.as_bytes(), client_secret)?);
            return Ok(Some(token));
        }
        Credential::Hmac { secret: reference, previous_secret } => {
            let second = message.at.as_second();
            let id = HeaderValue::from_str(message.id).map_err(|_| CredentialError::MessageId)?;
            headers.insert(HeaderName::from_static("webhook-id"), id);
            headers.insert(HeaderName::from_static("webhook-timestamp"), HeaderValue::from(second));
            let mut signatures = Zeroizing::new(String::new());
            for reference in std::iter::once(reference).chain(previous_secret) {
                let key = webhook_key(&secret(reference).await?);
                let key = key.ok_or_else(|| CredentialError::WebhookSecret(reference.clone()))?;
                let separator = if signatures.is_empty() { "" } else { " " };
                signatures.push_str(separator);
                signatures.push_str(&signature(&key, message.id, second, message.body));
            }
            headers.insert(HeaderName::from_static("webhook-signature"), sensitive(signatures.as_bytes(), reference)?);
        }
        Credential::ClientCertificate { .. } => {}
    }
    Ok(None)
}

/// `Basic` and base64 of user and password (RFC 7617).
pub(crate) fn basic(both: &[u8], reference: &str) -> Result<HeaderValue, CredentialError> {
    let mut value = Zeroizing::new("Basic ".to_owned());
    STANDARD.encode_string(both, &mut value);
    sensitive(value.as_bytes(), reference)
}

/// A header value that is never shown.
fn sensitive(content: &[u8], reference: &str) -> Result<HeaderValue, CredentialError> {
    let value = std::str::from_utf8(content).ok().and_then(|text| HeaderValue::from_str(text).ok());
    let mut value = value.ok_or_else(|| CredentialError::Content(reference.to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

fn webhook_key(secret: &Secret) -> Option<hmac::Key> {
    let text = std::str::from_utf8(secret).ok()?.strip_prefix("whsec_")?;
    let bytes = Zeroizing::new(STANDARD.decode(text).ok()?);
    WEBHOOK_SECRET_BYTES.contains(&bytes.len()).then(|| hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

/// `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body` (Standard Webhooks).
fn signature(key: &hmac::Key, id: &str, second: i64, body: &[u8]) -> String {
    let mut context = hmac::Context::with_key(key);
    context.update(format!("{id}.{second}.").as_bytes());
    context.update(body);
    format!("v1,{}", STANDARD.encode(context.sign()))
}

#[cfg(test)]
mod tests;
