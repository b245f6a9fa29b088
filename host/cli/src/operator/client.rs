//! Asks a running gateway's operator API.

use std::io;
use std::path::PathBuf;

use bytes::Bytes;
use clap::Args;
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use portgate_files::{Guard, Kind, Unreadable, read_secret};
use serde_json::Value;

/// Which gateway, and whose key.
#[derive(Args)]
pub(crate) struct Connection {
    /// The operator API of the gateway
    #[arg(long, default_value = "http://127.0.0.1:8481", env = "PORTGATE_OPERATOR")]
    operator: String,
    /// A file with the operator's key; else PORTGATE_OPERATOR_KEY holds it
    #[arg(long)]
    key_file: Option<PathBuf>,
}

/// Why the gateway did not do it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OperatorError {
    /// There is no key.
    #[error("no operator's key: set PORTGATE_OPERATOR_KEY, or name a file with --key-file")]
    NoKey,
    /// The key's file cannot be read.
    #[error("{}: {}", .0.display(), .1)]
    KeyFile(PathBuf, Unreadable),
    /// The address is none.
    #[error("--operator `{0}` is no http:// URL such as http://127.0.0.1:8481")]
    Address(String),
    /// Nobody answers.
    #[error("no answer from {0}: {1}; is the gateway running, and is this its operator address?")]
    NoAnswer(String, String),
    /// The gateway refuses, with a problem document.
    #[error("{title} ({status}): {detail}{findings}")]
    Refused {
        /// The status.
        status: StatusCode,
        /// The problem's title.
        title: String,
        /// What it says.
        detail: String,
        /// Each finding on a line of its own.
        findings: String,
    },
    /// What came back is no answer of a gateway.
    #[error("{0} answers, but not like a gateway's operator API ({1})")]
    Strange(String, StatusCode),
    /// Nothing asynchronous can run.
    #[error("cannot start the thread that requests run on: {0}")]
    Thread(io::Error),
}

/// A client with an operator's key.
pub(crate) struct OperatorClient {
    http: HttpClient<HttpConnector, Full<Bytes>>,
    thread: tokio::runtime::Runtime,
    base: String,
    key: String,
}

impl OperatorClient {
    /// Sends nothing yet.
    pub(crate) fn new(connection: &Connection) -> Result<Self, OperatorError> {
        let key = match &connection.key_file {
            Some(file) => {
                let unreadable = |error| OperatorError::KeyFile(file.clone(), error);
                let key = read_secret(file, Kind::Secret, Guard::OwnerAlone).map_err(unreadable)?;
                std::str::from_utf8(&key).map_err(|_| unreadable(Unreadable::NotText))?.to_owned()
            }
            None => std::env::var("PORTGATE_OPERATOR_KEY").map_err(|_| OperatorError::NoKey)?,
        };
        let base = connection.operator.trim_end_matches('/').to_owned();
        let is_http = base.parse::<Uri>().is_ok_and(|uri| uri.scheme_str() == Some("http") && uri.path() == "/");
        if !is_http {
            return Err(OperatorError::Address(connection.operator.clone()));
        }
        let thread = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok(OperatorClient {
            http: HttpClient::builder(TokioExecutor::new()).build(HttpConnector::new()),
            thread: thread.map_err(OperatorError::Thread)?,
            base,
            key: key.trim().to_owned(),
        })
    }

    /// `GET path?query`, as JSON.
    pub(crate) fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Value, OperatorError> {
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(query);
        let (status, body) = self.send(Method::GET, &format!("{path}?{}", text.finish()), Bytes::new())?;
        self.json(status, &body)
    }

    /// Every item of a list, page after page, at most so many.
    pub(crate) fn list(&self, path: &str, query: &[(&str, String)], most: usize) -> Result<Vec<Value>, OperatorError> {
        let (mut items, mut after) = (Vec::new(), None::<String>);
        loop {
            let mut query = query.to_vec();
            query.push(("limit", (most - items.len()).clamp(1, 1_000).to_string()));
            query.extend(after.map(|after| ("after", after)));
            let mut page = self.get(path, &query)?;
            items.extend(page["items"].as_array_mut().map(std::mem::take).unwrap_or_default());
            after = page["next"].as_str().map(str::to_owned);
            if after.is_none() || items.len() >= most {
                return Ok(items);
            }
        }
    }

    /// `GET path`, byte for byte.
    pub(crate) fn bytes(&self, path: &str) -> Result<Bytes, OperatorError> {
        let (status, body) = self.send(Method::GET, path, Bytes::new())?;
        match status {
            StatusCode::OK => Ok(body),
            status => Err(self.refused(status, &body)),
        }
    }

    /// `POST path` with a JSON body.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value, OperatorError> {
        let (status, body) = self.send(Method::POST, path, Bytes::from(body.to_string()))?;
        self.json(status, &body)
    }

    fn json(&self, status: StatusCode, body: &[u8]) -> Result<Value, OperatorError> {
        match status {
            StatusCode::OK => {
                serde_json::from_slice(body).map_err(|_| OperatorError::Strange(self.base.clone(), status))
            }
            status => Err(self.refused(status, body)),
        }
    }

    fn refused(&self, status: StatusCode, body: &[u8]) -> OperatorError {
        let problem: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |field: &str| problem[field].as_str().map(str::to_owned);
        let (Some(title), Some(detail)) = (text("title"), text("detail")) else {
            return OperatorError::Strange(self.base.clone(), status);
        };
        let findings = problem["findings"].as_array().into_iter().flatten().map(|finding| {
            let field = |name: &str| finding[name].as_str().unwrap_or_default();
            format!("\n  {} {}", field("location"), field("detail"))
        });
        OperatorError::Refused { status, title, detail, findings: findings.collect() }
    }

    fn send(&self, method: Method, path: &str, body: Bytes) -> Result<(StatusCode, Bytes), OperatorError> {
        let no_answer = |error: String| OperatorError::NoAnswer(self.base.clone(), error);
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("authorization", format!("Bearer {}", self.key))
            .header("content-type", "application/json")
            .body(Full::new(body))
            .map_err(|error| no_answer(error.to_string()))?;
        self.thread.block_on(async {
            let response = self.http.request(request).await.map_err(|error| no_answer(error.to_string()))?;
            let status = response.status();
            let body = response.into_body().collect().await.map_err(|error| no_answer(error.to_string()))?;
            Ok((status, body.to_bytes()))
        })
    }
}
