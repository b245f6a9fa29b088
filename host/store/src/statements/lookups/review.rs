//! Versions of tables, and the shipments that are judged again because of them.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::error::JournalError;
use crate::id::ShipmentId;
use crate::reference::{Checked, KeptLookup, NewTableVersion, Outdated, Review, TableReview, TableVersion};
use crate::statements::value::{Param, Row, day, read_day};
use crate::statements::{Sql, Step, limited};

/// How long a shipment that is still judged by an older file is left alone before it is judged again: somebody has not taken up
/// the newer one yet.
const AGAIN_AFTER_MICROSECONDS: i64 = 10 * 60 * 1_000_000;

/// The number and the file of the version that was taken up last.
async fn last<S: Sql>(sql: &mut S, table: &str) -> Step<Option<(i64, String)>> {
    let text = "SELECT number, file FROM table_versions WHERE table_name = $1 ORDER BY number DESC LIMIT 1";
    let row = sql.query(text, &[Param::text(table)]).await?.pop();
    Ok(row.map(|mut row| Ok::<_, JournalError>((row.int()?, row.text()?))).transpose()?)
}

/// Notes the file of a table, unless it is the last one.
pub(crate) async fn take_up<S: Sql>(sql: &mut S, version: &NewTableVersion) -> Step<bool> {
    let number = match last(sql, &version.table).await? {
        Some((_, file)) if file == version.file => return Ok(false),
        Some((number, _)) => number + 1,
        None => 1,
    };
    let text = "INSERT INTO table_versions (table_name, number, file, taken_at, change) VALUES ($1, $2, $3, $4, $5)";
    let params = [
        Param::text(&version.table),
        Param::Int(number),
        Param::text(&version.file),
        Param::time(version.now),
        Param::optional(version.change.as_deref(), Param::text),
    ];
    sql.execute(text, &params).await?;
    Ok(true)
}

pub(crate) async fn to_check<S: Sql>(
    sql: &mut S,
    table: &str,
    file: &str,
    today: Date,
    limit: u32,
) -> Step<Vec<KeptLookup>> {
    if last(sql, table).await?.is_none_or(|(_, last)| last != file) {
        return Ok(Vec::new());
    }
    // Each part has an index, so that asking costs little where there is nothing.
    let part = |condition: &str| format!("SELECT hash, key, day, value FROM lookups WHERE table_name = {condition}");
    let parts = [part("$1 AND file < $2"), part("$3 AND file > $4"), part("$5 AND said_on < $6")];
    let text = format!("{} LIMIT $7", parts.join(" UNION ALL "));
    let (table, file) = (Param::text(table), Param::text(file));
    let params = [table.clone(), file.clone(), table.clone(), file, table, day(today), limited(limit)];
    let rows = sql.query(&text, &params).await?;
    let read = |mut row: Row| -> Result<KeptLookup, JournalError> {
        Ok(KeptLookup {
            hash: row.hash()?,
            key: row.optional(Row::text)?,
            day: row.optional(read_day)?,
            value: row.optional(Row::text)?,
        })
    };
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

pub(crate) async fn keep_checked<S: Sql>(sql: &mut S, checked: &Checked) -> Step<Review> {
    let Some((version, _)) = last(sql, &checked.table).await?.filter(|(_, file)| *file == checked.file) else {
        return Ok(Review::default());
    };
    if !checked.confirmed.is_empty() {
        // What nobody rests on any more is forgotten.
        let hashes = || Param::hashes(&checked.confirmed);
        let text = format!(
            "DELETE FROM lookups WHERE hash {} \
             AND NOT EXISTS (SELECT 1 FROM shipment_lookups WHERE shipment_lookups.lookup = lookups.hash)",
            S::among(1)
        );
        sql.execute(&text, &[hashes()]).await?;
        let text = format!(
            "UPDATE lookups SET file = $1, said_on = CASE WHEN day IS NULL THEN CAST($2 AS bigint) END WHERE hash {}",
            S::among(3)
        );
        sql.execute(&text, &[Param::text(&checked.file), day(checked.today), hashes()]).await?;
    }
    let mut review = Review::default();
    let mut left = checked.shipments_max;
    for outdated in &checked.outdated {
        if left == 0 {
            review.more = true;
            break;
        }
        let rows = resting_on(sql, checked, version, &outdated.lookup.hash, left).await?;
        let found = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        for mut row in rows {
            let shipment = ShipmentId(row.id()?);
            review.shipments += u32::from(judge_again(sql, checked, version, outdated, shipment).await?);
        }
        left = left.saturating_sub(found);
        let text = "DELETE FROM lookups WHERE hash = $1 \
                    AND NOT EXISTS (SELECT 1 FROM shipment_lookups WHERE shipment_lookups.lookup = lookups.hash)";
        sql.execute(text, &[Param::Bytes(&outdated.lookup.hash)]).await?;
    }
    failpoint!("journal::lookups::reviewed");
    review.more |= left == 0;
    Ok(review)
}

/// Shipments that rest on what is out of date, but for those that were judged again because of it a moment ago.
async fn resting_on<S: Sql>(
    sql: &mut S,
    checked: &Checked,
    version: i64,
    hash: &[u8; 16],
    limit: u32,
) -> Step<Vec<Row>> {
    let text = "SELECT shipment FROM shipment_lookups WHERE lookup = $1 AND NOT EXISTS (SELECT 1 FROM table_reviews \
                WHERE table_reviews.shipment = shipment_lookups.shipment AND table_reviews.lookup = shipment_lookups.lookup \
                AND table_name = $2 AND version = $3 AND day = $4 AND at > $5) ORDER BY shipment LIMIT $6";
    let since = checked.now.as_microsecond().saturating_sub(AGAIN_AFTER_MICROSECONDS);
    let params = [
        Param::Bytes(hash),
        Param::text(&checked.table),
        Param::Int(version),
        day(checked.today),
        Param::Int(since),
        limited(limit),
    ];
    sql.query(text, &params).await
}

/// Has a shipment put together anew, if it is open and still rests on what is out of date.
async fn judge_again<S: Sql>(
    sql: &mut S,
    checked: &Checked,
    version: i64,
    outdated: &Outdated,
    shipment: ShipmentId,
) -> Step<bool> {
    // Whoever keeps a judgement has the shipment's row first as well.
    let text = format!("SELECT closed_at FROM shipments WHERE id = $1 {}", S::LOCK);
    let Some(mut row) = sql.query(&text, &[Param::Id(shipment.0)]).await?.pop() else { return Ok(false) };
    let is_open = row.optional(Row::time)?.is_none();
    let hash = Param::Bytes(&outdated.lookup.hash);
    let text = "DELETE FROM shipment_lookups WHERE shipment = $1 AND lookup = $2";
    let was_there = sql.execute(text, &[Param::Id(shipment.0), hash.clone()]).await? > 0;
    if !was_there || !is_open {
        return Ok(false);
    }
    let text = "INSERT INTO table_reviews (table_name, version, shipment, lookup, day, key, before, after, at) \
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
                ON CONFLICT (table_name, version, shipment, lookup, day) DO UPDATE SET at = excluded.at";
    let params = [
        Param::text(&checked.table),
        Param::Int(version),
        Param::Id(shipment.0),
        hash,
        day(checked.today),
        Param::optional(outdated.lookup.key.as_deref(), Param::text),
        Param::optional(outdated.lookup.value.as_deref(), Param::text),
        Param::optional(outdated.after.as_deref(), Param::text),
        Param::time(checked.now),
    ];
    sql.execute(text, &params).await?;
    let text = "UPDATE shipments SET joined = joined + 1, \
                claimable_at = CASE WHEN claim IS NULL THEN CAST($1 AS bigint) ELSE claimable_at END WHERE id = $2";
    sql.execute(text, &[Param::time(checked.now), Param::Id(shipment.0)]).await?;
    Ok(true)
}

pub(crate) async fn versions<S: Sql>(sql: &mut S, table: Option<&str>, limit: u32) -> Step<Vec<TableVersion>> {
    let columns = "SELECT table_name, number, file, taken_at, change, (SELECT count(DISTINCT shipment) FROM table_reviews \
                   WHERE table_reviews.table_name = table_versions.table_name \
                   AND table_reviews.version = table_versions.number) FROM table_versions";
    let rows = match table {
        Some(table) => {
            let text = format!("{columns} WHERE table_name = $1 ORDER BY number DESC LIMIT $2");
            sql.query(&text, &[Param::text(table), limited(limit)]).await?
        }
        None => {
            let text = format!("{columns} ORDER BY taken_at DESC, table_name LIMIT $1");
            sql.query(&text, &[limited(limit)]).await?
        }
    };
    let read = |mut row: Row| -> Result<TableVersion, JournalError> {
        Ok(TableVersion {
            table: row.text()?,
            number: row.count()?,
            file: row.text()?,
            taken_at: row.time()?,
            change: row.optional(Row::text)?,
            shipments: row.count()?,
        })
    };
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

pub(crate) async fn reviews<S: Sql>(sql: &mut S, table: &str, version: u64, limit: u32) -> Step<Vec<TableReview>> {
    let text = "SELECT shipment, key, before, after, day, at FROM table_reviews WHERE table_name = $1 AND version = $2 \
                ORDER BY at, shipment, key LIMIT $3";
    let rows = sql.query(text, &[Param::text(table), Param::count(version), limited(limit)]).await?;
    let read = |mut row: Row| -> Result<TableReview, JournalError> {
        Ok(TableReview {
            shipment: ShipmentId(row.id()?),
            key: row.optional(Row::text)?,
            before: row.optional(Row::text)?,
            after: row.optional(Row::text)?,
            day: read_day(&mut row)?,
            at: row.time()?,
        })
    };
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

/// Forgets which shipments were judged again before a time.
pub(crate) async fn forget<S: Sql>(sql: &mut S, before: Timestamp) -> Step<()> {
    sql.execute("DELETE FROM table_reviews WHERE at < $1", &[Param::time(before)]).await?;
    Ok(())
}
