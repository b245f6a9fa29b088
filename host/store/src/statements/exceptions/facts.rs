//! What the facts and the clock change of exceptions.

use jiff::Timestamp;
use portgate_core::exception::{Change, Closing, Wanted};
use uuid::Uuid;

use super::kept::tell;
use crate::exception::ExceptionChange;
use crate::id::{ExceptionId, ShipmentId};
use crate::statements::value::Param;
use crate::statements::{Sql, Step, limited};

/// Keeps one change.
pub(super) async fn one<S: Sql>(
    sql: &mut S,
    shipment: Option<ShipmentId>,
    revision: Option<&str>,
    change: &ExceptionChange,
    now: Timestamp,
) -> Step<()> {
    // What an operator did meanwhile stays: the shipment is due again because of it.
    let (id, done, what) = match (&change.change, change.of) {
        (Change::Open(wanted), None) => {
            let id = ExceptionId::new(now);
            (id, open(sql, id, shipment, revision, wanted, change, now).await?, "opened")
        }
        (Change::Reopen(wanted), Some((id, version))) => {
            (id, reopen(sql, id, version, revision, wanted, change, now).await?, "opened")
        }
        (Change::Update(wanted), Some((id, version))) => {
            let text = "UPDATE exceptions SET severity = $1, detail = $2, remedy = $3, findings = $4, revision = $5, changed_at = $6, \
                        version = version + 1 WHERE id = $7 AND version = $8 AND state = 'open'";
            let params = [
                Param::Text(wanted.severity.to_string().into()),
                Param::text(&wanted.detail),
                Param::text(&wanted.remedy),
                Param::json(&wanted.findings),
                Param::optional(revision, Param::text),
                Param::time(now),
                Param::Id(id.0),
                Param::count(version),
            ];
            (id, sql.execute(text, &params).await?, "changed")
        }
        (Change::Close(_, closing), Some((id, version))) => {
            (id, close(sql, id, version, *closing, revision, now).await?, "closed")
        }
        (Change::Open(_), Some(_)) | (_, None) => return Ok(()),
    };
    if done > 0 {
        tell(sql, id, what, None, now).await?;
    }
    Ok(())
}

async fn open<S: Sql>(
    sql: &mut S,
    id: ExceptionId,
    shipment: Option<ShipmentId>,
    revision: Option<&str>,
    wanted: &Wanted,
    change: &ExceptionChange,
    now: Timestamp,
) -> Step<u64> {
    let Some(routed) = &change.routed else { return Ok(0) };
    let text = "INSERT INTO exceptions (id, shipment, cause, thing, team, state, severity, detail, remedy, findings, revision, \
                first_at, opened_at, times, changed_at, deadline, escalate_to, version) \
                VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $9, $10, $11, $12, 1, $13, $14, $15, 1) \
                ON CONFLICT (shipment, cause) DO NOTHING";
    let cause = wanted.cause.to_string();
    let params = [
        Param::Id(id.0),
        Param::Id(shipment.map_or(Uuid::nil(), |shipment| shipment.0)),
        Param::text(&cause),
        Param::optional(change.thing, Param::Int),
        Param::text(&routed.team),
        Param::Text(wanted.severity.to_string().into()),
        Param::text(&wanted.detail),
        Param::text(&wanted.remedy),
        Param::json(&wanted.findings),
        Param::optional(revision, Param::text),
        Param::time(now),
        Param::time(now),
        Param::time(now),
        Param::optional(routed.deadline, Param::time),
        Param::optional(routed.escalate_to.as_deref(), Param::text),
    ];
    sql.execute(text, &params).await
}

async fn reopen<S: Sql>(
    sql: &mut S,
    id: ExceptionId,
    version: u64,
    revision: Option<&str>,
    wanted: &Wanted,
    change: &ExceptionChange,
    now: Timestamp,
) -> Step<u64> {
    let Some(routed) = &change.routed else { return Ok(0) };
    let text = "UPDATE exceptions SET state = 'open', team = $1, severity = $2, detail = $3, remedy = $4, findings = $5, \
                revision = $6, opened_at = $7, times = times + 1, changed_at = $8, deadline = $9, escalate_to = $10, \
                escalated_at = NULL, closing = NULL, closed_at = NULL, closed_by = NULL, close_reason = NULL, \
                version = version + 1 WHERE id = $11 AND version = $12 AND state = 'closed'";
    let params = [
        Param::text(&routed.team),
        Param::Text(wanted.severity.to_string().into()),
        Param::text(&wanted.detail),
        Param::text(&wanted.remedy),
        Param::json(&wanted.findings),
        Param::optional(revision, Param::text),
        Param::time(now),
        Param::time(now),
        Param::optional(routed.deadline, Param::time),
        Param::optional(routed.escalate_to.as_deref(), Param::text),
        Param::Id(id.0),
        Param::count(version),
    ];
    sql.execute(text, &params).await
}

async fn close<S: Sql>(
    sql: &mut S,
    id: ExceptionId,
    version: u64,
    closing: Closing,
    revision: Option<&str>,
    now: Timestamp,
) -> Step<u64> {
    let text = "UPDATE exceptions SET state = 'closed', closing = $1, closed_at = $2, revision = coalesce($3, revision), \
                version = version + 1 WHERE id = $4 AND version = $5 AND state = 'open'";
    let params = [
        Param::text(closing.as_str()),
        Param::time(now),
        Param::optional(revision, Param::text),
        Param::Id(id.0),
        Param::count(version),
    ];
    let closed = sql.execute(text, &params).await?;
    if closed > 0 {
        nothing_waits(sql, id).await?;
    }
    Ok(closed)
}

/// What waits for a second person is void where what it was about is something else.
pub(super) async fn nothing_waits<S: Sql>(sql: &mut S, id: ExceptionId) -> Step<()> {
    let text = "UPDATE exception_acts SET state = 'void' WHERE exception = $1 AND state = 'waits'";
    sql.execute(text, &[Param::Id(id.0)]).await?;
    Ok(())
}

pub(crate) async fn any_past_deadline<S: Sql>(sql: &mut S, now: Timestamp) -> Step<bool> {
    let text = "SELECT 1 FROM exceptions WHERE state = 'open' AND deadline <= $1 AND escalated_at IS NULL LIMIT 1";
    Ok(!sql.query(text, &[Param::time(now)]).await?.is_empty())
}

/// Gives what is past its deadline to whoever has it then, once. Gives back how many.
pub(crate) async fn escalate<S: Sql>(sql: &mut S, now: Timestamp, limit: u32) -> Step<u64> {
    let text = format!(
        "SELECT id FROM exceptions WHERE state = 'open' AND deadline <= $1 AND escalated_at IS NULL ORDER BY deadline LIMIT $2 {}",
        S::LOCK_FREE_ONES
    );
    let rows = sql.query(&text, &[Param::time(now), limited(limit)]).await?;
    let escalated = rows.len() as u64;
    for mut row in rows {
        let id = ExceptionId(row.id()?);
        // Who had it has it no more where it goes to another team.
        let text = "UPDATE exceptions SET escalated_at = $1, \
                    assignee = CASE WHEN escalate_to IS NULL THEN assignee END, team = coalesce(escalate_to, team) \
                    WHERE id = $2";
        sql.execute(text, &[Param::time(now), Param::Id(id.0)]).await?;
        failpoint!("journal::exception::escalated");
        tell(sql, id, "overdue", None, now).await?;
    }
    Ok(escalated)
}

/// What was of a shipment that is part of another now is of that; what both have is closed.
pub(crate) async fn merge<S: Sql>(sql: &mut S, from: Uuid, into: Uuid, now: Timestamp) -> Step<()> {
    let text = "UPDATE exceptions SET shipment = $1 WHERE shipment = $2 AND cause NOT IN \
                (SELECT cause FROM exceptions WHERE shipment = $3)";
    sql.execute(text, &[Param::Id(into), Param::Id(from), Param::Id(into)]).await?;
    end(sql, from, now).await?;
    let text = "UPDATE overrides SET shipment = $1 WHERE shipment = $2";
    sql.execute(text, &[Param::Id(into), Param::Id(from)]).await?;
    Ok(())
}

/// A shipment is no more: nobody is wanted for it.
pub(crate) async fn end<S: Sql>(sql: &mut S, shipment: Uuid, now: Timestamp) -> Step<()> {
    let text = "SELECT id, version FROM exceptions WHERE shipment = $1 AND state = 'open'";
    for mut row in sql.query(text, &[Param::Id(shipment)]).await? {
        let (id, version) = (ExceptionId(row.id()?), row.count()?);
        if close(sql, id, version, Closing::Merged, None, now).await? > 0 {
            tell(sql, id, "closed", None, now).await?;
        }
    }
    sql.execute("DELETE FROM expectations WHERE shipment = $1", &[Param::Id(shipment)]).await?;
    Ok(())
}
