//! What several shipments have, such as a freight bill for many bookings or the invoice of an order that was split: whose it is, and what
//! each of these weighs and ships.
//!
//! A part is a function of the documents of all that share: whatever order they come in, the parts are the same in the end. So a
//! shipment that is not what it was has those put together anew that share something with it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use portgate_canonical::{CanonicalDocument, CommercialInvoice, ContextDocument, LandedCostEvent};
use portgate_core::finding::Severity;
use portgate_core::judgement::{COST_SHARED, INVOICE_SHARED, JudgedField, ShipmentFinding};
use portgate_cost::{Apportioned, Named, Shared, Sharer, Untold};
use portgate_store::{JournalError, ShipmentDocuments, ShipmentId, Shipments};

use crate::fold::fold;
use crate::own;
use crate::worker::Plan;

/// Of so many shipments something is told apart at most: for each all others are read.
const SHARERS_MAX: usize = 200;

/// What shipments are to those who share something with them.
pub(crate) type Sharers = BTreeMap<ShipmentId, Arc<Sharer>>;

/// The shipments that share something with these, themselves included.
fn sharing<'d>(documents: impl Iterator<Item = &'d ShipmentDocuments>) -> BTreeSet<ShipmentId> {
    let of = documents.flat_map(|documents| documents.shared.values());
    of.filter(|sharers| sharers.len() <= SHARERS_MAX).flatten().copied().collect()
}

/// What all are that share something with these shipments.
pub(crate) async fn sharers(
    journal: &dyn Shipments,
    plan: &Plan,
    documents: &HashMap<ShipmentId, ShipmentDocuments>,
) -> Result<Sharers, JournalError> {
    let wanted = sharing(documents.values());
    let others: Vec<ShipmentId> = wanted.iter().filter(|id| !documents.contains_key(id)).copied().collect();
    let others = match others.is_empty() {
        true => HashMap::new(),
        false => journal.shipments_documents(others).await?,
    };
    let sharer = |id: ShipmentId| {
        let documents = documents.get(&id).or_else(|| others.get(&id))?;
        let folded = fold(&id.to_string(), documents, &plan.rules, &plan.ownership).ok()?;
        Some((id, Arc::new(Sharer::of(&folded.context, &named(documents)))))
    };
    Ok(wanted.into_iter().filter_map(sharer).collect())
}

/// The documents of a shipment that others have as well, and whose they are.
fn named(documents: &ShipmentDocuments) -> BTreeMap<Named, BTreeSet<String>> {
    let mut named: BTreeMap<Named, BTreeSet<String>> = BTreeMap::new();
    for one in &documents.documents {
        if let Some(of) = documents.shared.get(&one.thing) {
            let of = of.iter().map(ShipmentId::to_string);
            named.entry((one.kind.clone(), one.key.clone())).or_default().extend(of);
        }
    }
    named
}

/// What a shipment has together with others.
pub(crate) fn shared(id: ShipmentId, documents: &ShipmentDocuments, sharers: &Sharers) -> Shared {
    let documents = named(documents);
    let of: BTreeSet<&String> = documents.values().flatten().collect();
    let sharers = sharers.iter().map(|(id, sharer)| (id.to_string(), sharer));
    let sharers = sharers.filter(|(id, _)| of.contains(id)).map(|(id, sharer)| (id, Arc::clone(sharer))).collect();
    Shared { own: id.to_string(), documents, sharers }
}

/// What a shipment has together with others, for whoever looks at it at another time than when it is put together.
///
/// # Errors
///
/// The journal does not answer.
pub async fn shared_with_others(
    journal: &dyn Shipments,
    plan: &Plan,
    id: ShipmentId,
    documents: &ShipmentDocuments,
) -> Result<Shared, JournalError> {
    if documents.shared.is_empty() {
        return Ok(Shared::default());
    }
    let all = HashMap::from([(id, documents.clone())]);
    let sharers = sharers(journal, plan, &all).await?;
    Ok(shared(id, documents, &sharers))
}

/// The others that share something with a shipment.
pub(crate) fn others(id: ShipmentId, documents: &ShipmentDocuments) -> BTreeSet<ShipmentId> {
    let mut others = sharing([documents].into_iter());
    others.remove(&id);
    others
}

/// What is to be said of what cannot be told apart; of costs only where it is reckoned what goods cost.
pub(crate) fn findings(apportioned: &Apportioned, shared: &Shared, with_costs: bool) -> Vec<ShipmentFinding> {
    let mut costs = Vec::new();
    let mut invoices = Vec::new();
    for (named, why) in &apportioned.untold {
        let is_it = |one: &&ContextDocument| *one.kind == *named.0 && *one.id == *named.1;
        let Some(one) = apportioned.context.documents.iter().find(is_it) else { continue };
        let count = shared.documents.get(named).map_or(0, BTreeSet::len);
        match &*named.0 {
            LandedCostEvent::KIND if with_costs => costs.push(of_cost(one, count, why)),
            CommercialInvoice::KIND => invoices.push(of_invoice(one, count, why)),
            _ => {}
        }
    }
    own::bound(&mut costs, COST_SHARED, Severity::Warning);
    own::bound(&mut invoices, INVOICE_SHARED, Severity::Error);
    costs.extend(invoices);
    costs
}

fn of_cost(one: &ContextDocument, count: usize, why: &Untold) -> ShipmentFinding {
    let text = |field: &str| one.document.0.get("amount")?.get(field)?.as_str().map(str::to_owned);
    let (amount, currency) = (text("amount").unwrap_or_default(), text("currency").unwrap_or_default());
    let id = &*one.id;
    let detail = format!(
        "{amount} {currency} ({id}) is of {count} shipments; {why}, so that nobody can say which part is whose, and nothing of it is told to finance."
    );
    let remedy = "Have the gross weight of each of them said (`grossKg` of its `shipment`), or the bill by shipment.";
    let field = judged(one, "/amount/amount", format!("\"{amount}\""));
    ShipmentFinding { fields: vec![field], ..own::finding(COST_SHARED, Severity::Warning, detail, remedy) }
}

fn of_invoice(one: &ContextDocument, count: usize, why: &Untold) -> ShipmentFinding {
    let number = one.document.0.get("number").and_then(|number| number.as_str()).unwrap_or(&one.id);
    let detail = format!(
        "Invoice {number} is of {count} shipments, and {why}, so that nobody can say which part is whose: each would declare all of it."
    );
    let remedy = "Have the invoice name the delivery, or each shipment say which articles it has and how much of them.";
    let field = judged(one, "/number", format!("\"{number}\""));
    ShipmentFinding { fields: vec![field], ..own::finding(INVOICE_SHARED, Severity::Error, detail, remedy) }
}

fn judged(one: &ContextDocument, field: &str, value: String) -> JudgedField {
    JudgedField {
        kind: one.kind.to_string(),
        id: one.id.to_string(),
        field: field.to_owned(),
        value: Some(value),
        system: one.provenance.system.to_string(),
        recorded_at: one.provenance.recorded_at.as_str().to_owned(),
    }
}
