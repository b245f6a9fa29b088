//! Shipments that are put together anew.

use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;

use super::value::Param;
use super::{Sql, Step};

/// Whoever puts one together meanwhile goes on, and it is due again when that is done.
pub(crate) const CHANGED: &str = "joined = joined + 1, closed_at = NULL, \
                       claimable_at = CASE WHEN claim IS NULL THEN CAST($1 AS bigint) ELSE claimable_at END, changed_at = $2";

/// Has these shipments put together anew.
pub(crate) async fn touch<S: Sql>(sql: &mut S, shipments: &BTreeSet<Uuid>, now: Timestamp) -> Step<()> {
    if shipments.is_empty() {
        return Ok(());
    }
    let text = format!("UPDATE shipments SET {CHANGED} WHERE id {}", S::among(3));
    sql.execute(&text, &[Param::time(now), Param::time(now), Param::ids(shipments.iter().copied())]).await?;
    Ok(())
}

/// Has the shipment put together anew that is, or was, called so: something has happened that is no document of it.
pub(crate) async fn touch_named<S: Sql>(sql: &mut S, id: Uuid, now: Timestamp) -> Step<u32> {
    let text = format!(
        "UPDATE shipments SET {CHANGED} WHERE id = (SELECT shipment FROM shipment_ids WHERE shipment_ids.id = $3)"
    );
    let changed = sql.execute(&text, &[Param::time(now), Param::time(now), Param::Id(id)]).await?;
    Ok(u32::try_from(changed).unwrap_or(u32::MAX))
}
