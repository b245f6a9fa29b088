//! Sending deliveries again, in one transaction, so that what was confirmed is what is sent.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use portgate_core::audit::{Actor, Entry, Kind, Subject};

use super::about;
use super::audit;
use super::delivery::{insert_delivery, succeed};
use super::filings;
use super::filter::{Conditions, described};
use super::found::{Found, make_due, spread, supersede};
use super::numbers;
use super::record;
use super::request::request;
use super::state::{STATE, read_state};
use super::value::{Param, Row};
use super::{LIMIT_MAX, Sql, Step};
use crate::acceptance::NewDelivery;
use crate::act::{Act, Filter, Operator};
use crate::delivery::State;
use crate::error::JournalError;
use crate::id::{DeliveryId, ExchangeId};
use crate::resend::{Confirmed, LeftOut, Resend, ResendEnd, Resent};

/// What is kept as the act's kind.
const KIND: &str = "resend";

pub(crate) async fn resend<S: Sql>(
    sql: &mut S,
    resend: Resend,
    filter: &Filter,
    operator: &Operator,
    now: Timestamp,
) -> Step<ResendEnd> {
    hold_exchanges(sql, conditions(filter, resend)?).await?;
    let found = find(sql, conditions(filter, resend)?).await?;
    if found.len() > LIMIT_MAX as usize {
        return Ok(ResendEnd::TooMany { most: LIMIT_MAX });
    }
    let delivered = found.iter().filter(|meant| meant.state.is_with_partner());
    let delivered = Confirmed {
        count: delivered.clone().count() as u64,
        last_settled_at: delivered.filter_map(|meant| meant.settled_at).max(),
    };
    if resend.delivered.is_some_and(|confirmed| confirmed != delivered) {
        return Ok(ResendEnd::Unconfirmed(delivered));
    }
    lock_lanes(sql, found.iter().map(|meant| &meant.found)).await?;
    let (mut resent, mut entries) = (Resent::default(), Vec::new());
    // What went out together goes out together again: the first one's new id is that of the new batch.
    let mut batches: HashMap<DeliveryId, DeliveryId> = HashMap::new();
    let mut before: HashMap<&str, u32> = HashMap::new();
    for Meant { found: delivery, state, batch, .. } in &found {
        if let Some(why) = left_out(sql, delivery.id, batch.unwrap_or(delivery.id)).await? {
            resent.left_out.push((delivery.id, why));
            continue;
        }
        let place = before.entry(&delivery.destination).or_insert(0);
        let due = spread(now, *place, resend.per_second.get());
        *place = place.saturating_add(1);
        let sent_as = match resend.new_ids {
            true => send_anew(sql, delivery, *state, *batch, &mut batches, due, now).await?,
            false => {
                make_due(sql, delivery, due).await?;
                delivery.id
            }
        };
        let (actor, subject) = (Actor::operator(&operator.name), Subject::delivery(&delivery.id.to_string()));
        let entry = Entry::new(now, Kind::DeliveryResent, actor, subject).text("was", state.as_str());
        entries.push(entry.text("as", &sent_as.to_string()).text("destination", &delivery.destination));
        resent.resent.push((delivery.id, sent_as));
    }
    let count = resent.resent.len() as u64;
    let act = Act { kind: KIND.to_owned(), operator: operator.clone(), at: now, filter: described(filter), count };
    let record = record::keep(sql, &act, &[]).await?;
    for (delivery, _) in &resent.resent {
        about::delivery(sql, record, *delivery).await?;
    }
    let entries: Vec<Entry> = entries.into_iter().map(|entry| entry.text("act", &record.to_string())).collect();
    audit::insert(sql, &entries).await?;
    Ok(ResendEnd::Done(resent))
}

/// A delivery that is meant.
struct Meant {
    found: Found,
    state: State,
    settled_at: Option<Timestamp>,
    batch: Option<DeliveryId>,
}

/// Selects what the filter means and can be sent again.
fn conditions(filter: &Filter, resend: Resend) -> Result<Conditions<'_>, JournalError> {
    let mut conditions = Conditions::deliveries(filter)?;
    conditions.and(match resend.delivered {
        Some(_) => "state IN ('dead', 'discarded', 'delivered')",
        None => "state IN ('dead', 'discarded')",
    });
    Ok(conditions)
}

/// Keeps retention from removing what is about to be sent.
async fn hold_exchanges<S: Sql>(sql: &mut S, mut conditions: Conditions<'_>) -> Step<()> {
    let limit = conditions.place(Param::count(LIMIT_MAX + 1));
    let text = format!(
        "SELECT id FROM exchanges WHERE id IN (SELECT exchange FROM deliveries WHERE {} ORDER BY number LIMIT {limit}) \
         ORDER BY id {}",
        conditions.text(),
        S::LOCK
    );
    sql.query(&text, conditions.params()).await?;
    Ok(())
}

/// The deliveries that are meant and can be sent again: one more than is allowed at once, if there are so many.
async fn find<S: Sql>(sql: &mut S, mut conditions: Conditions<'_>) -> Step<Vec<Meant>> {
    let limit = conditions.place(Param::count(LIMIT_MAX + 1));
    let text = format!(
        "SELECT {}, {STATE}, settled_at, batch FROM deliveries WHERE {} ORDER BY number LIMIT {limit} {}",
        Found::COLUMNS,
        conditions.text(),
        S::LOCK
    );
    let read = |mut row: Row| -> Result<Meant, JournalError> {
        let found = Found::read(&mut row)?;
        Ok(Meant {
            found,
            state: read_state(&mut row)?,
            settled_at: row.optional(Row::time)?,
            batch: row.optional(Row::id)?.map(DeliveryId),
        })
    };
    let rows = sql.query(&text, conditions.params()).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

/// Locks the lanes of deliveries, always in the same order.
async fn lock_lanes<'f, S: Sql>(sql: &mut S, deliveries: impl Iterator<Item = &'f Found>) -> Step<()> {
    let lanes: BTreeSet<(&str, &str)> =
        deliveries.filter_map(|found| Some((found.destination.as_str(), found.lane.as_deref()?))).collect();
    let lanes: Vec<_> = lanes.into_iter().collect();
    match lanes.is_empty() {
        true => Ok(()),
        false => sql.lock_lanes(&lanes).await,
    }
}

async fn left_out<S: Sql>(sql: &mut S, delivery: DeliveryId, sent_as: DeliveryId) -> Step<Option<LeftOut>> {
    if let Some(of_a_filing) = filings::keeps_from_resend(sql, delivery).await? {
        return Ok(Some(of_a_filing));
    }
    let text = "SELECT 1 FROM requests WHERE delivery = $1 AND purpose = 'send'";
    if sql.query(text, &[Param::Id(sent_as.0)]).await?.is_empty() {
        return Ok(Some(LeftOut::NotRendered));
    }
    let text = "SELECT successor FROM successions WHERE predecessor = $1 AND EXISTS (SELECT 1 FROM deliveries \
                WHERE id = successor AND state IN ('pending', 'awaiting')) LIMIT 1";
    let under_way = sql.query(text, &[Param::Id(delivery.0)]).await?.pop();
    Ok(under_way.map(|mut row| row.id()).transpose()?.map(|id| LeftOut::UnderWay(DeliveryId(id))))
}

/// Makes a new delivery of the same bytes. A dead delivery ends with that; any other stays as it is.
async fn send_anew<S: Sql>(
    sql: &mut S,
    found: &Found,
    state: State,
    batch: Option<DeliveryId>,
    batches: &mut HashMap<DeliveryId, DeliveryId>,
    due: Timestamp,
    now: Timestamp,
) -> Step<DeliveryId> {
    let text = "SELECT exchange, contract, version, documents, parts FROM deliveries WHERE id = $1";
    let mut row = sql.query(text, &[Param::Id(found.id.0)]).await?.pop().unwrap_or_else(|| Row::new(Vec::new()));
    let exchange = ExchangeId(row.id()?);
    let id = DeliveryId::new(now);
    let new_batch = batch.map(|batch| *batches.entry(batch).or_insert(id));
    let delivery = NewDelivery {
        id,
        destination: found.destination.clone(),
        contract: row.text()?,
        version: row.text()?,
        documents: row.json()?,
        parts: row.optional(Row::json)?.unwrap_or_default(),
        lane: found.lane.clone(),
        request: match new_batch.is_none_or(|batch| batch == id) {
            true => request(sql, batch.unwrap_or(found.id), "send").await?,
            false => None,
        },
        batched: None,
    };
    insert_delivery(sql, exchange, &delivery, now).await?;
    if let Some(batch) = new_batch {
        let text = "UPDATE deliveries SET batch = $1 WHERE id = $2";
        sql.execute(text, &[Param::Id(batch.0), Param::Id(id.0)]).await?;
    }
    for column in ["due_at", "claimable_at"] {
        // One that waits for its turn has no time at which it can be claimed.
        let text = format!("UPDATE deliveries SET {column} = $1 WHERE id = $2 AND {column} IS NOT NULL");
        sql.execute(&text, &[Param::time(due), Param::Id(delivery.id.0)]).await?;
    }
    numbers::copy(sql, found.id, delivery.id).await?;
    succeed(sql, delivery.id, found.id).await?;
    if state == State::Dead {
        supersede(sql, found, Some(delivery.id), now).await?;
    }
    Ok(delivery.id)
}
