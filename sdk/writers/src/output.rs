//! The text that is written: cut into segments, elements, repetitions and components, with everything that was wrong.
//!
//! A separator is written only when a value follows it. So what is empty at the end of a composite, of a repetition or of a
//! segment leaves no trace (X12.6, ISO 9735-1), and what is empty in between keeps its place.

mod value;

pub(crate) use value::is_number;

use portgate_charset::Repertoire;
use portgate_readers::Anomaly;
use portgate_readers::edi::Separators;

use crate::error::{Fault, Kept, WriteError, shown};
use crate::{Missing, Value};

/// The longest segment that the readers take.
const SEGMENT_BYTES_MAX: usize = 64 * 1024;
/// The most segments that the readers take.
const SEGMENTS_MAX: usize = 100_000;
/// The most elements, components or repetitions; no directory has as many.
const PARTS_MAX: usize = 9_999;

/// How an interchange is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) separators: Separators,
    pub(crate) repertoire: Repertoire,
    pub(crate) missing: Missing,
    pub(crate) bytes_max: usize,
    pub(crate) line_ends: bool,
    pub(crate) syntax: Syntax,
}

/// What the two differ in beyond their separators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    X12,
    Edifact,
}

impl Syntax {
    /// The tags of envelopes, which are written by the writer alone.
    fn own_tags(self) -> &'static [&'static str] {
        match self {
            Syntax::X12 => &["ISA", "GS", "ST", "SE", "GE", "IEA", "TA1"],
            Syntax::Edifact => &["UNA", "UNB", "UNG", "UNH", "UNT", "UNE", "UNZ"],
        }
    }

    fn is_tag(self, tag: &str) -> bool {
        let is_long_enough = tag.len() == 3 || (tag.len() == 2 && self == Syntax::X12);
        is_long_enough && tag.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    }
}

/// A place within a segment: element, repetition and component, each from 1; the tag is element 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) element: usize,
    pub(crate) repetition: usize,
    pub(crate) component: usize,
}

impl Place {
    const TAG: Place = Place { element: 0, repetition: 1, component: 1 };
}

#[derive(Debug)]
pub(crate) struct Output {
    text: String,
    options: Options,
    /// Segments begun.
    segments: usize,
    open: Option<Open>,
    faults: Kept<Fault>,
    replaced: Kept<Anomaly>,
    is_full: bool,
}

/// The segment that is being written.
#[derive(Debug)]
struct Open {
    tag: String,
    start: usize,
    /// Where the last value was written.
    last: Place,
    /// Where the next one goes.
    next: Place,
    is_too_long: bool,
}

/// An interchange that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Written {
    /// The interchange, byte for byte, in its character set.
    pub bytes: Vec<u8>,
    /// Characters that the set does not have and that were replaced, because [`Missing::Replace`] asks for it. A connector
    /// turns each into a finding.
    pub anomalies: Vec<Anomaly>,
}

impl Output {
    pub(crate) fn new(options: Options) -> Self {
        let (faults, replaced) = (Kept::default(), Kept::default());
        let mut output =
            Output { text: String::new(), options, segments: 0, open: None, faults, replaced, is_full: false };
        if let Err(detail) = output.check_separators() {
            output.fault_at("edi-separators", String::new(), detail);
        }
        if let Missing::Replace(with) = options.missing
            && (!options.repertoire.has(with) || (options.separators.release.is_none() && output.separates(with)))
        {
            let detail = format!("{} cannot replace what is missing: it is itself none of the set", shown(with));
            output.fault_at("edi-character", String::new(), detail);
        }
        output
    }

    pub(crate) fn separators(&self) -> &Separators {
        &self.options.separators
    }

    /// Segments so far, the open one included.
    pub(crate) fn segments(&self) -> usize {
        self.segments
    }

    fn check_separators(&self) -> Result<(), String> {
        let separators = &self.options.separators;
        separators.check()?;
        let all = [Some(separators.element), separators.component, separators.repetition, separators.release];
        for byte in all.into_iter().flatten().chain([separators.terminator]) {
            let is_line_end = matches!(byte, b'\r' | b'\n') && byte == separators.terminator;
            if !byte.is_ascii_graphic() && !is_line_end && !matches!(byte, 0x07 | 0x1C..=0x1F) {
                return Err(format!("{} is no separator that every system reads", shown(char::from(byte))));
            }
            if byte == separators.decimal {
                return Err(format!("{} is announced as a separator and as decimal mark", shown(char::from(byte))));
            }
        }
        match separators.decimal {
            b'.' | b',' => Ok(()),
            other => Err(format!("{} is no decimal mark: a point or a comma is", shown(char::from(other)))),
        }
    }

    /// Whether a character is one that cuts or releases.
    fn separates(&self, c: char) -> bool {
        let Separators { element, component, repetition, release, terminator, decimal: _ } = self.options.separators;
        [Some(element), component, repetition, release, Some(terminator)]
            .into_iter()
            .flatten()
            .any(|byte| char::from(byte) == c)
    }

    /// Whether every character of a value can be written as it is.
    pub(crate) fn can_write(&self, value: &str) -> bool {
        let is_free = |c| self.options.separators.release.is_some() || !self.separates(c);
        value.chars().all(|c| is_free(c) && self.options.repertoire.has(c))
    }

    /// Text that is no segment: the service string advice.
    pub(crate) fn announce(&mut self, text: &str) {
        self.text.push_str(text);
        self.end_line();
    }

    /// Begins a segment of a message.
    pub(crate) fn begin(&mut self, tag: &str) {
        self.begin_own(tag);
        let syntax = self.options.syntax;
        if syntax.own_tags().contains(&tag) {
            self.fault("edi-segment-tag", format!("{tag} belongs to an envelope, which the writer writes itself"));
        } else if !syntax.is_tag(tag) {
            let detail = "a tag is two or three capital letters or digits, in EDIFACT three";
            self.fault("edi-segment-tag", detail.to_owned());
        }
    }

    /// Begins a segment of an envelope, whose tag is known to be right.
    pub(crate) fn begin_own(&mut self, tag: &str) {
        self.end_segment();
        self.segments += 1;
        if self.segments == SEGMENTS_MAX + 1 {
            self.fill(format!("more than {SEGMENTS_MAX} segments, the most that is read"));
        }
        // What is too long for a tag is not kept either.
        let tag: String = tag.chars().take(3).collect();
        self.push(&tag);
        let start = self.text.len();
        self.open = Some(Open { tag, start, last: Place::TAG, next: Place::TAG, is_too_long: false });
    }

    /// Ends the segment that is open.
    pub(crate) fn end_segment(&mut self) {
        let Some(open) = &self.open else { return };
        if self.options.syntax == Syntax::X12 && open.last == Place::TAG {
            // X12.6; in EDIFACT a segment that is mandatory may be its tag alone.
            self.fault(
                "edi-segment-empty",
                "a segment has an element that says something, and this one has none".into(),
            );
        }
        self.open = None;
        self.push_byte(self.options.separators.terminator);
        self.end_line();
    }

    /// From the segment that is open on, a line end follows each terminator.
    pub(crate) fn end_lines(&mut self) {
        self.options.line_ends = true;
    }

    fn end_line(&mut self) {
        if self.options.line_ends && !matches!(self.options.separators.terminator, b'\r' | b'\n') {
            self.push("\n");
        }
    }

    /// The next value goes into this element, which must not lie behind.
    pub(crate) fn go_to(&mut self, element: usize) {
        let Some(open) = &mut self.open else { return };
        let behind = open.next.element;
        if let Some(before) = element.checked_sub(1).filter(|before| (behind..PARTS_MAX).contains(before)) {
            open.next = Place { element: before, ..Place::TAG };
            return;
        }
        self.fault("edi-element-order", format!("element {element} cannot follow element {behind}"));
    }

    /// Passes over elements that are empty.
    pub(crate) fn skip(&mut self, elements: usize) {
        let next = self.open.as_ref().map_or(0, |open| open.next.element);
        self.go_to(next.saturating_add(elements).saturating_add(1));
    }

    /// The next element, with its components.
    pub(crate) fn element(&mut self, each: impl FnOnce(&mut dyn FnMut(&dyn Value))) {
        let Some(open) = &mut self.open else { return };
        open.next = Place { element: open.next.element.saturating_add(1), repetition: 1, component: 1 };
        self.components(each);
    }

    /// The next element is one character, which is none of a value: a separator that is announced.
    pub(crate) fn raw_element(&mut self, c: char) {
        let Some(open) = &mut self.open else { return };
        open.next = Place { element: open.next.element.saturating_add(1), repetition: 1, component: 1 };
        if self.go_on().is_some() {
            self.push(c.encode_utf8(&mut [0; 4]));
        }
    }

    /// One more repetition of the element.
    pub(crate) fn repetition(&mut self, each: impl FnOnce(&mut dyn FnMut(&dyn Value))) {
        let has_separator = self.options.separators.repetition.is_some();
        let Some(open) = &mut self.open else { return };
        if open.next.element == 0 {
            return self.fault("edi-repetition", "there is no element that could be repeated".into());
        }
        if !has_separator {
            return self.fault("edi-repetition", "elements cannot be repeated in this syntax version".into());
        }
        open.next.repetition = open.next.repetition.saturating_add(1);
        open.next.component = 1;
        self.components(each);
    }

    fn components(&mut self, each: impl FnOnce(&mut dyn FnMut(&dyn Value))) {
        let mut components = 0_usize;
        each(&mut |value| {
            components += 1;
            if let Some(open) = &mut self.open {
                open.next.component = components;
            }
            self.value(value);
        });
    }

    fn push_byte(&mut self, byte: u8) {
        self.push(char::from(byte).encode_utf8(&mut [0; 4]));
    }

    fn push(&mut self, text: &str) {
        if self.is_full {
            return;
        }
        if self.text.len() + text.len() > self.options.bytes_max {
            let most = self.options.bytes_max;
            return self.fill(format!("the interchange is longer than {most} bytes; send it in parts"));
        }
        self.text.push_str(text);
    }

    fn fill(&mut self, detail: String) {
        self.is_full = true;
        self.fault("edi-too-long", detail);
    }

    /// Something is wrong at the place that is being written.
    pub(crate) fn fault(&mut self, code: &'static str, detail: String) {
        let location = self.location();
        self.fault_at(code, location, detail);
    }

    pub(crate) fn fault_at(&mut self, code: &'static str, location: String, detail: String) {
        self.faults.push(Fault { code, location, detail });
    }

    /// The place that is being written, as faults name it.
    pub(crate) fn location(&self) -> String {
        let Some(Open { tag, next, .. }) = &self.open else { return String::new() };
        let number = self.segments;
        let mut location = format!("segment {number} {}", tag.escape_debug());
        let Place { element, repetition, component } = next;
        if *element > 0 {
            location += &format!(", element {element}");
        }
        if *repetition > 1 {
            location += &format!(", repetition {repetition}");
        }
        if *element > 0 && (*component > 1 || self.options.syntax == Syntax::Edifact) {
            location += &format!(", component {component}");
        }
        location
    }

    /// The bytes, or everything that was wrong.
    pub(crate) fn finish(mut self) -> Result<Written, WriteError> {
        self.end_segment();
        let mut faults = self.faults.first;
        if self.faults.more > 0 {
            let detail = format!("{} more mistakes like those before", self.faults.more);
            faults.push(Fault { code: "edi-more", location: String::new(), detail });
        }
        if !faults.is_empty() {
            return Err(WriteError { faults });
        }
        let mut anomalies = self.replaced.first;
        if self.replaced.more > 0 {
            let detail = format!("{} more characters were replaced", self.replaced.more);
            anomalies.push(Anomaly { code: "edi-character", location: String::new(), detail });
        }
        let set = self.options.repertoire;
        let bytes = set.encode(&self.text).ok_or_else(|| {
            WriteError::one("edi-character", "", format!("the interchange cannot be written in {}", set.name()))
        })?;
        Ok(Written { bytes, anomalies })
    }
}
