//! One step of joining: the next documents become things, and what changes by it of shipments is worked out and kept.

use std::collections::BTreeSet;

use jiff::Timestamp;
use portgate_core::document::Reference;
use portgate_core::sender;
use portgate_core::shipment::{self, Affected, Lookup, ShipmentRules, TooMany, Wanted, World};

use super::apply::{self, Changed};
use super::left_out;
use super::thing::{self, Among, Change, Kept, ToldDocument};
use crate::error::JournalError;
use crate::event::Cursor;
use crate::id::{DeliveryId, ExchangeId, ShipmentId};
use crate::shipment::{JoinStep, Joined, LookedAgain};
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
    let (mut documents, mut others) = (Vec::new(), Vec::new());
    for (_, news) in told {
        match news {
            News::Document(document) => documents.push(*document),
            News::Nothing => {}
            other => others.push(other),
        }
    }
    let mut senders = BTreeSet::new();
    for document in &documents {
        if senders.insert(&document.sender) {
            figures::first(sql, &document.sender, began(document, step.now)).await?;
        }
    }
    documents.retain(|document| !step.rules.apart.contains(&document.kind));
    joined.documents = u32::try_from(documents.len()).unwrap_or(u32::MAX);
    take(sql, step, &documents, &mut changed, &mut joined).await?;
    for news in others {
        match news {
            News::Gone(exchange, is_test) => {
                for thing in thing::forget(sql, &step.rules, exchange).await? {
                    let changed = &mut changed[usize::from(is_test)].things;
                    changed.insert(thing);
                    changed.extend(apply::companions(sql, &[thing].into()).await?);
                }
            }
            News::Delivered(delivery) => joined.shipments += delivered(sql, delivery, step).await?,
            News::Own(delivery) => {
                joined.shipments += filings::delivery_changed(sql, delivery, step.now).await?;
                joined.shipments += delivered(sql, delivery, step).await?;
            }
            News::Document(_) | News::Nothing => {}
        }
    }
    for (is_test, changed) in [false, true].into_iter().zip(changed) {
        join(sql, &step.rules, step.now, is_test, changed, &mut joined).await?;
    }
    failpoint!("journal::join::shipments");
    event::advance(sql, CONSUMER, last).await?;
    Ok(joined)
}

/// Has documents become things. Where nothing changes by it that says which shipments a thing is in, those that it is in are
/// told of the documents; all other things are added to those that have changed, and where other names count for one now, those
/// that it was in a shipment with.
async fn take<S: Sql>(
    sql: &mut S,
    step: &JoinStep,
    documents: &[ToldDocument],
    changed: &mut [Changed; 2],
    joined: &mut Joined,
) -> Step<()> {
    let (mut quiet, mut catalogue) = (Changed::default(), BTreeSet::new());
    let mut named_otherwise: [BTreeSet<i64>; 2] = Default::default();
    for kept in thing::keep(sql, &step.rules, documents, step.now).await? {
        failpoint!("journal::join::thing");
        let is_test = usize::from(sender::is_test(&kept.sender));
        let Kept { number, came, change, .. } = kept;
        if step.rules.catalogue.contains(&kept.kind) {
            catalogue.insert(number);
            continue;
        }
        if change == Change::Names {
            named_otherwise[is_test].insert(number);
        }
        let among = if change == Change::Nothing { &mut quiet } else { &mut changed[is_test] };
        among.things.insert(number);
        among.came.insert(number, came);
    }
    for (things, changed) in named_otherwise.iter().zip(changed) {
        changed.things.extend(apply::companions(sql, things).await?);
    }
    joined.shipments += apply::catalogue_changed(sql, catalogue, step.now).await?;
    joined.shipments += apply::tell(sql, &quiet, step.now).await?;
    Ok(())
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

/// Keeps what these things make of shipments: all at once, or, where that is too much, one half after the other. The later half comes
/// first, so that there is room for those that were first.
pub(super) async fn join<S: Sql>(
    sql: &mut S,
    rules: &ShipmentRules,
    now: Timestamp,
    is_test: bool,
    changed: Changed,
    joined: &mut Joined,
) -> Step<()> {
    let Changed { things, mut came } = changed;
    // A thing can be told of with its companions before its own turn comes.
    let (mut parts, mut told) = (vec![things], BTreeSet::new());
    while let Some(mut things) = parts.pop() {
        if things.is_empty() {
            continue;
        }
        let mut found = affected(sql, rules, is_test, &things, Among::All).await?;
        if found.is_none() {
            // What is left out takes no room.
            found = affected(sql, rules, is_test, &things, Among::WithRoomAnd(&things)).await?;
        }
        if let Some((world, affected)) = found {
            left_out::fits(sql, &things, now).await?;
            let came = things.iter().filter_map(|thing| Some((*thing, came.remove(thing)?))).collect();
            joined.shipments += apply::apply(sql, &world, &affected, &Changed { things, came }, &mut told, now).await?;
        } else if let Some(middle) = things.iter().nth(things.len() / 2).filter(|_| things.len() > 1).copied() {
            let later = things.split_off(&middle);
            parts.extend([things, later]);
        } else if let Some(thing) = things.first() {
            joined.overfull += 1;
            left_out::note(sql, rules, is_test, *thing, now).await?;
        }
    }
    Ok(())
}

/// Looks again at some that are behind this one: shipments can have become smaller, and policy can allow more.
pub(crate) async fn again<S: Sql>(
    sql: &mut S,
    rules: &ShipmentRules,
    after: i64,
    limit: u32,
    now: Timestamp,
) -> Step<LookedAgain> {
    sql.lock_lanes(&[LANE]).await?;
    let text =
        "SELECT number, sender FROM things WHERE overfull_since IS NOT NULL AND number > $1 ORDER BY number LIMIT $2";
    let rows = sql.query(text, &[Param::Int(after), limited(limit)]).await?;
    let read = |mut row: Row| -> Result<(i64, String), JournalError> { Ok((row.int()?, row.text()?)) };
    let things: Vec<(i64, String)> = rows.into_iter().map(read).collect::<Result<_, _>>()?;
    let mut joined = Joined::default();
    for (thing, sender) in &things {
        let changed = Changed { things: BTreeSet::from([*thing]), ..Changed::default() };
        join(sql, rules, now, sender::is_test(sender), changed, &mut joined).await?;
    }
    let last = things.last().filter(|_| things.len() == limit as usize).map(|(thing, _)| *thing);
    Ok(LookedAgain { shipments: joined.shipments, last })
}

/// The shipments that these things change, with all that had to be known; nothing where more are tied together than one can be
/// made of.
async fn affected<S: Sql>(
    sql: &mut S,
    rules: &ShipmentRules,
    is_test: bool,
    changed: &BTreeSet<i64>,
    among: Among<'_>,
) -> Step<Option<(World<i64>, Affected<i64>)>> {
    let mut world = World::new(rules.things_max);
    if !add(sql, rules, &mut world, changed.clone()).await? {
        return Ok(None);
    }
    loop {
        let wanted = match shipment::join(&world, changed) {
            Ok(affected) => return Ok(Some((world, affected))),
            Err(Lookup(wanted)) => wanted,
        };
        let Some(found) = carriers(sql, rules, is_test, wanted, among).await? else { return Ok(None) };
        if !add(sql, rules, &mut world, found.iter().flat_map(|(_, by)| by).copied().collect()).await? {
            return Ok(None);
        }
        for (wanted, by) in found {
            world.carried(wanted, by);
        }
    }
}

/// Who carries each of these names; nothing where more carry one than a shipment can be made of.
async fn carriers<S: Sql>(
    sql: &mut S,
    rules: &ShipmentRules,
    is_test: bool,
    wanted: Vec<Wanted>,
    among: Among<'_>,
) -> Step<Option<Vec<(Wanted, Vec<i64>)>>> {
    // One thing can carry several of them.
    let most = rules.things_max.saturating_mul(4);
    if let Some(found) = thing::carriers(sql, is_test, wanted.clone(), among, most).await? {
        return Ok(Some(found));
    }
    let (mut all, mut things) = (Vec::with_capacity(wanted.len()), BTreeSet::new());
    for wanted in wanted {
        let Some(found) = thing::carriers(sql, is_test, vec![wanted], among, rules.things_max).await? else {
            return Ok(None);
        };
        things.extend(found.iter().flat_map(|(_, by)| by).copied());
        if things.len() > rules.things_max {
            return Ok(None);
        }
        all.extend(found);
    }
    Ok(Some(all))
}

/// Adds things that are not known yet. Says whether there is room for them.
async fn add<S: Sql>(
    sql: &mut S,
    rules: &ShipmentRules,
    world: &mut World<i64>,
    mut things: BTreeSet<i64>,
) -> Step<bool> {
    things.retain(|thing| !world.knows(thing));
    // What has no room need not be read.
    if things.len() > rules.things_max {
        return Ok(false);
    }
    for thing in thing::load(sql, &things).await? {
        if world.add(thing) == Err(TooMany) {
            return Ok(false);
        }
    }
    Ok(true)
}
