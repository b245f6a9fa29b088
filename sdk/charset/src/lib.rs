//! Which characters the bytes of a message are, decided in one place, so that the gateway takes what a plugin can read
//! and refuses what it cannot.
//!
//! | function | what says the character set |
//! |---|---|
//! | [`xml`] | RFC 7303: a byte order mark, else the `charset` of the `Content-Type`, else the XML declaration, else UTF-8 |
//! | [`xml_in_utf_8`] | nobody: it is UTF-8 by agreement, and what is announced besides is noted |
//! | [`edi`] | ISO 9735: the syntax identifier of each `UNB`; X12 has none and is UTF-8 or ISO-8859-1 |
//! | [`without_mark`] | JSON is UTF-8 (RFC 8259 §8.1); a byte order mark in front of it is passed over |
//!
//! [`edi_past_gaps`] goes on behind single bytes of EDI that are no text, for those who refuse what is around them. It alone puts
//! something, a [`SUBSTITUTE`], in the place of a byte.
//!
//! [`Repertoire`] is the other way: the characters that EDI of one set may be written with, and their bytes.
//!
//! What is announced is believed as long as it can be right. Bytes that a set has no character for, and control
//! characters that no text has, are an [`Undecodable`] with their place, never a replacement character. Where the
//! announcement is wrong and it is plain what is meant (UTF-8 under the name of another set, Windows-1252 under that of
//! ISO-8859-1) the text is read as what it is, and a [`Note`] says so. So what comes out is what was written, or nothing.
//!
//! The tables are those of `encoding_rs` (WHATWG Encoding Standard).

mod charset;
mod disguise;
mod edi;
mod repertoire;
mod text;
mod xml;

pub use edi::{SUBSTITUTE, edi, edi_past_gaps};
pub use repertoire::Repertoire;
pub use text::{Note, Text, Undecodable};
pub use xml::{xml, xml_in_utf_8};

/// The bytes without a UTF-8 byte order mark in front.
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(text::UTF_8_MARK).unwrap_or(bytes)
}

/// The `charset` parameter of a `Content-Type` (RFC 9110 §8.3.2): the first one that is there.
pub fn charset_of(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim();
        let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        (name.trim().eq_ignore_ascii_case("charset") && !bare.is_empty()).then_some(bare)
    })
}

#[cfg(test)]
mod tests;
