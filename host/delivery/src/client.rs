//! The HTTP client for one partner: HTTP/1.1 over connections that are kept and used again.
//!
//! Everything the partner's server can do is bounded: the time to connect, the time of the whole request, the size of
//! head and body. No redirect is followed, nothing is decompressed, no proxy is taken from the environment, and a
//! request can only go to the base URL that the client was made for. What an answer means is not decided here.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use portgate_core::policy::{BaseUrl, DeliveryLimits};

mod connector;
mod tls;

pub use connector::ConnectError;
use connector::Connector;
pub use tls::{TlsError, TlsFiles};

use crate::resolve::Resolver;

/// How long a connection that nobody uses is kept. Shorter than what servers usually wait, so that the gateway and not
/// the server ends it.
const IDLE: Duration = Duration::from_secs(20);
/// The largest head of an answer, in bytes.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// The most header fields of an answer.
const HEADERS_MAX: usize = 100;

/// Where a client goes, and what it may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The only place it goes to.
    pub base_url: BaseUrl,
    /// Whether that may be in a private network.
    pub private_addresses: bool,
    /// To look the host up, connect and agree on TLS.
    pub connect_timeout: Duration,
    /// For the whole request until its answer is read.
    pub timeout: Duration,
    /// An answer's body, in bytes.
    pub response_bytes_max: usize,
    /// Connections that are kept.
    pub idle_max: usize,
}

impl Target {
    /// A base URL under a partner's limits.
    pub fn new(base_url: BaseUrl, private_addresses: bool, limits: &DeliveryLimits) -> Target {
        Target {
            base_url,
            private_addresses,
            connect_timeout: Duration::from_millis(limits.connect_timeout_ms),
            timeout: Duration::from_millis(limits.timeout_ms),
            response_bytes_max: usize::try_from(limits.response_bytes_max).unwrap_or(usize::MAX),
            idle_max: usize::try_from(limits.in_flight_max).unwrap_or(usize::MAX),
        }
    }
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status; never a redirect.
    pub status: StatusCode,
    /// All headers: some may be secrets of the partner's.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Bytes,
}

/// Why there is no answer that could be read. None of these says whether the partner has acted on the request.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// There is no connection.
    #[error("no connection: {0}")]
    Connect(#[from] ConnectError),
    /// The answer did not come in time.
    #[error("no complete answer within {} ms (delivery.limits.timeout_ms)", .0.as_millis())]
    Timeout(Duration),
    /// The answer is larger than allowed.
    #[error("the answer is larger than {0} bytes (delivery.limits.response_bytes_max)")]
    TooLarge(usize),
    /// The answer sends the request elsewhere, which is not followed.
    #[error("the answer is a redirect ({0}), which is never followed")]
    Redirect(StatusCode),
    /// The connection or the answer broke off, or was no HTTP.
    #[error("no usable answer: {0}")]
    Broken(String),
}

/// A client for one partner. Cheap to clone: clones share their connections.
#[derive(Clone)]
pub struct Client {
    target: Arc<Target>,
    pool: Pool<Connector, Full<Bytes>>,
}

impl Client {
    /// A client without connections.
    ///
    /// # Errors
    /// [`TlsError`]: the authorities or the client certificate cannot be used.
    pub fn new(target: Target, files: &TlsFiles, resolver: Arc<dyn Resolver>) -> Result<Client, TlsError> {
        let tls = match target.base_url.is_https() {
            true => Some(tls::config(files)?),
            false => None,
        };
        let target = Arc::new(target);
        let pool = Pool::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(target.idle_max)
            .http1_max_buf_size(HEAD_BYTES_MAX)
            .http1_max_headers(HEADERS_MAX)
            .build(Connector::new(Arc::clone(&target), tls, resolver));
        Ok(Client { target, pool })
    }

    /// Sends one request to `path`, put behind the base URL, and reads its answer.
    ///
    /// # Errors
    /// [`SendError`]: there is no answer that could be read.
    pub async fn send(
        &self,
        method: http::Method,
        path: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, SendError> {
        self.send_watched(method, path, headers, body, |_, _| {}).await
    }

    /// The same; `heard` is told of the answer's head as soon as that is there, whatever becomes of the answer.
    ///
    /// # Errors
    /// [`SendError`]: there is no answer that could be read.
    pub async fn send_watched(
        &self,
        method: http::Method,
        path: &str,
        headers: HeaderMap,
        body: Bytes,
        heard: impl FnOnce(StatusCode, &HeaderMap) + Send,
    ) -> Result<Answer, SendError> {
        let uri: Uri = self.url(path).parse().map_err(|_| SendError::Broken("the path makes no URL".to_owned()))?;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        let timeout = self.target.timeout;
        tokio::time::timeout(timeout, self.exchange(request, heard)).await.unwrap_or(Err(SendError::Timeout(timeout)))
    }

    /// Where a request to `path` goes.
    pub fn url(&self, path: &str) -> String {
        let base = &self.target.base_url;
        let scheme = if base.is_https() { "https" } else { "http" };
        format!("{scheme}://{}{}{path}", base.authority(), base.path())
    }

    async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        heard: impl FnOnce(StatusCode, &HeaderMap) + Send,
    ) -> Result<Answer, SendError> {
        let answer = self.pool.request(request).await.map_err(failed)?;
        let (head, body) = answer.into_parts();
        heard(head.status, &head.headers);
        if head.status.is_redirection() {
            return Err(SendError::Redirect(head.status));
        }
        let most = self.target.response_bytes_max;
        let body = Limited::new(body, most).collect().await.map_err(|error| match error.is::<LengthLimitError>() {
            true => SendError::TooLarge(most),
            false => SendError::Broken(chain(&*error)),
        })?;
        Ok(Answer { status: head.status, headers: head.headers, body: body.to_bytes() })
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Client").field("target", &self.target).finish_non_exhaustive()
    }
}

/// Finds the connector's own error among the causes of the pool's error.
fn failed(error: hyper_util::client::legacy::Error) -> SendError {
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<ConnectError>() {
            return SendError::Connect(error.clone());
        }
        cause = error.source();
    }
    SendError::Broken(chain(&error))
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests;
