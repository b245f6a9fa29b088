//! What the partner's answer to a response or an entry means.

use portgate_sdk::{Finding, Outcome, Response, Verdict};
use serde::Deserialize;

/// How much of an answer's words a finding repeats.
const REASON_CHARACTERS_MAX: usize = 200;

/// How many reasons are repeated.
const REASONS_MAX: usize = 20;

/// What NetSuite says where it refuses.
#[derive(Deserialize)]
struct Refusal {
    #[serde(rename = "o:errorDetails", default)]
    details: Vec<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(default)]
    detail: String,
    #[serde(rename = "o:errorPath", default)]
    path: String,
    #[serde(rename = "o:errorCode", default)]
    code: String,
}

/// A status of 2xx has taken it; 408, 425, 429 and 5xx cannot take it now; any other refuses it, with the reasons that the answer
/// gives.
pub(crate) fn read(got: &Response) -> Outcome {
    let outcome = Outcome::of_status(got.status);
    match outcome.verdict {
        Verdict::Rejected => Outcome { findings: refused(got), ..outcome },
        Verdict::Accepted | Verdict::Retry | Verdict::Pending => outcome,
    }
}

fn refused(got: &Response) -> Vec<Finding> {
    let details = got.json::<Refusal>().map(|refusal| refusal.details).unwrap_or_default();
    let findings: Vec<Finding> = details.into_iter().take(REASONS_MAX).map(reason).collect();
    match findings.is_empty() {
        true => vec![in_words(got)],
        false => findings,
    }
}

fn reason(detail: Detail) -> Finding {
    let code = if detail.code.is_empty() { "REFUSED".to_owned() } else { short(&detail.code) };
    let words = if detail.detail.is_empty() { "No reason is given.".to_owned() } else { short(&detail.detail) };
    Finding::error(code, short(&detail.path), words)
}

/// Why the partner refuses it, as far as it says so in words.
fn in_words(got: &Response) -> Finding {
    let words = short(&String::from_utf8_lossy(&got.body));
    let detail = match words.is_empty() {
        true => format!("The partner refuses it with {} and gives no reason.", got.status),
        false => format!("The partner refuses it with {}: {words}", got.status),
    };
    Finding::error("REFUSED", "", detail)
}

fn short(words: &str) -> String {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().filter(|c| !c.is_control()).take(REASON_CHARACTERS_MAX).collect()
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
        for (statuses, verdict) in [
            (&[200, 202, 204][..], Verdict::Accepted),
            (&[408, 425, 429, 500, 503], Verdict::Retry),
            (&[301, 400, 401, 404, 409, 422], Verdict::Rejected),
        ] {
            for status in statuses {
                assert_eq!(answer(*status, "").verdict, verdict, "{status}");
            }
        }
    }

    #[test]
    fn each_reason_is_a_finding_and_an_answer_without_reasons_has_one() {
        let refused = r#"{"o:errorDetails":[{"detail":"Invalid  account.","o:errorPath":"line.items[0].account","o:errorCode":"INVALID_ID"},{}]}"#;
        let findings = answer(400, refused).findings;
        let [account, other] = &findings[..] else { panic!("{findings:?}") };
        assert_eq!(account.to_string(), "error INVALID_ID at line.items[0].account: Invalid account.");
        assert_eq!(other.to_string(), "error REFUSED: No reason is given.");
        assert!(answer(404, " \n").findings[0].detail.ends_with("gives no reason."));
        assert!(answer(422, &"x".repeat(9_000)).findings[0].detail.len() < 300);
    }
}
