//! What hyper is given of what a client sends: over HTTP/1, whole units that [`Messages`] has judged, and nothing else.
//!
//! What is not all here yet is held back. Where framing breaks, hyper is given one byte in the place of all that follows, a
//! NUL, which no request and no chunk can begin with: it ends what hyper is reading, in its turn behind the
//! requests before it, and then the connection. So whatever could be read in two ways is neither executed nor seen.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, ReadBuf};

use super::FramingViolation;
use super::activity::Activity;
use super::messages::Messages;

/// No message, chunk or chunk's end begins with it, in anybody's reading.
const NOTHING_BEGINS_WITH: u8 = 0;

/// The reading side of one connection.
#[derive(Debug)]
pub(super) struct Inlet {
    /// HTTP/1 only: in HTTP/2 each frame says how long it is.
    messages: Option<Messages>,
    /// What came and was not given to hyper yet. The first `good` bytes can be given; behind them is no whole unit yet.
    held: BytesMut,
    good: usize,
    violation: Option<FramingViolation>,
}

impl Inlet {
    /// `read_before` was read before it was known which protocol the client speaks.
    pub(super) fn new(read_before: &Bytes, messages: Option<Messages>) -> Inlet {
        let mut inlet = Inlet { messages, held: BytesMut::from(&read_before[..]), good: 0, violation: None };
        inlet.judge_held();
        inlet
    }

    /// What was wrong with the framing, where something was.
    pub(super) fn violation(&self) -> Option<FramingViolation> {
        self.violation
    }

    /// Reads from `io`. Nothing in `buffer` means that nothing follows.
    pub(super) fn poll_read<I: AsyncRead + Unpin>(
        &mut self,
        io: &mut I,
        activity: &Activity,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if self.good > 0 {
                self.give(buffer);
                return Poll::Ready(Ok(()));
            }
            if self.violation.is_some() {
                return Poll::Ready(Ok(()));
            }
            let before = buffer.filled().len();
            ready!(Pin::new(&mut *io).poll_read(context, buffer))?;
            let came = &buffer.filled()[before..];
            if came.is_empty() {
                return Poll::Ready(Ok(()));
            }
            activity.bytes_came();
            let Some(messages) = &mut self.messages else { return Poll::Ready(Ok(())) };
            if !self.held.is_empty() {
                self.held.extend_from_slice(came);
                buffer.set_filled(before);
                self.judge_held();
                continue;
            }
            // Mostly all of it is good, and then it is where it should be already.
            let (good, verdict) = messages.judge(came);
            match verdict {
                Ok(()) => self.held.extend_from_slice(&came[good..]),
                Err(violation) => self.refuse(violation),
            }
            buffer.set_filled(before + good);
            if good > 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// Gives what is good and fits.
    fn give(&mut self, buffer: &mut ReadBuf<'_>) {
        let length = self.good.min(buffer.remaining());
        buffer.put_slice(&self.held[..length]);
        self.held.advance(length);
        self.good -= length;
        if self.held.is_empty() {
            // A connection that waits for its next request holds no memory for it.
            self.held = BytesMut::new();
        }
    }

    /// Finds out how much of what is held may be given.
    fn judge_held(&mut self) {
        let Some(messages) = &mut self.messages else {
            self.good = self.held.len();
            return;
        };
        let (good, verdict) = messages.judge(&self.held);
        self.good = good;
        if let Err(violation) = verdict {
            self.refuse(violation);
        }
    }

    /// Puts the end in the place of what is not good.
    fn refuse(&mut self, violation: FramingViolation) {
        self.held.truncate(self.good);
        self.held.extend_from_slice(&[NOTHING_BEGINS_WITH]);
        self.good += 1;
        self.violation = Some(violation);
    }
}
