//! The answer to a message that was taken: its documents and what was noticed on the way.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response};
use serde::Serialize;

use super::decode::Decoded;

/// 200 with the documents. Nothing is kept of the message, so nothing that would promise it is said.
pub(super) fn answer(decoded: &Decoded) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body(&decoded.decoded)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `{"documents":[{"kind","key","references","document"}],"findings":[…]}`.
///
/// A document's body was checked to be JSON, so its bytes are placed as they are instead of being parsed once more.
fn body(decoded: &portgate_core::document::Decoded) -> Vec<u8> {
    let size: usize = decoded.documents.iter().map(|document| document.body.len() + 256).sum();
    let mut json = Vec::with_capacity(size + 64);
    json.extend_from_slice(b"{\"documents\":[");
    for (index, document) in decoded.documents.iter().enumerate() {
        json.extend_from_slice(if index == 0 { b"{\"kind\":" } else { b",{\"kind\":" });
        write(&mut json, &document.kind);
        json.extend_from_slice(b",\"key\":");
        write(&mut json, &document.key);
        json.extend_from_slice(b",\"references\":");
        write(&mut json, &document.refs);
        json.extend_from_slice(b",\"document\":");
        json.extend_from_slice(&document.body);
        json.push(b'}');
    }
    json.extend_from_slice(b"],\"findings\":");
    write(&mut json, &decoded.findings);
    json.push(b'}');
    json
}

fn write(json: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
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
        let decoded = Decoded {
            documents: vec![document("a\"b"), document("c")],
            findings: vec![Finding::error("x", "/a", "d")],
        };
        let json: serde_json::Value = serde_json::from_slice(&super::body(&decoded)).unwrap();
        assert_eq!(json["documents"][0]["key"], "a\"b");
        assert_eq!(json["documents"][1]["document"]["total"], "10.00");
        assert_eq!(json["documents"][0]["references"][0]["value"], "\"1\"");
        assert_eq!(json["findings"][0]["location"], "/a");
    }
}
