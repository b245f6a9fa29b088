//! EDIFACT (ISO 9735, syntax versions 1 to 4): segments with the place of each.
//!
//! ```
//! use portgate_readers::edifact::{Interchange, Limits};
//!
//! let text = b"UNH+1+IFTSTA:D:00B:UN'BGM+23+A1+9'RFF+BM:HLCU?'7'UNT+4+1'";
//! let interchange = Interchange::parse(text, &Limits::default())?;
//! let message = interchange.messages().next().unwrap();
//! assert_eq!(message.kind().as_deref(), Some("IFTSTA"));
//! let reference = message.first("RFF").unwrap();
//! assert_eq!(reference.component(1, 2).as_deref(), Some("HLCU'7"));
//! assert_eq!(reference.location(), "segment 3 RFF (line 1)");
//! # Ok::<(), portgate_readers::edifact::EdiError>(())
//! ```
//!
//! An element is repeated behind a separator from syntax version 4 on only: before, an asterisk is text, whatever `UNA` says.
//! It takes `UNA` with any separators or none, bare segments without `UNB` or `UNH`, several interchanges one after
//! another, text wrapped anywhere, and the character set that each `UNB` announces: UNOA to UNOL, UNOW, UNOX, UNOY, KECA
//! (`portgate-charset` decides). Bare segments announce none and are UTF-8. It does not know the directories: which
//! segments a message must have, and what they mean, is the connector's knowledge. Interactive EDI (`UIB`) is not read.
//!
//! | error | when |
//! |---|---|
//! | `edi-empty` | there is no segment |
//! | `edi-encoding` | a byte is no character of the set that `UNB` announces, or that set is not known; a few of them inside of messages are those messages' error alone |
//! | `edi-una` | `UNA` is not followed by six characters |
//! | `edi-separators` | two separators are the same, or one is a letter or digit |
//! | `edi-segment-tag` | a segment does not begin with a tag; inside of a message, that message's error alone |
//! | `edi-truncated` | the input breaks off in a segment that is not a trailer |
//! | `edi-release-truncated` | the input ends behind a release character |
//! | `edi-segment-too-long`, `edi-too-many-segments`, `edi-too-long` | a limit |
//!
//! | anomaly | when |
//! |---|---|
//! | `edi-encoding` | the text is in another set than `UNB` announces, and it is plain in which |
//! | `edi-header-missing`, `edi-trailer-missing` | an envelope has only its other half, or there is none |
//! | `edi-segment-count`, `edi-message-count`, `edi-group-count` | a trailer counts differently |
//! | `edi-reference-mismatch` | a trailer does not repeat its header's reference |
//! | `edi-segment-outside-message` | segments stand between the messages |
//! | `edi-segment-unterminated` | the last trailer lacks its terminator |

use std::borrow::Cow;

use crate::edi::{Announcement, Envelope, Fault, Level, Syntax};
pub use crate::edi::{At, Composite, EdiError, Limits, Message, Segment, Segments, Separators};

/// An EDIFACT input after reading; see [`Interchange::parse`](crate::edi::Interchange::parse).
pub type Interchange<'i> = crate::edi::Interchange<'i, Edifact>;

/// The syntax of ISO 9735; names the type of [`Interchange`] and is never made.
#[derive(Clone, Copy, Debug)]
pub enum Edifact {}

/// What is in force without `UNA` (ISO 9735-1, service string advice).
const DEFAULT: Separators = Separators {
    element: b'+',
    component: Some(b':'),
    repetition: None,
    release: Some(b'?'),
    terminator: b'\'',
    decimal: b'.',
};

impl Syntax for Edifact {
    const ENVELOPE: &'static Envelope = &Envelope {
        interchange: Level { header: "UNB", trailer: "UNZ", reference: 5 },
        group: Level { header: "UNG", trailer: "UNE", reference: 5 },
        message: Level { header: "UNH", trailer: "UNT", reference: 1 },
        group_required: false,
        counts_groups: false,
        between: &[],
        kind: (2, 1),
        reads: &[("UNB", 1)],
        names_components: true,
        version,
    };
    const TAG_LENGTH_MIN: usize = 3;

    fn announcement(rest: &[u8], current: Option<&Separators>) -> Result<Option<Announcement>, Fault> {
        if rest.starts_with(b"UNA") {
            return service_string(rest).map(Some);
        }
        let defaults_return = rest.starts_with(b"UNB+") && current.is_some_and(|current| current.element != b'+');
        if current.is_some() && !defaults_return {
            return Ok(None);
        }
        let repetition = repeats(rest, &DEFAULT).then_some(b'*');
        Ok(Some(Announcement::plain(Separators { repetition, ..DEFAULT }, 0)))
    }
}

/// Whether elements can be repeated: from syntax version 4 on, as `UNB` says it in the second component of its first
/// element. Before it, and where there is no `UNB` to say so, an asterisk is text, whatever `UNA` has in that place
/// (ISO 9735:1988: reserved for future use).
fn repeats(rest: &[u8], separators: &Separators) -> bool {
    let Some(syntax) = rest.strip_prefix(b"UNB").and_then(|rest| rest.strip_prefix(&[separators.element])) else {
        return false;
    };
    let end = syntax.iter().position(|byte| [separators.element, separators.terminator].contains(byte));
    let mut components = syntax[..end.unwrap_or(syntax.len())].split(|byte| Some(*byte) == separators.component);
    let version = components.nth(1).unwrap_or_default().trim_ascii();
    version.iter().all(u8::is_ascii_digit) && version.len() <= 2 && version > b"3" && !version.starts_with(b"0")
}

/// `UNA` and the six characters behind it: component, element, decimal mark, release, repetition, terminator. A space
/// for release or repetition says that there is none; before syntax version 4 there is no repetition in any case.
fn service_string(rest: &[u8]) -> Result<Announcement, Fault> {
    let Some(&[component, element, decimal, release, repetition, mut terminator]) = rest.get(3..9) else {
        return Err(Fault::new("edi-una", 0, "UNA is not followed by the six separators"));
    };
    let mut length = 9;
    if terminator == b'\r' && rest.get(9) == Some(&b'\n') {
        terminator = b'\n';
        length = 10;
    }
    let used = |byte: u8| (byte != b' ').then_some(byte);
    let separators = Separators {
        element,
        component: Some(component),
        repetition: used(repetition),
        release: used(release),
        terminator,
        decimal,
    };
    let header = rest[length..].trim_ascii_start();
    let separators = match repeats(header, &separators) {
        true => separators,
        false => Separators { repetition: None, ..separators },
    };
    let separators = separators.announced()?;
    Ok(Announcement::plain(separators, length))
}

/// Version and release of the directory, `D00B`, from `UNH`.
fn version<'d>(message: &Message<'d>) -> Option<Cow<'d, str>> {
    let identifier = message.header()?.composite(2)?;
    match (identifier.component(2), identifier.component(3)) {
        (Some(version), Some(release)) => Some(Cow::Owned(format!("{version}{release}"))),
        (version, release) => version.or(release),
    }
}

#[cfg(test)]
mod tests;
