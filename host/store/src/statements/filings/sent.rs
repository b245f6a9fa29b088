//! The deliveries of filings: how far each has come, when it may go, and who may have it sent again.

use jiff::Timestamp;
use portgate_core::filing::{FilingState, Standing};

use super::super::due::touch_named;
use super::super::state::LEFT_UNSAID;
use super::super::value::{Param, Row};
use super::super::{Sql, Step};
use super::{COLUMNS, kept};
use crate::error::JournalError;
use crate::id::DeliveryId;
use crate::resend::LeftOut;

/// The columns that [`standing`] takes.
pub(super) const STANDING: &str = "state, claim, may_be_taken";

/// How far a delivery has come: nothing of it has left as long as the partner has it by no sending and nobody has it in hand.
pub(super) fn standing(row: &mut Row) -> Result<Standing, JournalError> {
    let (state, claim, may_be_taken) = (row.text()?, row.optional(Row::id)?, row.count::<u64>()?);
    Ok(match state.as_str() {
        "delivered" => Standing::Taken,
        "dead" | "discarded" if may_be_taken > 0 => Standing::Unsure,
        "dead" => Standing::Dead,
        "discarded" => Standing::Discarded,
        "pending" if claim.is_none() && may_be_taken == 0 => Standing::Waiting,
        _ => Standing::UnderWay,
    })
}

/// That a delivery may go as far as filings are concerned: what a filing declares goes only once its shipment was put together of all
/// that is known, so that whatever stands against it by now has had its say. What may have left already goes on.
pub(crate) const MAY_GO: &str = "(may_be_taken > 0 OR NOT EXISTS (SELECT 1 FROM filing_deliveries \
     JOIN shipment_ids ON shipment_ids.id = filing_deliveries.shipment JOIN shipments ON shipments.id = shipment_ids.shipment \
     WHERE filing_deliveries.delivery = deliveries.id AND shipments.joined > shipments.folded))";

/// Gives a delivery of a filing back that somebody had and has said nothing of, and has its filing look at it first; false where it
/// is of none.
pub(crate) async fn given_back<S: Sql>(sql: &mut S, delivery: DeliveryId, now: Timestamp) -> Step<bool> {
    if delivery_changed(sql, delivery, now).await? == 0 {
        return Ok(false);
    }
    let text = format!(
        "UPDATE deliveries SET {LEFT_UNSAID}, claim = NULL, worker = NULL, claimable_at = due_at WHERE id = $1"
    );
    sql.execute(&text, &[Param::Id(delivery.0)]).await?;
    Ok(true)
}

/// Has all filings looked at of which somebody has a delivery in hand. Only for a caller that knows that there is no other process.
pub(crate) async fn look_at_claimed<S: Sql>(sql: &mut S) -> Step<()> {
    let text = "UPDATE shipments SET joined = joined + 1, closed_at = NULL, \
                claimable_at = CASE WHEN claim IS NULL THEN changed_at ELSE claimable_at END WHERE id IN (\
                SELECT shipment_ids.shipment FROM deliveries \
                JOIN filing_deliveries ON filing_deliveries.delivery = deliveries.id \
                JOIN shipment_ids ON shipment_ids.id = filing_deliveries.shipment \
                WHERE deliveries.claimable_at IS NOT NULL AND deliveries.claim IS NOT NULL)";
    sql.execute(text, &[]).await?;
    Ok(())
}

/// Has the shipments of a delivery's filing looked at again: something has become of it.
pub(crate) async fn delivery_changed<S: Sql>(sql: &mut S, delivery: DeliveryId, now: Timestamp) -> Step<u32> {
    let text = "SELECT shipment FROM filing_deliveries WHERE delivery = $1";
    match sql.query(text, &[Param::Id(delivery.0)]).await?.pop() {
        Some(mut row) => touch_named(sql, row.id()?, now).await,
        None => Ok(0),
    }
}

/// That a delivery is of a filing, which alone sends it: sent again byte for byte it would be another submission, of what may have
/// changed since.
pub(crate) async fn keeps_from_resend<S: Sql>(sql: &mut S, delivery: DeliveryId) -> Step<Option<LeftOut>> {
    let text = "SELECT lrn FROM filing_deliveries JOIN filings ON filings.shipment = filing_deliveries.shipment \
                AND filings.name = filing_deliveries.name WHERE delivery = $1";
    let row = sql.query(text, &[Param::Id(delivery.0)]).await?.pop();
    Ok(row.map(|mut row| row.text()).transpose()?.map(LeftOut::Filing))
}

/// Why a dead delivery of a filing is not tried again. One that surely never left is looked at by its filing before it goes; one that
/// may have left goes as it was, and so only where that is what would be declared now and nothing stands against it.
pub(crate) async fn keeps_from_retry<S: Sql>(sql: &mut S, delivery: DeliveryId) -> Step<Option<LeftOut>> {
    let text = format!(
        "SELECT may_be_taken, shipments.joined, shipments.folded, {COLUMNS} FROM filing_deliveries \
         JOIN deliveries ON deliveries.id = filing_deliveries.delivery \
         JOIN filings ON filings.shipment = filing_deliveries.shipment AND filings.name = filing_deliveries.name \
         JOIN shipment_ids ON shipment_ids.id = filing_deliveries.shipment \
         JOIN shipments ON shipments.id = shipment_ids.shipment WHERE filing_deliveries.delivery = $1"
    );
    let Some(mut row) = sql.query(&text, &[Param::Id(delivery.0)]).await?.pop() else { return Ok(None) };
    let (may_be_taken, joined, folded) = (row.count::<u64>()?, row.int()?, row.int()?);
    let filing = kept(row)?.filing;
    let is_current = filing.current().next_back().is_some_and(|step| step.delivery == delivery.to_string());
    let is_as_it_was = filing.state == FilingState::Undelivered
        && filing.pending.is_empty()
        && filing.findings.is_empty()
        && joined == folded;
    let may_go = is_current && (may_be_taken == 0 || is_as_it_was);
    Ok((!may_go).then_some(LeftOut::Outdated(filing.lrn)))
}
