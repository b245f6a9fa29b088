//! Judges a request's head by the rules of HTTP that two readers of the same bytes could see differently.
//!
//! hyper parses strictly and refuses what has no meaning at all: bare line breaks inside a head's fields, folded
//! fields, spaces before a colon, lengths that are no digits, chunked that is not the last coding. Where it is as
//! lenient as the standard allows, this is stricter, because the gateway stands where another reader may stand before
//! it: a request that one of the two could cut elsewhere is refused and its connection closed.
//!
//! Two things cannot be seen here, for hyper takes them away before: a `Content-Length` beside `Transfer-Encoding`
//! (it is ignored and the connection closed after the answer, RFC 9112 §6.3) and a fragment in the target. Neither is
//! ever passed on, because what goes upstream is a new message.

use http::header::{AUTHORIZATION, CONTENT_TYPE, EXPECT, HOST, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderName, Method, StatusCode, Uri, Version};

/// The rule of HTTP that a request breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FramingViolation {
    /// The head cannot be parsed.
    #[error("the request line or a header field is malformed (RFC 9112 §3, §5)")]
    HeadMalformed,
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
    /// The target has a form or characters that nothing here is addressed with.
    #[error(
        "the request target is not a plain path: it holds user information, control characters or a backslash, or has a form that does not fit the method (RFC 9112 §3.2)"
    )]
    TargetInvalid,
    /// A transfer coding other than chunked, or chunked more than once.
    #[error("Transfer-Encoding is not exactly `chunked` (RFC 9112 §6.1)")]
    TransferCoding,
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
            | FramingViolation::HostMissing
            | FramingViolation::HostRepeated
            | FramingViolation::HostInvalid
            | FramingViolation::HostMismatch
            | FramingViolation::TargetInvalid
            | FramingViolation::TransferCoding
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
    check_host(head)?;
    check_target(&head.method, &head.uri)?;
    check_fields(head)?;
    // In HTTP/2 the frames say where a body ends, whatever the method.
    if has_body && head.version < Version::HTTP_2 && matches!(head.method, Method::GET | Method::HEAD) {
        return Err(FramingViolation::BodyUnexpected);
    }
    Ok(())
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
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    if let Some(coding) = codings.next()
        && (codings.next().is_some() || !coding.as_bytes().eq_ignore_ascii_case(b"chunked"))
    {
        return Err(FramingViolation::TransferCoding);
    }
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
    fn chunked_is_the_only_transfer_coding() {
        assert_eq!(field("transfer-encoding", "Chunked"), Ok(()));
        for bad in ["gzip, chunked", "chunked, chunked", ", chunked", "chunked;a=b", "identity", ""] {
            assert_eq!(field("transfer-encoding", bad), Err(FramingViolation::TransferCoding), "{bad}");
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
