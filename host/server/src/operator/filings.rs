//! Filings: where they stand, and what operators do with them.

use portgate_core::filing::{Difference, FilingState};
use portgate_core::policy::Permission;
use portgate_operator::{
    ActOnFiling, Changed, Filing, FilingQuery, FilingStep, FilingTold, FilingWord, Items, NoQuery,
};
use portgate_store::{self as store, FilingDeed, FilingOrder, FilingOrdered, KeptFiling, Operator};

use super::answer::Json;
use super::filters;
use super::route::Call;
use crate::clock::now;
use crate::refusal::Refusal;

/// Filings that are listed, at most.
const LISTED_MAX: u32 = 500;

pub(super) async fn list(call: Call, query: FilingQuery) -> Result<Json<Items<Filing>>, Refusal> {
    let FilingQuery { state, name, waiting } = query;
    let waits = |state: &&FilingState| waiting.is_none_or(|waiting| state.wants_person() == waiting);
    let states: Vec<FilingState> = match state {
        Some(state) => Some(state).iter().filter(waits).copied().collect(),
        None => FilingState::ALL.iter().filter(waits).copied().collect(),
    };
    if states.is_empty() {
        return Ok(Json(Items { items: Vec::new() }));
    }
    let found = call.state.journal.filings(store::FilingQuery { states, name, limit: LISTED_MAX }).await?;
    Ok(Json(Items { items: found.into_iter().map(|kept| shown(&call, kept)).collect() }))
}

pub(super) async fn show(call: Call, _: NoQuery) -> Result<Json<Filing>, Refusal> {
    let kept = find(&call, &call.named).await?;
    Ok(Json(shown(&call, kept)))
}

/// Lets what the filing says now go out, whatever findings stand against it.
pub(super) async fn release(call: Call, act: ActOnFiling) -> Result<Json<Changed>, Refusal> {
    order(call, FilingDeed::Release, act).await
}

/// Has the filing withdrawn, or cancelled at customs.
pub(super) async fn cancel(call: Call, act: ActOnFiling) -> Result<Json<Changed>, Refusal> {
    order(call, FilingDeed::Cancel, act).await
}

async fn order(call: Call, deed: FilingDeed, act: ActOnFiling) -> Result<Json<Changed>, Refusal> {
    let ActOnFiling { lrn, digest, reason } = act;
    let operator = Operator { name: call.operator.name.clone(), reason: filters::reason(&reason)? };
    let KeptFiling { shipment, name, .. } = find(&call, &lrn).await?;
    let order = FilingOrder { shipment, name, deed, digest, operator, now: now() };
    match call.state.journal.order_filing(order).await? {
        FilingOrdered::Done => Ok(Json(Changed { changed: 1 })),
        FilingOrdered::Outdated => Err(Refusal::FilingOutdated { lrn }),
        FilingOrdered::Unknown => Err(Refusal::FilingUnknown { lrn }),
    }
}

async fn find(call: &Call, lrn: &str) -> Result<KeptFiling, Refusal> {
    let found = call.state.journal.filing_named(lrn.to_owned()).await?;
    found.ok_or_else(|| Refusal::FilingUnknown { lrn: lrn.to_owned() })
}

/// A filing as this operator may see it.
pub(super) fn shown(call: &Call, kept: KeptFiling) -> Filing {
    let sees_values = call.operator.has(Permission::Payload);
    let KeptFiling { shipment, name, filing, began_at, changed_at, released, cancelled, deliveries } = kept;
    let mut findings = filing.findings;
    if !sees_values {
        findings.iter_mut().flat_map(|finding| &mut finding.fields).for_each(|field| field.value = None);
    }
    let hidden = |differences: Vec<Difference>| -> Vec<Difference> {
        let hide = |difference: Difference| match sees_values {
            true => difference,
            false => Difference { before: None, after: None, ..difference },
        };
        differences.into_iter().map(hide).collect()
    };
    let step = |step: portgate_core::filing::FilingStep| FilingStep {
        kind: step.kind,
        lrn: step.lrn,
        version: step.version,
        revision: step.revision,
        at: step.at,
        exchange: step.exchange,
        standing: deliveries.get(&step.delivery).copied(),
        delivery: step.delivery,
        replaced: step.replaced,
        differences: hidden(step.differences),
    };
    let told = |told: portgate_core::filing::FilingTold| FilingTold {
        to: told.to,
        at_customs: told.at_customs,
        lrn: told.lrn,
        at: told.at,
        exchange: told.exchange,
        delivery: told.delivery,
    };
    let word = |word: store::FilingWord| FilingWord { operator: word.operator, reason: word.reason, at: word.at };
    Filing {
        lrn: filing.lrn,
        name,
        shipment: shipment.to_string(),
        state: filing.state,
        wants_person: filing.state.wants_person(),
        mrn: filing.mrn,
        revision: filing.revision,
        digest: filing.digest,
        began_at,
        changed_at,
        findings,
        faults: filing.faults,
        pending: hidden(filing.pending),
        steps: filing.steps.into_iter().map(step).collect(),
        told: filing.told.into_iter().map(told).collect(),
        released: released.map(word),
        cancelled: cancelled.map(word),
    }
}
