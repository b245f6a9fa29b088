//! Keeps which things are of which shipment.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use portgate_core::shipment::{Affected, Assembled, World};
use uuid::Uuid;

use super::{SHARED, named_after, reader};
use crate::error::JournalError;
use crate::id::ExchangeId;
use crate::statements::due::{CHANGED, touch};
use crate::statements::table::table;
use crate::statements::value::Param;
use crate::statements::{Sql, Step, exceptions};

/// Things that are not as they were, and the documents of them that came.
#[derive(Default)]
pub(super) struct Changed {
    pub(super) things: BTreeSet<i64>,
    pub(super) came: BTreeMap<i64, Vec<(ExchangeId, u32)>>,
}

struct ShipmentRow {
    id: Uuid,
    now: Timestamp,
}

table! {
    shipments(row: ShipmentRow) {
        id: Id = Param::Id(row.id),
        opened_at: Int = Param::time(row.now),
        changed_at: Int = Param::time(row.now),
        joined: Int = Param::Int(1),
        folded: Int = Param::Int(0),
        claimable_at: Int = Param::time(row.now),
    }
}

struct PartRow {
    shipment: Uuid,
    thing: i64,
}

table! {
    shipment_things(row: PartRow) {
        shipment: Id = Param::Id(row.shipment),
        thing: Int = Param::Int(row.thing),
    }
}

/// Keeps these shipments, worked out from these things; and which things a shipment was told of as new to it. Gives back how many
/// of them are to be put together anew.
pub(super) async fn apply<S: Sql>(
    sql: &mut S,
    world: &World<i64>,
    affected: &Affected<i64>,
    changed: &Changed,
    told: &mut BTreeSet<(Uuid, i64)>,
    now: Timestamp,
) -> Step<u32> {
    let before = shipments_of(sql, &changed.things).await?;
    let called = |thing: &i64| world.thing(thing).map(|thing| named_after(&thing.first.1));
    let shipments: BTreeMap<Uuid, &Assembled<i64>> =
        affected.shipments.iter().filter_map(|shipment| Some((called(&shipment.anchor)?, shipment))).collect();
    let of = |(id, shipment): (&Uuid, &&Assembled<i64>)| -> Vec<(Uuid, Uuid)> {
        shipment.openers.iter().filter_map(called).map(|own| (own, *id)).collect()
    };
    call(sql, &shipments.iter().flat_map(of).collect(), now).await?;
    let mut count = keep(sql, &shipments, changed, told, now).await?;
    // What was a shipment before and is none now had its name from something that opens no more.
    for id in before.iter().filter(|id| !shipments.contains_key(id)) {
        count += u32::from(end_or_shrink(sql, *id, &changed.things, now).await?);
    }
    Ok(count)
}

/// Has shipments be found by what each of their things that open one would be called after alone.
async fn call<S: Sql>(sql: &mut S, wanted: &BTreeMap<Uuid, Uuid>, now: Timestamp) -> Step<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    let text = format!("SELECT id, shipment FROM shipment_ids WHERE id {}", S::among(1));
    let rows = sql.query(&text, &[Param::ids(wanted.keys().copied())]).await?;
    let known: BTreeMap<Uuid, Uuid> =
        rows.into_iter().map(|mut row| Ok((row.id()?, row.id()?))).collect::<Result<_, JournalError>>()?;
    for (own, id) in wanted.iter().filter(|(own, id)| known.get(own) != Some(id)) {
        let text = "INSERT INTO shipment_ids (id, shipment) VALUES ($1, $2) \
                    ON CONFLICT (id) DO UPDATE SET shipment = excluded.shipment";
        sql.execute(text, &[Param::Id(*own), Param::Id(*id)]).await?;
        if own != id {
            // What was called so, and what was called like it, is this one from now on.
            let text = "UPDATE shipment_ids SET shipment = $1 WHERE shipment = $2";
            sql.execute(text, &[Param::Id(*id), Param::Id(*own)]).await?;
            exceptions::facts::merge(sql, *own, *id, now).await?;
            touch_sharers(sql, *own, now).await?;
            sql.execute("DELETE FROM shipments WHERE id = $1", &[Param::Id(*own)]).await?;
        }
    }
    Ok(())
}

/// Has shipments have these things and no others, and tells of what is new to them. Gives back how many are to be put together
/// anew.
async fn keep<S: Sql>(
    sql: &mut S,
    shipments: &BTreeMap<Uuid, &Assembled<i64>>,
    changed: &Changed,
    told: &mut BTreeSet<(Uuid, i64)>,
    now: Timestamp,
) -> Step<u32> {
    let (before, nothing) = (things_of(sql, shipments.keys().copied()).await?, BTreeSet::new());
    let (mut new, mut touched, mut parts, mut came) = (Vec::new(), BTreeSet::new(), Vec::new(), Vec::new());
    for (id, shipment) in shipments {
        let known = before.get(id).unwrap_or(&nothing);
        let is_changed = shipment.things != *known || !shipment.things.is_disjoint(&changed.things);
        if known.is_empty() {
            new.push(ShipmentRow { id: *id, now });
        } else if is_changed {
            touched.insert(*id);
        }
        parts.extend(shipment.things.difference(known).map(|thing| PartRow { shipment: *id, thing: *thing }));
        let stays = |thing: &i64| known.contains(thing) && shipment.things.contains(thing);
        let stay = changed.came.iter().filter(|(thing, _)| stays(thing) && !told.contains(&(*id, **thing)));
        came.extend(stay.map(|(_, came)| (*id, came)));
    }
    sql.add(&new).await?;
    // Whoever tells of a shipment has its row first, so that what is told of it has one order.
    touch(sql, &touched, now).await?;
    sql.add(&parts).await?;
    let parts: Vec<(Uuid, i64)> = parts.iter().map(|part| (part.shipment, part.thing)).collect();
    reader::tell_things(sql, &parts, now).await?;
    reader::tell_documents(sql, came, now).await?;
    told.extend(parts);
    for (id, shipment) in shipments {
        for thing in before.get(id).unwrap_or(&nothing).difference(&shipment.things) {
            leave(sql, *id, *thing, now).await?;
        }
    }
    Ok(u32::try_from(new.len() + touched.len()).unwrap_or(u32::MAX))
}

/// Tells the shipments that these things are in of documents that came. Gives back how many are to be put together anew.
pub(super) async fn tell<S: Sql>(sql: &mut S, quiet: &Changed, now: Timestamp) -> Step<u32> {
    if quiet.things.is_empty() {
        return Ok(0);
    }
    let text =
        format!("SELECT shipment, thing FROM shipment_things WHERE thing {} ORDER BY shipment, thing", S::among(1));
    let rows = sql.query(&text, &[Param::numbers(quiet.things.iter().copied())]).await?;
    let parts: Vec<(Uuid, i64)> =
        rows.into_iter().map(|mut row| Ok((row.id()?, row.int()?))).collect::<Result<_, JournalError>>()?;
    let shipments = parts.iter().map(|(shipment, _)| *shipment).collect();
    touch(sql, &shipments, now).await?;
    let told = parts.iter().filter_map(|(shipment, thing)| Some((*shipment, quiet.came.get(thing)?))).collect();
    reader::tell_documents(sql, told, now).await?;
    Ok(u32::try_from(shipments.len()).unwrap_or(u32::MAX))
}

/// A shipment that these things were in and that is not among those which they are in now: they leave it, and where none is
/// left that opens one, it ends.
async fn end_or_shrink<S: Sql>(sql: &mut S, id: Uuid, changed: &BTreeSet<i64>, now: Timestamp) -> Step<bool> {
    let text = "SELECT 1 FROM shipments WHERE id = $1";
    if sql.query(text, &[Param::Id(id)]).await?.is_empty() {
        return Ok(false);
    }
    for thing in changed {
        leave(sql, id, *thing, now).await?;
    }
    let text = "SELECT 1 FROM shipment_things JOIN things ON things.number = shipment_things.thing \
                WHERE shipment = $1 AND opens = 1 LIMIT 1";
    if sql.query(text, &[Param::Id(id)]).await?.is_empty() {
        sql.execute("DELETE FROM shipment_ids WHERE shipment = $1", &[Param::Id(id)]).await?;
        exceptions::facts::end(sql, id, now).await?;
        touch_sharers(sql, id, now).await?;
        sql.execute("DELETE FROM shipments WHERE id = $1", &[Param::Id(id)]).await?;
        return Ok(false);
    }
    touch(sql, &[id].into(), now).await?;
    Ok(true)
}

async fn leave<S: Sql>(sql: &mut S, id: Uuid, thing: i64, now: Timestamp) -> Step<()> {
    let text = "DELETE FROM shipment_things WHERE shipment = $1 AND thing = $2";
    sql.execute(text, &[Param::Id(id), Param::Int(thing)]).await?;
    // Of what it had a part of, the others have more.
    let text = format!(
        "UPDATE shipments SET {CHANGED} WHERE id IN (SELECT shipment FROM shipment_things JOIN things \
         ON things.number = shipment_things.thing WHERE thing = $3 AND kind IN ($4, $5))"
    );
    let [cost, invoice] = SHARED.map(Param::text);
    sql.execute(&text, &[Param::time(now), Param::time(now), Param::Int(thing), cost, invoice]).await?;
    reader::tell_no_more(sql, id, thing).await
}

/// Has those put together anew that have a cost or an invoice together with a shipment which is to end.
async fn touch_sharers<S: Sql>(sql: &mut S, id: Uuid, now: Timestamp) -> Step<()> {
    let text = "SELECT DISTINCT others.shipment FROM shipment_things JOIN things ON things.number = shipment_things.thing \
                JOIN shipment_things AS others ON others.thing = shipment_things.thing \
                WHERE shipment_things.shipment = $1 AND kind IN ($2, $3) AND others.shipment <> $4";
    let [cost, invoice] = SHARED.map(Param::text);
    let rows = sql.query(text, &[Param::Id(id), cost, invoice, Param::Id(id)]).await?;
    let others = rows.into_iter().map(|mut row| row.id()).collect::<Result<_, JournalError>>()?;
    touch(sql, &others, now).await
}

/// Has all shipments put together anew that name the articles of these documents of the catalogue.
pub(super) async fn catalogue_changed<S: Sql>(sql: &mut S, things: BTreeSet<i64>, now: Timestamp) -> Step<u32> {
    if things.is_empty() {
        return Ok(0);
    }
    let text = format!(
        "UPDATE shipments SET {CHANGED} WHERE closed_at IS NULL AND id IN (SELECT shipment FROM thing_names \
         JOIN thing_goods ON thing_goods.catalogue = thing_names.hash \
         JOIN shipment_things ON shipment_things.thing = thing_goods.thing WHERE thing_names.thing {})",
        S::among(3)
    );
    let changed = sql.execute(&text, &[Param::time(now), Param::time(now), Param::numbers(things)]).await?;
    Ok(u32::try_from(changed).unwrap_or(u32::MAX))
}

/// All things of the shipments that things are in.
pub(super) async fn companions<S: Sql>(sql: &mut S, things: &BTreeSet<i64>) -> Step<BTreeSet<i64>> {
    if things.is_empty() {
        return Ok(BTreeSet::new());
    }
    let text = format!(
        "SELECT DISTINCT others.thing FROM shipment_things JOIN shipment_things AS others \
         ON others.shipment = shipment_things.shipment WHERE shipment_things.thing {}",
        S::among(1)
    );
    let rows = sql.query(&text, &[Param::numbers(things.iter().copied())]).await?;
    Ok(rows.into_iter().map(|mut row| row.int()).collect::<Result<_, _>>()?)
}

/// The shipments that things are in.
pub(super) async fn shipments_of<S: Sql>(sql: &mut S, things: &BTreeSet<i64>) -> Step<BTreeSet<Uuid>> {
    let text = format!("SELECT DISTINCT shipment FROM shipment_things WHERE thing {}", S::among(1));
    let rows = sql.query(&text, &[Param::numbers(things.iter().copied())]).await?;
    Ok(rows.into_iter().map(|mut row| row.id()).collect::<Result<_, _>>()?)
}

/// The things of shipments.
async fn things_of<S: Sql>(sql: &mut S, ids: impl Iterator<Item = Uuid>) -> Step<BTreeMap<Uuid, BTreeSet<i64>>> {
    let mut things: BTreeMap<Uuid, BTreeSet<i64>> = BTreeMap::new();
    let text = format!("SELECT shipment, thing FROM shipment_things WHERE shipment {}", S::among(1));
    for mut row in sql.query(&text, &[Param::ids(ids)]).await? {
        things.entry(row.id()?).or_default().insert(row.int()?);
    }
    Ok(things)
}
