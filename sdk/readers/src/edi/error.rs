//! Why an interchange could not be cut into segments.

use portgate_charset::Text;

use crate::position::Position;

/// Input that is not EDI, or that stops being EDI somewhere: with its place and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail} ({})", self.location())]
pub struct EdiError {
    /// A stable code, listed in the module documentation of the reader.
    pub code: &'static str,
    /// One sentence that a person can act on.
    pub detail: String,
    /// Where, in bytes from the start of the input, a byte order mark included.
    pub offset: usize,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The segment in which it happened, from 1; the one that should begin there when it is between two.
    pub segment_number: u32,
}

impl EdiError {
    /// The place as findings write it: `segment 14 (line 3, column 7)`.
    pub fn location(&self) -> String {
        format!("segment {} (line {}, column {})", self.segment_number, self.line, self.column)
    }
}

/// An error that does not know its line yet: the line is only counted when it is needed.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) code: &'static str,
    pub(crate) offset: usize,
    pub(crate) detail: String,
}

impl Fault {
    pub(crate) fn new(code: &'static str, offset: usize, detail: impl Into<String>) -> Self {
        Fault { code, offset, detail: detail.into() }
    }

    /// The same fault when what was looked at began at `offset`.
    pub(crate) fn behind(self, offset: usize) -> Self {
        Fault { offset: self.offset + offset, ..self }
    }

    /// The error, with its place in the input and behind so many segments.
    pub(crate) fn locate(self, input: &Text<'_>, segments: usize) -> EdiError {
        let (line, column) = Position::of(input.text.as_bytes(), self.offset);
        EdiError {
            code: self.code,
            detail: self.detail,
            offset: input.offset_in_input(self.offset),
            line,
            column,
            segment_number: segments as u32 + 1,
        }
    }
}

/// A piece of input for an error's sentence: short, and without characters that would break a log line.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(16)];
    let text: String = shown.iter().map(|byte| char::from(*byte)).collect();
    let dots = if shown.len() < bytes.len() { "…" } else { "" };
    format!("\"{}{dots}\"", text.escape_debug())
}
