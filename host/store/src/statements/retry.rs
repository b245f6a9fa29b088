//! Deliveries that are to be tried again: one that was found, and when it is due.

use jiff::{SignedDuration, Timestamp};

use super::lane::lane_is_taken;
use super::value::{Param, Row};
use super::{Sql, Step};
use crate::error::JournalError;
use crate::id::DeliveryId;

/// A delivery that an act touches.
pub(crate) struct Found {
    pub(super) number: i64,
    pub(crate) id: DeliveryId,
    pub(crate) destination: String,
    pub(crate) lane: Option<String>,
    /// It is at an end: dead, discarded or delivered.
    pub(super) ended: bool,
    has_turn: bool,
}

impl Found {
    /// The columns that [`Found::read`] takes.
    pub(crate) const COLUMNS: &'static str = "number, id, destination, lane, settled_at, claimable_at";

    pub(crate) fn read(row: &mut Row) -> Result<Found, JournalError> {
        Ok(Found {
            number: row.int()?,
            id: DeliveryId(row.id()?),
            destination: row.text()?,
            lane: row.optional(Row::text)?,
            ended: row.optional(Row::int)?.is_some(),
            has_turn: row.optional(Row::int)?.is_some(),
        })
    }
}

/// When the next is due after so many before it.
pub(crate) fn spread(now: Timestamp, before: u32, per_second: u32) -> Timestamp {
    let nanoseconds = u64::from(before) * 1_000_000_000 / u64::from(per_second);
    let wait = SignedDuration::from_nanos(i64::try_from(nanoseconds).unwrap_or(i64::MAX));
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// Makes a delivery due. One that is at an end is pending again, as if nobody had tried.
pub(crate) async fn make_due<S: Sql>(sql: &mut S, delivery: &Found, due: Timestamp) -> Step<()> {
    let mut turn = Param::time(due);
    if let Some(lane) = &delivery.lane {
        sql.lock_lanes(&[(&delivery.destination, lane)]).await?;
        let others_turn = !delivery.has_turn && lane_is_taken(sql, &delivery.destination, lane).await?;
        if others_turn {
            turn = Param::Null;
        }
    }
    let text = match delivery.ended {
        true => {
            "UPDATE deliveries SET due_at = $1, claimable_at = $2, tries = 0, state = 'pending', class = NULL, \
             retry_class = NULL, findings = '[]', settled_at = NULL, follow_ups = 0, acknowledgement = NULL, \
             acknowledge_by = NULL, acknowledged_in = NULL WHERE id = $3"
        }
        false => {
            "UPDATE deliveries SET due_at = $1, claimable_at = $2, tries = 0, awaits_code_since = NULL WHERE id = $3"
        }
    };
    sql.execute(text, &[Param::time(due), turn, Param::Id(delivery.id.0)]).await?;
    Ok(())
}
