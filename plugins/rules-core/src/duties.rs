//! R21, R24: what customs assessed, and what is there once.

use std::collections::BTreeMap;

use portgate_sdk::Severity::{Error, Warning};
use portgate_sdk::canonical::{CostKind, Decimal, LandedCostEvent, RateType};
use portgate_sdk::{Judge, Placed};

use crate::shipment::Facts;

pub(crate) fn judge(facts: &Facts, judge: &mut Judge) {
    for cost in
        facts.costs.iter().filter(|cost| matches!(cost.document.kind, CostKind::Assessed | CostKind::Provisional))
    {
        let Some(basis) = cost.document.basis.as_ref().filter(|basis| basis.rate_type == RateType::AdValorem) else {
            continue;
        };
        let (Some(base), Some(rate)) = (&basis.tax_base, basis.rate) else { continue };
        let computed = (base.amount * rate).shifted(2).round(2);
        let amount = cost.document.amount.amount;
        // Nothing is assessed where there is a relief or a suspension.
        if !amount.is_zero() && computed != amount.round(2) {
            let detail = format!("{rate} % of {} are {computed}, and {amount} were assessed.", base.amount);
            let fields = [cost.at("/amount/amount"), cost.at("/basis")];
            judge.found("R21", Warning, fields, detail, "Ask customs, or the broker, how it was worked out.");
        }
    }
    taxed(facts, judge);
    let mut posted: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, cost) in facts.costs.iter().enumerate() {
        if let Some(first) = posted.insert(&cost.document.source_ref, index) {
            let detail = format!("{} is there twice.", &*cost.document.source_ref);
            let fields = [cost.at("/sourceRef"), facts.costs[first].at("/sourceRef")];
            judge.found("R24", Error, fields, detail, "Look which of the two was meant; only one may be posted.");
        }
    }
    two_names(facts, judge);
}

/// An MRN is of one local reference number, and one of these of one MRN.
fn two_names(facts: &Facts, judge: &mut Judge) {
    let numbered = || facts.declarations.iter().filter_map(|one| Some((one, one.document.mrn.as_deref()?)));
    let (mut by_mrn, mut by_lrn) = (BTreeMap::new(), BTreeMap::new());
    for (declaration, mrn) in numbered() {
        let lrn = &*declaration.document.lrn;
        let of_mrn = by_mrn.insert(mrn, declaration).filter(|other| *other.document.lrn != *lrn);
        let of_lrn = by_lrn.insert(lrn, declaration).filter(|other| other.document.mrn.as_deref() != Some(mrn));
        for (name, field, other) in [(mrn, "/mrn", of_mrn), (lrn, "/lrn", of_lrn)] {
            let Some(other) = other else { continue };
            let detail = format!("{name} is of two declarations.");
            let fields = [declaration.at(field), other.at(field)];
            judge.found("R24", Error, fields, detail, "Look which of the two customs has.");
        }
    }
}

/// What an assessment is of: the declaration, the goods item, how firm it is, and when.
type Assessment<'f> = (&'f str, u32, &'static str, &'f str);

/// Value added tax is on what the goods are worth to customs and on the duties: on less is too little. Costs within the country may come
/// on top. Where the tax on duties is apart (B05), both bases count.
fn taxed(facts: &Facts, judge: &mut Judge) {
    let mut of_items: BTreeMap<Assessment<'_>, Vec<&Placed<LandedCostEvent>>> = BTreeMap::new();
    for cost in &facts.costs {
        let kind = match cost.document.kind {
            CostKind::Assessed => "assessed",
            CostKind::Provisional => "provisional",
            _ => continue,
        };
        let (Some(mrn), Some(item)) = (&cost.document.declaration_mrn, cost.document.item_no) else { continue };
        of_items.entry((&**mrn, item, kind, cost.document.occurred_at.as_str())).or_default().push(cost);
    }
    for ((_, item, ..), costs) in of_items {
        let (taxes, duties): (Vec<_>, Vec<_>) =
            costs.into_iter().filter(|cost| is_duty(cost) || is_vat(cost)).partition(|cost| is_vat(cost));
        let base = |cost: &&Placed<LandedCostEvent>| {
            cost.document.basis.as_ref().and_then(|basis| Some(basis.tax_base.as_ref()?.amount))
        };
        let (Some(value), Some(first)) = (duties.iter().filter_map(base).max(), taxes.first()) else { continue };
        let Some(taxed) = taxes.iter().map(base).collect::<Option<Vec<Decimal>>>() else { continue };
        let taxed: Decimal = taxed.into_iter().sum();
        let duty: Decimal = duties.iter().map(|cost| cost.document.amount.amount).sum();
        if taxed < value + duty {
            let detail = format!(
                "Value added tax of item {item} is on {taxed}, and value and duties come to {value} and {duty}."
            );
            let fields = [first.at("/basis/taxBase"), duties[0].at("/basis/taxBase")];
            judge.found("R21", Warning, fields, detail, "Ask customs, or the broker, how it was worked out.");
        }
    }
}

fn is_duty(cost: &Placed<LandedCostEvent>) -> bool {
    cost.document.code.code.starts_with('A')
}

fn is_vat(cost: &Placed<LandedCostEvent>) -> bool {
    matches!(&*cost.document.code.code, "B00" | "B05")
}
