//! The way of one message, stage by stage.
//!
//! Each stage takes the proof that the stage before it made and makes its own, so a stage that is left out or moved
//! does not compile: nothing is read before the caller is permitted and counted, nothing reaches a plugin unchecked.
//! A proof can only be made in its stage's file. `carry` is the whole story on one screen; every `?` is a stage that
//! can refuse, and [`crate::refusal`] says what the partner then hears.

pub(crate) mod answer;
mod authenticate;
mod check;
mod commit;
mod decode;
mod deduplicate;
mod dry_run;
mod forward;
mod keep;
mod park;
mod permit;
mod read;
mod refuse;
mod route;
mod throttle;

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use portgate_http::auth::Credential;
use portgate_http::connection::{Peer, RequestBody};
use portgate_store::RequestKey;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::configuration::Configuration;
use crate::intake::Incoming;
use crate::intake::Intake;
use crate::refusal::Refusal;
use crate::state::State;
use crate::strangers::Strangers;
use crate::throttle::Allowances;
use crate::trace::RequestTrace;
use deduplicate::Deduplicated;
use park::MaybeParked;

/// What the stages share without changing it: the configuration that this request began with, and its identity.
pub(crate) struct Surroundings<'a> {
    pub(crate) configuration: &'a Arc<Configuration>,
    pub(crate) state: &'a State,
    pub(crate) upstreams: &'a forward::Upstreams,
    pub(crate) in_progress: &'a InProgress,
    pub(crate) trace: &'a RequestTrace,
    pub(crate) peer: &'a Peer,
    pub(crate) strangers: &'a Strangers,
    pub(crate) places: &'a Semaphore,
    pub(crate) now: jiff::Timestamp,
}

impl<'a> Surroundings<'a> {
    /// Finds the one credential that the head presents, and checks it as far as the head allows.
    pub(crate) async fn credential(&self, head: &Parts) -> Result<Credential, Refusal> {
        let authenticator = &self.configuration.authenticator;
        let checking = authenticator.authenticate(head, self.peer.certificate.as_ref(), self.now);
        // Where an issuer's keys have to be fetched first, a stranger is waited for.
        Ok(self.strangers.attend(self.peer.network(), checking).await??)
    }

    /// What takes the message in.
    pub(crate) fn intake(&self) -> Intake<'a> {
        Intake { state: self.state, configuration: self.configuration, now: self.now }
    }

    /// One of the gateway's places, for a request whose caller is proven.
    pub(crate) fn place(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        self.places.try_acquire().map_err(|_| Refusal::GatewayBusy)
    }
}

/// What is known of a request so far, for its log line, its metrics and the headers of its answer, however it ends.
#[derive(Default)]
pub(crate) struct Account {
    pub(crate) contract: Option<Arc<crate::configuration::Contract>>,
    /// The partner, or the partner that tests.
    pub(crate) sender: Option<Arc<str>>,
    /// Whether nothing is to come of it.
    pub(crate) dry_run: bool,
    pub(crate) allowances: Allowances,
    pub(crate) lifecycle: route::LifecycleHeaders,
    pub(crate) body_bytes: u64,
    /// The message as it came, from when on it is here.
    incoming: Option<Incoming>,
    /// What it is known by when it comes again.
    known_by: Vec<RequestKey>,
    /// The exchange that the answer names; empty where it names none.
    pub(crate) exchange: String,
    /// Codes of what the gateway itself has found wrong with the payload.
    pub(crate) findings: String,
}

pub(crate) use answer::give;
pub(crate) use deduplicate::InProgress;
pub(crate) use dry_run::FIELD as DRY_RUN_FIELD;
pub(crate) use forward::Upstreams;

/// Carries one message from its head to its answer.
pub(crate) async fn carry(
    around: &Surroundings<'_>,
    request: Request<RequestBody>,
    account: &mut Account,
) -> Result<Response<Bytes>, Refusal> {
    let (head, body) = request.into_parts();
    let routed = route::route(around, &head, account)?;
    account.dry_run = dry_run::is_asked_for(&head)?;
    let authenticated = authenticate::authenticate(around, routed, &head, body, account).await?;
    let permitted = permit::permit(around, authenticated)?;
    let _place = around.place()?;
    let throttled = throttle::throttle(permitted, account).await?;
    let received = read::read(around, throttled, &head, account).await?;
    if account.dry_run {
        account.incoming = None;
        return dry_run::run(around, received, &head).await;
    }
    let fresh = match deduplicate::deduplicate(around, received, &head, account).await? {
        Deduplicated::Fresh(fresh) => fresh,
        Deduplicated::Answered(before) => return Ok(answer::give(before)),
    };
    let checked = check::check(around, fresh)?;
    let callable = match park::park(around, checked).await? {
        MaybeParked::Callable(callable) => callable,
        MaybeParked::Parked(parked) => return Ok(answer::give(parked.answer)),
    };
    let decoded = decode::decode(around, callable, account).await?;
    if let Some(upstream) = decoded.upstream() {
        return forward::forward(around, upstream, decoded).await;
    }
    let committed = commit::commit(around, decoded, answer::Preference::of(&head.headers)).await?;
    Ok(answer::give(committed.answer))
}
