//! Runs the case folders natively: quick, with the debugger and the coverage tool one has. `portgate plugin test` runs
//! the same folders in the sandbox.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use portgate_cases::{Answer, Case, Given, Ran};

use super::doubles::{Line, logged};
use super::given::{Call, composition, context, stand_in};
use crate::delivery::{FollowUp, Outcome, Request, Verdict};
use crate::document::Document;
use crate::finding::{Finding, Rejection};
use crate::judgement::Judgement;
use crate::log::Level;
use crate::message::Header;
use crate::part::{Part, PartVerdict, Reply};
use crate::plugin::{Composer, Connector, Rules};

/// Runs every `cases/<name>/` of the plugin in `folder` and panics with a readable report unless all pass. In a test:
/// `portgate_sdk::testkit::run_cases::<MyConnector>(env!("CARGO_MANIFEST_DIR"))`. With `UPDATE_CASES=1` in the
/// environment it writes each expectation instead.
///
/// # Panics
///
/// A case fails, cannot be read, or there is none; or the connector leaves a field unread that `plugin.toml` does not list
/// as ignored.
pub fn run_cases<C: Connector>(folder: impl AsRef<Path>) {
    run_each(folder.as_ref(), "connector", ran::<C>);
}

/// The same for a composer: each case has a `context.json` and says in `case.toml` what is to be made of it.
///
/// # Panics
///
/// A case fails, cannot be read, is none of a composer, or there is none.
pub fn run_composer_cases<C: Composer>(folder: impl AsRef<Path>) {
    run_each(folder.as_ref(), "composer", |case| {
        let Given::Context { body, composition: Some(made) } = &case.given else {
            return Err("a composer's case has context.json, and [composition] in case.toml".to_owned());
        };
        stand_in(case)?;
        let answer = match C::compose(&context(body), &composition(made), &case.received_at) {
            Ok(made) => Answer::Composed { document: document(made) },
            Err(judgements) => Answer::Judged { judgements: judgements.into_iter().map(judgement).collect() },
        };
        Ok(Ran { answer, unread: Vec::new(), log: logged().into_iter().map(line).collect() })
    });
}

/// The same for a rule pack: each case has a `context.json`.
///
/// # Panics
///
/// A case fails, cannot be read, is none of a rule pack, or there is none.
pub fn run_rules_cases<R: Rules>(folder: impl AsRef<Path>) {
    run_each(folder.as_ref(), "rule pack", |case| {
        let Given::Context { body, composition: None } = &case.given else {
            return Err("a rule pack's case has context.json, and no [composition]".to_owned());
        };
        stand_in(case)?;
        let judgements = R::inspect(&context(body), &case.received_at);
        let answer = Answer::Judged { judgements: judgements.into_iter().map(judgement).collect() };
        Ok(Ran { answer, unread: Vec::new(), log: logged().into_iter().map(line).collect() })
    });
}

/// Runs every case of a folder, and panics with the report unless all pass.
fn run_each(folder: &Path, what: &str, ran: impl Fn(&Case) -> Result<Ran, String>) {
    let report = portgate_cases::run(folder, |case| {
        catch_unwind(AssertUnwindSafe(|| ran(case))).unwrap_or_else(|panic| {
            let said = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            Err(format!("the {what} panicked: {}", said.unwrap_or("no message")))
        })
    });
    match report {
        Ok(report) if report.passed() => println!("{report}"),
        Ok(report) => panic!("cases of {}:\n{report}", folder.display()),
        Err(error) => panic!("{error}"),
    }
}

/// Makes a call with a message that is no case, such as a partner's sample, and says what of it the call has left
/// unread that `plugin.toml` in `folder` does not list as ignored for the contract. If the call refuses the message
/// nothing is lost, so nothing is said.
///
/// # Panics
///
/// `plugin.toml` cannot be read.
pub fn unlisted<T>(
    folder: impl AsRef<Path>,
    (contract, version): (&str, &str),
    call: impl FnOnce() -> Result<T, Rejection>,
) -> (Result<T, Rejection>, Vec<String>) {
    let (made, unread) = portgate_unread::noted(call);
    let unread = if made.is_ok() { unread } else { Vec::new() };
    let unlisted = portgate_cases::unlisted(folder.as_ref(), contract, version, unread);
    (made, unlisted.unwrap_or_else(|error| panic!("{error}")))
}

/// Has the connector make what it makes of the case, while what it leaves unread is noted.
fn ran<C: Connector>(case: &Case) -> Result<Ran, String> {
    stand_in(case)?;
    let (answer, unread) = match Call::of(case)? {
        Call::Decode(message) => {
            let (decoded, unread) = noting(&message.body, || C::decode(&message));
            let decoded = decoded.map(|decoded| {
                let of_parts = decoded.parts.iter().flat_map(|part| part.findings.clone());
                Answer::Decoded {
                    documents: decoded.documents.into_iter().map(document).collect(),
                    findings: decoded.findings.into_iter().chain(of_parts).map(finding).collect(),
                    parts: decoded.parts.into_iter().map(part).collect(),
                    reply: decoded.reply.map(reply),
                }
            });
            (decoded, unread)
        }
        Call::Encode(documents, target) => {
            let rendered = C::encode(&documents, &target);
            (rendered.map(|rendered| Answer::Rendered(request(rendered))), Vec::new())
        }
        Call::Interpret(sent, got) => {
            let (outcome, unread) = noting(&got.body, || C::interpret(&sent, &got));
            (outcome.map(|outcome| Answer::Interpreted(interpreted(outcome))), unread)
        }
    };
    let log = logged().into_iter().map(line).collect();
    Ok(match answer {
        Ok(answer) => Ran { answer, unread, log },
        // A message that is refused is not lost, so nothing of it counts as unread.
        Err(rejection) => {
            let findings = rejection.all_findings().cloned().map(finding).collect();
            let parts = rejection.parts.into_iter().map(part).collect();
            let answer = Answer::rejected(findings, parts, rejection.reply.map(reply));
            Ran { answer, unread: Vec::new(), log }
        }
    })
}

/// Of an empty body nothing can be left unread.
fn noting<T>(body: &[u8], call: impl FnOnce() -> T) -> (T, Vec<String>) {
    match body.is_empty() {
        true => (call(), Vec::new()),
        false => portgate_unread::noted(call),
    }
}

fn part(part: Part) -> portgate_cases::Part {
    let verdict = match part.verdict {
        PartVerdict::Accepted => "accepted",
        PartVerdict::Refused => "refused",
    };
    let Part { location, reference, documents, .. } = part;
    portgate_cases::Part { location, reference, verdict, documents }
}

fn reply(reply: Reply) -> portgate_cases::Reply {
    portgate_cases::Reply::new(reply.content_type, &reply.body)
}

fn document(document: Document) -> portgate_cases::Document {
    let refs = document.refs.into_iter();
    let refs =
        refs.map(|name| portgate_cases::Reference { scheme: name.scheme.to_string(), value: name.value.to_string() });
    portgate_cases::Document::new(document.kind, document.key, refs.collect(), &document.body)
}

fn request(request: Request) -> portgate_cases::Request {
    let Request { method, path, headers, body } = request;
    let headers = headers.into_iter().map(|Header { name, value }| (name, value)).collect();
    portgate_cases::Request { method, path, headers, body }
}

fn interpreted(outcome: Outcome) -> portgate_cases::Outcome {
    let verdict = match outcome.verdict {
        Verdict::Accepted => "accepted",
        Verdict::Rejected => "rejected",
        Verdict::Retry => "retry",
        Verdict::Pending => "pending",
    };
    let next = outcome.next.map(|FollowUp { request: asked, after_seconds }| portgate_cases::FollowUp {
        request: request(asked),
        after_seconds,
    });
    portgate_cases::Outcome {
        verdict: verdict.to_owned(),
        documents: outcome.documents.into_iter().map(document).collect(),
        findings: outcome.findings.into_iter().map(finding).collect(),
        next,
    }
}

fn judgement(judgement: Judgement) -> portgate_cases::Judgement {
    let Judgement { rule, severity, fields, detail, remedy } = judgement;
    portgate_cases::Judgement { rule, severity: severity.to_string(), fields, detail, remedy }
}

fn finding(finding: Finding) -> portgate_cases::Finding {
    portgate_cases::Finding {
        code: finding.code,
        severity: finding.severity.to_string(),
        location: finding.location,
        detail: finding.detail,
    }
}

fn line(line: Line) -> String {
    let level = match line.level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    };
    let fields = line.fields.iter().map(|(name, value)| format!(" {name}={value}"));
    format!("{level}: {}{}", line.text, fields.collect::<String>())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{Decoded, Message, Response, Target};

    struct Sample;

    impl Connector for Sample {
        fn decode(message: &Message) -> Result<Decoded, Rejection> {
            assert!(message.body != b"panic", "asked to");
            let rate = crate::reference::lookup("rates", "EUR", "2026-03-01").unwrap_or_default();
            Err(Finding::error("SAMPLE", message.text()?, rate).into())
        }
    }

    fn plugin(message: &str, location: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let case = folder.path().join("cases/first");
        fs::create_dir_all(&case).expect("a folder");
        fs::write(folder.path().join("plugin.toml"), "[[contracts]]\nname = 'a'\nversion = '1'\n").expect("a file");
        fs::write(case.join("message.txt"), message).expect("a file");
        fs::write(case.join("case.toml"), "[[rows]]\ntable = 'rates'\nkey = 'EUR'\nvalue = '0.86'\n").expect("a file");
        let expected = format!(
            r#"{{"rejected": {{"findings": [
                {{"code": "SAMPLE", "severity": "error", "location": "{location}", "detail": "0.86"}}]}}}}"#
        );
        fs::write(case.join("expected.json"), expected).expect("a file");
        folder
    }

    #[test]
    fn a_case_that_answers_as_expected_passes_with_its_look_ups() {
        run_cases::<Sample>(plugin("here", "here").path());
    }

    #[test]
    #[should_panic = "/rejected/findings/0/location: expected \"there\", got \"here\""]
    fn a_case_that_answers_otherwise_fails_with_the_difference() {
        run_cases::<Sample>(plugin("here", "there").path());
    }

    #[test]
    #[should_panic = "FAILED   first: the connector panicked: asked to"]
    fn a_connector_that_panics_fails_its_case_by_name() {
        run_cases::<Sample>(plugin("panic", "here").path());
    }

    /// Reads a line of text in, says it out, and knows two answers.
    struct Both;

    #[derive(serde::Deserialize)]
    struct Line {
        text: String,
    }

    impl Connector for Both {
        fn decode(message: &Message) -> Result<Decoded, Rejection> {
            let line: Line = message.json()?;
            crate::log::info(&line.text);
            Decoded::new().finish()
        }

        fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
            let path = format!("/{target}/{}?at={}", documents[0].key, target.now);
            Ok(Request::post(path, "application/json", documents[0].body.clone()))
        }

        fn interpret(sent: &Request, got: &Response) -> Result<Outcome, Rejection> {
            let line: Line = got.json()?;
            Ok(Outcome::of_status(got.status).with(Finding::info("SAID", &sent.path, line.text)))
        }
    }

    fn both_ways(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let manifest = "[[contracts]]\nname = 'a'\nversion = '1'\ndirection = 'both'\n\
                        [[ignored]]\npath = '/colour'\nwhy = 'it is all the same'\n";
        for (path, text) in [("plugin.toml", manifest)].iter().chain(files) {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        folder
    }

    const RENDERED: &str = "POST /a/1/7?at=2026-03-01T08:15:00Z\ncontent-type: application/json\n\n{\"id\":\"7\"}";

    #[test]
    fn all_three_functions_have_cases() {
        let outcome = r#"{"verdict":"accepted","documents":[],"findings":[{"code":"SAID","severity":"info",
            "location":"/a/1/7?at=2026-03-01T08:15:00Z","detail":"thanks"}]}"#;
        let folder = both_ways(&[
            ("cases/in/message.json", r#"{"text":"hello","colour":"red"}"#),
            ("cases/in/expected.json", r#"{"documents":[],"findings":[]}"#),
            ("cases/out/documents.json", r#"[{"kind":"order","body":{"id":"7"}}]"#),
            ("cases/out/request.http", RENDERED),
            ("cases/out/response.json", r#"{"status":201,"body":{"text":"thanks"}}"#),
            ("cases/out/outcome.json", outcome),
        ]);
        run_cases::<Both>(folder.path());
    }

    #[test]
    #[should_panic = "unread: /size"]
    fn a_message_with_a_field_that_is_left_unread_fails_its_case() {
        let folder = both_ways(&[
            ("cases/in/message.json", r#"{"text":"hello","colour":"red","size":3}"#),
            ("cases/in/expected.json", r#"{"documents":[],"findings":[]}"#),
        ]);
        run_cases::<Both>(folder.path());
    }

    #[test]
    #[should_panic = "unread: /ticket"]
    fn an_answer_with_a_field_that_is_left_unread_fails_its_case() {
        let folder = both_ways(&[
            ("cases/out/request.http", RENDERED),
            ("cases/out/response.json", r#"{"status":201,"body":{"text":"thanks","ticket":"T-1"}}"#),
            (
                "cases/out/outcome.json",
                r#"{"verdict":"accepted","documents":[],"findings":[{"code":"SAID","severity":"info",
                    "location":"/a/1/7?at=2026-03-01T08:15:00Z","detail":"thanks"}]}"#,
            ),
        ]);
        run_cases::<Both>(folder.path());
    }

    #[test]
    #[should_panic = "/path: expected \"/elsewhere\""]
    fn another_request_fails_its_case_with_the_difference() {
        let folder = both_ways(&[
            ("cases/out/documents.json", r#"[{"kind":"order","body":{"id":"7"}}]"#),
            ("cases/out/request.http", &RENDERED.replace("/a/1/7?at=2026-03-01T08:15:00Z", "/elsewhere")),
        ]);
        run_cases::<Both>(folder.path());
    }
}
