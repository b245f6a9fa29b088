//! ANSI X12: interchanges of groups of transaction sets.
//!
//! ```
//! use portgate_writers::{Mode, Stamp, Value, number, x12};
//!
//! let made = Stamp::rfc3339("2026-03-01T08:15:00Z")?;
//! let header = x12::InterchangeHeader::new(("ZZ", "FORWARDER"), ("02", "COSU"), made, 42, Mode::Test).version("00501");
//! let mut writer = x12::Writer::new(&header);
//! let mut group = writer.group(&x12::GroupHeader::new("SM", "FORWARDER", "COSU", 42, "005010"));
//! for (index, load) in ["4417", "4418"].into_iter().enumerate() {
//!     let mut tender = group.set("204", index as u64 + 1);
//!     tender.segment("B2").at(2).element("COSU").at(4).element(load.within(1..=30)).skip(1).element("CC");
//!     tender.segment("L3").elements((number("1250.5"), "G"));
//! }
//! let written = writer.finish()?;
//! let text = String::from_utf8_lossy(&written.bytes);
//! assert!(text.contains("~ST*204*0002~B2**COSU**4418**CC~L3*1250.5*G~SE*4*0002~GE*2*42~IEA*1*000000042~"));
//! # Ok::<(), portgate_writers::WriteError>(())
//! ```

mod header;

use portgate_charset::Repertoire;
use portgate_readers::edi::Segment;

pub use header::{CharacterSet, GroupHeader, InterchangeHeader, Party, SEPARATORS};

use crate::control::{ControlNumber, Numbers};
use crate::output::{Options, Output, Syntax, Written};
use crate::{BYTES_MAX, Missing, SegmentWriter, Stamp, Values, WriteError};

/// Writes one interchange.
#[derive(Debug)]
pub struct Writer {
    output: Output,
    made: Stamp,
    control_number: String,
    numbers: Numbers,
    groups: usize,
    acknowledgements: usize,
    group: Option<Group>,
}

/// The group that is open.
#[derive(Debug)]
struct Group {
    control_number: String,
    numbers: Numbers,
    sets: usize,
    set: Option<Set>,
}

/// The set that is open.
#[derive(Debug)]
struct Set {
    control_number: String,
    /// Segments before its `ST`.
    behind: usize,
}

impl Writer {
    /// An interchange in the extended character set of at most 16 MiB.
    pub fn new(header: &InterchangeHeader) -> Self {
        Writer::with(header, CharacterSet::Extended, Missing::Refuse, BYTES_MAX)
    }

    /// An interchange in another character set, or of another size; `bytes_max` counts its text in UTF-8.
    pub fn with(header: &InterchangeHeader, characters: CharacterSet, missing: Missing, bytes_max: usize) -> Self {
        let repertoire = match characters {
            CharacterSet::Basic => Repertoire::X12_BASIC,
            CharacterSet::Extended => Repertoire::X12_EXTENDED,
            CharacterSet::Languages => Repertoire::X12_LANGUAGES,
            CharacterSet::Utf8 => Repertoire::UTF_8,
        };
        let separators = header.separators_in_force();
        let syntax = Syntax::X12;
        let mut output = Output::new(Options { separators, repertoire, missing, bytes_max, line_ends: false, syntax });
        header.write(&mut output);
        let control_number = header.control_number.padded(9);
        Numbers::default().take(&mut output, &control_number, 9..=9, true);
        Writer {
            output,
            made: header.made,
            control_number,
            numbers: Numbers::default(),
            groups: 0,
            acknowledgements: 0,
            group: None,
        }
    }

    /// The same with a line end behind each terminator, for people to read; not every partner takes it.
    pub fn lines(mut self) -> Self {
        self.output.end_lines();
        self
    }

    /// Writes a `TA1`, which stands before the groups.
    pub fn interchange_acknowledgement(&mut self, elements: impl Values) {
        self.end_group();
        if self.groups > 0 {
            self.output.fault("edi-mixed", "TA1 stands before the first group, and there is one already".to_owned());
        }
        self.acknowledgements += 1;
        SegmentWriter::begin_own(&mut self.output, "TA1").elements(elements);
    }

    /// Begins a group; the one before ends with it.
    pub fn group(&mut self, header: &GroupHeader) -> GroupWriter<'_> {
        self.end_group();
        header.write(&mut self.output, self.made);
        let control_number = header.control_number.as_str().to_owned();
        self.numbers.take(&mut self.output, &control_number, 1..=9, true);
        self.groups += 1;
        let group = self.group.insert(Group { control_number, numbers: Numbers::default(), sets: 0, set: None });
        GroupWriter { output: &mut self.output, group }
    }

    fn end_group(&mut self) {
        let Some(mut group) = self.group.take() else { return };
        group.end_set(&mut self.output);
        if group.sets == 0 {
            self.output.end_segment();
            self.output.fault("edi-empty", "a group has at least one transaction set".to_owned());
        }
        trailer(&mut self.output, "GE", group.sets, 999_999, &group.control_number);
    }

    /// Ends what is open, and gives the bytes.
    ///
    /// # Errors
    /// Everything that was wrong; see [`portgate_writers`](crate).
    pub fn finish(mut self) -> Result<Written, WriteError> {
        self.end_group();
        if self.groups + self.acknowledgements == 0 {
            self.output.end_segment();
            self.output.fault("edi-empty", "an interchange has at least one group or TA1".to_owned());
        }
        trailer(&mut self.output, "IEA", self.groups, 99_999, &self.control_number);
        self.output.finish()
    }
}

/// Writes the transaction sets of one group.
#[derive(Debug)]
pub struct GroupWriter<'w> {
    output: &'w mut Output,
    group: &'w mut Group,
}

impl GroupWriter<'_> {
    /// Begins a transaction set, such as `990`; the one before ends with it. Its control number has four to nine
    /// characters; a shorter number gets zeros in front.
    pub fn set(&mut self, kind: &str, control_number: impl Into<ControlNumber>) -> SetWriter<'_> {
        self.begin(kind, control_number.into(), None)
    }

    /// The same for a set that names the guide it follows (`ST03`, from version 004060 on), such as `005010X231A1`.
    pub fn set_of_guide(&mut self, kind: &str, control_number: impl Into<ControlNumber>, guide: &str) -> SetWriter<'_> {
        self.begin(kind, control_number.into(), Some(guide))
    }

    fn begin(&mut self, kind: &str, control_number: ControlNumber, guide: Option<&str>) -> SetWriter<'_> {
        self.group.end_set(self.output);
        let behind = self.output.segments();
        let control_number = control_number.padded(4);
        SegmentWriter::begin_own(self.output, "ST").elements((kind, &*control_number, guide));
        if kind.len() != 3 || !kind.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            self.output.fault("edi-envelope", "ST01 is the three digits of a transaction set".to_owned());
        }
        self.group.numbers.take(self.output, &control_number, 4..=9, false);
        self.group.sets += 1;
        self.group.set = Some(Set { control_number, behind });
        SetWriter { output: self.output }
    }
}

impl Group {
    fn end_set(&mut self, output: &mut Output) {
        let Some(set) = self.set.take() else { return };
        let segments = output.segments() - set.behind + 1;
        trailer(output, "SE", segments, usize::MAX, &set.control_number);
    }
}

/// Writes the segments of one transaction set, between `ST` and `SE`.
#[derive(Debug)]
pub struct SetWriter<'w> {
    output: &'w mut Output,
}

impl SetWriter<'_> {
    /// Begins a segment; the one before ends with it.
    pub fn segment(&mut self, tag: &str) -> SegmentWriter<'_> {
        SegmentWriter::begin(self.output, tag)
    }

    /// Whether a value can be written as it is: the set has its characters, and none of them is a separator.
    pub fn can_write(&self, value: &str) -> bool {
        self.output.can_write(value)
    }

    /// Writes a segment that was read, whatever its separators were.
    pub fn copy(&mut self, segment: &Segment<'_>) {
        SegmentWriter::copy(self.output, segment);
    }
}

/// A trailer: what it counts, and its header's reference.
pub(crate) fn trailer(output: &mut Output, tag: &str, count: usize, count_max: usize, reference: &str) {
    SegmentWriter::begin_own(output, tag).elements((count, reference));
    if count > count_max {
        output.fault("edi-count", format!("{count} are more than {tag} can count; send them in parts"));
    }
}
