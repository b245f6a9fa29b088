//! Which fields may stand in a trailer section (RFC 9110 §6.5.1). None has a meaning here; but one that acted like a header
//! field for another reader of the same message would make it another message.

/// Fields that must not stand in a trailer section, whoever reads it: they frame, route, authorise or describe the message
/// whose end they come at, or ask something of its recipient (RFC 9110 §6.5.1).
const NOT_IN_TRAILERS: &[&str] = &[
    "age",
    "authorization",
    "cache-control",
    "connection",
    "content_length",
    "cookie",
    "cookie2",
    "date",
    "expect",
    "expires",
    "forwarded",
    "host",
    "idempotency-key",
    "keep-alive",
    "last-event-id",
    "location",
    "max-forwards",
    "origin",
    "pragma",
    "prefer",
    "range",
    "referer",
    "retry-after",
    "set-cookie",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "transfer_encoding",
    "upgrade",
    "vary",
    "via",
    "warning",
    "www-authenticate",
    "x-api-key",
    "x-http-method-override",
    "x-original-url",
    "x-real-ip",
    "x-rewrite-url",
];

/// Beginnings of names of such fields.
const NOT_IN_TRAILERS_BEGINNINGS: &[&str] =
    &["accept", "access-control-", "content-", "if-", "proxy-", "webhook-", "x-forwarded-"];

/// Two of those that a sender knows only at the end of its message, and which say nothing but a hash (RFC 9530 §6.5).
const IN_TRAILERS_AFTER_ALL: &[&str] = &["content-digest", "content-md5"];

/// Whether a field of this name may stand in a trailer section.
pub(crate) fn may_trail(name: &[u8]) -> bool {
    let is = |known: &&str| name.eq_ignore_ascii_case(known.as_bytes());
    let begins =
        |known: &&str| name.get(..known.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(known.as_bytes()));
    IN_TRAILERS_AFTER_ALL.iter().any(is)
        || !(NOT_IN_TRAILERS.iter().any(is) || NOT_IN_TRAILERS_BEGINNINGS.iter().any(begins))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_frames_routes_or_authorises_a_message_cannot_come_at_its_end() {
        for good in ["X-Checksum", "Digest", "Content-Digest", "Repr-Digest", "Server-Timing", "Signature"] {
            assert!(may_trail(good.as_bytes()), "{good}");
        }
        for bad in [
            "HOST",
            "Content-Length",
            "Content_Length",
            "content-type",
            "Transfer-Encoding",
            "Authorization",
            "X-Api-Key",
            "Webhook-Id",
            "If-Match",
            "X-Forwarded-For",
            "Trailer",
            "Accept",
        ] {
            assert!(!may_trail(bad.as_bytes()), "{bad}");
        }
    }
}
