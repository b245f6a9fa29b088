//! What both of the portal's interfaces answer in the same way.

use portgate_sdk::{Finding, FollowUp, Outcome, Request, Response, Verdict};

/// When something that is looked at later is asked about again, where it is not said.
const ASK_AGAIN_SECONDS: u32 = 60;

/// How much of an address a finding repeats.
const URI_CHARACTERS_MAX: usize = 200;

/// Asks at the place that was named, when it was said or after a minute.
pub(crate) fn pending(path: &str, got: &Response) -> Outcome {
    let after_seconds = got.header("retry-after").and_then(|seconds| seconds.parse().ok()).unwrap_or(ASK_AGAIN_SECONDS);
    let next = FollowUp { request: Request::get(path), after_seconds };
    Outcome { next: Some(next), ..Outcome::of(Verdict::Pending) }
}

/// What was sent is taken, and an address elsewhere will say what became of it, which is not asked.
pub(crate) fn elsewhere(uri: &str) -> Finding {
    let uri: String = uri.chars().take(URI_CHARACTERS_MAX).collect();
    let detail =
        format!("The portal has taken the document and says at {uri} what becomes of it; it is not asked there.");
    Finding::warning("LOCATION-ELSEWHERE", "", detail)
}

/// What was sent is taken, and nobody knows any more what became of it.
pub(crate) fn gone() -> Outcome {
    let detail = "The portal has taken the document, but does not know any more what became of it.";
    Outcome::of(Verdict::Accepted).with(Finding::warning("JOB-GONE", "", detail))
}
