//! Names of header fields.

/// Header fields that mean something else than what a sender could mean by one.
const TAKEN: [&str; 12] = [
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "idempotency-key",
    "portgate-dry-run",
    "te",
    "transfer-encoding",
    "x-api-key",
];

/// Whether a text is a token of RFC 9110 §5.6.2 in lower case.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(plain)
}

/// Whether a header field can carry what its sender means by it: its name means nothing else already.
pub(crate) fn is_free(name: &str) -> bool {
    is_name(name) && !TAKEN.contains(&name)
}
