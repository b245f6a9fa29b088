//! What operators see and do.
//!
//! | request | needs | gives |
//! |---|---|---|
//! | `GET /v1/deliveries?…` | `read` | deliveries by filter, without attempts, in pages |
//! | `GET /v1/deliveries/count?…` | `read` | how many a filter means, by destination and state |
//! | `POST /v1/deliveries/retry`, `/discard` | `deliver` | does it, by filter, and keeps who did it and why |
//! | `GET /v1/acts` | `read` | the latest acts |
//! | `GET /v1/exchanges?…` | `read` | exchanges by filter, in pages |
//! | `GET /v1/exchanges/{id}` | `read` | one, with its deliveries and their attempts; documents with `payload` |
//! | `GET /v1/exchanges/{id}/payload` | `payload` | the payload, byte for byte |
//! | `POST /v1/exchanges/retry`, `/discard` | `deliver` | does it to those that have failed, and keeps who did it and why |
//! | `GET /v1/quarantines` | `read` | which plugins are out for which partners, and what is parked |
//! | `POST /v1/quarantines/lift` | `deliver` | ends one, and keeps who did it and why |
//! | `GET /v1/plugins`, `/v1/plugins/{name}/use` | `read` | plugins, and what they were seen to use: [`super::plugins`] |
//! | `POST /v1/replays` | `payload` | nothing: it tells of a replay, which the audit log keeps |
//! | `GET /v1/audit?…` | `audit` | entries of the audit log by filter, in pages, the newest first |
//! | `GET /v1/audit/counts?…` | `audit` | how many a filter means, by kind, actor and subject |
//! | `GET /v1/audit/latest?kind=…` | `audit` | of each subject the last entry of a kind |
//! | `GET /v1/audit/export?…` | `audit` | entries as they are hashed, one a line |
//! | `GET /v1/audit/head` | `audit` | the newest head, and the key that verifies it |
//! | `GET /v1/bom` | `audit` | what this gateway is made of (CycloneDX) |
//! | `GET /v1/plugins/{name}/bom` | `audit` | what a plugin is made of, as its author says |
//! | `GET /v1/changes` | `read` | what waits for people under the two-person rule, with every change, and what is accepted |
//! | `POST /v1/changes/{digest}/approve` | `approve` | a person's word for it, with a reason; each person counts once |
//!
//! A page is `{"items": […], "next": …}`; `next` goes into `after` of the next request, and is null on the last page.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response};
use jiff::Timestamp;
use portgate_core::policy::Permission;
use portgate_http::body::{self, BodyLimits};
use portgate_http::connection::{Peer, RequestBody};
use portgate_store::{ActKind, ExchangeAct, ExchangeId};
use serde_json::{Value, json};

use super::wanted::{Act, Fields};
use super::{audit, changes, plugins, quarantines, shown};
use crate::access::Operator;
use crate::problem;
use crate::refusal::Refusal;
use crate::state::State;

/// A filter with many ids.
const BODY_BYTES_MAX: u64 = 1 << 20;
/// An act's body comes from a tool beside the gateway.
const BODY_DEADLINE: Duration = Duration::from_secs(10);
/// Deliveries that become due in a second after a retry that does not say how many.
const PER_SECOND: NonZeroU32 = NonZeroU32::new(50).unwrap();
/// The latest acts.
const ACTS: u32 = 200;

/// Answers one request. Every end is logged once, with the operator's name.
pub(super) async fn answer(gateway: &State, request: Request<RequestBody>, peer: &Peer) -> Response<Bytes> {
    let (head, body) = request.into_parts();
    let began = Instant::now();
    let mut operator = String::new();
    let result = carry(gateway, &head, body, peer, &mut operator).await;
    let (response, outcome) = match result {
        Ok(response) => (response, "ok"),
        Err(refusal) => {
            if let Refusal::OperatorNotPermitted { permission } = refusal {
                gateway.audit.note(vec![audit::refused(&operator, permission, head.method.as_str())]).await;
            }
            if refusal.is_ours() {
                tracing::warn!(operator, "{refusal}");
            }
            let problem = refusal.problem();
            (problem.render(&format!("urn:uuid:{}", uuid::Uuid::now_v7())), problem.kind.slug)
        }
    };
    let (method, path, status) = (head.method.as_str(), head.uri.path(), response.status().as_u16());
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    tracing::info!(operator, method, path, status, outcome, micros, "operator request");
    response
}

async fn carry(
    gateway: &State,
    head: &Parts,
    body: RequestBody,
    peer: &Peer,
    name: &mut String,
) -> Result<Response<Bytes>, Refusal> {
    if let Some(slug) = head.uri.path().strip_prefix("/problems/") {
        let page = problem::page(slug).ok_or(Refusal::NotFound)?;
        return Ok(found(page.into(), "text/html; charset=utf-8"));
    }
    let configuration = gateway.configuration.load_full();
    let operator = configuration.operators.identify(&head.headers)?;
    peer.prove();
    name.clone_from(&operator.name);
    // One path means one thing: the prefix is there once, and no segment is empty.
    let parts: Vec<&str> = head.uri.path().strip_prefix("/v1/").unwrap_or_default().split('/').collect();
    if parts.contains(&"") {
        return Err(Refusal::NotFound);
    }
    let method = &head.method;
    match (parts.as_slice(), method) {
        (["deliveries"], &Method::GET) => deliveries(gateway, head, &operator).await,
        (["deliveries", "count"], &Method::GET) => count(gateway, head, &operator).await,
        (["deliveries", "retry"], &Method::POST) => act(gateway, head, body, &operator, Kind::Retry).await,
        (["deliveries", "discard"], &Method::POST) => act(gateway, head, body, &operator, Kind::Discard).await,
        (["acts"], &Method::GET) => {
            operator.needs(Permission::Read)?;
            let acts = gateway.journal.acts(ACTS).await?;
            Ok(json(&json!({ "items": acts.iter().map(shown::act).collect::<Vec<_>>() })))
        }
        (["exchanges"], &Method::GET) => exchanges(gateway, head, &operator).await,
        (["exchanges", "retry"], &Method::POST) => {
            quarantines::act(gateway, &read(head, body).await?, &operator, ExchangeAct::Retry).await
        }
        (["exchanges", "discard"], &Method::POST) => {
            quarantines::act(gateway, &read(head, body).await?, &operator, ExchangeAct::Discard).await
        }
        (["quarantines"], &Method::GET) => quarantines::list(gateway, &operator).await,
        (["quarantines", "lift"], &Method::POST) => {
            quarantines::lift(gateway, &read(head, body).await?, &operator).await
        }
        (["exchanges", id], &Method::GET) => exchange(gateway, id, &operator).await,
        (["exchanges", id, "payload"], &Method::GET) => payload(gateway, id, &operator).await,
        (["plugins"], &Method::GET) => plugins::list(gateway, head, &operator).await,
        (["plugins", name, "use"], &Method::GET) => plugins::uses(gateway, name, head, &operator).await,
        (["replays"], &Method::POST) => audit::replay(gateway, &read(head, body).await?, &operator).await,
        (["audit"], &Method::GET) => audit::search(gateway, head, &operator).await,
        (["audit", "counts"], &Method::GET) => audit::counts(gateway, head, &operator).await,
        (["audit", "latest"], &Method::GET) => audit::latest(gateway, head, &operator).await,
        (["audit", "export"], &Method::GET) => audit::export(gateway, head, &operator).await,
        (["audit", "head"], &Method::GET) => audit::head(gateway, &operator).await,
        (["bom"], &Method::GET) => audit::bom(&operator),
        (["plugins", name, "bom"], &Method::GET) => audit::bom_of(gateway, name, &operator),
        (["changes"], &Method::GET) => changes::list(gateway, &operator).await,
        (["changes", digest, "approve"], &Method::POST) => {
            changes::approve(gateway, digest, &read(head, body).await?, &operator).await
        }
        (
            ["deliveries" | "exchanges", "retry" | "discard"]
            | ["replays"]
            | ["quarantines", "lift"]
            | ["changes", _, "approve"],
            _,
        ) => Err(Refusal::MethodNotAllowed { allow: "POST" }),
        (
            ["deliveries" | "acts" | "exchanges" | "audit" | "bom" | "plugins" | "quarantines" | "changes", ..],
            &Method::GET,
        ) => Err(Refusal::NotFound),
        (["deliveries" | "acts" | "exchanges" | "audit" | "bom" | "plugins" | "quarantines" | "changes", ..], _) => {
            Err(Refusal::MethodNotAllowed { allow: "GET" })
        }
        _ => Err(Refusal::NotFound),
    }
}

async fn deliveries(gateway: &State, head: &Parts, operator: &Operator) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Read)?;
    let mut fields = Fields::of_query(head.uri.query());
    let ((after, limit), filter) = (fields.page(), fields.deliveries());
    fields.done()?;
    let found = gateway.journal.deliveries(&filter, after, limit).await?;
    let next = found.last().filter(|_| found.len() == limit as usize).map(|last| last.id.to_string());
    Ok(json(&json!({ "items": found.iter().map(shown::delivery).collect::<Vec<_>>(), "next": next })))
}

async fn count(gateway: &State, head: &Parts, operator: &Operator) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Read)?;
    let mut fields = Fields::of_query(head.uri.query());
    let filter = fields.deliveries();
    fields.done()?;
    let counts = gateway.journal.preview(&filter).await?;
    Ok(json(&json!({ "items": counts.iter().map(shown::count).collect::<Vec<_>>() })))
}

#[derive(Clone, Copy)]
enum Kind {
    Retry,
    Discard,
}

async fn act(
    gateway: &State,
    head: &Parts,
    body: RequestBody,
    operator: &Operator,
    kind: Kind,
) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Deliver)?;
    let Act { filter, reason, per_second } = Act::read(&read(head, body).await?)?;
    let kind = match kind {
        Kind::Retry => ActKind::Retry { per_second: per_second.unwrap_or(PER_SECOND) },
        Kind::Discard => ActKind::Discard,
    };
    let by = portgate_store::Operator { name: operator.name.clone(), reason };
    let changed = gateway.journal.act(kind, &filter, &by, Timestamp::now()).await?;
    tracing::info!(operator = operator.name, kind = kind.as_str(), changed, "an act on deliveries");
    Ok(json(&json!({ "changed": changed })))
}

async fn read(head: &Parts, body: RequestBody) -> Result<Bytes, Refusal> {
    if let Some(coding) = body::content_coding(&head.headers) {
        return Err(Refusal::ContentCoding { coding });
    }
    let limits = BodyLimits { bytes_max: BODY_BYTES_MAX, deadline: BODY_DEADLINE, rate_bytes_per_second_min: 0 };
    Ok(body::read(body, &limits, &head.headers).await?)
}

async fn exchanges(gateway: &State, head: &Parts, operator: &Operator) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Read)?;
    let mut fields = Fields::of_query(head.uri.query());
    let ((after, limit), filter) = (fields.page(), fields.exchanges());
    fields.done()?;
    let found = gateway.journal.exchanges(&filter, after, limit).await?;
    let next = found.last().filter(|_| found.len() == limit as usize).map(|last| last.id.to_string());
    Ok(json(&json!({ "items": found.iter().map(shown::exchange).collect::<Vec<_>>(), "next": next })))
}

async fn exchange(gateway: &State, id: &str, operator: &Operator) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Read)?;
    let id: ExchangeId = id.parse().map_err(|_| Refusal::NotFound)?;
    let record = gateway.journal.exchange(id).await?.ok_or(Refusal::NotFound)?;
    if operator.has(Permission::Payload) && record.documents.iter().any(|document| document.body.is_some()) {
        gateway.audit.keep(vec![audit::read(operator, &id.to_string(), "documents")]).await?;
    }
    Ok(json(&shown::record(&record, operator.has(Permission::Payload))))
}

async fn payload(gateway: &State, id: &str, operator: &Operator) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Payload)?;
    let id: ExchangeId = id.parse().map_err(|_| Refusal::NotFound)?;
    let raw = gateway.journal.raw(id).await?.ok_or(Refusal::NotFound)?;
    let payload = raw.payload.ok_or(Refusal::PayloadRedacted)?;
    gateway.audit.keep(vec![audit::read(operator, &id.to_string(), "payload")]).await?;
    // Never something that a browser would run.
    let mut response = found(payload.into(), "application/octet-stream");
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}

pub(super) fn json(value: &Value) -> Response<Bytes> {
    found(value.to_string().into(), "application/json")
}

pub(super) fn found(body: Bytes, media_type: &'static str) -> Response<Bytes> {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
