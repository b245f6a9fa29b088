//! Connects to the one place that a client goes to: look up, check, connect, agree on TLS.
//!
//! The URL of the request is not looked at: the client alone knows where to connect.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::Target;
use crate::resolve::{self, ResolveError, Resolver};

/// Why there is no connection.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ConnectError {
    /// The host has no address that may be connected to.
    #[error(transparent)]
    Resolve(Arc<ResolveError>),
    /// No address answers.
    #[error("{address} does not answer: {problem}")]
    Unreachable {
        /// The last address that was tried.
        address: SocketAddr,
        /// What the system said.
        problem: String,
    },
    /// The two sides do not agree on TLS, or the server's certificate is not to be trusted.
    #[error("TLS: {0}")]
    Tls(String),
    /// It took too long.
    #[error("not connected within {} ms (delivery.limits.connect_timeout_ms)", .0.as_millis())]
    Timeout(std::time::Duration),
}

/// Makes connections to one place.
#[derive(Clone)]
pub(super) struct Connector {
    target: Arc<Target>,
    tls: Option<Arc<ClientConfig>>,
    resolver: Arc<dyn Resolver>,
}

impl Connector {
    pub(super) fn new(target: Arc<Target>, tls: Option<Arc<ClientConfig>>, resolver: Arc<dyn Resolver>) -> Self {
        Connector { target, tls, resolver }
    }

    async fn connect(self) -> Result<Stream, ConnectError> {
        let timeout = self.target.connect_timeout;
        let connected = tokio::time::timeout(timeout, self.connect_in_time(Instant::now() + timeout)).await;
        connected.unwrap_or(Err(ConnectError::Timeout(timeout)))
    }

    async fn connect_in_time(&self, deadline: Instant) -> Result<Stream, ConnectError> {
        let url = &self.target.base_url;
        let addresses = resolve::addresses(url, self.target.private_addresses, &*self.resolver).await;
        let addresses = addresses.map_err(|error| ConnectError::Resolve(Arc::new(error)))?;
        let stream = first_to_answer(&addresses, deadline).await?;
        // Requests are written in one piece; waiting to fill a packet would only delay them.
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.tls else { return Ok(Stream(Box::new(stream))) };
        let name = url.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(name).map_err(|error| ConnectError::Tls(error.to_string()))?;
        let stream = tokio_rustls::TlsConnector::from(Arc::clone(tls)).connect(name, stream).await;
        Ok(Stream(Box::new(stream.map_err(|error| ConnectError::Tls(error.to_string()))?)))
    }
}

/// Tries one address after the other; one that stays silent leaves time for the rest.
async fn first_to_answer(addresses: &[SocketAddr], deadline: Instant) -> Result<TcpStream, ConnectError> {
    let mut last = None;
    for (index, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let more = u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
        let problem = match tokio::time::timeout(left / more, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it stays silent".to_owned(),
        };
        last = Some(ConnectError::Unreachable { address: *address, problem });
    }
    Err(last.unwrap_or_else(|| ConnectError::Resolve(Arc::new(ResolveError::Nothing))))
}

impl tower_service::Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let connecting = self.clone().connect();
        Box::pin(async move { connecting.await.map(TokioIo::new) })
    }
}

/// A connection, with or without TLS.
pub(super) struct Stream(Box<dyn ReadWrite>);

trait ReadWrite: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> ReadWrite for T {}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut *self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut *self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut *self.0).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }
}
