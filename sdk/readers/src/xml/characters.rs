//! The characters of XML 1.0 (§2.2, `Char`), as they stand in the text and as references name them.
//!
//! If a reference names no character at all (a surrogate, a number beyond Unicode), the tree takes it for U+FFFD, which
//! would be another text than the partner wrote. So references are read here, before there is a tree.

use memchr::memmem;

use super::XmlError;

/// How much of a reference an error repeats, in bytes.
const SHOWN_BYTES: usize = 16;

/// Refuses a document that holds, anywhere, a character that XML does not have.
pub(super) fn check_text(bytes: &[u8]) -> Result<(), XmlError> {
    let control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    // U+FFFE and U+FFFF are `EF BF BE` and `EF BF BF`; surrogates are in no text that is UTF-8.
    let noncharacter = memmem::find_iter(bytes, b"\xEF\xBF").find(|at| matches!(bytes.get(at + 2), Some(0xBE | 0xBF)));
    let (at, code) = match (bytes.iter().position(control), noncharacter) {
        (Some(at), other) if other.is_none_or(|other| at < other) => (at, u32::from(bytes[at])),
        (_, Some(at)) => (at, 0xFFC0 | u32::from(bytes[at + 2] & 0x3F)),
        (_, None) => return Ok(()),
    };
    let detail = format!("U+{code:04X} is no character of XML 1.0; leave it out");
    Err(XmlError::at("xml-not-well-formed", bytes, at, detail))
}

/// Refuses character references (§4.1) that are malformed, or that name no character of XML. `from..to` is character data
/// or the value of an attribute; elsewhere `&#` means nothing.
pub(super) fn check_references(bytes: &[u8], from: usize, to: usize) -> Result<(), XmlError> {
    let part = &bytes[from..to];
    for at in memmem::find_iter(part, b"&#") {
        let (radix, digits) = match part[at + 2..].strip_prefix(b"x") {
            Some(digits) => (16, digits),
            None => (10, &part[at + 2..]),
        };
        let length = digits.iter().take_while(|byte| char::from(**byte).is_digit(radix)).count();
        if length == 0 || digits.get(length) != Some(&b';') {
            let detail = "a character reference is `&#` and digits, or `&#x` and hexadecimal digits, and `;`";
            return Err(XmlError::at("xml-not-well-formed", bytes, from + at, detail));
        }
        if !named(&digits[..length], radix).is_some_and(is_character) {
            let shown = &part[at..part.len().min(at + SHOWN_BYTES)];
            let shown = String::from_utf8_lossy(shown.split_inclusive(|byte| *byte == b';').next().unwrap_or(shown));
            let detail = format!("{shown} names no character of XML 1.0; leave it out");
            return Err(XmlError::at("xml-not-well-formed", bytes, from + at, detail));
        }
    }
    Ok(())
}

/// The number that digits write, if it is not beyond what 32 bits hold. Zeros in front mean nothing, however many.
fn named(digits: &[u8], radix: u32) -> Option<u32> {
    digits
        .iter()
        .try_fold(0_u32, |number, digit| number.checked_mul(radix)?.checked_add(char::from(*digit).to_digit(radix)?))
}

fn is_character(code: u32) -> bool {
    matches!(code, 0x9 | 0xA | 0xD | 0x20..=0xD7FF | 0xE000..=0xFFFD | 0x1_0000..=0x10_FFFF)
}
