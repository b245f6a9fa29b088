//! Dates and times as EDI writes them: digits, a code that says what the digits are, and sometimes a zone.
//!
//! ```
//! use portgate_readers::time::{Time, edifact, x12};
//!
//! let Time::Point(loaded) = edifact::read("260301081500", "202")? else { panic!("a point") };
//! assert_eq!(loaded.instant()?.value, "2026-03-01T08:15:00");
//! let sailed = x12::read(Some("20260124"), Some("2210"), Some("PT"))?.instant()?;
//! assert_eq!((sailed.value.as_str(), sailed.zone.as_deref()), ("2026-01-24T22:10:00-08:00", Some("PT")));
//! # Ok::<(), portgate_readers::time::TimeError>(())
//! ```
//!
//! Nothing is guessed. A text is read by its code alone, and a code that is not known is refused by its name. These are
//! the rules where the standards leave something open:
//!
//! - **Years of two digits** are 1969 to 2068: `69` to `99` are of the twentieth century, `00` to `68` of the next (as
//!   POSIX reads `%y`).
//! - **24:00** is the midnight that ends its day, so it is read as 00:00 of the next day, with a remark.
//! - **A second 60** is taken where a leap second can be: at 23:59:60 of universal time on the last day of a month, or,
//!   where the offset is not known, at the end of a quarter of an hour.
//! - **Weeks** are those of ISO 8601.
//! - **Zones** that say an offset, or standard or daylight time, are what they say. A zone that says neither (`ET`, `CT`,
//!   …) has the offset of its day by the rules of the United States: since 2007 daylight time from the second Sunday of
//!   March to the first Sunday of November, from 1987 to 2006 from the first Sunday of April to the last of October, at
//!   2:00 each. Before 1987, in the hour that comes twice, in the hour that is left out, and for `HT` in summer (Hawaii
//!   stays on standard time, the Aleutian Islands do not), the offset is open.
//! - **A zone that is open or not known** leaves the time local; its letters stay beside it, and a remark says why.
//!
//! [`Moment::instant`] says all that in remarks, which a connector turns into findings.

mod calendar;
pub mod edifact;
mod moment;
pub mod x12;
mod zone;

pub use calendar::Day;
pub use moment::{Clock, Instant, Moment, Remark, Time};
pub use zone::Zone;

/// Why a text is no time. Says what was expected in one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct TimeError {
    /// One sentence that a person can act on.
    pub detail: String,
}

impl TimeError {
    pub(crate) fn new(detail: impl Into<String>) -> Self {
        TimeError { detail: detail.into() }
    }
}

/// What a partner wrote, for a sentence: short, and without characters that would break a line.
pub(crate) fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(35).flat_map(char::escape_debug).collect();
    if text.chars().nth(35).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests;
