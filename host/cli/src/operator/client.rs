//! Asks a running gateway's operator API.

use std::error::Error;
use std::io;
use std::num::NonZeroU32;
use std::path::PathBuf;

use bytes::Bytes;
use clap::Args;
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use portgate_files::{Guard, Kind, Unreadable, read_secret};
use portgate_operator::{PAGE_MAX, Page, Paged, Problem, pairs};
use serde::Serialize;
use serde::de::DeserializeOwned;
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
    #[error("{0} answers, but not like the operator API of a gateway of this version ({1})")]
    Strange(String, StatusCode),
    /// Nothing asynchronous can run.
    #[error("cannot start the thread that requests run on: {0}")]
    Thread(io::Error),
}

/// Items of a list, and where it goes on if it was cut.
pub(crate) struct List<T> {
    pub(crate) items: Vec<T>,
    next: Option<String>,
}

impl<T> List<T> {
    /// Says on standard error that there is more, and how to see it.
    pub(crate) fn say_if_cut(&self) {
        if let Some(next) = &self.next {
            eprintln!("There are more than these {}: --after {next} goes on, --limit shows more.", self.items.len());
        }
    }
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
            // A connection for each request: between two of them nobody looks whether the gateway has closed the last one.
            http: HttpClient::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(HttpConnector::new()),
            thread: thread.map_err(OperatorError::Thread)?,
            base,
            key: key.trim().to_owned(),
        })
    }

    /// `GET path?query`.
    pub(crate) fn get<A: DeserializeOwned>(&self, path: &str, query: &impl Serialize) -> Result<A, OperatorError> {
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(pairs(query));
        let (status, body) = self.send(Method::GET, &format!("{path}?{}", text.finish()), Bytes::new())?;
        self.read(status, &body)
    }

    /// The items of a list after one, or from the first, page after page, at most so many.
    pub(crate) fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        filter: &(impl Serialize + Clone),
        after: Option<String>,
        most: usize,
    ) -> Result<List<T>, OperatorError> {
        let (mut items, mut query) = (Vec::new(), Paged { after, ..Paged::first(filter.clone()) });
        loop {
            let left = u32::try_from(most - items.len()).unwrap_or(PAGE_MAX);
            query.limit = NonZeroU32::new(left.clamp(1, PAGE_MAX));
            let page: Page<T> = self.get(path, &query)?;
            items.extend(page.items);
            query.after = page.next;
            if query.after.is_none() || items.len() >= most {
                return Ok(List { items, next: query.after });
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
    pub(crate) fn post<A: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<A, OperatorError> {
        let body = serde_json::to_vec(body).map_err(|error| self.no_answer(&error))?;
        let (status, body) = self.send(Method::POST, path, body.into())?;
        self.read(status, &body)
    }

    fn read<A: DeserializeOwned>(&self, status: StatusCode, body: &[u8]) -> Result<A, OperatorError> {
        if status != StatusCode::OK {
            return Err(self.refused(status, body));
        }
        // The answer is read into a value first, because exact numbers cannot be read into a struct within a struct.
        let value: Result<Value, _> = serde_json::from_slice(body);
        value.and_then(serde_json::from_value).map_err(|_| OperatorError::Strange(self.base.clone(), status))
    }

    fn refused(&self, status: StatusCode, body: &[u8]) -> OperatorError {
        let Ok(Problem { title, detail, findings, .. }) = serde_json::from_slice(body) else {
            return OperatorError::Strange(self.base.clone(), status);
        };
        let findings = findings.iter().map(|finding| format!("\n  {} {}", finding.location, finding.detail));
        OperatorError::Refused { status, title, detail, findings: findings.collect() }
    }

    fn no_answer(&self, error: &dyn Error) -> OperatorError {
        OperatorError::NoAnswer(self.base.clone(), error.to_string())
    }

    fn send(&self, method: Method, path: &str, body: Bytes) -> Result<(StatusCode, Bytes), OperatorError> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("authorization", format!("Bearer {}", self.key))
            .header("content-type", "application/json")
            .body(Full::new(body))
            .map_err(|error| self.no_answer(&error))?;
        self.thread.block_on(async {
            let response = self.http.request(request).await.map_err(|error| self.no_answer(&error))?;
            let status = response.status();
            let body = response.into_body().collect().await.map_err(|error| self.no_answer(&error))?;
            Ok((status, body.to_bytes()))
        })
    }
}
