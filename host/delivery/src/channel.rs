//! Everything that is needed to send a permitted request to one partner: client, credential, tokens.
//!
//! A channel is made for one policy and lives as long as the policy stays the same; files of secrets may change under
//! it at any time, and count from the next request on.

use std::sync::Arc;
use std::time::Duration;

use http::header::{HeaderName, LOCATION, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderValue, StatusCode};
use portgate_core::delivery::Response;
use portgate_core::policy::{BaseUrl, Credential, DeliveryPolicy, KEPT_HEADERS, Method, RESPONSE_HEADERS};
use portgate_store::DeadClass;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::client::{Answer, Client, ConnectError, SendError, Target, TlsError};
use crate::clock::Clock;
use crate::credential::{self, CredentialError, Message, Tokens};
use crate::egress::Permitted;
use crate::ledger::Uses;
use crate::resolve::{ResolveError, Resolver};
use crate::schedule::retry_after;
use crate::scribe::Scribe;
use crate::secret::{SecretSource, digest};

mod location;

/// The largest answer of a token's issuer, in bytes.
const TOKEN_ANSWER_BYTES_MAX: usize = 64 * 1024;

/// The way to one partner.
pub struct Channel {
    policy: DeliveryPolicy,
    base_url: BaseUrl,
    around: Surroundings,
    open: Mutex<Option<(Fingerprint, Arc<Open>)>>,
}

/// What every channel stands on.
#[derive(Clone)]
pub struct Surroundings {
    /// Where secrets are looked up.
    pub secrets: Arc<dyn SecretSource>,
    /// Looks names up.
    pub resolver: Arc<dyn Resolver>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// A digest of the PEM files that a client was made with.
type Fingerprint = [u8; 32];

/// A client with its tokens.
struct Open {
    client: Client,
    tokens: Tokens,
}

/// What identifies a request that is sent.
#[derive(Clone, Copy)]
pub struct Identity<'a> {
    /// The same at each attempt: `Idempotency-Key` and `webhook-id`.
    pub id: &'a str,
    /// The W3C trace context that the delivery belongs to.
    pub traceparent: Option<&'a str>,
    /// Counts how often the partner's credential is used.
    pub uses: &'a Uses,
    /// Writes down what is said.
    pub scribe: &'a Scribe,
}

/// Why a partner gave no answer that its plugin could read.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// The base URL or the token's URL is no URL, which loading a policy refuses.
    #[error("`{0}` is no URL that could be called")]
    Url(String),
    /// The credential could not be attached.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The certificates of the policy cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// There is no answer.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The partner, or something before it, takes no requests now, or does not take the credential.
    #[error("the partner answers {status}{}", match status.as_u16() {
        401 | 407 => ": it does not take the credential",
        _ => "",
    })]
    NotNow {
        /// The answer's status.
        status: StatusCode,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
}

impl ChannelError {
    /// Whether the partner is there, as far as this tells: nothing where the request never left.
    pub fn is_healthy(&self) -> Option<bool> {
        match self {
            ChannelError::NotNow { status, .. } => Some(!status.is_server_error()),
            ChannelError::Credential(CredentialError::Token(_)) | ChannelError::Send(_) => Some(false),
            ChannelError::Url(_) | ChannelError::Credential(_) | ChannelError::Tls(_) => None,
        }
    }

    /// Who can do something about it: the partner, or this gateway's operators.
    pub fn class(&self) -> DeadClass {
        match self {
            // A credential that is not taken is to be set right here, or renewed.
            ChannelError::NotNow { status, .. } if matches!(status.as_u16(), 401 | 407) => DeadClass::Ours,
            _ if self.is_forbidden() => DeadClass::Ours,
            // An issuer that is away is the partner's affair; one that refuses was asked with the wrong secret.
            ChannelError::Credential(CredentialError::Token(error)) if !error.is_ours() => DeadClass::Theirs,
            ChannelError::NotNow { .. } | ChannelError::Send(_) => DeadClass::Theirs,
            ChannelError::Credential(_) | ChannelError::Tls(_) | ChannelError::Url(_) => DeadClass::Ours,
        }
    }

    /// Whether there was no connection, so that nothing of the request that failed so has left.
    pub(crate) fn is_unconnected(&self) -> bool {
        matches!(self, ChannelError::Send(SendError::Connect(_)))
    }

    /// Whether the host's name leads to an address that no policy allows.
    pub fn is_forbidden(&self) -> bool {
        match self {
            ChannelError::Send(SendError::Connect(ConnectError::Resolve(error))) => {
                matches!(**error, ResolveError::Forbidden { .. } | ResolveError::Clear(_))
            }
            _ => false,
        }
    }

    /// How long the partner asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            ChannelError::NotNow { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The answer's status, where there was one.
    pub fn status(&self) -> Option<u16> {
        match self {
            ChannelError::NotNow { status, .. } | ChannelError::Send(SendError::Redirect(status)) => {
                Some(status.as_u16())
            }
            _ => None,
        }
    }
}

impl Channel {
    /// A channel under a policy; nothing is connected yet.
    ///
    /// # Errors
    /// [`ChannelError::Url`]: the base URL is none.
    pub fn new(policy: DeliveryPolicy, around: Surroundings) -> Result<Channel, ChannelError> {
        let base_url = url(&policy.base_url)?;
        Ok(Channel { policy, base_url, around, open: Mutex::new(None) })
    }

    /// The policy that it was made for.
    pub fn policy(&self) -> &DeliveryPolicy {
        &self.policy
    }

    /// Sends a request and reads the answer, as the plugin is shown it.
    ///
    /// Statuses that say "not now", or that concern the credential, are no answers: the plugin could make nothing of
    /// them.
    ///
    /// # Errors
    /// [`ChannelError`]: there is no answer to be read.
    pub async fn send(&self, identity: Identity<'_>, request: &Permitted) -> Result<Answered, ChannelError> {
        let open = self.open().await?;
        let (answer, token) = self.send_once(&open, identity, request).await?;
        let answer = match token {
            // A token can end before its time; a new one is tried once.
            Some(token) if answer.status == StatusCode::UNAUTHORIZED => {
                open.tokens.give_back(&token).await;
                self.send_once(&open, identity, request).await?.0
            }
            _ => answer,
        };
        let after = answer.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = after.and_then(|value| retry_after(value, self.around.clock.now()));
        match answer.status.as_u16() {
            401 | 407 | 408 | 425 | 429 | 502 | 503 | 504 => {
                Err(ChannelError::NotNow { status: answer.status, retry_after })
            }
            _ => Ok(Answered { response: self.shown(request.path(), answer), retry_after }),
        }
    }

    async fn send_once(
        &self,
        open: &Open,
        identity: Identity<'_>,
        request: &Permitted,
    ) -> Result<(Answer, Option<Zeroizing<String>>), ChannelError> {
        let mut headers = request.headers().clone();
        own_headers(identity, request.method(), &mut headers);
        let token = match &self.policy.credential {
            Some(credential) => {
                let message = Message { id: identity.id, at: self.around.clock.now(), body: request.body() };
                let attached =
                    credential::attach(credential, &self.around.secrets, &open.tokens, &message, &mut headers).await;
                // The issuer of tokens has seen the secret, whether or not it gave one out.
                if matches!(attached, Ok(_) | Err(CredentialError::Token(_))) {
                    identity.uses.count();
                }
                attached?
            }
            None => None,
        };
        let method = http_method(request.method());
        let (client, path, scribe) = (&open.client, request.path(), identity.scribe);
        scribe.sends(&method, client.url(path), &headers);
        let heard = |status: StatusCode, headers: &HeaderMap| {
            scribe.hears(status, headers, |name, value| self.kept(path, name, value));
        };
        let answer = client.send_watched(method, path, headers, request.body().clone(), heard).await?;
        scribe.reads(&answer.body);
        Ok((answer, token))
    }

    /// The client, made anew where a certificate has changed.
    async fn open(&self) -> Result<Arc<Open>, ChannelError> {
        let policy = &self.policy;
        let files =
            credential::tls_files(&self.around.secrets, policy.ca.as_deref(), policy.credential.as_ref()).await?;
        let mut all: Zeroizing<Vec<u8>> = Zeroizing::new(Vec::new());
        let contents = files.ca.iter().chain(files.client_certificate.iter().flat_map(|(chain, key)| [chain, key]));
        for content in contents {
            all.extend_from_slice(&digest(content));
        }
        let fingerprint = digest(&all);
        let mut open = self.open.lock().await;
        if let Some((_, open)) = open.as_ref().filter(|(made_with, _)| *made_with == fingerprint) {
            return Ok(Arc::clone(open));
        }
        let client = |base_url: BaseUrl, bytes_max: Option<usize>| {
            let mut target = Target::new(base_url, policy.private_addresses, &policy.limits);
            target.response_bytes_max = bytes_max.unwrap_or(target.response_bytes_max);
            Client::new(target, &files, Arc::clone(&self.around.resolver))
        };
        let issuer = match &policy.credential {
            Some(Credential::Oauth2 { token_url, .. }) => Some(client(url(token_url)?, Some(TOKEN_ANSWER_BYTES_MAX))?),
            _ => None,
        };
        let made = Arc::new(Open { client: client(self.base_url.clone(), None)?, tokens: Tokens::new(issuer) });
        *open = Some((fingerprint, Arc::clone(&made)));
        Ok(made)
    }

    /// The answer as the plugin is shown it: only the headers that are safe, or that the policy adds. `path` is that of the
    /// request, against which a `Location` is resolved.
    fn shown(&self, path: &str, answer: Answer) -> Response {
        let headers = answer.headers.iter().filter(|(name, _)| self.shows(name));
        Response {
            status: answer.status.as_u16(),
            headers: headers.map(|(name, value)| (name.as_str().to_owned(), self.text(path, name, value))).collect(),
            received_at: self.around.clock.now().to_string(),
            body: answer.body.to_vec(),
        }
    }

    /// Whether the plugin is shown a header field of an answer.
    fn shows(&self, name: &HeaderName) -> bool {
        RESPONSE_HEADERS.contains(&name.as_str()) || self.policy.response_headers.contains(name.as_str())
    }

    /// The value of a header field of an answer as it is kept, if it can carry no credential. Of a `Location` the query is
    /// left out, and one with a user's name altogether.
    fn kept(&self, path: &str, name: &HeaderName, value: &HeaderValue) -> Option<String> {
        if !self.shows(name) && !KEPT_HEADERS.contains(&name.as_str()) {
            return None;
        }
        let text = self.text(path, name, value);
        match *name == LOCATION {
            true => text.split(['?', '#']).next().filter(|place| !place.contains('@')).map(str::to_owned),
            false => Some(text),
        }
    }

    /// The value of a header field of an answer to a request with this path.
    fn text(&self, path: &str, name: &HeaderName, value: &HeaderValue) -> String {
        let text = String::from_utf8_lossy(value.as_bytes());
        if *name == LOCATION { location::shown(&self.base_url, path, &text) } else { text.into_owned() }
    }
}

/// A partner's answer, as its plugin is shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The answer.
    pub response: Response,
    /// How long it asks to wait, should the plugin read in it that it must be tried again.
    pub retry_after: Option<Duration>,
}

/// Shows which partner it leads to, and nothing of its credentials.
impl std::fmt::Debug for Channel {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Channel").field("base_url", &self.policy.base_url).finish_non_exhaustive()
    }
}

/// The headers that the gateway sets on each request.
fn own_headers(identity: Identity<'_>, method: Method, headers: &mut HeaderMap) {
    headers.insert(USER_AGENT, HeaderValue::from_static("portgate"));
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    if method != Method::Get {
        // A structured-field string (RFC 9651 §3.3.3), as the draft on this header has it.
        set("idempotency-key", &format!("\"{}\"", identity.id));
        set("webhook-id", identity.id);
    }
    if let Some(traceparent) = identity.traceparent {
        set("traceparent", traceparent);
    }
}

fn http_method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
    }
}

fn url(text: &str) -> Result<BaseUrl, ChannelError> {
    BaseUrl::parse(text).map_err(|_| ChannelError::Url(text.to_owned()))
}

#[cfg(test)]
mod tests;
