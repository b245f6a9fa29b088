//! Cuts the input into segments and elements in one pass over the bytes.
//!
//! What it takes: line ends and blanks between segments, line ends anywhere inside a segment (text wrapped at a fixed
//! width), empty segments, a missing terminator behind the last trailer. A segment whose tag is none is cut and noted as
//! broken: it is its message's fault and no other's. What it refuses is what cannot be cut: a release character with nothing
//! behind it, a last segment that breaks off, more than the limits.

use std::ops::Range;

use portgate_charset::Text;

use super::envelope::Envelope;
use super::error::{EdiError, Fault, excerpt};
use super::interchange::Limits;
use super::table::{Entry, Separators, Table};
use super::text::after_released;
use crate::Anomaly;
use crate::position::Position;

/// What makes EDIFACT and X12 different.
pub(crate) trait Syntax {
    const ENVELOPE: &'static Envelope;
    /// The shortest tag; the longest is three characters in both.
    const TAG_LENGTH_MIN: usize;

    /// What the bytes at the start of a segment say about the separators from here on: nothing, mostly. It must say
    /// something while there are no `current` ones. Offsets of its faults count from the start of `rest`.
    fn announcement(rest: &[u8], current: Option<&Separators>) -> Result<Option<Announcement>, Fault>;
}

/// New separators.
pub(crate) struct Announcement {
    pub(crate) separators: Separators,
    /// Bytes that are the announcement alone (`UNA`) and no segment.
    pub(crate) length: usize,
    /// Bytes of the segment that announces, where it does not end with the terminator that it announces.
    pub(crate) segment_length: Option<usize>,
    /// What was odd about it, as code and detail.
    pub(crate) anomalies: Vec<(&'static str, String)>,
}

impl Announcement {
    /// Separators with nothing odd about them, which `length` bytes announce.
    pub(crate) fn plain(separators: Separators, length: usize) -> Self {
        Announcement { separators, length, segment_length: None, anomalies: Vec::new() }
    }
}

/// Segments without a tag that are noted; more are no slips of a partner, and the input is refused at the next.
const BROKEN_MAX: usize = 100;

/// What a byte means to the cutting.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Plain,
    Element,
    Release,
    Terminator,
}

fn classes(separators: &Separators) -> [Class; 256] {
    let mut classes = [Class::Plain; 256];
    if let Some(release) = separators.release {
        classes[usize::from(release)] = Class::Release;
    }
    classes[usize::from(separators.element)] = Class::Element;
    classes[usize::from(separators.terminator)] = Class::Terminator;
    classes
}

/// Fills the table.
pub(crate) fn tokenize<S: Syntax>(
    input: &Text<'_>,
    table: &mut Table<'_>,
    limits: &Limits,
    anomalies: &mut Vec<Anomaly>,
) -> Result<(), EdiError> {
    match cut::<S>(input.text.as_bytes(), table, limits, anomalies) {
        Ok(()) => Ok(()),
        Err(fault) => Err(fault.locate(input, table.entries.len())),
    }
}

fn cut<S: Syntax>(
    bytes: &[u8],
    table: &mut Table<'_>,
    limits: &Limits,
    anomalies: &mut Vec<Anomaly>,
) -> Result<(), Fault> {
    if u32::try_from(bytes.len()).is_err() {
        return Err(Fault::new("edi-too-long", 0, "the input is longer than 4 GiB"));
    }
    let mut position = Position::start();
    let mut class = [Class::Plain; 256];
    let mut at = 0;
    loop {
        at += bytes[at..]
            .iter()
            .take_while(|byte| match class[usize::from(**byte)] {
                Class::Plain => matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0 | 0x1A),
                Class::Terminator => true,
                Class::Element | Class::Release => false,
            })
            .count();
        if at == bytes.len() {
            break;
        }
        position.advance(bytes, at);
        let announced = S::announcement(&bytes[at..], table.separators.last()).map_err(|fault| fault.behind(at))?;
        let mut segment_end = None;
        if let Some(announcement) = announced {
            class = classes(&announcement.separators);
            if table.separators.len() > usize::from(u16::MAX) {
                return Err(Fault::new("edi-too-many-segments", at, "more than 65 536 interchanges in one input"));
            }
            table.separators.push(announcement.separators);
            segment_end = announcement.segment_length.map(|length| at + length);
            for (code, detail) in announcement.anomalies {
                let location =
                    format!("segment {} (line {}, column {})", table.entries.len() + 1, position.line, position.column);
                anomalies.push(Anomaly { code, location, detail });
            }
            if announcement.length > 0 {
                at += announcement.length;
                continue;
            }
        }
        if table.entries.len() >= limits.segments_max {
            let detail =
                format!("more than {} segments, the limit; send it in smaller interchanges", limits.segments_max);
            return Err(Fault::new("edi-too-many-segments", at, detail));
        }
        at = segment::<S>(bytes, table, limits, &class, &position, at..segment_end.unwrap_or(bytes.len()), anomalies)?;
    }
    match table.entries.is_empty() {
        true => Err(Fault::new("edi-empty", 0, "there is no segment in it")),
        false => Ok(()),
    }
}

/// Cuts one segment and returns the offset behind it. It ends with its terminator, or where `within` ends if that is
/// before the end of the input.
fn segment<S: Syntax>(
    bytes: &[u8],
    table: &mut Table<'_>,
    limits: &Limits,
    class: &[Class; 256],
    position: &Position,
    within: Range<usize>,
    anomalies: &mut Vec<Anomaly>,
) -> Result<usize, Fault> {
    let start = within.start;
    let cut_off = within.end < bytes.len();
    let bytes = &bytes[..within.end];
    let separators = *table.separators.last().expect("a syntax announces separators before its first segment");
    let elements_from = table.elements.len();
    let end_max = start.saturating_add(limits.segment_bytes_max);
    let mut at = start;
    let terminated = loop {
        let Some(&byte) = bytes.get(at) else { break cut_off };
        match class[usize::from(byte)] {
            Class::Plain => at += 1,
            Class::Element => {
                table.elements.push(at as u32 + 1);
                at += 1;
            }
            Class::Terminator => break true,
            Class::Release => {
                at = after_released(bytes, at, &separators).ok_or_else(|| {
                    Fault::new("edi-release-truncated", at, "the input ends behind a release character")
                })?;
            }
        }
        if at > end_max {
            let detail = format!(
                "this segment is longer than {} bytes, the limit; is its terminator {} missing?",
                limits.segment_bytes_max,
                excerpt(&[separators.terminator])
            );
            return Err(Fault::new("edi-segment-too-long", start, detail));
        }
    };

    let tag_end = table.elements.get(elements_from).map_or(at, |first| *first as usize - 1);
    let (tag, tag_length) = match tag::<S>(&bytes[start..tag_end], &separators) {
        Ok(tag) => tag,
        Err(()) => {
            let fault = tag_fault::<S>(start, &bytes[start..tag_end], terminated);
            if !terminated || table.broken.len() >= BROKEN_MAX {
                return Err(fault);
            }
            table.broken.push((table.entries.len(), fault));
            ([0; 3], 0)
        }
    };
    let entry = Entry {
        tag,
        tag_length,
        line: position.line,
        column: position.column,
        end: at as u32,
        elements_from: elements_from as u32,
        element_count: (table.elements.len() - elements_from) as u32,
        separators: (table.separators.len() - 1) as u16,
    };
    if !terminated && separators.terminator != b'\n' && separators.terminator != b'\r' {
        let terminator = excerpt(&[separators.terminator]);
        if !S::ENVELOPE.is_trailer(entry.tag()) {
            let detail =
                format!("the input breaks off in this {} segment: there is no {terminator} after it", entry.tag());
            return Err(Fault::new("edi-truncated", start, detail));
        }
        let location = super::segment::location(table.entries.len() + 1, &entry);
        let detail = format!("the last segment does not end with {terminator}");
        anomalies.push(Anomaly { code: "edi-segment-unterminated", location, detail });
    }
    table.entries.push(entry);
    Ok(if terminated && !cut_off { at + 1 } else { at })
}

/// The tag without the line ends of wrapped text and without the nesting indicators that EDIFACT allows behind it.
fn tag<S: Syntax>(bytes: &[u8], separators: &Separators) -> Result<([u8; 3], u8), ()> {
    let mut tag = [0; 3];
    let mut length = 0;
    for &byte in bytes {
        if separators.wraps(byte) {
            continue;
        }
        if Some(byte) == separators.component {
            break;
        }
        if !byte.is_ascii_alphanumeric() || length == tag.len() {
            return Err(());
        }
        tag[length] = byte;
        length += 1;
    }
    if length < S::TAG_LENGTH_MIN { Err(()) } else { Ok((tag, length as u8)) }
}

fn tag_fault<S: Syntax>(start: usize, found: &[u8], terminated: bool) -> Fault {
    let is_beginning_of_tag = found.len() < 3 && found.iter().all(u8::is_ascii_alphanumeric);
    if !terminated && is_beginning_of_tag {
        let detail = format!("the input breaks off in the segment that begins with {}", excerpt(found));
        return Fault::new("edi-truncated", start, detail);
    }
    let expected = match S::TAG_LENGTH_MIN {
        3 => "three letters or digits",
        _ => "two or three letters or digits",
    };
    let detail = format!(
        "a segment begins with a tag of {expected}, this one with {}: is a separator inside the text before it?",
        excerpt(found)
    );
    Fault::new("edi-segment-tag", start, detail)
}
