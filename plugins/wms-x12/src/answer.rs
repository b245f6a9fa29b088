//! What the warehouse's answer to an interchange means.

use portgate_sdk::{Finding, Outcome, Response, Verdict, x12};

/// How much of an answer's words a finding repeats.
const WORDS_CHARACTERS_MAX: usize = 200;

/// A status of 2xx has taken the interchange; where its body is an interchange itself, what that acknowledges is news. 408, 425,
/// 429 and 5xx cannot take it now; any other status refuses it.
pub(crate) fn read(got: &Response) -> Outcome {
    let outcome = Outcome::of_status(got.status);
    match outcome.verdict {
        Verdict::Accepted if got.body.trim_ascii_start().starts_with(b"ISA") => acknowledged(got, outcome),
        Verdict::Rejected => Outcome { findings: vec![refused(got)], ..outcome },
        _ => outcome,
    }
}

/// The interchange is taken, with what is said of it. What is odd about that is no reason to send it again.
fn acknowledged(got: &Response, outcome: Outcome) -> Outcome {
    let (documents, said): (_, Vec<Finding>) = match x12::acknowledgements(got) {
        Ok(decoded) => {
            let of_parts = decoded.parts.into_iter().flat_map(|part| part.findings);
            (decoded.documents, decoded.findings.into_iter().chain(of_parts).collect())
        }
        Err(rejection) => (Vec::new(), rejection.all_findings().cloned().collect()),
    };
    let as_warning = |finding: Finding| match finding.severity.rejects() {
        true => Finding::warning(finding.code, finding.location, finding.detail),
        false => finding,
    };
    Outcome { documents, findings: said.into_iter().map(as_warning).collect(), ..outcome }
}

/// Why the interchange is refused, as far as that is said in words.
fn refused(got: &Response) -> Finding {
    let words = String::from_utf8_lossy(&got.body);
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let words: String = words.chars().filter(|c| !c.is_control()).take(WORDS_CHARACTERS_MAX).collect();
    let detail = match words.is_empty() {
        true => format!("The warehouse refuses the interchange with {} and gives no reason.", got.status),
        false => format!("The warehouse refuses the interchange with {}: {words}", got.status),
    };
    Finding::error("REFUSED", "", detail)
}
