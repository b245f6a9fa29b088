//! The gateway's clock.

use jiff::Timestamp;

/// The time as the journal keeps it, to the microsecond: a replay gives the plugin the very time that it had.
pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}
