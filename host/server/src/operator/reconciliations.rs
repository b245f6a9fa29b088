//! A partner's list of states beside ours. It reads alone.

use std::collections::BTreeSet;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use portgate_core::reconciliation::Comparison;
use portgate_operator::{KnownStates, Reconcile, Reconciled, StatesQuery};
use portgate_store::{AskedStates, StatesPlace};

use super::answer::Json;
use super::asked::invalid;
use super::route::Call;
use crate::refusal::Refusal;

/// What is known of a partner, to be asked for part by part.
fn asked(call: &Call, partner: &str, since: Option<Timestamp>, after: StatesPlace) -> Result<AskedStates, Refusal> {
    let configuration = call.state.configuration.load();
    let policies = &configuration.policies;
    if !policies.partners.contains_key(partner) {
        return Err(Refusal::PartnerUnknown { partner: partner.to_owned() });
    }
    let to_it = || policies.filings.filings.iter().filter(|filing| filing.to == partner);
    let filings: BTreeSet<String> = to_it().map(|filing| filing.name.clone()).collect();
    // Whoever moves its filings speaks for customs here as well.
    let answering = (!filings.is_empty()).then(|| to_it().flat_map(|filing| filing.answers.iter().cloned()).collect());
    let since = since.unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(AskedStates { partner: partner.to_owned(), since, filings, answering, after })
}

pub(super) async fn known(call: Call, query: StatesQuery) -> Result<Json<KnownStates>, Refusal> {
    let place = query.after.as_deref().map_or(Ok(StatesPlace::START), str::parse);
    let after = place.map_err(|_| invalid("/after", "is no place that the part before named in `next`"))?;
    // A name can have any sign in it.
    let partner = percent_decode_str(&call.named).decode_utf8_lossy();
    let asked = asked(&call, &partner, query.since, after)?;
    let (items, next) = call.state.journal.known_states(asked).await?;
    Ok(Json(KnownStates { items, next: next.map(|next| next.to_string()) }))
}

pub(super) async fn reconcile(call: Call, wanted: Reconcile) -> Result<Json<Reconciled>, Refusal> {
    let Reconcile { partner, listed, schemes, since } = wanted;
    let schemes: BTreeSet<String> = match schemes {
        Some(schemes) => schemes.into_iter().collect(),
        None => listed.iter().filter_map(|row| row.scheme.clone()).collect(),
    };
    let mut asked = asked(&call, &partner, since, StatesPlace::START)?;
    let mut comparison = Comparison::of(&listed, schemes);
    loop {
        let (items, next) = call.state.journal.known_states(asked.clone()).await?;
        items.into_iter().for_each(|known| comparison.add(known));
        let Some(next) = next else { break };
        asked.after = next;
    }
    let known = comparison.known();
    Ok(Json(Reconciled { listed: listed.len() as u64, known, differences: comparison.differences() }))
}
