//! Writers for what partners expect: X12 (X12.5, X12.6), EDIFACT (ISO 9735, syntax versions 1 to 4) and XML.
//!
//! A writer of EDI writes the envelopes, counts what is in them and repeats their references in the trailers; an author writes the
//! segments of messages and can forget neither. It has no clock and no numbers of its own: when an interchange is made and
//! its control numbers are given to it.
//!
//! | module | writes |
//! |---|---|
//! | [`x12`] | `ISA` `GS` `ST` … `SE` `GE` `IEA`, and `TA1` |
//! | [`edifact`] | `UNA` `UNB` (`UNG`) `UNH` … `UNT` (`UNE`) `UNZ` |
//! | [`xml`] | elements, groups of optional ones, values held to their lengths |
//!
//! ```
//! use portgate_writers::{Mode, Stamp, x12};
//!
//! let made = Stamp::rfc3339("2026-03-01T08:15:00Z")?;
//! let header = x12::InterchangeHeader::new(("02", "COSU"), ("ZZ", "FORWARDER"), made, 7, Mode::Production);
//! let mut writer = x12::Writer::new(&header);
//! let mut group = writer.group(&x12::GroupHeader::new("GF", "COSU", "FORWARDER", 7, "004010"));
//! let mut answer = group.set("990", 1);
//! answer.segment("B1").elements(("COSU", "4417", "20260301", "A"));
//! answer.segment("N9").elements(("CN", "C-77"));
//! let written = writer.finish()?;
//! let text = String::from_utf8_lossy(&written.bytes);
//! assert!(text.contains("~ST*990*0001~B1*COSU*4417*20260301*A~N9*CN*C-77~SE*4*0001~GE*1*7~IEA*1*000000007~"));
//! # Ok::<(), portgate_writers::WriteError>(())
//! ```
//!
//! Values are written as they are. What separates is released in EDIFACT, and in X12, which cannot, it is an error: nothing
//! is changed in silence. What is empty at the end of a composite or a segment is left out, as both standards say.
//! What is read by `portgate-readers` can be written again ([`x12::SetWriter::copy`]), and what is written is read as what
//! it was.
//!
//! Whatever is wrong is collected, with its place, and is the error of `finish`. Nothing panics; an interchange grows to
//! `bytes_max` and no further.
//!
//! | fault | when |
//! |---|---|
//! | `edi-separator-in-value` | a value holds a separator, and there is no release character |
//! | `edi-character` | the character set lacks a character, and [`Missing::Refuse`] holds |
//! | `edi-length` | a value is shorter or longer than [`Value::within`] says |
//! | `edi-number` | a [`number`] is none |
//! | `edi-envelope` | an element of an envelope is longer than its standard says, or missing |
//! | `edi-control-number` | a control number has the wrong length, or is there twice |
//! | `edi-syntax` | the syntax identifier or version is not known, or the repetition separator is wrong for the version |
//! | `edi-separators` | two separators are the same, or one is none |
//! | `edi-segment-tag` | a tag is none, or an envelope's |
//! | `edi-segment-empty` | a segment of X12 has no element |
//! | `edi-element-order` | an element is to be written that lies behind |
//! | `edi-repetition` | an element is repeated where the version has no repetition |
//! | `edi-empty` | an interchange or a group has nothing in it |
//! | `edi-mixed` | messages stand beside groups |
//! | `edi-count` | a trailer cannot hold the count |
//! | `edi-segment-too-long`, `edi-too-long` | a limit |
//! | `edi-more` | how many faults there are beyond the first hundred |

mod control;
pub mod edifact;
mod error;
mod output;
mod segment;
mod stamp;
mod value;
pub mod x12;
pub mod xml;

pub use control::ControlNumber;
pub use error::{Fault, WriteError};
pub use output::Written;
pub use segment::SegmentWriter;
pub use stamp::Stamp;
pub use value::{Number, Value, Values, Within, number};

/// Whether what is sent has effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// It has: `ISA15` is `P`, `UNB` has no test indicator.
    Production,
    /// It has none: `ISA15` is `T`, the test indicator of `UNB` (0035) is `1`.
    Test,
}

/// What becomes of a character that the set does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It is an error.
    Refuse,
    /// Its capital letter is written where the set has that, else this character, and an anomaly tells of it.
    Replace(char),
}

/// The longest interchange, in bytes, unless something else is said.
const BYTES_MAX: usize = 16 * 1024 * 1024;
