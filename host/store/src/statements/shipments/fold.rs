//! Keeping what was put together of a shipment, with what the gateway makes because of it.

use super::reader;
use crate::acceptance::Acceptance;
use crate::error::JournalError;
use crate::shipment::{FoldEnd, FoldedShipment};
use crate::statements::accept::accept;
use crate::statements::event::insert_events;
use crate::statements::value::{Param, lane_name};
use crate::statements::{Sql, Step, exceptions, figures, filings, lookups};

/// Keeps a context, unless somebody else has the right to. What was joined meanwhile makes it due again; where something is to
/// be made, nothing of it is kept then.
pub(crate) async fn fold<S: Sql>(sql: &mut S, folded: &FoldedShipment) -> Step<FoldEnd> {
    let Some(lanes) = filings::hold(sql, &folded.filings).await? else { return overtaken(sql, folded).await };
    let text = "UPDATE shipments SET revision = $1, findings = $2, folded = $3, claim = NULL, worker = NULL, problem = NULL, \
                failures = CASE WHEN CAST($4 AS bigint) = 1 THEN failures + 1 ELSE 0 END, \
                claimable_at = CASE WHEN joined > $5 THEN CAST($6 AS bigint) ELSE CAST($7 AS bigint) END, lane = $8 \
                WHERE id = $9 AND claim = $10 AND joined <= $11";
    // What makes nothing may be kept whatever came meanwhile.
    let makes_nothing = folded.made.is_empty() && folded.filings.iter().all(|filing| filing.withdrawn.is_none());
    let most = if makes_nothing { i64::MAX.cast_unsigned() } else { folded.joined };
    let params = [
        Param::text(&folded.revision),
        Param::json(&folded.findings),
        Param::count(folded.joined),
        Param::Int(i64::from(folded.fails)),
        Param::count(folded.joined),
        Param::time(folded.now),
        Param::optional(folded.again_at, Param::time),
        Param::text(&folded.figures.lane),
        Param::Id(folded.id.0),
        Param::Id(folded.claim.0),
        Param::count(most),
    ];
    if sql.execute(text, &params).await? == 0 {
        return overtaken(sql, folded).await;
    }
    // Most of what is put together again says what it said before.
    let text = "INSERT INTO shipment_contexts (shipment, context) VALUES ($1, $2) ON CONFLICT (shipment) \
                DO UPDATE SET context = excluded.context WHERE shipment_contexts.context <> excluded.context";
    sql.execute(text, &[Param::Id(folded.id.0), Param::Bytes(folded.context.as_bytes())]).await?;
    lookups::keep(sql, folded.id, &folded.looked_up).await?;
    failpoint!("journal::fold::kept");
    exceptions::keep(sql, folded.id, &folded.revision, &folded.people, folded.now).await?;
    failpoint!("journal::fold::people");
    figures::keep(sql, folded.id, &folded.figures).await?;
    if !folded.told.events.is_empty() {
        reader::tell_revision(sql, folded.id, &folded.revision, folded.now).await?;
    }
    insert_events(sql, &folded.told.events).await?;
    failpoint!("journal::fold::context");
    make(sql, &folded.made, lanes).await?;
    failpoint!("journal::fold::made");
    filings::keep(sql, &folded.filings, folded.now).await?;
    failpoint!("journal::fold::filings");
    Ok(FoldEnd::Kept)
}

/// Why nothing could be kept: documents came meanwhile, or the claim is lost.
async fn overtaken<S: Sql>(sql: &mut S, folded: &FoldedShipment) -> Step<FoldEnd> {
    let text = "SELECT 1 FROM shipments WHERE id = $1 AND claim = $2";
    let is_held = !sql.query(text, &[Param::Id(folded.id.0), Param::Id(folded.claim.0)]).await?.is_empty();
    if is_held { Ok(FoldEnd::Overtaken) } else { Err(JournalError::LeaseLost.into()) }
}

/// Keeps messages of the gateway's own like any that is accepted; those that are known already are left out.
async fn make<S: Sql>(sql: &mut S, made: &[Acceptance], mut lanes: Vec<(String, String)>) -> Step<()> {
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
