//! One GET of a key set from its issuer: five seconds, 64 KiB, no redirect, no second try.
//!
//! A connection of its own each time: there is one request in ten minutes, nothing to keep open for it. HTTPS trusts
//! the system's authorities, so that an issuer inside the company works as well; plain HTTP goes to loopback only, and
//! the address that was really reached is what counts. Proxies are not used.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::key_set::KEY_SET_BYTES_MAX;

/// For everything: name, connection, handshake, answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Fetches key sets.
#[derive(Clone, Default)]
pub(super) struct Fetcher {
    /// Other authorities than the system's.
    tls: Option<Arc<ClientConfig>>,
}

/// Why a fetch gave nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("no answer within {} s", TIMEOUT.as_secs())]
    Timeout,
    #[error("no connection: {0}")]
    Connect(std::io::Error),
    #[error("plain HTTP is for loopback only, and {0} is not")]
    NotLoopback(std::net::IpAddr),
    #[error("TLS: {0}")]
    Tls(String),
    #[error("no HTTP answer: {0}")]
    Http(#[from] hyper::Error),
    #[error("the answer is {0} instead of 200; redirects are not followed")]
    Status(StatusCode),
    #[error("the answer breaks off or is larger than {KEY_SET_BYTES_MAX} bytes")]
    Body,
}

/// The URL of a key set, if it may be one.
pub(super) fn checked_address(text: &str) -> Result<Uri, &'static str> {
    let url: Uri = text.parse().map_err(|_| "this is not an absolute URL")?;
    let authority = url.authority().ok_or("this has no host")?;
    if authority.as_str().contains('@') {
        return Err("a user name or password does not belong into it");
    }
    let host = bare_host(&url).ok_or("this has no host")?;
    match url.scheme_str() {
        Some("https") => {
            ServerName::try_from(host.to_owned()).map_err(|_| "its host is no name or address").map(|_| url.clone())
        }
        Some("http") => {
            let loopback =
                host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
            if loopback { Ok(url) } else { Err("plain http would let anybody on the way swap the keys") }
        }
        Some(_) | None => Err("its scheme is another"),
    }
}

/// The host without the brackets of an IPv6 address.
fn bare_host(url: &Uri) -> Option<&str> {
    url.host().map(|host| host.trim_start_matches('[').trim_end_matches(']')).filter(|host| !host.is_empty())
}

impl Fetcher {
    #[cfg(test)]
    pub(super) fn trusting(tls: ClientConfig) -> Self {
        Fetcher { tls: Some(Arc::new(tls)) }
    }

    /// Gets the document.
    pub(super) async fn get(&self, url: &Uri) -> Result<Vec<u8>, FetchError> {
        tokio::time::timeout(TIMEOUT, self.get_unhurried(url)).await.unwrap_or(Err(FetchError::Timeout))
    }

    async fn get_unhurried(&self, url: &Uri) -> Result<Vec<u8>, FetchError> {
        let secure = url.scheme_str() == Some("https");
        let host = bare_host(url).unwrap_or_default();
        let port = url.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let stream = TcpStream::connect((host, port)).await.map_err(FetchError::Connect)?;
        if secure {
            let tls = match &self.tls {
                Some(tls) => Arc::clone(tls),
                None => system_trust().await?,
            };
            let name = ServerName::try_from(host.to_owned()).map_err(|error| FetchError::Tls(error.to_string()))?;
            let stream = tokio_rustls::TlsConnector::from(tls).connect(name, stream).await;
            exchange(stream.map_err(|error| FetchError::Tls(error.to_string()))?, url).await
        } else {
            let reached = stream.peer_addr().map_err(FetchError::Connect)?.ip();
            if !reached.is_loopback() {
                return Err(FetchError::NotLoopback(reached));
            }
            exchange(stream, url).await
        }
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    url: &Uri,
) -> Result<Vec<u8>, FetchError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::get(url.path_and_query().map_or("/", |path| path.as_str()))
        .header(header::HOST, url.authority().map_or("", |authority| authority.as_str()))
        .header(header::ACCEPT, "application/jwk-set+json, application/json")
        .header(header::USER_AGENT, "portgate")
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        // Scheme, host and path were checked as a URL when the policy was read.
        .map_err(|_| FetchError::Body)?;
    let answer = async {
        let answer = sender.send_request(request).await?;
        if answer.status() != StatusCode::OK {
            return Err(FetchError::Status(answer.status()));
        }
        let body = Limited::new(answer.into_body(), KEY_SET_BYTES_MAX).collect().await;
        Ok(body.map_err(|_| FetchError::Body)?.to_bytes().to_vec())
    };
    tokio::pin!(answer, connection);
    // The connection is driven here and not in a task, so that the timeout ends it too.
    tokio::select! {
        answered = &mut answer => answered,
        ended = &mut connection => {
            // What had arrived when the connection ended can still be read.
            let answered = answer.await;
            match (answered, ended) {
                (Err(_), Err(error)) => Err(FetchError::Http(error)),
                (answered, _) => answered,
            }
        }
    }
}

/// The system's authorities, read at each fetch, so that a change of them needs no restart.
async fn system_trust() -> Result<Arc<ClientConfig>, FetchError> {
    let loaded = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs).await;
    let loaded = loaded.map_err(|error| FetchError::Tls(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(loaded.certs);
    if roots.is_empty() {
        return Err(FetchError::Tls("the system has no certificate authorities; install `ca-certificates`".to_owned()));
    }
    client_config(roots).map(Arc::new)
}

/// TLS 1.2 and 1.3 with these authorities.
pub(super) fn client_config(roots: RootCertStore) -> Result<ClientConfig, FetchError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| FetchError::Tls(error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
