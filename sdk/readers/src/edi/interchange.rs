//! The whole input after reading.

use std::marker::PhantomData;
use std::sync::Arc;

use portgate_charset::{Note, SUBSTITUTE, Text, Undecodable};
use portgate_unread::Marks;

use super::envelope::{self, Envelope};
use super::error::{EdiError, Fault};
use super::message::{Message, MessageEntry};
use super::segment::Segments;
use super::table::{Separators, Table};
use super::tokenizer::{Syntax, tokenize};
use super::unread::note_unread;
use crate::Anomaly;

/// The code of what concerns character sets.
const ENCODING: &str = "edi-encoding";

/// How much a reader takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Segments in the whole input.
    pub segments_max: usize,
    /// Bytes of one segment.
    pub segment_bytes_max: usize,
}

impl Default for Limits {
    /// 100 000 segments of at most 64 KiB: more than any message of the trade directories, less than harm.
    fn default() -> Self {
        Limits { segments_max: 100_000, segment_bytes_max: 64 * 1024 }
    }
}

/// What was sent: mostly one interchange with one message; also several interchanges one after another, or bare
/// segments. Use it as [`edifact::Interchange`](crate::edifact::Interchange) or
/// [`x12::Interchange`](crate::x12::Interchange).
#[derive(Clone, Debug)]
pub struct Interchange<'i, S> {
    table: Table<'i>,
    messages: Vec<MessageEntry>,
    anomalies: Vec<Anomaly>,
    envelope: &'static Envelope,
    syntax: PhantomData<S>,
}

#[expect(private_bounds, reason = "the two syntaxes are all there are")]
impl<'i, S: Syntax> Interchange<'i, S> {
    /// Reads all of it, checks the envelopes, and keeps references into `bytes` where they are UTF-8.
    ///
    /// # Errors
    /// The input is no text in the character set that it announces, cannot be cut into segments, or exceeds the limits. A
    /// segment inside of a message that has no tag, or a byte that is no text, is the fault of that message alone: see
    /// [`Message::broken`].
    pub fn parse(bytes: &'i [u8], limits: &Limits) -> Result<Self, EdiError> {
        let (input, gaps) = portgate_charset::edi_past_gaps(bytes).map_err(|wrong| undecodable::<S>(wrong, limits))?;
        let mut table = Table::default();
        let mut anomalies = Vec::new();
        tokenize::<S>(&input, &mut table, limits, &mut anomalies)?;
        anomalies.extend(input.notes.iter().map(|note| misannounced(note, &table)));
        table.input = input;
        for gap in gaps {
            let broken = gap_in(&table, gap)?;
            table.broken.push(broken);
        }
        table.broken.sort_by_key(|(index, _)| *index);
        let messages = envelope::open(&table, S::ENVELOPE, &mut anomalies);
        // What is broken outside of a message with an envelope of its own concerns all of them.
        let in_a_message = |index: &usize| messages.iter().any(|entry| entry.has_header && entry.range.contains(index));
        if let Some((index, fault)) = table.broken.iter().find(|(index, _)| !in_a_message(index)) {
            return Err(fault.clone().locate(&table.input, *index));
        }
        if portgate_unread::begin() {
            table.marks = Some(Arc::new(Marks::new(table.input.text.len())));
        }
        Ok(Interchange { table, messages, anomalies, envelope: S::ENVELOPE, syntax: PhantomData })
    }

    /// The messages in the order of the input; without any message header, all segments are one message.
    pub fn messages(&self) -> impl ExactSizeIterator<Item = Message<'_>> {
        self.messages.iter().map(|entry| Message::new(&self.table, entry, S::ENVELOPE))
    }

    /// All segments, envelopes included.
    pub fn segments(&self) -> Segments<'_> {
        Segments::new(&self.table, 0..self.table.entries.len())
    }

    /// What was wrong and read all the same, in the order of the input where it has a place.
    pub fn anomalies(&self) -> &[Anomaly] {
        &self.anomalies
    }

    /// The separators of the first interchange.
    pub fn separators(&self) -> &Separators {
        self.table.separators.first().expect("reading announced separators before the first segment")
    }
}

/// Notes what nobody has looked at, where somebody wants to know; of several clones the last.
impl<S> Drop for Interchange<'_, S> {
    fn drop(&mut self) {
        if let Some(marks) = self.table.marks.as_ref().filter(|marks| Arc::strong_count(marks) == 1) {
            note_unread(&self.table, self.envelope, marks);
        }
    }
}

/// Bytes that are no text: the segments before them are cut to say in which one it is.
fn undecodable<S: Syntax>(wrong: Undecodable, limits: &Limits) -> EdiError {
    let Undecodable { offset, line, column, detail, before } = wrong;
    let mut table = Table::default();
    // The last of them breaks off, which is expected.
    let _ = tokenize::<S>(&Text::from(before.as_str()), &mut table, limits, &mut Vec::new());
    EdiError { code: ENCODING, detail, offset, line, column, segment_number: table.entries.len() as u32 + 1 }
}

/// A byte that is no text, as what is wrong with its segment.
fn gap_in(table: &Table<'_>, gap: Undecodable) -> Result<(usize, Fault), EdiError> {
    let Table { input, entries, .. } = table;
    let Undecodable { offset, line, column, detail, before: _ } = gap;
    let index = entries.partition_point(|entry| input.offset_in_input(entry.end as usize) <= offset);
    let from = index.checked_sub(1).map_or(0, |before| entries[before].end as usize);
    let to = entries.get(index).map_or(from, |entry| entry.end as usize);
    let substitutes = memchr::memchr_iter(SUBSTITUTE, &input.text.as_bytes()[from..to]);
    let substitutes: Vec<usize> = substitutes.map(|at| from + at).collect();
    let at = substitutes.partition_point(|at| input.offset_in_input(*at) < offset);
    // Between segments, or in a set of which no place is known, nothing says whose fault it is.
    match substitutes.get(at).filter(|at| input.offset_in_input(**at) == offset) {
        Some(at) => Ok((index, Fault::new(ENCODING, *at, detail))),
        None => Err(EdiError { code: ENCODING, detail, offset, line, column, segment_number: index as u32 + 1 }),
    }
}

/// What was announced wrongly and read all the same, in the segment where it shows.
fn misannounced(note: &Note, table: &Table<'_>) -> Anomaly {
    let index = table.entries.partition_point(|entry| (entry.end as usize) <= note.offset);
    let Note { line, column, detail, offset: _ } = note;
    let location = format!("segment {} (line {line}, column {column})", index + 1);
    Anomaly { code: ENCODING, location, detail: detail.clone() }
}
