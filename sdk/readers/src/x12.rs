//! ANSI X12 (X12.5 interchanges, X12.6 segments): segments with the place of each.
//!
//! ```
//! use portgate_readers::x12::{Interchange, Limits};
//!
//! let text = b"ST*315*0001~B4***VD*20260102*0830*USNYC*ABCU*1234560~SE*3*0001~";
//! let interchange = Interchange::parse(text, &Limits::default())?;
//! let set = interchange.messages().next().unwrap();
//! assert_eq!(set.kind().as_deref(), Some("315"));
//! assert_eq!(set.first("B4").unwrap().element(3).as_deref(), Some("VD"));
//! assert_eq!(interchange.anomalies()[0].code, "edi-separators-guessed");
//! # Ok::<(), portgate_readers::x12::EdiError>(())
//! ```
//!
//! The separators come from `ISA`: the element separator stands behind its tag, the component separator is `ISA16`, the
//! repetition separator `ISA11` from version 00402 on, the terminator is what follows `ISA16`, a line end included. Where
//! the segments behind it end otherwise, they are believed. An `ISA` that lost its padding is read by counting elements.
//! Input that begins with `GS` or `ST` is read with the separators that its first bytes suggest. It does not read binary
//! segments (`BIN`, `BDS`) and does not know the transaction sets.
//!
//! Errors and anomalies are those of [`edifact`](crate::edifact) (without `edi-una`) and these:
//!
//! | error | when |
//! |---|---|
//! | `edi-isa` | `ISA` breaks off, or lacks an element; the detail names which |
//! | `edi-unknown-start` | the input begins with neither `ISA`, `GS` nor `ST` |
//!
//! | anomaly | when |
//! |---|---|
//! | `edi-isa-terminator` | what stands behind `ISA16` is not what ends the segments |
//! | `edi-isa-width` | elements of `ISA` are narrower than the standard's fixed width |
//! | `edi-separators-guessed` | there is no `ISA` to announce the separators |

use std::borrow::Cow;

use crate::edi::{Announcement, Envelope, Fault, Level, Syntax};
pub use crate::edi::{At, Composite, EdiError, Limits, Message, Segment, Segments, Separators};

mod isa;

/// An X12 input after reading; see [`Interchange::parse`](crate::edi::Interchange::parse).
pub type Interchange<'i> = crate::edi::Interchange<'i, X12>;

/// The syntax of X12; names the type of [`Interchange`] and is never made.
#[derive(Clone, Copy, Debug)]
pub enum X12 {}

impl Syntax for X12 {
    const ENVELOPE: &'static Envelope = &Envelope {
        interchange: Level { header: "ISA", trailer: "IEA", reference: 13 },
        group: Level { header: "GS", trailer: "GE", reference: 6 },
        message: Level { header: "ST", trailer: "SE", reference: 2 },
        group_required: true,
        counts_groups: true,
        between: &["TA1"],
        kind: (1, 1),
        reads: &[("ISA", 11), ("ISA", 12), ("ISA", 16)],
        names_components: false,
        version,
    };
    const TAG_LENGTH_MIN: usize = 2;

    fn announcement(rest: &[u8], current: Option<&Separators>) -> Result<Option<Announcement>, Fault> {
        if rest.starts_with(b"ISA") && rest.get(3).is_none_or(|byte| !byte.is_ascii_alphanumeric()) {
            return isa::announcement(rest).map(Some);
        }
        match current {
            Some(_) => Ok(None),
            None => guess(rest).map(Some),
        }
    }
}

/// The separators of bare segments: the element separator follows the tag, the terminator is the first byte that mostly
/// is one.
fn guess(rest: &[u8]) -> Result<Announcement, Fault> {
    let element = match rest {
        [b'G', b'S', element, ..] | [b'S', b'T', element, ..] if !element.is_ascii_alphanumeric() => *element,
        _ => {
            return Err(Fault::new(
                "edi-unknown-start",
                0,
                "X12 begins with ISA, or at least with GS or ST; this does not",
            ));
        }
    };
    let terminator = match memchr::memchr3(b'~', b'\n', b'\r', rest) {
        Some(at) if rest[at] == b'\r' && rest.get(at + 1) == Some(&b'\n') => b'\n',
        Some(at) => rest[at],
        None => b'~',
    };
    let component = [b':', b'>'].into_iter().find(|byte| *byte != element);
    let separators = Separators { element, component, repetition: None, release: None, terminator, decimal: b'.' };
    let separators = separators.announced()?;
    let detail = "there is no ISA to announce the separators; they were guessed from the first segment".to_owned();
    Ok(Announcement { anomalies: vec![("edi-separators-guessed", detail)], ..Announcement::plain(separators, 0) })
}

/// The release that the functional group follows, `004010`; from 5010 on the transaction set may say its own.
fn version<'d>(message: &Message<'d>) -> Option<Cow<'d, str>> {
    message.header().and_then(|header| header.element(3)).or_else(|| message.group()?.element(8))
}

#[cfg(test)]
mod tests;
