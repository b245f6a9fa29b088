//! The audit log as security teams see it: searched, counted, exported line by line, with its head.

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use portgate_core::audit::{Actor, Entry, Kind, Subject};
use portgate_core::policy::Permission;
use portgate_store::{AuditCount, AuditFilter, AuditOrder};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::api::{found, json};
use super::wanted::{Fields, Replay};
use crate::access::Operator;
use crate::clock::now;
use crate::refusal::Refusal;
use crate::state::State;

/// `GET /v1/audit`: the newest first, unless `order=oldest`.
pub(super) async fn search(gateway: &State, head: &Parts, operator: &Operator) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Audit)?;
    let mut fields = Fields::of_query(head.uri.query());
    let ((after, limit), (filter, order)) = (fields.page(), fields.audit());
    fields.done()?;
    let entries = gateway.journal.audit_entries(&filter, order, after, limit).await?;
    let next = entries.last().filter(|_| entries.len() == limit as usize).map(|last| last.number.to_string());
    let lines: Vec<String> = entries.iter().map(|entry| shown(&entry.line())).collect();
    let body = format!("{{\"items\":[{}],\"next\":{}}}", lines.join(","), Value::from(next));
    Ok(found(body.into(), "application/json"))
}

/// A line as a member of an answer. One that somebody has altered may be no JSON; it is shown as a text then.
fn shown(line: &str) -> String {
    match serde_json::from_str::<&RawValue>(line) {
        Ok(_) => line.to_owned(),
        Err(_) => Value::from(line).to_string(),
    }
}

/// `GET /v1/audit/export`: sealed entries as they are hashed, one a line, in the order of the chain.
pub(super) async fn export(gateway: &State, head: &Parts, operator: &Operator) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Audit)?;
    let mut fields = Fields::of_query(head.uri.query());
    let (after, limit) = fields.page();
    fields.done()?;
    let everything = AuditFilter::default();
    let entries = gateway.journal.audit_entries(&everything, AuditOrder::Oldest, after, limit).await?;
    let mut lines = String::new();
    for entry in entries {
        lines.push_str(&entry.line());
        lines.push('\n');
    }
    Ok(found(lines.into(), "application/jsonl"))
}

/// `GET /v1/audit/latest`: of each subject the last entry of a kind.
pub(super) async fn latest(gateway: &State, head: &Parts, operator: &Operator) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Audit)?;
    let mut fields = Fields::of_query(head.uri.query());
    let kind = fields.audit_kind();
    fields.done()?;
    let entries = gateway.journal.audit_latest(kind).await?;
    let lines: Vec<String> = entries.iter().map(|entry| shown(&entry.line())).collect();
    Ok(found(format!("{{\"items\":[{}]}}", lines.join(",")).into(), "application/json"))
}

/// `GET /v1/audit/counts`: how many entries there are, by kind, actor and subject.
pub(super) async fn counts(gateway: &State, head: &Parts, operator: &Operator) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Audit)?;
    let mut fields = Fields::of_query(head.uri.query());
    let (filter, _) = fields.audit();
    fields.done()?;
    let items: Vec<Value> = gateway.journal.audit_counts(&filter).await?.iter().map(count).collect();
    Ok(json(&json!({ "items": items })))
}

fn count(count: &AuditCount) -> Value {
    json!({ "kind": count.kind, "actor": count.actor, "subject": count.subject, "count": count.count,
        "firstAt": count.first_at.to_string(), "lastAt": count.last_at.to_string() })
}

/// `GET /v1/audit/head`: the newest head with its signature, and the key that verifies it.
pub(super) async fn head(gateway: &State, operator: &Operator) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Audit)?;
    let head = gateway.journal.audit_head().await?;
    let head = head.and_then(|head| serde_json::from_str::<Value>(&head.to_json()).ok());
    let unsealed = gateway.journal.unsealed().await?.map_or(0, |unsealed| unsealed.count);
    let key = gateway.audit.key().public();
    Ok(json(&json!({ "head": head, "unsealed": unsealed, "key": key.id(), "publicKey": key.to_pem() })))
}

/// `GET /v1/bom`: what this gateway is made of (CycloneDX).
pub(super) fn bom(operator: &Operator) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Audit)?;
    Ok(found(crate::bom::of_this_gateway(now()).to_string().into(), "application/vnd.cyclonedx+json"))
}

/// `GET /v1/plugins/{name}/bom`: what a plugin's author says that it is made of; nothing is there where it carries no bill.
pub(super) fn bom_of(gateway: &State, plugin: &str, operator: &Operator) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Audit)?;
    let configuration = gateway.configuration.load();
    let bom = configuration.plugins.get(plugin).and_then(|plugin| plugin.inspection().bom.clone());
    Ok(found(bom.ok_or(Refusal::NotFound)?.into(), "application/vnd.cyclonedx+json"))
}

/// `POST /v1/replays`: an operator is about to run exchanges through a plugin once more. The replay itself happens
/// elsewhere; what it reads, it reads from here, so that it cannot do without asking.
pub(super) async fn replay(gateway: &State, body: &[u8], operator: &Operator) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Payload)?;
    let Replay { plugin, version, sha256, exchanges } = Replay::read(body)?;
    let entry = Entry::new(now(), Kind::Replayed, Actor::operator(&operator.name), Subject::plugin(&plugin));
    let entry = entry.text("version", &version).text("sha256", &sha256);
    let entry = entry.number("count", exchanges.len() as u64);
    gateway.audit.keep(vec![entry.texts("exchanges", exchanges.iter().map(ToString::to_string))]).await?;
    Ok(json(&json!({ "kept": true })))
}

/// An operator is about to be shown a payload, or documents of an exchange.
pub(super) fn read(operator: &Operator, exchange: &str, what: &str) -> Entry {
    let (actor, subject) = (Actor::operator(&operator.name), Subject::exchange(exchange));
    Entry::new(now(), Kind::PayloadRead, actor, subject).text("what", what)
}

/// An operator was refused for want of a permission.
pub(super) fn refused(operator: &str, permission: &str, method: &str) -> Entry {
    let entry = Entry::new(now(), Kind::OperatorRefused, Actor::operator(operator), Subject::gateway());
    entry.text("permission", permission).text("method", method)
}
