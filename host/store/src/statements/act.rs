//! What operators do, in steps that are short enough for everybody else.

use std::collections::HashMap;

use jiff::Timestamp;
use portgate_core::audit::{Actor, Entry, Kind, Subject};
use portgate_core::sha256::sha256_hex;

use super::about;
use super::audit;
use super::filings;
use super::filter::{Conditions, described};
use super::found::{Found, make_due, spread};
use super::lane::next_in_lane;
use super::value::{Param, Row};
use super::{Sql, Step, limited};
use crate::act::{ActKind, Filter, Operator};
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
        if matches!(kind, ActKind::Retry { .. })
            && delivery.ended
            && let Some(why) = filings::keeps_from_retry(sql, delivery.id).await?
        {
            progress.left_out.push((delivery.id, why));
            continue;
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
