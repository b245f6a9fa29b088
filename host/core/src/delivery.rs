//! What goes out to a partner: the request that a plugin renders, the partner's answer, and what the plugin reads from
//! that answer. The types mirror those of `wit/connector/v1`.

use crate::agreement::{Agreement, ControlNumbers};
use crate::document::Document;
use crate::finding::Finding;

/// What a plugin is to render documents as. Mirrors `target` of `wit/connector/v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The contract's name.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// Now, RFC 3339 in UTC.
    pub now: String,
    /// What was settled with the partner, where there is an agreement.
    pub agreement: Option<Agreement>,
    /// Numbers for the envelopes, where there is an agreement.
    pub control_numbers: Option<ControlNumbers>,
}

impl Target {
    /// A message of the contract for a partner with whom nothing else is settled. `now` is RFC 3339.
    pub fn new(contract: impl Into<String>, version: impl Into<String>, now: impl Into<String>) -> Self {
        Target {
            contract: contract.into(),
            version: version.into(),
            now: now.into(),
            agreement: None,
            control_numbers: None,
        }
    }
}

/// A request to the partner. It comes from a plugin: nothing of it is trusted before it was held against the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The HTTP method.
    pub method: String,
    /// Path and query, relative to the base URL of the policy.
    pub path: String,
    /// Header fields, without credentials.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
}

/// The partner's answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status code.
    pub status: u16,
    /// Only the headers that the policy lets through; names in lower case.
    pub headers: Vec<(String, String)>,
    /// When the host had read it, RFC 3339 in UTC.
    pub received_at: String,
    /// The body, byte for byte.
    pub body: Vec<u8>,
}

/// What was said in one attempt at a delivery, as far as it is kept. No credential is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// The head of the request as it left.
    pub sent: SentHead,
    /// The partner's answer, where one began to come.
    pub answer: Option<KeptAnswer>,
}

/// The head of a request that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentHead {
    /// The HTTP method.
    pub method: String,
    /// Where it went.
    pub url: String,
    /// Its header fields; of those that carry a credential, the name alone.
    pub headers: Vec<(String, Option<String>)>,
}

/// A partner's answer, as much of it as is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Its head.
    pub head: AnswerHead,
    /// The first bytes of its body, and how many it had; nothing where it broke off, or where none is kept.
    pub body: Option<(Vec<u8>, u64)>,
}

/// The head of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerHead {
    /// The HTTP status code.
    pub status: u16,
    /// Its header fields; of those that may carry a credential, the name alone.
    pub headers: Vec<(String, Option<String>)>,
}

/// What the partner's answer means for the delivery.
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
    /// When to ask it, in seconds from the answer.
    pub after_seconds: u32,
}

/// A read answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What it means for the delivery.
    pub verdict: Verdict,
    /// Documents that the answer itself yields, such as a clearance status.
    pub documents: Vec<Document>,
    /// What the plugin noticed in it.
    pub findings: Vec<Finding>,
    /// How to ask again, for [`Verdict::Pending`].
    pub next: Option<FollowUp>,
    /// What of the answer it did not look at, as general paths; empty unless it was asked.
    pub unread: Vec<String>,
}
