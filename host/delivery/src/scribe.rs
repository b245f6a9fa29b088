//! Writes down what is said in one attempt, for operators to see: the head of the request as it left, and the partner's
//! answer, as much of it as the policies let be kept.
//!
//! No credential is written down. Of the request, values that the gateway has marked as secret are left out. Of the answer,
//! only those header fields keep their value that are known to carry no credential; and whatever repeats a secret of the
//! request, as servers do that echo what they get, has it blanked.

use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use portgate_core::delivery::{AnswerHead, KeptAnswer, SentHead, Transcript};
use zeroize::Zeroizing;

/// The longest value of an answer's header field that is kept, in bytes.
const VALUE_BYTES_MAX: usize = 1_024;
/// The most bytes of names and values that are kept of an answer's head.
const HEAD_BYTES_MAX: usize = 8 * 1_024;
/// What stands in the place of a secret.
const BLANK: &[u8] = b"[withheld]";
/// A shorter secret is not looked for: it would be found everywhere.
const SECRET_BYTES_MIN: usize = 4;

/// Writes down what is said in one attempt. Where a request is sent twice, with another token, the second time counts.
pub struct Scribe {
    /// Bytes of an answer's body; with 0 nothing of an answer is kept.
    bytes_max: usize,
    written: Mutex<Written>,
}

#[derive(Default)]
struct Written {
    transcript: Option<Transcript>,
    /// How many requests were about to leave.
    requests: u32,
    /// What the request carried and nobody may see.
    secrets: Vec<Zeroizing<Vec<u8>>>,
}

impl Scribe {
    /// A scribe that keeps so many bytes of an answer's body; with 0 it keeps nothing of an answer.
    pub fn new(bytes_max: u64) -> Scribe {
        Scribe { bytes_max: usize::try_from(bytes_max).unwrap_or(usize::MAX), written: Mutex::default() }
    }

    /// What was said, if anything was.
    pub fn transcript(&self) -> Option<Transcript> {
        self.written().transcript.clone()
    }

    /// The status of the answer, if one has begun to come.
    pub(crate) fn status(&self) -> Option<u16> {
        let written = self.written();
        Some(written.transcript.as_ref()?.answer.as_ref()?.head.status)
    }

    /// How many requests were about to leave: the last one may have failed before it did.
    pub(crate) fn requests(&self) -> u32 {
        self.written().requests
    }

    /// A request is about to leave.
    pub(crate) fn sends(&self, method: &http::Method, url: String, headers: &HeaderMap) {
        let mut written = self.written();
        written.requests = written.requests.saturating_add(1);
        written.secrets = headers.values().filter(|value| value.is_sensitive()).flat_map(secrets).collect();
        let shown = |(name, value): (&HeaderName, &HeaderValue)| {
            let value = (!value.is_sensitive()).then(|| String::from_utf8_lossy(value.as_bytes()).into_owned());
            (name.as_str().to_owned(), value)
        };
        let headers = headers.iter().map(shown).collect();
        written.transcript =
            Some(Transcript { sent: SentHead { method: method.as_str().to_owned(), url, headers }, answer: None });
    }

    /// The head of the answer has come; `shows` says which header fields carry no credential.
    pub(crate) fn hears(
        &self,
        status: http::StatusCode,
        headers: &HeaderMap,
        shows: impl Fn(&HeaderName, &HeaderValue) -> Option<String>,
    ) {
        let mut written = self.written();
        let Written { transcript: Some(transcript), secrets, .. } = &mut *written else { return };
        let mut bytes = 0;
        let mut kept = Vec::new();
        for (name, value) in headers.iter().filter(|_| self.bytes_max > 0) {
            let value = shows(name, value).map(|value| {
                let end = value.floor_char_boundary(VALUE_BYTES_MAX);
                String::from_utf8_lossy(&blanked(value.as_bytes(), secrets, end)).into_owned()
            });
            bytes += name.as_str().len() + value.as_ref().map_or(0, String::len);
            if bytes > HEAD_BYTES_MAX {
                break;
            }
            kept.push((name.as_str().to_owned(), value));
        }
        let head = AnswerHead { status: status.as_u16(), headers: kept };
        transcript.answer = Some(KeptAnswer { head, body: None });
    }

    /// The body of the answer has come to its end.
    pub(crate) fn reads(&self, body: &[u8]) {
        let mut written = self.written();
        let Written { transcript: Some(transcript), secrets, .. } = &mut *written else { return };
        if let Some(answer) = transcript.answer.as_mut().filter(|_| self.bytes_max > 0) {
            answer.body = Some((blanked(body, secrets, self.bytes_max), body.len() as u64));
        }
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is secret in the value of a header field: all of it, what stands behind a scheme, and the password of `Basic`.
fn secrets(value: &HeaderValue) -> Vec<Zeroizing<Vec<u8>>> {
    let whole = value.as_bytes();
    let mut secrets = vec![Zeroizing::new(whole.to_vec())];
    if let Some(space) = whole.iter().position(|byte| *byte == b' ') {
        let behind = &whole[space + 1..];
        secrets.push(Zeroizing::new(behind.to_vec()));
        if whole[..space].eq_ignore_ascii_case(b"basic")
            && let Ok(both) = STANDARD.decode(behind).map(Zeroizing::new)
            && let Some(colon) = both.iter().position(|byte| *byte == b':')
        {
            secrets.push(Zeroizing::new(both[colon + 1..].to_vec()));
        }
    }
    secrets.retain(|secret| secret.len() >= SECRET_BYTES_MIN);
    // The longest first, so that no part of it is left.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets
}

/// The first bytes of a text, without the secrets that begin in it.
fn blanked(text: &[u8], secrets: &[Zeroizing<Vec<u8>>], bytes_max: usize) -> Vec<u8> {
    let mut kept = Vec::with_capacity(text.len().min(bytes_max));
    let mut at = 0;
    while at < text.len().min(bytes_max) {
        match secrets.iter().find(|secret| text[at..].starts_with(secret)) {
            Some(secret) => {
                kept.extend_from_slice(BLANK);
                at += secret.len();
            }
            None => {
                kept.push(text[at]);
                at += 1;
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use http::{Method, StatusCode};

    use super::*;

    fn sent(scribe: &Scribe, authorization: &str) {
        let mut headers = HeaderMap::new();
        let mut secret = HeaderValue::from_str(authorization).expect("a value");
        secret.set_sensitive(true);
        headers.insert("authorization", secret);
        headers.insert("content-type", HeaderValue::from_static("text/plain"));
        scribe.sends(&Method::POST, "https://example.com/orders".to_owned(), &headers);
    }

    fn body(scribe: &Scribe) -> String {
        let (body, _) =
            scribe.transcript().and_then(|said| said.answer).and_then(|answer| answer.body).expect("a body");
        String::from_utf8(body).expect("text")
    }

    #[test]
    fn no_value_that_is_secret_is_written_down() {
        let scribe = Scribe::new(100);
        sent(&scribe, "Bearer made-for-this-test");
        let sent = scribe.transcript().expect("something was said").sent;
        assert_eq!(
            sent.headers,
            [("authorization".to_owned(), None), ("content-type".to_owned(), Some("text/plain".to_owned()))]
        );
    }

    #[test]
    fn what_an_answer_repeats_of_a_secret_is_blanked_even_where_the_cut_goes_through_it() {
        for (authorization, said, kept) in [
            ("Bearer abcdef", "you sent Bearer abcdef, abcdef", "you sent [withheld], [withheld]"),
            ("Bearer abcdef", "it was abcde", "it was abcde"),
            ("Basic dXNlcjpzZXNhbWU=", "user sesame (dXNlcjpzZXNhbWU=)", "user [withheld] ([withheld])"),
        ] {
            let scribe = Scribe::new(100);
            sent(&scribe, authorization);
            scribe.hears(StatusCode::OK, &HeaderMap::new(), |_, _| None);
            scribe.reads(said.as_bytes());
            assert_eq!(body(&scribe), kept);
        }
        let scribe = Scribe::new(12);
        sent(&scribe, "Bearer abcdef");
        scribe.hears(StatusCode::OK, &HeaderMap::new(), |_, _| None);
        scribe.reads(b"it was abcdef");
        assert_eq!(body(&scribe), "it was [withheld]");
    }

    #[test]
    fn nothing_of_an_answer_but_its_status_is_kept_where_nothing_may_be() {
        let scribe = Scribe::new(0);
        sent(&scribe, "Bearer abcdef");
        let headers = HeaderMap::from_iter([(http::header::SERVER, HeaderValue::from_static("x"))]);
        scribe.hears(StatusCode::OK, &headers, |_, _| Some("x".to_owned()));
        scribe.reads(b"an answer");
        let answer = scribe.transcript().and_then(|said| said.answer).expect("an answer");
        assert_eq!((answer.head.status, answer.head.headers, answer.body), (200, Vec::new(), None));
    }
}
