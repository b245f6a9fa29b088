//! What the headers of an interchange and of a group say.

use portgate_readers::edi::{Segment, Separators};

use crate::output::Output;
use crate::{ControlNumber, Mode, Stamp};

/// The separators that are mostly used: `*`, `:` between components, `^` between repetitions, `~` at the end.
pub const SEPARATORS: Separators = Separators {
    element: b'*',
    component: Some(b':'),
    repetition: Some(b'^'),
    release: None,
    terminator: b'~',
    decimal: b'.',
};

/// The first version in which `ISA11` is the repetition separator.
const REPEATS_FROM: &str = "00402";

/// Which characters are written, and as which bytes. X12 announces none, so both partners have agreed on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CharacterSet {
    /// Capital letters, digits and some marks (X12.6, basic character set).
    Basic,
    /// With small letters and the other marks of ASCII (X12.6, extended character set).
    Extended,
    /// With the select language characters, such as `é`, in ISO-8859-1.
    Languages,
    /// Every character, in UTF-8: no set of X12's.
    Utf8,
}

/// One side of an interchange: a qualifier of two characters (I05) such as `ZZ`, and an identifier of at most fifteen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Which scheme the identifier is of.
    pub qualifier: String,
    /// The identifier, without the blanks that fill it up.
    pub id: String,
}

impl From<(&str, &str)> for Party {
    fn from((qualifier, id): (&str, &str)) -> Self {
        Party { qualifier: qualifier.to_owned(), id: id.to_owned() }
    }
}

/// What `ISA` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterchangeHeader {
    /// `ISA01` and `ISA02`: `00` and nothing, unless partners still use them.
    pub authorization: Party,
    /// `ISA03` and `ISA04`: likewise.
    pub security: Party,
    /// `ISA05` and `ISA06`.
    pub sender: Party,
    /// `ISA07` and `ISA08`.
    pub receiver: Party,
    /// `ISA09` and `ISA10`, to the minute.
    pub made: Stamp,
    /// `ISA12`: five digits, `00401` unless something else is said.
    pub version: String,
    /// `ISA13`: nine digits; a shorter number gets zeros in front.
    pub control_number: ControlNumber,
    /// `ISA14`: whether the receiver is asked for a `TA1`.
    pub acknowledge: bool,
    /// `ISA15`.
    pub mode: Mode,
    /// `ISA16`, `ISA11` from version 00402 on, and the two that stand where they stand. A repetition separator is left out
    /// before that version by itself.
    pub separators: Separators,
}

impl InterchangeHeader {
    /// A header of version 00401 with the usual separators that asks for no `TA1`.
    pub fn new(
        sender: impl Into<Party>,
        receiver: impl Into<Party>,
        made: Stamp,
        control_number: impl Into<ControlNumber>,
        mode: Mode,
    ) -> Self {
        InterchangeHeader {
            authorization: ("00", "").into(),
            security: ("00", "").into(),
            sender: sender.into(),
            receiver: receiver.into(),
            made,
            version: "00401".to_owned(),
            control_number: control_number.into(),
            acknowledge: false,
            mode,
            separators: SEPARATORS,
        }
    }

    /// The same in another version.
    pub fn version(self, version: impl Into<String>) -> Self {
        InterchangeHeader { version: version.into(), ..self }
    }

    /// The same, asking for a `TA1`.
    pub fn acknowledge(self) -> Self {
        InterchangeHeader { acknowledge: true, ..self }
    }

    /// The same with other separators.
    pub fn separators(self, separators: Separators) -> Self {
        InterchangeHeader { separators, ..self }
    }

    /// What an `ISA` says that was read; nothing where it is none or its date is none. Whatever is not `P` is a test.
    pub fn of(isa: &Segment<'_>) -> Option<Self> {
        let text = |number: usize| isa.element(number).unwrap_or_default().trim_end().to_owned();
        let party = |qualifier: usize| Party { qualifier: text(qualifier), id: text(qualifier + 1) };
        (isa.tag() == "ISA").then_some(())?;
        Some(InterchangeHeader {
            authorization: party(1),
            security: party(3),
            sender: party(5),
            receiver: party(7),
            made: Stamp::of_envelope(&text(9), &text(10))?,
            version: text(12),
            control_number: text(13).into(),
            acknowledge: text(14) == "1",
            mode: if text(15) == "P" { Mode::Production } else { Mode::Test },
            separators: *isa.separators(),
        })
    }

    /// The header of an answer: from the receiver to the sender, in the same version, mode and separators.
    pub fn answered(self, made: Stamp, control_number: impl Into<ControlNumber>) -> Self {
        InterchangeHeader {
            sender: self.receiver,
            receiver: self.sender,
            made,
            control_number: control_number.into(),
            acknowledge: false,
            authorization: ("00", "").into(),
            security: ("00", "").into(),
            ..self
        }
    }

    /// The separators that hold in this version.
    pub(super) fn separators_in_force(&self) -> Separators {
        let repetition = self.separators.repetition.filter(|_| self.version.as_str() >= REPEATS_FROM);
        Separators { repetition, release: None, decimal: b'.', ..self.separators }
    }

    /// Writes `ISA`, whose elements have fixed widths.
    pub(super) fn write(&self, output: &mut Output) {
        let separators = *output.separators();
        output.begin_own("ISA");
        let number = self.control_number.padded(9);
        let fixed = [
            (&*self.authorization.qualifier, 2),
            (&*self.authorization.id, 10),
            (&*self.security.qualifier, 2),
            (&*self.security.id, 10),
            (&*self.sender.qualifier, 2),
            (&*self.sender.id, 15),
            (&*self.receiver.qualifier, 2),
            (&*self.receiver.id, 15),
            (&*self.made.short_date(), 6),
            (&*self.made.time(), 4),
            ("", 1),
            (&*self.version, 5),
            (&*number, 9),
            (if self.acknowledge { "1" } else { "0" }, 1),
            (if self.mode == Mode::Production { "P" } else { "T" }, 1),
        ];
        for (index, (text, width)) in fixed.into_iter().enumerate() {
            let element = index + 1;
            if element == 11 {
                // Without repetitions the element names the standard, which is that of the U.S.
                output.raw_element(char::from(separators.repetition.unwrap_or(b'U')));
                continue;
            }
            output.go_to(element);
            let may_be_blank = matches!(element, 2 | 4);
            if text.chars().count() > width || (text.is_empty() && !may_be_blank) {
                let detail =
                    format!("ISA{element:02} has {} characters, and {width} are the most", text.chars().count());
                output.fault("edi-envelope", detail);
            }
            output.element(|take| take(&format!("{text:width$}")));
        }
        if !self.version.bytes().all(|byte| byte.is_ascii_digit()) || self.version.len() != 5 {
            output.fault("edi-syntax", "ISA12 is five digits, such as 00401".to_owned());
        }
        match separators.component {
            Some(component) => output.raw_element(char::from(component)),
            None => output.fault("edi-separators", "ISA16 is the component separator, and there is none".to_owned()),
        }
    }
}

/// What `GS` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupHeader {
    /// `GS01`, the functional identifier code: `QO` for 315, `GF` for 990, `FA` for 997.
    pub functional_id: String,
    /// `GS02`, 2 to 15 characters.
    pub sender: String,
    /// `GS03`, likewise.
    pub receiver: String,
    /// `GS04` and `GS05`; where there is nothing, the interchange's.
    pub made: Option<Stamp>,
    /// `GS06`: one to nine digits.
    pub control_number: ControlNumber,
    /// `GS08`: version, release and industry, `004010` or `005010X231A1`.
    pub version: String,
}

impl GroupHeader {
    /// A header that was made when its interchange was.
    pub fn new(
        functional_id: impl Into<String>,
        sender: impl Into<String>,
        receiver: impl Into<String>,
        control_number: impl Into<ControlNumber>,
        version: impl Into<String>,
    ) -> Self {
        GroupHeader {
            functional_id: functional_id.into(),
            sender: sender.into(),
            receiver: receiver.into(),
            made: None,
            control_number: control_number.into(),
            version: version.into(),
        }
    }

    /// What a `GS` says that was read; nothing where it is none or its date is none.
    pub fn of(gs: &Segment<'_>) -> Option<Self> {
        let text = |number: usize| gs.element(number).unwrap_or_default().into_owned();
        (gs.tag() == "GS").then_some(())?;
        let time: String = text(5).chars().take(6).collect();
        Some(GroupHeader {
            functional_id: text(1),
            sender: text(2),
            receiver: text(3),
            made: Some(Stamp::of_envelope(&text(4), &time)?),
            control_number: text(6).into(),
            version: text(8),
        })
    }

    /// Writes `GS`.
    pub(super) fn write(&self, output: &mut Output, made: Stamp) {
        let made = self.made.unwrap_or(made);
        // Years have four digits from version 004010 on.
        let date = if self.version.as_str() < "004010" { made.short_date() } else { made.long_date() };
        output.begin_own("GS");
        let elements = [
            (&*self.functional_id, 2..=2),
            (&*self.sender, 2..=15),
            (&*self.receiver, 2..=15),
            (&*date, 6..=8),
            (&*made.time(), 4..=4),
            (self.control_number.as_str(), 1..=9),
            ("X", 1..=2),
            (&*self.version, 1..=12),
        ];
        for (index, (text, length)) in elements.into_iter().enumerate() {
            output.element(|take| take(&text));
            if !length.contains(&text.chars().count()) {
                let (least, most) = (length.start(), length.end());
                let number = index + 1;
                let detail =
                    format!("GS{number:02} has {} characters, and {least} to {most} are allowed", text.chars().count());
                output.fault("edi-envelope", detail);
            }
        }
    }
}
