//! From bytes to text. What the bytes are is said by the byte order mark, else by the XML declaration, else they are
//! UTF-8 (XML 1.0, appendix F); what they turn out not to be is an error with its place.

use std::borrow::Cow;

use super::XmlError;
use crate::Anomaly;
use crate::position::Position;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Ascii,
    Latin1,
    Windows1252,
}

/// The text behind the byte order mark.
pub(super) fn decode<'i>(bytes: &'i [u8], anomalies: &mut Vec<Anomaly>) -> Result<Cow<'i, str>, XmlError> {
    let (body, marked) = match bytes {
        [0xEF, 0xBB, 0xBF, body @ ..] => (body, true),
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] | [0, 0, 0, b'<', ..] | [b'<', 0, 0, 0, ..] => {
            return Err(refused("UTF-32", bytes, 0));
        }
        [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] | [0, b'<', ..] | [b'<', 0, ..] => {
            return Err(refused("UTF-16", bytes, 0));
        }
        [0x4C, 0x6F, 0xA7, 0x94, ..] => return Err(refused("EBCDIC", bytes, 0)),
        body => (body, false),
    };
    let declared = declared(body);
    let encoding = match (declared, marked) {
        (None, _) | (_, true) => Encoding::Utf8,
        (Some((name, at)), false) => known(name).ok_or_else(|| refused(&name.escape_ascii().to_string(), body, at))?,
    };
    if let Some((name, at)) = declared.filter(|(name, _)| marked && known(name) != Some(Encoding::Utf8)) {
        let (line, column) = Position::of(body, at, false);
        anomalies.push(Anomaly {
            code: "xml-encoding",
            location: format!("{line}:{column}"),
            detail: format!(
                "the byte order mark says UTF-8 and the declaration {}; it was read as UTF-8",
                name.escape_ascii()
            ),
        });
    }
    convert(body, encoding, declared.is_some())
}

fn convert(bytes: &[u8], encoding: Encoding, declared: bool) -> Result<Cow<'_, str>, XmlError> {
    let wrong = match (std::str::from_utf8(bytes), encoding) {
        (Ok(text), Encoding::Utf8) => return Ok(Cow::Borrowed(text)),
        (Ok(text), _) if text.is_ascii() => return Ok(Cow::Borrowed(text)),
        (Err(error), Encoding::Utf8) => error.valid_up_to(),
        (_, Encoding::Latin1) => return Ok(Cow::Owned(bytes.iter().copied().map(char::from).collect())),
        (_, Encoding::Ascii) => bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or_default(),
        (_, Encoding::Windows1252) => match bytes.iter().map(|byte| windows_1252(*byte)).collect() {
            Some(text) => return Ok(Cow::Owned(text)),
            None => bytes.iter().position(|byte| windows_1252(*byte).is_none()).unwrap_or_default(),
        },
    };
    let byte = bytes.get(wrong).copied().unwrap_or_default();
    let (name, advice) = match encoding {
        Encoding::Utf8 if declared => ("UTF-8, as declared", "; declare ISO-8859-1 if that is what you send"),
        Encoding::Utf8 => ("UTF-8", "; declare ISO-8859-1 in the XML declaration if that is what you send"),
        Encoding::Ascii => ("US-ASCII, as declared", "; declare the encoding that you send"),
        Encoding::Latin1 | Encoding::Windows1252 => ("Windows-1252, as declared", ""),
    };
    Err(XmlError::at("xml-encoding", bytes, wrong, format!("the byte 0x{byte:02X} is not {name}{advice}")))
}

fn refused(name: &str, bytes: &[u8], at: usize) -> XmlError {
    let detail = format!("the encoding {name} is not read; send UTF-8");
    XmlError::at("xml-encoding", bytes, at, detail)
}

fn known(name: &[u8]) -> Option<Encoding> {
    const NAMES: [(&[u8], Encoding); 12] = [
        (b"utf-8", Encoding::Utf8),
        (b"utf8", Encoding::Utf8),
        (b"us-ascii", Encoding::Ascii),
        (b"ascii", Encoding::Ascii),
        (b"iso-8859-1", Encoding::Latin1),
        (b"iso8859-1", Encoding::Latin1),
        (b"iso_8859-1", Encoding::Latin1),
        (b"latin1", Encoding::Latin1),
        (b"latin-1", Encoding::Latin1),
        (b"windows-1252", Encoding::Windows1252),
        (b"cp1252", Encoding::Windows1252),
        (b"cp-1252", Encoding::Windows1252),
    ];
    NAMES.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, encoding)| encoding)
}

/// The name in `encoding="…"` of the XML declaration, with its offset. Every encoding read here writes the declaration
/// in ASCII, so it can be looked at before the encoding is known.
fn declared(bytes: &[u8]) -> Option<(&[u8], usize)> {
    if !bytes.starts_with(b"<?xml") {
        return None;
    }
    let declaration = &bytes[..memchr::memmem::find(&bytes[..bytes.len().min(1024)], b"?>")?];
    let label = memchr::memmem::find(declaration, b"encoding")? + b"encoding".len();
    let quote_at = label + declaration[label..].iter().position(|byte| matches!(byte, b'"' | b'\''))?;
    if !declaration[label..quote_at].trim_ascii().eq(b"=") {
        return None;
    }
    let name_at = quote_at + 1;
    let length = memchr::memchr(declaration[quote_at], &declaration[name_at..])?;
    Some((&declaration[name_at..name_at + length], name_at))
}

/// The characters of Windows-1252 from 0x80 to 0x9F, where it differs from ISO-8859-1; five bytes mean nothing.
const WINDOWS_1252: [Option<char>; 32] = [
    Some('€'),
    None,
    Some('‚'),
    Some('ƒ'),
    Some('„'),
    Some('…'),
    Some('†'),
    Some('‡'),
    Some('ˆ'),
    Some('‰'),
    Some('Š'),
    Some('‹'),
    Some('Œ'),
    None,
    Some('Ž'),
    None,
    None,
    Some('‘'),
    Some('’'),
    Some('“'),
    Some('”'),
    Some('•'),
    Some('–'),
    Some('—'),
    Some('˜'),
    Some('™'),
    Some('š'),
    Some('›'),
    Some('œ'),
    None,
    Some('ž'),
    Some('Ÿ'),
];

fn windows_1252(byte: u8) -> Option<char> {
    match byte {
        0x80..=0x9F => WINDOWS_1252[usize::from(byte - 0x80)],
        _ => Some(char::from(byte)),
    }
}
