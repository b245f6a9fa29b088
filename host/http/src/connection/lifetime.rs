//! One connection from its first byte to its last: which protocol it speaks, the settings of that protocol, and the
//! timer that ends it when the client is overdue.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::activity::{Activity, Overdue, Protocol};
use super::inlet::Inlet;
use super::messages::Messages;
use super::own_answer::OwnAnswers;
use super::room::Standing;
use super::streams::{Begin, Streams, WithStreams};
use super::watched::Watched;
use super::{ConnectionLimits, FramingViolation, Handler, Peer, Shutdown, answering};
use crate::auth::PeerCertificate;

/// The first bytes of HTTP/2 where nothing was negotiated (RFC 9113 §3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What one stream, and one connection, may send before it is read. Bounds what a client makes this process hold: they
/// stand before anybody is proven, so they are what a stranger gets.
const STREAM_WINDOW_BYTES: u32 = 128 << 10;
const CONNECTION_WINDOW_BYTES: u32 = 256 << 10;
/// What is kept of an answer that an HTTP/2 client is slow to take.
const SEND_BUFFER_BYTES: usize = 64 << 10;
/// What one HTTP/1 connection reads at a time. hyper takes no less than 8 KiB.
const READ_BUFFER_BYTES: usize = 16 << 10;
/// HTTP/2 streams that were reset before the connection got to them; a normal client has none.
const PENDING_RESETS_MAX: usize = 20;
/// HTTP/2 streams that break the protocol; more end the connection.
const STREAM_ERRORS_MAX: usize = 64;

/// What the connections of one listener share.
pub(super) struct Shared<H> {
    pub(super) handler: Arc<H>,
    pub(super) limits: Arc<ConnectionLimits>,
    pub(super) shutdown: Shutdown,
}

/// Serves one connection to its end.
pub(super) async fn run<H: Handler>(
    socket: TcpStream,
    address: SocketAddr,
    standing: Arc<Standing>,
    settings: Option<Arc<ServerConfig>>,
    shared: Shared<H>,
) {
    // Answers are written whole; waiting to fill a packet would only delay them.
    let _ = socket.set_nodelay(true);
    match settings {
        None => run_plain(socket, address, standing, shared).await,
        Some(settings) => {
            // Nothing was asked yet, so a connection that is still being opened is dropped at once when the shutdown begins.
            let opened = tokio::select! {
                opened = handshake(socket, settings, &shared.limits) => opened,
                () = shared.shutdown.begun() => return,
            };
            match opened {
                Ok((stream, certificate, protocol)) => {
                    converse(stream, Bytes::new(), protocol, Peer { address, certificate, standing }, shared).await;
                }
                Err(error) => tracing::debug!(%error, client = %address, "a TLS handshake failed"),
            }
        }
    }
}

/// Serves one connection without TLS to its end.
pub(super) async fn run_plain<H, I>(stream: I, address: SocketAddr, standing: Arc<Standing>, shared: Shared<H>)
where
    H: Handler,
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let opened = tokio::select! {
        opened = recognise(stream, &shared.limits) => opened,
        () = shared.shutdown.begun() => return,
    };
    match opened {
        Ok((stream, read_before, protocol)) => {
            converse(stream, read_before, protocol, Peer { address, certificate: None, standing }, shared).await;
        }
        Err(error) => tracing::debug!(%error, client = %address, "a connection ended before its first request"),
    }
}

/// Reads until it is certain which protocol the client speaks.
async fn recognise<I>(mut stream: I, limits: &ConnectionLimits) -> io::Result<(I, Bytes, Protocol)>
where
    I: AsyncRead + Unpin,
{
    let mut start = [0; PREFACE.len()];
    let mut length = timeout(limits.first_byte, stream.read(&mut start)).await??;
    let the_rest = async {
        while length < PREFACE.len() && PREFACE.starts_with(&start[..length]) {
            match stream.read(&mut start[length..]).await? {
                0 => break,
                more => length += more,
            }
        }
        io::Result::Ok(())
    };
    timeout(limits.head, the_rest).await??;
    let protocol = if start == *PREFACE { Protocol::Http2 } else { Protocol::Http1 };
    Ok((stream, Bytes::copy_from_slice(&start[..length]), protocol))
}

/// The TLS handshake; the client's certificate was verified in it.
async fn handshake(
    socket: TcpStream,
    settings: Arc<ServerConfig>,
    limits: &ConnectionLimits,
) -> io::Result<(TlsStream<TcpStream>, Option<PeerCertificate>, Protocol)> {
    timeout(limits.first_byte, socket.readable()).await??;
    let stream = timeout(limits.head, TlsAcceptor::from(settings).accept(socket)).await??;
    let session = stream.get_ref().1;
    let protocol = match session.alpn_protocol() {
        Some(b"h2") => Protocol::Http2,
        _ => Protocol::Http1,
    };
    let certificate = session.peer_certificates().and_then(<[_]>::first).map(|der| PeerCertificate::from_der(der));
    let certificate = certificate.transpose().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    Ok((stream, certificate, protocol))
}

/// Serves requests until the client, the timer or the shutdown ends the connection.
async fn converse<H, I>(io: I, read_before: Bytes, protocol: Protocol, peer: Peer, shared: Shared<H>)
where
    H: Handler,
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Shared { handler, limits, shutdown } = shared;
    let peer = Arc::new(peer);
    let activity = Activity::begin(protocol, Arc::clone(&limits));
    if !read_before.is_empty() {
        activity.bytes_came();
    }
    let own_answers = OwnAnswers::by(Arc::clone(&handler), Arc::clone(&peer));
    let service = service_fn({
        let (peer, activity) = (Arc::clone(&peer), Arc::clone(&activity));
        move |request| answering::answer(Arc::clone(&handler), Arc::clone(&peer), &activity, request)
    });
    let overdue = match protocol {
        Protocol::Http1 => {
            let inlet = Inlet::new(&read_before, Some(Messages::new(&limits)));
            let io = TokioIo::new(Watched::http1(io, inlet, Arc::clone(&activity), own_answers));
            let mut connection = http1_settings(&limits).serve_connection(io, service);
            let overdue = drive(Pin::new(&mut connection), |it| it.graceful_shutdown(), &activity, &shutdown).await;
            if overdue == Some(Overdue::SlowHead) {
                let refusal = connection.into_parts().io.into_inner().refuse(FramingViolation::HeadTooSlow);
                let _ = timeout(limits.head, refusal).await;
            }
            overdue
        }
        Protocol::Http2 => {
            let inlet = Inlet::new(&read_before, None);
            let io = TokioIo::new(Watched::http2(io, inlet, Arc::clone(&activity), Arc::clone(&peer.standing)));
            let streams = Streams::new(limits.stream, Arc::clone(&peer.standing));
            let connection = pin!(http2_settings(streams.begin(), &limits).serve_connection(io, service));
            let connection = pin!(WithStreams { connection, streams });
            drive(connection, |it| it.get_mut().connection.as_mut().graceful_shutdown(), &activity, &shutdown).await
        }
    };
    if let Some(overdue) = overdue {
        tracing::debug!(?overdue, client = %peer.address, "a connection was cut off");
    }
}

/// HTTP/1: hyper's own timer for heads stays off, because [`drive`] has one that knows more.
fn http1_settings(limits: &ConnectionLimits) -> http1::Builder {
    let head_bytes_max = usize::try_from(limits.head_bytes_max).unwrap_or(usize::MAX);
    let mut settings = http1::Builder::new();
    settings
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .half_close(false)
        .max_headers(usize::try_from(limits.headers_max).unwrap_or(usize::MAX))
        .max_header_size(head_bytes_max)
        .max_buf_size(head_bytes_max.max(READ_BUFFER_BYTES));
    settings
}

/// HTTP/2. Continuation frames are bounded by the size of the head they make up.
fn http2_settings(begin: Begin, limits: &ConnectionLimits) -> http2::Builder<Begin> {
    let mut settings = http2::Builder::new(begin);
    settings
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams_max)
        .max_header_list_size(limits.head_bytes_max)
        .max_pending_accept_reset_streams(PENDING_RESETS_MAX)
        .max_local_error_reset_streams(STREAM_ERRORS_MAX)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_send_buf_size(SEND_BUFFER_BYTES)
        .keep_alive_interval(limits.first_byte)
        .keep_alive_timeout(limits.head);
    settings
}

/// Polls the connection and its one timer. Returns what the client was too slow with, if that ended it.
///
/// Silence and the shutdown end a connection in two steps: it is told to wind up, which in HTTP/1 ends it between two
/// requests and in HTTP/2 says GOAWAY; what then is still silent is cut off.
async fn drive<C>(
    mut connection: Pin<&mut C>,
    wind_up: impl Fn(Pin<&mut C>),
    activity: &Activity,
    shutdown: &Shutdown,
) -> Option<Overdue>
where
    C: Future<Output = hyper::Result<()>>,
{
    let mut stopping = pin!(shutdown.begun());
    let mut timer = pin!(sleep_until(activity.deadline().map_or_else(Instant::now, |(at, _)| at)));
    let mut winding_up = false;
    poll_fn(|context| {
        loop {
            if connection.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            if !winding_up && stopping.as_mut().poll(context).is_ready() {
                winding_up = true;
                activity.winds_up();
                wind_up(connection.as_mut());
                continue;
            }
            let Some((at, overdue)) = activity.deadline() else {
                return Poll::Pending;
            };
            // The clock decides and the timer only wakes: it can be a millisecond behind, in which a busy client gets on.
            if Instant::now() < at {
                // Moving a timer costs; one that is due too early is moved when it fires.
                if at < timer.deadline() || timer.is_elapsed() {
                    timer.as_mut().reset(at);
                }
                if timer.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                continue;
            }
            if overdue != Overdue::Silent || winding_up {
                return Poll::Ready(Some(overdue));
            }
            winding_up = true;
            activity.winds_up();
            wind_up(connection.as_mut());
        }
    })
    .await
}
