//! The answer to a message that was taken: 202 with the place of its exchange, or 200 with its documents where the
//! partner prefers them (`Prefer: return=representation`, RFC 7240 §4.2).
//!
//! It is made before the commit, because the journal keeps it for repetitions, and given after it.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, HeaderName};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use portgate_core::document::{self, Document, Part};
use portgate_core::finding::Finding;
use portgate_store::{Answer, ExchangeId};
use serde::Serialize;

/// What the partner wants to see of a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Preference {
    /// Only where its exchange is.
    Minimal,
    /// The documents.
    Representation,
}

impl Preference {
    /// What the `Prefer` fields say (RFC 7240 §2); the first `return` counts, and what is not known is ignored. They are no
    /// structured fields: names may have capital letters, and of two preferences the first counts.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let fields = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        let mut returns = fields.flat_map(|value| value.split(',')).filter_map(|preference| {
            let (name, value) = preference.split(';').next()?.split_once('=')?;
            name.trim().eq_ignore_ascii_case("return").then(|| value.trim().trim_matches('"').to_owned())
        });
        match returns.next().as_deref() {
            Some("representation") => Preference::Representation,
            _ => Preference::Minimal,
        }
    }
}

/// The answer to a message that is about to be committed as this exchange.
pub(super) fn prepare(id: ExchangeId, decoded: &document::Decoded, preference: Preference) -> Answer {
    match preference {
        Preference::Minimal => {
            // As long as something of it was taken, that it was is the first thing to say.
            let waits = !decoded.awaits.is_empty() && !decoded.parts.iter().any(|part| !part.awaits_code());
            let state = if waits { "awaits-code" } else { "accepted" };
            receipt(id, state, &decoded.findings, &decoded.parts)
        }
        Preference::Representation => {
            let headers = vec![
                ("content-type".to_owned(), "application/json".to_owned()),
                ("location".to_owned(), location(id)),
                ("preference-applied".to_owned(), "return=representation".to_owned()),
            ];
            Answer { status: StatusCode::OK.as_u16(), headers, body: body(id, decoded).into() }
        }
    }
}

/// The answer to a message that is about to be kept as this exchange, in its sender's own format.
pub(crate) fn in_its_format(status: StatusCode, id: ExchangeId, reply: &document::Reply) -> Answer {
    let headers = vec![("content-type".to_owned(), reply.content_type.clone()), ("location".to_owned(), location(id))];
    Answer { status: status.as_u16(), headers, body: reply.body.clone().into() }
}

/// The answer to a message that was taken up and accepted as this exchange, for who sends it again.
pub(crate) fn taken_up(id: ExchangeId, findings: &[Finding], parts: &[Part]) -> Answer {
    receipt(id, "accepted", findings, parts)
}

/// The answer to a message that the business key shows to be this exchange, sent once more.
pub(super) fn known(id: ExchangeId) -> Answer {
    receipt(id, "known", &[], &[])
}

/// The answer to a message that is about to be kept for later as this exchange. Its documents cannot be preferred: there
/// are none yet.
pub(super) fn parked(id: ExchangeId) -> Answer {
    receipt(id, "parked", &[], &[])
}

fn receipt(id: ExchangeId, state: &'static str, findings: &[Finding], parts: &[Part]) -> Answer {
    let headers =
        vec![("content-type".to_owned(), "application/json".to_owned()), ("location".to_owned(), location(id))];
    let receipt = Receipt { exchange: id.to_string(), state, findings, parts };
    let body = serde_json::to_vec(&receipt).expect("strings and lists of strings always serialise");
    Answer { status: StatusCode::ACCEPTED.as_u16(), headers, body: body.into() }
}

/// What a message that is taken is told at least.
#[derive(Serialize)]
struct Receipt<'a> {
    exchange: String,
    state: &'static str,
    findings: &'a [Finding],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    parts: &'a [Part],
}

pub(super) fn location(id: ExchangeId) -> String {
    format!("/v1/exchanges/{id}")
}

/// The exchange that an answer names.
pub(super) fn exchange(answer: &Answer) -> Option<ExchangeId> {
    let (_, place) = answer.headers.iter().find(|(name, _)| name == "location")?;
    place.strip_prefix("/v1/exchanges/")?.parse().ok()
}

/// An answer as the journal keeps it, for the first time or once more.
pub(crate) fn give(answer: Answer) -> Response<Bytes> {
    let mut response = Response::new(answer.body);
    // The journal gives back what this file made.
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::ACCEPTED);
    let headers = response.headers_mut();
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `{"exchange","documents":[{"kind","key","references","document"}],"findings":[…]}`, and `"parts":[…]` where the message
/// was taken in parts.
///
/// A document's body was checked to be JSON, so its bytes are placed as they are instead of being parsed once more.
fn body(id: ExchangeId, decoded: &document::Decoded) -> Vec<u8> {
    let size: usize = decoded.documents.iter().map(|document| document.body.len() + 256).sum();
    let mut json = Vec::with_capacity(size + 64);
    json.extend_from_slice(b"{\"exchange\":");
    write(&mut json, &id.to_string());
    json.extend_from_slice(b",\"documents\":");
    write_documents(&mut json, &decoded.documents);
    json.extend_from_slice(b",\"findings\":");
    write(&mut json, &decoded.findings);
    write_parts(&mut json, &decoded.parts);
    json.push(b'}');
    json
}

/// `,"parts":[…]`, or nothing where there is none.
pub(super) fn write_parts(json: &mut Vec<u8>, parts: &[Part]) {
    if !parts.is_empty() {
        json.extend_from_slice(b",\"parts\":");
        write(json, parts);
    }
}

/// `[{"kind","key","references","document"}]`.
pub(super) fn write_documents(json: &mut Vec<u8>, documents: &[Document]) {
    json.push(b'[');
    for (index, document) in documents.iter().enumerate() {
        json.extend_from_slice(if index == 0 { b"{\"kind\":" } else { b",{\"kind\":" });
        write(json, &document.kind);
        json.extend_from_slice(b",\"key\":");
        write(json, &document.key);
        json.extend_from_slice(b",\"references\":");
        write(json, &document.refs);
        json.extend_from_slice(b",\"document\":");
        json.extend_from_slice(&document.body);
        json.push(b'}');
    }
    json.push(b']');
}

pub(super) fn write(json: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    serde_json::to_writer(json, value).expect("strings and lists of strings always serialise, and a Vec takes all");
}

#[cfg(test)]
mod tests {
    use portgate_core::document::{Decoded, Document, Reference};
    use portgate_core::finding::Finding;

    #[test]
    fn the_body_is_json_with_every_document_and_finding() {
        let document = |key: &str| Document {
            kind: "order".to_owned(),
            key: key.to_owned(),
            refs: vec![Reference { scheme: "order".to_owned(), value: "\"1\"".to_owned() }],
            body: br#"{"total":"10.00"}"#.to_vec(),
        };
        let id = portgate_store::ExchangeId::new(jiff::Timestamp::UNIX_EPOCH);
        let decoded = Decoded {
            documents: vec![document("a\"b"), document("c")],
            findings: vec![Finding::error("x", "/a", "d")],
            ..Decoded::default()
        };
        let json: serde_json::Value = serde_json::from_slice(&super::body(id, &decoded)).unwrap();
        assert_eq!(json["exchange"], id.to_string());
        assert_eq!(json["documents"][0]["key"], "a\"b");
        assert_eq!(json["documents"][1]["document"]["total"], "10.00");
        assert_eq!(json["documents"][0]["references"][0]["value"], "\"1\"");
        assert_eq!(json["findings"][0]["location"], "/a");
    }

    #[test]
    fn only_a_preference_for_the_representation_shows_the_documents() {
        let of = |value: &str| {
            let mut headers = http::HeaderMap::new();
            headers.insert("prefer", value.parse().expect("a header"));
            super::Preference::of(&headers)
        };
        assert_eq!(of("return=representation"), super::Preference::Representation);
        assert_eq!(of("respond-async, Return=\"representation\"; x=1"), super::Preference::Representation);
        assert_eq!(of("return=minimal, return=representation"), super::Preference::Minimal);
        assert_eq!(of("handling=lenient"), super::Preference::Minimal);
    }
}
