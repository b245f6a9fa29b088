//! What operators do with exceptions, one transaction each, with its entry of the audit log.

use std::collections::BTreeSet;

use jiff::Timestamp;
use portgate_core::audit::{Actor, Entry, Kind, Subject};
use portgate_core::exception::{CauseKind, Closing, Until, subject};

use super::facts::nothing_waits;
use super::kept::{exception, tell, touch};
use crate::acceptance::Accepted;
use crate::act::Operator;
use crate::error::JournalError;
use crate::exception::{ActOnException, Doing, ExceptionEnd, KeptException, KeptExceptionAct};
use crate::id::ExceptionId;
use crate::statements::value::{Param, Row};
use crate::statements::{Sql, Step, accept, audit};

/// Does it, or keeps that it waits for a second operator.
pub(crate) async fn act<S: Sql>(sql: &mut S, asked: &ActOnException) -> Step<ExceptionEnd> {
    // Whoever else acts on it, or puts its shipment together, waits.
    let text = format!("SELECT 1 FROM exceptions WHERE id = $1 {}", S::LOCK);
    sql.query(&text, &[Param::Id(asked.id.0)]).await?;
    let Some(kept) = exception(sql, asked.id).await? else { return Ok(ExceptionEnd::Unknown) };
    if !kept.is_open() {
        return Ok(ExceptionEnd::Closed);
    }
    let (operator, confirmed) = match asked.confirms {
        None => (asked.operator.clone(), None),
        Some(number) => match waiting(sql, asked, number, kept.version).await? {
            Ok(first) => (first, Some((number, &asked.operator))),
            Err(end) => return Ok(end),
        },
    };
    if matches!(asked.doing, Doing::Override { .. }) && kept.known.cause.kind != CauseKind::Rule {
        return Ok(ExceptionEnd::NotOverridable);
    }
    if asked.needs_second && confirmed.is_none() {
        nothing_waits(sql, asked.id).await?;
        let number = keep(sql, asked, kept.version, "waits").await?;
        audit::insert(sql, &[entry(asked, &kept).text("stage", "waits")]).await?;
        tell(sql, asked.id, "changed", Some((asked.doing.act().as_str(), &asked.operator.name)), asked.now).await?;
        return Ok(ExceptionEnd::Waits(number));
    }
    // What a person corrects is kept first: where it is not, nothing else was done.
    if let Some(correction) = &asked.correction
        && accept::accept(sql, correction).await? != Accepted::Committed
    {
        return Ok(ExceptionEnd::NotKept);
    }
    match confirmed {
        Some((number, second)) => confirm(sql, number, second, asked.now).await?,
        None => drop(keep(sql, asked, kept.version, "done").await?),
    }
    perform(sql, asked, &kept, &operator, confirmed.map(|(_, second)| second)).await?;
    failpoint!("journal::exception::act");
    let mut entry = entry(asked, &kept).text("stage", "done");
    if confirmed.is_some() {
        entry = entry.text("confirms", &operator.name);
    }
    audit::insert(sql, &[entry]).await?;
    let what = if matches!(asked.doing, Doing::Discard) { "closed" } else { "changed" };
    tell(sql, asked.id, what, Some((asked.doing.act().as_str(), &asked.operator.name)), asked.now).await?;
    Ok(ExceptionEnd::Done)
}

async fn perform<S: Sql>(
    sql: &mut S,
    asked: &ActOnException,
    kept: &KeptException,
    operator: &Operator,
    second: Option<&Operator>,
) -> Step<()> {
    match &asked.doing {
        Doing::Assign { team, to } => {
            let text = "UPDATE exceptions SET team = coalesce($1, team), assignee = $2 WHERE id = $3";
            let params = [
                Param::optional(team.as_deref(), Param::text),
                Param::optional(to.as_deref(), Param::text),
                Param::Id(asked.id.0),
            ];
            sql.execute(text, &params).await?;
            return Ok(());
        }
        Doing::Override { until } => {
            let findings = kept.known.findings.iter().filter(|finding| finding.overridden.is_none());
            let subjects: BTreeSet<String> = findings.map(subject).collect();
            let text = "INSERT INTO overrides (shipment, cause, subjects, until, operator, confirmed_by, reason, at) \
                        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
            let cause = kept.known.cause.to_string();
            let params = [
                Param::optional(kept.shipment, |shipment| Param::Id(shipment.0)),
                Param::text(&cause),
                Param::json(&subjects),
                Param::json(until),
                Param::text(&operator.name),
                Param::optional(second.map(|second| second.name.as_str()), Param::text),
                Param::text(&operator.reason),
                Param::time(asked.now),
            ];
            sql.execute(text, &params).await?;
        }
        // The document is joined like any other, and closes the exception if it mends what was found.
        Doing::Correct { .. } => {}
        Doing::Discard => {
            let text = "UPDATE exceptions SET state = 'closed', closing = $1, closed_at = $2, closed_by = $3, close_reason = $4, \
                        version = version + 1 WHERE id = $5";
            let params = [
                Param::text(Closing::Discard.as_str()),
                Param::time(asked.now),
                Param::text(&operator.name),
                Param::text(&operator.reason),
                Param::Id(asked.id.0),
            ];
            sql.execute(text, &params).await?;
            nothing_waits(sql, asked.id).await?;
        }
    }
    match kept.shipment {
        Some(shipment) => touch(sql, shipment, asked.now).await,
        None => Ok(()),
    }
}

/// Who did the act that waits under this number; or why it cannot be confirmed.
async fn waiting<S: Sql>(
    sql: &mut S,
    asked: &ActOnException,
    number: u64,
    version: u64,
) -> Step<Result<Operator, ExceptionEnd>> {
    let text =
        "SELECT operator, reason, version FROM exception_acts WHERE number = $1 AND exception = $2 AND state = 'waits'";
    let row = sql.query(text, &[Param::count(number), Param::Id(asked.id.0)]).await?.pop();
    let Some(mut row) = row else { return Ok(Err(ExceptionEnd::NothingWaits)) };
    let first = Operator { name: row.text()?, reason: row.text()? };
    let seen: u64 = row.count()?;
    Ok(match (first.name == asked.operator.name, seen == version) {
        (true, _) => Err(ExceptionEnd::SamePerson),
        (false, false) => {
            nothing_waits(sql, asked.id).await?;
            Err(ExceptionEnd::Outdated)
        }
        (false, true) => Ok(first),
    })
}

async fn confirm<S: Sql>(sql: &mut S, number: u64, second: &Operator, now: Timestamp) -> Step<()> {
    let text = "UPDATE exception_acts SET state = 'done', confirmed_by = $1, confirm_reason = $2, confirmed_at = $3 \
                WHERE number = $4";
    let params = [Param::text(&second.name), Param::text(&second.reason), Param::time(now), Param::count(number)];
    sql.execute(text, &params).await?;
    Ok(())
}

async fn keep<S: Sql>(sql: &mut S, asked: &ActOnException, version: u64, state: &str) -> Step<u64> {
    let text = "INSERT INTO exception_acts (exception, act, state, operator, reason, at, detail, version) \
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING number";
    let params = [
        Param::Id(asked.id.0),
        Param::text(asked.doing.act().as_str()),
        Param::text(state),
        Param::text(&asked.operator.name),
        Param::text(&asked.operator.reason),
        Param::time(asked.now),
        Param::json(&asked.doing),
        Param::count(version),
    ];
    let mut row = sql.query(text, &params).await?.pop().unwrap_or_else(|| Row::new(Vec::new()));
    Ok(row.count()?)
}

/// What the audit log is told. The fields and values of a correction are partners' and operators' words: they stay out of it.
fn entry(asked: &ActOnException, kept: &KeptException) -> Entry {
    let actor = Actor::operator(&asked.operator.name);
    let subject = match kept.shipment {
        Some(shipment) => Subject::shipment(&shipment.to_string()),
        None => Subject::gateway(),
    };
    let entry = Entry::new(asked.now, Kind::ExceptionActed, actor, subject);
    let entry = entry.text("act", asked.doing.act().as_str()).text("exception", &asked.id.to_string());
    let entry = entry.text("reason", &asked.operator.reason).text("team", &kept.team);
    let entry = match kept.known.cause.kind {
        CauseKind::Rule => entry.text("rule", &kept.known.cause.name),
        kind => entry.text("cause", kind.as_str()),
    };
    match &asked.doing {
        Doing::Assign { team, to } => entry.optional("to_team", team.as_deref()).optional("to", to.as_deref()),
        Doing::Override { until: Until::FieldsChange } => entry.text("until", "fields-change"),
        Doing::Override { until: Until::Revision(_) } => entry.text("until", "revision"),
        Doing::Correct { fields, .. } => entry.number("fields", fields.len() as u64),
        Doing::Discard => entry,
    }
}

pub(super) async fn of<S: Sql>(sql: &mut S, id: ExceptionId) -> Step<Vec<KeptExceptionAct>> {
    let text = "SELECT number, detail, state, operator, reason, at, confirmed_by, confirm_reason, confirmed_at \
                FROM exception_acts WHERE exception = $1 ORDER BY number";
    let read = |mut row: Row| -> Result<KeptExceptionAct, JournalError> {
        Ok(KeptExceptionAct {
            number: row.count()?,
            doing: row.json()?,
            state: row.text()?,
            operator: Operator { name: row.text()?, reason: row.text()? },
            at: row.time()?,
            confirmed: match row.optional(Row::text)? {
                Some(name) => Some((Operator { name, reason: row.text()? }, row.time()?)),
                None => None,
            },
        })
    };
    let rows = sql.query(text, &[Param::Id(id.0)]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}
