//! A plugin that misbehaves on request: the name of the contract says how. It is built with the bare bindings, without
//! the SDK, as somebody would who means harm; only `good` and `in-parts` are what a connector does.

mod bindings {
    #![allow(missing_docs, clippy::all)]
    wit_bindgen::generate!({ path: "../../../wit/connector/v1", world: "connector" });
}

mod misdeeds;

use bindings::portgate::connector::log::{self, Level};
use bindings::portgate::connector::types::{Finding, Header, Part, PartVerdict, Reference, Reply, Severity};
use bindings::{Decoded, Document, Guest, Message, Outcome, Rejection, Request, Response, Target};

struct Hostile;

bindings::export!(Hostile with_types_in bindings);

impl Guest for Hostile {
    fn decode(message: Message) -> Result<Decoded, Rejection> {
        report_panics();
        match message.contract.as_str() {
            "good" => Ok(of(vec![good(&message)])),
            "moody" => {
                misdeeds::moody(&message.body);
                let reply = |verdict: &str| {
                    let body = format!("{verdict} under {}", message.control_numbers?.interchange).into_bytes();
                    Some(Reply { content_type: "text/plain".to_owned(), body })
                };
                match message.body.ends_with(b"reject") && misdeeds::lookup("codes", "2026-03-01") != "lenient" {
                    true => {
                        let findings = vec![finding(Severity::Error, "as the payload says")];
                        Err(Rejection { reply: reply("refused"), ..rejection(findings) })
                    }
                    false => Ok(Decoded { reply: reply("taken"), ..of(vec![good(&message)]) }),
                }
            }
            "endless-loop" => misdeeds::endless_loop(),
            "memory-bomb" => misdeeds::memory_bomb(),
            "deep-recursion" => Ok(noted(misdeeds::deep_recursion(message.body.len() as u64))),
            "deep-frames" => Ok(noted(misdeeds::deep_frames(message.body.len() as u8))),
            "linger" => misdeeds::linger(&message.body),
            "trap" => std::process::abort(),
            "wild-pointer" => Ok(noted(misdeeds::wild_pointer())),
            "panic" => panic!("no such code `{}`", message.version),
            "huge-output" => Ok(of(vec![Document { body: vec![b' '; 4 << 20], ..good(&message) }])),
            "many-documents" => Ok(of((0..1_000).map(|_| Document { body: Vec::new(), ..good(&message) }).collect())),
            "invalid-json" => Ok(of(vec![Document { body: b"{\"id\":".to_vec(), ..good(&message) }])),
            "breaks-schema" => Ok(of(vec![Document { body: b"{\"id\":7}".to_vec(), ..good(&message) }])),
            "kind-not-granted" => Ok(of(vec![Document { kind: "customs-status".to_owned(), ..good(&message) }])),
            "tells-by-kind" => Ok(of(vec![Document { kind: misdeeds::text(&message.body), ..good(&message) }])),
            "tells-by-lookup" => Ok(noted(misdeeds::lookup(&misdeeds::text(&message.body), "2026-03-01"))),
            "tells-by-panic" => misdeeds::panics_at(&message.body),
            "log-flood" => misdeeds::log_flood(),
            "long-log-line" => Ok(noted(misdeeds::log_line(256 << 10))),
            "huge-log-line" => Ok(noted(misdeeds::log_line(4 << 20))),
            "many-log-fields" => Ok(noted(misdeeds::log_fields(100_000))),
            "forged-log-line" => Ok(noted(misdeeds::forged_log_line())),
            "lookup-flood" => misdeeds::lookup_flood(),
            "lookup-not-granted" => Ok(noted(misdeeds::lookup("secrets", "2026-03-01"))),
            "lookup-on-no-day" => Ok(noted(misdeeds::lookup("codes", "tomorrow"))),
            "lookup" => Ok(noted(misdeeds::lookup("codes", "2026-03-01"))),
            "search-flood" => misdeeds::search_flood(),
            "search-not-granted" => Ok(noted(misdeeds::search("secrets", "2026-03-01"))),
            "search-on-no-day" => Ok(noted(misdeeds::search("codes", "tomorrow"))),
            "search" => Ok(noted(misdeeds::search("codes", "2026-03-01"))),
            "claims-code-awaited" => Err(rejection(vec![awaited()])),
            "codes-without-end" => misdeeds::codes_without_end(),
            "codes-in-any-table" => Ok(noted(misdeeds::code(&misdeeds::text(&message.body), "A"))),
            "unknown-codes" => {
                let wanted = misdeeds::text(&message.body).parse().unwrap_or_default();
                (0..wanted).for_each(|number: u32| drop(misdeeds::code("carrier", &number.to_string())));
                Err(rejection(vec![awaited()]))
            }
            "absurd-code" => {
                drop(misdeeds::code("carrier", &"x".repeat(60_000)));
                Err(rejection(vec![awaited()]))
            }
            "code" => Ok(noted(misdeeds::code("carrier", &misdeeds::text(&message.body)))),
            "part-refused-without-reason" => Ok(parts(&message, part(PartVerdict::Refused, 0, Severity::Warning))),
            "part-refused-with-documents" => Ok(parts(&message, part(PartVerdict::Refused, 1, Severity::Error))),
            "part-accepted-with-error" => Ok(parts(&message, part(PartVerdict::Accepted, 1, Severity::Error))),
            "part-of-too-many-documents" => Ok(parts(&message, part(PartVerdict::Accepted, 2, Severity::Info))),
            "agreement" => Ok(noted(format!("{:?}", message.agreement))),
            "replies" => {
                let body = format!("{:?}", message.control_numbers).into_bytes();
                Ok(Decoded {
                    reply: Some(Reply { content_type: "text/plain".to_owned(), body }),
                    ..of(vec![good(&message)])
                })
            }
            "in-parts" => Ok(in_parts(&message, &misdeeds::lookup("codes", "2026-03-01"))),
            "many-parts" => {
                let parts = vec![part(PartVerdict::Accepted, 0, Severity::Info); 1_000];
                Ok(Decoded { parts, ..of(Vec::new()) })
            }
            "huge-reply" => {
                let reply = Reply { content_type: "text/plain".to_owned(), body: vec![b' '; 4 << 20] };
                Ok(Decoded { reply: Some(reply), ..of(Vec::new()) })
            }
            "empty-rejection" => Err(rejection(Vec::new())),
            "residue" => Ok(noted(misdeeds::residue())),
            other => Err(rejection(vec![finding(Severity::Error, other)])),
        }
    }

    fn encode(documents: Vec<Document>, target: Target) -> Result<Request, Rejection> {
        report_panics();
        let Target { contract, now, agreement, control_numbers, .. } = target;
        match contract.as_str() {
            "endless-loop" => misdeeds::endless_loop(),
            "huge-output" => Ok(Request { body: vec![b' '; 4 << 20], ..request(&now) }),
            "elsewhere" => Ok(Request { path: "//169.254.169.254/latest/meta-data".to_owned(), ..request(&now) }),
            "injected-header" => {
                let header = Header { name: "x-note".to_owned(), value: "a\r\nx-admin: 1".to_owned() };
                Ok(Request { headers: vec![header], ..request(&now) })
            }
            "numbered" => Ok(Request { body: format!("{control_numbers:?}").into_bytes(), ..request(&now) }),
            "everything" => Ok(Request { body: misdeeds::everything(&documents), ..request(&now) }),
            "moody-out" => {
                misdeeds::moody(&[]);
                let key = documents.first().map(|document| document.key.clone()).unwrap_or_default();
                Ok(Request {
                    method: "PUT".to_owned(),
                    path: format!("/documents/document-ref?key={key}"),
                    body: match agreement {
                        Some(agreement) => format!("{agreement:?}").into_bytes(),
                        None => documents.into_iter().flat_map(|document| document.body).collect(),
                    },
                    headers: Vec::new(),
                })
            }
            _ => Ok(Request {
                body: documents.into_iter().flat_map(|document| document.body).collect(),
                ..request(&now)
            }),
        }
    }

    fn interpret(sent: Request, got: Response) -> Result<Outcome, Rejection> {
        use bindings::portgate::connector::types::{FollowUp, Verdict};
        report_panics();
        let verdict = match got.status {
            200 => Verdict::Accepted,
            202 => Verdict::Pending,
            503 => Verdict::Retry,
            _ => Verdict::Rejected,
        };
        let stolen =
            Document { kind: "customs-status".to_owned(), key: String::new(), refs: Vec::new(), body: Vec::new() };
        let documents = if got.body == b"emit" { vec![stolen] } else { Vec::new() };
        let next = (got.status == 202).then_some(FollowUp { request: sent, after_seconds: 60 });
        Ok(Outcome { verdict, documents, findings: Vec::new(), next, unread: Vec::new() })
    }
}

/// What an honest connector makes of a message: one document that keeps its schema.
fn good(message: &Message) -> Document {
    let Message { partner, received_at, digest, .. } = message;
    let size = message.body.len();
    let key = &digest[..12];
    let body = format!(
        r#"{{"id":"{key}","version":"1","source":{{"system":"{partner}","recordedAt":{{"value":"{received_at}"}},"rawRef":"{digest}"}},"docType":{{"code":"380","codeList":"UNTDID 1001"}},"number":"{key}","sha256":"{digest}","size":{size}}}"#
    );
    let refs = vec![Reference { scheme: "order".to_owned(), value: key.to_owned() }];
    Document { kind: "document-ref".to_owned(), key: key.to_owned(), refs, body: body.into_bytes() }
}

/// What a connector says of a code that it has to wait for.
fn awaited() -> Finding {
    Finding { code: "code-awaited".to_owned(), ..finding(Severity::Error, "waits for a code") }
}

fn request(now: &str) -> Request {
    Request { method: "POST".to_owned(), path: format!("/at/{now}"), headers: Vec::new(), body: Vec::new() }
}

fn of(documents: Vec<Document>) -> Decoded {
    Decoded { documents, findings: Vec::new(), parts: Vec::new(), reply: None, unread: Vec::new() }
}

/// One honest document, and a part that says something of it.
fn parts(message: &Message, part: Part) -> Decoded {
    Decoded { parts: vec![part], ..of(vec![good(message)]) }
}

/// One part of one document for each line of a message, but for the line that is refused.
fn in_parts(message: &Message, refused: &str) -> Decoded {
    let mut decoded = of(Vec::new());
    for (number, line) in misdeeds::text(&message.body).lines().enumerate() {
        let part = match line == refused {
            true => part(PartVerdict::Refused, 0, Severity::Error),
            false => part(PartVerdict::Accepted, 1, Severity::Info),
        };
        if line != refused {
            decoded.documents.push(Document { key: line.to_owned(), ..good(message) });
        }
        decoded.parts.push(Part { location: format!("line {}", number + 1), reference: line.to_owned(), ..part });
    }
    decoded
}

/// No documents, and one remark that a test can read.
fn noted(remark: String) -> Decoded {
    Decoded { findings: vec![finding(Severity::Info, &remark)], ..of(Vec::new()) }
}

fn rejection(findings: Vec<Finding>) -> Rejection {
    Rejection { findings, parts: Vec::new(), reply: None }
}

/// A part of so many documents, refused or not, with a finding of this severity.
fn part(verdict: PartVerdict, documents: u32, severity: Severity) -> Part {
    let (location, reference) = ("segment 2".to_owned(), "0001".to_owned());
    Part { location, reference, verdict, documents, findings: vec![finding(severity, "of a part")] }
}

fn finding(severity: Severity, detail: &str) -> Finding {
    Finding { code: "hostile".to_owned(), severity, location: String::new(), detail: detail.to_owned() }
}

/// What the SDK does on a panic, so that the host's reading of it is tested without the SDK.
fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or_default();
        log::write(Level::Error, &format!("panicked at {place}: {message}"), &[]);
    }));
}
