//! The operator API: is the process alive, is it ready, what has it counted, and under `/v1/` what operators see and do.
//! Partners never reach this listener.
//!
//! Health and metrics are open to whoever reaches it, a few at a time. Everything under `/v1/` wants an operator's key, and
//! the permission for it; until it is shown nothing is read or waited for.

mod api;
mod audit;
mod changes;
mod health;
mod plugins;
mod quarantines;
mod shown;
mod wanted;

use std::sync::Arc;

use http::{Request, Response, StatusCode};
use portgate_http::connection::{FramingViolation, Handler, Network, Peer, RequestBody, ResponseBody};
use tokio::sync::Semaphore;

use crate::shed::Shed;
use crate::state::State;
use crate::strangers::Strangers;

/// What answers on the operator listener.
pub(crate) struct OperatorApi {
    gateway: Arc<State>,
    strangers: Strangers,
    /// For questions about health and metrics, which ask the journal.
    askers: Semaphore,
}

/// Questions about health and metrics that are answered at a time.
const ASKERS_MAX: usize = 4;

impl OperatorApi {
    pub(crate) fn new(gateway: Arc<State>) -> Self {
        let configuration = gateway.configuration.load_full();
        let strangers = Strangers::new(&configuration.policies.gateway, Arc::clone(&gateway.sheds));
        OperatorApi { gateway, strangers, askers: Semaphore::new(ASKERS_MAX) }
    }

    /// Answers whoever asks, in turn; who waits gives way to others like any stranger.
    async fn health(&self, request: &Request<RequestBody>, peer: &Peer) -> Response<ResponseBody> {
        let answering = async {
            // Whether the process is alive must not depend on the journal.
            let asks_journal = matches!(request.uri().path(), "/readyz" | "/metrics");
            let _asker = if asks_journal { self.askers.acquire().await.ok() } else { None };
            health::answer(&self.gateway, request).await
        };
        match self.strangers.attend(peer.network(), answering).await {
            Ok(response) => response,
            Err(_) => health::text(StatusCode::SERVICE_UNAVAILABLE, "too many ask at the same time\n".to_owned()),
        }
    }
}

impl Handler for OperatorApi {
    async fn handle(&self, request: Request<RequestBody>, peer: Arc<Peer>) -> Response<ResponseBody> {
        let path = request.uri().path();
        match path.starts_with("/v1/") || path.starts_with("/problems/") {
            true => api::answer(&self.gateway, request, &peer).await.map(ResponseBody::from),
            false => self.health(&request, &peer).await,
        }
    }

    fn refuse(&self, violation: &FramingViolation, _: &Peer) -> Response<ResponseBody> {
        health::text(violation.status(), format!("{violation}\n"))
    }

    fn panicked(&self, _: &Peer) -> Response<ResponseBody> {
        health::text(StatusCode::INTERNAL_SERVER_ERROR, "something in the gateway failed\n".to_owned())
    }

    fn made_room(&self, ended: usize, newcomer: Network) {
        self.gateway.sheds.note(Shed::Connection, ended as u64, newcomer);
    }
}
