//! EDIFACT (ISO 9735, syntax versions 1 to 4): interchanges of messages, in groups or not.
//!
//! ```
//! use portgate_writers::{Mode, Stamp, Value, edifact, number};
//!
//! let made = Stamp::rfc3339("2026-03-01T08:15:00Z")?;
//! let header = edifact::InterchangeHeader::new("UNOC", 3, ("5412345000013", "14"), "COSU", made, 7, Mode::Production);
//! let mut writer = edifact::Writer::new(&header);
//! let mut booking = writer.message(1, &edifact::MessageType::un("IFTMBF", "D", "00B"));
//! booking.segment("BGM").elements((335, "B-77".within(1..=35), 9));
//! booking.segment("NAD").element("CZ").composite(("5412345000013", (), 9)).skip(1).element("Müller + Söhne");
//! booking.segment("MEA").elements(("AAE", "G")).composite(("KGM", number("1250.5")));
//! let written = writer.finish()?;
//! let (text, ..) = (written.bytes.iter().map(|byte| char::from(*byte)).collect::<String>(),);
//! assert_eq!(
//!     text,
//!     "UNA:+.? 'UNB+UNOC:3+5412345000013:14+COSU+260301:0815+7'UNH+1+IFTMBF:D:00B:UN'BGM+335+B-77+9'\
//!      NAD+CZ+5412345000013::9++Müller ?+ Söhne'MEA+AAE+G+KGM:1250.5'UNT+5+1'UNZ+1+7'"
//! );
//! # Ok::<(), portgate_writers::WriteError>(())
//! ```
//!
//! | syntax version | 1 to 3 | 4 |
//! |---|---|---|
//! | year in `UNB` and `UNG` | two digits | four digits |
//! | repetition of elements | an error, and a blank in `UNA` | the separator of `UNA` |
//! | underscore in `UNOA` and `UNOB` | none | a character |
//! | encoding (0133) | an error | written, and held to |

mod header;

use portgate_charset::Repertoire;
use portgate_readers::edi::Segment;

pub use header::{GroupHeader, InterchangeHeader, MessageType, Party, SEPARATORS};

use crate::control::{ControlNumber, Numbers};
use crate::output::{Options, Output, Syntax, Written};
use crate::x12::trailer;
use crate::{BYTES_MAX, Missing, SegmentWriter, Stamp, WriteError};

/// Writes one interchange: either messages alone or groups of them.
#[derive(Debug)]
pub struct Writer {
    output: Output,
    version: u8,
    made: Stamp,
    control_number: String,
    /// The references of groups.
    numbers: Numbers,
    groups: usize,
    messages: Messages,
    group: Option<Group>,
}

/// The messages of the interchange, or of one group.
#[derive(Debug, Default)]
struct Messages {
    numbers: Numbers,
    count: usize,
    open: Option<Open>,
}

/// The message that is open.
#[derive(Debug)]
struct Open {
    control_number: String,
    /// Segments before its `UNH`.
    behind: usize,
}

/// The group that is open.
#[derive(Debug)]
struct Group {
    control_number: String,
    messages: Messages,
}

impl Writer {
    /// An interchange of at most 16 MiB, in the character set of its header.
    pub fn new(header: &InterchangeHeader) -> Self {
        Writer::with(header, Missing::Refuse, BYTES_MAX)
    }

    /// An interchange that says what becomes of characters that its set does not have, or of another size; `bytes_max`
    /// counts its text in UTF-8.
    pub fn with(header: &InterchangeHeader, missing: Missing, bytes_max: usize) -> Self {
        let encoding = Some(header.encoding.as_str()).filter(|encoding| !encoding.is_empty());
        let is_name = header.syntax.bytes().all(|byte| byte.is_ascii_uppercase());
        let known = Repertoire::edifact(&header.syntax, header.version, encoding).filter(|_| is_name);
        let repertoire = known.unwrap_or(Repertoire::UTF_8);
        let (separators, syntax) = (header.separators_in_force(), Syntax::Edifact);
        let mut output = Output::new(Options { separators, repertoire, missing, bytes_max, line_ends: false, syntax });
        header.write(&mut output);
        if known.is_none() {
            output.fault("edi-syntax", "the character set of UNB is none that can be written".to_owned());
        }
        Writer {
            output,
            version: header.version,
            made: header.made,
            control_number: header.control_number.as_str().to_owned(),
            numbers: Numbers::default(),
            groups: 0,
            messages: Messages::default(),
            group: None,
        }
    }

    /// The same with a line end behind each terminator, for people to read; not every partner takes it.
    pub fn lines(mut self) -> Self {
        self.output.end_lines();
        self
    }

    /// Begins a message; the one before ends with it. Its reference has at most 14 characters.
    pub fn message(&mut self, control_number: impl Into<ControlNumber>, kind: &MessageType) -> MessageWriter<'_> {
        self.end_group();
        if self.groups > 0 {
            self.output
                .fault("edi-mixed", "messages stand in groups or beside none: there is a group already".to_owned());
        }
        self.messages.begin(&mut self.output, control_number.into(), kind)
    }

    /// Begins a group; the one before ends with it.
    pub fn group(&mut self, header: &GroupHeader) -> GroupWriter<'_> {
        self.end_group();
        self.messages.end(&mut self.output);
        header.write(&mut self.output, self.version, self.made);
        if self.messages.count > 0 {
            self.output
                .fault("edi-mixed", "messages stand in groups or beside none: there is a message already".to_owned());
        }
        let control_number = header.control_number.as_str().to_owned();
        self.numbers.take(&mut self.output, &control_number, 1..=14, false);
        self.groups += 1;
        let group = self.group.insert(Group { control_number, messages: Messages::default() });
        GroupWriter { output: &mut self.output, group }
    }

    fn end_group(&mut self) {
        let Some(mut group) = self.group.take() else { return };
        group.messages.end(&mut self.output);
        if group.messages.count == 0 {
            self.output.end_segment();
            self.output.fault("edi-empty", "a group has at least one message".to_owned());
        }
        trailer(&mut self.output, "UNE", group.messages.count, 999_999, &group.control_number);
    }

    /// Ends what is open, and gives the bytes.
    ///
    /// # Errors
    /// Everything that was wrong; see [`portgate_writers`](crate).
    pub fn finish(mut self) -> Result<Written, WriteError> {
        self.end_group();
        self.messages.end(&mut self.output);
        if self.groups + self.messages.count == 0 {
            self.output.end_segment();
            self.output.fault("edi-empty", "an interchange has at least one message".to_owned());
        }
        let count = if self.groups > 0 { self.groups } else { self.messages.count };
        trailer(&mut self.output, "UNZ", count, 999_999, &self.control_number);
        self.output.finish()
    }
}

/// Writes the messages of one group.
#[derive(Debug)]
pub struct GroupWriter<'w> {
    output: &'w mut Output,
    group: &'w mut Group,
}

impl GroupWriter<'_> {
    /// Begins a message; the one before ends with it.
    pub fn message(&mut self, control_number: impl Into<ControlNumber>, kind: &MessageType) -> MessageWriter<'_> {
        self.group.messages.begin(self.output, control_number.into(), kind)
    }
}

impl Messages {
    fn begin<'w>(
        &mut self,
        output: &'w mut Output,
        control_number: ControlNumber,
        kind: &MessageType,
    ) -> MessageWriter<'w> {
        self.end(output);
        let behind = output.segments();
        let control_number = control_number.as_str().to_owned();
        kind.write(output, &control_number);
        self.numbers.take(output, &control_number, 1..=14, false);
        self.count += 1;
        self.open = Some(Open { control_number, behind });
        MessageWriter { output }
    }

    fn end(&mut self, output: &mut Output) {
        let Some(open) = self.open.take() else { return };
        let segments = output.segments() - open.behind + 1;
        trailer(output, "UNT", segments, 999_999, &open.control_number);
    }
}

/// Writes the segments of one message, between `UNH` and `UNT`.
#[derive(Debug)]
pub struct MessageWriter<'w> {
    output: &'w mut Output,
}

impl MessageWriter<'_> {
    /// Begins a segment; the one before ends with it.
    pub fn segment(&mut self, tag: &str) -> SegmentWriter<'_> {
        SegmentWriter::begin(self.output, tag)
    }

    /// Writes a segment that was read, whatever its separators were.
    pub fn copy(&mut self, segment: &Segment<'_>) {
        SegmentWriter::copy(self.output, segment);
    }
}
