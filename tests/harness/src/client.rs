//! A partner's HTTP client: one request, one readable answer.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The slug of the problem's type; empty where the answer is no problem.
    pub fn problem(&self) -> String {
        let slug = self.json()["type"].as_str().and_then(|path| path.strip_prefix("/problems/")).map(str::to_owned);
        if slug.is_some() {
            assert_eq!(self.headers["content-type"], "application/problem+json");
        }
        slug.unwrap_or_default()
    }

    /// A header as text; empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// Sends requests to one address over kept-alive connections.
#[derive(Clone)]
pub struct Client {
    http: HttpClient<HttpConnector, Full<Bytes>>,
    address: SocketAddr,
}

impl Client {
    /// A client of the server at this address.
    pub fn new(address: SocketAddr) -> Self {
        Self::speaking(address, false)
    }

    /// The same over HTTP/2, which it knows the server to speak (RFC 9113 §3.3).
    pub fn over_http2(address: SocketAddr) -> Self {
        Self::speaking(address, true)
    }

    fn speaking(address: SocketAddr, http2: bool) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let http = HttpClient::builder(TokioExecutor::new()).http2_only(http2).build(connector);
        Client { http, address }
    }

    /// `GET path`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Bytes::new()).await
    }

    /// Waits until the metrics, which operators' clients see, have this line.
    pub async fn counts(&self, line: &str) {
        crate::eventually(&format!("`{line}` is counted"), async || {
            let metrics = String::from_utf8_lossy(&self.get("/metrics").await.body).into_owned();
            if metrics.lines().any(|counted| counted == line) { Ok(()) } else { Err(metrics) }
        })
        .await;
    }

    /// `POST path` with these headers and this body.
    pub async fn post(&self, path: &str, headers: &[(&str, String)], body: impl Into<Bytes>) -> Answer {
        self.send(Method::POST, path, headers, body.into()).await
    }

    /// Any request. Panics when there is no answer.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, String)], body: Bytes) -> Answer {
        self.try_send(method, path, headers, body).await.expect("an answer within 30 seconds")
    }

    /// Any request; nothing where no whole answer came.
    pub async fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: Bytes,
    ) -> Option<Answer> {
        let (head, body) = self.open(method, path, headers, Full::new(body)).await?.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        Some(Answer { status: head.status, headers: head.headers, body })
    }

    /// Any request, with an answer whose body is still to be read.
    pub(crate) async fn open(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: Full<Bytes>,
    ) -> Option<Response<Incoming>> {
        let mut request = Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(body).expect("a test's request is well-formed");
        tokio::time::timeout(Duration::from_secs(30), self.http.request(request)).await.ok()?.ok()
    }
}
