//! One request: its head judged, the handler called, a panic contained, its answer counted until it is handed over.

use std::any::Any;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, Version};
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::activity::{Activity, InFlight};
use super::life::Life;
use super::room::Carrying;
use super::{Handler, Peer, RequestBody, ResponseBody, framing};
use crate::log::PAYLOAD;

/// Answers one request of a connection. It counts from now on, not only when its answer is first worked for.
pub(super) fn answer<H: Handler>(
    handler: Arc<H>,
    peer: Arc<Peer>,
    activity: &Arc<Activity>,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response<Counted>, Infallible>> + Send + use<H> {
    let (in_flight, carrying) = (activity.request_began(), peer.standing.request_began());
    async move {
        let version = request.version();
        let response = respond(handler, peer, request).await;
        Ok(response.map(|body| Counted::new(body, version, in_flight, carrying)))
    }
}

async fn respond<H: Handler>(handler: Arc<H>, peer: Arc<Peer>, request: Request<Incoming>) -> Response<ResponseBody> {
    let (head, body) = request.into_parts();
    let version = head.version;
    match framing::check(&head, !body.is_end_stream()) {
        Ok(()) => {
            let body = if version < Version::HTTP_2 { RequestBody::lingering(body) } else { RequestBody::from(body) };
            let request = Request::from_parts(head, body);
            // The handler's work is by far the largest part of a request. Boxed, it goes when the answer is there, however
            // long the client takes for that, and a connection without a request holds nothing of it.
            match contained(Box::pin(handler.handle(request, Arc::clone(&peer)))).await {
                Ok(response) => response,
                Err(panic) => {
                    tracing::error!(client = %peer.address, "a request's handler panicked");
                    // Its text may quote what the partner sent.
                    tracing::debug!(target: PAYLOAD, panic = message(&*panic), client = %peer.address, "what the panic said");
                    handler.panicked(&peer)
                }
            }
        }
        Err(violation) => {
            tracing::debug!(%violation, client = %peer.address, "a request was refused");
            let mut response = handler.refuse(&violation, &peer);
            // Where the next request would begin is no longer certain. In HTTP/2 the frames say it.
            if version < Version::HTTP_2 {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            response
        }
    }
}

/// Runs `future`; a panic in it is its result.
async fn contained<F: Future>(mut future: Pin<Box<F>>) -> Result<F::Output, Box<dyn Any + Send>> {
    // After a panic the future is never polled again, so nobody sees what it left behind; what it shares with other
    // requests guards itself by its locks.
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(progress) => progress.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("not a text")
}

/// What HTTP/2 is handed of an answer at a time.
///
/// What it was handed it keeps until the client grants the window, without anybody waiting for that. In pieces, the
/// stream's task goes on until the last one, so the end of its life bounds how long an answer is kept.
const PIECE_BYTES: usize = 32 << 10;

/// An answer's body. Its request is in flight until it was handed over in full or dropped.
pub(super) struct Counted {
    body: ResponseBody,
    piece_bytes_max: usize,
    life: Option<Life>,
    in_flight: InFlight,
    _carrying: Carrying,
}

impl Counted {
    fn new(body: ResponseBody, version: Version, mut in_flight: InFlight, carrying: Carrying) -> Self {
        if matches!(&body, ResponseBody::Whole(rest) if rest.is_empty()) {
            // Its head is all of it.
            in_flight.answered();
        }
        let piece_bytes_max = if version == Version::HTTP_2 { PIECE_BYTES } else { usize::MAX };
        Counted { body, piece_bytes_max, life: Life::current(), in_flight, _carrying: carrying }
    }
}

impl Body for Counted {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Counted { body, piece_bytes_max, life, in_flight, .. } = &mut *self;
        // A request that is taken back while its body comes ends with an answer as well, but nobody asks for that one.
        in_flight.answered();
        match body {
            ResponseBody::Whole(rest) => {
                let length = rest.len().min(*piece_bytes_max);
                let piece = rest.split_to(length);
                Poll::Ready((!piece.is_empty()).then(|| Ok(Frame::data(piece))))
            }
            ResponseBody::Coming(pieces) => {
                // Being asked for the next one means that there is room: the client has taken what was before.
                if let Some(life) = life {
                    life.goes_on();
                }
                pieces.poll_recv(context).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.body, ResponseBody::Whole(rest) if rest.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            ResponseBody::Whole(rest) => SizeHint::with_exact(rest.len() as u64),
            ResponseBody::Coming(_) => SizeHint::default(),
        }
    }
}
