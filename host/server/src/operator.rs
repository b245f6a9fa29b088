//! The operator API: is the process alive, is it ready, what has it counted. Partners never reach this listener.

use std::sync::Arc;

use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use portgate_store::Health;

use crate::connection::{FramingViolation, Handler, Peer, RequestBody, ResponseBody, Shutdown};
use crate::gateway::Gateway;

/// What answers on the operator listener.
pub(crate) struct OperatorApi {
    gateway: Arc<Gateway>,
    /// The partner API's: once it has begun the gateway is alive, but no longer ready.
    shutdown: Shutdown,
}

impl OperatorApi {
    pub(crate) fn new(gateway: Arc<Gateway>, shutdown: Shutdown) -> Self {
        OperatorApi { gateway, shutdown }
    }
}

impl Handler for OperatorApi {
    async fn handle(&self, request: Request<RequestBody>, _: Arc<Peer>) -> Response<ResponseBody> {
        answer(&self.gateway, &request, self.shutdown.has_begun()).await
    }

    fn refuse(&self, violation: &FramingViolation, _: &Peer) -> Response<ResponseBody> {
        text(violation.status(), format!("{violation}\n"))
    }

    fn panicked(&self, _: &Peer) -> Response<ResponseBody> {
        text(StatusCode::INTERNAL_SERVER_ERROR, "something in the gateway failed\n".to_owned())
    }
}

async fn answer<B>(gateway: &Gateway, request: &Request<B>, stopping: bool) -> Response<ResponseBody> {
    let read_only = matches!(*request.method(), Method::GET | Method::HEAD);
    match request.uri().path() {
        "/livez" | "/readyz" | "/metrics" if !read_only => {
            text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n".to_owned())
        }
        "/livez" => text(StatusCode::OK, "alive\n".to_owned()),
        "/readyz" if stopping => text(StatusCode::SERVICE_UNAVAILABLE, "stopping\n".to_owned()),
        "/readyz" => match gateway.journal.health().await {
            Health::Ready => text(StatusCode::OK, "ready\n".to_owned()),
            Health::Full => text(StatusCode::SERVICE_UNAVAILABLE, "the journal's disk is full\n".to_owned()),
            Health::Poisoned(problem) => {
                text(StatusCode::SERVICE_UNAVAILABLE, format!("the journal must be reopened; restart: {problem}\n"))
            }
            Health::Unreachable(problem) => {
                text(StatusCode::SERVICE_UNAVAILABLE, format!("the journal cannot be reached: {problem}\n"))
            }
        },
        "/metrics" => {
            let mut response = text(StatusCode::OK, gateway.metrics.render());
            let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
            response
        }
        _ => text(StatusCode::NOT_FOUND, "here are /livez, /readyz and /metrics\n".to_owned()),
    }
}

fn text(status: StatusCode, body: String) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
