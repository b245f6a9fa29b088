//! One message (EDIFACT) or transaction set (X12) and the envelopes around it.

use std::borrow::Cow;
use std::ops::Range;

use super::envelope::Envelope;
use super::error::EdiError;
use super::segment::{Segment, Segments};
use super::table::Table;

/// Where a message and its headers are.
#[derive(Clone, Debug)]
pub(crate) struct MessageEntry {
    pub(crate) range: Range<usize>,
    pub(crate) has_header: bool,
    pub(crate) interchange: Option<usize>,
    pub(crate) group: Option<usize>,
}

/// One message: `UNH` to `UNT`, `ST` to `SE`, or all segments when the input has no such envelope.
#[derive(Clone, Copy)]
pub struct Message<'d> {
    table: &'d Table<'d>,
    entry: &'d MessageEntry,
    envelope: &'static Envelope,
}

impl<'d> Message<'d> {
    pub(crate) fn new(table: &'d Table<'_>, entry: &'d MessageEntry, envelope: &'static Envelope) -> Self {
        Message { table, entry, envelope }
    }

    /// Its segments, header and trailer included.
    pub fn segments(&self) -> Segments<'d> {
        Segments::new(self.table, self.entry.range.clone())
    }

    /// The first segment with this tag.
    pub fn first(&self, tag: &str) -> Option<Segment<'d>> {
        self.segments().first(tag)
    }

    /// `UNH` or `ST`, when there is one.
    pub fn header(&self) -> Option<Segment<'d>> {
        self.entry.has_header.then(|| Segment::new(self.table, self.entry.range.start))
    }

    /// `UNG` or `GS` of the group it is in.
    pub fn group(&self) -> Option<Segment<'d>> {
        self.entry.group.map(|index| Segment::new(self.table, index))
    }

    /// `UNB` or `ISA` of the interchange it is in.
    pub fn interchange(&self) -> Option<Segment<'d>> {
        self.entry.interchange.map(|index| Segment::new(self.table, index))
    }

    /// What message it is: `IFTSTA`, `315`; nothing without a header.
    pub fn kind(&self) -> Option<Cow<'d, str>> {
        self.header()?.component(self.envelope.kind.0, self.envelope.kind.1)
    }

    /// The directory or release it follows: `D00B` for EDIFACT, `004010` for X12.
    pub fn version(&self) -> Option<Cow<'d, str>> {
        (self.envelope.version)(self)
    }

    /// The sender's control reference of the message.
    pub fn reference(&self) -> Option<Cow<'d, str>> {
        self.header()?.element(self.envelope.message.reference)
    }

    /// What is wrong with the first of its segments that begin with no tag, or hold a byte that is no text, where there is one.
    /// What such a message says cannot be known; the others of its interchange are as they are.
    pub fn broken(&self) -> Option<EdiError> {
        let (index, fault) = self.table.broken.iter().find(|(index, _)| self.entry.range.contains(index))?;
        Some(fault.clone().locate(&self.table.input, *index))
    }

    /// Nobody need look at the rest of it, because it is refused as a whole: nothing of it is lost unnoticed, so nothing of it
    /// counts as unread.
    pub fn pass_over(&self) {
        self.segments().for_each(|segment| segment.pass_over());
    }

    /// The place of its first segment as findings write it.
    pub fn location(&self) -> String {
        self.segments().next().map(|segment| segment.location()).unwrap_or_default()
    }
}

impl std::fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} of {} segments at {}", self.kind(), self.entry.range.len(), self.location())
    }
}
