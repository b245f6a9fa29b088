//! Removing what has been kept long enough. What still needs somebody's work is never touched.

use jiff::Timestamp;
use uuid::Uuid;

use super::figures::attempts;
use super::value::Param;
use super::{Sql, Step, limited, lookups, names};
use crate::id::first_at;

/// No shipment that is not closed is put together of its documents. Nothing of the exchange waits for a code, is to be decoded, sent, asked about or looked at, nor what is kept with it for
/// others that went out together with it.
const CLOSED: &str = "NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.exchange = exchanges.id \
                      AND (state IN ('pending', 'awaiting', 'dead') OR acknowledgement IN ('awaited', 'overdue'))) \
                      AND NOT EXISTS (SELECT 1 FROM deliveries JOIN deliveries AS others ON others.batch = deliveries.id \
                      WHERE deliveries.exchange = exchanges.id AND others.state IN ('pending', 'awaiting', 'dead')) \
                      AND NOT EXISTS (SELECT 1 FROM parked WHERE parked.exchange = exchanges.id \
                      AND parked.state IN ('parked', 'failed')) \
                      AND NOT EXISTS (SELECT 1 FROM exchanges_awaiting_codes WHERE exchanges_awaiting_codes.exchange = exchanges.id) \
                      AND NOT EXISTS (SELECT 1 FROM thing_versions JOIN things ON things.number = thing_versions.thing \
                      WHERE thing_versions.exchange = exchanges.id AND things.held = 1)";

async fn closed<S: Sql>(sql: &mut S, before: Timestamp, also: &str, limit: u32) -> Step<Vec<Uuid>> {
    let text = format!("SELECT id FROM exchanges WHERE id < $1 AND {CLOSED} {also} ORDER BY id LIMIT $2 {}", S::LOCK);
    let rows = sql.query(&text, &[Param::Id(first_at(before)), limited(limit)]).await?;
    Ok(rows.into_iter().map(|mut row| row.id()).collect::<Result<_, _>>()?)
}

pub(crate) async fn redact<S: Sql>(sql: &mut S, before: Timestamp, now: Timestamp, limit: u32) -> Step<u64> {
    let exchanges = closed(sql, before, "AND redacted_at IS NULL", limit).await?;
    for id in &exchanges {
        let text = "UPDATE exchanges SET payload = NULL, redacted_at = $1 WHERE id = $2";
        sql.execute(text, &[Param::time(now), Param::Id(*id)]).await?;
        sql.execute("UPDATE documents SET body = NULL WHERE exchange = $1", &[Param::Id(*id)]).await?;
        for table in ["requests", "transcripts"] {
            let text = format!("DELETE FROM {table} WHERE delivery IN (SELECT id FROM deliveries WHERE exchange = $1)");
            sql.execute(&text, &[Param::Id(*id)]).await?;
        }
    }
    forget_events(sql, before, limit).await?;
    Ok(exchanges.len() as u64)
}

/// Removes old events from the front.
async fn forget_events<S: Sql>(sql: &mut S, before: Timestamp, limit: u32) -> Step<u64> {
    let order = S::EVENTS_ORDER;
    let text = format!(
        "DELETE FROM events WHERE ({order}) IN (SELECT {order} FROM (SELECT {order}, at FROM events ORDER BY {order} \
         LIMIT $1) AS oldest WHERE at < $2) AND {}",
        S::EVENTS_FORGETTABLE
    );
    sql.execute(&text, &[limited(limit), Param::time(before)]).await
}

pub(crate) async fn purge<S: Sql>(sql: &mut S, before: Timestamp, limit: u32) -> Step<u64> {
    let exchanges = closed(sql, before, "", limit).await?;
    for id in &exchanges {
        sql.execute("DELETE FROM exchanges WHERE id = $1", &[Param::Id(*id)]).await?;
    }
    // One pack of names goes as well. Some of its exchanges may still be there, which is accepted: names are no
    // promise.
    names::forget(sql, before).await?;
    lookups::forget(sql, before).await?;
    attempts::forget(sql, before).await?;
    Ok(exchanges.len() as u64)
}

/// What is of no shipment that is open, or was closed since a time: of the shipment in this column, with that time as this parameter.
fn is_over(shipment: &str, before: &str) -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM shipment_ids JOIN shipments ON shipments.id = shipment_ids.shipment \
         WHERE shipment_ids.id = {shipment} AND (shipments.closed_at IS NULL OR shipments.closed_at >= {before}))"
    )
}

/// What was decided of shipments that were closed long ago. Should a document come to one after all, none of its others is there
/// any more that anything could be declared of.
pub(crate) async fn forget_decided<S: Sql>(sql: &mut S, before: Timestamp, limit: u32) -> Step<u64> {
    let params = [Param::time(before), Param::time(before), limited(limit)];
    let text = format!(
        "DELETE FROM exceptions WHERE id IN (SELECT id FROM exceptions WHERE state = 'closed' AND closed_at < $1 AND {} \
         ORDER BY closed_at LIMIT $3)",
        is_over("exceptions.shipment", "$2")
    );
    let mut gone = sql.execute(&text, &params).await?;
    let text = format!(
        "DELETE FROM overrides WHERE number IN (SELECT number FROM overrides WHERE at < $1 AND {} ORDER BY number LIMIT $3)",
        is_over("overrides.shipment", "$2")
    );
    gone += sql.execute(&text, &params).await?;
    let text = format!(
        "DELETE FROM expectations WHERE (shipment, name, about) IN (SELECT shipment, name, about FROM expectations \
         WHERE due_at < $1 AND {} LIMIT $3)",
        is_over("expectations.shipment", "$2")
    );
    gone += sql.execute(&text, &params).await?;
    // Those that want somebody stay.
    let text = format!(
        "SELECT shipment, name FROM filings WHERE changed_at < $1 AND state IN ('draft', 'accepted', 'released', 'cleared', 'cancelled') \
         AND {} ORDER BY changed_at LIMIT $3",
        is_over("filings.shipment", "$2")
    );
    for mut row in sql.query(&text, &params).await? {
        let (shipment, name) = (row.id()?, row.text()?);
        for table in ["filing_deliveries", "filings"] {
            let text = format!("DELETE FROM {table} WHERE shipment = $1 AND name = $2");
            gone += sql.execute(&text, &[Param::Id(shipment), Param::text(&name)]).await?;
        }
    }
    Ok(gone)
}
