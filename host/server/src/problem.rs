//! Problem documents (RFC 9457): the one form in which a partner hears that something went wrong.
//!
//! A problem type is stable: its slug never changes and never means something else. Its page, which says what happened
//! and what to do, is served at `/problems/{slug}`; the `type` of a problem is that path, so it resolves against the
//! gateway that sent it. Details are written for outsiders: no internal path, no secret, no plugin's own words on a
//! failure of ours.

mod catalogue;
mod described;
mod page;

pub use catalogue::{ALL, ProblemType, kinds};
pub(crate) use described::described;
pub(crate) use page::{index, page};

use bytes::Bytes;
use portgate_core::finding::Finding;
use serde::Serialize;

/// One problem, ready to be rendered.
#[derive(Debug)]
pub struct Problem {
    /// What kind of problem it is.
    pub kind: &'static ProblemType,
    /// What happened this time, for the caller.
    pub detail: String,
    /// Everything that is wrong with the payload, where that is the problem.
    pub findings: Vec<Finding>,
    /// How many more findings there were than are listed.
    pub findings_omitted: u64,
    /// Header fields that go with the answer, such as `Retry-After` or `Allow`.
    pub headers: Vec<(http::HeaderName, http::HeaderValue)>,
    /// Whether the connection must end after the answer, because its framing can no longer be trusted.
    pub close: bool,
}

impl Problem {
    /// A problem of this kind without findings or further headers. What a caller has sent may stand in the detail: characters that turn
    /// the direction of the text around them are written as escapes, so that nobody reads another sentence than was written.
    pub fn new(kind: &'static ProblemType, detail: impl Into<String>) -> Self {
        Problem {
            kind,
            detail: readable(&detail.into()),
            findings: Vec::new(),
            findings_omitted: 0,
            headers: Vec::new(),
            close: false,
        }
    }

    /// The same problem with the findings that explain it.
    #[must_use]
    pub fn with_findings(mut self, findings: Vec<Finding>, omitted: u64) -> Self {
        self.findings = findings;
        self.findings_omitted = omitted;
        self
    }

    /// The same problem with one more header field. A value that is no header value is left out.
    #[must_use]
    pub fn with_header(mut self, name: http::HeaderName, value: impl AsRef<str>) -> Self {
        if let Ok(value) = http::HeaderValue::from_str(value.as_ref()) {
            self.headers.push((name, value));
        }
        self
    }

    /// The same problem, after which the connection ends.
    #[must_use]
    pub fn closing(mut self) -> Self {
        self.close = true;
        self
    }

    /// The answer: status, headers and the document as `application/problem+json`. `instance` names the exchange that the
    /// message is kept as, or else the request.
    pub fn render(&self, instance: &str) -> http::Response<Bytes> {
        #[derive(Serialize)]
        struct Document<'a> {
            r#type: String,
            title: &'a str,
            status: u16,
            detail: &'a str,
            instance: &'a str,
            #[serde(skip_serializing_if = "<[Finding]>::is_empty")]
            findings: &'a [Finding],
            #[serde(rename = "findingsOmitted", skip_serializing_if = "is_zero")]
            findings_omitted: u64,
        }
        let document = Document {
            r#type: self.kind.path(),
            title: self.kind.title,
            status: self.kind.status.as_u16(),
            detail: &self.detail,
            instance,
            findings: &self.findings,
            findings_omitted: self.findings_omitted,
        };
        let body = serde_json::to_vec(&document).expect("a problem is strings and numbers, which always serialise");
        let mut response = http::Response::new(Bytes::from(body));
        *response.status_mut() = self.kind.status;
        let headers = response.headers_mut();
        headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/problem+json"));
        headers.insert(http::header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        if self.close {
            headers.insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
        }
        response
    }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A text in the order in which it is read: what turns it around (Unicode TR 9 §2) or breaks its line is escaped.
fn readable(text: &str) -> String {
    let turns =
        |character| matches!(character, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut readable = String::with_capacity(text.len());
    for character in text.chars() {
        match turns(character) {
            true => readable.extend(character.escape_unicode()),
            false => readable.push(character),
        }
    }
    readable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_is_read_in_the_order_in_which_it_is_written() {
        let problem = Problem::new(&kinds::CONTRACT_VIOLATION, "no `\u{202e}321` by `Łódź`");
        assert_eq!(problem.detail, "no `\\u{202e}321` by `Łódź`");
    }

    #[test]
    fn a_problem_lists_every_finding_with_its_place() {
        let problem = Problem::new(&kinds::CONTRACT_VIOLATION, "2 findings").with_findings(
            vec![Finding::error("schema-required", "/order", "`id` is missing"), Finding::error("b", "/x/0", "wrong")],
            3,
        );
        let response = problem.render("urn:uuid:0");
        assert_eq!(response.status(), 422);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let document: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(document["type"], "/problems/contract-violation");
        assert_eq!(document["findings"][0]["location"], "/order");
        assert_eq!(document["findings"][1]["location"], "/x/0");
        assert_eq!(document["findingsOmitted"], 3);
    }

    #[test]
    fn slugs_are_unique_and_every_type_explains_itself() {
        let mut slugs: Vec<_> = ALL.iter().map(|kind| kind.slug).collect();
        slugs.sort_unstable();
        let count = slugs.len();
        slugs.dedup();
        assert_eq!(slugs.len(), count);
        for kind in ALL {
            assert!(kind.status.is_client_error() || kind.status.is_server_error(), "{}", kind.slug);
            assert!(kind.meaning.len() > 20 && kind.remedy.len() > 20, "{}", kind.slug);
        }
    }
}
