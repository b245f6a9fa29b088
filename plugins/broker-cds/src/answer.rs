//! What the answer of HMRC's APIs to a submission means.

use portgate_sdk::xml::Document;
use portgate_sdk::{Finding, Outcome, Response, Verdict};

/// The header with the name of the conversation, under which customs says later what became of the submission.
const CONVERSATION: &str = "x-conversation-id";

/// How much of an answer's words a finding repeats.
const WORDS_MAX: usize = 300;

/// A status of 2xx has taken the submission, which says nothing of what customs will make of it: that comes as a notification.
/// 401 and 403 refuse the credential and not the submission, so that it may be tried again with another one; 408, 425, 429 and
/// 5xx cannot take it now; any other status refuses it, and says in XML why.
pub(crate) fn read(got: &Response) -> Outcome {
    let outcome = Outcome::of_status(got.status);
    match (outcome.verdict, got.status) {
        (Verdict::Accepted, _) => taken(got, outcome),
        (_, 401 | 403) => {
            let finding = Finding::warning("CREDENTIAL", "", format!("{} Have the token and its scope looked at.", said(got)));
            Outcome::of(Verdict::Retry).with(finding)
        }
        (Verdict::Rejected, _) => Outcome { findings: refused(got), ..outcome },
        (Verdict::Retry | Verdict::Pending, _) => outcome,
    }
}

fn taken(got: &Response, outcome: Outcome) -> Outcome {
    let finding = match got.header(CONVERSATION) {
        Some(id) => {
            let detail = format!("Customs has taken it for checking, in the conversation {}.", short(id));
            Finding::info("CONVERSATION", "", detail)
        }
        None => {
            let detail = "Customs has taken it and names no conversation; what becomes of it is told by its references alone.";
            Finding::warning("NO-CONVERSATION", "", detail)
        }
    };
    outcome.with(finding)
}

/// What the authority says in its `errorResponse`: a code with words, and, where there are some, errors in themselves.
fn refused(got: &Response) -> Vec<Finding> {
    let mut findings = vec![Finding::error("REFUSED", "", said(got))];
    let options = crate::xml_options();
    let Ok(document) = Document::parse(&got.body, &options) else { return findings };
    for error in document.root().all("errors/error").into_iter().take(50) {
        let code = error.text_at("code").unwrap_or_default();
        let message = error.text_at("message").unwrap_or_default();
        let detail = short(&format!("{code}: {message}"));
        findings.push(Finding::error("REFUSED-FOR", error.location(), detail));
    }
    findings
}

fn said(got: &Response) -> String {
    let options = crate::xml_options();
    let words = Document::parse(&got.body, &options).ok().and_then(|document| {
        let of = |name| document.root().text_at(name).map(|text| text.into_owned());
        match (of("code"), of("message")) {
            (Some(code), Some(message)) => Some(format!("{code}: {message}")),
            (code, message) => code.or(message),
        }
    });
    match words {
        Some(words) => format!("The authority answered {}: {}.", got.status, short(words.trim_end_matches('.'))),
        None => format!("The authority answered {} and gave no reason that can be read.", got.status),
    }
}

fn short(words: &str) -> String {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().filter(|c| !c.is_control()).take(WORDS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use portgate_sdk::{Header, Severity};

    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Outcome {
        let headers = headers.iter().map(|(name, value)| Header::new(*name, *value)).collect();
        read(&Response { status, headers, received_at: "2026-03-01T08:16:00Z".into(), body: body.as_bytes().to_vec() })
    }

    #[test]
    fn a_submission_that_is_taken_names_its_conversation() {
        let outcome = answer(202, &[(CONVERSATION, "5d0a")], "");
        assert_eq!((outcome.verdict, outcome.findings[0].severity), (Verdict::Accepted, Severity::Info));
        assert!(outcome.findings[0].detail.contains("5d0a"));
        assert_eq!(answer(202, &[], "").findings[0].code, "NO-CONVERSATION");
    }

    #[test]
    fn every_status_has_its_verdict() {
        for (status, verdict) in [
            (400, Verdict::Rejected),
            (401, Verdict::Retry),
            (403, Verdict::Retry),
            (406, Verdict::Rejected),
            (413, Verdict::Rejected),
            (415, Verdict::Rejected),
            (429, Verdict::Retry),
            (500, Verdict::Retry),
            (503, Verdict::Retry),
        ] {
            assert_eq!(answer(status, &[], "").verdict, verdict, "{status}");
        }
    }

    #[test]
    fn a_refusal_is_told_error_by_error() {
        let body = "<errorResponse><code>BAD_REQUEST</code><message>Payload is not valid</message><errors>\
                    <error><code>xml_validation_error</code><message>Line 13</message></error>\
                    <error><code>xml_validation_error</code><message>Line 14</message></error></errors></errorResponse>";
        let outcome = answer(400, &[], body);
        let details: Vec<_> = outcome.findings.iter().map(|finding| finding.detail.as_str()).collect();
        assert_eq!(
            details,
            [
                "The authority answered 400: BAD_REQUEST: Payload is not valid.",
                "xml_validation_error: Line 13",
                "xml_validation_error: Line 14",
            ]
        );
        assert_eq!(answer(400, &[], "{}").findings.len(), 1);
    }
}
