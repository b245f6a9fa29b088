//! What the partners' answers mean.

use std::collections::BTreeMap;

use portgate_sdk::canonical::{Code, Date, DocumentRef, Reference, Sha256, Text};
use portgate_sdk::xml::{Document as Xml, Element, Options};
use portgate_sdk::{Decoded, Document, Finding, Outcome, Pointer, Request, Response, Verdict};
use serde::Deserialize;

use crate::dms::{Name, Sent, SentDocument};
use crate::{dcsa, hmrc};

/// How much of a partner's words a finding repeats.
const WORDS_MAX: usize = 300;

/// How many errors of one answer are told.
const ERRORS_MAX: usize = 50;

/// The answer to whatever was sent: XML goes to customs, and what DCSA is told has paths of its own.
pub(crate) fn read(sent: &Request, got: &Response) -> Outcome {
    let is_xml = sent.headers.iter().any(|header| header.name == "content-type" && header.value.contains("xml"));
    match sent.path.as_str() {
        _ if is_xml => places(sent, got),
        dcsa::ISSUANCE_PATH | dcsa::SURRENDER_PATH => answered(got),
        _ => filed(sent, got),
    }
}

/// Customs has places for the documents, or does not take them. 401 and 403 refuse the credential and not the request.
fn places(sent: &Request, got: &Response) -> Outcome {
    let outcome = Outcome::of_status(got.status);
    let document = Xml::parse_in_utf_8(&got.body, None, &Options::default()).ok();
    let root = document.as_ref().map(Xml::root);
    match outcome.verdict {
        Verdict::Accepted => match root.filter(|root| root.name() == "FileUploadResponse") {
            Some(root) => offered(sent, root, got),
            None => odd(
                "Customs has taken the request, and its answer cannot be read: it does not say where to send the documents.",
            ),
        },
        Verdict::Rejected if matches!(got.status, 401 | 403) => {
            let detail = format!("{} Have the token and its scope looked at.", said(got.status, root));
            Outcome::of(Verdict::Retry).with(Finding::warning("CREDENTIAL", "", detail))
        }
        Verdict::Rejected => {
            let errors = root.map(|root| root.all("errors/error")).unwrap_or_default();
            let one = |error: Element<'_>| {
                let words: Vec<_> = ["code", "message"].into_iter().filter_map(|name| error.text_at(name)).collect();
                Finding::error("REFUSED-FOR", error.location(), short(&words.join(": ")))
            };
            let whole = Finding::error("REFUSED", "", said(got.status, root));
            Outcome {
                findings: [whole].into_iter().chain(errors.into_iter().take(ERRORS_MAX).map(one)).collect(),
                ..outcome
            }
        }
        Verdict::Retry | Verdict::Pending => outcome,
    }
}

/// The places, each with the kind of document that it is for and the declaration of all of them.
fn offered(sent: &Request, root: Element<'_>, got: &Response) -> Outcome {
    let asked = Xml::parse_in_utf_8(&sent.body, None, &Options::default()).ok();
    let asked = asked.as_ref().map(Xml::root);
    let files = asked.map(|asked| asked.all("Files/File")).unwrap_or_default();
    let doc_type = |file: Element<'_>| {
        let seq = file.text_at("FileSequenceNo")?.parse().ok()?;
        let code = Text::new(&*file.text_at("DocumentType")?).ok()?;
        Some((seq, Code { code, code_list: Text::new(hmrc::DOCUMENT_TYPES).ok()?, source_code: None }))
    };
    let doc_types: BTreeMap<u32, Code> = files.into_iter().filter_map(doc_type).collect();
    let Ok(system) = Text::new("hmrc") else { return Outcome::of(Verdict::Accepted) };
    let mut decoded = Decoded::new();
    let request = hmrc::places(root, got.source(system, None), &doc_types, &mut decoded);
    let Some(mut request) = request.filter(|_| !decoded.is_rejected()) else {
        return odd("Customs has taken the request, and a place for one of the documents cannot be read.");
    };
    let mrn = asked.and_then(|asked| asked.text_at("DeclarationID"));
    request.mrn = mrn.as_deref().and_then(|mrn| Text::new(mrn).ok());
    request.references = mrn.as_deref().and_then(|mrn| Reference::new("mrn", mrn).ok()).into_iter().collect();
    let outcome = Outcome { documents: vec![Document::of(&request)], ..Outcome::of(Verdict::Accepted) };
    if doc_types.len() != request.documents.len() {
        let detail =
            format!("Places were asked for {} documents, and there are {}.", doc_types.len(), request.documents.len());
        return outcome.with(Finding::warning("PLACES", root.location(), detail));
    }
    outcome
}

fn said(status: u16, root: Option<Element<'_>>) -> String {
    let of = |name| root.and_then(|root| root.text_at(name));
    let words: Vec<_> = [of("code"), of("message")].into_iter().flatten().collect();
    match words.is_empty() {
        true => format!("The authority answered {status} and gave no reason that can be read."),
        false => format!("The authority answered {status}: {}.", short(words.join(": ").trim_end_matches('.'))),
    }
}

/// What was refused, by DCSA's standard.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Refusal {
    status_code_text: Option<String>,
    status_code_message: Option<String>,
    provider_correlation_reference: Option<String>,
    errors: Option<Vec<Fault>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fault {
    error_code: Option<serde_json::Number>,
    property: Option<String>,
    json_path: Option<String>,
    error_code_text: Option<String>,
    error_code_message: Option<String>,
}

/// A carrier or platform has taken an answer, or not. 409 says that it has one already: a second one is never taken.
fn answered(got: &Response) -> Outcome {
    let outcome = Outcome::of_status(got.status);
    if outcome.verdict != Verdict::Rejected {
        return outcome;
    }
    let Ok(refusal) = got.json::<Refusal>() else { return Outcome { findings: vec![in_words(got)], ..outcome } };
    let words =
        [refusal.status_code_text, refusal.status_code_message].into_iter().flatten().collect::<Vec<_>>().join(": ");
    let name = refusal.provider_correlation_reference.map(|name| format!(" Their name for it is {}.", short(&name)));
    let detail = format!("The partner refuses it with {}: {}.{}", got.status, short(&words), name.unwrap_or_default());
    let fault = |fault: Fault| {
        let code = fault.error_code.map_or_else(|| "REFUSED-FOR".to_owned(), |code| format!("DCSA-{code}"));
        let at = fault.json_path.or(fault.property).unwrap_or_default();
        let words =
            [fault.error_code_text, fault.error_code_message].into_iter().flatten().collect::<Vec<_>>().join(": ");
        Finding::error(code, short(&at), short(&words))
    };
    let faults = refusal.errors.into_iter().flatten().take(ERRORS_MAX).map(fault);
    Outcome { findings: [Finding::error("REFUSED", "", detail)].into_iter().chain(faults).collect(), ..outcome }
}

/// What a system says of documents that it has filed.
#[derive(Deserialize)]
struct Filed {
    #[serde(default)]
    documents: Vec<FiledDocument>,
}

#[derive(Deserialize)]
struct FiledDocument {
    id: Option<String>,
    location: Option<String>,
    status: Option<String>,
}

/// The documents are filed: each is a document on file from then on.
fn filed(sent: &Request, got: &Response) -> Outcome {
    let outcome = Outcome::of_status(got.status);
    match outcome.verdict {
        Verdict::Accepted => {}
        Verdict::Rejected => return Outcome { findings: vec![in_words(got)], ..outcome },
        Verdict::Retry | Verdict::Pending => return outcome,
    }
    // Whoever was told what is wanted says nothing of documents.
    let Ok(sent) = serde_json::from_slice::<Sent>(&sent.body) else { return outcome };
    let Ok(filed) = got.json::<Filed>() else {
        return odd("The system has taken the documents, and its answer does not say how it calls them.");
    };
    let counts = (sent.documents.len(), filed.documents.len());
    let both = sent.documents.iter().zip(filed.documents);
    let documents =
        both.filter_map(|(document, filed)| on_file(document, &sent.references, filed, got)).collect::<Vec<_>>();
    let is_whole = documents.len() == counts.0 && counts.0 == counts.1;
    let outcome = Outcome { documents, ..outcome };
    match is_whole {
        true => outcome,
        false => {
            let detail = format!(
                "Of {} documents the system names {}; the others are filed under a name that is not known.",
                counts.0,
                outcome.documents.len()
            );
            outcome.with(Finding::warning("ANSWER-ODD", Pointer::root().key("documents"), detail))
        }
    }
}

fn on_file(sent: &SentDocument, all: &[Name], filed: FiledDocument, got: &Response) -> Option<Document> {
    let id: Text<128> = Text::new(filed.id?.trim()).ok()?;
    let number = sent.number.clone().unwrap_or_else(|| id.to_string());
    let doc_type = Code {
        code: Text::new(&*sent.document_type.code).ok()?,
        code_list: Text::new(&*sent.document_type.code_list).ok()?,
        source_code: sent.document_type.source_code.as_deref().and_then(|code| Text::new(code).ok()),
    };
    let source = got.source(Text::new("dms").ok()?, Some(id.clone()));
    let mut document = DocumentRef::new(id, Text::new("1").ok()?, source, doc_type, Text::new(number).ok()?);
    let names = all.iter().chain(&sent.references).filter_map(|name| Reference::new(&name.scheme, &name.value).ok());
    document.linked_objects = names.take(64).collect();
    document.references = document.linked_objects.clone();
    document.issue_date = sent.issue_date.as_deref().and_then(|day| Date::new(day).ok());
    document.media_type = sent.media_type.as_deref().and_then(|kind| Text::new(kind).ok());
    document.sha256 = Sha256::new(&*sent.digest.value).ok();
    document.size = sent.size;
    document.storage_uri = filed.location.and_then(|place| Text::new(place).ok());
    document.status = filed.status.and_then(|status| Text::new(status).ok());
    Some(Document::of(&document))
}

/// It was taken; what is odd about the answer is no reason to send it again.
fn odd(detail: &str) -> Outcome {
    Outcome::of(Verdict::Accepted).with(Finding::warning("ANSWER-ODD", "", detail))
}

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
    words.chars().filter(|letter| !letter.is_control()).take(WORDS_MAX).collect()
}
