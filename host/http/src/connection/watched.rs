//! A connection's bytes, with every movement noted in its [`Activity`], and read through its [`Inlet`].
//!
//! It also puts a problem document in the place of the bare status line with which hyper answers a head that it cannot
//! parse, so that a caller never gets an error without a reason. It changes nothing else of what is sent.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

use super::FramingViolation;
use super::activity::Activity;
use super::inlet::Inlet;
use super::own_answer::OwnAnswers;
use super::room::Standing;

/// After so many bytes of one connection the other tasks of the worker come first.
const READ_AT_ONCE_BYTES: usize = 32 << 10;

/// The same for an HTTP/2 connection over which nobody was proven yet: a request takes some forty bytes of it, and hyper
/// begins all that it is given in one go. The partners behind it wait for that.
const STRANGER_READ_AT_ONCE_BYTES: usize = 256;

/// A stream of bytes that is watched.
pub(super) struct Watched<I> {
    io: I,
    inlet: Inlet,
    activity: Arc<Activity>,
    /// Bytes that were read since others could last go before.
    read_at_once: usize,
    /// HTTP/1 only: HTTP/2 refuses a malformed head with a frame.
    own_answers: Option<OwnAnswers>,
    /// HTTP/2 only: whether somebody was proven over it.
    standing: Option<Arc<Standing>>,
    /// The problem document that is being written in place of hyper's own answer.
    substitute: Bytes,
}

impl<I: AsyncRead + AsyncWrite + Unpin> Watched<I> {
    pub(super) fn http1(io: I, inlet: Inlet, activity: Arc<Activity>, own_answers: OwnAnswers) -> Self {
        let (own_answers, substitute) = (Some(own_answers), Bytes::new());
        Watched { io, inlet, activity, read_at_once: 0, own_answers, standing: None, substitute }
    }

    pub(super) fn http2(io: I, inlet: Inlet, activity: Arc<Activity>, standing: Arc<Standing>) -> Self {
        let (standing, substitute) = (Some(standing), Bytes::new());
        Watched { io, inlet, activity, read_at_once: 0, own_answers: None, standing, substitute }
    }

    /// Answers without hyper, and ends the stream.
    pub(super) async fn refuse(mut self, violation: FramingViolation) -> io::Result<()> {
        if let Some(own_answers) = &self.own_answers {
            self.io.write_all(&own_answers.render(violation)).await?;
        }
        self.io.shutdown().await
    }

    fn poll_substitute(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.substitute.is_empty() {
            let written = ready!(Pin::new(&mut self.io).poll_write(context, &self.substitute))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.substitute.advance(written);
        }
        Poll::Ready(Ok(()))
    }

    /// Takes hyper's own answer out of `bytes`, if that is what they are.
    fn takes_place_of(&mut self, bytes: &[u8]) -> bool {
        let Some(own_answers) = &self.own_answers else {
            return false;
        };
        if !self.activity.nothing_to_answer() {
            return false;
        }
        match OwnAnswers::recognise(bytes) {
            Some(violation) => {
                // hyper knows only that it was given nothing that it could read.
                self.substitute = own_answers.render(self.inlet.violation().unwrap_or(violation));
                true
            }
            None => false,
        }
    }

    fn noted<T>(&self, progress: Poll<io::Result<T>>, went: impl FnOnce(&T) -> usize) -> Poll<io::Result<T>> {
        match &progress {
            Poll::Pending => self.activity.writing_stalled(),
            Poll::Ready(Ok(done)) => self.activity.bytes_went(went(done)),
            Poll::Ready(Err(_)) => {}
        }
        progress
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> AsyncRead for Watched<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Watched { io, inlet, activity, read_at_once, standing, .. } = &mut *self;
        let is_stranger = standing.as_ref().is_some_and(|standing| !standing.is_proven());
        let most = if is_stranger { STRANGER_READ_AT_ONCE_BYTES } else { READ_AT_ONCE_BYTES };
        if *read_at_once >= most {
            *read_at_once = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        let progress = match is_stranger {
            true => {
                let mut some = AsyncReadExt::take(&mut *io, (most - *read_at_once) as u64);
                inlet.poll_read(&mut some, activity, context, buffer)
            }
            false => inlet.poll_read(io, activity, context, buffer),
        };
        *read_at_once = if progress.is_ready() { *read_at_once + (buffer.filled().len() - before) } else { 0 };
        progress
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<I> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_substitute(context))?;
        if self.takes_place_of(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        let progress = Pin::new(&mut self.io).poll_write(context, bytes);
        self.noted(progress, |written| *written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_substitute(context))?;
        // hyper's own answer has no body, so it is all in one slice.
        if let [bytes] = slices
            && self.takes_place_of(bytes)
        {
            return Poll::Ready(Ok(bytes.len()));
        }
        let progress = Pin::new(&mut self.io).poll_write_vectored(context, slices);
        self.noted(progress, |written| *written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut progress = self.poll_substitute(context);
        if matches!(progress, Poll::Ready(Ok(()))) {
            progress = Pin::new(&mut self.io).poll_flush(context);
        }
        if matches!(progress, Poll::Ready(Ok(()))) {
            self.activity.flushed();
        }
        self.noted(progress, |()| 0)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut progress = self.poll_substitute(context);
        if matches!(progress, Poll::Ready(Ok(()))) {
            progress = Pin::new(&mut self.io).poll_shutdown(context);
        }
        self.noted(progress, |()| 0)
    }
}
