//! One step of joining: the next documents become things, and what changes by it of shipments is worked out and kept.

use std::collections::BTreeSet;

use jiff::Timestamp;
use portgate_core::document::Reference;
use portgate_core::sender;
use portgate_core::shipment::{self, Affected, Lookup, ShipmentRules, TooMany, World};

use super::apply::{self, Changed};
use super::thing::{self, Kept, ToldDocument};
use crate::error::JournalError;
use crate::event::Cursor;
use crate::id::{DeliveryId, ExchangeId, ShipmentId};
use crate::shipment::{JoinStep, Joined};
use crate::statements::value::{Param, Row};
use crate::statements::{Sql, Step, event, exceptions, figures, filings, limited};

/// Who joins among the consumers of events.
const CONSUMER: &str = "shipments";
/// The lock that keeps others from joining at the same time.
pub(super) const LANE: (&str, &str) = ("", "\u{1}shipments");
/// The event that tells of documents which count no more.
const RERUN: &str = "portgate.exchange.rerun";
/// The event that tells of a delivery which its partner has.
const DELIVERED: &str = "portgate.delivery.delivered";

/// What the events begin with that tell what becomes of deliveries.
const OF_DELIVERIES: &str = "portgate.delivery.";

/// What an event tells of documents.
enum News {
    /// There is one.
    Document(Box<ToldDocument>),
    /// Something was delivered.
    Delivered(DeliveryId),
    /// Some of an exchange count no more; and whether it was a test.
    Gone(ExchangeId, bool),
    /// Something has become of a delivery of the gateway's own.
    Own(DeliveryId),
    /// Nothing.
    Nothing,
}

pub(crate) async fn any_news<S: Sql>(sql: &mut S) -> Step<bool> {
    let after = event::position(sql, CONSUMER).await?.unwrap_or_default();
    let text = format!("SELECT 1 FROM events WHERE {} LIMIT 1", S::EVENTS_AFTER);
    Ok(!sql.query(&text, &[Param::Int(after.transaction), Param::Int(after.sequence)]).await?.is_empty())
}

pub(crate) async fn step<S: Sql>(sql: &mut S, step: &JoinStep) -> Step<Joined> {
    sql.lock_lanes(&[LANE]).await?;
    let after = event::position(sql, CONSUMER).await?.unwrap_or_default();
    let told = news(sql, after, step.limit).await?;
    let Some((last, _)) = told.last() else { return Ok(Joined::default()) };
    let (last, more) = (*last, told.len() == step.limit as usize);
    let mut joined = Joined { more, ..Joined::default() };
    // Things of tests and others are never tied to each other.
    let mut changed: [Changed; 2] = Default::default();
    let mut senders = BTreeSet::new();
    for (_, news) in told {
        match news {
            News::Document(document) => {
                if senders.insert(document.sender.clone()) {
                    figures::first(sql, &document.sender, began(&document, step.now)).await?;
                }
                if step.rules.apart.contains(&document.kind) {
                    continue;
                }
                let is_test = sender::is_test(&document.sender);
                let kept = thing::keep(sql, &step.rules, &document, step.now).await?;
                failpoint!("journal::join::thing");
                joined.documents += 1;
                if step.rules.catalogue.contains(&document.kind) {
                    joined.shipments += apply::catalogue_changed(sql, kept.number, step.now).await?;
                    continue;
                }
                take(sql, kept, &mut changed[usize::from(is_test)]).await?;
            }
            News::Gone(exchange, is_test) => {
                for kept in thing::forget(sql, &step.rules, exchange).await? {
                    take(sql, kept, &mut changed[usize::from(is_test)]).await?;
                }
            }
            News::Delivered(delivery) => {
                joined.shipments += delivered(sql, delivery, step).await?;
            }
            News::Own(delivery) => {
                joined.shipments += filings::delivery_changed(sql, delivery, step.now).await?;
                joined.shipments += delivered(sql, delivery, step).await?;
            }
            News::Nothing => {}
        }
    }
    for (is_test, changed) in [false, true].into_iter().zip(changed) {
        join(sql, &step.rules, step.now, is_test, changed, &mut joined).await?;
    }
    failpoint!("journal::join::shipments");
    event::advance(sql, CONSUMER, last).await?;
    Ok(joined)
}

/// Has the shipments put together anew whose documents something was delivered of, where an expectation begins with that.
async fn delivered<S: Sql>(sql: &mut S, delivery: DeliveryId, step: &JoinStep) -> Step<u32> {
    if step.delivered_to.is_empty() {
        return Ok(0);
    }
    let text = "SELECT exchange, destination FROM deliveries WHERE id = $1";
    let Some(mut row) = sql.query(text, &[Param::Id(delivery.0)]).await?.pop() else { return Ok(0) };
    let (exchange, destination) = (row.id()?, row.text()?);
    if !step.delivered_to.contains(&destination) {
        return Ok(0);
    }
    let text = "SELECT DISTINCT shipment FROM thing_versions JOIN shipment_things \
                ON shipment_things.thing = thing_versions.thing WHERE thing_versions.exchange = $1";
    let rows = sql.query(text, &[Param::Id(exchange)]).await?;
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    for mut row in rows {
        exceptions::kept::touch(sql, ShipmentId(row.id()?), step.now).await?;
    }
    Ok(count)
}

/// When the exchange of a document began: ids begin with their time (RFC 9562 §5.7).
fn began(document: &ToldDocument, now: Timestamp) -> Timestamp {
    let (seconds, nanoseconds) = document.exchange.0.get_timestamp().map(|time| time.to_unix()).unwrap_or_default();
    let seconds = i64::try_from(seconds).ok().filter(|seconds| *seconds > 0);
    seconds.and_then(|seconds| Timestamp::new(seconds, i32::try_from(nanoseconds).ok()?).ok()).unwrap_or(now)
}

/// Adds a thing to those that have changed, and, where other names count for it now, those that it was in a shipment with.
async fn take<S: Sql>(sql: &mut S, kept: Kept, changed: &mut Changed) -> Step<()> {
    changed.things.insert(kept.number);
    if let Some(came) = kept.came {
        changed.came.entry(kept.number).or_default().push(came);
    }
    if kept.is_named_otherwise {
        changed.things.extend(apply::companions(sql, kept.number).await?);
    }
    Ok(())
}

/// The events behind a place.
async fn news<S: Sql>(sql: &mut S, after: Cursor, limit: u32) -> Step<Vec<(Cursor, News)>> {
    let text = format!(
        "SELECT writer, sequence, events.kind, subject, events.partner, documents.exchange, documents.position, documents.kind, \
         documents.key, documents.refs, documents.sha256, documents.body, superseded_documents.rerun FROM events \
         LEFT JOIN documents ON documents.exchange = events.exchange AND documents.position = events.position \
         LEFT JOIN superseded_documents ON superseded_documents.exchange = documents.exchange \
         AND superseded_documents.position = documents.position WHERE {} ORDER BY {} LIMIT $3",
        S::EVENTS_AFTER,
        S::EVENTS_ORDER
    );
    let params = [Param::Int(after.transaction), Param::Int(after.sequence), limited(limit)];
    let rows = sql.query(&text, &params).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

fn read(mut row: Row) -> Result<(Cursor, News), JournalError> {
    let cursor = Cursor { transaction: row.int()?, sequence: row.int()? };
    let (kind, subject, sender) = (row.text()?, row.text()?, row.text()?);
    if kind == RERUN {
        let gone = |exchange| News::Gone(exchange, sender::is_test(&sender));
        return Ok((cursor, subject.parse().map_or(News::Nothing, gone)));
    }
    if kind.starts_with(OF_DELIVERIES) && sender::is_gateway(&sender) {
        return Ok((cursor, subject.parse().map_or(News::Nothing, News::Own)));
    }
    if kind == DELIVERED {
        return Ok((cursor, subject.parse().map_or(News::Nothing, News::Delivered)));
    }
    let Some(exchange) = row.optional(Row::id)? else { return Ok((cursor, News::Nothing)) };
    let (position, kind, key) = (row.count()?, row.text()?, row.text()?);
    let (refs, sha256): (Vec<Reference>, _) = (row.json()?, row.digest()?);
    let (body, superseded) = (row.optional(Row::bytes)?, row.optional(Row::int)?);
    let (Some(body), None) = (body, superseded) else { return Ok((cursor, News::Nothing)) };
    let exchange = ExchangeId(exchange);
    let document = ToldDocument { sender, kind, key, refs, exchange, position, sha256, body };
    Ok((cursor, News::Document(Box::new(document))))
}

/// Keeps what these things make of shipments: all at once, or, where that is too much, one after the other.
pub(super) async fn join<S: Sql>(
    sql: &mut S,
    rules: &ShipmentRules,
    now: Timestamp,
    is_test: bool,
    changed: Changed,
    joined: &mut Joined,
) -> Step<()> {
    let Changed { things, came } = changed;
    if things.is_empty() {
        return Ok(());
    }
    if let Some(affected) = affected(sql, rules, is_test, &things).await? {
        thing::overfull(sql, &things, None).await?;
        joined.shipments += apply::apply(sql, &affected, &Changed { things, came }, now).await?;
        return Ok(());
    }
    for thing in things {
        let one = Changed {
            things: [thing].into(),
            came: came.get(&thing).cloned().map(|came| (thing, came)).into_iter().collect(),
        };
        match affected(sql, rules, is_test, &one.things).await? {
            Some(affected) => {
                thing::overfull(sql, &one.things, None).await?;
                joined.shipments += apply::apply(sql, &affected, &one, now).await?;
            }
            None => {
                joined.overfull += 1;
                thing::overfull(sql, &one.things, Some(now)).await?;
            }
        }
    }
    Ok(())
}

/// The shipments that these things change; nothing where more are tied together than one can be made of.
async fn affected<S: Sql>(
    sql: &mut S,
    rules: &ShipmentRules,
    is_test: bool,
    changed: &BTreeSet<i64>,
) -> Step<Option<Affected<i64>>> {
    let mut world = World::new(rules.things_max);
    for number in changed {
        if let Some(thing) = thing::load(sql, *number).await?
            && world.add(thing) == Err(TooMany)
        {
            return Ok(None);
        }
    }
    loop {
        let wanted = match shipment::join(&world, changed) {
            Ok(affected) => return Ok(Some(affected)),
            Err(Lookup(wanted)) => wanted,
        };
        for wanted in wanted {
            let carriers = thing::carriers(sql, is_test, &wanted, rules.things_max + 1).await?;
            let by = carriers.iter().map(|thing| thing.id).collect();
            for thing in carriers {
                if world.add(thing) == Err(TooMany) {
                    return Ok(None);
                }
            }
            world.carried(wanted, by);
        }
    }
}
