//! Lists and counts of deliveries.

use super::filter::{Conditions, OPEN};
use super::request::request;
use super::state::{STATE, read_state, said};
use super::value::{Param, Row};
use super::{Sql, Step, numbers, transcript};
use crate::act::{Count, Filter};
use crate::delivery::State;
use crate::error::JournalError;
use crate::exchange::{Attempt, Delivery, DeliveryRecord, Page, Waiting};
use crate::id::{DeliveryId, ExchangeId};

const COLUMNS: &str = "id, exchange, destination, contract, version, documents, parts, lane, \
                       CASE WHEN acknowledgement = 'awaited' THEN 'sent' WHEN acknowledgement = 'overdue' THEN 'overdue' \
                       WHEN awaits_code_since IS NOT NULL AND state = 'pending' THEN 'awaits-code' ELSE state END, \
                       coalesce(class, retry_class), findings, created_at, due_at, claimable_at, worker, settled_at, \
                       attempts, acknowledgement, acknowledged_in, acknowledge_by, (SELECT predecessor FROM successions WHERE successor = deliveries.id), \
                       (SELECT successor FROM successions WHERE predecessor = deliveries.id ORDER BY successor DESC LIMIT 1), batch";

fn read_delivery(mut row: Row) -> Result<Delivery, JournalError> {
    let mut delivery = Delivery {
        id: DeliveryId(row.id()?),
        exchange: ExchangeId(row.id()?),
        destination: row.text()?,
        contract: row.text()?,
        version: row.text()?,
        documents: row.json()?,
        parts: row.optional(Row::json)?.unwrap_or_default(),
        lane: row.optional(Row::text)?,
        state: read_state(&mut row)?,
        class: match row.optional(Row::text)? {
            Some(class) => Some(
                class.parse().map_err(|error| JournalError::Unreadable(format!("a dead letter's class: {error}")))?,
            ),
            None => None,
        },
        findings: row.json()?,
        created_at: row.time()?,
        due_at: row.time()?,
        waits_in_lane: row.optional(Row::int)?.is_none(),
        worker: row.optional(Row::text)?,
        settled_at: row.optional(Row::time)?,
        attempted: row.count()?,
        acknowledged: said(row.optional(Row::text)?.as_deref()),
        acknowledged_in: row.optional(Row::id)?.map(ExchangeId),
        acknowledge_by: row.optional(Row::time)?,
        numbers: None,
        succeeds: row.optional(Row::id)?.map(DeliveryId),
        succeeded_by: row.optional(Row::id)?.map(DeliveryId),
        batch: row.optional(Row::id)?.map(DeliveryId),
        attempts: Vec::new(),
    };
    delivery.waits_in_lane &= delivery.settled_at.is_none();
    Ok(delivery)
}

pub(crate) async fn deliveries<S: Sql>(
    sql: &mut S,
    filter: &Filter,
    after: Option<DeliveryId>,
    limit: u32,
) -> Step<Page<Delivery>> {
    let mut conditions = Conditions::deliveries(filter)?;
    if let Some(after) = after {
        let place = conditions.place(Param::Id(after.0));
        conditions.and(&format!("id < {place}"));
    }
    let (limit, place) = conditions.page(limit);
    let text = format!("SELECT {COLUMNS} FROM deliveries WHERE {} ORDER BY id DESC LIMIT {place}", conditions.text());
    let rows = sql.query(&text, conditions.params()).await?;
    let deliveries = rows.into_iter().map(read_delivery).collect::<Result<_, _>>()?;
    let mut page = Page::cut(deliveries, limit);
    for delivery in page.items.iter_mut().filter(|delivery| delivery.attempted > 0) {
        delivery.attempts = attempts(sql, delivery.id, "ORDER BY number DESC LIMIT 1").await?;
    }
    Ok(page)
}

/// The attempts at a delivery, in this order.
pub(crate) async fn attempts<S: Sql>(sql: &mut S, delivery: DeliveryId, order: &str) -> Step<Vec<Attempt>> {
    let text = format!(
        "SELECT number, started_at, ended_at, status, verdict, detail FROM attempts WHERE delivery = $1 {order}"
    );
    let read = |mut row: Row| -> Result<Attempt, JournalError> {
        Ok(Attempt {
            number: row.count()?,
            started_at: row.time()?,
            ended_at: row.time()?,
            status: row.optional(Row::count)?,
            verdict: row.optional(Row::text)?,
            detail: row.text()?,
            transcript: None,
        })
    };
    let rows = sql.query(&text, &[Param::Id(delivery.0)]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

pub(crate) async fn delivery<S: Sql>(sql: &mut S, id: DeliveryId) -> Step<Option<DeliveryRecord>> {
    let text = format!("SELECT {COLUMNS} FROM deliveries WHERE id = $1");
    let Some(row) = sql.query(&text, &[Param::Id(id.0)]).await?.pop() else { return Ok(None) };
    let mut delivery = read_delivery(row)?;
    delivery.attempts = attempts(sql, id, "ORDER BY number").await?;
    let mut transcripts = transcript::of_delivery(sql, id).await?;
    for attempt in &mut delivery.attempts {
        attempt.transcript = transcripts.remove(&attempt.number);
    }
    delivery.numbers = numbers::of_delivery(sql, id).await?;
    let text = "SELECT redacted_at FROM exchanges WHERE id = $1";
    let redacted_at = match sql.query(text, &[Param::Id(delivery.exchange.0)]).await?.pop() {
        Some(mut row) => row.optional(Row::time)?,
        None => None,
    };
    let sent_as = delivery.batch.unwrap_or(id);
    let (request, question) = (request(sql, sent_as, "send").await?, request(sql, sent_as, "ask").await?);
    Ok(Some(DeliveryRecord { delivery, request, question, redacted_at }))
}

pub(crate) async fn exchange_of<S: Sql>(sql: &mut S, delivery: DeliveryId) -> Step<Option<ExchangeId>> {
    let text = "SELECT exchange FROM deliveries WHERE id = $1";
    let row = sql.query(text, &[Param::Id(delivery.0)]).await?.pop();
    Ok(row.map(|mut row| row.id()).transpose()?.map(ExchangeId))
}

/// The deliveries of one exchange, in the order of the acceptance.
pub(crate) async fn of_exchange<S: Sql>(sql: &mut S, exchange: ExchangeId) -> Step<Vec<Delivery>> {
    let text = format!("SELECT {COLUMNS} FROM deliveries WHERE exchange = $1 ORDER BY number");
    let rows = sql.query(&text, &[Param::Id(exchange.0)]).await?;
    Ok(rows.into_iter().map(read_delivery).collect::<Result<_, _>>()?)
}

pub(crate) async fn preview<S: Sql>(sql: &mut S, filter: &Filter) -> Step<Vec<Count>> {
    let conditions = Conditions::deliveries(filter)?;
    let text = format!(
        "SELECT destination, {STATE} AS place, count(*), max(settled_at) FROM deliveries WHERE {} \
         GROUP BY destination, place ORDER BY destination, place",
        conditions.text()
    );
    let read = |mut row: Row| -> Result<Count, JournalError> {
        Ok(Count {
            destination: row.text()?,
            state: read_state(&mut row)?,
            count: row.count()?,
            last_settled_at: row.optional(Row::time)?,
        })
    };
    let rows = sql.query(&text, conditions.params()).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

pub(crate) async fn statistics<S: Sql>(sql: &mut S) -> Step<Vec<Waiting>> {
    let mut waiting: std::collections::BTreeMap<String, Waiting> = std::collections::BTreeMap::new();
    let open = format!(
        "SELECT destination, {STATE} AS place, count(*) FROM deliveries WHERE {OPEN} GROUP BY destination, place"
    );
    let unacknowledged = format!(
        "SELECT destination, {STATE} AS place, count(*) FROM deliveries WHERE acknowledgement IN ('awaited', 'overdue') \
         GROUP BY destination, place"
    );
    let mut rows = sql.query(&open, &[]).await?;
    rows.extend(sql.query(&unacknowledged, &[]).await?);
    for mut row in rows {
        let destination = row.text()?;
        let state = read_state(&mut row)?;
        let entry = waiting.entry(destination.clone()).or_insert(Waiting {
            destination,
            pending: 0,
            awaits_code: 0,
            awaiting: 0,
            sent: 0,
            overdue: 0,
            dead: 0,
            oldest_due: None,
        });
        match state {
            State::Pending => entry.pending = row.count()?,
            State::AwaitsCode => entry.awaits_code = row.count()?,
            State::Awaiting => entry.awaiting = row.count()?,
            State::Dead => entry.dead = row.count()?,
            State::Sent => entry.sent = row.count()?,
            State::Overdue => entry.overdue = row.count()?,
            State::Delivered | State::Discarded => {}
        }
    }
    let text = "SELECT destination, min(claimable_at) FROM deliveries WHERE claimable_at IS NOT NULL \
         AND awaits_code_since IS NULL GROUP BY destination";
    for mut row in sql.query(text, &[]).await? {
        let destination = row.text()?;
        if let Some(entry) = waiting.get_mut(&destination) {
            entry.oldest_due = row.optional(Row::time)?;
        }
    }
    Ok(waiting.into_values().collect())
}
