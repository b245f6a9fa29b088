//! A new delivery, its place in its lane, and the one that it was made after.

use jiff::Timestamp;

use super::lane::lane_is_taken;
use super::request::insert_request;
use super::rows::{DeliveryRow, RequestRow};
use super::table::insert;
use super::value::Param;
use super::{Sql, Step, batch};
use crate::acceptance::NewDelivery;
use crate::id::{DeliveryId, ExchangeId};

pub(crate) async fn insert_delivery<S: Sql>(
    sql: &mut S,
    exchange: ExchangeId,
    delivery: &NewDelivery,
    now: Timestamp,
) -> Step<()> {
    let mut row = DeliveryRow::of(exchange, delivery, now);
    // Another delivery of its lane may be before it.
    if let Some((destination, lane)) = row.place_in_lane()
        && lane_is_taken(sql, destination, lane).await?
    {
        row.claimable_at = None;
    }
    insert(sql, &row).await?;
    if let Some(request) = RequestRow::known(delivery) {
        insert_request(sql, &request).await?;
    }
    match &delivery.batched {
        Some(batched) => batch::call_when_full(sql, &delivery.destination, &batched.batching, now).await,
        None => Ok(()),
    }
}

/// Keeps that one delivery was made after another, or in its place.
pub(crate) async fn succeed<S: Sql>(sql: &mut S, successor: DeliveryId, predecessor: DeliveryId) -> Step<()> {
    let text = "INSERT INTO successions (successor, predecessor) VALUES ($1, $2)";
    sql.execute(text, &[Param::Id(successor.0), Param::Id(predecessor.0)]).await?;
    Ok(())
}
