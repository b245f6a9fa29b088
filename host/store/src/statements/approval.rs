//! The two-person rule. Everything that changes what is accepted or what waits holds the accepted row first, so that an
//! approval belongs to the change as it was measured, whoever accepts something at the same time.

use jiff::Timestamp;
use portgate_core::audit::{Actor, Entry, Kind, Subject};

use super::audit;
use super::value::{Param, Row, hexadecimal};
use super::{Sql, Step};
use crate::act::Operator;
use crate::approval::{AcceptedState, Approval, Approved, PendingChange};
use crate::error::JournalError;

pub(crate) async fn accepted<S: Sql>(sql: &mut S) -> Step<Option<AcceptedState>> {
    let text = "SELECT digest, required, state, approvals, at FROM accepted WHERE one = 1";
    let read = |mut row: Row| -> Result<AcceptedState, JournalError> {
        Ok(AcceptedState {
            digest: row.digest()?,
            required: row.int()? != 0,
            state: row.text()?,
            approvals: row.json()?,
            at: row.time()?,
        })
    };
    Ok(sql.query(text, &[]).await?.pop().map(read).transpose()?)
}

/// The digest of what is accepted, held until the transaction ends.
async fn held<S: Sql>(sql: &mut S) -> Step<Option<[u8; 32]>> {
    let text = format!("SELECT digest FROM accepted WHERE one = 1 {}", S::LOCK);
    Ok(sql.query(&text, &[]).await?.pop().map(|mut row| row.digest()).transpose()?)
}

/// Accepts a state in the place of `before`. False, and nothing is done, where another one is accepted by now.
pub(crate) async fn accept<S: Sql>(
    sql: &mut S,
    state: &AcceptedState,
    before: Option<[u8; 32]>,
    entries: &[Entry],
) -> Step<bool> {
    if held(sql).await? != before {
        return Ok(false);
    }
    let text = "INSERT INTO accepted (one, digest, required, state, approvals, at) VALUES (1, $1, $2, $3, $4, $5) \
                ON CONFLICT (one) DO NOTHING";
    let text = match before {
        None => text,
        Some(_) => "UPDATE accepted SET digest = $1, required = $2, state = $3, approvals = $4, at = $5 WHERE one = 1",
    };
    let params = [
        Param::Bytes(&state.digest),
        Param::Int(i64::from(state.required)),
        Param::text(&state.state),
        Param::json(&state.approvals),
        Param::time(state.at),
    ];
    if sql.execute(text, &params).await? == 0 {
        return Ok(false);
    }
    // The changes that wait were measured against what was accepted before, and were approved as such.
    sql.execute("DELETE FROM approvals", &[]).await?;
    sql.execute("DELETE FROM pending_changes", &[]).await?;
    audit::insert(sql, entries).await?;
    Ok(true)
}

/// Keeps that a change waits, measured by `against`. False where it is there already, or something else is accepted.
pub(crate) async fn wait<S: Sql>(
    sql: &mut S,
    digest: [u8; 32],
    against: [u8; 32],
    changes: &str,
    now: Timestamp,
    entries: &[Entry],
) -> Step<bool> {
    if held(sql).await? != Some(against) {
        return Ok(false);
    }
    let text = "INSERT INTO pending_changes (digest, changes, first_seen) VALUES ($1, $2, $3) \
                ON CONFLICT (digest) DO NOTHING";
    let is_new = sql.execute(text, &[Param::Bytes(&digest), Param::text(changes), Param::time(now)]).await? > 0;
    if is_new {
        audit::insert(sql, entries).await?;
    }
    Ok(is_new)
}

/// Keeps a person's word for a change that waits, and tells the audit log of it.
pub(crate) async fn approve<S: Sql>(sql: &mut S, digest: [u8; 32], by: &Operator, now: Timestamp) -> Step<Approved> {
    held(sql).await?;
    let text = format!("SELECT first_seen FROM pending_changes WHERE digest = $1 {}", S::LOCK);
    if sql.query(&text, &[Param::Bytes(&digest)]).await?.is_empty() {
        return Ok(Approved::Unknown);
    }
    let text = "INSERT INTO approvals (digest, operator, reason, at) VALUES ($1, $2, $3, $4) \
                ON CONFLICT (digest, operator) DO NOTHING";
    let params = [Param::Bytes(&digest), Param::text(&by.name), Param::text(&by.reason), Param::time(now)];
    let counts = sql.execute(text, &params).await? > 0;
    let rows = sql.query("SELECT count(*) FROM approvals WHERE digest = $1", &[Param::Bytes(&digest)]).await?;
    let persons: usize = rows.into_iter().next().unwrap_or_else(|| Row::new(Vec::new())).count()?;
    if !counts {
        return Ok(Approved::Again(persons));
    }
    let kind = if persons > 1 { Kind::ChangeApproved } else { Kind::ChangeProposed };
    let entry = Entry::new(now, kind, Actor::operator(&by.name), Subject::change(&hexadecimal(&digest)));
    audit::insert(sql, &[entry.text("reason", &by.reason)]).await?;
    Ok(Approved::Counts(persons))
}

/// Forgets a change that waits no longer. False where it was not there.
pub(crate) async fn withdraw<S: Sql>(sql: &mut S, digest: [u8; 32], entries: &[Entry]) -> Step<bool> {
    held(sql).await?;
    sql.execute("DELETE FROM approvals WHERE digest = $1", &[Param::Bytes(&digest)]).await?;
    let was_there = sql.execute("DELETE FROM pending_changes WHERE digest = $1", &[Param::Bytes(&digest)]).await? > 0;
    if was_there {
        audit::insert(sql, entries).await?;
    }
    Ok(was_there)
}

pub(crate) async fn pending<S: Sql>(sql: &mut S) -> Step<Vec<PendingChange>> {
    let text = "SELECT p.digest, p.changes, p.first_seen, a.operator, a.reason, a.at FROM pending_changes p \
                LEFT JOIN approvals a ON a.digest = p.digest ORDER BY p.first_seen, p.digest, a.at, a.operator";
    let mut found: Vec<PendingChange> = Vec::new();
    for mut row in sql.query(text, &[]).await? {
        let (digest, changes, first_seen) = (row.digest()?, row.text()?, row.time()?);
        if found.last().is_none_or(|last| last.digest != digest) {
            found.push(PendingChange { digest, changes, first_seen, approvals: Vec::new() });
        }
        if let (Some(operator), Some(change)) = (row.optional(Row::text)?, found.last_mut()) {
            change.approvals.push(Approval { operator, reason: row.text()?, at: row.time()? });
        }
    }
    Ok(found)
}
