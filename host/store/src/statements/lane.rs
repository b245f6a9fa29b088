//! The lanes of deliveries, in which one waits for the other.

use std::collections::BTreeSet;

use super::value::{Param, lane_name};
use super::{Sql, Step};
use crate::acceptance::NewDelivery;

/// Locks the lanes of new deliveries, always in the same order.
pub(crate) async fn lock_lanes<S: Sql>(sql: &mut S, deliveries: &[NewDelivery]) -> Step<()> {
    let named =
        |delivery: &NewDelivery| Some((delivery.destination.clone(), lane_name(delivery.lane.as_ref()?).into_owned()));
    let lanes: BTreeSet<(String, String)> = deliveries.iter().filter_map(named).collect();
    let lanes: Vec<(&str, &str)> =
        lanes.iter().map(|(destination, lane)| (destination.as_str(), lane.as_str())).collect();
    match lanes.is_empty() {
        true => Ok(()),
        false => sql.lock_lanes(&lanes).await,
    }
}

/// Whether a delivery of the lane has its turn. The next one gets its turn when the one before is settled, so only in
/// an empty lane none has it.
pub(crate) async fn lane_is_taken<S: Sql>(sql: &mut S, destination: &str, lane: &str) -> Step<bool> {
    let text = "SELECT 1 FROM deliveries WHERE destination = $1 AND lane = $2 AND claimable_at IS NOT NULL LIMIT 1";
    let found = sql.query(text, &[Param::text(destination), Param::text(lane)]).await?;
    Ok(!found.is_empty())
}

/// Gives the turn to the oldest that waits in the lane, unless one has it.
pub(crate) async fn next_in_lane<S: Sql>(sql: &mut S, destination: &str, lane: &str) -> Step<()> {
    if lane_is_taken(sql, destination, lane).await? {
        return Ok(());
    }
    let text = "UPDATE deliveries SET claimable_at = due_at WHERE number = (SELECT min(number) FROM deliveries \
                WHERE destination = $1 AND lane = $2 AND claimable_at IS NULL AND settled_at IS NULL)";
    sql.execute(text, &[Param::text(destination), Param::text(lane)]).await?;
    Ok(())
}
