//! Answers to heads that never become a request: hyper's bare status line is recognised, and a problem document by the
//! handler is written in its place.

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::header::{CONNECTION, CONTENT_LENGTH, DATE};

use super::{FramingViolation, Handler, Peer, ResponseBody};

/// Makes the answer to a head that was refused before it was a request.
#[derive(Clone)]
pub(super) struct OwnAnswers(Arc<dyn Fn(FramingViolation) -> Response<ResponseBody> + Send + Sync>);

impl OwnAnswers {
    pub(super) fn by<H: Handler>(handler: Arc<H>, peer: Arc<Peer>) -> OwnAnswers {
        OwnAnswers(Arc::new(move |violation| handler.refuse(&violation, &peer)))
    }

    /// What hyper says with `bytes`, written while there is no request to answer.
    pub(super) fn recognise(bytes: &[u8]) -> Option<FramingViolation> {
        match bytes.strip_prefix(b"HTTP/1.1 ")?.get(..4)? {
            b"400 " => Some(FramingViolation::HeadMalformed),
            b"414 " => Some(FramingViolation::TargetTooLong),
            b"431 " => Some(FramingViolation::HeadTooLarge),
            _ => None,
        }
    }

    /// The handler's answer as the bytes of HTTP/1.1. The connection ends after it.
    pub(super) fn render(&self, violation: FramingViolation) -> Bytes {
        let (head, body) = (self.0)(violation).into_parts();
        let body = match body {
            ResponseBody::Whole(body) => body,
            // What is still coming has nothing to do with a head that was none.
            ResponseBody::Coming(_) => Bytes::new(),
        };
        let mut text = format!("HTTP/1.1 {}\r\n", head.status);
        let date = jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT");
        // Writing to a String cannot fail.
        let _ = write!(text, "{DATE}: {date}\r\n{CONNECTION}: close\r\n{CONTENT_LENGTH}: {}\r\n", body.len());
        let mut bytes = text.into_bytes();
        for (name, value) in &head.headers {
            if ![DATE, CONNECTION, CONTENT_LENGTH].contains(name) {
                for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                    bytes.extend_from_slice(part);
                }
            }
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&body);
        Bytes::from(bytes)
    }
}
