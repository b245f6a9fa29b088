//! Which plugins the gateway calls, and what each was seen to use.
//!
//! | request | needs | gives |
//! |---|---|---|
//! | `GET /v1/plugins` | `read` | every plugin, since when it is watched and how often it was called |
//! | `GET /v1/plugins/{name}/use?since=…` | `read` | what each of its components used, the one that is called now first |

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use jiff::{Timestamp, ToSpan};
use portgate_core::policy::Permission;
use serde_json::json;

use super::api;
use super::wanted::Fields;
use crate::access::Operator;
use crate::refusal::Refusal;
use crate::state::State;

/// How far back is looked where nothing is said, in days.
const DAYS: i64 = 30;

pub(super) async fn list(gateway: &State, head: &Parts, operator: &Operator) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Read)?;
    let since = since(head)?;
    let configuration = gateway.configuration.load_full();
    let mut items = Vec::new();
    for (name, plugin) in &configuration.plugins {
        let uses = gateway.observed.of(name, since, &configuration, &*gateway.journal).await?;
        let current = uses.iter().find(|used| used.current);
        items.push(json!({
            "name": name,
            "version": plugin.manifest().version,
            "description": plugin.manifest().description,
            "sha256": plugin.digest(),
            "watchedSince": current.map(|used| used.since.to_string()),
            "calls": current.map(|used| used.calls),
        }));
    }
    Ok(api::json(&json!({ "items": items })))
}

pub(super) async fn uses(
    gateway: &State,
    name: &str,
    head: &Parts,
    operator: &Operator,
) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Read)?;
    let since = since(head)?;
    let configuration = gateway.configuration.load_full();
    let uses = gateway.observed.of(name, since, &configuration, &*gateway.journal).await?;
    // A plugin that is gone can still be asked about; one that never was cannot.
    if uses.is_empty() && !configuration.plugins.contains_key(name) {
        return Err(Refusal::NotFound);
    }
    Ok(api::json(&json!({ "plugin": name, "items": uses })))
}

fn since(head: &Parts) -> Result<Timestamp, Refusal> {
    let mut fields = Fields::of_query(head.uri.query());
    let since = fields.since();
    fields.done()?;
    Ok(since.unwrap_or_else(|| Timestamp::now().saturating_sub((DAYS * 24).hours()).unwrap_or(Timestamp::MIN)))
}
