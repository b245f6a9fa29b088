//! Which declarations count: none that its declarant has withdrawn, and none that customs has refused or cancelled.

use std::collections::{BTreeMap, BTreeSet};

use portgate_canonical::{CustomsDeclaration, CustomsStatus, DeclarationStatus, LandedCostEvent, ShipmentContext};

use crate::read::documents;

/// The declarations that do not stand, by the names that customs knows them by.
pub(crate) struct NotStanding {
    lrns: BTreeSet<String>,
    mrns: BTreeSet<String>,
}

impl NotStanding {
    /// What is withdrawn by local reference number, and of what customs says nothing but that it is refused, or that it is cancelled.
    pub(crate) fn of(context: &ShipmentContext, withdrawn: &BTreeSet<String>) -> Self {
        let statuses: Vec<CustomsStatus> = documents(&context.documents, "customs-status");
        let said = |status: &&CustomsStatus| !matches!(status.status, DeclarationStatus::Submitted);
        let (mut refused, mut heard_of) = (BTreeSet::new(), BTreeSet::new());
        let (mut lrns, mut mrns) = (withdrawn.clone(), BTreeSet::new());
        let mut numbers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for status in statuses.iter().filter(said) {
            let (lrn, mrn) = (status.lrn.as_deref(), status.mrn.as_deref());
            if let (Some(lrn), Some(mrn)) = (lrn, mrn) {
                numbers.entry(lrn.to_owned()).or_default().insert(mrn.to_owned());
            }
            let is_refused = status.status == DeclarationStatus::Rejected;
            (if is_refused { &mut refused } else { &mut heard_of }).insert((lrn, mrn));
            if status.status == DeclarationStatus::Invalidated {
                match (lrn, mrn) {
                    (_, Some(mrn)) => drop(mrns.insert(mrn.to_owned())),
                    (Some(lrn), None) => drop(lrns.insert(lrn.to_owned())),
                    (None, None) => {}
                }
            }
        }
        // A refusal may be of an amendment, of a declaration that customs has.
        let is_known = |(lrn, mrn): (Option<&str>, Option<&str>)| {
            let is_it = |(of, number): &(Option<&str>, Option<&str>)| {
                lrn.is_some() && lrn == *of || mrn.is_some() && mrn == *number
            };
            heard_of.iter().any(is_it)
        };
        for (lrn, mrn) in refused.iter().copied().filter(|name| !is_known(*name)) {
            lrns.extend(lrn.map(str::to_owned));
            mrns.extend(mrn.map(str::to_owned));
        }
        for (lrn, of) in &numbers {
            if withdrawn.contains(lrn) {
                mrns.extend(of.iter().cloned());
            } else if of.iter().all(|mrn| mrns.contains(mrn)) {
                lrns.insert(lrn.clone());
            }
        }
        NotStanding { lrns, mrns }
    }

    /// Whether a declaration is one of them.
    pub(crate) fn has(&self, declaration: &CustomsDeclaration) -> bool {
        self.names(Some(&*declaration.lrn), declaration.mrn.as_deref())
    }

    /// Whether a tax is one of theirs.
    pub(crate) fn levied(&self, tax: &LandedCostEvent) -> bool {
        let lrn = tax.references.iter().find(|name| &*name.scheme == "lrn").map(|name| &*name.value);
        self.names(lrn, tax.declaration_mrn.as_deref())
    }

    fn names(&self, lrn: Option<&str>, mrn: Option<&str>) -> bool {
        mrn.is_some_and(|mrn| self.mrns.contains(mrn)) || lrn.is_some_and(|lrn| self.lrns.contains(lrn))
    }
}
