//! X12: 997, 999 and `TA1` (X12.5, X12.20, and the guide 005010X231).

mod answer;
mod read;
mod write;

pub use answer::{Answer, SetAnswer, interchange_acknowledgement};
pub use read::{read, read_segment, read_set};
pub use write::write;

use crate::{Codes, Kind, Verdict};

/// With which transaction set groups are acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guide {
    /// 997: what the standard's own rules find.
    X997,
    /// 999: what a guide's rules find, under 005010X231A1.
    X999,
}

impl From<Guide> for Codes {
    fn from(_: Guide) -> Self {
        Codes::X12
    }
}

impl Guide {
    fn kind(self) -> Kind {
        match self {
            Guide::X997 => Kind::X997,
            Guide::X999 => Kind::X999,
        }
    }
}

/// The code of 720 and 620 for a segment that is wrong because of its elements.
const HAS_ELEMENT_ERRORS: &str = "8";
/// The code of 718 and 618 for a set with segments that are wrong.
const HAS_SEGMENT_ERRORS: &str = "5";

/// The code of 717 and 715.
fn code(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Received | Verdict::Accepted => "A",
        Verdict::AcceptedWithErrors => "E",
        Verdict::PartlyAccepted => "P",
        Verdict::Rejected => "R",
    }
}

/// What a code of 717 or 715 says. Whatever fails a test of authenticity is rejected as well.
fn verdict(code: &str) -> Option<Verdict> {
    Some(match code.trim() {
        "A" => Verdict::Accepted,
        "E" => Verdict::AcceptedWithErrors,
        "P" => Verdict::PartlyAccepted,
        "R" | "M" | "W" | "X" => Verdict::Rejected,
        _ => return None,
    })
}
