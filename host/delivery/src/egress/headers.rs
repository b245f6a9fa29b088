//! Headers that a plugin may set on its request.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{HEADER_BYTES_MAX, HEADERS_MAX, Refused};

/// Headers that the gateway sets itself, that change how a message is framed or routed, that say who somebody is, or
/// that some servers take for another method or path.
const OWN: [&str; 35] = [
    "accept-encoding",
    "authorization",
    "baggage",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "idempotency-key",
    "keep-alive",
    "origin",
    "referer",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-api-key",
    "x-auth-token",
    "x-client-cert",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-host",
    "x-original-url",
    "x-real-ip",
    "x-rewrite-url",
    "x-ssl-cert",
];
/// The same for all headers that begin so.
const OWN_BEGINNINGS: [&str; 4] = ["proxy-", "sec-", "webhook-", "x-forwarded-"];

/// The headers, if each is well-formed, there once and none of the gateway's own.
pub(super) fn checked(
    headers: &[(String, String)],
    credential_header: Option<&str>,
) -> Result<HeaderMap<HeaderValue>, Refused> {
    let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if headers.len() > HEADERS_MAX || bytes > HEADER_BYTES_MAX {
        return Err(Refused::Headers);
    }
    let mut checked = HeaderMap::with_capacity(headers.len());
    for (index, (name, value)) in headers.iter().enumerate() {
        let wrong = |problem| Refused::HeaderForm { number: index + 1, problem };
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(wrong("has a name that is not lower case"));
        }
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong("has a name that is none"))?;
        // Some servers take `_` for `-`.
        let alike = name.as_str().replace('_', "-");
        let own = OWN.contains(&alike.as_str())
            || OWN_BEGINNINGS.iter().any(|beginning| alike.starts_with(beginning))
            || credential_header.is_some_and(|header| header.replace('_', "-").eq_ignore_ascii_case(&alike));
        if own {
            return Err(Refused::Header(name));
        }
        let visible = |byte: u8| (b' '..=b'~').contains(&byte);
        if !value.bytes().all(visible) || value.trim() != value {
            return Err(wrong("has a value with control characters, outside of ASCII, or with space around it"));
        }
        let value = HeaderValue::from_str(value).map_err(|_| wrong("has a value that is none"))?;
        if checked.insert(name, value).is_some() {
            return Err(wrong("is there twice"));
        }
    }
    Ok(checked)
}
