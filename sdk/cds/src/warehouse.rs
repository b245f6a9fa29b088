//! UK17: goods that go into a customs warehouse or come from one name it (DE 2/7).

use portgate_sdk::Judge;
use portgate_sdk::Severity::Error;
use portgate_sdk::canonical::DeclarationItem;

use crate::category::Category;
use crate::declared::Declared;
use crate::procedures::{previous, requested};

/// Customs warehousing, as a procedure that is requested or that came before.
const WAREHOUSING: &str = "71";
/// The kinds of warehouses and other facilities.
const KINDS: [&str; 9] = ["R", "S", "T", "U", "V", "W", "X", "Y", "Z"];

pub(crate) fn judge(declared: &Declared, judge: &mut Judge) {
    is_named(declared, judge);
    let kind = declared.says().warehouse.as_ref().and_then(|warehouse| warehouse.r#type.as_deref());
    if let Some(kind) = kind.filter(|kind| !KINDS.contains(kind)) {
        let detail = format!("{kind} is no kind of warehouse (DE 2/7; CDS10020).");
        let remedy = "Declare R to Z, such as U for a private customs warehouse, R for a public one.";
        judge.found("UK17", Error, [declared.at("/warehouse/type")], detail, remedy);
    }
}

fn is_named(declared: &Declared, judge: &mut Judge) {
    // A clearance request is of no procedure, and a simplified declaration may leave the warehouse for later.
    if !matches!(declared.category, Some(Category::H1 | Category::H2 | Category::H3 | Category::H4 | Category::B1)) {
        return;
    }
    let says = declared.says();
    if says.warehouse.as_ref().is_some_and(|warehouse| warehouse.id.is_some()) {
        return;
    }
    let is_stored = |item: &DeclarationItem| {
        requested(says, item) == Some(WAREHOUSING) || previous(says, item) == Some(WAREHOUSING)
    };
    if let Some((items, mut fields)) = declared.items_where("/procedure/code", is_stored) {
        let detail =
            format!("{items} go into a customs warehouse or come from one, and none is named (DE 2/7; CDS12070).");
        fields.insert(0, declared.at("/warehouse"));
        judge.found("UK17", Error, fields, detail, "Name the warehouse by type and number, or correct the procedure.");
    }
}
