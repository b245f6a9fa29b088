//! A partner's side of the network: one kept-alive HTTP/1.1 connection, timed from the first byte sent to the last read.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::credentials::{Auth, Credentials};
use super::message::Message;

/// What came back of one message.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) json: Value,
    /// The body as it came.
    pub(crate) text: String,
    /// The path of the exchange that came of it.
    pub(crate) place: Option<String>,
    pub(crate) took: Duration,
}

pub(crate) struct Client {
    http: hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>,
    partner: SocketAddr,
    operator: SocketAddr,
}

impl Client {
    /// One that speaks to the gateway's two listeners.
    pub(crate) fn new(partner: SocketAddr, operator: SocketAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let http = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(connector);
        Client { http, partner, operator }
    }

    /// Sends a payload as this message.
    pub(crate) async fn post(
        &self,
        message: &Message,
        payload: Vec<u8>,
        credentials: &Credentials,
    ) -> Result<Answer, String> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(format!("http://{}{}", self.partner, message.path()))
            .header("content-type", message.media_type)
            .header("prefer", "return=representation");
        for (name, value) in credentials.headers(message.from, &payload) {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::from(payload))).map_err(|error| error.to_string())?;
        let began = Instant::now();
        let response = self.http.request(request).await.map_err(|error| format!("no answer: {error}"))?;
        let status = response.status();
        let place = response.headers().get("location").and_then(|place| place.to_str().ok()).map(str::to_owned);
        let body = response.into_body().collect().await.map_err(|error| format!("a broken answer: {error}"))?;
        let took = began.elapsed();
        let body = body.to_bytes();
        let json = serde_json::from_slice(&body).unwrap_or_default();
        Ok(Answer { status, json, text: String::from_utf8_lossy(&body).into_owned(), place, took })
    }

    /// Looks something up, as an operator: an exchange with whatever became of it, a shipment.
    pub(crate) async fn look(&self, place: &str, credentials: &Credentials) -> Result<Value, String> {
        let key = ("authorization", format!("Bearer {}", credentials.operator_key));
        self.get(&format!("http://{}{place}", self.operator), &[key]).await
    }

    /// Looks something up as this partner.
    pub(crate) async fn ask(&self, place: &str, who: Auth, credentials: &Credentials) -> Result<Value, String> {
        self.get(&format!("http://{}{place}", self.partner), &credentials.headers(who, b"")).await
    }

    async fn get(&self, address: &str, headers: &[(&'static str, String)]) -> Result<Value, String> {
        let mut request = Request::get(address);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(Bytes::new())).map_err(|error| error.to_string())?;
        let response = self.http.request(request).await.map_err(|error| format!("no answer: {error}"))?;
        let body = response.into_body().collect().await.map_err(|error| format!("a broken answer: {error}"))?;
        serde_json::from_slice(&body.to_bytes()).map_err(|error| format!("{address}: {error}"))
    }

    /// The `curl` line that sends the same; the payload is in this file.
    pub(crate) fn curl(&self, message: &Message, file: &str, credentials: &Credentials) -> String {
        let (before, headers) = credentials.shell(message.from, file);
        let (media_type, address, path) = (message.media_type, self.partner, message.path());
        format!(
            "{before}curl -sS http://{address}{path} -H 'Content-Type: {media_type}' \
             -H 'Prefer: return=representation'{headers} --data-binary @{file}"
        )
    }
}
