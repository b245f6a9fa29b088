//! The connector of a customer portal, the way out of the gateway: a canonical document goes to the portal's JSON API, or what
//! it tells goes as events of EPCIS 2.0 to a repository (`capture`). The answer says what became of it. A model for connectors
//! that only send. `plugins/customer-portal/README.md` says what becomes of what.
//!
//! A document goes out byte for byte, but for container numbers in another form than that of ISO 6346 (`containers`).
//! The portal keeps each document by its kind and key: `PUT /documents/{kind}?key=…`. It takes it (any 2xx), takes it to
//! look at later (202 with `Location`, which is asked again), knows a newer version already (409: nothing is lost), asks
//! for patience (429, 5xx), or refuses it with reasons (other 4xx, `{"errors":[{"field","message"}]}`).
//!
//! What the portal has taken is never sent again: whatever else is odd about a 2xx is a finding.

mod answer;
mod capture;
mod containers;

use portgate_sdk::{
    Connector, Decoded, Document, Finding, Header, Message, Outcome, Place, Rejection, Request, Response, Target,
    Verdict,
};
use serde::Deserialize;

use answer::{elsewhere, gone, pending};

/// The connector. Everything it knows comes with each call, so there is nothing in it.
pub struct CustomerPortal;

portgate_sdk::export!(CustomerPortal);

/// Reasons of a refusal that are kept.
const REASONS_MAX: usize = 50;

impl Connector for CustomerPortal {
    fn decode(_: &Message) -> Result<Decoded, Rejection> {
        Err(Finding::error("NOT-SUPPORTED", "", "The portal only receives; it sends no messages.").into())
    }

    fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
        match (&*target.contract, &*target.version) {
            ("portal-document", "1") => {}
            ("epcis", "2.0") => return capture::encode(documents, target),
            _ => {
                let detail = format!("This connector does not encode `{target}`; see its manifest.");
                return Err(Finding::error("UNKNOWN-CONTRACT", "", detail).into());
            }
        }
        let [document] = documents else {
            let detail = format!("The portal takes one document a request, not {}.", documents.len());
            return Err(Finding::error("NOT-ONE-DOCUMENT", "", detail).into());
        };
        Ok(Request {
            method: "PUT".to_owned(),
            path: format!("/documents/{}?key={}", document.kind, encoded(&document.key)),
            headers: vec![Header::new("content-type", "application/json")],
            body: containers::in_one_form(&document.body).unwrap_or_else(|| document.body.clone()),
        })
    }

    fn interpret(sent: &Request, got: &Response) -> Result<Outcome, Rejection> {
        if sent.path.starts_with(capture::PATH) {
            return Ok(capture::interpret(sent, got));
        }
        // What `encode` makes is a PUT; a GET asks what became of a document that the portal has taken already.
        let asked = sent.method == "GET";
        Ok(match got.status {
            202 => match got.location() {
                Some(Place::Below(path)) => pending(path, got),
                Some(Place::Elsewhere(uri)) => Outcome::of(Verdict::Accepted).with(elsewhere(uri)),
                None if asked => pending(&sent.path, got),
                None => Outcome::of(Verdict::Accepted),
            },
            200..=299 => Outcome::of(Verdict::Accepted),
            404 | 410 if asked => gone(),
            409 => {
                let detail = "The portal has a newer version of this document already.";
                Outcome::of(Verdict::Accepted).with(Finding::info("NEWER-KNOWN", "", detail))
            }
            429 | 500..=599 => Outcome::of(Verdict::Retry),
            status => Outcome { findings: reasons(status, &sent.path, got), ..Outcome::of(Verdict::Rejected) },
        })
    }
}

/// Why the portal refuses a document, as it says itself.
fn reasons(status: u16, path: &str, got: &Response) -> Vec<Finding> {
    #[derive(Deserialize)]
    struct Refusal {
        errors: Vec<Reason>,
    }
    #[derive(Deserialize)]
    struct Reason {
        field: Option<String>,
        message: String,
    }
    let refusal: Option<Refusal> = got.json().ok();
    let reasons = refusal.map(|refusal| refusal.errors).unwrap_or_default();
    let more = reasons.len().saturating_sub(REASONS_MAX);
    let mut findings: Vec<Finding> = reasons
        .into_iter()
        .take(REASONS_MAX)
        .map(|reason| Finding::error("PORTAL-REFUSES", reason.field.unwrap_or_default(), reason.message))
        .collect();
    if more > 0 {
        findings.push(Finding::info("MORE-REASONS", "", format!("The portal gives {more} more reasons.")));
    }
    if findings.is_empty() {
        let detail = format!("The portal answered {status} to {path} without a reason that can be read.");
        findings.push(Finding::error("PORTAL-REFUSES", "", detail));
    }
    findings
}

/// A key as the value of a query parameter: everything but unreserved characters (RFC 3986 §2.3) is percent-encoded.
fn encoded(key: &str) -> String {
    let mut text = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(byte)),
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(key: &str) -> Document {
        Document { kind: "milestone".to_owned(), key: key.to_owned(), refs: Vec::new(), body: b"{}".to_vec() }
    }

    fn target(contract: &str) -> Target {
        Target::new(contract, "1", "2026-03-01T08:15:00Z")
    }

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Outcome {
        let sent = CustomerPortal::encode(&[document("1")], &target("portal-document")).expect("a request");
        let got = Response {
            status,
            headers: headers.iter().map(|(name, value)| Header::new(*name, *value)).collect(),
            received_at: "2026-03-01T08:15:00Z".to_owned(),
            body: body.as_bytes().to_vec(),
        };
        CustomerPortal::interpret(&sent, &got).expect("every answer is read")
    }

    #[test]
    fn a_document_is_put_at_its_kind_and_key_byte_for_byte() {
        let request = CustomerPortal::encode(&[document("A|B/../ü")], &target("portal-document")).expect("a request");
        assert_eq!((request.method.as_str(), request.body.as_slice()), ("PUT", &b"{}"[..]));
        assert_eq!(request.path, "/documents/milestone?key=A%7CB%2F..%2F%C3%BC");
    }

    #[test]
    fn a_container_goes_out_in_its_one_form() {
        let body = br#"{"equipmentId":"CSQU 305438-3"}"#.to_vec();
        let request = CustomerPortal::encode(&[Document { body, ..document("1") }], &target("portal-document"));
        assert_eq!(request.expect("a request").body, br#"{"equipmentId":"CSQU3054383"}"#);
    }

    #[test]
    fn several_documents_and_other_contracts_are_refused() {
        let encode = |documents: &[Document], contract| CustomerPortal::encode(documents, &target(contract));
        let code = |result: Result<Request, Rejection>| result.expect_err("a rejection").findings[0].code.clone();
        assert_eq!(code(encode(&[document("1"), document("2")], "portal-document")), "NOT-ONE-DOCUMENT");
        assert_eq!(code(encode(&[document("1")], "edifact")), "UNKNOWN-CONTRACT");
    }

    #[test]
    fn every_answer_has_its_verdict() {
        assert_eq!(answer(201, &[], "").verdict, Verdict::Accepted);
        assert_eq!(answer(202, &[], "").verdict, Verdict::Accepted);
        assert_eq!(answer(409, &[], "").verdict, Verdict::Accepted);
        assert_eq!(answer(429, &[], "").verdict, Verdict::Retry);
        assert_eq!(answer(503, &[], "").verdict, Verdict::Retry);
        assert_eq!(answer(404, &[], "not JSON").findings.len(), 1);
        let refused = answer(422, &[], r#"{"errors":[{"field":"/code","message":"Unknown."},{"message":"Bad."}]}"#);
        assert_eq!(refused.verdict, Verdict::Rejected);
        assert_eq!(refused.findings[0].location, "/code");
        assert_eq!(refused.findings.len(), 2);
    }

    #[test]
    fn a_document_that_is_looked_at_later_is_asked_about_when_the_portal_says() {
        let outcome = answer(202, &[("location", "/jobs/7"), ("retry-after", "5")], "");
        let next = outcome.next.expect("a follow-up");
        assert_eq!((outcome.verdict, next.request.path.as_str(), next.after_seconds), (Verdict::Pending, "/jobs/7", 5));
        for odd in ["", "soon", "-1", "Fri, 31 Dec 1999 23:59:59 GMT", "99999999999999999999"] {
            let outcome = answer(202, &[("location", "/jobs/7"), ("retry-after", odd)], "");
            assert_eq!(outcome.next.expect("a follow-up").after_seconds, 60, "{odd}");
        }
        assert_eq!(answer(202, &[("location", "/jobs/7")], "").next.expect("a follow-up").after_seconds, 60);
    }

    #[test]
    fn a_place_that_cannot_be_asked_is_a_finding_and_no_failure() {
        for elsewhere in ["https://other.example/jobs/7", "//other.example/jobs/7", "urn:job:7", "", "jobs", "\u{FFFD}"]
        {
            let outcome = answer(202, &[("location", elsewhere)], "");
            assert_eq!((outcome.verdict, outcome.next), (Verdict::Accepted, None), "{elsewhere}");
            assert_eq!(outcome.findings[0].code, "LOCATION-ELSEWHERE", "{elsewhere}");
        }
        let long = format!("https://other.example/{}", "x".repeat(100_000));
        assert!(answer(202, &[("location", &long)], "").findings[0].detail.len() < 400);
    }

    #[test]
    fn every_answer_of_2xx_has_taken_the_document_whatever_it_looks_like() {
        let bodies = ["", "{}", "not JSON", "{\"errors\":[{\"message\":\"odd\"}]}", "\u{0}", "<html/>"];
        let types = ["application/json", "text/html", ""];
        for status in 200..300 {
            for body in bodies {
                for content_type in types {
                    let verdict = answer(status, &[("content-type", content_type)], body).verdict;
                    assert_eq!(verdict, Verdict::Accepted, "{status} {content_type} {body}");
                    let place = [("location", "/jobs/7"), ("content-type", content_type)];
                    let verdict = answer(status, &place, body).verdict;
                    assert!(matches!(verdict, Verdict::Accepted | Verdict::Pending), "{status} {content_type} {body}");
                }
            }
        }
    }

    #[test]
    fn what_has_become_of_a_document_is_asked_until_the_portal_says() {
        let asked = |status, headers: &[(&str, &str)]| {
            let got = Response {
                status,
                headers: headers.iter().map(|(name, value)| Header::new(*name, *value)).collect(),
                received_at: "2026-03-01T08:15:00Z".to_owned(),
                body: Vec::new(),
            };
            CustomerPortal::interpret(&Request::get("/jobs/7"), &got).expect("every answer is read")
        };
        let next = |outcome: Outcome| outcome.next.map(|next| next.request.path);
        assert_eq!(next(asked(202, &[])).as_deref(), Some("/jobs/7"));
        assert_eq!(next(asked(202, &[("location", "/jobs/8")])).as_deref(), Some("/jobs/8"));
        assert_eq!(asked(200, &[]).verdict, Verdict::Accepted);
        assert_eq!(asked(503, &[]).verdict, Verdict::Retry);
        assert_eq!(asked(422, &[]).verdict, Verdict::Rejected);
        for gone in [404, 410] {
            let outcome = asked(gone, &[]);
            assert_eq!((outcome.verdict, outcome.findings[0].code.as_str()), (Verdict::Accepted, "JOB-GONE"));
        }
    }

    #[test]
    fn reasons_that_are_left_out_are_counted() {
        let errors: Vec<String> = (0..60).map(|number| format!("{{\"message\":\"wrong {number}\"}}")).collect();
        let refused = answer(422, &[], &format!("{{\"errors\":[{}]}}", errors.join(",")));
        assert_eq!(refused.findings.len(), 51);
        assert_eq!(refused.findings[50].detail, "The portal gives 10 more reasons.");
    }
}
