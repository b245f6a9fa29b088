//! Times as partners write them (`portgate_readers::time`), made canonical.
//!
//! ```
//! use portgate_sdk::Finding;
//! use portgate_sdk::time::{Time, edifact, timestamp};
//!
//! let Time::Point(moment) = edifact::read("202603010815CET", "303")? else { panic!("a point") };
//! let instant = moment.instant()?;
//! let findings: Vec<Finding> = instant.remarks.iter().map(|remark| Finding::remark("segment 5 DTM", remark)).collect();
//! let occurred_at = timestamp(&instant);
//! assert_eq!((occurred_at.as_str(), occurred_at.zone()), ("2026-03-01T08:15:00+01:00", Some("CET")));
//! assert!(findings.is_empty());
//! # Ok::<(), portgate_sdk::time::TimeError>(())
//! ```

pub use portgate_readers::time::{Clock, Day, Instant, Moment, Remark, Time, TimeError, Zone, edifact, x12};

use crate::canonical::Timestamp;

/// The canonical time of an instant, with the letters of its zone beside it.
pub fn timestamp(instant: &Instant) -> Timestamp {
    let time = Timestamp::new(&*instant.value).expect("an instant has the shape of RFC 3339");
    match instant.zone.as_deref() {
        Some(letters) => time.in_zone(letters).expect("a zone that was read has 1 to 16 letters"),
        None => time,
    }
}
