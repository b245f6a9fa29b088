//! The lines of HTTP/1.1, each in its one strict reading (RFC 9112 §3, §5, §7.1; RFC 9110 §5.6).
//!
//! A line comes here without its CRLF. Whatever the standards let a recipient forgive, such as white space where none
//! belongs, is refused: what one reader forgives another one reads differently.

use http::Version;

/// Hexadecimal digits of a chunk's size: four gibibytes, far beyond any body that is taken.
const CHUNK_SIZE_DIGITS_MAX: usize = 8;

/// Decimal digits of a length that cannot overflow 64 bits.
const LENGTH_DIGITS_MAX: usize = 19;

/// Which bytes a token is made of (RFC 9110 §5.6.2).
static TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let others = b"!#$%&'*+-.^_`|~";
    let mut index = 0;
    while index < others.len() {
        table[others[index] as usize] = true;
        index += 1;
    }
    table
};

/// Whether a token can hold this byte.
pub(super) fn is_in_token(byte: u8) -> bool {
    TOKEN[usize::from(byte)]
}

/// Where the token that this begins with ends, if it begins with one.
fn token_end(text: &[u8]) -> Option<usize> {
    let end = text.iter().position(|byte| !is_in_token(*byte)).unwrap_or(text.len());
    (end > 0).then_some(end)
}

/// The version of a request line: a method, a target without fragment, and HTTP/1.0 or 1.1, one space between each two.
/// What the method and the target mean is not judged here.
pub(super) fn request_line(line: &[u8]) -> Option<Version> {
    let (line, version) = match line.strip_suffix(b" HTTP/1.1") {
        Some(line) => (line, Version::HTTP_11),
        None => (line.strip_suffix(b" HTTP/1.0")?, Version::HTTP_10),
    };
    let [b' ', target @ ..] = &line[token_end(line)?..] else { return None };
    let is_no_target = |byte: u8| !(b'!'..=b'~').contains(&byte) | (byte == b'#');
    let is_plain = !target.is_empty() && !target.iter().fold(false, |found, byte| found | is_no_target(*byte));
    is_plain.then_some(version)
}

/// The name and the value of a field line, the value with the white space around it.
pub(super) fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, rest) = line.split_at(token_end(line)?);
    match rest {
        [b':', value @ ..] if is_field_value(value) => Some((name, value)),
        _ => None,
    }
}

/// Whether a field's value can be this: visible characters, spaces, tabs, and bytes beyond ASCII.
///
/// Without an early end, so that the compiler makes it look at many bytes at once.
fn is_field_value(text: &[u8]) -> bool {
    let is_control = |byte: u8| ((byte < b' ') & (byte != b'\t')) | (byte == 0x7f);
    !text.iter().fold(false, |found, byte| found | is_control(*byte))
}

/// The number that a Content-Length says: digits without a leading zero, which some read as octal; spaces around it are
/// the field's, a tab is not taken.
pub(super) fn length(value: &[u8]) -> Option<u64> {
    let digits = trimmed(value);
    let is_plain = matches!(digits, [b'0'] | [b'1'..=b'9', ..])
        && digits.len() <= LENGTH_DIGITS_MAX
        && digits.iter().all(u8::is_ascii_digit);
    is_plain.then(|| digits.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

/// Whether the value of a Transfer-Encoding is the one coding that is taken.
pub(super) fn is_chunked(value: &[u8]) -> bool {
    trimmed(value).eq_ignore_ascii_case(b"chunked")
}

/// Without the spaces around it. A field that frames a body gets no other white space: not every reader takes it.
fn trimmed(mut value: &[u8]) -> &[u8] {
    while let [b' ', rest @ ..] | [rest @ .., b' '] = value {
        value = rest;
    }
    value
}

/// The first line of a chunk: its size, and how many bytes its extensions have.
pub(super) fn chunk(line: &[u8]) -> Option<(u64, usize)> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (digits, extensions) = line.split_at(digits);
    if digits.is_empty() || digits.len() > CHUNK_SIZE_DIGITS_MAX || !are_extensions(extensions) {
        return None;
    }
    let size = std::str::from_utf8(digits).ok().and_then(|digits| u64::from_str_radix(digits, 16).ok())?;
    Some((size, extensions.len()))
}

/// `*( ";" token [ "=" ( token / quoted-string ) ] )` (RFC 9112 §7.1.1), without the white space that it calls bad.
fn are_extensions(mut text: &[u8]) -> bool {
    while let [b';', rest @ ..] = text {
        let Some(rest) = after_token(rest) else { return false };
        text = match rest {
            [b'=', b'"', value @ ..] => match after_quoted(value) {
                Some(rest) => rest,
                None => return false,
            },
            [b'=', value @ ..] => match after_token(value) {
                Some(rest) => rest,
                None => return false,
            },
            rest => rest,
        };
    }
    text.is_empty()
}

/// What follows the token that this begins with.
fn after_token(text: &[u8]) -> Option<&[u8]> {
    token_end(text).map(|end| &text[end..])
}

/// What follows the quoted string that this is the inside of (RFC 9110 §5.6.4).
fn after_quoted(mut text: &[u8]) -> Option<&[u8]> {
    loop {
        text = match text {
            [b'"', rest @ ..] => return Some(rest),
            [b'\\', escaped, rest @ ..] if is_field_value(&[*escaped]) => rest,
            [b'\\', ..] | [] => return None,
            [byte, rest @ ..] if is_field_value(&[*byte]) => rest,
            _ => return None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_line_has_one_form() {
        assert_eq!(request_line(b"GET / HTTP/1.1"), Some(Version::HTTP_11));
        assert_eq!(request_line(b"x-METHOD http://gate/a%20?b=c HTTP/1.0"), Some(Version::HTTP_10));
        for bad in [
            "",
            " ",
            "GET",
            "GET /",
            "GET HTTP/1.1",
            "GET  / HTTP/1.1",
            "GET /  HTTP/1.1",
            " GET / HTTP/1.1",
            "GET / HTTP/1.1 ",
            "GET\t/ HTTP/1.1",
            "GET /\tHTTP/1.1",
            "GET /a b HTTP/1.1",
            "GET / HTTP/1.2",
            "GET / HTTP/2.0",
            "GET / HTTP/1",
            "GET / http/1.1",
            "GET / HTTP/01.1",
            "GET /#a HTTP/1.1",
            "G(T / HTTP/1.1",
            "GET /\0 HTTP/1.1",
            "GET /\u{e9} HTTP/1.1",
            "GET /\r HTTP/1.1",
            "GET /\x7f HTTP/1.1",
            "GET / HTTP/1.1\r",
        ] {
            assert_eq!(request_line(bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[test]
    fn a_field_line_has_one_form() {
        assert_eq!(field(b"A: b"), Some((b"A".as_slice(), b" b".as_slice())));
        assert_eq!(field(b"A:"), Some((b"A".as_slice(), b"".as_slice())));
        assert_eq!(field(b"A:b:c\t\xff"), Some((b"A".as_slice(), b"b:c\t\xff".as_slice())));
        for bad in [
            "",
            "A",
            ": b",
            "A : b",
            "A\t: b",
            " A: b",
            "\tA: b",
            "A B: c",
            "A: b\0",
            "A: b\rc",
            "A: \x7f",
            "\u{e9}: b",
        ] {
            assert_eq!(field(bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[test]
    fn a_length_is_a_plain_number() {
        for (good, number) in [(" 5", 5), ("0", 0), ("  10 ", 10), (" 9999999999999999999", 9_999_999_999_999_999_999)]
        {
            assert_eq!(length(good.as_bytes()), Some(number), "{good:?}");
        }
        for bad in [
            "",
            " ",
            "\t5",
            "5\t",
            "+5",
            "-0",
            "-1",
            "0x5",
            "0o5",
            "05",
            "00",
            "1_0",
            "1 0",
            "5,5",
            "5, 5",
            "5;a",
            "5.0",
            "99999999999999999999",
            "\u{0665}",
        ] {
            assert_eq!(length(bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[test]
    fn chunked_is_the_only_coding() {
        assert!(is_chunked(b" Chunked ") && is_chunked(b"chunked"));
        for bad in [
            "",
            "gzip, chunked",
            "chunked, chunked",
            ", chunked",
            "chunked,",
            "chunked;a=b",
            "identity",
            "\tchunked",
            "xchunked",
        ] {
            assert!(!is_chunked(bad.as_bytes()), "{bad:?}");
        }
    }

    #[test]
    fn a_chunk_begins_with_hexadecimal_digits_and_extensions_by_their_grammar() {
        for (good, size) in [
            ("0", 0),
            ("5", 5),
            ("aF", 0xaf),
            ("0000000a", 10),
            ("ffffffff", 0xffff_ffff),
            ("5;a", 5),
            ("5;a=b;c=\"d\\\" ;\"", 5),
            ("5;a=\"\"", 5),
        ] {
            assert_eq!(chunk(good.as_bytes()).map(|(size, _)| size), Some(size), "{good:?}");
        }
        for bad in [
            "",
            " 5",
            "5 ",
            "5\t",
            "+5",
            "-1",
            "0x5",
            "1_0",
            "000000005",
            "fffffffff",
            "5;",
            "5; a",
            "5 ;a",
            "5;a =b",
            "5;a= b",
            "5;a=",
            "5;a=\"",
            "5;a=\"b",
            "5;a=\"b\\\"",
            "5;=b",
            "5;a=\"b\"c",
            "5;a;",
            "5;bad[=x",
            "5;a=\"\0\"",
            "5;a\r",
            "5,a",
            "g",
            "5;\0a",
            "5;a=\"\\\r\"",
        ] {
            assert_eq!(chunk(bad.as_bytes()), None, "{bad:?}");
        }
    }
}
