//! R21, R24: what customs assessed, and what is posted once.

use std::collections::BTreeMap;

use portgate_sdk::Judge;
use portgate_sdk::Severity::{Error, Warning};
use portgate_sdk::canonical::{CostKind, RateType};

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
    let mut posted: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, cost) in facts.costs.iter().enumerate() {
        if let Some(first) = posted.insert(&cost.document.source_ref, index) {
            let detail = format!("{} is there twice.", &*cost.document.source_ref);
            let fields = [cost.at("/sourceRef"), facts.costs[first].at("/sourceRef")];
            judge.found("R24", Error, fields, detail, "Look which of the two was meant; only one may be posted.");
        }
    }
    let mut filed: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, declaration) in facts.declarations.iter().enumerate() {
        let Some(mrn) = declaration.document.mrn.as_deref() else { continue };
        if let Some(first) = filed.insert(mrn, index)
            && facts.declarations[first].document.lrn != declaration.document.lrn
        {
            let detail = format!("{mrn} is of two declarations.");
            let fields = [declaration.at("/mrn"), facts.declarations[first].at("/mrn")];
            judge.found("R24", Error, fields, detail, "Look which of the two customs has.");
        }
    }
}
