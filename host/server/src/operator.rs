//! The operator API: is the process alive, is it ready, what has it counted, and under `/v1/` what operators see and do.
//! Partners never reach this listener.
//!
//! Health and metrics are open to whoever reaches it. Everything under `/v1/` wants an operator's key, and the permission
//! for it.

mod access;
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

use crate::connection::{FramingViolation, Handler, Peer, RequestBody, ResponseBody};
use crate::gateway::Gateway;

pub(crate) use access::Operators;

/// What answers on the operator listener.
pub(crate) struct OperatorApi {
    gateway: Arc<Gateway>,
}

impl OperatorApi {
    pub(crate) fn new(gateway: Arc<Gateway>) -> Self {
        OperatorApi { gateway }
    }
}

impl Handler for OperatorApi {
    async fn handle(&self, request: Request<RequestBody>, _: Arc<Peer>) -> Response<ResponseBody> {
        let path = request.uri().path();
        match path.starts_with("/v1/") || path.starts_with("/problems/") {
            true => api::answer(&self.gateway, request).await.map(ResponseBody::from),
            false => health::answer(&self.gateway, &request).await,
        }
    }

    fn refuse(&self, violation: &FramingViolation, _: &Peer) -> Response<ResponseBody> {
        health::text(violation.status(), format!("{violation}\n"))
    }

    fn panicked(&self, _: &Peer) -> Response<ResponseBody> {
        health::text(StatusCode::INTERNAL_SERVER_ERROR, "something in the gateway failed\n".to_owned())
    }
}
