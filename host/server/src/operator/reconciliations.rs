//! A partner's list of states beside ours. It reads alone.

use std::collections::BTreeSet;

use jiff::Timestamp;
use portgate_core::reconciliation::compare;
use portgate_operator::{Reconcile, Reconciled};

use super::answer::Json;
use super::route::Call;
use crate::refusal::Refusal;

pub(super) async fn reconcile(call: Call, asked: Reconcile) -> Result<Json<Reconciled>, Refusal> {
    let Reconcile { partner, listed, schemes, since } = asked;
    if !call.state.configuration.load().policies.partners.contains_key(&partner) {
        return Err(Refusal::PartnerUnknown { partner });
    }
    let schemes: BTreeSet<String> = match schemes {
        Some(schemes) => schemes.into_iter().collect(),
        None => listed.iter().filter_map(|row| row.scheme.clone()).collect(),
    };
    let known = call.state.journal.known_states(partner, since.unwrap_or(Timestamp::UNIX_EPOCH)).await?;
    let differences = compare(&listed, &known, &schemes);
    Ok(Json(Reconciled { listed: listed.len() as u64, known: known.len() as u64, differences }))
}
