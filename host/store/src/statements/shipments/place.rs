//! What operators say of the shipment that documents belong to: done in one transaction with what it makes of shipments, and
//! taken back in one.

use std::collections::BTreeSet;

use portgate_core::sender;
use portgate_core::shipment::placement::{moved, split};
use portgate_core::shipment::{NotPlaced, Placement, Thing};
use serde_json::json;
use uuid::Uuid;

use super::apply::{self, Changed};
use super::{join, left_out, named_after, thing};
use crate::act::Act;
use crate::error::JournalError;
use crate::shipment::{DocumentName, Joined, ShipmentAct, ShipmentActed, ShipmentChange};
use crate::statements::shipment_names::value_hash;
use crate::statements::value::Param;
use crate::statements::{Sql, Step, about, record};

/// Documents that are looked at again at once, of those that there was no room for; all others are before long.
const LEFT_OUT_MAX: u32 = 100;

/// Does it. Nothing else is joined meanwhile.
pub(crate) async fn place<S: Sql>(sql: &mut S, act: &ShipmentAct) -> Step<ShipmentActed> {
    sql.lock_lanes(&[join::LANE]).await?;
    match &act.change {
        ShipmentChange::Split { shipment, documents } => do_split(sql, act, *shipment, documents).await,
        ShipmentChange::Move { documents, to } => do_move(sql, act, documents, *to).await,
        ShipmentChange::Undo { act: number } => undo(sql, act, *number).await,
    }
}

async fn do_split<S: Sql>(
    sql: &mut S,
    act: &ShipmentAct,
    shipment: Uuid,
    documents: &[DocumentName],
) -> Step<ShipmentActed> {
    let Some((shipment, things, is_test)) = known(sql, shipment).await? else {
        return Ok(ShipmentActed::ShipmentUnknown(shipment));
    };
    let mut off = BTreeSet::new();
    for document in documents {
        let called = called(sql, is_test, document).await?;
        let within: Vec<i64> = called.into_iter().filter(|number| things.contains(number)).collect();
        if within.is_empty() {
            return Ok(ShipmentActed::DocumentUnknown(document.clone()));
        }
        off.extend(within);
    }
    let things = thing::load(sql, &things).await?;
    let named = |thing: &Thing<i64>| named_after(&thing.first.1).to_string();
    let placements = match split(&things, &off, named) {
        Ok(placements) => placements,
        Err(why) => return Ok(ShipmentActed::NotPossible(why)),
    };
    let first = things.iter().filter(|thing| off.contains(&thing.id) && thing.opens).min_by_key(|thing| thing.first);
    let to = first.map_or(shipment, |first| named_after(&first.first.1));
    keep(sql, act, "shipment-split", is_test, &[shipment, to], documents, placements).await
}

async fn do_move<S: Sql>(sql: &mut S, act: &ShipmentAct, documents: &[DocumentName], to: Uuid) -> Step<ShipmentActed> {
    let Some((to, target, is_test)) = known(sql, to).await? else { return Ok(ShipmentActed::ShipmentUnknown(to)) };
    let mut off = BTreeSet::new();
    for document in documents {
        let called = called(sql, is_test, document).await?;
        if called.is_empty() {
            return Ok(ShipmentActed::DocumentUnknown(document.clone()));
        }
        off.extend(called);
    }
    if off.is_subset(&target) {
        return Ok(ShipmentActed::NotPossible(NotPlaced::IsThere));
    }
    let mut from = off.clone();
    from.extend(apply::companions(sql, &off).await?);
    let things = thing::load(sql, &from).await?;
    let of_target = thing::load(sql, &target).await?;
    let Some(first) = of_target.iter().find(|thing| thing.opens && named_after(&thing.first.1) == to) else {
        return Ok(ShipmentActed::ShipmentUnknown(to));
    };
    let stays: BTreeSet<i64> = target.difference(&off).copied().collect();
    let placements = moved(&things, &off, &stays, (first.id, &to.to_string()));
    keep(sql, act, "shipment-move", is_test, &[to], documents, placements).await
}

async fn undo<S: Sql>(sql: &mut S, act: &ShipmentAct, number: i64) -> Step<ShipmentActed> {
    let text = "SELECT thing, sender FROM shipment_places JOIN things ON things.number = thing WHERE act = $1";
    let rows = sql.query(text, &[Param::Int(number)]).await?;
    let placed: Vec<(i64, String)> =
        rows.into_iter().map(|mut row| Ok((row.int()?, row.text()?))).collect::<Result<_, JournalError>>()?;
    let Some((_, first)) = placed.first() else { return Ok(ShipmentActed::ActUnknown(number)) };
    let is_test = sender::is_test(first);
    let filter = json!({ "act": number }).to_string();
    let things: BTreeSet<i64> = placed.into_iter().map(|(number, _)| number).collect();
    let done = record(sql, act, "shipment-undo", filter, things.len()).await?;
    sql.execute("DELETE FROM shipment_places WHERE act = $1", &[Param::Int(number)]).await?;
    about::things(sql, done, &things).await?;
    again(sql, act, is_test, &things).await?;
    Ok(ShipmentActed::Done { act: done, shipments: shipments_of(sql, &things).await? })
}

/// Keeps an act with what it says of each thing, and what that makes of shipments.
async fn keep<S: Sql>(
    sql: &mut S,
    act: &ShipmentAct,
    kind: &str,
    is_test: bool,
    shipments: &[Uuid],
    documents: &[DocumentName],
    placements: impl IntoIterator<Item = (i64, Placement)>,
) -> Step<ShipmentActed> {
    let named: Vec<_> = documents.iter().map(|DocumentName { kind, key }| json!({ "kind": kind, "id": key })).collect();
    let ids: Vec<String> = shipments.iter().map(Uuid::to_string).collect();
    let filter = json!({ "shipments": ids, "documents": named }).to_string();
    let number = record(sql, act, kind, filter, documents.len()).await?;
    let mut things = BTreeSet::new();
    for (thing, placement) in placements {
        let text = "INSERT INTO shipment_places (thing, act, placement) VALUES ($1, $2, $3)";
        sql.execute(text, &[Param::Int(thing), Param::Int(number), Param::json(&placement)]).await?;
        things.insert(thing);
    }
    about::things(sql, number, &things).await?;
    again(sql, act, is_test, &things).await?;
    Ok(ShipmentActed::Done { act: number, shipments: shipments_of(sql, &things).await? })
}

async fn record<S: Sql>(sql: &mut S, act: &ShipmentAct, kind: &str, filter: String, count: usize) -> Step<i64> {
    let operator = act.operator.clone();
    let done = Act { kind: kind.to_owned(), operator, at: act.now, filter, count: count as u64 };
    record::keep(sql, &done, &[]).await
}

/// Has these things carry what they carry now, and works out what that makes of all shipments that they are and were in.
async fn again<S: Sql>(sql: &mut S, act: &ShipmentAct, is_test: bool, things: &BTreeSet<i64>) -> Step<()> {
    let mut changed = Changed { things: things.clone(), ..Changed::default() };
    changed.things.extend(apply::companions(sql, things).await?);
    for number in things {
        thing::rename(sql, &act.rules, *number).await?;
    }
    failpoint!("journal::place::renamed");
    let mut shipments = apply::shipments_of(sql, &changed.things).await?;
    let about = changed.things.clone();
    join::join(sql, &act.rules, act.now, is_test, changed, &mut Joined::default()).await?;
    // What there was no room for may have some by now.
    shipments.extend(apply::shipments_of(sql, &about).await?);
    let waiting = Changed { things: left_out::beside(sql, &shipments, LEFT_OUT_MAX).await?, ..Changed::default() };
    join::join(sql, &act.rules, act.now, is_test, waiting, &mut Joined::default()).await
}

/// The shipment that is or was called so: its name, its things, and whether it is a test's.
async fn known<S: Sql>(sql: &mut S, id: Uuid) -> Step<Option<(Uuid, BTreeSet<i64>, bool)>> {
    let text = "SELECT shipment_things.shipment, thing, sender FROM shipment_ids \
                JOIN shipment_things ON shipment_things.shipment = shipment_ids.shipment \
                JOIN things ON things.number = thing WHERE shipment_ids.id = $1";
    let (mut found, mut things) = (None, BTreeSet::new());
    for mut row in sql.query(text, &[Param::Id(id)]).await? {
        let (shipment, thing, of) = (row.id()?, row.int()?, row.text()?);
        things.insert(thing);
        found = Some((shipment, sender::is_test(&of)));
    }
    Ok(found.map(|(shipment, is_test)| (shipment, things, is_test)))
}

/// The things that are called so, whoever speaks of them.
async fn called<S: Sql>(sql: &mut S, is_test: bool, document: &DocumentName) -> Step<Vec<i64>> {
    let text = "SELECT number FROM thing_names JOIN things ON things.number = thing_names.thing \
                WHERE thing_names.hash = $1 AND kind = $2 AND key = $3 ORDER BY number";
    let hash = value_hash(is_test, &document.key);
    let params = [Param::Bytes(&hash), Param::text(&document.kind), Param::text(&document.key)];
    let rows = sql.query(text, &params).await?;
    Ok(rows.into_iter().map(|mut row| row.int()).collect::<Result<_, _>>()?)
}

async fn shipments_of<S: Sql>(sql: &mut S, things: &BTreeSet<i64>) -> Step<Vec<Uuid>> {
    Ok(apply::shipments_of(sql, things).await?.into_iter().collect())
}
