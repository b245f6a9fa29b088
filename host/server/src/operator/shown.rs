//! What is in the journal, as operators see it.

use portgate_core::document::Part;
use portgate_core::sender;
use portgate_operator as shown;
use portgate_store::{self as store, JournalError};
use serde_json::Value;

mod again;
mod sent;

pub(super) use again::{left_out, rerun, resent};
pub(super) use sent::delivery_record;

/// A page of a list.
pub(super) fn page<T, S>(found: store::Page<T>, place: fn(&T) -> String, show: fn(T) -> S) -> shown::Page<S> {
    let next = found.items.last().filter(|_| found.more).map(place);
    shown::Page { items: found.items.into_iter().map(show).collect(), next }
}

pub(super) fn delivery(delivery: store::Delivery) -> shown::Delivery {
    shown::Delivery {
        id: delivery.id.to_string(),
        exchange: delivery.exchange.to_string(),
        destination: delivery.destination,
        contract: delivery.contract,
        version: delivery.version,
        parts: delivery.parts,
        state: delivery.state,
        acknowledged: delivery.acknowledged,
        acknowledged_in: delivery.acknowledged_in.map(|id| id.to_string()),
        acknowledge_by: delivery.acknowledge_by,
        control_numbers: delivery.numbers.map(|numbers| shown::ControlNumbers {
            interchange: numbers.interchange,
            group: numbers.group,
            first_message: numbers.first_message,
            messages: numbers.messages,
        }),
        class: delivery.class,
        findings: delivery.findings,
        created_at: delivery.created_at,
        due_at: delivery.due_at,
        settled_at: delivery.settled_at,
        lane: delivery.lane,
        waits_in_lane: delivery.waits_in_lane,
        worker: delivery.worker,
        succeeds: delivery.succeeds.map(|id| id.to_string()),
        succeeded_by: delivery.succeeded_by.map(|id| id.to_string()),
        batch: delivery.batch.map(|id| id.to_string()),
        attempted: delivery.attempted,
        attempts: delivery.attempts.into_iter().map(|one| sent::attempt(one, false)).collect(),
    }
}

pub(super) fn exchange(exchange: store::Exchange) -> shown::Exchange {
    shown::Exchange {
        id: exchange.id.to_string(),
        state: exchange.state,
        awaits_code: exchange.awaits_code,
        test: sender::is_test(&exchange.partner),
        partner: sender::partner(&exchange.partner).to_owned(),
        contract: exchange.contract,
        version: exchange.version,
        content_type: exchange.content_type,
        headers: exchange.headers,
        received_at: exchange.received_at,
        accepted_at: exchange.accepted_at,
        request_id: exchange.request_id,
        trace: exchange.trace,
        plugin: build(exchange.plugin),
        sha256: hex::encode(exchange.sha256),
        findings: exchange.findings,
        parts_refused: u32::try_from(exchange.parts.iter().filter(|part| part.is_refused()).count())
            .unwrap_or(u32::MAX),
        origin: exchange.origin.map(|delivery| delivery.to_string()),
        business_key: exchange.business_key,
        redacted_at: exchange.redacted_at,
    }
}

fn build(build: store::PluginBuild) -> shown::PluginBuild {
    let store::PluginBuild { name, version, sha256 } = build;
    shown::PluginBuild { name, version, sha256: hex::encode(sha256) }
}

/// In a list: with the keys of its documents, and why it is not accepted.
pub(super) fn listed(listed: store::ListedExchange) -> shown::ListedExchange {
    let documents = listed.documents.into_iter().map(|(kind, key)| shown::DocumentKey { kind, key });
    shown::ListedExchange { exchange: exchange(listed.exchange), documents: documents.collect(), reason: listed.reason }
}

/// Why it was refused when it came.
fn refused(refused: store::Refused) -> shown::Refused {
    let store::Refused { status, problem, detail } = refused;
    shown::Refused { r#type: format!("/problems/{problem}"), status, detail }
}

/// With documents and deliveries; a document's body only where the operator may see payloads.
pub(super) fn record(record: store::ExchangeRecord, with_bodies: bool) -> shown::ExchangeRecord {
    let parts = record.exchange.parts.clone();
    let document = |document: store::KeptDocument| {
        let body = document.body.filter(|_| with_bodies);
        shown::ExchangeDocument {
            kind: document.kind,
            key: document.key,
            references: document.refs,
            part: Part::named(&parts, document.part).map(str::to_owned),
            sha256: hex::encode(document.sha256),
            superseded_by: document.superseded_by,
            document: body.and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_default(),
        }
    };
    shown::ExchangeRecord {
        exchange: exchange(record.exchange),
        documents: record.documents.into_iter().map(document).collect(),
        parts,
        deliveries: record.deliveries.into_iter().map(delivery).collect(),
        parked: record.parked.map(parked),
        refused: record.refused.map(refused),
        reruns: record.reruns.into_iter().map(again::rerun_record).collect(),
    }
}

fn parked(parked: store::Parked) -> shown::Parked {
    let store::Parked { parked_at, failures, failed_build: _, detail, due_at } = parked;
    shown::Parked { at: parked_at, failures, last_failure: detail, due_at }
}

pub(super) fn act(act: store::Act) -> shown::Act {
    let store::Act { kind, operator, at, filter, count } = act;
    let filter = serde_json::from_str(&filter).unwrap_or_default();
    shown::Act { kind, operator: operator.name, reason: operator.reason, at, filter, count }
}

pub(super) fn delivery_count(count: store::Count) -> shown::DeliveryCount {
    let store::Count { destination, state, count, last_settled_at } = count;
    shown::DeliveryCount { destination, state, count, last_settled_at }
}

pub(super) fn parked_count(count: store::ParkedCount) -> shown::ParkedCount {
    let store::ParkedCount { partner, contract, version, state, count, oldest } = count;
    shown::ParkedCount { partner, contract, version, state, count, oldest }
}

pub(super) fn audit_count(count: store::AuditCount) -> shown::AuditCount {
    let store::AuditCount { kind, actor, subject, count, first_at, last_at } = count;
    shown::AuditCount { kind, actor, subject, count, first_at, last_at }
}

pub(super) fn approval(approval: store::Approval) -> shown::Approval {
    let store::Approval { operator, reason, at } = approval;
    shown::Approval { operator, reason, at }
}

/// # Errors
///
/// What the journal has of the change is of another version, or nobody's.
pub(super) fn pending_change(pending: store::PendingChange) -> Result<shown::PendingChange, JournalError> {
    let store::PendingChange { digest, changes, first_seen, approvals } = pending;
    let changes = serde_json::from_str(&changes)
        .map_err(|error| JournalError::Unreadable(format!("the changes that wait: {error}")))?;
    let approvals = approvals.into_iter().map(approval).collect();
    Ok(shown::PendingChange { digest: hex::encode(digest), first_seen, changes, approvals })
}

pub(super) fn accepted_state(accepted: store::AcceptedState) -> shown::AcceptedState {
    let store::AcceptedState { digest, required, state: _, approvals, at } = accepted;
    let approvals = approvals.into_iter().map(approval).collect();
    shown::AcceptedState { digest: hex::encode(digest), at, approvals, required }
}

/// A head as it is saved.
pub(super) fn head(head: &portgate_core::audit::SignedHead) -> Option<shown::Head> {
    serde_json::from_str::<Value>(&head.to_json()).ok().and_then(|head| serde_json::from_value(head).ok())
}
