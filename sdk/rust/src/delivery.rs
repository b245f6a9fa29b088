//! What a connector says and is told on the way out: the request that renders documents for a partner, the partner's
//! answer, and what that answer means. The host sends; a plugin never does.

use crate::document::Document;
use crate::finding::Finding;
use crate::message::Header;

/// A request to the partner. The host checks it against the policy, adds the credential and sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The HTTP method, in upper case.
    pub method: String,
    /// Path and query, relative to the base URL of the policy.
    pub path: String,
    /// Headers, names in lower case; never a credential.
    pub headers: Vec<Header>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
}

impl Request {
    /// A `POST` of `body` to `path`.
    pub fn post(path: impl Into<String>, content_type: impl Into<String>, body: Vec<u8>) -> Self {
        let headers = vec![Header::new("content-type", content_type)];
        Request { method: "POST".into(), path: path.into(), headers, body }
    }

    /// A `GET` of `path`, as a follow-up asks with.
    pub fn get(path: impl Into<String>) -> Self {
        Request { method: "GET".into(), path: path.into(), headers: Vec::new(), body: Vec::new() }
    }
}

/// The partner's answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status code.
    pub status: u16,
    /// The headers that the policy lets through, names in lower case.
    pub headers: Vec<Header>,
    /// When the host had read it, RFC 3339 in UTC.
    pub received_at: String,
    /// The body, byte for byte.
    pub body: Vec<u8>,
}

/// What the partner's answer means for the delivery. The set is closed: it never grows within version 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The partner has taken it: the delivery is done.
    Accepted,
    /// The partner refuses it for good: a person must look.
    Rejected,
    /// The partner could not take it now: try again on the policy's schedule.
    Retry,
    /// The partner will say later: ask with the follow-up.
    Pending,
}

/// A further request that finds out how a pending delivery ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// What to ask.
    pub request: Request,
    /// When to ask it, in seconds from now.
    pub after_seconds: u32,
}

/// A read answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What it means for the delivery.
    pub verdict: Verdict,
    /// Documents that the answer itself yields, such as a clearance status.
    pub documents: Vec<Document>,
    /// What was noticed in it.
    pub findings: Vec<Finding>,
    /// How to ask again, for [`Verdict::Pending`].
    pub next: Option<FollowUp>,
}

impl Outcome {
    /// An outcome that is only a verdict.
    pub fn of(verdict: Verdict) -> Self {
        Outcome { verdict, documents: Vec::new(), findings: Vec::new(), next: None }
    }
}
