//! EDIFACT: CONTRL (ISO 9735-4; D.3 with syntax 3) read and written, APERAK read.
//!
//! CONTRL counts elements with the segment's tag as the first (0098); here they are counted as everywhere else. It has no
//! word for what was taken with mistakes: a message that is acknowledged and has errors all the same is read as that,
//! and written so. If a message of an interchange is rejected, the interchange itself is acknowledged, as the standard
//! says, and so it is partly accepted.

mod answer;
mod aperak;
mod read;
mod write;

pub use answer::{Answer, MessageAnswer};
pub use read::{read, read_message};
pub use write::write;

use crate::{Codes, Verdict};

/// The codes of CONTRL; what [`Finding::mistake`](crate::Finding::mistake) is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contrl;

impl From<Contrl> for Codes {
    fn from(Contrl: Contrl) -> Self {
        Codes::Edifact
    }
}

/// This level and all below are rejected (0083).
const REJECTED: &str = "4";
/// This level is acknowledged, and so is everything below it that is not rejected itself (0083).
const ACKNOWLEDGED: &str = "7";
/// The interchange was received (0083).
const RECEIVED: &str = "8";

/// The code of 0083. What is partly accepted is acknowledged, and the parts that are not are rejected.
fn action(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Received => RECEIVED,
        Verdict::Accepted | Verdict::AcceptedWithErrors | Verdict::PartlyAccepted => ACKNOWLEDGED,
        Verdict::Rejected => REJECTED,
    }
}

/// What a code of 0083 says of a level with or without an error of its own, with these parts below.
fn verdict(action: &str, has_error: bool, parts: impl Iterator<Item = Verdict>) -> Option<Verdict> {
    let worst = parts.max().unwrap_or(Verdict::Accepted);
    Some(match action {
        REJECTED => Verdict::Rejected,
        RECEIVED => Verdict::Received,
        ACKNOWLEDGED if worst >= Verdict::PartlyAccepted => Verdict::PartlyAccepted,
        ACKNOWLEDGED if has_error || worst == Verdict::AcceptedWithErrors => Verdict::AcceptedWithErrors,
        ACKNOWLEDGED => Verdict::Accepted,
        _ => return None,
    })
}
