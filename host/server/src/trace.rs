//! The identity of one request: its own id, and its place in a distributed trace.
//!
//! A caller's `traceparent` (W3C Trace Context, level 1) is continued when it is well-formed and replaced by a new
//! trace when it is not; `tracestate` is not touched, since the gateway adds nothing to it.

use http::HeaderMap;

/// The names by which one request is found again.
#[derive(Clone, Debug)]
pub(crate) struct RequestTrace {
    /// The request's own id, a UUID of version 7: the `instance` of its problems and the `x-request-id` of its answer.
    pub(crate) id: String,
    /// 32 hexadecimal digits, the caller's where it sent a valid `traceparent`.
    pub(crate) trace_id: String,
    /// 16 hexadecimal digits: this hop.
    pub(crate) span_id: String,
    sampled: bool,
}

impl RequestTrace {
    /// Continues the caller's trace, or starts one. `unique` is a fresh UUID of version 7.
    pub(crate) fn begin(headers: &HeaderMap, unique: uuid::Uuid) -> Self {
        let bytes = unique.as_bytes();
        // The last eight bytes of a version 7 UUID are random but for two bits: enough to name one hop of one trace.
        let span_id = hex::encode(&bytes[8..]);
        let (trace_id, sampled) = match parent(headers) {
            Some((trace_id, sampled)) => (trace_id.to_owned(), sampled),
            None => (hex::encode(bytes), false),
        };
        RequestTrace { id: unique.hyphenated().to_string(), trace_id, span_id, sampled }
    }

    /// The `traceparent` for whoever is called next.
    pub(crate) fn traceparent(&self) -> String {
        format!("00-{}-{}-{:02x}", self.trace_id, self.span_id, u8::from(self.sampled))
    }

    /// The request as a URN (RFC 9562 §4), for `instance`.
    pub(crate) fn instance(&self) -> String {
        format!("urn:uuid:{}", self.id)
    }
}

/// The trace id and the sampled flag of a well-formed `traceparent` of version 00 or of a later one that starts alike.
fn parent(headers: &HeaderMap) -> Option<(&str, bool)> {
    let mut values = headers.get_all("traceparent").iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let mut parts = value.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str, length| text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let ends_well = parts.next().is_none() || version != "00";
    let well_formed =
        hex(version, 2) && version != "ff" && hex(trace, 32) && hex(span, 16) && hex(flags, 2) && ends_well;
    let some = |text: &str| text.bytes().any(|b| b != b'0');
    if !(well_formed && some(trace) && some(span)) {
        return None;
    }
    let sampled = u8::from_str_radix(flags, 16).ok()? & 1 == 1;
    Some((trace, sampled))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(traceparent: &str) -> RequestTrace {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", traceparent.parse().unwrap());
        RequestTrace::begin(&headers, uuid::Uuid::now_v7())
    }

    #[test]
    fn a_valid_traceparent_is_continued_under_a_new_span() {
        let trace = begin("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        assert_eq!(trace.trace_id, "0af7651916cd43dd8448eb211c80319c");
        assert_ne!(trace.span_id, "b7ad6b7169203331");
        assert!(trace.traceparent().starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
        assert!(trace.traceparent().ends_with("-01"));
    }

    #[test]
    fn a_broken_traceparent_starts_a_new_trace() {
        for broken in [
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "zz",
        ] {
            assert_ne!(begin(broken).trace_id, "0af7651916cd43dd8448eb211c80319c", "{broken}");
            assert_eq!(begin(broken).trace_id.len(), 32);
        }
    }
}
