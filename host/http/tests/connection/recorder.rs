//! A connection in memory whose handler writes down every request that it is given in full.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Response;
use portgate_http::body::{self, BodyLimits};
use portgate_http::connection::{
    ConnectionLimits, FramingViolation, Handler, Peer, RequestBody, ResponseBody, Shutdown, serve_stream,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::strict::{Limits, Request};

/// Far longer than the clock, which stands still while anything is done, can be moved.
const LONG: Duration = Duration::from_secs(3600);

/// A body larger than any that is sent.
const BODY_BYTES_MAX: u64 = 1 << 20;

/// What the connections here may use.
pub(crate) fn limits() -> ConnectionLimits {
    ConnectionLimits {
        connections_max: 1,
        streams_max: 16,
        abandoned_max: 100,
        head_bytes_max: 2048,
        headers_max: 16,
        first_byte: LONG,
        head: LONG,
        write_stall: LONG,
        write_rate_bytes_per_second_min: 1,
        stream: LONG,
        shutdown: LONG,
    }
}

/// The same limits for the reading that a connection is held against.
pub(crate) fn strict_limits() -> Limits {
    Limits { section_bytes: 2048, fields: 16 }
}

/// Writes down what it executes.
#[derive(Default)]
struct Recorder {
    executed: Mutex<Vec<Request>>,
}

impl Handler for Recorder {
    async fn handle(&self, request: http::Request<RequestBody>, _: Arc<Peer>) -> Response<ResponseBody> {
        let (head, content) = request.into_parts();
        let limits = BodyLimits { bytes_max: BODY_BYTES_MAX, deadline: LONG, rate_bytes_per_second_min: 0 };
        let mut response = Response::new(ResponseBody::from("executed"));
        match body::read(content, &limits, &head.headers).await {
            Ok(body) => {
                let target = head.uri.path_and_query().map_or("", |target| target.as_str()).to_owned();
                let request = Request { method: head.method.to_string(), target, body: body.to_vec() };
                self.executed.lock().unwrap_or_else(PoisonError::into_inner).push(request);
            }
            Err(_) => *response.status_mut() = http::StatusCode::BAD_REQUEST,
        }
        response
    }

    fn refuse(&self, violation: &FramingViolation, _: &Peer) -> Response<ResponseBody> {
        let mut response = Response::new(ResponseBody::from(format!("refused: {violation}")));
        *response.status_mut() = violation.status();
        response
    }

    fn panicked(&self, _: &Peer) -> Response<ResponseBody> {
        let mut response = Response::new(ResponseBody::from("panicked"));
        *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        response
    }
}

/// What came of a stream.
pub(crate) struct Outcome {
    /// The requests that the handler was given in full, in order.
    pub(crate) executed: Vec<Request>,
    /// Everything that the client was sent.
    pub(crate) sent: Vec<u8>,
    /// Whether the connection was closed before the client had ended its side.
    pub(crate) closed: bool,
}

/// Sends `stream` in pieces that end at `cuts` and sees what comes of it.
///
/// Needs a runtime of one thread whose clock is paused: such a clock moves only when nothing is left to do, so that a
/// client that lets a moment pass has given the connection all the time that it wants.
pub(crate) async fn run(stream: &[u8], cuts: &[usize]) -> Outcome {
    let (mut client, server) = tokio::io::duplex(1 << 16);
    let recorder = Arc::new(Recorder::default());
    let address = SocketAddr::from(([127, 0, 0, 1], 1));
    let serving =
        tokio::spawn(serve_stream(server, address, Arc::new(limits()), Arc::clone(&recorder), Shutdown::new()));
    let a_moment = || tokio::time::sleep(Duration::from_millis(1));
    let mut sent = 0;
    for end in cuts.iter().copied().chain([stream.len()]) {
        // A connection that has seen enough takes no more.
        if client.write_all(&stream[sent..end.max(sent)]).await.is_err() {
            break;
        }
        sent = end.max(sent);
        a_moment().await;
    }
    let closed = serving.is_finished();
    let _ = client.shutdown().await;
    let mut sent_back = Vec::new();
    let _ = client.read_to_end(&mut sent_back).await;
    serving.await.expect("a connection does not panic");
    let executed = std::mem::take(&mut *recorder.executed.lock().unwrap_or_else(PoisonError::into_inner));
    Outcome { executed, sent: sent_back, closed }
}

impl Outcome {
    /// What the client was sent, as text.
    pub(crate) fn answers(&self) -> String {
        String::from_utf8_lossy(&self.sent).into_owned()
    }
}

impl std::fmt::Debug for Outcome {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let end = if self.closed { "closed" } else { "open" };
        write!(formatter, "executed {:?}, answered {:?}, {end}", self.executed, self.sent.escape_ascii().to_string())
    }
}
