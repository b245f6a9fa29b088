//! Holds the request that a plugin returned against what its policy lets it address.
//!
//! The plugin is not trusted: its request may have been steered by a partner's payload. What passes is a [`Permitted`],
//! the only thing that can be sent. Nothing is repaired: a path that could be written in another way as well, a header
//! that is the gateway's own, a query parameter that is not listed refuses the request, so that what was checked and
//! what the partner's server makes of it cannot differ. Where the host leads to is checked when connecting.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use portgate_core::delivery::Request;
use portgate_core::policy::{Egress, Method, PathPattern};

mod headers;
mod path;

/// The longest path with its query, in bytes.
const PATH_BYTES_MAX: usize = 4096;
/// The most header fields.
const HEADERS_MAX: usize = 32;
/// The most bytes of header names and values together.
const HEADER_BYTES_MAX: usize = 8192;

/// What a plugin's requests may address, ready for checking.
#[derive(Clone, Debug)]
pub struct EgressRules {
    methods: BTreeSet<Method>,
    paths: Vec<(Arc<str>, PathPattern)>,
    query: BTreeSet<String>,
}

/// A request that its policy permits. It goes to the partner's base URL and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permitted {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
    by: Option<Permission>,
}

/// The parts of a policy that permitted a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Permission {
    pub(crate) method: Method,
    /// The first pattern of paths that fits.
    pub(crate) pattern: Arc<str>,
    /// The query parameters that the request carries.
    pub(crate) query: Vec<String>,
}

/// Why a request may not be sent. Nothing of the request is repeated at length: it may quote a payload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The plugin's policy lets it address nothing.
    #[error("the plugin's policy has no [egress]: nothing may be sent for it")]
    NoEgress,
    /// The method is not in the policy.
    #[error("the method is none of egress.methods")]
    Method,
    /// The path is not in its normal form.
    #[error("the path {0}")]
    PathForm(&'static str),
    /// No pattern fits the path.
    #[error("no pattern of egress.paths fits the path")]
    Path,
    /// The query is malformed.
    #[error("the query {0}")]
    QueryForm(&'static str),
    /// A query parameter is not in the policy.
    #[error("the query has a parameter that egress.query does not list")]
    Query,
    /// A header field is malformed.
    #[error("header {number} {problem}")]
    HeaderForm {
        /// Which one, counted from 1.
        number: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A header field is the gateway's own.
    #[error("the header `{0}` is the gateway's own")]
    Header(HeaderName),
    /// There are more header fields than any request needs.
    #[error("there are more than {HEADERS_MAX} headers, or more than {HEADER_BYTES_MAX} bytes of them")]
    Headers,
    /// A request that only asks has a body.
    #[error("a GET has a body")]
    Body,
}

impl EgressRules {
    /// The rules of a policy. An invalid pattern, which loading a policy refuses, fits nothing.
    pub fn new(egress: Option<&Egress>) -> EgressRules {
        let paths = egress.iter().flat_map(|egress| &egress.paths);
        EgressRules {
            methods: egress.map(|egress| egress.methods.clone()).unwrap_or_default(),
            paths: paths.filter_map(|text| Some((text.as_str().into(), PathPattern::parse(text).ok()?))).collect(),
            query: egress.map(|egress| egress.query.clone()).unwrap_or_default(),
        }
    }

    /// Permits a request, or says why not. `credential_header` is where the partner's credential stands, which no plugin
    /// may set.
    ///
    /// # Errors
    /// The first reason why the request may not be sent.
    pub fn permit(&self, request: &Request, credential_header: Option<&str>) -> Result<Permitted, Refused> {
        if self.paths.is_empty() {
            return Err(Refused::NoEgress);
        }
        let method = Method::named(&request.method).filter(|method| self.methods.contains(method));
        let method = method.ok_or(Refused::Method)?;
        let (path, query) = path::split(&request.path)?;
        let (pattern, _) = self.paths.iter().find(|(_, pattern)| pattern.fits(path)).ok_or(Refused::Path)?;
        let query = query.map(path::parameters).transpose()?.unwrap_or_default();
        if !query.iter().all(|name| self.query.contains(name)) {
            return Err(Refused::Query);
        }
        if method == Method::Get && !request.body.is_empty() {
            return Err(Refused::Body);
        }
        let headers = headers::checked(&request.headers, credential_header)?;
        Ok(Permitted {
            method,
            path: request.path.clone(),
            headers,
            body: Bytes::copy_from_slice(&request.body),
            by: Some(Permission { method, pattern: Arc::clone(pattern), query }),
        })
    }
}

impl Permitted {
    /// What the gateway says itself needs no permission: it is a POST to the webhook's own URL, and nowhere else.
    pub(crate) fn to_webhook(request: &Request) -> Permitted {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/cloudevents+json"));
        let body = Bytes::copy_from_slice(&request.body);
        Permitted { method: Method::Post, path: String::new(), headers, body, by: None }
    }

    /// The parts of a policy that permit it; nothing where it is the gateway's own.
    pub(crate) fn by(&self) -> Option<&Permission> {
        self.by.as_ref()
    }

    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Path and query, to be put behind the base URL.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The headers, without the gateway's own.
    pub fn headers(&self) -> &HeaderMap<HeaderValue> {
        &self.headers
    }

    /// The body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

#[cfg(test)]
mod tests;
