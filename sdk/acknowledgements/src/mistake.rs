//! What can be wrong, by one name in both standards, and the code that each of them has for it.

/// Whose codes are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codes {
    /// 720 and 723, those of 997; 620 and 621 of 999 have them, too.
    X12,
    /// 0085, those of CONTRL.
    Edifact,
}

/// What is wrong with a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SegmentMistake {
    /// Its tag is none of the standard.
    Unrecognized,
    /// It was not expected there.
    Unexpected,
    /// It is mandatory and not there; its place is where it should be.
    Missing,
    /// Its loop or group comes too often.
    TooManyLoops,
    /// It comes too often.
    TooMany,
    /// The set does not have it.
    NotInSet,
    /// It stands in the wrong order.
    WrongOrder,
}

/// What is wrong with an element or a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ElementMistake {
    /// It is mandatory and not there.
    Missing,
    /// Another makes it mandatory, and it is not there.
    ConditionMissing,
    /// The segment has more elements than it can.
    TooMany,
    /// It has fewer characters than it must.
    TooShort,
    /// It has more characters than it may.
    TooLong,
    /// It has a character that it may not have.
    InvalidCharacter,
    /// It is none of its code list, or none that is taken.
    InvalidCode,
    /// It is no date.
    InvalidDate,
    /// It is no time.
    InvalidTime,
    /// It may not be there together with another one that is.
    Excluded,
    /// It is repeated too often.
    TooManyRepetitions,
    /// It has more components than it can.
    TooManyComponents,
}

impl SegmentMistake {
    /// The code for it.
    pub fn code(self, of: Codes) -> &'static str {
        let (x12, edifact) = match self {
            SegmentMistake::Unrecognized => ("1", "15"),
            SegmentMistake::Unexpected => ("2", "15"),
            SegmentMistake::Missing => ("3", "13"),
            SegmentMistake::TooManyLoops => ("4", "36"),
            SegmentMistake::TooMany => ("5", "35"),
            SegmentMistake::NotInSet => ("6", "15"),
            SegmentMistake::WrongOrder => ("7", "15"),
        };
        if of == Codes::X12 { x12 } else { edifact }
    }
}

impl ElementMistake {
    /// The code for it.
    pub fn code(self, of: Codes) -> &'static str {
        let (x12, edifact) = match self {
            ElementMistake::Missing => ("1", "13"),
            ElementMistake::ConditionMissing => ("2", "13"),
            ElementMistake::TooMany => ("3", "16"),
            ElementMistake::TooShort => ("4", "40"),
            ElementMistake::TooLong => ("5", "39"),
            ElementMistake::InvalidCharacter => ("6", "21"),
            ElementMistake::InvalidCode => ("7", "12"),
            ElementMistake::InvalidDate => ("8", "12"),
            ElementMistake::InvalidTime => ("9", "12"),
            ElementMistake::Excluded => ("10", "15"),
            ElementMistake::TooManyRepetitions => ("12", "35"),
            ElementMistake::TooManyComponents => ("13", "16"),
        };
        if of == Codes::X12 { x12 } else { edifact }
    }
}
