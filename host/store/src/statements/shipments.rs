//! Shipments: which documents are of which, and the contexts that were put together of them.

mod apply;
mod fold;
pub(crate) mod join;
pub(crate) mod left_out;
pub(crate) mod place;
pub(crate) mod reader;
mod thing;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use jiff::Timestamp;
use portgate_core::sender;
use uuid::Uuid;

use super::shipment_names::hashes;
use super::value::{Param, Row};
use super::{Sql, Step, limited};
use crate::error::JournalError;
use crate::id::{ClaimId, ExchangeId, ShipmentId};
use crate::shipment::{ClaimedShipment, KeptShipment, ShipmentDocuments, StatedDocument, Unattached};

pub(crate) use fold::{fold, fold_together};

/// The kinds of documents of which each shipment that has one has a part.
pub(crate) const SHARED: [&str; 2] = ["landed-cost-event", "commercial-invoice"];
/// How long a shipment waits whose context could not be said, the first time and at most.
const UNFOLDED_MIN: Duration = Duration::from_secs(2);
const UNFOLDED_MAX: Duration = Duration::from_secs(60 * 60);

/// What a shipment is called that begins with a thing: a UUID of version 8 (RFC 9562 §5.8) of the thing's hash, so that the
/// name does not depend on the order in which documents come.
fn named_after(thing: &[u8]) -> Uuid {
    let mut bytes = [0; 16];
    for (byte, from) in bytes.iter_mut().zip(thing) {
        *byte = *from;
    }
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    Uuid::from_bytes(bytes)
}

pub(crate) async fn any_claimable<S: Sql>(sql: &mut S, now: Timestamp) -> Step<bool> {
    let text = "SELECT 1 FROM shipments WHERE claimable_at <= $1 LIMIT 1";
    Ok(!sql.query(text, &[Param::time(now)]).await?.is_empty())
}

pub(crate) async fn claim<S: Sql>(
    sql: &mut S,
    worker: &str,
    now: Timestamp,
    lease: Duration,
    limit: u32,
) -> Step<Vec<ClaimedShipment>> {
    let text = format!(
        "SELECT id, joined, revision, findings, failures, \
         (SELECT count(*) FROM shipment_things WHERE shipment_things.shipment = shipments.id) \
         FROM shipments WHERE claimable_at <= $1 ORDER BY claimable_at LIMIT $2 {}",
        S::LOCK_FREE_ONES
    );
    let rows = sql.query(&text, &[Param::time(now), limited(limit)]).await?;
    let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
    // One right for all of them: each is given back alone.
    let claim = ClaimId::new(now);
    let claimed = |mut row: Row| -> Result<ClaimedShipment, JournalError> {
        let (id, joined, revision) = (ShipmentId(row.id()?), row.count()?, row.optional(Row::text)?);
        let findings = row.optional(Row::json)?.unwrap_or_default();
        let (failures, things) = (row.count()?, row.count()?);
        Ok(ClaimedShipment { id, claim, joined, things, revision, findings, failures })
    };
    let claimed: Vec<ClaimedShipment> = rows.into_iter().map(claimed).collect::<Result<_, _>>()?;
    let text = format!("UPDATE shipments SET claim = $1, worker = $2, claimable_at = $3 WHERE id {}", S::among(4));
    let ids = Param::ids(claimed.iter().map(|claimed| claimed.id.0));
    sql.execute(&text, &[Param::Id(claim.0), Param::text(worker), Param::time(until), ids]).await?;
    Ok(claimed)
}

/// Gives a shipment back, to be put together not before a time.
pub(crate) async fn give_back<S: Sql>(sql: &mut S, id: ShipmentId, claim: ClaimId, at: Timestamp) -> Step<()> {
    let text = "UPDATE shipments SET claim = NULL, worker = NULL, claimable_at = $1 WHERE id = $2 AND claim = $3";
    sql.execute(text, &[Param::time(at), Param::Id(id.0), Param::Id(claim.0)]).await?;
    Ok(())
}

/// Gives back what ended processes were putting together. Only for a caller that knows that there is no other process.
pub(crate) async fn release_all<S: Sql>(sql: &mut S) -> Step<u64> {
    let text = "UPDATE shipments SET claim = NULL, worker = NULL, claimable_at = changed_at WHERE claim IS NOT NULL";
    sql.execute(text, &[]).await
}

/// Holds a shipment for whoever has claimed it until the transaction ends.
pub(crate) async fn holds<S: Sql>(sql: &mut S, id: ShipmentId, claim: ClaimId) -> Step<()> {
    let text = format!("SELECT 1 FROM shipments WHERE id = $1 AND claim = $2 {}", S::LOCK);
    match sql.query(&text, &[Param::Id(id.0), Param::Id(claim.0)]).await?.is_empty() {
        true => Err(JournalError::LeaseLost.into()),
        false => Ok(()),
    }
}

/// Gives a shipment back whose context cannot be said, and keeps why. It is tried again later each time, and at once when
/// something new comes to it.
pub(crate) async fn give_up<S: Sql>(
    sql: &mut S,
    id: ShipmentId,
    claim: ClaimId,
    problem: &str,
    now: Timestamp,
) -> Step<Timestamp> {
    let text = "UPDATE shipments SET claim = NULL, worker = NULL, problem = $1, failures = failures + 1 \
                WHERE id = $2 AND claim = $3 RETURNING failures";
    let row = sql.query(text, &[Param::text(problem), Param::Id(id.0), Param::Id(claim.0)]).await?.pop();
    let Some(mut row) = row else { return Err(JournalError::LeaseLost.into()) };
    let failures: u32 = row.count()?;
    let wait = UNFOLDED_MIN.saturating_mul(2u32.saturating_pow(failures.saturating_sub(1))).min(UNFOLDED_MAX);
    let at = now.checked_add(wait).unwrap_or(Timestamp::MAX);
    let text = "UPDATE shipments SET claimable_at = $1 WHERE id = $2";
    sql.execute(text, &[Param::time(at), Param::Id(id.0)]).await?;
    Ok(at)
}

/// Everything that the contexts of shipments are put together from, of each.
pub(crate) async fn documents<S: Sql>(
    sql: &mut S,
    shipments: &[ShipmentId],
) -> Step<HashMap<ShipmentId, ShipmentDocuments>> {
    let ids = || Param::ids(shipments.iter().map(|shipment| shipment.0));
    let of = |things: &str| {
        format!(
            "SELECT wanted.shipment, things.number, sender, things.kind, things.key, version, recorded_at, thing_versions.sha256, \
             thing_versions.exchange, thing_versions.position, documents.body FROM ({things}) AS wanted \
             JOIN things ON things.number = wanted.thing JOIN thing_versions ON thing_versions.thing = things.number \
             LEFT JOIN documents ON documents.exchange = thing_versions.exchange \
             AND documents.position = thing_versions.position ORDER BY wanted.shipment, things.number"
        )
    };
    let mut all: HashMap<ShipmentId, ShipmentDocuments> =
        shipments.iter().map(|shipment| (*shipment, ShipmentDocuments::default())).collect();
    let own = format!("SELECT shipment, thing FROM shipment_things WHERE shipment {}", S::among(1));
    for mut row in sql.query(&of(&own), &[ids()]).await? {
        all.entry(ShipmentId(row.id()?)).or_default().documents.push(stated(&mut row)?);
    }
    let known = format!(
        "SELECT DISTINCT shipment_things.shipment, known.thing FROM shipment_things \
         JOIN thing_goods ON thing_goods.thing = shipment_things.thing \
         JOIN thing_names AS known ON known.hash = thing_goods.catalogue WHERE shipment_things.shipment {}",
        S::among(1)
    );
    for mut row in sql.query(&of(&known), &[ids()]).await? {
        all.entry(ShipmentId(row.id()?)).or_default().catalogue.push(stated(&mut row)?);
    }
    share(sql, &mut all).await?;
    Ok(all)
}

/// Adds which of the costs and invoices of shipments others have as well. What the gateway itself has told of is of one alone.
async fn share<S: Sql>(sql: &mut S, all: &mut HashMap<ShipmentId, ShipmentDocuments>) -> Step<()> {
    let is_shared = |one: &&StatedDocument| SHARED.contains(&&*one.kind) && !sender::is_gateway(&one.sender);
    let of = |documents: &ShipmentDocuments| -> BTreeSet<i64> {
        documents.documents.iter().filter(is_shared).map(|one| one.thing).collect()
    };
    let things: BTreeSet<i64> = all.values().flat_map(of).collect();
    if things.is_empty() {
        return Ok(());
    }
    let mut sharers: BTreeMap<i64, BTreeSet<ShipmentId>> = BTreeMap::new();
    let text = format!("SELECT thing, shipment FROM shipment_things WHERE thing {}", S::among(1));
    for mut row in sql.query(&text, &[Param::numbers(things)]).await? {
        sharers.entry(row.int()?).or_default().insert(ShipmentId(row.id()?));
    }
    sharers.retain(|_, of| of.len() > 1);
    for documents in all.values_mut() {
        let shared = of(documents).into_iter().filter_map(|thing| Some((thing, sharers.get(&thing)?.clone())));
        documents.shared = shared.collect();
    }
    Ok(())
}

fn stated(row: &mut Row) -> Result<StatedDocument, JournalError> {
    Ok(StatedDocument {
        thing: row.int()?,
        sender: row.text()?,
        kind: row.text()?,
        key: row.text()?,
        version: row.text()?,
        recorded_at: row.int()?,
        sha256: row.digest()?,
        exchange: ExchangeId(row.id()?),
        position: row.count()?,
        body: row.optional(Row::bytes)?.and_then(|body| String::from_utf8(body).ok()),
    })
}

/// The context that was put together of a shipment.
const CONTEXT: &str = "(SELECT context FROM shipment_contexts WHERE shipment_contexts.shipment = shipments.id)";

/// The columns that [`kept`] takes, with the context or without.
fn columns(context: &str) -> String {
    SHIPMENT.replace("context,", &format!("{context},"))
}

const SHIPMENT: &str = "SELECT id, opened_at, changed_at, closed_at, joined, folded, revision, context, findings, \
                        (SELECT count(*) FROM left_out WHERE left_out.shipment = shipments.id), problem FROM shipments";

fn kept(mut row: Row) -> Result<KeptShipment, JournalError> {
    let id = ShipmentId(row.id()?);
    let (opened_at, changed_at, closed_at) = (row.time()?, row.time()?, row.optional(Row::time)?);
    let (joined, folded) = (row.int()?, row.int()?);
    Ok(KeptShipment {
        id,
        opened_at,
        changed_at,
        closed_at,
        is_current: joined == folded,
        revision: row.optional(Row::text)?,
        context: row.optional(Row::bytes)?.and_then(|context| String::from_utf8(context).ok()),
        findings: row.optional(Row::json)?.unwrap_or_default(),
        overfull: row.count()?,
        problem: row.optional(Row::text)?,
    })
}

/// The shipment of this name: whatever it is or was called.
pub(crate) async fn shipment<S: Sql>(sql: &mut S, id: Uuid) -> Step<Option<KeptShipment>> {
    let columns = columns(CONTEXT);
    let text = format!("{columns} WHERE id = (SELECT shipment FROM shipment_ids WHERE shipment_ids.id = $1)");
    Ok(sql.query(&text, &[Param::Id(id)]).await?.pop().map(kept).transpose()?)
}

/// The shipments of which some document carries this name: of this scheme, or of any.
pub(crate) async fn named<S: Sql>(
    sql: &mut S,
    is_test: bool,
    scheme: Option<&str>,
    value: &str,
    limit: u32,
) -> Step<Vec<KeptShipment>> {
    let hashes = hashes(is_test, scheme, value);
    let text = format!(
        "{} WHERE id IN (SELECT shipment FROM thing_names JOIN shipment_things \
         ON shipment_things.thing = thing_names.thing WHERE hash {}) ORDER BY changed_at DESC LIMIT $2",
        columns(CONTEXT),
        S::among(1)
    );
    let rows = sql.query(&text, &[Param::hashes(&hashes), limited(limit)]).await?;
    Ok(rows.into_iter().map(kept).collect::<Result<_, _>>()?)
}

/// Documents that no shipment has, the latest first.
pub(crate) async fn unattached<S: Sql>(sql: &mut S, catalogue: &[String], limit: u32) -> Step<Vec<Unattached>> {
    let text = "SELECT sender, kind, key, (SELECT exchange FROM thing_versions WHERE thing_versions.thing = things.number \
                ORDER BY exchange DESC LIMIT 1), overfull_since FROM things WHERE NOT EXISTS (SELECT 1 FROM shipment_things \
                WHERE shipment_things.thing = things.number) AND EXISTS (SELECT 1 FROM thing_versions \
                WHERE thing_versions.thing = things.number) ORDER BY number DESC LIMIT $1";
    let rows = sql.query(text, &[limited(limit)]).await?;
    let read = |mut row: Row| -> Result<Unattached, JournalError> {
        Ok(Unattached {
            sender: row.text()?,
            kind: row.text()?,
            key: row.text()?,
            exchange: ExchangeId(row.id()?),
            is_overfull: row.optional(Row::int)?.is_some(),
        })
    };
    let unattached: Vec<Unattached> = rows.into_iter().map(read).collect::<Result<_, _>>()?;
    Ok(unattached.into_iter().filter(|one| !catalogue.contains(&one.kind)).collect())
}

/// Closes shipments of which nothing was heard since a time.
pub(crate) async fn close_quiet<S: Sql>(sql: &mut S, before: Timestamp, now: Timestamp, limit: u32) -> Step<u64> {
    let text = "UPDATE shipments SET closed_at = $1 WHERE id IN (SELECT id FROM shipments WHERE closed_at IS NULL \
                AND changed_at < $2 AND claimable_at IS NULL ORDER BY changed_at LIMIT $3)";
    let closed = sql.execute(text, &[Param::time(now), Param::time(before), limited(limit)]).await?;
    // What is in no open shipment and has waited as long need not be kept for one.
    let text = "UPDATE things SET held = 0 WHERE number IN (SELECT number FROM things WHERE held = 1 AND seen_at < $1 \
                AND NOT EXISTS (SELECT 1 FROM shipment_things JOIN shipments ON shipments.id = shipment_things.shipment \
                WHERE shipment_things.thing = things.number AND closed_at IS NULL) ORDER BY seen_at LIMIT $2)";
    sql.execute(text, &[Param::time(before), limited(limit)]).await?;
    Ok(closed)
}
