//! Documents that are tied to more than a shipment can be made of: which shipments they are left out of, and whether they fit by now.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use portgate_core::shipment::{self, Lookup, ShipmentRules, World};
use uuid::Uuid;

use super::thing::Among;
use super::{apply, thing};
use crate::id::ShipmentId;
use crate::shipment::LeftOutDocument;
use crate::statements::due::touch;
use crate::statements::table::table;
use crate::statements::value::Param;
use crate::statements::{Sql, Step, limited};

/// How many names lead from a document to a shipment, at most.
const STEPS_MAX: usize = 4;

struct LeftOutRow {
    shipment: Uuid,
    thing: i64,
}

table! {
    left_out(row: LeftOutRow) {
        shipment: Id = Param::Id(row.shipment),
        thing: Int = Param::Int(row.thing),
    }
}

/// Notes that a thing is tied to too much, with the shipments that it would be of. Those, and those that it is of, are put together
/// anew where that is news.
pub(super) async fn note<S: Sql>(
    sql: &mut S,
    rules: &ShipmentRules,
    is_test: bool,
    thing: i64,
    now: Timestamp,
) -> Step<()> {
    let one = BTreeSet::from([thing]);
    let own = apply::shipments_of(sql, &one).await?;
    let mut wanted = would_join(sql, rules, is_test, thing).await?;
    wanted.extend(&own);
    let wanted: BTreeSet<Uuid> = wanted.into_iter().take(rules.things_max).collect();
    let known = shipments_without(sql, &one).await?;
    let mut changed: BTreeSet<Uuid> = wanted.symmetric_difference(&known).copied().collect();
    if thing::overfull(sql, &one, Some(now)).await? > 0 || !changed.is_empty() {
        changed.extend(own);
    }
    // Whoever keeps something of a shipment has its row first.
    touch(sql, &changed, now).await?;
    for gone in known.difference(&wanted) {
        let text = "DELETE FROM left_out WHERE shipment = $1 AND thing = $2";
        sql.execute(text, &[Param::Id(*gone), Param::Int(thing)]).await?;
    }
    let new: Vec<_> = wanted.difference(&known).map(|shipment| LeftOutRow { shipment: *shipment, thing }).collect();
    sql.add(&new).await
}

/// The shipments of what carries the names of a thing, or, where that is in none, of what carries theirs, and so on.
async fn would_join<S: Sql>(sql: &mut S, rules: &ShipmentRules, is_test: bool, thing: i64) -> Step<BTreeSet<Uuid>> {
    let (mut known, mut edge) = (BTreeSet::from([thing]), BTreeSet::from([thing]));
    for _ in 0..STEPS_MAX {
        let mut world = World::new(usize::MAX);
        for thing in thing::load(sql, &edge).await? {
            // There is room for all of them.
            if world.add(thing).is_err() {
                break;
            }
        }
        let Err(Lookup(wanted)) = shipment::join(&world, &edge) else { break };
        let mut next = BTreeSet::new();
        for wanted in wanted {
            // What more carry than one is made of says nothing of a single one of them.
            let found =
                thing::carriers(sql, is_test, vec![wanted], Among::All, rules.things_max.saturating_mul(2)).await?;
            next.extend(found.into_iter().flatten().flat_map(|(_, by)| by));
        }
        edge = next.difference(&known).copied().collect();
        let shipments = apply::shipments_of(sql, &edge).await?;
        if !shipments.is_empty() || edge.is_empty() {
            return Ok(shipments);
        }
        known.extend(&edge);
    }
    Ok(BTreeSet::new())
}

/// The shipments that these things are left out of.
async fn shipments_without<S: Sql>(sql: &mut S, things: &BTreeSet<i64>) -> Step<BTreeSet<Uuid>> {
    let text = format!("SELECT DISTINCT shipment FROM left_out WHERE thing {}", S::among(1));
    let rows = sql.query(&text, &[Param::numbers(things.iter().copied())]).await?;
    Ok(rows.into_iter().map(|mut row| row.id()).collect::<Result<_, _>>()?)
}

/// Notes that these things fit. Mostly they did before, which is not written.
pub(super) async fn fits<S: Sql>(sql: &mut S, things: &BTreeSet<i64>, now: Timestamp) -> Step<()> {
    if thing::overfull(sql, things, None).await? == 0 {
        return Ok(());
    }
    let shipments = shipments_without(sql, things).await?;
    touch(sql, &shipments, now).await?;
    let text = format!("DELETE FROM left_out WHERE thing {}", S::among(1));
    sql.execute(&text, &[Param::numbers(things.iter().copied())]).await?;
    Ok(())
}

/// What is left out of each of these shipments; those that nothing is left out of are not there.
pub(crate) async fn of<S: Sql>(
    sql: &mut S,
    shipments: &[ShipmentId],
) -> Step<HashMap<ShipmentId, Vec<LeftOutDocument>>> {
    let text = format!(
        "SELECT left_out.shipment, sender, kind, key, (SELECT count(*) FROM shipment_things \
         WHERE shipment_things.shipment = left_out.shipment AND shipment_things.thing = left_out.thing) FROM left_out \
         JOIN things ON things.number = left_out.thing WHERE left_out.shipment {} ORDER BY 1, kind, key, sender",
        S::among(1)
    );
    let rows = sql.query(&text, &[Param::ids(shipments.iter().map(|shipment| shipment.0))]).await?;
    let mut all: HashMap<ShipmentId, Vec<LeftOutDocument>> = HashMap::new();
    for mut row in rows {
        let shipment = ShipmentId(row.id()?);
        let (sender, kind, key) = (row.text()?, row.text()?, row.text()?);
        all.entry(shipment).or_default().push(LeftOutDocument { sender, kind, key, is_part: row.int()? > 0 });
    }
    Ok(all)
}

/// Those of the things left out of shipments that these things are of.
pub(super) async fn beside<S: Sql>(sql: &mut S, shipments: &BTreeSet<Uuid>, limit: u32) -> Step<BTreeSet<i64>> {
    let text = format!("SELECT DISTINCT thing FROM left_out WHERE shipment {} ORDER BY thing LIMIT $2", S::among(1));
    let rows = sql.query(&text, &[Param::ids(shipments.iter().copied()), limited(limit)]).await?;
    Ok(rows.into_iter().map(|mut row| row.int()).collect::<Result<_, _>>()?)
}

pub(crate) async fn any<S: Sql>(sql: &mut S) -> Step<bool> {
    let text = "SELECT 1 FROM things WHERE overfull_since IS NOT NULL AND number > 0 LIMIT 1";
    Ok(!sql.query(text, &[]).await?.is_empty())
}
