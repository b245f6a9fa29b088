//! Paths and queries in their one normal form (RFC 3986 §6.2.2).

use super::{PATH_BYTES_MAX, Refused};

/// Path and query of a request's target, if the path is in normal form.
pub(super) fn split(target: &str) -> Result<(&str, Option<&str>), Refused> {
    let wrong = |problem| Err(Refused::PathForm(problem));
    if target.len() > PATH_BYTES_MAX {
        return wrong("is too long");
    }
    if !target.starts_with('/') {
        return wrong("does not start with a slash");
    }
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let last = segments.len() - 1;
    for (index, segment) in segments.into_iter().enumerate() {
        if segment.is_empty() && index != last {
            return wrong("has an empty segment");
        }
        if matches!(segment, "." | "..") {
            return wrong("has a dot segment");
        }
        // `;` begins parameters that some servers cut off, so that `..;` becomes `..`.
        let Some(decoded) = decoded(segment, b"-._~!$&'()*+,=:@") else {
            return wrong("has a character that may not stand there, or that has no business being encoded");
        };
        if decoded.chars().any(|character| character.is_control() || matches!(character, '/' | '\\' | '%')) {
            return wrong("hides a slash, a percent sign or a control character");
        }
    }
    Ok((path, query))
}

/// The names of a query's parameters.
pub(super) fn parameters(query: &str) -> Result<Vec<String>, Refused> {
    let wrong = |problem| Err(Refused::QueryForm(problem));
    let mut names = Vec::new();
    for parameter in query.split('&') {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let (Some(name), Some(value)) = (decoded(name, b"-._~[]"), decoded(value, b"-._~!$'()*+,:@/?=")) else {
            return wrong("has a character that may not stand there, or that has no business being encoded");
        };
        if name.is_empty() {
            return wrong("has a parameter without a name");
        }
        if value.chars().any(char::is_control) {
            return wrong("hides a control character");
        }
        names.push(name);
    }
    Ok(names)
}

/// Text without its percent-encoding, if that is in normal form: upper-case digits, nothing encoded that need not be,
/// UTF-8.
fn decoded(text: &str, plain: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = match byte {
            b'%' => {
                let (digits, after) = after.split_first_chunk::<2>()?;
                let byte = hexadecimal(digits[0])? << 4 | hexadecimal(digits[1])?;
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    return None;
                }
                bytes.push(byte);
                after
            }
            byte if byte.is_ascii_alphanumeric() || plain.contains(&byte) => {
                bytes.push(byte);
                after
            }
            _ => return None,
        };
    }
    String::from_utf8(bytes).ok()
}

fn hexadecimal(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
