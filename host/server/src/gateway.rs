//! The gateway: takes a request in, has [`crate::chain`] carry it, and answers, whatever happens.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use jiff::Timestamp;
use portgate_store::Journal;
use tokio::sync::Semaphore;
use uuid::{NoContext, Uuid};

use crate::audit::Audit;
use crate::chain::{self, Account, InProgress, Surroundings, Upstreams};
use crate::configuration::Configuration;
use crate::connection::{FramingViolation, Handler, Network, Peer, RequestBody, ResponseBody, Shutdown};
use crate::events::EventIds;
use crate::metrics::Metrics;
use crate::observed::Observed;
use crate::problem::{self, Problem};
use crate::quarantine::{Announcements, Quarantines};
use crate::reading;
use crate::refusal::{Refusal, framing_problem};
use crate::reload::Overdue;
use crate::strangers::{Shed, Sheds, Strangers};
use crate::trace::RequestTrace;

/// What every request meets. Cheap to share; the configuration inside is swapped by [`crate::reload`].
pub(crate) struct Gateway {
    pub(crate) configuration: Arc<ArcSwap<Configuration>>,
    pub(crate) metrics: Metrics,
    pub(crate) observed: Observed,
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) audit: Audit,
    pub(crate) quarantines: Quarantines,
    pub(crate) event_ids: EventIds,
    /// Whether changed files are taken up.
    pub(crate) overdue: Overdue,
    /// Begins when no more requests are taken.
    pub(crate) stopping: Shutdown,
    in_progress: InProgress,
    upstreams: Upstreams,
    strangers: Strangers,
    pub(crate) sheds: Arc<Sheds>,
    /// For requests whose callers are proven.
    places: Semaphore,
}

impl Gateway {
    /// With what is to be announced of its quarantines.
    pub(crate) fn new(
        configuration: Configuration,
        journal: Arc<dyn Journal>,
        audit: Audit,
        event_ids: EventIds,
    ) -> (Self, Announcements) {
        let places = Semaphore::new(configuration.policies.gateway.caps.requests_in_flight_max as usize);
        let overdue = Overdue::default();
        let metrics = Metrics::new(audit.lost(), overdue.gauge.clone());
        let sheds = Arc::new(Sheds::new(metrics.strangers_shed.clone()));
        let strangers = Strangers::new(&configuration.policies.gateway, Arc::clone(&sheds));
        let (quarantines, announcements) = Quarantines::new(metrics.quarantine.failed_calls());
        let gateway = Gateway {
            configuration: Arc::new(ArcSwap::from_pointee(configuration)),
            metrics,
            observed: Observed::new(),
            journal,
            audit,
            quarantines,
            event_ids,
            overdue,
            stopping: Shutdown::new(),
            in_progress: InProgress::default(),
            upstreams: Upstreams::new(),
            strangers,
            sheds,
            places,
        };
        (gateway, announcements)
    }

    /// Answers one request. Cannot fail: every refusal becomes a problem, and every end is logged and counted once.
    async fn answer(&self, request: Request<RequestBody>, peer: &Peer) -> Response<ResponseBody> {
        let began = Instant::now();
        let trace = RequestTrace::begin(request.headers(), request_id());
        let mut account = Account::default();
        self.metrics.in_flight.inc();
        let result = self.within_deadline(request, peer, &trace, &mut account).await;
        self.metrics.in_flight.dec();
        let (mut response, outcome) = match result {
            Ok(response) => (response, "ok"),
            Err(refusal) => {
                note(&refusal, &trace);
                let problem = refusal.problem();
                (problem.render(&trace.instance()).map(ResponseBody::from), problem.kind.slug)
            }
        };
        let headers = response.headers_mut();
        account.allowances.write(headers);
        std::mem::take(&mut account.lifecycle).write(headers);
        if let Ok(id) = HeaderValue::from_str(&trace.id) {
            headers.insert("x-request-id", id);
        }
        self.account_for(&account, &trace, outcome, response.status(), began.elapsed());
        response
    }

    async fn within_deadline(
        &self,
        request: Request<RequestBody>,
        peer: &Peer,
        trace: &RequestTrace,
        account: &mut Account,
    ) -> Result<Response<ResponseBody>, Refusal> {
        if let Some(slug) = request.uri().path().strip_prefix("/problems/") {
            return Ok(problem_page(request.method(), slug)?.map(ResponseBody::from));
        }
        let configuration = self.configuration.load_full();
        let after_ms = configuration.policies.gateway.deadlines.request_ms;
        let around = Surroundings {
            configuration: &configuration,
            metrics: &self.metrics,
            observed: &self.observed,
            upstreams: &self.upstreams,
            journal: &self.journal,
            audit: &self.audit,
            quarantines: &self.quarantines,
            in_progress: &self.in_progress,
            trace,
            peer,
            strangers: &self.strangers,
            places: &self.places,
            now: now(),
        };
        let path = request.uri().path();
        let reads = path == "/v1/events" || path.starts_with("/v1/exchanges/");
        // On the heap, because what wraps it would move it several times otherwise.
        let work = Box::pin(async {
            match reads {
                true => reading::read(self, &around, request, account).await,
                false => Ok(chain::carry(&around, request, account).await?.map(ResponseBody::from)),
            }
        });
        match tokio::time::timeout(Duration::from_millis(after_ms), work).await {
            Ok(result) => result,
            Err(_) => Err(Refusal::RequestTooSlow { after_ms }),
        }
    }

    fn account_for(
        &self,
        account: &Account,
        trace: &RequestTrace,
        outcome: &'static str,
        status: StatusCode,
        took: Duration,
    ) {
        let (contract, version) = match &account.contract {
            Some(contract) => (contract.name.as_str(), contract.version.as_str()),
            None => ("", ""),
        };
        let partner = account.partner.as_deref().unwrap_or_default();
        self.metrics.request(contract, partner, outcome, took.as_secs_f64());
        tracing::info!(
            request = trace.id,
            trace_id = trace.trace_id,
            span_id = trace.span_id,
            partner,
            contract,
            version,
            status = status.as_u16(),
            outcome,
            body_bytes = account.body_bytes,
            micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            "request"
        );
    }
}

/// The time as the journal keeps it, to the microsecond: a replay gives the plugin the very time that it had.
pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

/// A request's identifier: a time and random bits, not a count of what others send.
fn request_id() -> Uuid {
    Uuid::new_v7(uuid::Timestamp::now(NoContext))
}

/// Logs why a request was refused: a fault of ours loudly, a fault of the caller's quietly. What made room for others is
/// told now and then for all.
fn note(refusal: &Refusal, trace: &RequestTrace) {
    if refusal.is_ours() && !matches!(refusal, Refusal::StrangerShed { .. }) {
        tracing::warn!(request = trace.id, "{refusal}");
    } else {
        tracing::debug!(request = trace.id, "{refusal}");
    }
}

fn problem_page(method: &Method, slug: &str) -> Result<Response<Bytes>, Refusal> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return Err(Refusal::MethodNotAllowed { allow: "GET, HEAD" });
    }
    let page = problem::page(slug).ok_or(Refusal::NotFound)?;
    let mut response = Response::new(Bytes::from(page));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    Ok(response)
}

impl Handler for Gateway {
    async fn handle(&self, request: Request<RequestBody>, peer: Arc<Peer>) -> Response<ResponseBody> {
        self.answer(request, &peer).await
    }

    fn refuse(&self, violation: &FramingViolation, _: &Peer) -> Response<ResponseBody> {
        self.refuse_unread(&framing_problem(violation))
    }

    fn panicked(&self, _: &Peer) -> Response<ResponseBody> {
        tracing::error!("a request's task panicked");
        self.refuse_unread(&Refusal::Panicked.problem())
    }

    fn made_room(&self, ended: usize, newcomer: Network) {
        self.sheds.note(Shed::Connection, ended as u64, newcomer);
    }
}

impl Gateway {
    /// The answer to a request that never became one, or whose account is lost.
    fn refuse_unread(&self, problem: &Problem) -> Response<ResponseBody> {
        let instance = format!("urn:uuid:{}", request_id());
        self.metrics.request("", "", problem.kind.slug, 0.0);
        tracing::info!(instance, outcome = problem.kind.slug, "request refused");
        problem.render(&instance).map(ResponseBody::from)
    }
}
