//! Changes that wait for people under the two-person rule, and a person's word for one. Whoever gives it is known by the
//! operators of the running configuration, so that nobody approves as a person whom the change itself brings in.

use jiff::Timestamp;
use portgate_core::approval::PERSONS;
use portgate_operator::{Approve, Approved, Changes, NoQuery};
use portgate_store::{self as store, Operator};

use super::answer::Json;
use super::route::Call;
use super::{filters, shown};
use crate::refusal::Refusal;

pub(super) async fn list(call: Call, _: NoQuery) -> Result<Json<Changes>, Refusal> {
    let pending = call.state.journal.pending_changes().await?;
    let accepted = call.state.journal.accepted_state().await?;
    let items = pending.into_iter().map(shown::pending_change).collect::<Result<_, _>>()?;
    Ok(Json(Changes { items, accepted: accepted.map(shown::accepted_state), needed: PERSONS }))
}

pub(super) async fn approve(call: Call, word: Approve) -> Result<Json<Approved>, Refusal> {
    let digest = call.named;
    let by = Operator { name: call.operator.name.clone(), reason: filters::reason(&word.reason)? };
    let mut wanted = [0; 32];
    hex::decode_to_slice(&digest, &mut wanted).map_err(|_| Refusal::ChangeUnknown)?;
    // A path has one spelling: no capital letters, no prefix.
    if hex::encode(wanted) != digest {
        return Err(Refusal::ChangeUnknown);
    }
    let approved = call.state.journal.approve_change(wanted, &by, Timestamp::now()).await?;
    tracing::info!(operator = by.name, change = digest, ?approved, "a change was approved");
    let (counted, approvals, message) = match approved {
        store::Approved::Unknown => return Err(Refusal::ChangeUnknown),
        store::Approved::Counts(persons) if persons < PERSONS => {
            (true, persons, "Approved; a second person is needed.")
        }
        store::Approved::Counts(persons) => (true, persons, "Approved by two persons; it is taken up within seconds."),
        store::Approved::Again(persons) if persons < PERSONS => {
            (false, persons, "You have approved this before, and a person counts once; a second person is needed.")
        }
        store::Approved::Again(persons) => (false, persons, "You have approved this before; two persons have."),
    };
    Ok(Json(Approved { digest, counted, approvals, needed: PERSONS, message: message.to_owned() }))
}
