//! What SAP's answer means: to a batch part by part, to an IDoc as a whole.

use portgate_sdk::xml::{Document, Options};
use portgate_sdk::{Finding, Outcome, Pointer, Request, Response, Verdict};
use serde_json::Value;

use crate::errors;
use crate::out::batch::{self, Part};

/// How much of SAP's words a finding repeats where they are in no form that is known.
const WORDS_MAX: usize = 200;

/// A batch is answered with 2xx whatever becomes of its requests: each has an answer of its own. All of them taken is accepted; where
/// one is refused a person must look, and is told which. Anything else is as its status says, with the errors of its body.
pub(crate) fn read(sent: &Request, got: &Response) -> Outcome {
    if needs_token(got) {
        let detail = "SAP wants a CSRF token, which belongs to a session; have the proxy in front of it fetch one, or the service not ask for it.";
        return Outcome::of(Verdict::Rejected).with(Finding::error("CSRF-TOKEN-REQUIRED", "", detail));
    }
    let text = String::from_utf8_lossy(&got.body);
    let outcome = Outcome::of_status(got.status);
    match outcome.verdict {
        Verdict::Accepted if sent.path.ends_with("/$batch") => of_batch(&batch::parts(&text)),
        Verdict::Rejected => {
            let findings = said(&text, &Pointer::root());
            match findings.iter().any(|finding| finding.severity.rejects()) {
                true => Outcome { findings, ..outcome },
                false => Outcome { findings: vec![refused(got.status, &text)], ..outcome },
            }
        }
        _ => outcome,
    }
}

/// Whether it is the token alone that is missing.
fn needs_token(got: &Response) -> bool {
    let asked = got.header("x-csrf-token").is_some_and(|value| value.eq_ignore_ascii_case("required"));
    got.status == 403 && (asked || String::from_utf8_lossy(&got.body).contains("CSRF token validation failed"))
}

fn of_batch(parts: &[Part]) -> Outcome {
    if parts.is_empty() {
        let detail = "SAP has taken the batch and does not say what became of its requests.";
        return Outcome::of(Verdict::Accepted).with(Finding::warning("NO-ANSWERS", "", detail));
    }
    let verdicts: Vec<Verdict> = parts.iter().map(|part| Outcome::of_status(part.status).verdict).collect();
    let count = |wanted: Verdict| verdicts.iter().filter(|verdict| **verdict == wanted).count();
    let verdict = match (count(Verdict::Accepted), count(Verdict::Rejected)) {
        (taken, _) if taken == parts.len() => Verdict::Accepted,
        // What could not be taken now is tried again only where nothing was taken: a batch goes as a whole.
        (0, 0) => Verdict::Retry,
        _ => Verdict::Rejected,
    };
    let mut findings = Vec::new();
    for ((number, part), verdict_of_part) in (1..).zip(parts).zip(&verdicts) {
        let at = Pointer::root().key(&format!("part {number}"));
        if *verdict_of_part == Verdict::Accepted {
            if verdict != Verdict::Accepted {
                let detail = format!("SAP has taken this request ({}).", part.status);
                findings.push(Finding::info("TAKEN", &at, detail));
            }
            continue;
        }
        let errors = said(&part.body, &at);
        let is_told = errors.iter().any(|finding| finding.severity.rejects());
        findings.extend(errors);
        if !is_told {
            findings.push(Finding::error("REFUSED", &at, format!("SAP answered {}.", part.status)));
        }
    }
    Outcome { findings, ..Outcome::of(verdict) }
}

/// The errors of a body: of OData in JSON or in XML.
fn said(body: &str, at: &Pointer) -> Vec<Finding> {
    if let Ok(value) = serde_json::from_str::<Value>(body.trim()) {
        return errors::findings(&value, at);
    }
    let Ok(document) = Document::parse(body.trim().as_bytes(), &Options::default()) else { return Vec::new() };
    let root = document.root();
    if root.name() != "error" {
        return Vec::new();
    }
    let text = |name: &str| root.text_at(name).map(|text| text.chars().take(300).collect::<String>());
    let (code, words) = (text("code"), text("message"));
    let finding = Finding::error(
        code.unwrap_or_else(|| "SAP-ERROR".to_owned()),
        at.key("error"),
        words.unwrap_or_else(|| "SAP gives no reason.".to_owned()),
    );
    vec![finding]
}

/// Why SAP refuses it, as far as it says so in words.
fn refused(status: u16, body: &str) -> Finding {
    let words = body.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = words.chars().filter(|character| !character.is_control()).take(WORDS_MAX).collect();
    let detail = match short.is_empty() {
        true => format!("SAP refuses it with {status} and gives no reason."),
        false => format!("SAP refuses it with {status}: {short}"),
    };
    Finding::error("REFUSED", "", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: Vec<portgate_sdk::Header>, body: &str) -> Outcome {
        let received_at = "2026-03-01T08:16:00Z".to_owned();
        let sent = Request::post("/service/$batch", "multipart/mixed", Vec::new());
        read(&sent, &Response { status, headers, received_at, body: body.as_bytes().to_vec() })
    }

    fn batch_of(statuses: &[u16]) -> String {
        let part = |status: &u16| format!("--b\nContent-Type: application/http\n\nHTTP/1.1 {status} X\n\n{{}}\n");
        statuses.iter().map(part).collect::<String>() + "--b--\n"
    }

    #[test]
    fn a_batch_is_as_good_as_its_parts() {
        for (statuses, verdict) in [
            (&[204, 201][..], Verdict::Accepted),
            (&[204, 400], Verdict::Rejected),
            (&[503, 503], Verdict::Retry),
            (&[204, 503], Verdict::Rejected),
            (&[400, 503], Verdict::Rejected),
        ] {
            let outcome = answer(202, Vec::new(), &batch_of(statuses));
            assert_eq!(outcome.verdict, verdict, "{statuses:?}");
            assert_eq!(outcome.findings.is_empty(), verdict == Verdict::Accepted, "{statuses:?}");
        }
        assert_eq!(answer(202, Vec::new(), "").verdict, Verdict::Accepted);
    }

    #[test]
    fn a_missing_token_and_errors_in_xml_are_told_as_what_they_are() {
        let token = vec![portgate_sdk::Header::new("x-csrf-token", "Required")];
        assert_eq!(answer(403, token, "").findings[0].code, "CSRF-TOKEN-REQUIRED");
        let xml = "<?xml version=\"1.0\"?><error xmlns=\"http://schemas.microsoft.com/ado/2007/08/dataservices/metadata\">\
                   <code>005056A509B11EE1B9A8FEC11C23378E</code><message xml:lang=\"en\">No such entity</message></error>";
        let outcome = answer(404, Vec::new(), xml);
        assert_eq!((outcome.verdict, outcome.findings[0].detail.as_str()), (Verdict::Rejected, "No such entity"));
        assert!(answer(404, Vec::new(), "<html>no</html>").findings[0].detail.starts_with("SAP refuses it with 404"));
        assert_eq!(answer(503, Vec::new(), "busy").verdict, Verdict::Retry);
    }
}
