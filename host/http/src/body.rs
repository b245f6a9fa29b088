//! Reads a request's body into memory, within a size, a deadline and a minimum rate.
//!
//! Nothing is read of a body whose `Content-Length` already exceeds its limit, so a client that asked with
//! `Expect: 100-continue` never sends it. A body that arrived in one piece is handed on without a copy. Trailer fields are
//! dropped, because nothing here gives them a meaning. A trailer field that another reader could take for a header
//! field breaks the body (RFC 9110 §6.5.1). Content codings are not undone: [`content_coding`] says which one there is,
//! for the caller to refuse.

use std::error::Error as _;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};

use crate::trailer_fields::may_trail;

/// The first second of a body is not measured: a connection may still be finding its speed.
const GRACE: Duration = Duration::from_secs(1);

/// What is set aside at once for a body that comes in pieces; a declared length is only a claim.
const RESERVED_BYTES_MAX: u64 = 64 << 10;

/// What one body may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyLimits {
    /// Its size in bytes.
    pub bytes_max: u64,
    /// From the first attempt to read until its end.
    pub deadline: Duration,
    /// After the first second, this many bytes must have come for every further one, in the mean.
    pub rate_bytes_per_second_min: u64,
}

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is, or says it is, larger than it may be.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// Its bytes came more slowly than the minimum rate.
    #[error("the body is slower than {rate_bytes_per_second_min} bytes per second")]
    TooSlow {
        /// The rate that was asked for.
        rate_bytes_per_second_min: u64,
    },
    /// It had not ended at its deadline.
    #[error("the body did not end within {} ms", deadline.as_millis())]
    DeadlinePassed {
        /// The time it had.
        deadline: Duration,
    },
    /// The client went away, or took its stream back, before the body's end.
    #[error("the client went away before the body's end")]
    Disconnected,
    /// Its framing is broken, such as a chunk without a size.
    #[error("the body's framing is broken (RFC 9112 §7)")]
    Malformed,
}

/// Why no further piece of a body comes from the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenBody {
    /// The client went away, or took its stream back.
    #[error("the client went away before the body's end")]
    Disconnected,
    /// Its framing is broken, or a field in its trailer section has no place there.
    #[error("the body's framing is broken")]
    Malformed,
}

impl From<BrokenBody> for ReadError {
    fn from(broken: BrokenBody) -> Self {
        match broken {
            BrokenBody::Disconnected => ReadError::Disconnected,
            BrokenBody::Malformed => ReadError::Malformed,
        }
    }
}

/// The body of a request: from the wire, or made of bytes that are here already.
///
/// A body that is dropped before its end, because its request was refused, may still be on its way. Over HTTP/1 closing
/// the connection on it makes the client's system throw the answer away with the connection, so that instead of a
/// problem the client sees a reset. What still comes is therefore thrown away here for a moment.
#[derive(Debug)]
pub struct RequestBody(Source);

#[derive(Debug)]
enum Source {
    /// `lingers` is whether an end before the body's own must be softened.
    Wire {
        incoming: Option<Incoming>,
        lingers: bool,
    },
    Here(Full<Bytes>),
}

/// For how long, and up to how many bytes, the rest of a body that nobody wants is thrown away.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES_MAX: usize = 16 << 20;

impl RequestBody {
    /// The body of an HTTP/1 request.
    pub(crate) fn lingering(incoming: Incoming) -> Self {
        RequestBody(Source::Wire { incoming: Some(incoming), lingers: true })
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        let Source::Wire { incoming, lingers: true } = &mut self.0 else { return };
        let Some(incoming) = incoming.take().filter(|incoming| !incoming.is_end_stream()) else { return };
        // Without a runtime the process is ending, and its connections with it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(tokio::time::timeout(LINGER, throw_away(incoming)));
        }
    }
}

async fn throw_away(mut incoming: Incoming) {
    let mut thrown = 0;
    while let Some(Ok(frame)) = incoming.frame().await {
        thrown += frame.data_ref().map_or(0, Bytes::len);
        if thrown > LINGER_BYTES_MAX {
            break;
        }
    }
}

impl From<Incoming> for RequestBody {
    fn from(incoming: Incoming) -> Self {
        RequestBody(Source::Wire { incoming: Some(incoming), lingers: false })
    }
}

impl From<Bytes> for RequestBody {
    fn from(bytes: Bytes) -> Self {
        RequestBody(Source::Here(Full::new(bytes)))
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BrokenBody;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenBody>>> {
        match &mut self.0 {
            Source::Wire { incoming: None, .. } => Poll::Ready(None),
            Source::Wire { incoming: Some(incoming), .. } => Pin::new(incoming)
                .poll_frame(context)
                .map(|frame| frame.map(|frame| judged(frame.map_err(broken_body)?))),
            Source::Here(full) => {
                Pin::new(full).poll_frame(context).map(|frame| frame.map(|frame| frame.map_err(|never| match never {})))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Source::Wire { incoming, .. } => incoming.as_ref().is_none_or(Body::is_end_stream),
            Source::Here(full) => full.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Source::Wire { incoming, .. } => incoming.as_ref().map(Body::size_hint).unwrap_or_default(),
            Source::Here(full) => full.size_hint(),
        }
    }
}

/// A piece of a body, or a trailer section without fields that have no place in one. Over HTTP/1 such fields end the
/// connection before they are seen here.
fn judged(frame: Frame<Bytes>) -> Result<Frame<Bytes>, BrokenBody> {
    let names = frame.trailers_ref().into_iter().flat_map(HeaderMap::keys);
    match names.map(|name| name.as_str().as_bytes()).all(may_trail) {
        true => Ok(frame),
        false => Err(BrokenBody::Malformed),
    }
}

/// hyper's chunk decoder reports broken framing as an invalid-data I/O error below its own; all else is a lost client.
fn broken_body(error: hyper::Error) -> BrokenBody {
    use std::io::ErrorKind::{InvalidData, InvalidInput};
    let kind = error.source().and_then(|source| source.downcast_ref::<std::io::Error>()).map(std::io::Error::kind);
    match kind {
        Some(InvalidData | InvalidInput) => BrokenBody::Malformed,
        _ => BrokenBody::Disconnected,
    }
}

/// The content codings of a body, if it has any but `identity` (RFC 9110 §8.4), which counts as none however it is spelt
/// and however often it is named. Several lines are one list.
pub fn content_coding(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(CONTENT_ENCODING).iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
    let codings = lines.collect::<Vec<_>>().join(",");
    let is_none = |coding: &str| coding.trim_matches([' ', '\t']).eq_ignore_ascii_case("identity");
    (headers.contains_key(CONTENT_ENCODING) && !codings.split(',').all(is_none)).then_some(codings)
}

/// The length that the head declares. The connection refused a malformed one before.
pub fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads `body` to its end; `headers` are those of its request.
///
/// # Errors
///
/// [`ReadError`], as soon as it is certain; what was read by then is dropped.
pub async fn read<B>(body: B, limits: &BodyLimits, headers: &HeaderMap) -> Result<Bytes, ReadError>
where
    B: Body<Data = Bytes, Error = BrokenBody>,
{
    let declared = content_length(headers);
    if declared.is_some_and(|length| length > limits.bytes_max) {
        return Err(ReadError::TooLarge { limit: limits.bytes_max });
    }
    let mut body = pin!(body);
    let mut gathered = Gathered::default();
    let clock = Clock { started: Instant::now(), limits: *limits };
    let mut second = interval_at(clock.started + GRACE, Duration::from_secs(1));
    second.set_missed_tick_behavior(MissedTickBehavior::Skip);
    while !body.is_end_stream() {
        // What is here already is taken before the clocks are asked, so a body that came with its head costs no timer.
        let frame = tokio::select! {
            biased;
            frame = body.frame() => frame,
            () = sleep_until(clock.started + limits.deadline) => return Err(clock.deadline_passed()),
            _ = second.tick() => {
                clock.check(gathered.length)?;
                continue;
            }
        };
        let Some(frame) = frame else { break };
        if let Ok(data) = frame?.into_data() {
            gathered.add(data, declared, limits)?;
        }
        // Without this, a body of ever more empty pieces would keep the timers above from being polled.
        clock.check(gathered.length)?;
    }
    Ok(gathered.bytes())
}

/// The two clocks of one body.
struct Clock {
    started: Instant,
    limits: BodyLimits,
}

impl Clock {
    fn check(&self, length: u64) -> Result<(), ReadError> {
        let elapsed = self.started.elapsed();
        if elapsed >= self.limits.deadline {
            return Err(self.deadline_passed());
        }
        let rate_bytes_per_second_min = self.limits.rate_bytes_per_second_min;
        let counted_seconds = elapsed.saturating_sub(GRACE).as_secs();
        match length < counted_seconds.saturating_mul(rate_bytes_per_second_min) {
            true => Err(ReadError::TooSlow { rate_bytes_per_second_min }),
            false => Ok(()),
        }
    }

    fn deadline_passed(&self) -> ReadError {
        ReadError::DeadlinePassed { deadline: self.limits.deadline }
    }
}

/// What came so far: the first piece is kept as it is, a second one makes a buffer of both.
#[derive(Default)]
struct Gathered {
    length: u64,
    only: Bytes,
    joined: BytesMut,
}

impl Gathered {
    fn add(&mut self, data: Bytes, declared: Option<u64>, limits: &BodyLimits) -> Result<(), ReadError> {
        let before = self.length;
        self.length = before.saturating_add(data.len() as u64);
        if self.length > limits.bytes_max {
            return Err(ReadError::TooLarge { limit: limits.bytes_max });
        }
        if before == 0 {
            self.only = data;
        } else if !data.is_empty() {
            if self.joined.is_empty() {
                let expected = declared.unwrap_or(0).clamp(self.length, RESERVED_BYTES_MAX.max(self.length));
                self.joined.reserve(usize::try_from(expected).unwrap_or(0));
                self.joined.extend_from_slice(&std::mem::take(&mut self.only));
            }
            self.joined.extend_from_slice(&data);
        }
        Ok(())
    }

    fn bytes(self) -> Bytes {
        if self.joined.is_empty() { self.only } else { self.joined.freeze() }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use tokio::sync::mpsc;

    use super::*;

    /// A body that the test feeds by hand.
    struct Fed(mpsc::UnboundedReceiver<Result<Bytes, BrokenBody>>);

    impl Body for Fed {
        type Data = Bytes;
        type Error = BrokenBody;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, BrokenBody>>> {
            self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
        }
    }

    fn fed() -> (mpsc::UnboundedSender<Result<Bytes, BrokenBody>>, Fed) {
        let (feeder, pieces) = mpsc::unbounded_channel();
        (feeder, Fed(pieces))
    }

    fn limits(bytes_max: u64, deadline_seconds: u64, rate_bytes_per_second_min: u64) -> BodyLimits {
        BodyLimits { bytes_max, deadline: Duration::from_secs(deadline_seconds), rate_bytes_per_second_min }
    }

    fn declaring(length: u64) -> HeaderMap {
        HeaderMap::from_iter([(CONTENT_LENGTH, HeaderValue::from(length))])
    }

    /// Feeds `bytes` every `every` until the reader stops listening.
    fn feed_steadily(bytes: &'static [u8], every: Duration) -> Fed {
        let (feeder, body) = fed();
        tokio::spawn(async move {
            while feeder.send(Ok(Bytes::from_static(bytes))).is_ok() {
                tokio::time::sleep(every).await;
            }
        });
        body
    }

    #[tokio::test]
    async fn a_body_in_one_piece_is_not_copied() {
        let (feeder, body) = fed();
        let sent = Bytes::from(vec![b'x'; 2600]);
        feeder.send(Ok(sent.clone())).unwrap();
        drop(feeder);
        let got = read(body, &limits(2600, 10, 1), &HeaderMap::new()).await.unwrap();
        assert_eq!(got.as_ptr(), sent.as_ptr());
        assert_eq!(got, sent);
    }

    #[tokio::test]
    async fn pieces_are_joined_in_order() {
        let (feeder, body) = fed();
        for piece in ["", "ab", "", "c", "def"] {
            feeder.send(Ok(Bytes::from_static(piece.as_bytes()))).unwrap();
        }
        drop(feeder);
        assert_eq!(read(body, &limits(6, 10, 1), &declaring(6)).await.unwrap(), "abcdef");
    }

    #[tokio::test]
    async fn a_declared_length_above_the_limit_is_refused_unread() {
        let (feeder, body) = fed();
        assert_eq!(read(body, &limits(10, 10, 1), &declaring(11)).await, Err(ReadError::TooLarge { limit: 10 }));
        assert!(feeder.is_closed());
    }

    #[tokio::test]
    async fn an_undeclared_length_above_the_limit_is_refused_on_the_way() {
        let body = feed_steadily(b"12345678", Duration::ZERO);
        assert_eq!(read(body, &limits(20, 10, 1), &HeaderMap::new()).await, Err(ReadError::TooLarge { limit: 20 }));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_is_cut_off_after_the_grace() {
        let started = Instant::now();
        let body = feed_steadily(b"1", Duration::from_millis(100));
        let error = read(body, &limits(1000, 60, 100), &HeaderMap::new()).await.unwrap_err();
        assert_eq!(error, ReadError::TooSlow { rate_bytes_per_second_min: 100 });
        assert_eq!(started.elapsed().as_secs(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stops_is_cut_off_though_nothing_comes() {
        let (feeder, body) = fed();
        feeder.send(Ok(Bytes::from_static(&[0; 250]))).unwrap();
        let started = Instant::now();
        let error = read(body, &limits(1000, 60, 100), &declaring(1000)).await.unwrap_err();
        assert_eq!(error, ReadError::TooSlow { rate_bytes_per_second_min: 100 });
        assert_eq!(started.elapsed().as_secs(), 4, "250 bytes are enough for two counted seconds, not for three");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_is_fast_enough_is_read_for_as_long_as_it_may() {
        let started = Instant::now();
        let body = feed_steadily(&[0; 20], Duration::from_millis(100));
        let error = read(body, &limits(1 << 20, 30, 100), &HeaderMap::new()).await.unwrap_err();
        assert_eq!(error, ReadError::DeadlinePassed { deadline: Duration::from_secs(30) });
        assert_eq!(started.elapsed().as_secs(), 30);
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_below_a_second_holds() {
        let (_feeder, body) = fed();
        let limits = BodyLimits { deadline: Duration::from_millis(200), ..limits(10, 0, 1) };
        let started = Instant::now();
        assert!(matches!(read(body, &limits, &HeaderMap::new()).await, Err(ReadError::DeadlinePassed { .. })));
        assert!(started.elapsed() < Duration::from_millis(300));
    }

    #[tokio::test]
    async fn what_broke_the_body_is_told() {
        for (broken, expected) in
            [(BrokenBody::Disconnected, ReadError::Disconnected), (BrokenBody::Malformed, ReadError::Malformed)]
        {
            let (feeder, body) = fed();
            feeder.send(Ok(Bytes::from_static(b"half"))).unwrap();
            feeder.send(Err(broken)).unwrap();
            assert_eq!(read(body, &limits(100, 10, 1), &HeaderMap::new()).await, Err(expected));
        }
    }

    #[tokio::test]
    async fn bytes_that_are_here_are_a_body() {
        let body = RequestBody::from(Bytes::from_static(b"here"));
        assert_eq!(read(body, &limits(4, 10, 1), &HeaderMap::new()).await.unwrap(), "here");
    }

    #[test]
    fn every_coding_but_identity_is_told() {
        let codings = |values: &[&'static str]| {
            let headers = values.iter().map(|value| (CONTENT_ENCODING, HeaderValue::from_static(value)));
            content_coding(&headers.collect())
        };
        assert_eq!(codings(&[]), None);
        for none in [&["Identity"][..], &["identity, IDENTITY"], &["identity", "Identity\t"]] {
            assert_eq!(codings(none), None, "{none:?}");
        }
        assert_eq!(codings(&["gzip"]).as_deref(), Some("gzip"));
        for some in [&["identity", "br"][..], &["br", "identity"], &[""], &["identity,"], &["identity;q=1"]] {
            assert_eq!(codings(some), Some(some.join(",")), "{some:?}");
        }
        assert_eq!(codings(&["identity, gzip"]).as_deref(), Some("identity, gzip"));
    }
}
