//! Callers who have not proven who they are, and all that may be spent on them.
//!
//! What a request's head says by itself is judged at once and keeps nothing. Only a stranger who must be waited for takes
//! something: a place ([`places`]), memory for the body that a webhook's signature covers, time on a processor to hash it
//! ([`hashing`]). Each is bounded over all strangers and shared out by network: when there is no more, the network that
//! has most of it gives way, so that whoever behaves finds room while others take all they can. With the proof everything
//! is given back, and only then does a request take one of the gateway's places. Connections are shared out the same way
//! before there is a request, by `connection::room`.

mod hashing;
mod places;

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use hyper::body::{Body, Frame, SizeHint};
use jiff::Timestamp;
use portgate_core::policy;
use portgate_http::auth::{Identity, SignedRequest};
use portgate_http::body::{self, BodyLimits, BrokenBody, ReadError};
use portgate_http::connection::{Network, RequestBody};
use tokio::sync::Semaphore;

use crate::refusal::Refusal;
use crate::shed::{Shed, Sheds};
use hashing::Hashing;
use places::{Place, Places};

/// Up to so many bytes are hashed where the request is worked on: it takes less time than to have it done elsewhere.
const HASHED_AT_ONCE_BYTES_MAX: u64 = 64 << 10;

/// So long a request waits for its network's account to be refilled. Whoever is refused at once comes again at once, a
/// thousand times a second, and that costs more than the hashing that it is refused.
const OVERDRAWN_WAIT: Duration = Duration::from_secs(1);

/// What all strangers of one listener share.
pub(crate) struct Strangers {
    places: Places,
    hashing: Hashing,
    /// For hashing more than [`HASHED_AT_ONCE_BYTES_MAX`].
    threads: Arc<Semaphore>,
    hashed_bytes_per_request_max: u64,
    body_deadline: Duration,
    body_rate_bytes_per_second_min: u64,
    sheds: Arc<Sheds>,
}

impl Strangers {
    /// Within the policy's limits.
    pub(crate) fn new(policy: &policy::Gateway, sheds: Arc<Sheds>) -> Self {
        let policy::Strangers {
            requests_max,
            body_bytes_max,
            body_ms,
            body_rate_bytes_per_second_min,
            hashed_bytes_per_second_max,
            hashed_bytes_per_request_max,
        } = policy.strangers;
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let hashed_bytes_per_request_max = hashed_bytes_per_request_max.max(policy.caps.body_bytes_max);
        Strangers {
            places: Places::new(
                usize::try_from(requests_max).unwrap_or(usize::MAX),
                body_bytes_max.max(policy.caps.body_bytes_max),
            ),
            hashing: Hashing::new(hashed_bytes_per_second_max, hashed_bytes_per_request_max),
            threads: Arc::new(Semaphore::new((processors / 4).max(1))),
            hashed_bytes_per_request_max,
            body_deadline: Duration::from_millis(body_ms),
            body_rate_bytes_per_second_min,
            sheds,
        }
    }

    /// Does what a stranger asks for. What is done at once takes no place; what has to be waited for takes one, and ends
    /// unfinished when another needs it more.
    ///
    /// # Errors
    ///
    /// [`Refusal::StrangerShed`].
    pub(crate) async fn attend<T>(&self, network: Network, work: impl Future<Output = T>) -> Result<T, Refusal> {
        let mut work = pin!(work);
        if let Poll::Ready(done) = poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await {
            return Ok(done);
        }
        let place = self.enter(network)?;
        self.unless_needed(&place, work).await
    }

    /// Reads the body of a signed request and says who signed it. Nothing of the body is read for a network that has sent
    /// more wrong signatures than its share: its requests wait for a second, and are refused if it has none left then.
    ///
    /// # Errors
    ///
    /// [`Refusal`]: whatever is wrong with body or signature, or that there is no room for a stranger.
    pub(crate) async fn read_signed(
        &self,
        network: Network,
        signed: SignedRequest,
        body: RequestBody,
        limits: &BodyLimits,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<(Identity, Bytes), Refusal> {
        // Each secret that may have signed it hashes the whole body.
        let each_bytes_max = self.hashed_bytes_per_request_max / signed.candidates().max(1);
        let is_crowded = each_bytes_max < limits.bytes_max;
        let limits = BodyLimits {
            bytes_max: limits.bytes_max.min(each_bytes_max),
            deadline: limits.deadline.min(self.body_deadline),
            rate_bytes_per_second_min: limits.rate_bytes_per_second_min.max(self.body_rate_bytes_per_second_min),
        };
        let place = self.enter(network)?;
        if !self.has_hashing_left(network) {
            self.unless_needed(&place, tokio::time::sleep(OVERDRAWN_WAIT)).await?;
            self.may_hash(network)?;
        }
        let read = body::read(Held { body, place: &place }, &limits, headers);
        let bytes = self.unless_needed(&place, read).await?.map_err(|error| match error {
            ReadError::TooLarge { limit } if is_crowded => Refusal::SignerUnnamed { limit },
            error => Refusal::Read(error),
        })?;
        let hashed_bytes = signed.hashed_bytes(bytes.len());
        if hashed_bytes <= HASHED_AT_ONCE_BYTES_MAX {
            return Ok((self.verify_at_once(network, signed, &bytes, now)?, bytes));
        }
        let thread = Arc::clone(&self.threads).acquire_owned();
        let thread = self.unless_needed(&place, thread).await?.expect("the semaphore is never closed");
        // Others of its network may have been found out while this waited.
        self.may_hash(network)?;
        let hashed = bytes.clone();
        // The thread is taken for as long as it hashes, whether or not anybody still waits for it.
        let verifying = tokio::task::spawn_blocking(move || {
            let _thread = thread;
            signed.verify(&hashed, now)
        });
        let verified = verifying.await.map_err(|_| Refusal::Panicked)?;
        Ok((self.accounted(network, hashed_bytes, verified)?, bytes))
    }

    /// Says who signed a request whose body is here, and small or empty.
    ///
    /// # Errors
    ///
    /// [`Refusal`]: the signature is wrong, or the network has sent more wrong ones than its share.
    pub(crate) fn verify_at_once(
        &self,
        network: Network,
        signed: SignedRequest,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Identity, Refusal> {
        self.may_hash(network)?;
        let hashed_bytes = signed.hashed_bytes(body.len());
        self.accounted(network, hashed_bytes, signed.verify(body, now))
    }

    /// A right signature costs its sender nothing.
    fn accounted<E: Into<Refusal>>(
        &self,
        network: Network,
        hashed_bytes: u64,
        verified: Result<Identity, E>,
    ) -> Result<Identity, Refusal> {
        if verified.is_err() {
            self.hashing.charge(network, hashed_bytes, std::time::Instant::now());
        }
        verified.map_err(E::into)
    }

    fn may_hash(&self, network: Network) -> Result<(), Refusal> {
        match self.has_hashing_left(network) {
            true => Ok(()),
            false => Err(self.shed(Shed::Hashing, network)),
        }
    }

    fn has_hashing_left(&self, network: Network) -> bool {
        self.hashing.has_some_left(network, std::time::Instant::now())
    }

    fn enter(&self, network: Network) -> Result<Place<'_>, Refusal> {
        self.places.enter(network).ok_or_else(|| self.shed(Shed::Request, network))
    }

    /// The work's result, unless its place is needed by somebody else before.
    async fn unless_needed<T>(&self, place: &Place<'_>, work: impl Future<Output = T>) -> Result<T, Refusal> {
        tokio::select! {
            biased;
            what = place.is_needed() => Err(self.shed(what, place.network())),
            done = work => Ok(done),
        }
    }

    fn shed(&self, what: Shed, network: Network) -> Refusal {
        self.sheds.note(what, 1, network);
        Refusal::StrangerShed { what }
    }
}

/// A stranger's body, whose bytes count from when they are here.
struct Held<'p> {
    body: RequestBody,
    place: &'p Place<'p>,
}

impl Body for Held<'_> {
    type Data = Bytes;
    type Error = BrokenBody;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenBody>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            self.place.holds(data.len() as u64);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
