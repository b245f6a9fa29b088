//! The connection layer: listens, speaks TLS, HTTP/1.1 and HTTP/2, and keeps every client within its limits.
//!
//! It promises a [`Handler`] only requests whose framing is beyond doubt, on connections that can neither be silent,
//! slow nor greedy for longer than the deadlines say, and it ends no connection while a request on it is being
//! answered, unless nobody was proven over it and others need its place. A handler that panics costs its request a 500
//! and nothing else. What a request means, who sent it and how its body is read is not decided here.
//!
//! Below: `room` gives out the places for connections, `turns` the processor to those over which nobody was proven, whose
//! HTTP/2 `streams` are part of them. `messages` finds where each HTTP/1 request ends, line by line of
//! its `grammar`, and `inlet` lets nothing else through. `framing` judges what a head says, `activity` knows what a
//! connection is waiting for and until when, `watched` tells it what moves on the wire, `answering` carries one request
//! to the handler and back, `life` is that of one HTTP/2 stream, `lifetime` is one connection's way from its first byte
//! to its last.

mod activity;
mod answering;
mod framing;
mod grammar;
mod inlet;
mod life;
mod lifetime;
mod limits;
mod messages;
mod network;
mod own_answer;
mod room;
mod shutdown;
mod streams;
mod turns;
mod watched;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

pub use self::framing::FramingViolation;
use self::lifetime::Shared;
pub use self::limits::ConnectionLimits;
pub use self::network::Network;
use self::room::{Room, Standing};
pub use self::shutdown::Shutdown;
use self::turns::Turns;
use crate::auth::PeerCertificate;
pub use crate::body::RequestBody;
use crate::tls::TlsFiles;

/// The body of an answer.
#[derive(Debug)]
pub enum ResponseBody {
    /// All of it is here.
    Whole(Bytes),
    /// Each piece is sent as it comes; when the channel closes, the answer has ended. A client that takes none of it is
    /// cut off like one that does not take a whole answer, and then the channel is closed from this end.
    Coming(mpsc::Receiver<Bytes>),
}

impl<B: Into<Bytes>> From<B> for ResponseBody {
    fn from(bytes: B) -> Self {
        ResponseBody::Whole(bytes.into())
    }
}

/// Who is at the other end of a connection.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Where it connected from.
    pub address: SocketAddr,
    /// The certificate that it proved to hold, if it presented one.
    pub certificate: Option<PeerCertificate>,
    standing: Arc<Standing>,
}

impl Peer {
    /// What its shares are counted by.
    pub fn network(&self) -> Network {
        Network::of(self.address.ip())
    }

    /// Notes that a request over the connection has proven who sent it. From then on it makes room for no stranger.
    pub fn prove(&self) {
        self.standing.prove();
    }
}

/// What answers requests.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request. The future is dropped when the client goes away.
    fn handle(
        &self,
        request: Request<RequestBody>,
        peer: Arc<Peer>,
    ) -> impl Future<Output = Response<ResponseBody>> + Send;

    /// The answer to a request that breaks a rule of HTTP; its status should be [`FramingViolation::status`].
    fn refuse(&self, violation: &FramingViolation, peer: &Peer) -> Response<ResponseBody>;

    /// The answer to a request for which [`Handler::handle`] panicked: a 500.
    fn panicked(&self, peer: &Peer) -> Response<ResponseBody>;

    /// Is told that so many connections were ended to make room for one of this network.
    fn made_room(&self, ended: usize, newcomer: Network) {
        let _ = (ended, newcomer);
    }
}

/// A listener that is bound and not served yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    limits: ConnectionLimits,
    tls: Option<Arc<TlsFiles>>,
}

/// How the connections ended that were open when the shutdown began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Connections that ended by themselves, their requests answered.
    pub finished: usize,
    /// Connections that were cut off at the end of the time for it.
    pub aborted: usize,
}

/// Connections that may wait in the system's queue to be accepted, as far as the system allows: whoever finds it full
/// tries again only after a second.
const QUEUE: u32 = 4096;

/// After so many connections everybody else comes first: to begin one costs time, and thousands can wait in the queue.
const ACCEPTED_AT_ONCE: usize = 8;

/// How long to wait after the system refused another connection: mostly it is out of file descriptors.
const PAUSE_AFTER_REFUSED_ACCEPT: Duration = Duration::from_millis(100);

impl Server {
    /// Binds `address`; port 0 takes any free one. With `tls` every connection must speak it.
    ///
    /// # Errors
    ///
    /// What the system says when the address cannot be bound.
    pub async fn bind(
        address: SocketAddr,
        limits: ConnectionLimits,
        tls: Option<Arc<TlsFiles>>,
    ) -> std::io::Result<Server> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // A gateway that is started anew finds its address although connections of the last one are still winding down.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let listener = socket.listen(QUEUE)?;
        let address = listener.local_addr()?;
        Ok(Server { listener, address, limits, tls })
    }

    /// The address that is listened on, with its real port.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` begins, then lets the requests in flight finish within the limits' shutdown time.
    ///
    /// At the limit of open connections one over which nobody was proven is ended for the next. Only where each is at
    /// work for somebody who was proven do further ones wait, in the system's queue, which pushes back on clients without
    /// spending memory of this process on them.
    pub async fn serve<H: Handler>(self, handler: Arc<H>, shutdown: Shutdown) -> Report {
        let Server { listener, limits, tls, .. } = self;
        let limits = Arc::new(limits);
        let room = Room::new(limits.connections_max);
        let turns = Turns::of_this_runtime();
        let mut connections = JoinSet::new();
        for number in 1_usize.. {
            if number.is_multiple_of(ACCEPTED_AT_ONCE) {
                tokio::task::yield_now().await;
            }
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = shutdown.begun() => break,
            };
            while connections.try_join_next().is_some() {}
            let (socket, address) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    room.make_room();
                    tokio::time::sleep(PAUSE_AFTER_REFUSED_ACCEPT).await;
                    continue;
                }
            };
            let newcomer = Network::of(address.ip());
            let (place, ended) = tokio::select! {
                found = room.place(newcomer) => found,
                () = shutdown.begun() => break,
            };
            if ended > 0 {
                handler.made_room(ended, newcomer);
            }
            let settings = tls.as_ref().map(|files| files.current());
            let shared =
                Shared { handler: Arc::clone(&handler), limits: Arc::clone(&limits), shutdown: shutdown.clone() };
            let (id, standing) = (place.id(), Arc::clone(&place.standing));
            // Boxed, it is not kept twice, once before and once after it is pinned.
            let serving = Box::pin(lifetime::run(socket, address, Arc::clone(&standing), settings, shared));
            let in_turns = Arc::clone(&turns).take(standing, serving);
            let task = connections.spawn(async move {
                in_turns.await;
                drop(place);
            });
            room.ends_by(id, task);
        }
        drop(listener);
        wind_down(connections, limits.shutdown).await
    }
}

/// Serves one connection without TLS on any stream of bytes, such as one in memory, as a listener does with each of its
/// sockets.
pub async fn serve_stream<H, I>(
    stream: I,
    address: SocketAddr,
    limits: Arc<ConnectionLimits>,
    handler: Arc<H>,
    shutdown: Shutdown,
) where
    H: Handler,
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (place, _) = Room::new(1).place(Network::of(address.ip())).await;
    let standing = Arc::clone(&place.standing);
    lifetime::run_plain(stream, address, standing, Shared { handler, limits, shutdown }).await;
}

/// Waits for the connections to end, and cuts off those that do not.
async fn wind_down(mut connections: JoinSet<()>, patience: Duration) -> Report {
    while connections.try_join_next().is_some() {}
    let mut report = Report::default();
    let all_ended = async {
        while connections.join_next().await.is_some() {
            report.finished += 1;
        }
    };
    let _ = tokio::time::timeout(patience, all_ended).await;
    report.aborted = connections.len();
    connections.shutdown().await;
    report
}
