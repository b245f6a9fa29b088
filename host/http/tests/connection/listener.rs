//! A listener on loopback with a handler that does what the path says, and a client that says exactly what it is told.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use portgate_http::body::{self, BodyLimits, ReadError};
use portgate_http::connection::{
    ConnectionLimits, FramingViolation, Handler, Peer, Report, RequestBody, ResponseBody, Server, Shutdown,
};
use portgate_http::tls::TlsFiles;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Far longer than anything here may take on a busy machine.
pub(crate) const GENEROUS: Duration = Duration::from_secs(20);

/// More than the buffers of two sockets can hold.
pub(crate) const BIG_BYTES: usize = 32 << 20;

/// Limits that no well-behaved test meets.
pub(crate) fn roomy() -> ConnectionLimits {
    ConnectionLimits {
        connections_max: 64,
        streams_max: 16,
        abandoned_max: 100,
        head_bytes_max: 16 << 10,
        headers_max: 64,
        first_byte: GENEROUS,
        head: GENEROUS,
        write_stall: GENEROUS,
        write_rate_bytes_per_second_min: 1,
        stream: GENEROUS,
        shutdown: GENEROUS,
    }
}

/// What the paths share.
pub(crate) struct Toy {
    /// Requests to `/wait` go on, one for each permit.
    pub(crate) gate: Semaphore,
    pub(crate) begun: AtomicUsize,
    pub(crate) running: AtomicUsize,
    pub(crate) running_most: AtomicUsize,
    /// The paths that were asked for, in order.
    pub(crate) paths: Mutex<Vec<String>>,
    body: BodyLimits,
}

/// Counts a request for as long as its handler runs or waits.
struct Running<'a>(&'a Toy);

impl<'a> Running<'a> {
    fn begin(toy: &'a Toy) -> Self {
        toy.begun.fetch_add(1, Ordering::SeqCst);
        let running = toy.running.fetch_add(1, Ordering::SeqCst) + 1;
        toy.running_most.fetch_max(running, Ordering::SeqCst);
        Running(toy)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

fn text(status: StatusCode, text: impl Into<Bytes>) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::Whole(text.into()));
    *response.status_mut() = status;
    response
}

impl Handler for Toy {
    async fn handle(&self, request: Request<RequestBody>, peer: Arc<Peer>) -> Response<ResponseBody> {
        let _running = Running::begin(self);
        let (head, content) = request.into_parts();
        self.paths.lock().expect("no panic").push(head.uri.path().to_owned());
        // Whoever presents something is believed here.
        if head.headers.contains_key("authorization") {
            peer.prove();
        }
        match head.uri.path() {
            "/panic" => panic!("as the path says"),
            "/big" => return text(StatusCode::OK, vec![b'x'; BIG_BYTES]),
            "/wait" => self.gate.acquire().await.expect("never closed").forget(),
            "/who" => {
                let sha256 = peer.certificate.as_ref().map(|certificate| hex::encode(certificate.sha256));
                return text(StatusCode::OK, sha256.unwrap_or_else(|| "nobody".to_owned()));
            }
            _ => {}
        }
        if !matches!(head.method, Method::GET | Method::HEAD | Method::POST | Method::OPTIONS) {
            let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "no such method");
            response.headers_mut().insert("allow", "GET, HEAD, POST, OPTIONS".parse().expect("a value"));
            return response;
        }
        match body::read(content, &self.body, &head.headers).await {
            Ok(bytes) if bytes.is_empty() => text(StatusCode::OK, "hello"),
            Ok(bytes) => text(StatusCode::OK, bytes),
            Err(error) => {
                let status = match error {
                    ReadError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
                    ReadError::TooSlow { .. } | ReadError::DeadlinePassed { .. } => StatusCode::REQUEST_TIMEOUT,
                    ReadError::Disconnected | ReadError::Malformed => StatusCode::BAD_REQUEST,
                };
                text(status, error.to_string())
            }
        }
    }

    fn refuse(&self, violation: &FramingViolation, _: &Peer) -> Response<ResponseBody> {
        let mut response = text(violation.status(), format!("refused: {violation}"));
        response.headers_mut().insert("content-type", "application/problem+json".parse().expect("a value"));
        response
    }

    fn panicked(&self, _: &Peer) -> Response<ResponseBody> {
        text(StatusCode::INTERNAL_SERVER_ERROR, "panicked")
    }
}

/// A listener that serves.
pub(crate) struct Listener {
    pub(crate) address: SocketAddr,
    pub(crate) toy: Arc<Toy>,
    pub(crate) shutdown: Shutdown,
    serving: JoinHandle<Report>,
}

impl Listener {
    pub(crate) async fn start(limits: ConnectionLimits) -> Listener {
        Listener::start_with(limits, GENEROUS, None).await
    }

    pub(crate) async fn start_with(
        limits: ConnectionLimits,
        body_deadline: Duration,
        tls: Option<Arc<TlsFiles>>,
    ) -> Listener {
        let body = BodyLimits { bytes_max: 1 << 20, deadline: body_deadline, rate_bytes_per_second_min: 1 };
        let toy = Arc::new(Toy {
            gate: Semaphore::new(0),
            begun: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
            running_most: AtomicUsize::new(0),
            paths: Mutex::default(),
            body,
        });
        let server = Server::bind("127.0.0.1:0".parse().expect("an address"), limits, tls).await.expect("bound");
        let address = server.local_addr();
        let shutdown = Shutdown::new();
        let serving = tokio::spawn(server.serve(Arc::clone(&toy), shutdown.clone()));
        Listener { address, toy, shutdown, serving }
    }

    pub(crate) async fn connect(&self) -> Client<TcpStream> {
        Client::over(TcpStream::connect(self.address).await.expect("connected"))
    }

    /// Waits until `count` requests have reached the handler since the start.
    pub(crate) async fn until_begun(&self, count: usize) {
        self.until(|toy| toy.begun.load(Ordering::SeqCst) >= count).await;
    }

    /// Waits until what was shared looks as wanted.
    pub(crate) async fn until(&self, wanted: impl Fn(&Toy) -> bool) {
        let looking = async {
            while !wanted(&self.toy) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(GENEROUS, looking).await.expect("it comes about in time");
    }

    /// Waits for the end of a shutdown that has begun.
    pub(crate) async fn report(self) -> Report {
        timeout(GENEROUS, self.serving).await.expect("ended in time").expect("no panic")
    }
}

/// One HTTP/1 connection, byte by byte.
pub(crate) struct Client<S> {
    stream: S,
    got: Vec<u8>,
    no_bodies: bool,
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(crate) fn over(stream: S) -> Self {
        Client { stream, got: Vec::new(), no_bodies: false }
    }

    /// Answers to HEAD have a length and no body.
    pub(crate) fn expect_no_bodies(&mut self, no_bodies: bool) {
        self.no_bodies = no_bodies;
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.expect("sent");
    }

    /// Like [`Client::send`] for a server that may hang up in between.
    pub(crate) async fn try_send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: gate\r\n\r\n")).await;
        self.answer().await
    }

    pub(crate) async fn answer(&mut self) -> Answer {
        self.answer_within(GENEROUS).await.expect("an answer, not the end")
    }

    /// The next answer; `None` if the connection ends first.
    ///
    /// # Panics
    ///
    /// After `patience`.
    pub(crate) async fn answer_within(&mut self, patience: Duration) -> Option<Answer> {
        self.try_answer_within(patience).await.expect("an answer or the end in time")
    }

    /// The next answer; `Ok(None)` if the connection ends first, `Err` if neither comes.
    pub(crate) async fn try_answer_within(&mut self, patience: Duration) -> Result<Option<Answer>, ()> {
        let reading = async {
            loop {
                if let Some(answer) = self.take_answer() {
                    return Some(answer);
                }
                // A reset is an end too: what came before it was read.
                match self.stream.read_buf(&mut self.got).await {
                    Ok(0) | Err(_) => return None,
                    Ok(_) => {}
                }
            }
        };
        timeout(patience, reading).await.map_err(|_| ())
    }

    fn take_answer(&mut self) -> Option<Answer> {
        let head_end = self.got.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
        let head = String::from_utf8_lossy(&self.got[..head_end]).to_ascii_lowercase();
        let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let length = field("content-length").map_or(0, |length| length.parse().expect("a length"));
        let end = head_end + if self.no_bodies { 0 } else { length };
        if self.got.len() < end {
            return None;
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let answer = Answer { status, body: self.got[head_end..end].to_vec(), head };
        self.got.drain(..end);
        Some(answer)
    }

    /// Whether the server ends the connection without a further byte.
    pub(crate) async fn ends(&mut self) -> bool {
        let mut rest = [0; 1];
        matches!(timeout(GENEROUS, self.stream.read(&mut rest)).await, Ok(Ok(0) | Err(_))) && self.got.is_empty()
    }
}
