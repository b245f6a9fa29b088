//! Packages: counted, in pieces, or in bulk (C062, TR0022).

use portgate_sdk::canonical::Package;

use crate::conditions::Conditions;

/// Goods in bulk (UNECE Recommendation 21): nobody counts them.
const BULK: [&str; 7] = ["VQ", "VG", "VL", "VY", "VR", "VS", "VO"];
/// Goods that are not packed: pieces are counted.
const UNPACKED: [&str; 3] = ["NE", "NF", "NG"];

pub(crate) fn judge(conditions: &mut Conditions) {
    if conditions.items().all(|(_, item)| item.packages.is_empty()) {
        let wrong = "No item says how it is packed.";
        conditions.broken("8688", &[8688], ["/items"], wrong, "Take the packages from the packing list.");
    }
    for (index, item) in conditions.items() {
        for (of, packages) in item.packages.iter().enumerate() {
            let at = |field: &str| format!("/items/{index}/packages/{of}{field}");
            counted(conditions, packages, item.no, &at);
            shared(conditions, packages, item.no, &at);
        }
    }
}

fn is_counted(packages: &Package) -> bool {
    packages.uncounted != Some(true)
}

fn counted(conditions: &mut Conditions, packages: &Package, item: u32, at: &impl Fn(&str) -> String) {
    let kind = packages.r#type.trim();
    let (counted, pieces) = (is_counted(packages), packages.pieces.is_some());
    let fields = [at("/count"), at("/pieces"), at("/type")];
    if BULK.contains(&kind) {
        if counted || pieces {
            let wrong = format!("Goods of item {item} are in bulk ({kind}), and counted.");
            conditions.broken(
                "C062",
                &[8149],
                fields,
                &wrong,
                "Leave number of packages and of pieces out, or correct the kind.",
            );
        }
    } else if UNPACKED.contains(&kind) {
        if counted || !pieces {
            let wrong =
                format!("Goods of item {item} are not packed ({kind}): their pieces are counted, and no packages.");
            conditions.broken("C062", &[8150], fields, &wrong, "Say how many pieces there are, or correct the kind.");
        }
    } else {
        if !counted || pieces {
            let wrong = format!("Goods of item {item} are packed ({kind}): the packages are counted, and no pieces.");
            conditions.broken("C062", &[8151], fields, &wrong, "Say how many packages there are, or correct the kind.");
        }
        if packages.marks.is_none() && conditions.circumstance().is_none() {
            let wrong = format!("Packages of item {item} ({kind}) have no marks and numbers.");
            conditions.broken("C062", &[8152], [at("/marks"), at("/type")], &wrong, "Say how the packages are marked.");
        }
    }
}

/// TR0022: none of an item's own are counted only where it is packed with another, whose packages have the same marks.
fn shared(conditions: &mut Conditions, packages: &Package, item: u32, at: &impl Fn(&str) -> String) {
    if !is_counted(packages) || packages.count != 0 {
        return;
    }
    let marks = packages.marks.as_deref().map(str::trim);
    let all = || conditions.document().items.iter().flat_map(|item| &item.packages);
    let with = |other: &Package| other.count > 0 && marks.is_some() && other.marks.as_deref().map(str::trim) == marks;
    if !all().any(with) {
        let wrong = format!("Item {item} counts 0 packages, and no item with the same marks counts any.");
        let remedy = "Mark them as the packages are in which the goods are, or count them.";
        conditions.broken("TR0022", &[8153], [at("/count"), at("/marks")], &wrong, remedy);
    }
}
