//! The audit log: written unsealed with whatever it belongs to, then given its place in the chain.
//!
//! Who writes an entry must not wait for the chain, or all commits of a PostgreSQL database would stand in a row; so the
//! entries wait in a table of their own, and whoever seals takes them out, the oldest first, while holding the head.

use jiff::Timestamp;
use portgate_core::audit::{AuditKey, Entry, Hash, Head, Kind, Sealed, SignedHead};

use super::filter::Conditions;
use super::value::{Param, Row};
use super::{Sql, Step, limited};
use crate::audit::{AuditCount, AuditFilter, AuditOrder, Unsealed};
use crate::error::JournalError;

/// How many rows one statement inserts: many for speed, one for the rest. There are few sizes, so that few statements
/// are kept prepared.
const ROWS: [usize; 3] = [50, 8, 1];

const COLUMNS: &str = "number, previous, at, kind, actor, subject, detail";

/// Keeps entries without a place.
pub(crate) async fn insert<S: Sql>(sql: &mut S, entries: &[Entry]) -> Step<()> {
    for entry in entries {
        let detail = entry.detail();
        let params = [
            Param::time(entry.at()),
            Param::text(entry.kind().as_str()),
            Param::text(entry.actor()),
            Param::text(entry.subject()),
            Param::text(&detail),
        ];
        let text = "INSERT INTO audit_unsealed (at, kind, actor, subject, detail) VALUES ($1, $2, $3, $4, $5)";
        sql.execute(text, &params).await?;
    }
    Ok(())
}

/// Gives the oldest entries without a place their place, and signs the new head. Gives back nothing if there are none,
/// or if somebody else is sealing.
pub(crate) async fn seal<S: Sql>(sql: &mut S, key: &AuditKey, now: Timestamp, limit: u32) -> Step<Option<SignedHead>> {
    let text = format!("SELECT number, hash FROM audit_head WHERE one = 1 {}", S::LOCK_FREE_ONES);
    let Some(mut row) = sql.query(&text, &[]).await?.pop() else { return Ok(None) };
    let (mut number, mut hash): (u64, Hash) = (row.count()?, row.digest()?);
    let mut waiting = take(sql, limit).await?;
    if waiting.is_empty() {
        return Ok(None);
    }
    waiting.sort_unstable_by_key(|(place, _)| *place);
    let mut sealed = Vec::with_capacity(waiting.len());
    for (_, mut entry) in waiting {
        number += 1;
        (entry.number, entry.previous) = (number, hash);
        hash = entry.hash();
        sealed.push(entry);
    }
    let mut rest = sealed.as_slice();
    for rows in ROWS {
        while let Some((chunk, after)) = rest.split_at_checked(rows) {
            insert_sealed(sql, chunk).await?;
            rest = after;
        }
    }
    failpoint!("journal::seal::entries");
    let head = key.sign(number, hash, now);
    keep_head(sql, &head).await?;
    Ok(Some(head))
}

/// Takes entries out of those that wait, with their places there.
async fn take<S: Sql>(sql: &mut S, limit: u32) -> Step<Vec<(i64, Sealed)>> {
    let text = "DELETE FROM audit_unsealed WHERE place IN (SELECT place FROM audit_unsealed ORDER BY place LIMIT $1) \
                RETURNING place, at, kind, actor, subject, detail";
    let read = |mut row: Row| -> Result<(i64, Sealed), JournalError> {
        let place = row.int()?;
        Ok((place, read_words(&mut row, 0, [0; 32])?))
    };
    let rows = sql.query(text, &[limited(limit)]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

async fn insert_sealed<S: Sql>(sql: &mut S, entries: &[Sealed]) -> Step<()> {
    let mut text = format!("INSERT INTO audit ({COLUMNS}) VALUES ");
    let mut params = Vec::with_capacity(entries.len() * 7);
    for (index, entry) in entries.iter().enumerate() {
        let places: Vec<String> = (1..=7).map(|place| format!("${}", index * 7 + place)).collect();
        text.push_str(if index > 0 { ", (" } else { "(" });
        text.push_str(&places.join(", "));
        text.push(')');
        params.extend([
            Param::count(entry.number),
            Param::Bytes(&entry.previous),
            Param::time(entry.at),
            Param::text(&entry.kind),
            Param::text(&entry.actor),
            Param::text(&entry.subject),
            Param::text(&entry.detail),
        ]);
    }
    sql.execute(&text, &params).await?;
    Ok(())
}

async fn keep_head<S: Sql>(sql: &mut S, signed: &SignedHead) -> Step<()> {
    let Head { number, hash, at, key } = &signed.head;
    let text = "UPDATE audit_head SET number = $1, hash = $2, at = $3, key = $4, signature = $5 WHERE one = 1";
    let params = [
        Param::count(*number),
        Param::Bytes(hash),
        Param::time(*at),
        Param::text(key),
        Param::Bytes(&signed.signature),
    ];
    sql.execute(text, &params).await?;
    Ok(())
}

pub(crate) async fn head<S: Sql>(sql: &mut S) -> Step<Option<SignedHead>> {
    let text = "SELECT number, hash, at, key, signature FROM audit_head WHERE one = 1 AND number > 0";
    let Some(mut row) = sql.query(text, &[]).await?.pop() else { return Ok(None) };
    let head = Head { number: row.count()?, hash: row.digest()?, at: row.time()?, key: row.text()? };
    Ok(Some(SignedHead { head, signature: row.bytes()? }))
}

/// The words of an entry. A number that is no time can only have been put there by somebody else. It becomes the last
/// of all times, so that the entry is shown and fails its verification.
fn read_words(row: &mut Row, number: u64, previous: Hash) -> Result<Sealed, JournalError> {
    Ok(Sealed {
        number,
        previous,
        at: Timestamp::from_microsecond(row.int()?).unwrap_or(Timestamp::MAX),
        kind: row.text()?,
        actor: row.text()?,
        subject: row.text()?,
        detail: row.text()?,
    })
}

fn read_sealed(mut row: Row) -> Result<Sealed, JournalError> {
    let number = row.count()?;
    // The column may hold anything. A digest of another length is read as zeros, which no entry but the first has.
    let mut previous = [0; 32];
    let found = row.bytes()?;
    if let Ok(digest) = found.try_into() {
        previous = digest;
    }
    read_words(&mut row, number, previous)
}

pub(crate) async fn entries<S: Sql>(
    sql: &mut S,
    filter: &AuditFilter,
    order: AuditOrder,
    after: Option<u64>,
    limit: u32,
) -> Step<Vec<Sealed>> {
    let mut conditions = Conditions::audit(filter);
    let (beyond, direction) = match order {
        AuditOrder::Oldest => ("number >", "ASC"),
        AuditOrder::Newest => ("number <", "DESC"),
    };
    conditions.compare(beyond, after.map(Param::count));
    let limit = conditions.place(limited(limit));
    let text =
        format!("SELECT {COLUMNS} FROM audit WHERE {} ORDER BY number {direction} LIMIT {limit}", conditions.text());
    let rows = sql.query(&text, conditions.params()).await?;
    Ok(rows.into_iter().map(read_sealed).collect::<Result<_, _>>()?)
}

/// The last entry of a kind for each subject.
pub(crate) async fn latest<S: Sql>(sql: &mut S, kind: Kind) -> Step<Vec<Sealed>> {
    let text = format!(
        "SELECT {COLUMNS} FROM audit WHERE number IN (SELECT max(number) FROM audit WHERE kind = $1 GROUP BY subject) \
         ORDER BY number"
    );
    let rows = sql.query(&text, &[Param::text(kind.as_str())]).await?;
    Ok(rows.into_iter().map(read_sealed).collect::<Result<_, _>>()?)
}

pub(crate) async fn counts<S: Sql>(sql: &mut S, filter: &AuditFilter) -> Step<Vec<AuditCount>> {
    let conditions = Conditions::audit(filter);
    let text = format!(
        "SELECT kind, actor, subject, count(*), min(at), max(at) FROM audit WHERE {} GROUP BY kind, actor, subject \
         ORDER BY kind, actor, subject",
        conditions.text()
    );
    let read = |mut row: Row| -> Result<AuditCount, JournalError> {
        Ok(AuditCount {
            kind: row.text()?,
            actor: row.text()?,
            subject: row.text()?,
            count: row.count()?,
            first_at: row.time()?,
            last_at: row.time()?,
        })
    };
    let rows = sql.query(&text, conditions.params()).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

pub(crate) async fn unsealed<S: Sql>(sql: &mut S) -> Step<Option<Unsealed>> {
    let text = "SELECT count(*), min(at) FROM audit_unsealed";
    let Some(mut row) = sql.query(text, &[]).await?.pop() else { return Ok(None) };
    let count = row.count()?;
    Ok(row.optional(Row::time)?.map(|oldest| Unsealed { count, oldest }))
}
