//! What comes out of decoding: the text, what was noticed, or why there is none.

use std::borrow::Cow;

pub(crate) const UTF_8_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A message as text, without its byte order mark.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text<'i> {
    /// The text; borrowed where the bytes were UTF-8 already.
    pub text: Cow<'i, str>,
    /// What was announced wrongly and read all the same.
    pub notes: Vec<Note>,
    /// Which bytes the parts of the text come from.
    pub(crate) parts: Vec<Part>,
}

/// An announcement that was not believed, with its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where in the text, in bytes.
    pub offset: usize,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// One sentence.
    pub detail: String,
}

/// Bytes that are no text, with the place of the first that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecodable {
    /// Where in the input, in bytes, a byte order mark included.
    pub offset: usize,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// One sentence that a person can act on.
    pub detail: String,
    /// The text before it.
    pub before: String,
}

/// A part of the text that was decoded in one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Where it begins in the text.
    pub(crate) text_from: usize,
    /// Where it begins in the input.
    pub(crate) input_from: usize,
    pub(crate) width: Width,
}

/// How many bytes of input a character was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// As many as it is in UTF-8.
    Utf8,
    /// One.
    One,
    /// Two, or four beyond the basic plane.
    Utf16,
    /// It varies: a place is the part's beginning.
    Varies,
}

/// A text that is one already, and needs no decoding.
impl<'i> From<&'i str> for Text<'i> {
    fn from(text: &'i str) -> Self {
        Text { text: Cow::Borrowed(text), notes: Vec::new(), parts: Vec::new() }
    }
}

impl Text<'_> {
    /// Where in the input, in bytes, a place of the text comes from; within multi-byte sets other than Unicode's, where the
    /// part of the input begins that is in this set.
    pub fn offset_in_input(&self, offset: usize) -> usize {
        let part = self.parts.iter().rev().find(|part| part.text_from <= offset);
        let Some(Part { text_from, input_from, width }) = part else { return offset };
        let passed = self.text.get(*text_from..offset).unwrap_or_default();
        input_from
            + match width {
                Width::Utf8 => passed.len(),
                Width::One => passed.chars().count(),
                Width::Utf16 => 2 * passed.encode_utf16().count(),
                Width::Varies => 0,
            }
    }
}

impl Note {
    pub(crate) fn at(text: &str, offset: usize, detail: String) -> Self {
        let (line, column) = end_of(&text[..offset]);
        Note { offset, line, column, detail }
    }
}

impl Undecodable {
    pub(crate) fn behind(before: String, offset: usize, detail: String) -> Self {
        let (line, column) = end_of(&before);
        Undecodable { offset, line, column, detail, before }
    }
}

/// Line and column behind a text, both from 1; a column is a character.
fn end_of(text: &str) -> (u32, u32) {
    let last_line = text.rfind('\n').map_or(text, |end| &text[end + 1..]);
    let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count();
    (lines as u32 + 1, last_line.chars().count() as u32 + 1)
}
