//! What the headers of an interchange, a group and a message say.

use portgate_readers::edi::{Message, Segment, Separators};

use crate::output::Output;
use crate::{ControlNumber, Mode, Stamp};

/// The separators that hold where `UNA` announces no others: `:` `+` `?` `*` `'`, and a point as decimal mark.
pub const SEPARATORS: Separators = Separators {
    element: b'+',
    component: Some(b':'),
    repetition: Some(b'*'),
    release: Some(b'?'),
    terminator: b'\'',
    decimal: b'.',
};

/// The first syntax version that repeats elements, has years of four digits and knows wider character sets.
const VERSION_4: u8 = 4;

/// One side of an interchange or of a group (S002, S003, S006, S007).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// The identifier, at most 35 characters.
    pub id: String,
    /// Which scheme it is of (0007), such as `14` for GLN; empty where there is none.
    pub qualifier: String,
    /// For internal routing (0008, 0014), at most 14 characters, from syntax version 4 on 35; mostly empty.
    pub internal: String,
}

impl From<&str> for Party {
    fn from(id: &str) -> Self {
        Party { id: id.to_owned(), ..Party::default() }
    }
}

impl From<(&str, &str)> for Party {
    fn from((id, qualifier): (&str, &str)) -> Self {
        Party { id: id.to_owned(), qualifier: qualifier.to_owned(), internal: String::new() }
    }
}

impl Party {
    fn of(segment: &Segment<'_>, element: usize) -> Self {
        let text = |component| segment.component(element, component).unwrap_or_default().into_owned();
        Party { id: text(1), qualifier: text(2), internal: text(3) }
    }
}

/// What `UNB` says, and `UNA` before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterchangeHeader {
    /// The character set (0001): `UNOA` to `UNOL`, `UNOW`, `UNOX`, `UNOY`, `KECA`.
    pub syntax: String,
    /// The syntax version (0002), 1 to 4.
    pub version: u8,
    /// How characters are encoded (0133), from version 4 on; mostly empty. `UNOY` with `7` is UTF-8, and without it UTF-16.
    pub encoding: String,
    /// Who sends it.
    pub sender: Party,
    /// Who is to get it.
    pub receiver: Party,
    /// When it was made, to the minute.
    pub made: Stamp,
    /// The interchange's reference (0020), at most 14 characters.
    pub control_number: ControlNumber,
    /// The receiver's reference or password (0022), at most 14 characters; mostly empty.
    pub password: String,
    /// The application (0026), at most 14 characters; mostly empty.
    pub application: String,
    /// The processing priority (0029), one character; mostly empty.
    pub priority: String,
    /// Whether the receiver is asked for a `CONTRL` (0031).
    pub acknowledge: bool,
    /// The agreement (0032), at most 35 characters; mostly empty.
    pub agreement: String,
    /// The test indicator (0035).
    pub mode: Mode,
    /// What cuts and releases. The repetition separator counts from version 4 on.
    pub separators: Separators,
    /// Whether `UNA` is left out where its separators hold without it.
    pub una_only_if_needed: bool,
}

impl InterchangeHeader {
    /// A header with `UNA` and the usual separators that asks for no `CONTRL`.
    pub fn new(
        syntax: impl Into<String>,
        version: u8,
        sender: impl Into<Party>,
        receiver: impl Into<Party>,
        made: Stamp,
        control_number: impl Into<ControlNumber>,
        mode: Mode,
    ) -> Self {
        InterchangeHeader {
            syntax: syntax.into(),
            version,
            encoding: String::new(),
            sender: sender.into(),
            receiver: receiver.into(),
            made,
            control_number: control_number.into(),
            password: String::new(),
            application: String::new(),
            priority: String::new(),
            acknowledge: false,
            agreement: String::new(),
            mode,
            separators: SEPARATORS,
            una_only_if_needed: false,
        }
    }

    /// The same, asking for a `CONTRL`.
    pub fn acknowledge(self) -> Self {
        InterchangeHeader { acknowledge: true, ..self }
    }

    /// The same with other separators.
    pub fn separators(self, separators: Separators) -> Self {
        InterchangeHeader { separators, ..self }
    }

    /// What a `UNB` says that was read; nothing where it is none, or its version or date is none. Any test indicator but
    /// an empty one makes it a test.
    pub fn of(unb: &Segment<'_>) -> Option<Self> {
        let text = |element, component| unb.component(element, component).unwrap_or_default().into_owned();
        (unb.tag() == "UNB").then_some(())?;
        Some(InterchangeHeader {
            syntax: text(1, 1),
            version: text(1, 2).parse().ok()?,
            encoding: text(1, 4),
            sender: Party::of(unb, 2),
            receiver: Party::of(unb, 3),
            made: Stamp::of_envelope(&text(4, 1), &text(4, 2))?,
            control_number: text(5, 1).into(),
            password: text(6, 1),
            application: text(7, 1),
            priority: text(8, 1),
            acknowledge: text(9, 1) == "1",
            agreement: text(10, 1),
            mode: if text(11, 1).is_empty() { Mode::Production } else { Mode::Test },
            separators: *unb.separators(),
            una_only_if_needed: false,
        })
    }

    /// The header of an answer: from the receiver to the sender, in the same syntax, mode and separators.
    pub fn answered(self, made: Stamp, control_number: impl Into<ControlNumber>) -> Self {
        InterchangeHeader {
            sender: self.receiver,
            receiver: self.sender,
            made,
            control_number: control_number.into(),
            password: String::new(),
            application: String::new(),
            priority: String::new(),
            acknowledge: false,
            agreement: String::new(),
            ..self
        }
    }

    /// The separators that hold in this version.
    pub(super) fn separators_in_force(&self) -> Separators {
        let repetition = self.separators.repetition.filter(|_| self.version >= VERSION_4);
        Separators { repetition, ..self.separators }
    }

    /// Writes `UNA` and `UNB`.
    pub(super) fn write(&self, output: &mut Output) {
        let separators = *output.separators();
        if !self.una_only_if_needed || self.needs_una(&separators) {
            let Separators { element, component, repetition, release, terminator, decimal } = separators;
            let or_blank = |byte: Option<u8>| char::from(byte.unwrap_or(b' '));
            let (component, release, repetition) = (or_blank(component), or_blank(release), or_blank(repetition));
            let [element, decimal, terminator] = [element, decimal, terminator].map(char::from);
            output.announce(&format!("UNA{component}{element}{decimal}{release}{repetition}{terminator}"));
        }
        output.begin_own("UNB");
        if !(1..=VERSION_4).contains(&self.version) {
            output.fault("edi-syntax", format!("{} is no syntax version: there are 1 to 4", self.version));
        }
        if !self.encoding.is_empty() && self.version < VERSION_4 {
            output.fault("edi-syntax", "an encoding can be said from syntax version 4 on".to_owned());
        }
        if separators.component.is_none() {
            output.fault("edi-separators", "there is no component separator, and UNB has components".to_owned());
        }
        let date = if self.version < VERSION_4 { self.made.short_date() } else { self.made.long_date() };
        let internal_max = if self.version < VERSION_4 { 14 } else { 35 };
        let elements: [&[(&str, usize, usize)]; 11] = [
            &[(&self.syntax, 4, 4), (&self.version.to_string(), 1, 1), ("", 0, 6), (&self.encoding, 0, 3)],
            &party(&self.sender, internal_max),
            &party(&self.receiver, internal_max),
            &[(&date, 6, 8), (&self.made.time(), 4, 4)],
            &[(self.control_number.as_str(), 1, 14)],
            &[(&self.password, 0, 14)],
            &[(&self.application, 0, 14)],
            &[(&self.priority, 0, 1)],
            &[(if self.acknowledge { "1" } else { "" }, 0, 1)],
            &[(&self.agreement, 0, 35)],
            &[(if self.mode == Mode::Test { "1" } else { "" }, 0, 1)],
        ];
        elements.into_iter().for_each(|components| envelope(output, components));
    }

    /// Whether other separators than these would hold if nothing were announced. Level B has information separators of
    /// its own before version 4, which hardly anybody uses.
    fn needs_una(&self, separators: &Separators) -> bool {
        let repetition = SEPARATORS.repetition.filter(|_| self.version >= VERSION_4);
        *separators != Separators { repetition, ..SEPARATORS } || (self.syntax == "UNOB" && self.version < VERSION_4)
    }
}

fn party(party: &Party, internal_max: usize) -> [(&str, usize, usize); 3] {
    let qualifier_max = 4;
    [(&party.id, 1, 35), (&party.qualifier, 0, qualifier_max), (&party.internal, 0, internal_max)]
}

/// Writes an element of an envelope: each component with the fewest and the most characters that its standard allows.
fn envelope(output: &mut Output, components: &[(&str, usize, usize)]) {
    output.element(|take| components.iter().for_each(|(text, _, _)| take(text)));
    for (index, (text, least, most)) in components.iter().enumerate() {
        let characters = text.chars().count();
        if !(*least..=*most).contains(&characters) {
            let component = index + 1;
            let detail =
                format!("component {component} has {characters} characters, and {least} to {most} are allowed");
            output.fault("edi-envelope", detail);
        }
    }
}

/// What `UNG` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupHeader {
    /// The type of the messages in it (0038), at most 6 characters.
    pub kind: String,
    /// Who sends it.
    pub sender: Party,
    /// Who is to get it.
    pub receiver: Party,
    /// When it was made; where there is nothing, when the interchange was.
    pub made: Option<Stamp>,
    /// The group's reference (0048), at most 14 characters.
    pub control_number: ControlNumber,
    /// The version of its messages.
    pub message: MessageType,
}

impl GroupHeader {
    pub(super) fn write(&self, output: &mut Output, version: u8, made: Stamp) {
        let made = self.made.unwrap_or(made);
        let date = if version < VERSION_4 { made.short_date() } else { made.long_date() };
        let MessageType { version: number, release, agency, association, .. } = &self.message;
        output.begin_own("UNG");
        let elements: [&[(&str, usize, usize)]; 7] = [
            &[(&self.kind, 1, 6)],
            &[(&self.sender.id, 1, 35), (&self.sender.qualifier, 0, 4)],
            &[(&self.receiver.id, 1, 35), (&self.receiver.qualifier, 0, 4)],
            &[(&date, 6, 8), (&made.time(), 4, 4)],
            &[(self.control_number.as_str(), 1, 14)],
            &[(agency, 1, 3)],
            &[(number, 1, 3), (release, 1, 3), (association, 0, 6)],
        ];
        elements.into_iter().for_each(|components| envelope(output, components));
    }
}

/// Which message it is (S009): `IFTSTA:D:00B:UN`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageType {
    /// The type (0065), at most 6 characters.
    pub kind: String,
    /// The version (0052), mostly `D`; of a service message the syntax version.
    pub version: String,
    /// The release (0054), such as `00B`.
    pub release: String,
    /// The controlling agency (0051), mostly `UN`.
    pub agency: String,
    /// What an association assigned (0057), at most 6 characters; mostly empty.
    pub association: String,
    /// The common access reference (0068), at most 35 characters; mostly empty.
    pub access_reference: String,
}

impl MessageType {
    /// A message of the United Nations' directories: `MessageType::un("IFTSTA", "D", "00B")`.
    pub fn un(kind: impl Into<String>, version: impl Into<String>, release: impl Into<String>) -> Self {
        let (kind, version, release) = (kind.into(), version.into(), release.into());
        MessageType { kind, version, release, agency: "UN".to_owned(), ..MessageType::default() }
    }

    /// The same with what an association assigned, such as `EAN008`.
    pub fn association(self, association: impl Into<String>) -> Self {
        MessageType { association: association.into(), ..self }
    }

    /// The type of a message that was read; nothing where it has no header.
    pub fn of(message: &Message<'_>) -> Option<Self> {
        let unh = message.header()?;
        let text = |element, component| unh.component(element, component).unwrap_or_default().into_owned();
        Some(MessageType {
            kind: text(2, 1),
            version: text(2, 2),
            release: text(2, 3),
            agency: text(2, 4),
            association: text(2, 5),
            access_reference: text(3, 1),
        })
    }

    /// Writes `UNH`.
    pub(super) fn write(&self, output: &mut Output, control_number: &str) {
        output.begin_own("UNH");
        let MessageType { kind, version, release, agency, association, access_reference } = self;
        let elements: [&[(&str, usize, usize)]; 3] = [
            &[(control_number, 1, 14)],
            &[(kind, 1, 6), (version, 1, 3), (release, 1, 3), (agency, 1, 3), (association, 0, 6)],
            &[(access_reference, 0, 35)],
        ];
        elements.into_iter().for_each(|components| envelope(output, components));
    }
}
