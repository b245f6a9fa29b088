//! Keeps which things are of which shipment.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use portgate_core::shipment::{Affected, Assembled};
use uuid::Uuid;

use super::{named_after, reader};
use crate::error::JournalError;
use crate::id::ExchangeId;
use crate::statements::value::Param;
use crate::statements::{Sql, Step, exceptions};

/// Whoever puts one together meanwhile goes on, and it is due again when that is done.
const CHANGED: &str = "joined = joined + 1, closed_at = NULL, \
                       claimable_at = CASE WHEN claim IS NULL THEN CAST($1 AS bigint) ELSE claimable_at END, changed_at = $2";

/// Things that are not as they were, and the documents of them that came.
#[derive(Default)]
pub(super) struct Changed {
    pub(super) things: BTreeSet<i64>,
    pub(super) came: BTreeMap<i64, Vec<(ExchangeId, u32)>>,
}

/// Keeps these shipments. Gives back how many of them are to be put together anew.
pub(super) async fn apply<S: Sql>(
    sql: &mut S,
    affected: &Affected<i64>,
    changed: &Changed,
    now: Timestamp,
) -> Step<u32> {
    let before = shipments_of(sql, &changed.things).await?;
    let mut count = 0;
    let mut there = BTreeSet::new();
    for shipment in &affected.shipments {
        let id = named_after(&hash(sql, shipment.anchor).await?);
        there.insert(id);
        count += u32::from(keep(sql, id, shipment, changed, now).await?);
    }
    // What was a shipment before and is none now had its name from something that opens no more.
    for id in before.difference(&there) {
        count += u32::from(end_or_shrink(sql, *id, &changed.things, now).await?);
    }
    Ok(count)
}

async fn keep<S: Sql>(
    sql: &mut S,
    id: Uuid,
    shipment: &Assembled<i64>,
    changed: &Changed,
    now: Timestamp,
) -> Step<bool> {
    for opener in &shipment.openers {
        let own = named_after(&hash(sql, *opener).await?);
        let text = "INSERT INTO shipment_ids (id, shipment) VALUES ($1, $2) \
                    ON CONFLICT (id) DO UPDATE SET shipment = excluded.shipment";
        sql.execute(text, &[Param::Id(own), Param::Id(id)]).await?;
        if own != id {
            // What was called so, and what was called like it, is this one from now on.
            let text = "UPDATE shipment_ids SET shipment = $1 WHERE shipment = $2";
            sql.execute(text, &[Param::Id(id), Param::Id(own)]).await?;
            exceptions::facts::merge(sql, own, id, now).await?;
            sql.execute("DELETE FROM shipments WHERE id = $1", &[Param::Id(own)]).await?;
        }
    }
    let known = things_of(sql, id).await?;
    let is_new = known.is_empty();
    if is_new {
        let text = "INSERT INTO shipments (id, opened_at, changed_at, joined, folded, claimable_at) \
                    VALUES ($1, $2, $3, 1, 0, $4) ON CONFLICT (id) DO NOTHING";
        let at = Param::time(now);
        sql.execute(text, &[Param::Id(id), at.clone(), at.clone(), at]).await?;
    }
    let is_changed = shipment.things != known || !shipment.things.is_disjoint(&changed.things);
    // Whoever tells of a shipment has its row first, so that what is told of it has one order.
    if is_changed && !is_new {
        touch(sql, id, now).await?;
    }
    for thing in shipment.things.difference(&known) {
        let text = "INSERT INTO shipment_things (shipment, thing) VALUES ($1, $2)";
        sql.execute(text, &[Param::Id(id), Param::Int(*thing)]).await?;
        reader::tell_thing(sql, id, *thing, now).await?;
    }
    for (_, came) in changed.came.iter().filter(|(thing, _)| known.contains(thing) && shipment.things.contains(thing)) {
        reader::tell_documents(sql, id, came, now).await?;
    }
    for thing in known.difference(&shipment.things) {
        leave(sql, id, *thing).await?;
    }
    Ok(is_changed)
}

/// A shipment that these things were in and that is not among those which they are in now: they leave it, and where none is
/// left that opens one, it ends.
async fn end_or_shrink<S: Sql>(sql: &mut S, id: Uuid, changed: &BTreeSet<i64>, now: Timestamp) -> Step<bool> {
    let text = "SELECT 1 FROM shipments WHERE id = $1";
    if sql.query(text, &[Param::Id(id)]).await?.is_empty() {
        return Ok(false);
    }
    for thing in changed {
        leave(sql, id, *thing).await?;
    }
    let text = "SELECT 1 FROM shipment_things JOIN things ON things.number = shipment_things.thing \
                WHERE shipment = $1 AND opens = 1 LIMIT 1";
    if sql.query(text, &[Param::Id(id)]).await?.is_empty() {
        sql.execute("DELETE FROM shipment_ids WHERE shipment = $1", &[Param::Id(id)]).await?;
        exceptions::facts::end(sql, id, now).await?;
        sql.execute("DELETE FROM shipments WHERE id = $1", &[Param::Id(id)]).await?;
        return Ok(false);
    }
    touch(sql, id, now).await?;
    Ok(true)
}

async fn leave<S: Sql>(sql: &mut S, id: Uuid, thing: i64) -> Step<()> {
    let text = "DELETE FROM shipment_things WHERE shipment = $1 AND thing = $2";
    sql.execute(text, &[Param::Id(id), Param::Int(thing)]).await?;
    reader::tell_no_more(sql, id, thing).await
}

async fn touch<S: Sql>(sql: &mut S, id: Uuid, now: Timestamp) -> Step<()> {
    let text = format!("UPDATE shipments SET {CHANGED} WHERE id = $3");
    sql.execute(&text, &[Param::time(now), Param::time(now), Param::Id(id)]).await?;
    Ok(())
}

/// Has the shipment put together anew that is, or was, called so: something has happened that is no document of it.
pub(crate) async fn touch_named<S: Sql>(sql: &mut S, id: Uuid, now: Timestamp) -> Step<u32> {
    let text = format!(
        "UPDATE shipments SET {CHANGED} WHERE id = (SELECT shipment FROM shipment_ids WHERE shipment_ids.id = $3)"
    );
    let changed = sql.execute(&text, &[Param::time(now), Param::time(now), Param::Id(id)]).await?;
    Ok(u32::try_from(changed).unwrap_or(u32::MAX))
}

/// Has all shipments put together anew that name the article of a document of the catalogue.
pub(super) async fn catalogue_changed<S: Sql>(sql: &mut S, thing: i64, now: Timestamp) -> Step<u32> {
    let text = format!(
        "UPDATE shipments SET {CHANGED} WHERE closed_at IS NULL AND id IN (SELECT shipment FROM thing_names \
         JOIN thing_goods ON thing_goods.catalogue = thing_names.hash \
         JOIN shipment_things ON shipment_things.thing = thing_goods.thing WHERE thing_names.thing = $3)"
    );
    let changed = sql.execute(&text, &[Param::time(now), Param::time(now), Param::Int(thing)]).await?;
    Ok(u32::try_from(changed).unwrap_or(u32::MAX))
}

/// All things of the shipments that a thing is in.
pub(super) async fn companions<S: Sql>(sql: &mut S, thing: i64) -> Step<BTreeSet<i64>> {
    let text = "SELECT DISTINCT others.thing FROM shipment_things JOIN shipment_things AS others \
                ON others.shipment = shipment_things.shipment WHERE shipment_things.thing = $1";
    let rows = sql.query(text, &[Param::Int(thing)]).await?;
    Ok(rows.into_iter().map(|mut row| row.int()).collect::<Result<_, _>>()?)
}

pub(super) async fn shipments_of<S: Sql>(sql: &mut S, things: &BTreeSet<i64>) -> Step<BTreeSet<Uuid>> {
    let mut found = BTreeSet::new();
    for thing in things {
        let rows = sql.query("SELECT shipment FROM shipment_things WHERE thing = $1", &[Param::Int(*thing)]).await?;
        for mut row in rows {
            found.insert(row.id()?);
        }
    }
    Ok(found)
}

async fn things_of<S: Sql>(sql: &mut S, id: Uuid) -> Step<BTreeSet<i64>> {
    let rows = sql.query("SELECT thing FROM shipment_things WHERE shipment = $1", &[Param::Id(id)]).await?;
    Ok(rows.into_iter().map(|mut row| row.int()).collect::<Result<_, _>>()?)
}

async fn hash<S: Sql>(sql: &mut S, thing: i64) -> Step<Vec<u8>> {
    let row = sql.query("SELECT hash FROM things WHERE number = $1", &[Param::Int(thing)]).await?.pop();
    Ok(row.ok_or_else(|| JournalError::Unreadable("a thing is gone".to_owned()))?.bytes()?)
}
