//! A request as a case has it: `request.http` holds all of it, in the form of HTTP/1.1 with `\n` for line ends; any other
//! `request.<ext>` holds the body alone.
//!
//! ```text
//! PUT /documents/milestone?key=7
//! content-type: application/json
//!
//! {"id":"7"}
//! ```

use serde::Serialize;
use serde_json::{Value, json};

/// A request that a plugin renders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
}

impl Request {
    /// The request as `request.http` has it.
    pub fn to_http(&self) -> Vec<u8> {
        let mut text = format!("{} {}\n", self.method, self.path);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\n"));
        }
        text.push('\n');
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// Reads what `request.http` holds.
    ///
    /// # Errors
    ///
    /// The line that is no line of a request.
    pub fn from_http(bytes: &[u8]) -> Result<Self, String> {
        let mut rest = bytes;
        let mut line = || {
            let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            let (line, behind) = rest.split_at(end);
            rest = behind.get(1..).unwrap_or_default();
            String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned()
        };
        let first = line();
        let Some((method, path)) = first.split_once(' ') else {
            return Err(format!("the first line is `METHOD PATH`, not `{first}`"));
        };
        let mut request =
            Request { method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: Vec::new() };
        loop {
            let header = line();
            if header.is_empty() {
                break;
            }
            let Some((name, value)) = header.split_once(':') else {
                return Err(format!("a header is `name: value`, not `{header}`; an empty line ends them"));
            };
            request.headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
        request.body = rest.to_vec();
        Ok(request)
    }

    /// The request as values that can be compared: a body that is JSON by its members, another as text.
    pub(crate) fn to_value(&self) -> Value {
        let Request { method, path, headers, body } = self;
        json!({ "method": method, "path": path, "headers": headers, "body": body_value(body) })
    }
}

/// A body as a value: JSON where it is JSON, else its text, else its bytes.
pub(crate) fn body_value(body: &[u8]) -> Value {
    match (serde_json::from_slice(body), std::str::from_utf8(body)) {
        (Ok(value), _) => value,
        // Files end with a line end, requests need not.
        (_, Ok(text)) => text.strip_suffix('\n').unwrap_or(text).into(),
        (_, Err(_)) => hex::encode(body).into(),
    }
}

/// It is shown as values.
impl Serialize for Request {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_back_as_it_was_written() {
        let request = Request {
            method: "PUT".to_owned(),
            path: "/documents/order?key=a%20b".to_owned(),
            headers: vec![("content-type".to_owned(), "text/plain; charset=\"x\"".to_owned())],
            body: b"one\n\ntwo\xff".to_vec(),
        };
        assert_eq!(Request::from_http(&request.to_http()), Ok(request.clone()));
        let bare = Request { method: "GET".to_owned(), headers: Vec::new(), body: Vec::new(), ..request };
        assert_eq!(Request::from_http(b"GET /documents/order?key=a%20b"), Ok(bare));
        assert!(Request::from_http(b"").is_err() && Request::from_http(b"GET /\nnonsense\n").is_err());
    }

    #[test]
    fn bodies_are_compared_as_json_text_or_bytes() {
        assert_eq!(body_value(b"{\"a\": 1.0}"), json!({ "a": serde_json::from_str::<Value>("1.0").expect("JSON") }));
        assert_eq!(body_value(b"UNB+1'\n"), json!("UNB+1'"));
        assert_eq!(body_value(b"\xff"), json!("ff"));
    }
}
