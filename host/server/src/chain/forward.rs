//! Forward routes: the one document of a message goes to an internal system, whose answer returns to the partner.
//!
//! Nothing is kept and nothing is tried again: the caller sees the internal system's own answer. The request that goes
//! out is made anew from the document; no byte or header of the partner's request is passed through, but for the trace.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::Surroundings;
use super::decode::Decoded;
use crate::refusal::Refusal;

/// Kept-alive connections to the upstreams.
pub(crate) struct Upstreams {
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Upstreams {
    pub(crate) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(5)));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .build(connector);
        Upstreams { client }
    }
}

/// Sends the document and reads the answer within the policy's deadline and cap.
pub(super) async fn forward(
    around: &Surroundings<'_>,
    upstream: &Uri,
    decoded: &Decoded,
) -> Result<Response<Bytes>, Refusal> {
    let [document] = decoded.decoded.documents.as_slice() else {
        return Err(Refusal::NotOneDocument { documents: decoded.decoded.documents.len() });
    };
    let gateway = &around.configuration.policies.gateway;
    let request = Request::builder()
        .method(Method::POST)
        .uri(upstream)
        .header(CONTENT_TYPE, "application/json")
        .header("traceparent", around.trace.traceparent())
        .header("x-request-id", &around.trace.id)
        .header("portgate-partner", &decoded.partner)
        .header("portgate-document", &document.kind)
        .body(Full::new(Bytes::copy_from_slice(&document.body)))
        .map_err(|error| failed(&error))?;
    let exchange = async {
        let response = around.upstreams.client.request(request).await.map_err(|error| failed(&error))?;
        let (head, body) = response.into_parts();
        let cap = usize::try_from(gateway.caps.body_bytes_max).unwrap_or(usize::MAX);
        let body = Limited::new(body, cap).collect().await.map_err(|error| failed(&*error))?;
        let mut answer = Response::new(body.to_bytes());
        *answer.status_mut() = head.status;
        if let Some(content_type) = head.headers.get(CONTENT_TYPE) {
            answer.headers_mut().insert(CONTENT_TYPE, content_type.clone());
        }
        answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(answer)
    };
    let after_ms = gateway.deadlines.upstream_ms;
    match tokio::time::timeout(Duration::from_millis(after_ms), exchange).await {
        Ok(answer) => answer,
        Err(_) => Err(Refusal::UpstreamTooSlow { after_ms }),
    }
}

/// The error with its causes, for the log; the partner is told only that there was no usable answer.
fn failed(error: &dyn std::error::Error) -> Refusal {
    let mut detail = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        detail.push_str(": ");
        detail.push_str(&error.to_string());
        cause = error.source();
    }
    Refusal::UpstreamFailed { detail }
}
