//! Exchanges, deliveries and acts as an operator sees them.

use portgate_store::{Act, Count, Delivery, Exchange, ExchangeRecord, Parked};
use serde_json::{Value, json};

pub(super) fn delivery(delivery: &Delivery) -> Value {
    let attempts = delivery.attempts.iter().map(|attempt| {
        json!({ "number": attempt.number, "startedAt": attempt.started_at.to_string(),
            "endedAt": attempt.ended_at.to_string(), "status": attempt.status, "verdict": attempt.verdict,
            "detail": attempt.detail })
    });
    json!({
        "id": delivery.id.to_string(),
        "exchange": delivery.exchange.to_string(),
        "destination": delivery.destination,
        "contract": delivery.contract,
        "version": delivery.version,
        "state": delivery.state.as_str(),
        "class": delivery.class.map(|class| class.as_str()),
        "findings": delivery.findings,
        "createdAt": delivery.created_at.to_string(),
        "dueAt": delivery.due_at.to_string(),
        "settledAt": delivery.settled_at.map(|at| at.to_string()),
        "lane": delivery.lane,
        "waitsInLane": delivery.waits_in_lane,
        "worker": delivery.worker,
        "attempts": attempts.collect::<Vec<_>>(),
    })
}

pub(super) fn exchange(exchange: &Exchange) -> Value {
    let plugin = &exchange.plugin;
    json!({
        "id": exchange.id.to_string(),
        "state": exchange.state.as_str(),
        "partner": exchange.partner,
        "contract": exchange.contract,
        "version": exchange.version,
        "contentType": exchange.content_type,
        "headers": exchange.headers,
        "receivedAt": exchange.received_at.to_string(),
        "acceptedAt": exchange.accepted_at.to_string(),
        "requestId": exchange.request_id,
        "trace": exchange.trace,
        "plugin": { "name": plugin.name, "version": plugin.version, "sha256": hex::encode(plugin.sha256) },
        "sha256": hex::encode(exchange.sha256),
        "findings": exchange.findings,
        "origin": exchange.origin.map(|delivery| delivery.to_string()),
        "businessKey": exchange.business_key,
        "redactedAt": exchange.redacted_at.map(|at| at.to_string()),
    })
}

/// With documents and deliveries; a document's body only where the operator may see payloads.
pub(super) fn record(record: &ExchangeRecord, with_bodies: bool) -> Value {
    let mut shown = exchange(&record.exchange);
    let documents = record.documents.iter().map(|document| {
        let body = document.body.as_deref().filter(|_| with_bodies);
        let body = body.and_then(|body| serde_json::from_slice::<Value>(body).ok());
        json!({ "kind": document.kind, "key": document.key, "references": document.refs,
            "sha256": hex::encode(document.sha256), "document": body })
    });
    shown["documents"] = documents.collect();
    shown["deliveries"] = record.deliveries.iter().map(delivery).collect();
    shown["parked"] = record.parked.as_ref().map_or(Value::Null, parked);
    shown
}

/// What happened to an exchange that was parked and is not accepted.
fn parked(parked: &Parked) -> Value {
    json!({ "at": parked.parked_at.to_string(), "failures": parked.failures, "lastFailure": parked.detail,
        "dueAt": parked.due_at.map(|at| at.to_string()) })
}

pub(super) fn act(act: &Act) -> Value {
    let filter: Value = serde_json::from_str(&act.filter).unwrap_or_default();
    json!({ "kind": act.kind, "operator": act.operator.name, "reason": act.operator.reason, "at": act.at.to_string(),
        "filter": filter, "count": act.count })
}

pub(super) fn count(count: &Count) -> Value {
    json!({ "destination": count.destination, "state": count.state.as_str(), "count": count.count })
}
