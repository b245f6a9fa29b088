//! What customs values the goods by: terms of delivery and what they add to the price (DE 4/1, 4/9), nature of transaction (DE 8/5).

use portgate_sdk::canonical::CustomsDeclaration;

use crate::data_set::DataSet;
use crate::work::Work;
use crate::{charges, terms};

pub(crate) fn write(work: &mut Work<'_>, declaration: &mut CustomsDeclaration) {
    if work.set == DataSet::I1 {
        return;
    }
    nature(work, declaration);
    if !work.set.has_valuation() {
        return;
    }
    let Some(terms) = terms::agreed(work) else { return };
    let additions = charges::additions(work, &terms);
    declaration.adjustments.extend(additions);
    declaration.incoterm = Some(terms);
}

/// Nature of transaction (DE 8/5). An export cannot be without.
fn nature(work: &mut Work<'_>, declaration: &mut CustomsDeclaration) {
    let name = "transaction-nature";
    declaration.transaction_nature = match work.set {
        DataSet::B1 => work.settings.required(name, "what kind of transaction it is (DE 8/5)", &mut work.gaps),
        _ => work.settings.text(name, &mut work.gaps),
    };
}
