//! Judges a request's head by the rules of HTTP that two readers of the same bytes could see differently.
//!
//! The gateway stands where another reader may stand before it: a request that one of the two could cut elsewhere, or
//! take for one to another host or of another kind, is refused and its connection closed. Over HTTP/1 the bytes themselves
//! are judged before, by [`super::messages`]; over HTTP/2 the library refuses what is malformed by RFC 9113 §8, and what it
//! lets through is refused here. Two things cannot be seen, for it drops them before anybody could look: a fragment in the
//! `:path` of HTTP/2, and pseudo-header fields in a trailer section. Neither means anything to anybody here.

use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST};
use http::request::Parts;
use http::uri::Scheme;
use http::{HeaderName, Method, StatusCode, Uri, Version};

use super::grammar;

/// The rule of HTTP that a request breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FramingViolation {
    /// The head cannot be parsed.
    #[error("the request line or a header field is malformed (RFC 9112 §3, §5; RFC 9113 §8.2)")]
    HeadMalformed,
    /// A line ends in another way than by CRLF.
    #[error("a line does not end with CRLF (RFC 9112 §2.2)")]
    LineEnd,
    /// The head has too many bytes or too many fields.
    #[error("the request line and header fields are too large or too many")]
    HeadTooLarge,
    /// The target alone is longer than any that is read.
    #[error("the request target is too long")]
    TargetTooLong,
    /// The head did not end in time.
    #[error("the request line and header fields did not arrive in time")]
    HeadTooSlow,
    /// There is no Host.
    #[error("the Host header field is missing (RFC 9112 §3.2)")]
    HostMissing,
    /// There is more than one Host.
    #[error("there is more than one Host header field (RFC 9112 §3.2)")]
    HostRepeated,
    /// Host is not a host and an optional port.
    #[error("the Host header field is not a host with an optional port (RFC 9110 §7.2)")]
    HostInvalid,
    /// Host and the target's authority differ.
    #[error("the Host header field and the request target name different hosts (RFC 9112 §3.2.2, RFC 9113 §8.3.1)")]
    HostMismatch,
    /// The host is not in `:authority`. Without that the library drops the scheme, so that nobody could judge it.
    #[error("the :authority pseudo-header field is missing (RFC 9113 §8.3.1)")]
    AuthorityMissing,
    /// The target's scheme is none that is served.
    #[error("the scheme of the request target is neither http nor https (RFC 9110 §4.2)")]
    SchemeInvalid,
    /// The target has a form or characters that nothing here is addressed with.
    #[error(
        "the request target is not a plain path: it holds user information, control characters or a backslash, or has a form that does not fit the method (RFC 9112 §3.2)"
    )]
    TargetInvalid,
    /// Content-Length is there twice, or is no plain number.
    #[error("Content-Length is not there once, as a number without sign or leading zero (RFC 9110 §8.6)")]
    LengthInvalid,
    /// A transfer coding other than chunked, chunked more than once, or one in HTTP/1.0.
    #[error("Transfer-Encoding is not exactly `chunked`, or stands in a message of HTTP/1.0 (RFC 9112 §6.1)")]
    TransferCoding,
    /// Two fields say where the body ends.
    #[error("Content-Length stands beside Transfer-Encoding (RFC 9112 §6.3)")]
    LengthAndCoding,
    /// A chunk's size, extensions or end are not what they must be.
    #[error("a chunk's size, extensions or end are malformed or too long (RFC 9112 §7.1)")]
    ChunkInvalid,
    /// A line of the trailer section is no field.
    #[error("the trailer section is malformed (RFC 9112 §7.1.2)")]
    TrailerMalformed,
    /// A field of the trailer section would frame, route or authorise the message, or describe its content.
    #[error("a field in the trailer section has no place there (RFC 9110 §6.5.1)")]
    TrailerForbidden,
    /// The trailer section has too many bytes or fields.
    #[error("the trailer section is too large")]
    TrailersTooLarge,
    /// A field that can only be once is there more often.
    #[error("the header field `{name}` is there more than once (RFC 9110 §5.3)")]
    FieldRepeated {
        /// The field's name.
        name: &'static str,
    },
    /// A field that a lenient reader could take for one that frames the body.
    #[error("a header field's name resembles Content-Length or Transfer-Encoding")]
    FieldLookalike,
    /// A body where the method gives it no meaning.
    #[error("GET and HEAD take no content here (RFC 9110 §9.3.1)")]
    BodyUnexpected,
    /// CONNECT or TRACE.
    #[error("CONNECT and TRACE are not served (RFC 9110 §9.3.6, §9.3.8)")]
    MethodNotServed,
    /// An expectation other than 100-continue.
    #[error("the only expectation that is met is 100-continue (RFC 9110 §10.1.1)")]
    ExpectationUnknown,
}

impl FramingViolation {
    /// The status of an answer to it.
    pub fn status(&self) -> StatusCode {
        match self {
            FramingViolation::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            FramingViolation::TargetTooLong => StatusCode::URI_TOO_LONG,
            FramingViolation::HeadTooSlow => StatusCode::REQUEST_TIMEOUT,
            FramingViolation::MethodNotServed => StatusCode::NOT_IMPLEMENTED,
            FramingViolation::ExpectationUnknown => StatusCode::EXPECTATION_FAILED,
            FramingViolation::HeadMalformed
            | FramingViolation::LineEnd
            | FramingViolation::HostMissing
            | FramingViolation::HostRepeated
            | FramingViolation::HostInvalid
            | FramingViolation::HostMismatch
            | FramingViolation::AuthorityMissing
            | FramingViolation::SchemeInvalid
            | FramingViolation::TargetInvalid
            | FramingViolation::LengthInvalid
            | FramingViolation::TransferCoding
            | FramingViolation::LengthAndCoding
            | FramingViolation::ChunkInvalid
            | FramingViolation::TrailerMalformed
            | FramingViolation::TrailerForbidden
            | FramingViolation::TrailersTooLarge
            | FramingViolation::FieldRepeated { .. }
            | FramingViolation::FieldLookalike
            | FramingViolation::BodyUnexpected => StatusCode::BAD_REQUEST,
        }
    }
}

/// Judges one head; `has_body` is whether bytes follow it.
pub(super) fn check(head: &Parts, has_body: bool) -> Result<(), FramingViolation> {
    if matches!(head.method, Method::CONNECT | Method::TRACE) {
        return Err(FramingViolation::MethodNotServed);
    }
    if head.version == Version::HTTP_2 {
        check_http2(head)?;
    }
    check_host(head)?;
    check_target(&head.method, &head.uri)?;
    check_fields(head)?;
    // In HTTP/2 the frames say where a body ends, whatever the method.
    if has_body && head.version < Version::HTTP_2 && matches!(head.method, Method::GET | Method::HEAD) {
        return Err(FramingViolation::BodyUnexpected);
    }
    Ok(())
}

/// What the library for HTTP/2 lets through.
fn check_http2(head: &Parts) -> Result<(), FramingViolation> {
    if head.uri.authority().is_none() {
        return Err(FramingViolation::AuthorityMissing);
    }
    let is_padded = |value: &[u8]| matches!(value, [b' ' | b'\t', ..] | [.., b' ' | b'\t']);
    if head.headers.values().any(|value| is_padded(value.as_bytes())) {
        return Err(FramingViolation::HeadMalformed);
    }
    let mut lengths = head.headers.get_all(CONTENT_LENGTH).iter();
    let is_plain = lengths.next().is_none_or(|length| grammar::length(length.as_bytes()).is_some());
    match is_plain && lengths.next().is_none() {
        true => Ok(()),
        false => Err(FramingViolation::LengthInvalid),
    }
}

fn check_host(head: &Parts) -> Result<(), FramingViolation> {
    let authority = head.uri.authority().map(|authority| authority.as_str());
    let mut hosts = head.headers.get_all(HOST).iter();
    let host = match (hosts.next(), authority) {
        (Some(host), _) => host.to_str().map_err(|_| FramingViolation::HostInvalid)?,
        (None, Some(authority)) if head.version == Version::HTTP_2 => authority,
        (None, _) => return Err(FramingViolation::HostMissing),
    };
    if hosts.next().is_some() {
        return Err(FramingViolation::HostRepeated);
    }
    if !is_host_and_port(host) {
        return Err(FramingViolation::HostInvalid);
    }
    match authority {
        Some(authority) if authority.contains('@') => Err(FramingViolation::TargetInvalid),
        Some(authority) if !authority.eq_ignore_ascii_case(host) => Err(FramingViolation::HostMismatch),
        _ => Ok(()),
    }
}

/// A name, an IPv4 address or an IPv6 address in brackets, and perhaps a port: narrower than a URI's authority.
fn is_host_and_port(text: &str) -> bool {
    let (host_is_good, rest) = match text.strip_prefix('[') {
        Some(address) => match address.split_once(']') {
            Some((address, rest)) => (address.parse::<std::net::Ipv6Addr>().is_ok(), rest),
            None => return false,
        },
        None => {
            let (name, rest) = text.split_at(text.find(':').unwrap_or(text.len()));
            let is_good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
            (!name.is_empty() && name.bytes().all(is_good), rest)
        }
    };
    let port_is_good = match rest.strip_prefix(':') {
        Some(port) => port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit()),
        None => rest.is_empty(),
    };
    host_is_good && port_is_good
}

fn check_target(method: &Method, uri: &Uri) -> Result<(), FramingViolation> {
    if uri.scheme().is_some_and(|scheme| *scheme != Scheme::HTTP && *scheme != Scheme::HTTPS) {
        return Err(FramingViolation::SchemeInvalid);
    }
    let target = uri.path_and_query().map_or("", |target| target.as_str());
    let form_fits = match uri.path() {
        "*" => *method == Method::OPTIONS,
        path => path.starts_with('/'),
    };
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    match form_fits && target.bytes().all(is_plain) && !hides_control_character(target.as_bytes()) {
        true => Ok(()),
        false => Err(FramingViolation::TargetInvalid),
    }
}

/// Whether a percent-encoded byte is a control character, which no path or query of this gateway can hold.
fn hides_control_character(target: &[u8]) -> bool {
    target.windows(3).any(|window| match window {
        [b'%', b'0' | b'1', _] => true,
        [b'%', b'7', low] => low.eq_ignore_ascii_case(&b'f'),
        _ => false,
    })
}

/// Fields of which a second one would have to be chosen from, and readers choose differently.
const ONLY_ONCE: [HeaderName; 2] = [CONTENT_TYPE, AUTHORIZATION];

fn check_fields(head: &Parts) -> Result<(), FramingViolation> {
    let headers = &head.headers;
    if headers.contains_key("content_length") || headers.contains_key("transfer_encoding") {
        return Err(FramingViolation::FieldLookalike);
    }
    if headers.get_all(EXPECT).iter().any(|value| !value.as_bytes().eq_ignore_ascii_case(b"100-continue")) {
        return Err(FramingViolation::ExpectationUnknown);
    }
    for name in &ONLY_ONCE {
        if headers.get_all(name).iter().nth(1).is_some() {
            let name = if name == CONTENT_TYPE { "content-type" } else { "authorization" };
            return Err(FramingViolation::FieldRepeated { name });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn judged(method: &str, target: &str, version: Version, fields: &[(&str, &str)]) -> Result<(), FramingViolation> {
        let mut request = Request::builder().method(method).uri(target).version(version);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        check(&request.body(()).unwrap().into_parts().0, false)
    }

    fn target(method: &str, target: &str) -> Result<(), FramingViolation> {
        judged(method, target, Version::HTTP_11, &[("host", "gate")])
    }

    fn host(value: &str) -> Result<(), FramingViolation> {
        judged("GET", "/", Version::HTTP_11, &[("host", value)])
    }

    fn field(name: &str, value: &str) -> Result<(), FramingViolation> {
        judged("POST", "/", Version::HTTP_11, &[("host", "gate"), (name, value)])
    }

    #[test]
    fn a_host_is_a_name_or_an_address_with_an_optional_port() {
        for good in ["gate", "Gate.example:8080", "127.0.0.1:1", "[::1]", "[::1]:8080", "gate_1", "gate:"] {
            assert_eq!(host(good), Ok(()), "{good}");
        }
        for bad in ["", "a b", "a,b", "a/b", "u@a", "a:b", "a:1:2", "[::1", "[x]", "[::1]x", "a%20", "a:123456", ":80"]
        {
            assert_eq!(host(bad), Err(FramingViolation::HostInvalid), "{bad}");
        }
    }

    #[test]
    fn one_host_is_needed_and_no_more() {
        let of = |version, fields: &[_]| judged("GET", "/", version, fields);
        assert_eq!(of(Version::HTTP_11, &[]), Err(FramingViolation::HostMissing));
        assert_eq!(of(Version::HTTP_10, &[]), Err(FramingViolation::HostMissing));
        let twice = [("host", "gate"), ("host", "gate")];
        assert_eq!(of(Version::HTTP_11, &twice), Err(FramingViolation::HostRepeated));
    }

    #[test]
    fn target_and_host_name_the_same_host() {
        let of = |target, version, fields: &[_]| judged("GET", target, version, fields);
        let gate = [("host", "gate")];
        assert_eq!(of("http://GATE/x", Version::HTTP_11, &gate), Ok(()));
        assert_eq!(of("http://other/x", Version::HTTP_11, &gate), Err(FramingViolation::HostMismatch));
        assert_eq!(of("http://gate/x", Version::HTTP_11, &[]), Err(FramingViolation::HostMissing));
        assert_eq!(of("http://gate/x", Version::HTTP_2, &[]), Ok(()));
        assert_eq!(of("http://other/x", Version::HTTP_2, &gate), Err(FramingViolation::HostMismatch));
        assert_eq!(of("http://u@gate/x", Version::HTTP_11, &gate), Err(FramingViolation::TargetInvalid));
    }

    #[test]
    fn a_target_is_a_plain_path() {
        for good in ["/", "/a%20b?c=%C3%A9", "/a%7e"] {
            assert_eq!(target("GET", good), Ok(()), "{good}");
        }
        for bad in ["*", "/a%00", "/a%0d%0ab", "/?q=%1F", "/%7F"] {
            assert_eq!(target("GET", bad), Err(FramingViolation::TargetInvalid), "{bad}");
        }
        assert_eq!(target("OPTIONS", "*"), Ok(()));
    }

    #[test]
    fn connect_and_trace_are_not_served() {
        assert_eq!(target("TRACE", "/"), Err(FramingViolation::MethodNotServed));
        assert_eq!(target("CONNECT", "gate:443"), Err(FramingViolation::MethodNotServed));
    }

    #[test]
    fn only_http_is_served() {
        let of = |target, version| judged("GET", target, version, &[("host", "gate")]);
        for version in [Version::HTTP_11, Version::HTTP_2] {
            assert_eq!(of("https://gate/x", version), Ok(()));
            assert_eq!(of("HTTP://gate/x", version), Ok(()));
            assert_eq!(of("ftp://gate/x", version), Err(FramingViolation::SchemeInvalid));
        }
    }

    #[test]
    fn http2_names_its_host_and_its_length_in_one_way() {
        let of = |target, fields: &[_]| judged("POST", target, Version::HTTP_2, fields);
        assert_eq!(of("/x", &[("host", "gate")]), Err(FramingViolation::AuthorityMissing));
        assert_eq!(of("http://gate/x", &[("content-length", "5")]), Ok(()));
        for bad in ["", "05", "+5"] {
            assert_eq!(of("http://gate/x", &[("content-length", bad)]), Err(FramingViolation::LengthInvalid), "{bad}");
        }
        let twice = [("content-length", "5"), ("content-length", "5")];
        assert_eq!(of("http://gate/x", &twice), Err(FramingViolation::LengthInvalid));
        for padded in [" a", "a\t"] {
            assert_eq!(of("http://gate/x", &[("x-field", padded)]), Err(FramingViolation::HeadMalformed), "{padded:?}");
        }
    }

    #[test]
    fn fields_that_readers_could_choose_between_are_refused() {
        assert_eq!(field("content_length", "5"), Err(FramingViolation::FieldLookalike));
        let twice = [("host", "gate"), ("content-type", "a/b"), ("content-type", "c/d")];
        let judgement = judged("POST", "/", Version::HTTP_11, &twice);
        assert_eq!(judgement, Err(FramingViolation::FieldRepeated { name: "content-type" }));
    }

    #[test]
    fn only_the_expectation_to_continue_is_met() {
        assert_eq!(field("expect", "100-Continue"), Ok(()));
        assert_eq!(field("expect", "200-ok"), Err(FramingViolation::ExpectationUnknown));
    }
}
