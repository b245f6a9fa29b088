//! Changes that wait for people under the two-person rule, and a person's word for one. Whoever gives it is known by the
//! operators of the running configuration, so that nobody approves as a person whom the change itself brings in.

use bytes::Bytes;
use http::Response;
use jiff::Timestamp;
use portgate_core::approval::PERSONS;
use portgate_core::finding::Finding;
use portgate_core::policy::Permission;
use portgate_store::{Approval, Approved, PendingChange};
use serde::Deserialize;
use serde_json::{Value, json};

use super::api::json as answer;
use crate::access::Operator;
use crate::refusal::Refusal;
use crate::state::State;

pub(super) async fn list(gateway: &State, operator: &Operator) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Read)?;
    let pending = gateway.journal.pending_changes().await?;
    let accepted = gateway.journal.accepted_state().await?;
    let accepted = accepted.map(|accepted| {
        let approvals: Vec<Value> = accepted.approvals.iter().map(approval).collect();
        json!({ "digest": hex::encode(accepted.digest), "at": accepted.at.to_string(), "approvals": approvals,
            "required": accepted.required })
    });
    let items: Vec<Value> = pending.iter().map(change).collect();
    Ok(answer(&json!({ "items": items, "accepted": accepted, "needed": PERSONS })))
}

pub(super) async fn approve(
    gateway: &State,
    digest: &str,
    body: &[u8],
    operator: &Operator,
) -> Result<Response<Bytes>, Refusal> {
    operator.needs(Permission::Approve)?;
    let reason = reason(body)?;
    let mut wanted = [0; 32];
    hex::decode_to_slice(digest, &mut wanted).map_err(|_| Refusal::ChangeUnknown)?;
    // A path has one spelling: no capital letters, no prefix.
    if hex::encode(wanted) != digest {
        return Err(Refusal::ChangeUnknown);
    }
    let by = portgate_store::Operator { name: operator.name.clone(), reason };
    let approved = gateway.journal.approve_change(wanted, &by, Timestamp::now()).await?;
    tracing::info!(operator = operator.name, change = digest, ?approved, "a change was approved");
    let (counted, persons, message) = match approved {
        Approved::Unknown => return Err(Refusal::ChangeUnknown),
        Approved::Counts(persons) if persons < PERSONS => (true, persons, "Approved; a second person is needed."),
        Approved::Counts(persons) => (true, persons, "Approved by two persons; it is taken up within seconds."),
        Approved::Again(persons) if persons < PERSONS => {
            (false, persons, "You have approved this before, and a person counts once; a second person is needed.")
        }
        Approved::Again(persons) => (false, persons, "You have approved this before; two persons have."),
    };
    Ok(answer(&json!({ "digest": hex::encode(wanted), "counted": counted, "approvals": persons, "needed": PERSONS,
        "message": message })))
}

fn change(pending: &PendingChange) -> Value {
    let changes: Value = serde_json::from_str(&pending.changes).unwrap_or_default();
    json!({ "digest": hex::encode(pending.digest), "firstSeen": pending.first_seen.to_string(), "changes": changes,
        "approvals": pending.approvals.iter().map(approval).collect::<Vec<_>>() })
}

fn approval(approval: &Approval) -> Value {
    json!({ "operator": approval.operator, "reason": approval.reason, "at": approval.at.to_string() })
}

fn reason(body: &[u8]) -> Result<String, Refusal> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        reason: String,
    }
    let invalid = |location: &str, detail: String| {
        let findings = vec![Finding::error("wrong-body", location, detail)];
        Refusal::OperatorRequestInvalid { findings }
    };
    let Body { reason } = serde_json::from_slice(body).map_err(|error| invalid("", error.to_string()))?;
    let reason = reason.trim().to_owned();
    match (3..=500).contains(&reason.chars().count()) {
        true => Ok(reason),
        false => Err(invalid("/reason", "must say why, in 3 to 500 characters".to_owned())),
    }
}
