//! What kind of declaration it is, and its totals.

use portgate_sdk::canonical::{CustomsDeclaration, Money, Text};

use crate::data_set::DataSet;
use crate::work::{Work, code};

/// The list that function codes are of.
const FUNCTIONS: &str = "WCO function";
const ORIGINAL: &str = "9";
const AMENDMENT: &str = "13";
/// What an amendment is of any declaration (DE 1/1).
const CORRECTION: &str = "COR";

/// Function and type (DE 1/1, 1/2).
pub(crate) fn kind(work: &mut Work<'_>, declaration: &mut CustomsDeclaration) {
    let is_amendment = work.amends.is_some();
    declaration.function_code = code(if is_amendment { AMENDMENT } else { ORIGINAL }, FUNCTIONS);
    let name = "declaration-type";
    let types = work.set.additional_types();
    let Some(additional) = work.settings.get(name) else {
        let what = "whether the goods are there already (DE 1/2)";
        return work.settings.missing(name, what, &mut work.gaps);
    };
    if !types.contains(&additional) {
        let expected = format!("one of {}", types.join(", "));
        return work.settings.unusable(name, additional, &expected, &mut work.gaps);
    }
    let whole = format!("{}{additional}", work.set.declaration_type());
    declaration.type_code = Text::new(if is_amendment { CORRECTION } else { whole.as_str() }).ok();
}

/// Items, packages, the sum of the prices (DE 1/9, 6/18, 4/11).
pub(crate) fn totals(work: &Work<'_>, declaration: &mut CustomsDeclaration) {
    let items = &declaration.items;
    declaration.item_count = u32::try_from(items.len()).ok();
    let packages = items.iter().flat_map(|item| &item.packages);
    declaration.total_packages = Some(packages.map(|package| package.count).fold(0, u32::saturating_add));
    if work.set == DataSet::I1 {
        return;
    }
    let prices: Option<Vec<&Money>> = items.iter().map(|item| item.price.as_ref()).collect();
    declaration.invoice_total = prices.and_then(|prices| {
        let currency = prices.first()?.currency.clone();
        Some(Money { amount: prices.iter().map(|price| price.amount).sum(), currency })
    });
}
