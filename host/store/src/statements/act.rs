//! What operators do, in steps that are short enough for everybody else.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use portgate_core::audit::{Actor, Entry, Kind, Subject};
use portgate_core::sha256::sha256_hex;

use super::about;
use super::audit;
use super::filings;
use super::filter::{Conditions, described};
use super::lane::{lane_is_taken, next_in_lane};
use super::value::{Param, Row};
use super::{Sql, Step, limited};
use crate::act::{Act, ActKind, Filter, Operator};
use crate::error::JournalError;
use crate::id::DeliveryId;
use crate::resend::LeftOut;

/// How many deliveries one step touches.
const STEP: u32 = 200;

/// How far an act has come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    /// The act's record.
    record: i64,
    /// Who does it.
    operator: String,
    /// The last delivery that it looked at.
    after: i64,
    /// The deliveries that its last step changed.
    pub(crate) touched: Vec<DeliveryId>,
    /// How many were changed.
    pub(crate) changed: u64,
    /// Those that are not tried again, and why.
    pub(crate) left_out: Vec<(DeliveryId, LeftOut)>,
    /// How many of each destination have been given a time.
    spread: HashMap<String, u32>,
    /// Whether there is nothing more to do.
    pub(crate) done: bool,
}

/// Keeps that the act begins.
pub(crate) async fn begin<S: Sql>(
    sql: &mut S,
    kind: ActKind,
    filter: &Filter,
    operator: &Operator,
    now: Timestamp,
) -> Step<Progress> {
    let described = described(filter);
    let text = "INSERT INTO acts (kind, operator, reason, at, filter, count) VALUES ($1, $2, $3, $4, $5, 0) \
                RETURNING number";
    let params = [
        Param::text(kind.as_str()),
        Param::text(&operator.name),
        Param::text(&operator.reason),
        Param::time(now),
        Param::text(&described),
    ];
    let mut row = sql.query(text, &params).await?.pop().unwrap_or_else(|| Row::new(Vec::new()));
    let record = row.int()?;
    let mut entry = entry(kind, record, &operator.name, now)
        .text("stage", "begun")
        .text("reason", &operator.reason)
        .text("filter", &described)
        .text("filter_sha256", &sha256_hex(described.as_bytes()));
    if let ActKind::Retry { per_second } = kind {
        entry = entry.number("per_second", u64::from(per_second.get()));
    }
    audit::insert(sql, &[entry]).await?;
    Ok(Progress { record, operator: operator.name.clone(), ..Progress::default() })
}

/// What the audit log is told of an act.
fn entry(kind: ActKind, record: i64, operator: &str, now: Timestamp) -> Entry {
    let entry = Entry::new(now, Kind::OperatorAct, Actor::operator(operator), Subject::act(record));
    entry.text("act", kind.as_str())
}

/// A delivery that an act touches.
pub(crate) struct Found {
    number: i64,
    pub(crate) id: DeliveryId,
    pub(crate) destination: String,
    pub(crate) lane: Option<String>,
    /// It is at an end: dead, discarded or delivered.
    ended: bool,
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

/// Touches the next deliveries and keeps how many there are by now.
pub(crate) async fn step<S: Sql>(
    sql: &mut S,
    kind: ActKind,
    filter: &Filter,
    now: Timestamp,
    mut progress: Progress,
) -> Step<Progress> {
    let found = find(sql, filter, progress.after).await?;
    progress.done = found.len() < STEP as usize;
    progress.touched.clear();
    for delivery in &found {
        progress.after = delivery.number;
        if matches!(kind, ActKind::Retry { .. }) && delivery.ended {
            if let Some(why) = filings::keeps_from_retry(sql, delivery.id).await? {
                progress.left_out.push((delivery.id, why));
                continue;
            }
        }
        match kind {
            ActKind::Retry { per_second } => {
                let before = progress.spread.entry(delivery.destination.clone()).or_insert(0);
                let due = spread(now, *before, per_second.get());
                *before = before.saturating_add(1);
                make_due(sql, delivery, due).await?;
            }
            ActKind::Discard => {
                discard(sql, delivery, now).await?;
                audit::insert(sql, &[discarded(delivery, &progress, now)]).await?;
            }
        }
        about::delivery(sql, progress.record, delivery.id).await?;
        progress.touched.push(delivery.id);
        progress.changed += 1;
    }
    let text = "UPDATE acts SET count = $1 WHERE number = $2";
    sql.execute(text, &[Param::count(progress.changed), Param::Int(progress.record)]).await?;
    if progress.done {
        let ended = entry(kind, progress.record, &progress.operator, now).text("stage", "ended");
        audit::insert(sql, &[ended.number("changed", progress.changed)]).await?;
    }
    Ok(progress)
}

fn discarded(delivery: &Found, progress: &Progress, now: Timestamp) -> Entry {
    let (actor, subject) = (Actor::operator(&progress.operator), Subject::delivery(&delivery.id.to_string()));
    let entry = Entry::new(now, Kind::DeliveryDiscarded, actor, subject);
    entry.text("act", &progress.record.to_string()).text("destination", &delivery.destination)
}

/// When the next is due after so many before it.
pub(crate) fn spread(now: Timestamp, before: u32, per_second: u32) -> Timestamp {
    let nanoseconds = u64::from(before) * 1_000_000_000 / u64::from(per_second);
    let wait = SignedDuration::from_nanos(i64::try_from(nanoseconds).unwrap_or(i64::MAX));
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

async fn find<S: Sql>(sql: &mut S, filter: &Filter, after: i64) -> Step<Vec<Found>> {
    let mut conditions = Conditions::deliveries(filter)?;
    let place = conditions.place(Param::Int(after));
    conditions.and(&format!("number > {place}"));
    conditions.and("(state = 'dead' OR (state IN ('pending', 'awaiting') AND claim IS NULL))");
    let limit = conditions.place(limited(STEP));
    let text = format!(
        "SELECT {} FROM deliveries WHERE {} ORDER BY number LIMIT {limit} {}",
        Found::COLUMNS,
        conditions.text(),
        S::LOCK
    );
    let rows = sql.query(&text, conditions.params()).await?;
    Ok(rows.into_iter().map(|mut row| Found::read(&mut row)).collect::<Result<_, _>>()?)
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

async fn discard<S: Sql>(sql: &mut S, delivery: &Found, now: Timestamp) -> Step<()> {
    if let Some(lane) = &delivery.lane {
        sql.lock_lanes(&[(&delivery.destination, lane)]).await?;
    }
    let text = "UPDATE deliveries SET state = 'discarded', class = NULL, retry_class = NULL, settled_at = $1, claimable_at = NULL, \
                awaits_code_since = NULL WHERE id = $2";
    sql.execute(text, &[Param::time(now), Param::Id(delivery.id.0)]).await?;
    match &delivery.lane {
        Some(lane) => next_in_lane(sql, &delivery.destination, lane).await,
        None => Ok(()),
    }
}

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
