//! What an operator's act was about: the partners and shipments that it is counted with.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::value::Param;
use super::{Sql, Step};
use crate::id::{DeliveryId, ExchangeId};

/// What is of no shipment.
const NONE: Uuid = Uuid::nil();

/// Keeps who a delivery goes to, as it tests where the delivery is one of a test, and the shipments of the message it came of.
pub(crate) async fn delivery<S: Sql>(sql: &mut S, act: i64, id: DeliveryId) -> Step<()> {
    let text = "INSERT INTO act_subjects (act, partner, shipment) SELECT DISTINCT CAST($1 AS bigint), destination || \
                CASE WHEN exchanges.partner LIKE '%/test' THEN '/test' ELSE '' END, coalesce(shipment_things.shipment, $2) \
                FROM deliveries JOIN exchanges ON exchanges.id = deliveries.exchange \
                LEFT JOIN thing_versions ON thing_versions.exchange = deliveries.exchange \
                LEFT JOIN shipment_things ON shipment_things.thing = thing_versions.thing WHERE deliveries.id = $3 \
                ON CONFLICT (act, partner, shipment) DO NOTHING";
    sql.execute(text, &[Param::Int(act), Param::Id(NONE), Param::Id(id.0)]).await?;
    Ok(())
}

/// Keeps who sent a message, and the shipments that it is of.
pub(crate) async fn exchange<S: Sql>(sql: &mut S, act: i64, id: ExchangeId) -> Step<()> {
    let text = "INSERT INTO act_subjects (act, partner, shipment) SELECT DISTINCT CAST($1 AS bigint), exchanges.partner, \
                coalesce(shipment_things.shipment, $2) FROM exchanges \
                LEFT JOIN thing_versions ON thing_versions.exchange = exchanges.id \
                LEFT JOIN shipment_things ON shipment_things.thing = thing_versions.thing WHERE exchanges.id = $3 \
                ON CONFLICT (act, partner, shipment) DO NOTHING";
    sql.execute(text, &[Param::Int(act), Param::Id(NONE), Param::Id(id.0)]).await?;
    Ok(())
}

/// Keeps the shipment that was called so at any time, and all who have a document in it.
pub(crate) async fn shipment<S: Sql>(sql: &mut S, act: i64, id: Uuid) -> Step<()> {
    let text = "INSERT INTO act_subjects (act, partner, shipment) SELECT DISTINCT CAST($1 AS bigint), things.sender, \
                shipment_things.shipment FROM shipment_ids \
                JOIN shipment_things ON shipment_things.shipment = shipment_ids.shipment \
                JOIN things ON things.number = shipment_things.thing WHERE shipment_ids.id = $2 \
                ON CONFLICT (act, partner, shipment) DO NOTHING";
    sql.execute(text, &[Param::Int(act), Param::Id(id)]).await?;
    Ok(())
}

/// Keeps who sent documents, and the shipments that they are in.
pub(crate) async fn things<S: Sql>(sql: &mut S, act: i64, things: &BTreeSet<i64>) -> Step<()> {
    let text = "INSERT INTO act_subjects (act, partner, shipment) SELECT DISTINCT CAST($1 AS bigint), things.sender, \
                coalesce(shipment_things.shipment, $2) FROM things \
                LEFT JOIN shipment_things ON shipment_things.thing = things.number WHERE things.number = $3 \
                ON CONFLICT (act, partner, shipment) DO NOTHING";
    for thing in things {
        sql.execute(text, &[Param::Int(act), Param::Id(NONE), Param::Int(*thing)]).await?;
    }
    Ok(())
}
