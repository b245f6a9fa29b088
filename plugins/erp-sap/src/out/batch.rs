//! `$batch` of OData V2: several requests in one, each in a changeset of its own, so that one which SAP refuses leaves the others
//! as they are; and the answer to one, part by part.

use portgate_sdk::{Header, Request};

const BATCH: &str = "batch_portgate";

/// One request in a batch.
pub(crate) struct Operation {
    pub(crate) method: &'static str,
    /// Below the service: `PostGoodsIssue?DeliveryDocument='80000123'`.
    pub(crate) path: String,
    /// `If-Match: *`, for what is there already: whoever changed it last does not matter.
    pub(crate) is_change: bool,
    pub(crate) body: Option<serde_json::Value>,
}

/// The request that brings a batch to a service.
pub(crate) fn request(service: &str, operations: &[Operation]) -> Request {
    let mut body = String::new();
    for (number, operation) in (1..).zip(operations) {
        let set = format!("changeset_{number}");
        let json = operation.body.as_ref().map(serde_json::Value::to_string).unwrap_or_default();
        body.push_str(&format!("--{BATCH}\r\nContent-Type: multipart/mixed; boundary={set}\r\n\r\n--{set}\r\n"));
        body.push_str("Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n");
        body.push_str(&format!("Content-ID: {number}\r\n\r\n{} {} HTTP/1.1\r\n", operation.method, operation.path));
        if operation.is_change {
            body.push_str("If-Match: *\r\n");
        }
        body.push_str("Accept: application/json\r\nContent-Type: application/json\r\n");
        body.push_str(&format!("Content-Length: {}\r\n\r\n{json}\r\n--{set}--\r\n", json.len()));
    }
    body.push_str(&format!("--{BATCH}--\r\n"));
    let mut request =
        Request::post(format!("{service}/$batch"), format!("multipart/mixed; boundary={BATCH}"), body.into_bytes());
    request.headers.push(Header::new("accept", "multipart/mixed"));
    request
}

/// The answer to one request of a batch.
pub(crate) struct Part {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// The answers in a batch's answer, in their order; none where it is no answer to a batch.
pub(crate) fn parts(answer: &str) -> Vec<Part> {
    let mut boundaries: Vec<String> = Vec::new();
    let mut parts: Vec<Part> = Vec::new();
    let mut place = Place::Outside;
    for line in answer.lines() {
        let line = line.trim_end_matches('\r');
        let is_first = boundaries.is_empty() && line.starts_with("--") && line.len() > 2;
        if is_first {
            boundaries.push(line.to_owned());
        }
        if boundaries.iter().any(|boundary| line == boundary || line.strip_suffix("--") == Some(boundary)) {
            place = Place::Outside;
            continue;
        }
        match place {
            Place::Outside => {
                if let Some(boundary) = boundary_of(line) {
                    boundaries.push(format!("--{boundary}"));
                }
                if let Some(status) = status_of(line) {
                    parts.push(Part { status, body: String::new() });
                    place = Place::Headers;
                }
            }
            Place::Headers if line.trim().is_empty() => place = Place::Body,
            Place::Headers => {}
            Place::Body => {
                if let Some(part) = parts.last_mut() {
                    part.body.push_str(line);
                    part.body.push('\n');
                }
            }
        }
    }
    parts
}

#[derive(Clone, Copy)]
enum Place {
    Outside,
    Headers,
    Body,
}

fn boundary_of(line: &str) -> Option<&str> {
    let at = line.to_ascii_lowercase().find("boundary=")?;
    let boundary = line[at + "boundary=".len()..].split(';').next()?.trim().trim_matches('"');
    Some(boundary).filter(|boundary| !boundary.is_empty())
}

fn status_of(line: &str) -> Option<u16> {
    line.strip_prefix("HTTP/1.")?.get(1..)?.trim_start().get(..3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_of_a_batch_is_found_in_changesets_and_outside_of_them() {
        let answer = "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: application/http\r\n\r\n\
                      HTTP/1.1 204 No Content\r\n\r\n\r\n--c--\r\n--b\r\nContent-Type: application/http\r\n\r\n\
                      HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n\r\n{\"error\":{}}\r\n--b--\r\n";
        let read: Vec<_> = parts(answer).into_iter().map(|part| (part.status, part.body.trim().to_owned())).collect();
        assert_eq!(read, [(204, String::new()), (400, "{\"error\":{}}".to_owned())]);
        assert!(parts("").is_empty() && parts("<html/>").is_empty() && parts("--\nHTTP/1.1 abc").is_empty());
    }

    #[test]
    fn what_is_written_is_read_by_its_own_boundaries() {
        let operation =
            Operation { method: "POST", path: "X".into(), is_change: true, body: Some(serde_json::json!({"A": "b"})) };
        let request = request("/service", &[operation]);
        let text = String::from_utf8(request.body).expect("text");
        assert!(
            text.contains("\r\nIf-Match: *\r\n")
                && text.contains("Content-Length: 9\r\n\r\n{\"A\":\"b\"}\r\n--changeset_1--")
        );
        assert_eq!(request.path, "/service/$batch");
    }
}
