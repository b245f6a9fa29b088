//! One character set, and decoding by it.

use std::borrow::Cow;

use encoding_rs::{
    DecoderResult, Encoding, ISO_8859_14, ISO_8859_15, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, WINDOWS_1254,
    X_USER_DEFINED,
};

use crate::disguise;
use crate::text::Width;

/// A character set that can be announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    Utf8,
    /// US-ASCII. Nobody has announced what any other byte means.
    Ascii,
    /// ISO-8859-1, or Windows-1252 where there are bytes that would be control characters.
    Latin1,
    /// A set of `encoding_rs`.
    Other(&'static Encoding),
}

/// What the bytes turned out to be.
pub(crate) struct Decoded<'i> {
    pub(crate) text: Cow<'i, str>,
    pub(crate) width: Width,
    /// Where in the text something else than the announced set begins, and what it is.
    pub(crate) instead: Option<(usize, &'static str)>,
}

/// Why bytes are not in the set: the first that is not, and the text before it.
pub(crate) struct Wrong {
    pub(crate) offset: usize,
    pub(crate) before: String,
    pub(crate) why: Why,
}

/// What is wrong with a byte.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// The set has no character for it.
    NoCharacter,
    /// The set has a control character there.
    Control,
    /// It begins a character in UTF-8, in a text that is not in UTF-8.
    Mixed,
}

impl Charset {
    /// The set of this name: those of the WHATWG Encoding Standard and a few that partners use besides.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        let name = match name.as_str() {
            "latin-1" | "iso-latin-1" => "iso-8859-1",
            "cp-1252" => "windows-1252",
            other => other,
        };
        // The standard has one table for these three; here they are told apart.
        match Encoding::for_label_no_replacement(name.as_bytes())? {
            encoding if encoding == UTF_8 => Some(Charset::Utf8),
            encoding if encoding == X_USER_DEFINED => None,
            encoding if encoding == WINDOWS_1252 && !name.ends_with("1252") => match name {
                "ascii" | "us-ascii" | "ansi_x3.4-1968" => Some(Charset::Ascii),
                _ => Some(Charset::Latin1),
            },
            encoding => Some(Charset::Other(encoding)),
        }
    }

    pub(crate) fn is_utf_16(self) -> bool {
        matches!(self, Charset::Other(encoding) if encoding == UTF_16LE || encoding == UTF_16BE)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Charset::Utf8 => "UTF-8",
            Charset::Ascii => "US-ASCII",
            Charset::Latin1 => "ISO-8859-1",
            Charset::Other(encoding) if self.is_utf_16() => {
                if encoding == UTF_16LE {
                    "UTF-16 (little endian)"
                } else {
                    "UTF-16 (big endian)"
                }
            }
            Charset::Other(encoding) => encoding.name(),
        }
    }

    /// Decodes bytes that are announced to be in this set.
    pub(crate) fn decode(self, bytes: &[u8]) -> Result<Decoded<'_>, Wrong> {
        let utf_8 = std::str::from_utf8(bytes);
        let as_announced = |text, width| Decoded { text, width, instead: None };
        match (utf_8, self) {
            (Ok(text), Charset::Utf8) => Ok(as_announced(Cow::Borrowed(text), Width::Utf8)),
            // This holds for all sets that leave ASCII alone. In the others, bytes that look like ASCII can be other
            // text.
            (Ok(text), Charset::Ascii | Charset::Latin1) if text.is_ascii() => {
                Ok(as_announced(Cow::Borrowed(text), Width::Utf8))
            }
            (Ok(text), Charset::Other(encoding)) if text.is_ascii() && encoding.is_single_byte() => {
                Ok(as_announced(Cow::Borrowed(text), Width::Utf8))
            }
            (Ok(text), announced) if announced.is_one_byte() && disguise::is_utf_8(text, announced) => {
                let from = text.find(|c: char| !c.is_ascii()).unwrap_or_default();
                Ok(Decoded { text: Cow::Borrowed(text), width: Width::Utf8, instead: Some((from, "UTF-8")) })
            }
            (Err(error), Charset::Utf8) => {
                let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned();
                Err(Wrong { offset: error.valid_up_to(), before, why: Why::NoCharacter })
            }
            (_, Charset::Ascii) => {
                let offset = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or_default();
                let before = String::from_utf8_lossy(&bytes[..offset]).into_owned();
                Err(Wrong { offset, before, why: Why::NoCharacter })
            }
            // Whoever put this text together from two sources meant one character there, where the set has two.
            (Err(_), announced) if announced.is_western() && disguise::utf_8_inside(bytes).is_some() => {
                let offset = disguise::utf_8_inside(bytes).unwrap_or_default();
                let before = announced.read_as_announced(&bytes[..offset]).unwrap_or_default();
                Err(Wrong { offset, before, why: Why::Mixed })
            }
            (_, Charset::Latin1) => latin_1(bytes),
            (_, Charset::Other(encoding)) => {
                let text = by_table(encoding, bytes)?;
                let width = match encoding.is_single_byte() {
                    true => Width::One,
                    false if self.is_utf_16() => Width::Utf16,
                    false => Width::Varies,
                };
                Ok(as_announced(Cow::Owned(text), width))
            }
        }
    }

    /// Whether a byte is a character.
    fn is_one_byte(self) -> bool {
        match self {
            Charset::Utf8 => false,
            Charset::Ascii | Charset::Latin1 => true,
            Charset::Other(encoding) => encoding.is_single_byte(),
        }
    }

    /// Whether it is one of those for the languages of Western Europe.
    pub(crate) fn is_western(self) -> bool {
        match self {
            Charset::Ascii | Charset::Latin1 => true,
            Charset::Utf8 => false,
            Charset::Other(set) => [WINDOWS_1252, WINDOWS_1254, ISO_8859_14, ISO_8859_15].contains(&set),
        }
    }

    /// All characters beyond ASCII of a set of one byte for each.
    pub(crate) fn repertoire(self) -> String {
        let bytes: Vec<u8> = (0x80..=0xFF).collect();
        match self {
            Charset::Other(encoding) => encoding.decode_without_bom_handling(&bytes).0.into_owned(),
            Charset::Utf8 | Charset::Ascii | Charset::Latin1 => bytes.into_iter().map(char::from).collect(),
        }
    }

    /// The text as the set's own table has it, where every byte has a character that is no control character.
    pub(crate) fn read_as_announced(self, bytes: &[u8]) -> Option<String> {
        match self {
            Charset::Utf8 | Charset::Ascii => None,
            Charset::Latin1 if bytes.iter().any(|byte| is_c1(char::from(*byte))) => None,
            Charset::Latin1 => Some(bytes.iter().copied().map(char::from).collect()),
            Charset::Other(encoding) => by_table(encoding, bytes).ok(),
        }
    }
}

/// ISO-8859-1; Windows-1252, which is the same beside the control characters, where one of them would appear.
fn latin_1(bytes: &[u8]) -> Result<Decoded<'_>, Wrong> {
    let Some(first) = bytes.iter().position(|byte| is_c1(char::from(*byte))) else {
        let text = bytes.iter().copied().map(char::from).collect();
        return Ok(Decoded { text: Cow::Owned(text), width: Width::One, instead: None });
    };
    let text = by_table(WINDOWS_1252, bytes)?;
    let from = text.char_indices().nth(first).map_or(0, |(offset, _)| offset);
    Ok(Decoded { text: Cow::Owned(text), width: Width::One, instead: Some((from, "Windows-1252")) })
}

fn by_table(encoding: &'static Encoding, bytes: &[u8]) -> Result<String, Wrong> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(bytes.len());
    let mut text = String::with_capacity(room);
    let (result, read) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    if let DecoderResult::Malformed(length, consumed_after) = result {
        let offset = read.saturating_sub(usize::from(length) + usize::from(consumed_after));
        return Err(Wrong { offset, before: text, why: Why::NoCharacter });
    }
    match text.char_indices().enumerate().find(|(_, (_, c))| is_c1(*c)) {
        Some((number, (end, _))) if encoding.is_single_byte() => {
            text.truncate(end);
            Err(Wrong { offset: number, before: text, why: Why::Control })
        }
        _ => Ok(text),
    }
}

/// Whether it is one of the control characters of ISO 6429 beyond ASCII, which no text has.
pub(crate) fn is_c1(c: char) -> bool {
    ('\u{80}'..='\u{9F}').contains(&c)
}
