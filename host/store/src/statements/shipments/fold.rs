//! Keeping what was put together of shipments, with what the gateway makes because of it.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::reader;
use crate::acceptance::Acceptance;
use crate::error::JournalError;
use crate::event::NewEvent;
use crate::id::ShipmentId;
use crate::shipment::{FoldEnd, FoldedShipment};
use crate::statements::accept::accept;
use crate::statements::due::touch;
use crate::statements::table::table;
use crate::statements::value::{Param, Row, lane_name};
use crate::statements::{Sql, Step, exceptions, figures, filings, lookups};

/// What becomes of a shipment's row: what was joined meanwhile makes it due again.
const SET: &str = "revision = given.revision, findings = given.findings, folded = given.joined, claim = NULL, worker = NULL, \
                   problem = NULL, failures = CASE WHEN given.fails = 1 THEN shipments.failures + 1 ELSE 0 END, \
                   claimable_at = CASE WHEN shipments.joined > given.joined THEN given.now ELSE given.again_at END, \
                   lane = given.lane";
/// Unless somebody else has the right to it, or something came on which nothing can be made any more.
const WHICH: &str = "shipments.id = given.id AND shipments.claim = given.claim AND shipments.joined <= given.most";

struct FoldedRow<'f>(&'f FoldedShipment);

table! {
    shipments(row: FoldedRow<'_>) {
        id: Id = Param::Id(row.0.id.0),
        claim: Id = Param::Id(row.0.claim.0),
        revision: Text = Param::text(&row.0.revision),
        findings: Text = Param::json(&row.0.findings),
        joined: Int = Param::count(row.0.joined),
        // What makes nothing may be kept whatever came meanwhile.
        most: Int = Param::count(if row.0.makes_nothing() { i64::MAX.cast_unsigned() } else { row.0.joined }),
        fails: Int = Param::Int(i64::from(row.0.fails)),
        now: Int = Param::time(row.0.now),
        again_at: Int = Param::optional(row.0.again_at, Param::time),
        lane: Text = Param::text(&row.0.figures.lane),
    }
}

struct ContextRow<'f>(&'f FoldedShipment);

table! {
    shipment_contexts(row: ContextRow<'_>) {
        shipment: Id = Param::Id(row.0.id.0),
        context: Bytes = Param::Bytes(row.0.context.as_bytes()),
    }
}

/// Keeps a context, unless somebody else has the right to. Where something is to be made and documents were joined meanwhile,
/// nothing of it is kept.
pub(crate) async fn fold<S: Sql>(sql: &mut S, folded: &FoldedShipment) -> Step<FoldEnd> {
    let wakes: BTreeSet<Uuid> = folded.wakes.iter().map(|id| id.0).collect();
    if !wakes.is_empty() {
        // Those that wake each other have all their rows in one order, so that none waits in a circle.
        let text = format!("SELECT 1 FROM shipments WHERE id {} ORDER BY id {}", S::among(1), S::LOCK);
        sql.query(&text, &[Param::ids(wakes.iter().copied().chain([folded.id.0]))]).await?;
    }
    let Some(lanes) = filings::hold(sql, &folded.filings).await? else { return overtaken(sql, folded).await };
    if sql.change(&[FoldedRow(folded)], SET, WHICH).await? == 0 {
        return overtaken(sql, folded).await;
    }
    touch(sql, &wakes, folded.now).await?;
    keep(sql, &[folded], lanes).await?;
    Ok(FoldEnd::Kept)
}

/// Keeps the contexts of those that make nothing and that nobody else has or works on, in as few statements for many as for one.
/// Gives back which.
pub(crate) async fn fold_together<S: Sql>(sql: &mut S, all: &[FoldedShipment]) -> Step<BTreeSet<ShipmentId>> {
    // Who joins has many rows as well, in an order of its own: whoever waited for it with rows that it wants would wait in a circle.
    let text = format!("SELECT id, claim FROM shipments WHERE id {} {}", S::among(1), S::LOCK_FREE_ONES);
    let rows = sql.query(&text, &[Param::ids(all.iter().map(|folded| folded.id.0))]).await?;
    let read = |mut row: Row| -> Result<(Uuid, Option<Uuid>), JournalError> { Ok((row.id()?, row.optional(Row::id)?)) };
    let free: BTreeSet<(Uuid, Option<Uuid>)> = rows.into_iter().map(read).collect::<Result<_, _>>()?;
    let is_free = |folded: &&FoldedShipment| free.contains(&(folded.id.0, Some(folded.claim.0)));
    let kept: Vec<&FoldedShipment> = all.iter().filter(|folded| folded.makes_nothing()).filter(is_free).collect();
    if !kept.is_empty() {
        let rows: Vec<FoldedRow<'_>> = kept.iter().map(|folded| FoldedRow(folded)).collect();
        sql.change(&rows, SET, WHICH).await?;
        keep(sql, &kept, Vec::new()).await?;
    }
    Ok(kept.into_iter().map(|folded| folded.id).collect())
}

/// Keeps all that goes with contexts, whose shipments are the caller's until the transaction ends.
async fn keep<S: Sql>(sql: &mut S, kept: &[&FoldedShipment], lanes: Vec<(String, String)>) -> Step<()> {
    // Most of what is put together again says what it said before.
    let known = "ON CONFLICT (shipment) DO UPDATE SET context = excluded.context \
                 WHERE shipment_contexts.context <> excluded.context";
    let contexts: Vec<ContextRow<'_>> = kept.iter().map(|folded| ContextRow(folded)).collect();
    sql.put(&contexts, known).await?;
    lookups::keep(sql, &kept.iter().map(|folded| (folded.id, &*folded.looked_up)).collect::<Vec<_>>()).await?;
    failpoint!("journal::fold::kept");
    exceptions::keep(sql, kept).await?;
    failpoint!("journal::fold::people");
    figures::keep(sql, &kept.iter().map(|folded| (folded.id, &folded.figures)).collect::<Vec<_>>()).await?;
    reader::tell_revisions(sql, kept.iter().copied().filter(|folded| !folded.told.events.is_empty())).await?;
    sql.add(&kept.iter().flat_map(|folded| &folded.told.events).collect::<Vec<&NewEvent>>()).await?;
    failpoint!("journal::fold::context");
    make(sql, &kept.iter().flat_map(|folded| &folded.made).collect::<Vec<_>>(), lanes).await?;
    failpoint!("journal::fold::made");
    for folded in kept {
        filings::keep(sql, &folded.filings, folded.now).await?;
    }
    failpoint!("journal::fold::filings");
    Ok(())
}

/// Why nothing could be kept: documents came meanwhile, or the claim is lost.
async fn overtaken<S: Sql>(sql: &mut S, folded: &FoldedShipment) -> Step<FoldEnd> {
    let text = "SELECT 1 FROM shipments WHERE id = $1 AND claim = $2";
    let is_held = !sql.query(text, &[Param::Id(folded.id.0), Param::Id(folded.claim.0)]).await?.is_empty();
    if is_held { Ok(FoldEnd::Overtaken) } else { Err(JournalError::LeaseLost.into()) }
}

/// Keeps messages of the gateway's own like any that is accepted; those that are known already are left out.
async fn make<S: Sql>(sql: &mut S, made: &[&Acceptance], mut lanes: Vec<(String, String)>) -> Step<()> {
    // All lanes at once, so that nobody who wants several of them waits for somebody who waits for it.
    let deliveries = made.iter().flat_map(|made| &made.deliveries);
    lanes.extend(deliveries.filter_map(|to| Some((to.destination.clone(), lane_name(to.lane.as_ref()?).into_owned()))));
    lanes.sort();
    lanes.dedup();
    let lanes: Vec<(&str, &str)> = lanes.iter().map(|(to, lane)| (to.as_str(), lane.as_str())).collect();
    if !lanes.is_empty() {
        sql.lock_lanes(&lanes).await?;
    }
    for made in made {
        accept(sql, made).await?;
    }
    Ok(())
}
