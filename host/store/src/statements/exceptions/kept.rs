//! How exceptions are read and told of.

use std::str::FromStr;

use jiff::Timestamp;
use portgate_core::exception::Known;
use portgate_core::finding::Severity;
use serde_json::json;

use crate::act::Operator;
use crate::error::JournalError;
use crate::event::{EventData, FOR_OPERATORS, NewEvent};
use crate::exception::{ExceptionCount, ExceptionFilter, KeptException};
use crate::exchange::Page;
use crate::id::{EventId, ExceptionId, ShipmentId};
use crate::statements::event::insert_events;
use crate::statements::filter::Conditions;
use crate::statements::value::{Param, Row};
use crate::statements::{LIMIT_MAX, Sql, Step};

pub(super) const COLUMNS: &str = "id, shipment, cause, state, closing, detail, findings, team, assignee, severity, remedy, revision, first_at, \
                       opened_at, times, changed_at, deadline, escalate_to, escalated_at, closed_at, closed_by, close_reason, version";

pub(super) fn word<T: FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, JournalError> {
    text.parse().map_err(|error: T::Err| JournalError::Unreadable(error.to_string()))
}

fn severity(text: &str) -> Result<Severity, JournalError> {
    serde_json::from_value(json!(text)).map_err(|error| JournalError::Unreadable(error.to_string()))
}

fn read(mut row: Row) -> Result<KeptException, JournalError> {
    let (id, shipment, cause) = (ExceptionId(row.id()?), row.id()?, row.text()?);
    let (state, closing) = (row.text()?, row.optional(Row::text)?);
    let known = Known {
        cause: word(&cause)?,
        state: word(&state)?,
        closing: closing.as_deref().map(word).transpose()?,
        detail: row.text()?,
        findings: row.json()?,
    };
    Ok(KeptException {
        id,
        shipment: Some(ShipmentId(shipment)).filter(|_| !shipment.is_nil()),
        known,
        team: row.text()?,
        assignee: row.optional(Row::text)?,
        severity: severity(&row.text()?)?,
        remedy: row.text()?,
        revision: row.optional(Row::text)?,
        first_at: row.time()?,
        opened_at: row.time()?,
        times: row.count()?,
        changed_at: row.time()?,
        deadline: row.optional(Row::time)?,
        escalate_to: row.optional(Row::text)?,
        escalated_at: row.optional(Row::time)?,
        closed_at: row.optional(Row::time)?,
        closed_by: match (row.optional(Row::text)?, row.optional(Row::text)?) {
            (Some(name), Some(reason)) => Some(Operator { name, reason }),
            _ => None,
        },
        version: row.count()?,
    })
}

pub(super) fn all(rows: Vec<Row>) -> Step<Vec<KeptException>> {
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

/// Tells listeners of an exception. What a partner or a plugin has written stays out of it.
pub(super) async fn tell<S: Sql>(
    sql: &mut S,
    id: ExceptionId,
    what: &str,
    act: Option<(&str, &str)>,
    now: Timestamp,
) -> Step<()> {
    let Some(kept) = exception(sql, id).await? else { return Ok(()) };
    let data = json!({
        "exception": id.to_string(),
        "shipment": kept.shipment.map(|shipment| shipment.to_string()),
        "cause": kept.known.cause.to_string(),
        "team": kept.team,
        "assignee": kept.assignee,
        "severity": kept.severity,
        "state": kept.known.state,
        "closing": kept.known.closing,
        "deadline": kept.deadline.map(|deadline| deadline.to_string()),
        "escalated": kept.escalated_at.is_some(),
        "findings": kept.known.findings.len(),
        "revision": kept.revision,
        "act": act.map(|(act, _)| act),
        "operator": act.map(|(_, operator)| operator),
    });
    let event = NewEvent {
        id: EventId::new(now),
        kind: format!("portgate.exception.{what}"),
        subject: id.to_string(),
        partner: FOR_OPERATORS.to_owned(),
        at: now,
        data: EventData::Own(data.to_string()),
    };
    insert_events(sql, &[event]).await
}

pub(crate) async fn exception<S: Sql>(sql: &mut S, id: ExceptionId) -> Step<Option<KeptException>> {
    let text = format!("SELECT {COLUMNS} FROM exceptions WHERE id = $1");
    Ok(sql.query(&text, &[Param::Id(id.0)]).await?.pop().map(read).transpose()?)
}

/// Exceptions by filter, the oldest first: they have waited longest.
pub(crate) async fn list<S: Sql>(
    sql: &mut S,
    filter: &ExceptionFilter,
    after: Option<ExceptionId>,
    limit: u32,
) -> Step<Page<KeptException>> {
    let mut conditions = Conditions::new();
    if let Some(state) = filter.state {
        // Word for word what the index covers.
        conditions.and(&format!("state = '{state}'"));
    }
    conditions.compare("team =", filter.team.as_deref().map(Param::text));
    conditions.compare("assignee =", filter.assignee.as_deref().map(Param::text));
    conditions.compare("shipment =", filter.shipment.map(|shipment| Param::Id(shipment.0)));
    conditions.compare("deadline <", filter.due_before.map(Param::time));
    conditions.compare("id >", after.map(|after| Param::Id(after.0)));
    let (limit, place) = conditions.page(limit.min(LIMIT_MAX));
    let text = format!("SELECT {COLUMNS} FROM exceptions WHERE {} ORDER BY id LIMIT {place}", conditions.text());
    Ok(Page::cut(all(sql.query(&text, conditions.params()).await?)?, limit))
}

pub(crate) async fn counts<S: Sql>(sql: &mut S, now: Timestamp) -> Step<Vec<ExceptionCount>> {
    let text = "SELECT team, count(*), coalesce(sum(CASE WHEN deadline < $1 THEN 1 ELSE 0 END), 0) FROM exceptions \
                WHERE state = 'open' GROUP BY team ORDER BY team";
    let read = |mut row: Row| -> Result<ExceptionCount, JournalError> {
        Ok(ExceptionCount { team: row.text()?, open: row.count()?, overdue: row.count()? })
    };
    let rows = sql.query(text, &[Param::time(now)]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

/// Has a shipment put together anew, because a person did something. Whoever does it meanwhile goes on, and it is due again.
pub(crate) async fn touch<S: Sql>(sql: &mut S, shipment: ShipmentId, now: Timestamp) -> Step<()> {
    let text = "UPDATE shipments SET joined = joined + 1, \
                claimable_at = CASE WHEN claim IS NULL THEN CAST($1 AS bigint) ELSE claimable_at END WHERE id = $2";
    sql.execute(text, &[Param::time(now), Param::Id(shipment.0)]).await?;
    Ok(())
}
