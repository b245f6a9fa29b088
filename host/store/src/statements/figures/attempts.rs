//! Attempts at deliveries: summed up as they end, so that what is asked of a month of them is as cheap as of an hour.

use jiff::{SignedDuration, Timestamp};

use super::{DAY_MICROSECONDS, Only, group};
use crate::error::JournalError;
use crate::figures::{Figure, FigureCount, FiguresQuery};
use crate::id::DeliveryId;
use crate::statements::value::{Param, Row};
use crate::statements::{Sql, Step};

/// What is summed up together: whole quarters of an hour.
const QUARTER_MICROSECONDS: i64 = 900_000_000;
/// In how many rows: whoever settles holds one until its transaction is on the disk.
const SHARES: u128 = 8;
/// How long sums are kept beyond what they are of: as long as can be asked for, and some more.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 400);

const _: () = assert!(DAY_MICROSECONDS % QUARTER_MICROSECONDS == 0, "each quarter is of one day");

/// Attempts that ended together: what was sent as one, and what came of it.
pub(crate) struct Ended<'s> {
    /// The first of the deliveries.
    pub(crate) delivery: DeliveryId,
    /// The partner.
    pub(crate) partner: &'s str,
    /// How many deliveries it was an attempt at.
    pub(crate) count: u64,
    /// When it began and when it ended.
    pub(crate) time: (Timestamp, Timestamp),
    /// Whether the partner took it.
    pub(crate) is_good: bool,
}

/// Adds them to what they come to.
pub(crate) async fn add<S: Sql>(sql: &mut S, ended: &Ended<'_>) -> Step<()> {
    let Ended { delivery, partner, count, time: (started, ended), is_good } = ended;
    if *count == 0 {
        return Ok(());
    }
    let count = i64::try_from(*count).unwrap_or(i64::MAX);
    let took = ended.as_microsecond().saturating_sub(started.as_microsecond());
    let share = i64::try_from(delivery.as_uuid().as_u128() % SHARES).unwrap_or_default();
    let text = "INSERT INTO attempt_sums (quarter, partner, share, count, good, total, longest) VALUES ($1, $2, $3, $4, $5, $6, $7) \
                ON CONFLICT (quarter, partner, share) DO UPDATE SET count = attempt_sums.count + excluded.count, \
                good = attempt_sums.good + excluded.good, total = attempt_sums.total + excluded.total, \
                longest = CASE WHEN excluded.longest > attempt_sums.longest THEN excluded.longest ELSE attempt_sums.longest END";
    let params = [
        Param::Int(started.as_microsecond().div_euclid(QUARTER_MICROSECONDS)),
        Param::text(partner),
        Param::Int(share),
        Param::Int(count),
        Param::Int(if *is_good { count } else { 0 }),
        Param::Int(took.saturating_mul(count)),
        Param::Int(took),
    ];
    sql.execute(text, &params).await?;
    Ok(())
}

/// What began in the quarters of an hour that this time is in.
pub(super) async fn summed<S: Sql>(sql: &mut S, query: &FiguresQuery) -> Step<Vec<FigureCount>> {
    let from = query.from.as_microsecond().div_euclid(QUARTER_MICROSECONDS);
    let until = query.until.as_microsecond().saturating_add(QUARTER_MICROSECONDS - 1).div_euclid(QUARTER_MICROSECONDS);
    let group = group(query.by, &format!("(quarter * {QUARTER_MICROSECONDS})"), "partner", "''");
    let only = Only::of(query, [Param::Int(from), Param::Int(until)], "partner", "''");
    let text = format!(
        "SELECT {group}, CAST(sum(count) AS bigint), CAST(sum(good) AS bigint), CAST(sum(total) AS bigint), max(longest) \
         FROM attempt_sums WHERE quarter >= $1 AND quarter < $2{} GROUP BY 1",
        only.text
    );
    let read = |mut row: Row| -> Result<FigureCount, JournalError> {
        let mut count = FigureCount::of(Figure::Delivery, row.text()?, row.count()?);
        (count.judged, count.good) = (count.count, row.count()?);
        (count.total_ms, count.longest_ms) = (row.int()? / 1_000, row.int()? / 1_000);
        Ok(count)
    };
    let rows = sql.query(&text, &only.params).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

/// Removes sums that nobody can ask for any more, once what they are of is removed before this time.
pub(crate) async fn forget<S: Sql>(sql: &mut S, before: Timestamp) -> Step<()> {
    let Ok(before) = before.checked_sub(KEPT) else { return Ok(()) };
    let quarter = before.as_microsecond().div_euclid(QUARTER_MICROSECONDS);
    sql.execute("DELETE FROM attempt_sums WHERE quarter < $1", &[Param::Int(quarter)]).await?;
    Ok(())
}
