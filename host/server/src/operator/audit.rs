//! The audit log as security teams see it: searched, counted, exported line by line, with its head.

use portgate_core::audit::Sealed;
use portgate_operator::{
    AuditCount, AuditFilter, AuditHead, AuditLine, AuditQuery, Items, LatestQuery, NoQuery, Page, Paged,
};
use portgate_store::AuditOrder;

use super::answer::{Json, Lines};
use super::route::Call;
use super::{filters, shown};
use crate::refusal::Refusal;

pub(super) async fn search(call: Call, query: Paged<AuditQuery>) -> Result<Json<Page<AuditLine>>, Refusal> {
    let (after, limit) = (filters::after(&query)?, query.limit());
    let AuditQuery { filter, order } = query.filter;
    let order = filters::order(order);
    let entries = call.state.journal.audit_entries(&filters::audit(filter), order, after, limit).await?;
    let more = entries.len() == limit as usize;
    Ok(Json(shown::page(portgate_store::Page { items: entries, more }, |last| last.number.to_string(), line)))
}

/// Sealed entries as they are hashed, one a line, in the order of the chain.
pub(super) async fn export(call: Call, query: Paged<NoQuery>) -> Result<Lines, Refusal> {
    let (after, limit) = (filters::after(&query)?, query.limit());
    let everything = filters::audit(AuditFilter::default());
    let entries = call.state.journal.audit_entries(&everything, AuditOrder::Oldest, after, limit).await?;
    let mut lines = String::new();
    for entry in entries {
        lines.push_str(&entry.line());
        lines.push('\n');
    }
    Ok(Lines(lines))
}

/// Of each subject the last entry of a kind.
pub(super) async fn latest(call: Call, query: LatestQuery) -> Result<Json<Items<AuditLine>>, Refusal> {
    let entries = call.state.journal.audit_latest(query.kind).await?;
    Ok(Json(Items { items: entries.into_iter().map(line).collect() }))
}

/// How many entries there are, by kind, actor and subject.
pub(super) async fn counts(call: Call, filter: AuditFilter) -> Result<Json<Items<AuditCount>>, Refusal> {
    let counts = call.state.journal.audit_counts(&filters::audit(filter)).await?;
    Ok(Json(Items { items: counts.into_iter().map(shown::audit_count).collect() }))
}

/// The newest head with its signature, and the key that verifies it.
pub(super) async fn head(call: Call, _: NoQuery) -> Result<Json<AuditHead>, Refusal> {
    let head = call.state.journal.audit_head().await?.and_then(|head| shown::head(&head));
    let unsealed = call.state.journal.unsealed().await?.map_or(0, |unsealed| unsealed.count);
    let key = call.state.audit.key().public();
    Ok(Json(AuditHead { head, unsealed, key: key.id(), public_key: key.to_pem() }))
}

fn line(entry: Sealed) -> AuditLine {
    AuditLine::new(entry.line())
}
