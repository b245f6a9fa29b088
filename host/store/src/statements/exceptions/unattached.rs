//! Documents that have found no shipment for too long.

use jiff::Timestamp;

use crate::error::JournalError;
use crate::exception::{LeftOutCount, WaitingThing};
use crate::id::ExceptionId;
use crate::statements::value::{Param, Row};
use crate::statements::{Sql, Step, limited};

/// Counted, since a server would else look through all that is left out.
const LEFT_OUT_OF_NONE: &str = "(SELECT count(*) FROM left_out WHERE left_out.thing = things.number) = 0";
const OF_NO_SHIPMENT: &str = "NOT EXISTS (SELECT 1 FROM shipment_things WHERE shipment_things.thing = things.number)";

/// Nobody is called for one twice.
const OF_NO_EXCEPTION: &str = "NOT EXISTS (SELECT 1 FROM exceptions WHERE exceptions.thing = things.number)";

/// Those that nobody is wanted for yet and that came within this time, but for these kinds.
pub(crate) async fn waiting<S: Sql>(
    sql: &mut S,
    since: Timestamp,
    before: Timestamp,
    but: &[String],
    limit: u32,
) -> Step<Vec<WaitingThing>> {
    let kinds: String = (3..).zip(but).map(|(place, _)| format!("AND kind <> ${place} ")).collect();
    let last = but.len() + 3;
    let text = format!(
        "SELECT number, sender, kind, key, seen_at, overfull_since FROM things WHERE held = 1 AND seen_at >= $1 AND seen_at < $2 {kinds}\
         AND {OF_NO_SHIPMENT} AND EXISTS (SELECT 1 FROM thing_versions WHERE thing_versions.thing = things.number) \
         AND {OF_NO_EXCEPTION} \
         ORDER BY seen_at LIMIT ${last}"
    );
    let mut params = vec![Param::time(since), Param::time(before)];
    params.extend(but.iter().map(|kind| Param::text(kind)));
    params.push(limited(limit));
    let rows = sql.query(&text, &params).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

fn read(mut row: Row) -> Result<WaitingThing, JournalError> {
    Ok(WaitingThing {
        thing: row.int()?,
        sender: row.text()?,
        kind: row.text()?,
        key: row.text()?,
        seen_at: row.time()?,
        is_overfull: row.optional(Row::int)?.is_some(),
    })
}

/// Those that are tied to more than a shipment can be made of, so that they are in none and nothing says so at one.
pub(crate) async fn overfull<S: Sql>(sql: &mut S, limit: u32) -> Step<Vec<WaitingThing>> {
    let text = format!(
        "SELECT number, sender, kind, key, seen_at, overfull_since FROM things WHERE overfull_since IS NOT NULL AND number > 0 AND held = 1 \
         AND {OF_NO_SHIPMENT} AND {LEFT_OUT_OF_NONE} AND {OF_NO_EXCEPTION} ORDER BY number LIMIT $1"
    );
    let rows = sql.query(&text, &[limited(limit)]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

/// How many documents of each sender no shipment has room for: those of no shipment, and those that one leaves out.
pub(crate) async fn left_out_counts<S: Sql>(sql: &mut S) -> Step<Vec<LeftOutCount>> {
    let text = "SELECT sender, count(*), min(overfull_since) FROM things WHERE overfull_since IS NOT NULL AND number > 0 AND held = 1 \
                GROUP BY sender ORDER BY sender";
    let read = |mut row: Row| -> Result<LeftOutCount, JournalError> {
        Ok(LeftOutCount { sender: row.text()?, count: row.count()?, since: row.time()? })
    };
    Ok(sql.query(text, &[]).await?.into_iter().map(read).collect::<Result<_, _>>()?)
}

/// Open exceptions of documents that wait no longer, with their versions and causes: they are in a shipment, or those that are tied to
/// too much are not any more, or a shipment says so.
pub(crate) async fn ended<S: Sql>(sql: &mut S, limit: u32) -> Step<Vec<(ExceptionId, u64, String)>> {
    let text = format!(
        "SELECT id, version, cause FROM exceptions WHERE state = 'open' AND thing IS NOT NULL AND NOT EXISTS \
         (SELECT 1 FROM things WHERE number = exceptions.thing AND held = 1 AND {OF_NO_SHIPMENT} \
         AND (exceptions.cause NOT LIKE 'context:%' OR overfull_since IS NOT NULL AND {LEFT_OUT_OF_NONE})) ORDER BY thing LIMIT $1"
    );
    let rows = sql.query(&text, &[limited(limit)]).await?;
    let read = |mut row: Row| -> Result<_, JournalError> { Ok((ExceptionId(row.id()?), row.count()?, row.text()?)) };
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}
