//! Versions of reference tables, and the shipments that were judged again because of them.

use portgate_operator::{Items, TableQuery, TableReview, TableReviewQuery, TableVersion};
use portgate_store as store;

use super::answer::Json;
use super::route::Call;
use crate::refusal::Refusal;

/// Versions that are listed, at most.
const VERSIONS_MAX: u32 = 200;
/// Shipments that are listed, at most.
const REVIEWS_MAX: u32 = 1_000;

pub(super) async fn versions(call: Call, query: TableQuery) -> Result<Json<Items<TableVersion>>, Refusal> {
    let found = call.state.journal.table_versions(query.table, VERSIONS_MAX).await?;
    let shown = |store::TableVersion { table, number, file, taken_at, change, shipments }| TableVersion {
        table,
        number,
        file,
        taken_at,
        change: change.and_then(|change: String| serde_json::from_str(&change).ok()),
        shipments,
    };
    Ok(Json(Items { items: found.into_iter().map(shown).collect() }))
}

pub(super) async fn reviews(call: Call, query: TableReviewQuery) -> Result<Json<Items<TableReview>>, Refusal> {
    let TableReviewQuery { table, version } = query;
    let version = match version {
        Some(version) => version,
        None => {
            let last = call.state.journal.table_versions(Some(table.clone()), 1).await?;
            last.first().map_or(0, |last| last.number)
        }
    };
    let found = call.state.journal.table_reviews(table, version, REVIEWS_MAX).await?;
    let shown = |store::TableReview { shipment, key, before, after, day, at }| TableReview {
        shipment: shipment.to_string(),
        key,
        before,
        after,
        day,
        at,
    };
    Ok(Json(Items { items: found.into_iter().map(shown).collect() }))
}
