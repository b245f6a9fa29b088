//! Is the process alive, is it ready, what has it counted.

use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use jiff::Timestamp;
use portgate_http::connection::ResponseBody;
use portgate_store::Health;

use crate::state::State;

pub(super) async fn answer<B>(gateway: &State, request: &Request<B>) -> Response<ResponseBody> {
    let read_only = matches!(*request.method(), Method::GET | Method::HEAD);
    match request.uri().path() {
        "/livez" | "/readyz" | "/metrics" if !read_only => {
            text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n".to_owned())
        }
        "/livez" => text(StatusCode::OK, "alive\n".to_owned()),
        // It is alive, but takes nothing more.
        "/readyz" if gateway.stopping.has_begun() => text(StatusCode::SERVICE_UNAVAILABLE, "stopping\n".to_owned()),
        "/readyz" => match gateway.journal.health().await {
            // It serves by what was loaded last.
            Health::Ready => match gateway.overdue.why() {
                Some(why) => text(StatusCode::OK, format!("ready\nchanged files are not taken up: {why}\n")),
                None => text(StatusCode::OK, "ready\n".to_owned()),
            },
            Health::Full => text(StatusCode::SERVICE_UNAVAILABLE, "the journal's disk is full\n".to_owned()),
            Health::Blocked(problem) => {
                text(StatusCode::SERVICE_UNAVAILABLE, format!("the journal takes nothing now: {problem}\n"))
            }
            Health::Poisoned(problem) => {
                text(StatusCode::SERVICE_UNAVAILABLE, format!("the journal must be reopened; restart: {problem}\n"))
            }
            Health::Unreachable(problem) => {
                text(StatusCode::SERVICE_UNAVAILABLE, format!("the journal cannot be reached: {problem}\n"))
            }
        },
        "/metrics" => {
            let waiting = gateway.journal.statistics().await.unwrap_or_default();
            gateway.metrics.waiting(&waiting, Timestamp::now());
            gateway.metrics.quarantine.parked(&gateway.journal.parked_counts().await.unwrap_or_default());
            let mut response = text(StatusCode::OK, gateway.metrics.render());
            let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
            response
        }
        _ => text(StatusCode::NOT_FOUND, "here are /livez, /readyz, /metrics and /v1/\n".to_owned()),
    }
}

pub(super) fn text(status: StatusCode, body: String) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
