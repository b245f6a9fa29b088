//! What the service answers to a declaration: that it has taken it, under which name it knows it, or what is wrong with it.
//!
//! HMRC's transit API answers in JSON, with the movement's own name; its import control API in XML, with a correlation id. Both refuse
//! in their own lists of errors, and in the JSON of their gateway.

use portgate_sdk::canonical::{Code, CustomsStatus, DeclarationStatus, Reference, Text};
use portgate_sdk::xml::{Document, Element, Options};
use portgate_sdk::{Finding, Outcome, Pointer, Request, Response, Verdict};
use serde::Deserialize;

use crate::codes;
use crate::ncts::write::DEPARTURE;
use crate::notes::{constant, references};

/// The scheme of the name that a service gives a submission.
const CORRELATION: &str = "correlation-id";

/// Reasons that are kept of one answer, and how much of each.
const REASONS_MAX: usize = 50;
const REASON_CHARACTERS_MAX: usize = 300;

/// Reads an answer to what was sent.
pub(crate) fn read(sent: &Request, got: &Response) -> Outcome {
    let outcome = Outcome::of_status(got.status);
    match outcome.verdict {
        Verdict::Accepted => accepted(sent, got),
        Verdict::Rejected => {
            let reasons = reasons(got);
            match reasons.is_empty() {
                true => outcome,
                false => Outcome { findings: reasons, ..Outcome::of(Verdict::Rejected) },
            }
        }
        Verdict::Retry | Verdict::Pending => outcome,
    }
}

/// The submission is taken; what the service calls it becomes a status, by which what comes later is found. An answer that says
/// nothing has taken it all the same.
fn accepted(sent: &Request, got: &Response) -> Outcome {
    let outcome = Outcome::of(Verdict::Accepted);
    let Some((scheme, name)) = name(got) else {
        let detail = "The service has taken it and does not say under which name.";
        return outcome.with(Finding::info("NO-NAME", "", detail));
    };
    match submitted(sent, got, scheme, &name) {
        Some(status) => Outcome { documents: vec![portgate_sdk::Document::of(&status)], ..outcome },
        None => {
            outcome.with(Finding::info("NO-STATUS", "", "The name that the service gave it is too long to be kept."))
        }
    }
}

/// What HMRC's transit API answers, taken or refused.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(rename = "_links")]
    links: Option<Links>,
    code: Option<String>,
    message: Option<String>,
    #[serde(default)]
    validation_errors: Vec<Reason>,
    #[serde(default)]
    errors: Vec<Reason>,
}

#[derive(Deserialize)]
struct Links {
    #[serde(rename = "self")]
    itself: Option<Link>,
    departure: Option<Link>,
}

#[derive(Deserialize)]
struct Link {
    href: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reason {
    code: Option<String>,
    message: Option<String>,
    line_number: Option<u32>,
    column_number: Option<u32>,
}

/// The name that the service gave: of a movement, or of a submission.
fn name(got: &Response) -> Option<(&'static str, String)> {
    if got.body.trim_ascii_start().starts_with(b"{") {
        return link(&got.json().ok()?).map(|movement| (DEPARTURE, movement));
    }
    let document = Document::parse(&got.body, &Options::default()).ok()?;
    let id = find(document.root(), "CorrelationId")?.text()?.into_owned();
    Some((CORRELATION, id))
}

/// The movement's name in the link to it: `/customs/transits/movements/departures/6365135ba5e821ee`.
fn link(answer: &Answer) -> Option<String> {
    let links = answer.links.as_ref()?;
    let link = links.departure.as_ref().or(links.itself.as_ref())?.href.as_deref()?;
    let name = link.split("/departures/").nth(1)?.split('/').next()?;
    Some(name.to_owned()).filter(|name| !name.is_empty())
}

fn find<'d>(element: Element<'d>, name: &str) -> Option<Element<'d>> {
    if element.name() == name {
        return Some(element);
    }
    element.elements().find_map(|inner| find(inner, name))
}

/// The status of a declaration that customs is now looking at.
fn submitted(sent: &Request, got: &Response, scheme: &'static str, name: &str) -> Option<CustomsStatus> {
    let body = std::str::from_utf8(&sent.body).ok()?;
    let message_type = written(body, "messageType").or_else(|| written(body, "MesTypMES20"))?;
    let lrn = written(body, "LRN").or_else(|| written(body, "RefNumHEA4"));
    let mrn = written(body, "MRN").or_else(|| written(body, "DocNumHEA5"));
    // A movement is told of several messages, each of which has its own number.
    let number = written(body, "messageIdentification").or_else(|| written(body, "MesIdeMES19"))?;
    let id = Text::new(format!("{message_type}:{name}:{number}")).ok()?;
    let source = got.source(constant("customs-service"), Text::new(name).ok());
    let code =
        Code { code: Text::new(message_type).ok()?, code_list: constant(codes::MESSAGE_TYPES), source_code: None };
    let received_at = source.recorded_at.clone();
    let mut status = CustomsStatus::new(id, constant("1"), source, DeclarationStatus::Submitted, code, received_at);
    status.references = references([("mrn", mrn), ("lrn", lrn)]);
    status.references.extend(Reference::new(scheme, name).ok());
    status.lrn = lrn.and_then(|lrn| Text::new(lrn).ok());
    status.mrn = mrn.and_then(|mrn| Text::new(mrn).ok());
    Some(status)
}

/// What an element holds in a message that was written here: without prefixes, each of these once.
fn written<'b>(body: &'b str, name: &str) -> Option<&'b str> {
    let text = body.split_once(&format!("<{name}>"))?.1.split_once('<')?.0;
    // A number in which something had to be escaped is not worth reading it back.
    Some(text).filter(|text| !text.contains('&'))
}

/// Why it is refused, each reason with the service's own code and place.
fn reasons(got: &Response) -> Vec<Finding> {
    if got.body.trim_ascii_start().starts_with(b"{") {
        return of_json(&got.json().unwrap_or_default());
    }
    let Ok(document) = Document::parse(&got.body, &Options::default()) else { return Vec::new() };
    let errors = find(document.root(), "Error").and_then(|first| first.parent()).map(|list| list.all("Error"));
    let reason = |error: Element<'_>| {
        let code = error.text_at("Number").or_else(|| error.text_at("Type"));
        let code = code.map_or_else(|| "REFUSED".to_owned(), |code| code.into_owned());
        let words: Vec<String> = error.children("Text").filter_map(|text| Some(text.text()?.into_owned())).collect();
        let words = if words.is_empty() { "The service does not say why.".to_owned() } else { words.join(" ") };
        Finding::error(short(&code), short(&error.text_at("Location").unwrap_or_default()), short(&words))
    };
    errors.unwrap_or_default().into_iter().take(REASONS_MAX).map(reason).collect()
}

/// The errors of the schema, those of a list, else the one that there is.
fn of_json(answer: &Answer) -> Vec<Finding> {
    const SILENT: &str = "The service does not say why.";
    let reason = |name: &str, index: usize, error: &Reason| {
        let at = match (error.line_number, error.column_number) {
            (Some(line), Some(column)) => format!("{line}:{column}"),
            _ => Pointer::root().key(name).index(index).as_str().to_owned(),
        };
        let code = error.code.as_deref().or(answer.code.as_deref()).unwrap_or("REFUSED");
        Finding::error(short(code), at, short(error.message.as_deref().unwrap_or(SILENT)))
    };
    let lists = [("validationErrors", &answer.validation_errors), ("errors", &answer.errors)];
    let of_lists = lists
        .into_iter()
        .flat_map(|(name, list)| list.iter().enumerate().map(move |(index, error)| (name, index, error)));
    let found: Vec<Finding> =
        of_lists.take(REASONS_MAX).map(|(name, index, error)| reason(name, index, error)).collect();
    match &answer.code {
        Some(code) if found.is_empty() => {
            vec![Finding::error(short(code), "", short(answer.message.as_deref().unwrap_or(SILENT)))]
        }
        _ => found,
    }
}

/// At most so much as a finding repeats, in one line.
fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|c| !c.is_control()).take(REASON_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Outcome {
        let sent =
            Request::post("/", "application/xml", b"<CC315A><MesTypMES20>CC315A</MesTypMES20></CC315A>".to_vec());
        let received_at = "2026-03-01T08:16:00Z".to_owned();
        read(&sent, &Response { status, headers: Vec::new(), received_at, body: body.as_bytes().to_vec() })
    }

    #[test]
    fn every_status_has_its_verdict_whatever_the_body_is() {
        for body in ["", "{}", "[]", "null", "<a/>", "<a", "\u{0}", "{\"_links\":1}", "{\"errors\":[1,{}]}"] {
            assert_eq!(answer(202, body).verdict, Verdict::Accepted, "{body}");
            assert_eq!(answer(503, body).verdict, Verdict::Retry, "{body}");
            let refused = answer(400, body);
            assert_eq!(refused.verdict, Verdict::Rejected, "{body}");
            assert!(!refused.findings.is_empty(), "{body}");
        }
    }

    #[test]
    fn many_reasons_are_bounded_and_each_is_short() {
        let error = format!("<Error><Number>4065</Number><Text>{}</Text></Error>", "x".repeat(1_000));
        let refused = answer(400, &format!("<ErrorResponse>{}</ErrorResponse>", error.repeat(60)));
        assert_eq!(refused.findings.len(), REASONS_MAX);
        assert!(refused.findings.iter().all(|finding| finding.detail.len() <= REASON_CHARACTERS_MAX));
    }
}
