//! A second, independent reading of HTTP/1.1, for the connection layer to be held against: it has the whole stream before it,
//! knows nothing of how a connection reads, and takes nothing that RFC 9112 does not ask a sender for.

/// A request as it was executed, or as it should have been.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// As the head has it.
    pub(crate) target: String,
    pub(crate) body: Vec<u8>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {} [{}]", self.method, self.target, self.body.escape_ascii())
    }
}

/// What a stream begins with.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// The requests that are whole, up to the first thing that is none.
    pub(crate) requests: Vec<Request>,
    /// How many of them, from the first one on, no rule beyond framing could refuse: these must be executed.
    pub(crate) plain: usize,
}

/// The limits that both readers keep.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) section_bytes: usize,
    pub(crate) fields: usize,
}

/// Reads a stream to its end, or to what is wrong in it.
pub(crate) fn read(stream: &[u8], limits: Limits) -> Reading {
    let mut reading = Reading::default();
    let mut rest = stream;
    let mut all_plain = true;
    while let Some((request, is_plain, behind)) = request(rest, limits) {
        all_plain &= is_plain;
        reading.requests.push(request);
        reading.plain += usize::from(all_plain);
        rest = behind;
    }
    reading
}

/// The request that this begins with, and what is behind it.
fn request(stream: &[u8], limits: Limits) -> Option<(Request, bool, &[u8])> {
    // One empty line may come before a request; it counts as part of its head.
    let lead = if stream.starts_with(b"\r\n") { 2 } else { 0 };
    let (head, behind) = section(&stream[lead..])?;
    if head.is_empty() || stream.len() - behind.len() > limits.section_bytes || head.len() - 1 > limits.fields {
        return None;
    }
    let mut words = head[0].split(|byte| *byte == b' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    if words.next().is_some()
        || !is_token(method)
        || target.is_empty()
        || !target.iter().all(|byte| (b'!'..=b'~').contains(byte) && *byte != b'#')
        || !(version == b"HTTP/1.1" || version == b"HTTP/1.0")
    {
        return None;
    }
    let fields: Vec<(String, &[u8])> = head[1..].iter().map(|line| field(line)).collect::<Option<_>>()?;
    let named =
        |name: &str| fields.iter().filter(|(known, _)| known == name).map(|(_, value)| *value).collect::<Vec<_>>();
    let (body, behind) = match (named("content-length").as_slice(), named("transfer-encoding").as_slice()) {
        ([], []) => (Vec::new(), behind),
        ([length], []) => {
            let digits = std::str::from_utf8(spaces_off(length)).ok()?;
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            if !is_number || (digits.len() > 1 && digits.starts_with('0')) {
                return None;
            }
            let length = digits.parse::<usize>().ok()?;
            if behind.len() < length {
                return None;
            }
            (behind[..length].to_vec(), &behind[length..])
        }
        ([], [coding]) if version == b"HTTP/1.1" && spaces_off(coding).eq_ignore_ascii_case(b"chunked") => {
            chunks(behind, limits)?
        }
        _ => return None,
    };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
    let is_plain_target = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._~-".contains(byte);
    let is_plain = version == b"HTTP/1.1"
        && (method == b"POST"
            || (method == b"GET" && fields.iter().all(|(name, _)| name == "host" || name.starts_with("x-"))))
        && target.starts_with(b"/")
        && target.iter().all(is_plain_target)
        && named("host").as_slice().iter().map(|host| spaces_off(host)).eq([b"gate".as_slice()])
        && fields.iter().all(|(name, _)| {
            ["host", "content-length", "transfer-encoding"].contains(&name.as_str()) || name.starts_with("x-")
        });
    Some((Request { method: text(method)?, target: text(target)?, body }, is_plain, behind))
}

/// The lines up to an empty one, each ended by CRLF and without any other CR or LF, and what is behind it.
fn section(bytes: &[u8]) -> Option<(Vec<&[u8]>, &[u8])> {
    let mut lines = Vec::new();
    let mut rest = bytes;
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let (line, behind) = (&rest[..end], &rest[end + 2..]);
        if line.contains(&b'\r') || line.contains(&b'\n') {
            return None;
        }
        rest = behind;
        if line.is_empty() {
            return Some((lines, rest));
        }
        lines.push(line);
    }
}

fn field(line: &[u8]) -> Option<(String, &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    let is_text = value.iter().all(|byte| *byte == b'\t' || *byte == b' ' || byte.is_ascii_graphic() || *byte >= 0x80);
    if !is_token(name) || !is_text {
        return None;
    }
    Some((String::from_utf8(name.to_ascii_lowercase()).ok()?, value))
}

/// A chunked body, its last chunk and its trailer section.
fn chunks(mut rest: &[u8], limits: Limits) -> Option<(Vec<u8>, &[u8])> {
    let mut body = Vec::new();
    let mut extensions = 0;
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let line = &rest[..end];
        let (size, extension) = line.split_at(line.iter().position(|byte| *byte == b';').unwrap_or(line.len()));
        extensions += extension.len();
        if end + 2 > 512
            || extensions > 8192
            || size.is_empty()
            || size.len() > 8
            || !size.iter().all(u8::is_ascii_hexdigit)
            || !extensions_hold(extension)
        {
            return None;
        }
        let size = usize::from_str_radix(std::str::from_utf8(size).ok()?, 16).ok()?;
        if size == 0 {
            let (fields, behind) = section(&rest[end + 2..])?;
            let bytes = rest.len() - behind.len();
            let forbidden = |name: &str| {
                let families = ["content-", "if-", "proxy-", "webhook-", "x-forwarded-", "accept", "access-control-"];
                let names = "age authorization cache-control connection content_length cookie cookie2 date expect expires \
                    forwarded host idempotency-key keep-alive last-event-id location max-forwards origin pragma prefer range \
                    referer retry-after set-cookie te traceparent tracestate trailer transfer-encoding transfer_encoding upgrade \
                    vary via warning www-authenticate x-api-key x-http-method-override x-original-url x-real-ip x-rewrite-url";
                let is_hash = name == "content-digest" || name == "content-md5";
                !is_hash
                    && (names.split_whitespace().any(|known| known == name)
                        || families.iter().any(|family| name.starts_with(family)))
            };
            for line in &fields {
                if forbidden(&field(line)?.0) {
                    return None;
                }
            }
            return (bytes <= limits.section_bytes && fields.len() <= limits.fields).then_some((body, behind));
        }
        rest = &rest[end + 2..];
        if rest.len() < size + 2 || &rest[size..size + 2] != b"\r\n" {
            return None;
        }
        body.extend_from_slice(&rest[..size]);
        rest = &rest[size + 2..];
    }
}

/// Whether these are chunk extensions without white space, told by a machine of six states.
fn extensions_hold(text: &[u8]) -> bool {
    #[derive(Clone, Copy, PartialEq)]
    enum At {
        Between,
        Name(bool),
        Value(bool),
        Quoted,
        Escaped,
    }
    let mut at = At::Between;
    for byte in text {
        let is_text = *byte == b'\t' || *byte == b' ' || byte.is_ascii_graphic() || *byte >= 0x80;
        let is_tchar = is_token(std::slice::from_ref(byte));
        at = match (at, *byte) {
            (At::Between | At::Name(true) | At::Value(true), b';') => At::Name(false),
            (At::Name(true), b'=') => At::Value(false),
            (At::Name(_), _) if is_tchar => At::Name(true),
            (At::Value(false), b'"') => At::Quoted,
            (At::Value(_), _) if is_tchar => At::Value(true),
            (At::Quoted, b'"') => At::Between,
            (At::Quoted, b'\\') => At::Escaped,
            (At::Quoted | At::Escaped, _) if is_text => At::Quoted,
            _ => return false,
        };
    }
    matches!(at, At::Between | At::Name(true) | At::Value(true))
}

fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

fn spaces_off(value: &[u8]) -> &[u8] {
    let start = value.iter().position(|byte| *byte != b' ').unwrap_or(value.len());
    let end = value.iter().rposition(|byte| *byte != b' ').map_or(start, |last| last + 1);
    &value[start..end]
}
