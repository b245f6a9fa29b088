//! What customs and carriers have said that something costs.

use std::collections::{BTreeMap, BTreeSet};

use portgate_canonical::{
    CommercialInvoice, ContextDocument, CostKind, CostType, Decimal, LandedCostEvent, ShipmentContext,
};
use portgate_core::policy::CostClass;
use portgate_core::sender;
use serde_json::Value;

use crate::accuracy::Accuracy;
use crate::cost::{Cost, Reckoning};
use crate::estimate::charged;
use crate::read::documents;

/// A cost that somebody has stated, and who.
struct Stated {
    system: String,
    event: LandedCostEvent,
}

/// All costs that were stated and count. Of the estimates of others nothing is taken.
pub(crate) fn stated(reckoning: &mut Reckoning<'_>, context: &ShipmentContext) -> Vec<Cost> {
    let others = events(context).filter(|one| !is_customs(one.event.kind)).collect::<Vec<_>>();
    let taxes = taxes(reckoning, context);
    let mut costs: Vec<Cost> = Vec::new();
    for one in declarations(taxes).into_values().flat_map(Declaration::counting) {
        let event = &one.event;
        let mrn = event.declaration_mrn.as_deref();
        let names: BTreeSet<&str> =
            event.references.iter().filter(|name| &*name.scheme == "lrn").map(|name| &*name.value).collect();
        let articles = reckoning.goods.of_item(mrn, &names, event.item_no);
        costs.push(reckoning.stated(one, &articles));
    }
    let invoices: Vec<CommercialInvoice> = documents(&context.documents, "commercial-invoice");
    for one in others {
        let event = &one.event;
        let is_charge = matches!(event.kind, CostKind::Invoiced | CostKind::Adjustment);
        if is_charge && !is_of_an_earlier_invoice(event, &invoices) {
            let all: Vec<usize> = (0..reckoning.goods.articles.len()).collect();
            let of_sku: Vec<usize> = all
                .iter()
                .copied()
                .filter(|at| event.sku.as_deref() == Some(reckoning.goods.articles[*at].name.as_str()))
                .collect();
            let articles = if of_sku.is_empty() { all } else { of_sku };
            costs.push(reckoning.stated(one, &articles));
        }
    }
    costs.extend(charges(reckoning));
    costs
}

/// What customs reckoned provisionally beside what it has assessed since, of the declarations of which it has said both, in the
/// currency of sums. Nothing where there is none, or where a sum cannot be converted.
pub(crate) fn settled(reckoning: &mut Reckoning<'_>, context: &ShipmentContext) -> Option<Accuracy> {
    let taxes = taxes(reckoning, context);
    let both = |one: &Declaration| !one.provisional.is_empty() && !one.assessed.is_empty();
    let both: Vec<Declaration> = declarations(taxes).into_values().filter(both).collect();
    let (mut provisional, mut assessed) = (Vec::new(), Vec::new());
    for declaration in both {
        provisional.extend(latest(declaration.provisional));
        assessed.extend(latest(declaration.assessed));
    }
    let mut sum = |taxes: Vec<Stated>| -> Option<Decimal> {
        let amounts = taxes.iter().map(|one| reckoning.in_sums(&one.event.amount, one.event.occurred_at.as_str()).ok());
        amounts.collect::<Option<Vec<_>>>().map(|amounts| amounts.into_iter().sum())
    };
    if assessed.is_empty() { None } else { Some(Accuracy::of(sum(provisional)?, sum(assessed)?)) }
}

/// What customs has levied on the declarations that stand.
fn taxes(reckoning: &Reckoning<'_>, context: &ShipmentContext) -> Vec<Stated> {
    let not_standing = &reckoning.goods.not_standing;
    events(context).filter(|one| is_customs(one.event.kind) && !not_standing.levied(&one.event)).collect()
}

/// All costs that anybody but the gateway itself has told.
fn events(context: &ShipmentContext) -> impl Iterator<Item = Stated> {
    context.documents.iter().filter(|one| &*one.kind == "landed-cost-event").filter_map(read)
}

fn read(one: &ContextDocument) -> Option<Stated> {
    let system = one.provenance.system.to_string();
    let event = serde_json::from_value(Value::Object(one.document.0.clone())).ok()?;
    (!sender::is_gateway(&system)).then_some(Stated { system, event })
}

fn is_customs(kind: CostKind) -> bool {
    matches!(kind, CostKind::Provisional | CostKind::Assessed)
}

/// What customs has said of the taxes of one declaration. A notification states all of them anew, so the latest one counts, and of
/// that what one system handed on: the broker and the customs software may both be told.
#[derive(Default)]
struct Declaration {
    provisional: BTreeMap<Notification, Vec<Stated>>,
    assessed: BTreeMap<Notification, Vec<Stated>>,
}

impl Declaration {
    /// What is assessed is not provisional any more.
    fn counting(self) -> Vec<Stated> {
        latest(if self.assessed.is_empty() { self.provisional } else { self.assessed })
    }
}

/// When it was issued, the version that it is of, and who handed it on.
type Notification = (Option<i64>, String, String);

/// Taxes by the declaration's number, or by its local reference number where it has none.
fn declarations(taxes: Vec<Stated>) -> BTreeMap<String, Declaration> {
    let mut declarations: BTreeMap<String, Declaration> = BTreeMap::new();
    for tax in taxes {
        let event = &tax.event;
        let lrn = || event.references.iter().find(|name| &*name.scheme == "lrn").map(|name| name.value.to_string());
        let mrn = event.declaration_mrn.as_ref().map(ToString::to_string).or_else(lrn).unwrap_or_default();
        let at = portgate_core::shipment::microseconds(event.occurred_at.as_str());
        let notification = (at, event.version.to_string(), tax.system.clone());
        let of = declarations.entry(mrn).or_default();
        let notifications = if event.kind == CostKind::Assessed { &mut of.assessed } else { &mut of.provisional };
        notifications.entry(notification).or_default().push(tax);
    }
    declarations
}

/// The latest notification, by whoever handed on most of it, the first by name among several.
fn latest(notifications: BTreeMap<Notification, Vec<Stated>>) -> Vec<Stated> {
    let Some(at) = notifications.keys().map(|(at, ..)| *at).max() else { return Vec::new() };
    let of_then = notifications.into_iter().filter(|((other, ..), _)| *other == at).map(|(_, taxes)| taxes);
    // Of equal ones `max_by_key` takes the last.
    let all: Vec<Vec<Stated>> = of_then.collect();
    all.into_iter().rev().max_by_key(Vec::len).unwrap_or_default()
}

/// Whether a charge is of an invoice that its carrier has replaced: the invoice says so by its version.
fn is_of_an_earlier_invoice(event: &LandedCostEvent, invoices: &[CommercialInvoice]) -> bool {
    let Some((invoice, _)) = event.source_ref.rsplit_once('|') else { return false };
    invoices.iter().any(|known| &*known.id == invoice && known.version != event.version)
}

/// What sellers charge for carriage and the like beside the goods. It is on their invoice, so that finance has it already.
fn charges(reckoning: &mut Reckoning<'_>) -> Vec<Cost> {
    let goods = reckoning.goods;
    let all: Vec<usize> = (0..goods.articles.len()).collect();
    let mut costs = Vec::new();
    for invoice in &goods.invoices {
        let charges = invoice.charges.iter().filter(|charge| !charge.included_in_price.unwrap_or_default());
        for (index, charge) in charges.enumerate() {
            let class = charged(&charge.code.code);
            let cost_type = match class {
                CostClass::Freight => CostType::Freight,
                CostClass::Insurance => CostType::Insurance,
                _ => CostType::Other,
            };
            let code = charge.code.code.to_string();
            let mut cost =
                reckoning.cost(cost_type, class, &code, CostKind::Invoiced, charge.amount.clone(), &all, None);
            cost.is_sellers = true;
            cost.source_ref = format!("{}|charge {}", invoice.id, index + 1);
            cost.occurred_at = Some(invoice.issue_date.as_str().to_owned());
            costs.push(cost);
        }
    }
    costs
}

/// What a cost is for, as policies call it.
pub(crate) fn class(cost_type: CostType) -> CostClass {
    match cost_type {
        CostType::Duty => CostClass::Duty,
        CostType::Vat => CostClass::Vat,
        CostType::Antidumping => CostClass::Antidumping,
        CostType::Excise => CostClass::Excise,
        CostType::Freight => CostClass::Freight,
        CostType::Insurance => CostClass::Insurance,
        CostType::Brokerage => CostClass::Brokerage,
        CostType::Storage => CostClass::Storage,
        CostType::Other => CostClass::Other,
    }
}

impl Reckoning<'_> {
    fn stated(&mut self, Stated { system, event }: Stated, articles: &[usize]) -> Cost {
        let LandedCostEvent {
            cost_type,
            code,
            kind,
            amount,
            basis,
            item_no,
            declaration_mrn,
            source_ref,
            occurred_at,
            ..
        } = event;
        let mut cost = self.cost(cost_type, class(cost_type), &code.code, kind, amount, articles, basis);
        cost.item_no = item_no;
        cost.declaration_mrn = declaration_mrn.map(|mrn| mrn.to_string());
        cost.source_ref = source_ref.to_string();
        cost.stated_by = system;
        cost.occurred_at = Some(occurred_at.as_str().to_owned());
        cost
    }
}
