//! A delivery that was found: it is made due again, or given up.

use jiff::{SignedDuration, Timestamp};
use portgate_core::finding::Finding;

use super::lane::{lane_is_taken, next_in_lane};
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

/// Gives a delivery up because another takes its place, or because its document counts no more. The reason of its death
/// stays among its findings. The caller has locked its lane.
pub(crate) async fn supersede<S: Sql>(
    sql: &mut S,
    found: &Found,
    successor: Option<DeliveryId>,
    now: Timestamp,
) -> Step<()> {
    let detail = match successor {
        Some(successor) => format!("the delivery {successor} has taken its place"),
        None => "the message was run again, and what this was to say is not in it any more".to_owned(),
    };
    give_up(sql, found, Finding::warning("superseded", "", detail), now).await
}

/// Gives a delivery up, with one more finding that says why. The caller has locked its lane.
pub(crate) async fn give_up<S: Sql>(sql: &mut S, found: &Found, why: Finding, now: Timestamp) -> Step<()> {
    let text = "SELECT findings FROM deliveries WHERE id = $1";
    let mut row = sql.query(text, &[Param::Id(found.id.0)]).await?.pop().unwrap_or_else(|| Row::new(Vec::new()));
    let mut findings: Vec<Finding> = row.json()?;
    findings.push(why);
    let text = "UPDATE deliveries SET state = 'discarded', class = NULL, retry_class = NULL, findings = $1, settled_at = $2, claim = NULL, \
                worker = NULL, claimable_at = NULL, awaits_code_since = NULL WHERE id = $3";
    sql.execute(text, &[Param::json(&findings), Param::time(now), Param::Id(found.id.0)]).await?;
    match &found.lane {
        Some(lane) => next_in_lane(sql, &found.destination, lane).await,
        None => Ok(()),
    }
}
