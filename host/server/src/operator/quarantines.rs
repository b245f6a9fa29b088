//! Plugins that are in quarantine, and exchanges that were parked because of them.

use bytes::Bytes;
use http::Response;
use jiff::Timestamp;
use portgate_core::policy::Permission;
use portgate_core::quarantine::Standing;
use portgate_store::{Act, ExchangeAct, ParkedCount};
use serde_json::{Value, json};

use super::api::json;
use super::wanted::{Lift, OnExchanges};
use crate::access::Operator;
use crate::clock::now;
use crate::quarantine::Listed;
use crate::refusal::Refusal;
use crate::state::State;

/// The kind that a lifted quarantine is kept under among the acts.
const LIFT: &str = "quarantine-lift";

/// What is in quarantine in this gateway, and what is parked in the journal.
pub(super) async fn list(gateway: &State, operator: &Operator) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Read)?;
    let listed = gateway.quarantines.list(Timestamp::now());
    let counts = gateway.journal.parked_counts().await?;
    Ok(json(&json!({
        "items": listed.iter().map(shown).collect::<Vec<_>>(),
        "parked": counts.iter().map(count).collect::<Vec<_>>(),
    })))
}

/// Has a plugin called for a partner again, as if it had never failed.
pub(super) async fn lift(gateway: &State, body: &[u8], operator: &Operator) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Deliver)?;
    let Lift { plugin, partner, reason } = Lift::read(body)?;
    let (by, now) = (portgate_store::Operator { name: operator.name.clone(), reason }, now());
    let lifted = gateway.quarantines.lift(&plugin, &partner, &by, now);
    let count = u64::from(lifted);
    let filter = json!({ "plugin": plugin, "partner": partner }).to_string();
    gateway.journal.keep_act(Act { kind: LIFT.to_owned(), operator: by, at: now, filter, count }).await?;
    Ok(json(&json!({ "changed": count })))
}

/// Has failed exchanges tried again, or gives them up.
pub(super) async fn act(
    gateway: &State,
    body: &[u8],
    operator: &Operator,
    act: ExchangeAct,
) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Deliver)?;
    let OnExchanges { filter, reason } = OnExchanges::read(body)?;
    let by = portgate_store::Operator { name: operator.name.clone(), reason };
    let changed = gateway.journal.act_on_exchanges(act, &filter, &by, now()).await?;
    tracing::info!(operator = operator.name, kind = act.as_str(), changed, "an act on exchanges");
    gateway.quarantines.look_again();
    Ok(json(&json!({ "changed": changed })))
}

fn shown(listed: &Listed) -> Value {
    let (state, since, until) = match listed.standing {
        Standing::Closed => ("closed", None, None),
        Standing::Open { since, until } => ("open", Some(since), Some(until)),
        Standing::HalfOpen { since, .. } => ("half-open", Some(since), None),
    };
    json!({
        "plugin": listed.plugin,
        "version": listed.version,
        "sha256": listed.digest,
        "partner": listed.partner,
        "state": state,
        "since": since.map(|since| since.to_string()),
        "until": until.map(|until| until.to_string()),
        "relapses": listed.relapses,
        "lastFailure": listed.last_failure,
    })
}

fn count(count: &ParkedCount) -> Value {
    json!({ "partner": count.partner, "contract": count.contract, "version": count.version,
        "state": count.state.as_str(), "count": count.count, "oldest": count.oldest.to_string() })
}
