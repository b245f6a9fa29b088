//! The operator API: is the process alive, is it ready, what has it counted, and under `/v1/` what operators see and do.
//! Partners never reach this listener.
//!
//! Health, metrics, the description of the API and the pages of problems are open to whoever reaches it, a few at a time.
//! Everything under `/v1/` wants an operator's key, and the permission for it; until it is shown nothing is read or waited
//! for. The routes stand in one table ([`routes`]).

mod answer;
mod asked;
mod audit;
mod changes;
mod codes;
mod costs;
mod deliveries;
mod exceptions;
mod exchanges;
mod filings;
mod filters;
mod found;
mod health;
mod kpi;
mod openapi;
mod places;
mod plugins;
mod quarantines;
mod reconciliations;
mod route;
mod routes;
mod shipments;
mod shown;
mod status;
mod tables;

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use portgate_core::audit::{Actor, Entry, Kind, Subject};
use portgate_http::connection::{FramingViolation, Handler, Network, Peer, RequestBody, ResponseBody};
use tokio::sync::Semaphore;

use self::answer::{Answer, Text};
use self::route::{Call, Found, Route, Serves, Visit, find};
use crate::clock::now;
use crate::refusal::Refusal;
use crate::shed::Shed;
use crate::state::State;
use crate::strangers::Strangers;

/// What answers on the operator listener.
pub(crate) struct OperatorApi {
    state: Arc<State>,
    routes: Vec<Route>,
    description: Bytes,
    strangers: Strangers,
    /// For questions about health and metrics, which ask the journal.
    askers: Semaphore,
}

/// Questions about health and metrics that are answered at a time.
const ASKERS_MAX: usize = 4;

impl OperatorApi {
    pub(crate) fn new(state: Arc<State>) -> Self {
        let configuration = state.configuration.load_full();
        let strangers = Strangers::new(&configuration.policies.gateway, Arc::clone(&state.sheds));
        let routes = routes::routes();
        let description = openapi::describe(&routes).to_string().into();
        OperatorApi { state, routes, description, strangers, askers: Semaphore::new(ASKERS_MAX) }
    }

    /// Answers whoever asks, in turn; who waits gives way to others like any stranger.
    async fn visit(&self, request: &Request<RequestBody>, peer: &Peer) -> Response<Bytes> {
        let answering = async {
            let path = request.uri().path();
            // Whether the process is alive must not depend on the journal.
            let asks_journal = matches!(path, "/readyz" | "/metrics");
            let _asker = if asks_journal { self.askers.acquire().await.ok() } else { None };
            let method = if *request.method() == Method::HEAD { &Method::GET } else { request.method() };
            match find(&self.routes, method, path) {
                Found::Route(Route { serves: Serves::Everybody(handler), .. }, named) => {
                    let (state, description) = (Arc::clone(&self.state), self.description.clone());
                    let query = request.uri().query().unwrap_or_default().to_owned();
                    let visited = handler(Visit { state, named, query, description }).await;
                    visited.unwrap_or_else(|refusal| refusal.problem().render(&instance()))
                }
                Found::OtherMethods(_) => text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n".to_owned()),
                Found::Route(..) | Found::Nothing => {
                    let open = self.routes.iter().filter(|route| route.is_open()).map(|route| route.path);
                    let here = format!("here are {} and /v1/\n", open.collect::<Vec<_>>().join(", "));
                    text(StatusCode::NOT_FOUND, here)
                }
            }
        };
        match self.strangers.attend(peer.network(), answering).await {
            Ok(response) => response,
            Err(_) => text(StatusCode::SERVICE_UNAVAILABLE, "too many ask at the same time\n".to_owned()),
        }
    }

    /// Answers an operator. Every end is logged once, with the operator's name.
    async fn answer(&self, request: Request<RequestBody>, peer: &Peer) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        let began = Instant::now();
        let mut operator = String::new();
        let (response, outcome) = match self.carry(&head, body, peer, &mut operator).await {
            Ok(response) => (response, "ok"),
            Err(refusal) => {
                if let Refusal::OperatorNotPermitted { permission } = refusal {
                    self.state.audit.note(vec![refused(&operator, permission, head.method.as_str())]).await;
                }
                if refusal.is_ours() {
                    tracing::warn!(operator, "{refusal}");
                }
                let problem = refusal.problem();
                (problem.render(&instance()), problem.kind.slug)
            }
        };
        let (method, path, status) = (head.method.as_str(), head.uri.path(), response.status().as_u16());
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        tracing::info!(operator, method, path, status, outcome, micros, "operator request");
        response
    }

    /// Who is it, what is asked, may that person do it, and only then: what exactly is asked, and the doing.
    async fn carry(
        &self,
        head: &Parts,
        body: RequestBody,
        peer: &Peer,
        name: &mut String,
    ) -> Result<Response<Bytes>, Refusal> {
        let operator = self.state.configuration.load_full().operators.identify(&head.headers)?;
        peer.prove();
        name.clone_from(&operator.name);
        let (route, named) = match find(&self.routes, &head.method, head.uri.path()) {
            Found::Route(route, named) => (route, named),
            Found::OtherMethods(allow) => return Err(Refusal::MethodNotAllowed { allow: allow.into() }),
            Found::Nothing => return Err(Refusal::NotFound),
        };
        let Serves::Operators { permission, asked, handler } = &route.serves else { return Err(Refusal::NotFound) };
        operator.needs(*permission)?;
        let input = asked.read(head, body).await?;
        handler(Call { state: Arc::clone(&self.state), operator, named }, input).await
    }
}

/// An operator was refused for want of a permission.
fn refused(operator: &str, permission: &str, method: &str) -> Entry {
    let entry = Entry::new(now(), Kind::OperatorRefused, Actor::operator(operator), Subject::gateway());
    entry.text("permission", permission).text("method", method)
}

fn instance() -> String {
    format!("urn:uuid:{}", uuid::Uuid::now_v7())
}

fn text(status: StatusCode, words: String) -> Response<Bytes> {
    Text { status, words }.respond()
}

impl Handler for OperatorApi {
    async fn handle(&self, request: Request<RequestBody>, peer: Arc<Peer>) -> Response<ResponseBody> {
        let response = match request.uri().path().starts_with("/v1/") {
            true => self.answer(request, &peer).await,
            false => self.visit(&request, &peer).await,
        };
        response.map(ResponseBody::from)
    }

    fn refuse(&self, violation: &FramingViolation, _: &Peer) -> Response<ResponseBody> {
        text(violation.status(), format!("{violation}\n")).map(ResponseBody::from)
    }

    fn panicked(&self, _: &Peer) -> Response<ResponseBody> {
        let words = "something in the gateway failed\n".to_owned();
        text(StatusCode::INTERNAL_SERVER_ERROR, words).map(ResponseBody::from)
    }

    fn made_room(&self, ended: usize, newcomer: Network) {
        self.state.sheds.note(Shed::Connection, ended as u64, newcomer);
    }
}
