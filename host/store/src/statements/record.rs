//! The record of what operators did.

use portgate_core::audit::{Actor, Entry, Kind, Subject};
use portgate_core::sha256::sha256_hex;

use super::audit;
use super::value::{Param, Row};
use super::{Sql, Step, limited};
use crate::act::{Act, Operator};
use crate::error::JournalError;

/// Keeps an act that is done and is about nothing in particular.
pub(crate) async fn keep_alone<S: Sql>(sql: &mut S, act: &Act) -> Step<()> {
    keep(sql, act, &[]).await.map(drop)
}

/// Keeps an act that is done, with the exchanges that it concerned, where it concerned some. Gives back its record's number.
pub(crate) async fn keep<S: Sql>(sql: &mut S, act: &Act, exchanges: &[String]) -> Step<i64> {
    let text = "INSERT INTO acts (kind, operator, reason, at, filter, count) VALUES ($1, $2, $3, $4, $5, $6) \
                RETURNING number";
    let params = [
        Param::text(&act.kind),
        Param::text(&act.operator.name),
        Param::text(&act.operator.reason),
        Param::time(act.at),
        Param::text(&act.filter),
        Param::count(act.count),
    ];
    let mut row = sql.query(text, &params).await?.pop().unwrap_or_else(|| Row::new(Vec::new()));
    let record = row.int()?;
    let (actor, subject) = (Actor::operator(&act.operator.name), Subject::act(record));
    let entry = Entry::new(act.at, Kind::OperatorAct, actor, subject)
        .text("act", &act.kind)
        .text("reason", &act.operator.reason)
        .text("filter", &act.filter)
        .text("filter_sha256", &sha256_hex(act.filter.as_bytes()))
        .number("changed", act.count);
    let entry = if exchanges.is_empty() { entry } else { entry.texts("exchanges", exchanges) };
    audit::insert(sql, &[entry]).await?;
    Ok(record)
}

pub(crate) async fn acts<S: Sql>(sql: &mut S, limit: u32) -> Step<Vec<Act>> {
    let text = "SELECT kind, operator, reason, at, filter, count FROM acts ORDER BY number DESC LIMIT $1";
    let read = |mut row: Row| -> Result<Act, JournalError> {
        Ok(Act {
            kind: row.text()?,
            operator: Operator { name: row.text()?, reason: row.text()? },
            at: row.time()?,
            filter: row.text()?,
            count: row.count()?,
        })
    };
    let rows = sql.query(text, &[limited(limit)]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}
