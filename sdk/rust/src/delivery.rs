//! What a connector says and is told on the way out: the request that renders documents for a partner, the partner's
//! answer, and what that answer means. The host sends; a plugin never does.

use std::fmt;

use portgate_canonical::{self as canonical, Source, Text, Timestamp};
use serde::de::DeserializeOwned;

use crate::agreement::{Agreement, ControlNumbers};
use crate::document::Document;
use crate::finding::{Finding, Rejection};
use crate::json;
use crate::message::Header;

/// What a connector is to render documents as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The contract's name, as the manifest declares it.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// Now, RFC 3339 in UTC.
    pub now: String,
    /// What was settled with the partner, where policy has an agreement for the message.
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

/// Contract and version: `asn/2`.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.contract, self.version)
    }
}

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
///
/// A status of 200 to 299 says that the partner has taken the request. Whatever else is odd about such an answer, a
/// missing body or another media type, belongs into a finding: a rejection would send the request again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status code.
    pub status: u16,
    /// The headers that the policy lets through, names in lower case. The host has resolved `location`; see
    /// [`Response::location`].
    pub headers: Vec<Header>,
    /// When the host had read it, RFC 3339 in UTC.
    pub received_at: String,
    /// The body, byte for byte.
    pub body: Vec<u8>,
}

/// Where a `Location` leads. The host has resolved it against the URL of the request (RFC 3986 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'r> {
    /// Below the partner's base URL: path and query, as [`Request::path`] has them.
    Below(&'r str),
    /// Anywhere else, as a whole URI, or what is none. No request of a plugin leads there.
    Elsewhere(&'r str),
}

impl Response {
    /// The first header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.name == name).map(|header| header.value.as_str())
    }

    /// Where `Location` leads, if the answer has one.
    pub fn location(&self) -> Option<Place<'_>> {
        let location = self.header("location")?;
        Some(match location.starts_with('/') && !location.starts_with("//") {
            true => Place::Below(location),
            false => Place::Elsewhere(location),
        })
    }

    /// The body read as JSON; see [`Message::json`](crate::Message::json).
    ///
    /// # Errors
    ///
    /// A finding `JSON`, located `line:column`, or `UTF-8`, located by its byte.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Rejection> {
        let text = portgate_charset::without_mark(&self.body);
        let text = std::str::from_utf8(text).map_err(|error| {
            let byte = self.body.len() - text.len() + error.valid_up_to();
            Finding::error("UTF-8", format!("byte {byte}"), "The answer is not UTF-8 here.")
        })?;
        Ok(json::read(text)?)
    }

    /// Where the documents of this answer have come from: `system` is the partner as the answer itself calls it, since a
    /// connector is not told whom it asks, and `message_id` the partner's own name for the answer, where it has one. When it
    /// was recorded is when the gateway had read it.
    ///
    /// # Panics
    ///
    /// The answer is not one that the host would give: `received_at` is no time.
    pub fn source(&self, system: Text<64>, message_id: Option<Text<128>>) -> Source {
        let digest: String = hmac_sha256::Hash::hash(&self.body).iter().map(|byte| format!("{byte:02x}")).collect();
        Source {
            system,
            message_id,
            recorded_at: Timestamp::new(&self.received_at).expect("the host gives received-at as RFC 3339"),
            raw_ref: canonical::Sha256::new(digest).expect("a digest has 64 hexadecimal digits"),
        }
    }

    /// Whether the partner has taken the request: a status of 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
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

    /// What a status alone says (RFC 9110 §15): 2xx has taken it, 408, 425, 429 and 5xx cannot take it now, anything else
    /// refuses it.
    pub fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Outcome::of(Verdict::Accepted),
            408 | 425 | 429 | 500..=599 => Outcome::of(Verdict::Retry),
            status => {
                let detail = format!("The partner answered {status}.");
                Outcome { findings: vec![Finding::error("REFUSED", "", detail)], ..Outcome::of(Verdict::Rejected) }
            }
        }
    }

    /// The same outcome with one more finding.
    #[must_use]
    pub fn with(mut self, finding: Finding) -> Self {
        self.findings.push(finding);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_below_the_base_url_is_told_from_one_that_is_elsewhere() {
        let place = |value: &str| {
            let headers = vec![Header::new("date", "today"), Header::new("location", value)];
            let got = Response { status: 202, headers, received_at: String::new(), body: Vec::new() };
            match got.location() {
                Some(Place::Below(path)) => format!("below {path}"),
                Some(Place::Elsewhere(uri)) => format!("elsewhere {uri}"),
                None => "none".to_owned(),
            }
        };
        assert_eq!(place("/jobs/7?a=b"), "below /jobs/7?a=b");
        assert_eq!(place("https://other.example/jobs/7"), "elsewhere https://other.example/jobs/7");
        assert_eq!(place("//other.example/jobs/7"), "elsewhere //other.example/jobs/7");
        let bare = Response { status: 202, headers: Vec::new(), received_at: String::new(), body: Vec::new() };
        assert_eq!(bare.location(), None);
    }

    #[test]
    fn a_status_alone_says_whether_it_was_taken() {
        let verdicts = [200, 204, 299, 408, 429, 500, 599, 400, 404, 301, 199, 600]
            .map(|status| Outcome::of_status(status).verdict);
        use Verdict::{Accepted, Rejected, Retry};
        assert_eq!(
            verdicts,
            [
                Accepted, Accepted, Accepted, Retry, Retry, Retry, Retry, Rejected, Rejected, Rejected, Rejected,
                Rejected
            ]
        );
    }
}
