//! What the partner's answer to an interchange means.

use portgate_sdk::{Finding, Outcome, Response, Verdict, edifact, x12};

/// How much of an answer's words a finding repeats.
const REASON_CHARACTERS_MAX: usize = 200;

/// A status of 2xx has taken the interchange; where its body is an interchange itself, what that acknowledges is news. 408, 425,
/// 429 and 5xx cannot take it now; any other status refuses it.
pub(crate) fn read(got: &Response) -> Outcome {
    let outcome = Outcome::of_status(got.status);
    match outcome.verdict {
        Verdict::Accepted => acknowledged(got),
        Verdict::Rejected => Outcome { findings: vec![refused(got)], ..outcome },
        Verdict::Retry | Verdict::Pending => outcome,
    }
}

/// The interchange is taken, with what its receiver says of it. What is odd about that is no reason to send it again.
fn acknowledged(got: &Response) -> Outcome {
    let outcome = Outcome::of(Verdict::Accepted);
    let said = match got.body.trim_ascii_start().get(..3) {
        Some(b"ISA") => x12::acknowledgements(got),
        Some(b"UNA" | b"UNB") => edifact::acknowledgements(got),
        _ => return outcome,
    };
    let (documents, findings): (_, Vec<Finding>) = match said {
        Ok(decoded) => {
            let of_parts = decoded.parts.into_iter().flat_map(|part| part.findings);
            (decoded.documents, decoded.findings.into_iter().chain(of_parts).collect())
        }
        Err(rejection) => (Vec::new(), rejection.all_findings().cloned().collect()),
    };
    let mild = |finding: Finding| match finding.severity.rejects() {
        true => Finding::warning(finding.code, finding.location, finding.detail),
        false => finding,
    };
    Outcome { documents, findings: findings.into_iter().map(mild).collect(), ..outcome }
}

/// Why the partner refuses it, as far as it says so in words.
fn refused(got: &Response) -> Finding {
    let words = String::from_utf8_lossy(&got.body);
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = words.chars().filter(|c| !c.is_control()).take(REASON_CHARACTERS_MAX).collect();
    let detail = match short.is_empty() {
        true => format!("The partner refuses the interchange with {} and gives no reason.", got.status),
        false => format!("The partner refuses the interchange with {}: {short}", got.status),
    };
    Finding::error("REFUSED", "", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Outcome {
        let received_at = "2026-03-01T08:16:00Z".to_owned();
        read(&Response { status, headers: Vec::new(), received_at, body: body.as_bytes().to_vec() })
    }

    #[test]
    fn every_status_has_its_verdict() {
        for status in [200, 202, 204] {
            assert_eq!(answer(status, "").verdict, Verdict::Accepted, "{status}");
        }
        for status in [408, 425, 429, 500, 503] {
            assert_eq!(answer(status, "").verdict, Verdict::Retry, "{status}");
        }
        for status in [301, 400, 403, 404, 422] {
            assert_eq!(answer(status, "").verdict, Verdict::Rejected, "{status}");
        }
    }

    #[test]
    fn a_refusal_has_a_short_reason() {
        let long = format!("Unknown\n sender\u{7}. {}", "x".repeat(10_000));
        let detail = answer(422, &long).findings[0].detail.clone();
        assert!(detail.starts_with("The partner refuses the interchange with 422: Unknown sender. xxx"), "{detail}");
        assert!(detail.len() < 300, "{}", detail.len());
        assert!(answer(404, " \n").findings[0].detail.ends_with("gives no reason."));
    }

    #[test]
    fn what_is_odd_about_an_answer_of_2xx_is_a_finding_and_no_refusal() {
        for odd in ["ISA", "ISA*00*", "UNA", "UNB+UNOC:3+A+B", "ISA~", "{}", "<html/>", "\u{0}"] {
            let outcome = answer(200, odd);
            assert_eq!((outcome.verdict, outcome.documents.len()), (Verdict::Accepted, 0), "{odd}");
            assert!(outcome.findings.iter().all(|finding| !finding.severity.rejects()), "{odd}");
        }
    }
}
