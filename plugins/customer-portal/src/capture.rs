//! Events of EPCIS 2.0: a document goes to a repository's capture interface, and the job that takes it in says what became of it.
//!
//! Either all events of a document are captured or none is (`rollback`). An event is named by what it says, so one that is
//! sent again is one that the repository knows.

use portgate_epcis as epcis;
use portgate_sdk::{Document, Finding, Header, Outcome, Place, Pointer, Rejection, Request, Response, Target, Verdict};
use serde::Deserialize;

use crate::answer::{elsewhere, gone, pending};

/// Where documents are captured; its jobs are below it.
pub(crate) const PATH: &str = "/capture";

/// Problems that are told of one answer.
const PROBLEMS_MAX: usize = 50;

/// How much of a repository's words a finding repeats.
const WORDS_CHARACTERS_MAX: usize = 500;

/// The problem that a repository has with an event that it knows.
const KNOWN: &str = "ResourceAlreadyExistsException";

/// The request that has the events of all documents captured.
pub(crate) fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
    let mut events = Vec::new();
    let mut findings = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        match epcis::events(&document.kind, &document.body) {
            Ok(of_document) => events.extend(of_document),
            Err(refusal) => {
                let location = format!("/{index}{}", refusal.location);
                findings.push(Finding::error(refusal.code, location, refusal.detail));
            }
        }
    }
    if !findings.is_empty() {
        return Err(Rejection::new(findings));
    }
    let body = serde_json::to_vec(&epcis::document(&events, &target.now))
        .map_err(|error| Finding::error("NOT-WRITTEN", "", error.to_string()))?;
    let mut request = Request::post(PATH, "application/ld+json", body);
    request.headers.extend([
        Header::new("gs1-epcis-version", "2.0.0"),
        Header::new("gs1-cbv-version", "2.0.0"),
        Header::new("gs1-capture-error-behaviour", "rollback"),
    ]);
    Ok(request)
}

/// What a repository's answer means, to a document or to the question what has become of it.
pub(crate) fn interpret(sent: &Request, got: &Response) -> Outcome {
    let asked = sent.method == "GET";
    match got.status {
        200 if asked => job(sent, got),
        202 => match got.location() {
            Some(Place::Below(path)) => pending(path, got),
            Some(Place::Elsewhere(uri)) => Outcome::of(Verdict::Accepted).with(elsewhere(uri)),
            None if asked => pending(&sent.path, got),
            None => Outcome::of(Verdict::Accepted),
        },
        200..=299 => Outcome::of(Verdict::Accepted),
        404 | 410 if asked => gone(),
        409 => Outcome::of(Verdict::Accepted).with(known()),
        413 if got.header("retry-after").is_some() => Outcome::of(Verdict::Retry),
        413 => refused("CAPTURE-LIMIT", got, "The document is larger than the repository captures at once"),
        status => match Outcome::of_status(status).verdict {
            Verdict::Rejected => refused("REFUSED", got, "The repository refuses the document"),
            verdict => Outcome::of(verdict),
        },
    }
}

/// What is wrong, as RFC 7807 tells it.
#[derive(Deserialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: Option<String>,
    title: Option<String>,
    detail: Option<String>,
    instance: Option<String>,
}

impl Problem {
    /// The problem's own name, without the address that it is at.
    fn name(&self) -> &str {
        let kind = self.kind.as_deref().unwrap_or_default();
        kind.rsplit(['/', '#', ':']).next().unwrap_or_default()
    }

    /// Title and detail, as far as there are any.
    fn words(&self) -> String {
        let words = [&self.title, &self.detail].into_iter().flatten().map(|words| words.trim());
        let words = words.filter(|words| !words.is_empty()).collect::<Vec<_>>().join(": ");
        words.chars().take(WORDS_CHARACTERS_MAX).collect()
    }

    fn finding(&self, code: &str, at: String) -> Finding {
        let name = Some(self.name()).filter(|name| !name.is_empty() && *name != "blank");
        let words = Some(self.words()).filter(|words| !words.is_empty());
        let at = self.instance.clone().filter(|instance| !instance.is_empty()).unwrap_or(at);
        let said = [name.map(str::to_owned), words].into_iter().flatten().collect::<Vec<_>>().join(": ");
        let detail = if said.is_empty() { "The repository gives no reason.".to_owned() } else { said };
        Finding::error(code, at, detail)
    }
}

/// How far a repository has come with a document.
#[derive(Deserialize)]
struct Job {
    running: Option<bool>,
    success: Option<bool>,
    errors: Option<Vec<Problem>>,
}

fn job(sent: &Request, got: &Response) -> Outcome {
    let Ok(job) = got.json::<Job>() else {
        let detail = "The repository has taken the document, and its answer on what became of it cannot be read.";
        return Outcome::of(Verdict::Accepted).with(Finding::warning("ANSWER-ODD", "", detail));
    };
    if job.running == Some(true) {
        return pending(&sent.path, got);
    }
    let errors = job.errors.unwrap_or_default();
    if job.success != Some(false) && errors.is_empty() {
        return Outcome::of(Verdict::Accepted);
    }
    if !errors.is_empty() && errors.iter().all(|problem| problem.name() == KNOWN) {
        return Outcome::of(Verdict::Accepted).with(known());
    }
    let list = Pointer::root().key("errors");
    let mut findings: Vec<Finding> = errors
        .iter()
        .take(PROBLEMS_MAX)
        .enumerate()
        .map(|(index, problem)| problem.finding("NOT-CAPTURED", list.index(index).to_string()))
        .collect();
    let more = errors.len().saturating_sub(PROBLEMS_MAX);
    if more > 0 {
        findings.push(Finding::info("MORE-REASONS", list, format!("The repository gives {more} more reasons.")));
    }
    if findings.is_empty() {
        let detail = "The repository has not captured the events and gives no reason.";
        findings.push(Finding::error("NOT-CAPTURED", "", detail));
    }
    Outcome { findings, ..Outcome::of(Verdict::Rejected) }
}

fn known() -> Finding {
    Finding::info("EVENTS-KNOWN", "", "The repository has these events already.")
}

/// A refusal with the problem that the repository tells, if it does.
fn refused(code: &str, got: &Response, without: &str) -> Outcome {
    let told = got.json::<Problem>().ok().filter(|problem| !problem.name().is_empty() || !problem.words().is_empty());
    let finding = match told {
        Some(problem) => problem.finding(code, String::new()),
        None => Finding::error(code, "", format!("{without} with {} and gives no reason.", got.status)),
    };
    Outcome { findings: vec![finding], ..Outcome::of(Verdict::Rejected) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(method: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Outcome {
        let path = if method == "GET" { "/capture/7" } else { PATH };
        let sent = Request { method: method.to_owned(), ..Request::get(path) };
        interpret(
            &sent,
            &Response {
                status,
                headers: headers.iter().map(|(name, value)| Header::new(*name, *value)).collect(),
                received_at: "2026-03-01T08:15:00Z".to_owned(),
                body: body.as_bytes().to_vec(),
            },
        )
    }

    #[test]
    fn a_document_is_taken_looked_at_later_or_refused() {
        assert_eq!(answer("POST", 201, &[], "").verdict, Verdict::Accepted);
        assert_eq!(answer("POST", 202, &[], "").verdict, Verdict::Accepted);
        let later = answer("POST", 202, &[("location", "/capture/7"), ("retry-after", "2")], "");
        let next = later.next.expect("a follow-up");
        assert_eq!((next.request.path.as_str(), next.after_seconds), ("/capture/7", 2));
        for status in [408, 425, 429, 500, 503] {
            assert_eq!(answer("POST", status, &[], "").verdict, Verdict::Retry, "{status}");
        }
        for status in [301, 400, 401, 403, 406, 413, 415, 422] {
            let refused = answer("POST", status, &[], "no JSON");
            assert_eq!((refused.verdict, refused.findings.len()), (Verdict::Rejected, 1), "{status}");
        }
        assert_eq!(answer("POST", 413, &[("retry-after", "60")], "").verdict, Verdict::Retry);
        assert_eq!(answer("POST", 409, &[], "").verdict, Verdict::Accepted);
    }

    #[test]
    fn a_job_is_asked_until_it_is_over() {
        let asked = |body| answer("GET", 200, &[], body);
        let next = asked(r#"{"captureID":"7","running":true,"success":true,"errors":[]}"#).next.expect("a follow-up");
        assert_eq!((next.request.path.as_str(), next.after_seconds), ("/capture/7", 60));
        assert_eq!(asked(r#"{"running":false,"success":true,"errors":[]}"#).verdict, Verdict::Accepted);
        assert_eq!(asked("<html/>").findings[0].code, "ANSWER-ODD");
        let failed = asked(
            r#"{"running":false,"success":false,"errors":[{"type":"epcisException:ValidationException","title":"Invalid","detail":"No eventTime."}]}"#,
        );
        assert_eq!(failed.verdict, Verdict::Rejected);
        assert_eq!(
            failed.findings[0].to_string(),
            "error NOT-CAPTURED at /errors/0: ValidationException: Invalid: No eventTime."
        );
        let known = asked(
            r#"{"running":false,"success":false,"errors":[{"type":"epcisException:ResourceAlreadyExistsException"}]}"#,
        );
        assert_eq!((known.verdict, known.findings[0].code.as_str()), (Verdict::Accepted, "EVENTS-KNOWN"));
        assert_eq!(asked(r#"{"running":false,"success":false}"#).verdict, Verdict::Rejected);
        assert_eq!(answer("GET", 404, &[], "").findings[0].code, "JOB-GONE");
    }
}
