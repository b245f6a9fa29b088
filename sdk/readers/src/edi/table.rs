//! The flat index that the tokenizer writes and the handles read: offsets into the input and no copies, so that an
//! interchange of a hundred thousand segments is a few allocations.

use std::ops::Range;
use std::sync::Arc;

use portgate_charset::Text;
use portgate_unread::Marks;

use super::error::{Fault, excerpt};

/// The characters that cut an interchange up. `UNA` or `ISA` announces them; each is one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Separators {
    /// Between elements: `+` in EDIFACT, mostly `*` in X12.
    pub element: u8,
    /// Between the components of an element: `:`, in X12 also `>`. Absent when nothing announced one.
    pub component: Option<u8>,
    /// Between the repetitions of an element, from EDIFACT syntax 4 and X12 00402 on.
    pub repetition: Option<u8>,
    /// Makes the next character an ordinary one: `?`. X12 has none.
    pub release: Option<u8>,
    /// Ends a segment: `'` in EDIFACT, `~` or a line end in X12.
    pub terminator: u8,
    /// The decimal mark of numbers. EDIFACT allows point and comma whatever `UNA` says; X12 has the point.
    pub decimal: u8,
}

impl Separators {
    /// Refuses separators that could not cut anything: the same twice, letters and digits, parts of a character.
    ///
    /// # Errors
    /// One sentence that says which, and why.
    pub fn check(&self) -> Result<(), String> {
        let all = [Some(self.element), self.component, self.repetition, self.release, Some(self.terminator)];
        let used: Vec<u8> = all.into_iter().flatten().collect();
        for (index, byte) in used.iter().enumerate() {
            let shown = excerpt(&[*byte]);
            if !byte.is_ascii() {
                return Err(format!("{shown} is announced as a separator, but separators are ASCII characters"));
            }
            if byte.is_ascii_alphanumeric() {
                return Err(format!("{shown} is announced as a separator, but letters and digits are text"));
            }
            if used[..index].contains(byte) {
                return Err(format!("{shown} is announced as two separators at once"));
            }
            if matches!(byte, b'\r' | b'\n') && *byte != self.terminator {
                return Err("a line end is announced as a separator inside of segments".to_owned());
            }
        }
        Ok(())
    }

    /// What [`Separators::check`] says, where an interchange announces them.
    pub(crate) fn announced(self) -> Result<Self, Fault> {
        self.check().map_err(|detail| Fault::new("edi-separators", 0, detail))?;
        Ok(self)
    }

    /// Whether a byte is a line end that only wraps the text and belongs to no value.
    pub(crate) fn wraps(&self, byte: u8) -> bool {
        (byte == b'\r' || byte == b'\n') && byte != self.terminator
    }
}

/// One segment: where it is and which of the offsets in [`Table::elements`] are its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) tag: [u8; 3],
    pub(crate) tag_length: u8,
    pub(crate) line: u32,
    pub(crate) column: u32,
    /// Where the terminator is, or the end of input.
    pub(crate) end: u32,
    pub(crate) elements_from: u32,
    pub(crate) element_count: u32,
    pub(crate) separators: u16,
}

impl Entry {
    pub(crate) fn tag(&self) -> &str {
        std::str::from_utf8(&self.tag[..usize::from(self.tag_length)]).expect("a tag is ASCII letters and digits")
    }
}

/// The whole index.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table<'i> {
    /// The input as text, without its byte order mark. All offsets are within it.
    pub(crate) input: Text<'i>,
    pub(crate) entries: Vec<Entry>,
    /// What is wrong with segments that begin with no tag or are no text, by their index in `entries`.
    pub(crate) broken: Vec<(usize, Fault)>,
    /// Where each element starts; it ends one byte before the next one, the last at the segment's end.
    pub(crate) elements: Vec<u32>,
    /// The separators announced so far: a file may hold several interchanges, each with its own.
    pub(crate) separators: Vec<Separators>,
    /// Which bytes of the text were looked at, where somebody wants to know.
    pub(crate) marks: Option<Arc<Marks>>,
}

impl Table<'_> {
    /// A part of the text was looked at.
    pub(crate) fn looked_at(&self, part: &str) {
        if let Some(marks) = &self.marks {
            marks.mark_all(self.range_of(part));
        }
    }

    /// Nobody need look at the rest of a segment.
    pub(crate) fn pass_over(&self, entry: &Entry) {
        if let Some(marks) = &self.marks {
            marks.mark_all(self.elements_of(entry));
        }
    }

    /// Where a part of the text is in it.
    pub(crate) fn range_of(&self, part: &str) -> Range<usize> {
        let start = part.as_ptr().addr().wrapping_sub(self.input.text.as_ptr().addr());
        start..start + part.len()
    }

    /// Where the elements of a segment are.
    pub(crate) fn elements_of(&self, entry: &Entry) -> Range<usize> {
        let end = entry.end as usize;
        let start = self.elements.get(entry.elements_from as usize).map_or(end, |start| *start as usize);
        start.min(end)..end
    }

    /// The text of an element of a segment with its separators, `number` from 1.
    pub(crate) fn element(&self, entry: &Entry, number: usize) -> Option<&str> {
        let index = number.checked_sub(1)?;
        let from = entry.elements_from as usize;
        let starts = &self.elements[from..from + entry.element_count as usize];
        let start = *starts.get(index)? as usize;
        let end = starts.get(index + 1).map_or(entry.end as usize, |next| *next as usize - 1);
        Some(&self.input.text[start..end])
    }
}
