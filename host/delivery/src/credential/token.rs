//! OAuth 2.0 client credentials (RFC 6749 §4.4): asks for a token once, keeps it until shortly before it ends.
//!
//! While one request for a token is under way, everybody else who needs it waits for its answer. A token that the
//! partner refuses is given back and asked for anew, once. The client authenticates in the `Authorization` header
//! (RFC 6749 §2.3.1); tokens must be of the type `Bearer`.

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::{SignedDuration, Timestamp};
use portgate_core::policy::Credential;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::basic;
use crate::client::Client;
use crate::secret::digest;

/// How long a token counts where its issuer does not say, in seconds.
const LIFETIME_SECONDS: i64 = 300;
/// The longest that a token is kept, in seconds, whatever its issuer says.
const LIFETIME_SECONDS_MAX: i64 = 24 * 3600;
/// How long before its end a token is asked for anew, in seconds, but never more than a fifth of its lifetime.
const MARGIN_SECONDS: i64 = 60;
/// The longest token, in bytes.
const TOKEN_BYTES_MAX: usize = 16 * 1024;

/// Why no token was given out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The issuer was not reached.
    #[error("no token: {0}")]
    Unreachable(String),
    /// The issuer gave none.
    #[error("no token: its issuer answers {status}{}", error.as_ref().map(|error| format!(", `{error}`")).unwrap_or_default())]
    Refused {
        /// The answer's status.
        status: u16,
        /// The error code of RFC 6749 §5.2, where there is one.
        error: Option<String>,
    },
    /// The issuer's answer holds no usable token.
    #[error("no token: the issuer's answer {0}")]
    Unusable(&'static str),
}

impl TokenError {
    /// Whether this gateway's operators can do something about it: the issuer does not take what it was asked with.
    pub(crate) fn is_ours(&self) -> bool {
        matches!(self, TokenError::Refused { status: 400..=407, .. })
    }
}

/// The tokens of one partner.
pub(crate) struct Tokens {
    /// The client that goes to the issuer.
    issuer: Option<Client>,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    token: Zeroizing<String>,
    until: Timestamp,
    /// A digest of the client's secret that it was given out for.
    secret: [u8; 32],
}

impl Tokens {
    /// No tokens yet; `issuer` goes to the policy's `token_url`.
    pub(crate) fn new(issuer: Option<Client>) -> Self {
        Tokens { issuer, kept: Mutex::new(None) }
    }

    /// The token to use now.
    pub(crate) async fn token(
        &self,
        credential: &Credential,
        secret: &[u8],
        now: Timestamp,
    ) -> Result<Zeroizing<String>, TokenError> {
        // Held while asking: whoever comes in the meantime waits for this answer instead of asking as well.
        let mut kept = self.kept.lock().await;
        let secret_digest = digest(secret);
        if let Some(kept) = kept.as_ref().filter(|kept| now < kept.until && kept.secret == secret_digest) {
            return Ok(kept.token.clone());
        }
        *kept = None;
        let (token, lifetime_seconds) = self.ask(credential, secret).await?;
        let lifetime = lifetime_seconds.clamp(0, LIFETIME_SECONDS_MAX);
        let usable = SignedDuration::from_secs(lifetime - MARGIN_SECONDS.min(lifetime / 5));
        let until = now.saturating_add(usable).unwrap_or(now);
        *kept = Some(Kept { token: token.clone(), until, secret: secret_digest });
        Ok(token)
    }

    /// The partner does not take this token: the next one is asked for anew.
    pub(crate) async fn give_back(&self, token: &str) {
        let mut kept = self.kept.lock().await;
        // Somebody else may have got a new one meanwhile.
        if kept.as_ref().is_some_and(|kept| kept.token.as_str() == token) {
            *kept = None;
        }
    }

    async fn ask(&self, credential: &Credential, secret: &[u8]) -> Result<(Zeroizing<String>, i64), TokenError> {
        let Credential::Oauth2 { client_id, client_secret, scope, audience, .. } = credential else {
            return Err(TokenError::Unusable("was never asked for"));
        };
        let Some(issuer) = &self.issuer else {
            return Err(TokenError::Unusable("was never asked for"));
        };
        let mut both = Zeroizing::new(form_encoded(client_id.as_bytes()).into_bytes());
        both.push(b':');
        both.extend_from_slice(Zeroizing::new(form_encoded(secret)).as_bytes());
        let mut headers = HeaderMap::new();
        let authorization = basic(&both, client_secret);
        headers.insert(AUTHORIZATION, authorization.map_err(|_| TokenError::Unusable("was never asked for"))?);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let mut form = "grant_type=client_credentials".to_owned();
        for (name, value) in [("scope", scope), ("audience", audience)] {
            if let Some(value) = value {
                form.push_str(&format!("&{name}={}", form_encoded(value.as_bytes())));
            }
        }
        let answer = issuer.send(http::Method::POST, "", headers, form.into()).await;
        let answer = answer.map_err(|error| TokenError::Unreachable(error.to_string()))?;
        let body = Zeroizing::new(answer.body.to_vec());
        match answer.status {
            StatusCode::OK => read(&body),
            status => Err(TokenError::Refused { status: status.as_u16(), error: error_code(&body) }),
        }
    }
}

/// The token of an answer and its lifetime in seconds (RFC 6749 §5.1).
fn read(body: &[u8]) -> Result<(Zeroizing<String>, i64), TokenError> {
    let answer: serde_json::Value = serde_json::from_slice(body).map_err(|_| TokenError::Unusable("is no JSON"))?;
    let token_type = answer.get("token_type").and_then(serde_json::Value::as_str);
    if !token_type.is_some_and(|token_type| token_type.eq_ignore_ascii_case("bearer")) {
        return Err(TokenError::Unusable("has no token of the type `Bearer`"));
    }
    let token = answer.get("access_token").and_then(serde_json::Value::as_str);
    let plain = |token: &&str| {
        !token.is_empty() && token.len() <= TOKEN_BYTES_MAX && token.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let token = token.filter(plain).ok_or(TokenError::Unusable("has no `access_token` that could be sent"))?;
    let lifetime = match answer.get("expires_in") {
        // Some issuers write the number as text.
        Some(serde_json::Value::String(text)) => text.parse().unwrap_or(LIFETIME_SECONDS),
        Some(value) => value.as_i64().unwrap_or(LIFETIME_SECONDS),
        None => LIFETIME_SECONDS,
    };
    Ok((Zeroizing::new(token.to_owned()), lifetime))
}

/// The code of an error answer (RFC 6749 §5.2), if it is one of few characters: it comes from outside and is logged.
fn error_code(body: &[u8]) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
    let code = answer.get("error")?.as_str()?;
    let plain = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    plain.then(|| code.to_owned())
}

/// `application/x-www-form-urlencoded` (RFC 6749 appendix B).
fn form_encoded(bytes: &[u8]) -> String {
    let mut encoded = String::with_capacity(bytes.len() * 3);
    for &byte in bytes {
        match byte {
            b' ' => encoded.push('+'),
            byte if byte.is_ascii_alphanumeric() || b"-._*".contains(&byte) => encoded.push(char::from(byte)),
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_with_its_lifetime() {
        let lifetime = |expires: &str| {
            let body = format!(r#"{{"access_token":"a.b-c","token_type":"bearer"{expires}}}"#);
            read(body.as_bytes()).map(|(token, lifetime)| (token.to_string(), lifetime))
        };
        assert_eq!(lifetime(r#","expires_in":3600"#), Ok(("a.b-c".to_owned(), 3600)));
        assert_eq!(lifetime(r#","expires_in":"60""#), Ok(("a.b-c".to_owned(), 60)));
        assert_eq!(lifetime(r#","expires_in":null"#), Ok(("a.b-c".to_owned(), LIFETIME_SECONDS)));
        assert_eq!(lifetime(r#","expires_in":1e999"#), Ok(("a.b-c".to_owned(), LIFETIME_SECONDS)));
        assert_eq!(lifetime(""), Ok(("a.b-c".to_owned(), LIFETIME_SECONDS)));
    }

    #[test]
    fn what_is_no_bearer_token_is_refused() {
        for body in [
            "",
            "[]",
            r#"{"access_token":"a"}"#,
            r#"{"access_token":"a","token_type":"mac"}"#,
            r#"{"access_token":"","token_type":"Bearer"}"#,
            r#"{"access_token":"a\r\nx: y","token_type":"Bearer"}"#,
            r#"{"access_token":"a b","token_type":"Bearer"}"#,
        ] {
            assert!(read(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn an_error_code_of_the_issuer_cannot_forge_a_log_line() {
        assert_eq!(error_code(br#"{"error":"invalid_client"}"#).as_deref(), Some("invalid_client"));
        assert_eq!(error_code(br#"{"error":"a\nERROR b"}"#), None);
    }

    #[test]
    fn client_and_secret_are_form_encoded() {
        assert_eq!(form_encoded("a b:\u{fc}+".as_bytes()), "a+b%3A%C3%BC%2B");
    }
}
