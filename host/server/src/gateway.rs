//! The gateway: takes a request in, has [`crate::chain`] carry it, and answers, whatever happens.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use portgate_core::finding::Finding;
use portgate_http::connection::{FramingViolation, Handler, Network, Peer, RequestBody, ResponseBody};
use tokio::sync::Semaphore;
use uuid::{NoContext, Uuid};

use crate::chain::{self, Account, DRY_RUN_FIELD, InProgress, Surroundings, Upstreams};
use crate::clock::now;
use crate::partner_api;
use crate::problem::{self, Problem};
use crate::reading;
use crate::refusal::{Refusal, framing_problem};
use crate::shed::Shed;
use crate::state::State;
use crate::strangers::Strangers;
use crate::trace::RequestTrace;

/// The codes of findings that a request's line in the log lists.
const CODES_MAX: usize = 8;

/// What every request meets.
pub(crate) struct Gateway {
    state: Arc<State>,
    in_progress: InProgress,
    upstreams: Upstreams,
    strangers: Strangers,
    /// For requests whose callers are proven.
    places: Semaphore,
}

impl Gateway {
    /// A gateway over this state, within the limits of the configuration that it begins with.
    pub(crate) fn new(state: Arc<State>) -> Self {
        let configuration = state.configuration.load();
        let settings = &configuration.policies.gateway;
        Gateway {
            in_progress: InProgress::default(),
            upstreams: Upstreams::new(),
            strangers: Strangers::new(settings, Arc::clone(&state.sheds)),
            places: Semaphore::new(settings.caps.requests_in_flight_max as usize),
            state: Arc::clone(&state),
        }
    }

    /// Answers one request. Cannot fail: every refusal becomes a problem, and every end is logged and counted once.
    async fn answer(&self, request: Request<RequestBody>, peer: &Peer) -> Response<ResponseBody> {
        let began = Instant::now();
        let trace = RequestTrace::begin(request.headers(), request_id());
        let mut account = Account::default();
        self.state.metrics.in_flight.inc();
        let result = self.within_deadline(request, peer, &trace, &mut account).await;
        self.state.metrics.in_flight.dec();
        let (mut response, outcome) = match result {
            Ok(response) => (response, "ok"),
            Err(Refusal::Answered { refusal, answer }) => {
                note(&refusal, &trace);
                (chain::give(answer).map(ResponseBody::from), refusal.kind().slug)
            }
            Err(refusal) => {
                note(&refusal, &trace);
                account.findings = codes(refusal.own_findings());
                let problem = refusal.problem();
                let instance = match account.refused(&refusal, &problem, &trace, now()) {
                    Some(message) => self.state.refused.keep(message).await.map(|id| format!("/v1/exchanges/{id}")),
                    None => None,
                };
                (
                    problem.render(&instance.unwrap_or_else(|| trace.instance())).map(ResponseBody::from),
                    problem.kind.slug,
                )
            }
        };
        let headers = response.headers_mut();
        account.allowances.write(headers);
        if account.dry_run {
            headers.insert(DRY_RUN_FIELD, HeaderValue::from_static("?1"));
        }
        std::mem::take(&mut account.lifecycle).write(headers);
        if let Ok(id) = HeaderValue::from_str(&trace.id) {
            headers.insert("x-request-id", id);
        }
        // What the partner was told is found under: its own, or the one that had the message before.
        let place = response.headers().get(header::LOCATION).and_then(|place| place.to_str().ok());
        account.exchange = place.and_then(|place| place.strip_prefix("/v1/exchanges/")).unwrap_or_default().to_owned();
        self.account_for(&account, &trace, peer, outcome, response.status(), began.elapsed());
        response
    }

    async fn within_deadline(
        &self,
        request: Request<RequestBody>,
        peer: &Peer,
        trace: &RequestTrace,
        account: &mut Account,
    ) -> Result<Response<ResponseBody>, Refusal> {
        if let Some(page) = page_at(request.uri().path()) {
            return Ok(shown(request.method(), page?)?.map(ResponseBody::from));
        }
        let configuration = self.state.configuration.load_full();
        let after_ms = configuration.policies.gateway.deadlines.request_ms;
        let around = Surroundings {
            configuration: &configuration,
            state: &self.state,
            upstreams: &self.upstreams,
            in_progress: &self.in_progress,
            trace,
            peer,
            strangers: &self.strangers,
            places: &self.places,
            now: now(),
        };
        let reads = reading::is_read(request.uri().path());
        // On the heap, because what wraps it would move it several times otherwise.
        let work = Box::pin(async {
            match reads {
                true => reading::read(&around, request, account).await,
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
        peer: &Peer,
        outcome: &'static str,
        status: StatusCode,
        took: Duration,
    ) {
        let (contract, version) = match &account.contract {
            Some(contract) => (contract.name.as_str(), contract.version.as_str()),
            None => ("", ""),
        };
        let partner = account.sender.as_deref().unwrap_or_default();
        self.state.metrics.request(contract, partner, outcome, took.as_secs_f64());
        tracing::info!(
            request = trace.id,
            trace_id = trace.trace_id,
            span_id = trace.span_id,
            peer = %peer.address,
            partner,
            contract,
            version,
            status = status.as_u16(),
            outcome,
            exchange = account.exchange,
            findings = account.findings,
            dry_run = account.dry_run,
            body_bytes = account.body_bytes,
            micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            "request"
        );
    }
}

/// A request's identifier: a time and random bits, not a count of what others send.
fn request_id() -> Uuid {
    Uuid::new_v7(uuid::Timestamp::now(NoContext))
}

/// The codes of findings, each once, as many as a line of the log has room for.
fn codes(findings: &[Finding]) -> String {
    let mut codes: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.truncate(CODES_MAX);
    codes.join(" ")
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

/// What there is for everybody at a path: pages for people, and the description of what partners can ask.
fn page_at(path: &str) -> Option<Result<(&'static str, Bytes), Refusal>> {
    const HTML: &str = "text/html; charset=utf-8";
    match path {
        "/" | "/problems" | "/problems/" => Some(Ok((HTML, problem::index().into()))),
        "/openapi.json" => Some(Ok(("application/json", partner_api::served()))),
        _ => {
            let page = problem::page(path.strip_prefix("/problems/")?);
            Some(page.map(|page| (HTML, page.into())).ok_or(Refusal::NotFound))
        }
    }
}

fn shown(method: &Method, (media_type, page): (&'static str, Bytes)) -> Result<Response<Bytes>, Refusal> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return Err(Refusal::MethodNotAllowed { allow: "GET, HEAD".into() });
    }
    let mut response = Response::new(page);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
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
        self.state.sheds.note(Shed::Connection, ended as u64, newcomer);
    }
}

impl Gateway {
    /// The answer to a request that never became one, or whose account is lost.
    fn refuse_unread(&self, problem: &Problem) -> Response<ResponseBody> {
        let instance = format!("urn:uuid:{}", request_id());
        self.state.metrics.request("", "", problem.kind.slug, 0.0);
        tracing::info!(instance, outcome = problem.kind.slug, "request refused");
        problem.render(&instance).map(ResponseBody::from)
    }
}
