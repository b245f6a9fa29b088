//! Writing: which characters a set of EDI has, and which bytes they are.
//!
//! It is the inverse of [`edi`](crate::edi): what is encoded here under the identifier that `UNB` announces is decoded there
//! as what it was. A character that a table would only come near to, such as a half-width kana that becomes a full one, is
//! none of the set.

use encoding_rs::{EncoderResult, Encoding, ISO_2022_JP, UTF_16BE};

use crate::charset::{Charset, is_c1};
use crate::edi::charset;

/// The characters that may be written, and how they become bytes. No set has control characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repertoire {
    charset: Charset,
    letters: Letters,
    name: &'static str,
}

/// What is allowed of the characters that the encoding has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letters {
    /// Everything.
    All,
    /// Digits, capital letters and the marks of the invariant part of ISO 646, with or without small letters and `_`.
    Invariant { small: bool, underscore: bool },
    /// The basic character set of X12.6.
    Basic,
    /// Its extended character set without the letters of languages.
    Extended,
    /// The extended character set with the select language characters.
    Languages,
}

/// The marks that ISO 9735 gives to level A, those that separate included.
const INVARIANT: &str = " .,-()/=!\"%&*;<>'+:?";
/// The marks of the basic character set (X12.6).
const BASIC: &str = "!\"&'()*+,-./:;?= ";
/// What the extended character set adds besides small letters (X12.6).
const EXTENDED: &str = "%~@[]_{}\\|<>^`#$";
/// The select language characters of the extended character set.
const LANGUAGES: &str = "ÀÁÂÄàáâäÈÉÊèéêëÌÍÎìíîïÒÓÔÖòóôöÙÚÛÜùúûüÇçÑñ¿¡";

impl Repertoire {
    /// X12's basic character set: capital letters, digits and some marks.
    pub const X12_BASIC: Self = Repertoire::of(Charset::Ascii, Letters::Basic, "X12's basic character set");
    /// X12's extended character set in ASCII.
    pub const X12_EXTENDED: Self = Repertoire::of(Charset::Ascii, Letters::Extended, "X12's extended character set");
    /// X12's extended character set with its select language characters, in ISO-8859-1.
    pub const X12_LANGUAGES: Self =
        Repertoire::of(Charset::Latin1, Letters::Languages, "X12's extended character set with language characters");
    /// UTF-8, which two partners can agree on.
    pub const UTF_8: Self = Repertoire::of(Charset::Utf8, Letters::All, "UTF-8");

    const fn of(charset: Charset, letters: Letters, name: &'static str) -> Self {
        Repertoire { charset, letters, name }
    }

    /// The set of a syntax identifier (data element 0001) such as `UNOC`, under a syntax version from 1 to 4; from 4 on a
    /// character encoding (0133) may say more. Nothing where the set is not known. `UNOY` without an encoding is UTF-16, the
    /// high byte first; `UNOA` and `UNOB` have the underscore from version 4 on.
    pub fn edifact(identifier: &str, syntax_version: u8, encoding: Option<&str>) -> Option<Self> {
        let wide = match (identifier, encoding) {
            ("UNOY", None | Some("" | "5" | "8")) => Some(Charset::Other(UTF_16BE)),
            _ => None,
        };
        let charset = wide.or_else(|| charset(identifier, encoding))?;
        let underscore = syntax_version >= 4;
        let (letters, name) = match identifier {
            "UNOA" => (Letters::Invariant { small: false, underscore }, "UNOA"),
            "UNOB" => (Letters::Invariant { small: true, underscore }, "UNOB"),
            _ => (Letters::All, charset.name()),
        };
        Some(Repertoire { charset, letters, name })
    }

    /// What it is called in a sentence.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Whether a character can be written.
    pub fn has(self, c: char) -> bool {
        if c.is_control() || is_c1(c) || matches!(c, '\u{FEFF}' | '\u{FFFD}') {
            return false;
        }
        let is_letter = c.is_ascii_uppercase() || c.is_ascii_digit();
        let may = match self.letters {
            Letters::All => true,
            Letters::Invariant { small, underscore } => {
                is_letter || INVARIANT.contains(c) || (small && c.is_ascii_lowercase()) || (underscore && c == '_')
            }
            Letters::Basic => is_letter || BASIC.contains(c),
            Letters::Extended => is_extended(c),
            Letters::Languages => is_extended(c) || LANGUAGES.contains(c),
        };
        may && self.has_bytes_for(c)
    }

    fn has_bytes_for(self, c: char) -> bool {
        match self.charset {
            _ if c.is_ascii() => true,
            Charset::Utf8 => true,
            Charset::Ascii => false,
            Charset::Latin1 => u32::from(c) <= 0xFF,
            Charset::Other(encoding) if encoding == UTF_16BE => true,
            Charset::Other(encoding) => {
                let mut buffer = [0; 4];
                let text = &*c.encode_utf8(&mut buffer);
                by_table(encoding, text).is_some_and(|bytes| {
                    // The tables have more in them than the sets that are announced: Windows' own additions.
                    let is_of_set = encoding == ISO_2022_JP || bytes.iter().all(|byte| *byte >= 0xA0);
                    let (back, had_errors) = encoding.decode_without_bom_handling(&bytes);
                    is_of_set && !had_errors && back == text
                })
            }
        }
    }

    /// The bytes of a text; nothing where the set lacks one of its characters. Separators are written whether the set has
    /// them or not.
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        match self.charset {
            Charset::Utf8 => Some(text.as_bytes().to_vec()),
            Charset::Ascii => text.is_ascii().then(|| text.as_bytes().to_vec()),
            Charset::Latin1 => text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect(),
            Charset::Other(encoding) if encoding == UTF_16BE => {
                Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect())
            }
            Charset::Other(encoding) if encoding.is_single_byte() && text.is_ascii() => Some(text.as_bytes().to_vec()),
            Charset::Other(encoding) => by_table(encoding, text),
        }
    }
}

fn is_extended(c: char) -> bool {
    c.is_ascii_alphanumeric() || BASIC.contains(c) || EXTENDED.contains(c)
}

/// The bytes that a table has for a text, closed so that ASCII can follow.
fn by_table(encoding: &'static Encoding, text: &str) -> Option<Vec<u8>> {
    let mut encoder = encoding.new_encoder();
    let room = encoder.max_buffer_length_from_utf8_without_replacement(text.len())?;
    // ISO-2022-JP ends with the escape sequence that returns to ASCII.
    let closing = if encoding == ISO_2022_JP { 8 } else { 0 };
    let mut bytes = Vec::with_capacity(room.checked_add(closing)?);
    let (result, _) = encoder.encode_from_utf8_to_vec_without_replacement(text, &mut bytes, true);
    matches!(result, EncoderResult::InputEmpty).then_some(bytes)
}
