//! Costs that several shipments have, such as a freight bill for many bookings: whose they are, and what each of these weighs.
//!
//! A part is a function of the documents of all that share: whatever order they come in, the parts are the same in the end. So a
//! shipment that is not what it was has those put together anew that share a cost with it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use portgate_canonical::{CanonicalDocument, Decimal, LandedCostEvent, ShipmentContext};
use portgate_core::finding::Severity;
use portgate_core::judgement::{COST_SHARED, JudgedField, ShipmentFinding};
use portgate_cost::{Shared, Sharing, apportioned, gross_kg};
use portgate_store::{JournalError, ShipmentDocuments, ShipmentId, Shipments};

use crate::fold::fold;
use crate::own;
use crate::worker::Plan;

/// Of so many shipments a cost is told apart at most: for each all others are read.
const SHARERS_MAX: usize = 200;

/// What shipments weigh.
pub(crate) type Weights = BTreeMap<ShipmentId, Option<Decimal>>;

/// The shipments that share costs with these, themselves included.
fn sharers<'d>(documents: impl Iterator<Item = &'d ShipmentDocuments>) -> BTreeSet<ShipmentId> {
    let of = documents.flat_map(|documents| documents.shared.values());
    of.filter(|sharers| sharers.len() <= SHARERS_MAX).flatten().copied().collect()
}

/// What all weigh that share costs with these shipments.
pub(crate) async fn weights(
    journal: &dyn Shipments,
    plan: &Plan,
    documents: &HashMap<ShipmentId, ShipmentDocuments>,
) -> Result<Weights, JournalError> {
    let wanted = sharers(documents.values());
    let others: Vec<ShipmentId> = wanted.iter().filter(|id| !documents.contains_key(id)).copied().collect();
    let others = match others.is_empty() {
        true => HashMap::new(),
        false => journal.shipments_documents(others).await?,
    };
    let weight = |id: ShipmentId| {
        let documents = documents.get(&id).or_else(|| others.get(&id))?;
        gross_kg(&fold(&id.to_string(), documents, &plan.rules, &plan.ownership).ok()?.context)
    };
    Ok(wanted.into_iter().map(|id| (id, weight(id))).collect())
}

/// The costs that a shipment has with others.
pub(crate) fn shared(id: ShipmentId, documents: &ShipmentDocuments, weights: &Weights) -> Shared {
    let mut sharers: BTreeMap<&str, BTreeSet<ShipmentId>> = BTreeMap::new();
    for one in &documents.documents {
        if let Some(of) = documents.shared.get(&one.thing) {
            sharers.entry(&one.key).or_default().extend(of);
        }
    }
    let sharing = |(key, of): (&str, BTreeSet<ShipmentId>)| {
        let own = of.iter().position(|one| *one == id)?;
        let weights = of.iter().map(|one| weights.get(one).copied().flatten()).collect();
        Some((key.to_owned(), Sharing { weights, own }))
    };
    sharers.into_iter().filter_map(sharing).collect()
}

/// The costs that a shipment has with others, of which the journal is asked what those weigh.
///
/// # Errors
///
/// The journal does not answer.
pub async fn shared_costs(
    journal: &dyn Shipments,
    plan: &Plan,
    id: ShipmentId,
    documents: &ShipmentDocuments,
) -> Result<Shared, JournalError> {
    if documents.shared.is_empty() {
        return Ok(Shared::new());
    }
    let all = HashMap::from([(id, documents.clone())]);
    let weights = weights(journal, plan, &all).await?;
    Ok(shared(id, documents, &weights))
}

/// The others that share costs with a shipment.
pub(crate) fn others(id: ShipmentId, documents: &ShipmentDocuments) -> BTreeSet<ShipmentId> {
    let mut others = sharers([documents].into_iter());
    others.remove(&id);
    others
}

/// What is to be said of the costs that cannot be told apart.
pub(crate) fn findings(context: &ShipmentContext, shared: &Shared) -> Vec<ShipmentFinding> {
    let (_, unknown) = apportioned(context, shared);
    let found = |id: &String| {
        let is_it = |one: &&portgate_canonical::ContextDocument| &*one.kind == LandedCostEvent::KIND && *one.id == **id;
        let one = context.documents.iter().find(is_it)?;
        let text = |field: &str| one.document.0.get("amount")?.get(field)?.as_str().map(str::to_owned);
        let (amount, currency) = (text("amount").unwrap_or_default(), text("currency").unwrap_or_default());
        let count = shared.get(id).map_or(0, |sharing| sharing.weights.len());
        let unweighed = shared.get(id).map_or(0, |sharing| sharing.weights.iter().filter(|one| one.is_none()).count());
        let detail = format!(
            "{amount} {currency} ({id}) is of {count} shipments; the gross weight of {unweighed} of them is not known, so that \
             nobody can say which part is whose, and nothing of it is told to finance."
        );
        let remedy =
            "Have the gross weight of each of them said (`grossKg` of its `shipment`), or the bill by shipment.";
        Some(ShipmentFinding {
            fields: vec![JudgedField {
                kind: LandedCostEvent::KIND.to_owned(),
                id: id.clone(),
                field: "/amount/amount".to_owned(),
                value: Some(format!("\"{amount}\"")),
                system: one.provenance.system.to_string(),
                recorded_at: one.provenance.recorded_at.as_str().to_owned(),
            }],
            ..own::finding(COST_SHARED, Severity::Warning, detail, remedy)
        })
    };
    let mut found: Vec<ShipmentFinding> = unknown.iter().filter_map(found).collect();
    own::bound(&mut found, COST_SHARED, Severity::Warning);
    found
}
