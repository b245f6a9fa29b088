//! A partner's side of the network: one kept-alive HTTP/1.1 connection, timed from the first byte sent to the last read.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::credentials::Credentials;
use super::script::Step;

/// What came back of one step.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) json: serde_json::Value,
    pub(crate) took: Duration,
}

pub(crate) struct Client {
    http: hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>,
    address: SocketAddr,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let http = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(connector);
        Client { http, address }
    }

    /// Sends one step's message.
    pub(crate) async fn send(&self, step: &Step, credentials: &Credentials) -> Result<Answer, String> {
        let payload = step.payload()?;
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(format!("http://{}{}", self.address, step.path))
            .header("content-type", step.media_type);
        for (name, value) in credentials.headers(step, &payload) {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::from(payload))).map_err(|error| error.to_string())?;
        let began = Instant::now();
        let response = self.http.request(request).await.map_err(|error| format!("no answer: {error}"))?;
        let status = response.status();
        let body = response.into_body().collect().await.map_err(|error| format!("a broken answer: {error}"))?;
        let took = began.elapsed();
        let json = serde_json::from_slice(&body.to_bytes()).unwrap_or_default();
        Ok(Answer { status, json, took })
    }

    /// The `curl` line that sends the same.
    pub(crate) fn curl(&self, step: &Step, credentials: &Credentials) -> String {
        let (before, headers) = credentials.shell(step, step.file);
        let (media_type, address, path) = (step.media_type, self.address, step.path);
        let file = step.file;
        format!(
            "{before}curl -sS http://{address}{path} -H 'Content-Type: {media_type}'{headers} --data-binary @{file}"
        )
    }
}
