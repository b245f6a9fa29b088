//! What the answer of HMRC's APIs to a submission means.

use portgate_sdk::xml::{Document, Element};
use portgate_sdk::{Finding, Outcome, Response, Verdict};

/// The header with the name of the conversation, under which customs says later what became of the submission.
const CONVERSATION: &str = "x-conversation-id";

/// How many errors of one answer are told.
const ERRORS_MAX: usize = 50;

/// How much of an answer's words a finding repeats.
const WORDS_MAX: usize = 300;

/// A status of 2xx has taken the submission, which says nothing of what customs will make of it: that comes as a notification.
/// 401 and 403 refuse the credential and not the submission, so that it may be tried again with another one; 408, 425, 429 and
/// 5xx cannot take it now; any other status refuses it, and says in XML why.
pub(crate) fn read(got: &Response) -> Outcome {
    let outcome = Outcome::of_status(got.status);
    if outcome.verdict == Verdict::Accepted {
        return taken(got, outcome);
    }
    let options = crate::xml_options();
    let document = Document::parse(&got.body, &options).ok();
    let root = document.as_ref().map(Document::root);
    let said = said(got.status, root);
    match (outcome.verdict, got.status) {
        (_, 401 | 403) => {
            let detail = format!("{said} Have the token and its scope looked at.");
            Outcome::of(Verdict::Retry).with(Finding::warning("CREDENTIAL", "", detail))
        }
        (Verdict::Rejected, _) => {
            let whole = Finding::error("REFUSED", "", said);
            let each = root.map(errors).unwrap_or_default();
            Outcome { findings: [whole].into_iter().chain(each).collect(), ..outcome }
        }
        _ => outcome.with(Finding::warning("NOT-NOW", "", said)),
    }
}

fn taken(got: &Response, outcome: Outcome) -> Outcome {
    let finding = match got.header(CONVERSATION) {
        Some(id) => {
            let detail = format!("Customs has taken it for checking, in the conversation {}.", short(id));
            Finding::info("CONVERSATION", "", detail)
        }
        None => {
            let detail =
                "Customs has taken it and names no conversation; what becomes of it is told by its references alone.";
            Finding::warning("NO-CONVERSATION", "", detail)
        }
    };
    outcome.with(finding)
}

/// What the authority says as a whole: a code, with words.
fn said(status: u16, root: Option<Element<'_>>) -> String {
    let of = |name| root.and_then(|root| root.text_at(name));
    let words: Vec<_> = [of("code"), of("message")].into_iter().flatten().collect();
    match words.is_empty() {
        true => format!("The authority answered {status} and gave no reason that can be read."),
        false => format!("The authority answered {status}: {}.", short(words.join(": ").trim_end_matches('.'))),
    }
}

/// The single errors, where there are some.
fn errors(root: Element<'_>) -> Vec<Finding> {
    let one = |error: Element<'_>| {
        let words: Vec<_> = ["code", "message"].into_iter().filter_map(|name| error.text_at(name)).collect();
        Finding::error("REFUSED-FOR", error.location(), short(&words.join(": ")))
    };
    root.all("errors/error").into_iter().take(ERRORS_MAX).map(one).collect()
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
