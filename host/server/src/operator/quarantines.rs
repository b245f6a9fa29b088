//! Plugins that are in quarantine, and what is parked because of them.

use jiff::Timestamp;
use portgate_core::quarantine::Standing;
use portgate_core::sender;
use portgate_operator::{Changed, Lift, NoQuery, Quarantine, QuarantineState, Quarantines};
use portgate_store::{Act, Operator};
use serde_json::json;

use super::answer::Json;
use super::route::Call;
use super::{filters, shown};
use crate::clock::now;
use crate::quarantine::Listed;
use crate::refusal::Refusal;

/// The kind that a lifted quarantine is kept under among the acts.
const LIFT: &str = "quarantine-lift";

/// What is in quarantine in this gateway, and what is parked in the journal.
pub(super) async fn list(call: Call, _: NoQuery) -> Result<Json<Quarantines>, Refusal> {
    let listed = call.state.quarantines.list(Timestamp::now());
    let counts = call.state.journal.parked_counts().await?;
    Ok(Json(Quarantines {
        items: listed.into_iter().map(quarantine).collect(),
        parked: counts.into_iter().map(shown::parked_count).collect(),
    }))
}

/// Has a plugin called for a partner again, as if it had never failed.
pub(super) async fn lift(call: Call, lift: Lift) -> Result<Json<Changed>, Refusal> {
    let Lift { plugin, partner, reason } = lift;
    let by = Operator { name: call.operator.name.clone(), reason: filters::reason(&reason)? };
    let now = now();
    let lifted = call.state.quarantines.lift(&plugin, &partner, &by, now);
    if !lifted {
        let configuration = call.state.configuration.load();
        if !configuration.plugins.contains_key(&plugin) {
            return Err(Refusal::PluginUnknown { plugin });
        }
        if !configuration.policies.partners.contains_key(sender::partner(&partner)) {
            return Err(Refusal::PartnerUnknown { partner });
        }
    }
    let changed = u64::from(lifted);
    let filter = json!({ "plugin": plugin, "partner": partner }).to_string();
    let act = Act { kind: LIFT.to_owned(), operator: by, at: now, filter, count: changed };
    call.state.journal.keep_act(act).await?;
    Ok(Json(Changed { changed }))
}

fn quarantine(listed: Listed) -> Quarantine {
    let (state, since, until) = match listed.standing {
        Standing::Closed => (QuarantineState::Closed, None, None),
        Standing::Open { since, until } => (QuarantineState::Open, Some(since), Some(until)),
        Standing::HalfOpen { since, .. } => (QuarantineState::HalfOpen, Some(since), None),
    };
    Quarantine {
        plugin: listed.plugin,
        version: listed.version,
        sha256: listed.digest,
        partner: listed.partner,
        state,
        since,
        until,
        relapses: listed.relapses,
        last_failure: listed.last_failure,
    }
}
