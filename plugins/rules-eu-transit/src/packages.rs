//! Packages: counted or in bulk (C0060), and of several items (R0219 to R0221, R0364).

use portgate_sdk::canonical::{Decimal, DeclarationItem, Package};

use crate::conditions::Conditions;
use crate::conditions::Error::{Missing, Rule, Spare};
use crate::lists::{BULK, UNPACKED};

pub(crate) fn judge(conditions: &mut Conditions) {
    for (place, item) in conditions.items() {
        for (index, packages) in item.packages.iter().enumerate() {
            let at = |field: &str| format!("{place}/packages/{index}{field}");
            counted(conditions, packages, item, &at);
            if is_elsewhere(packages) {
                packed_elsewhere(conditions, packages, item, &at);
            }
        }
        weighed(conditions, item, &place);
    }
}

fn is_counted(packages: &Package) -> bool {
    packages.uncounted != Some(true)
}

/// Whether they are counted with another item, so that none are left to count here.
fn is_elsewhere(packages: &Package) -> bool {
    is_counted(packages) && packages.count == 0
}

fn counted(conditions: &mut Conditions, packages: &Package, item: &DeclarationItem, at: &impl Fn(&str) -> String) {
    let kind = &*packages.r#type;
    let no = item.no;
    let is_bulk = BULK.contains(&kind);
    let fields = [at("/count"), at("/type")];
    if is_bulk && is_counted(packages) {
        let wrong = format!("Goods of item {no} are in bulk ({kind}), and counted.");
        conditions.broken("C0060", Spare, fields, wrong, "Leave the number out, or correct the kind.");
    } else if !is_bulk && !is_counted(packages) {
        let wrong = format!("Packages of item {no} ({kind}) are not counted.");
        conditions.broken("C0060", Missing, fields, wrong, "Take the number from the packing list.");
    }
    if !is_bulk && !UNPACKED.contains(&kind) && packages.marks.is_none() {
        let wrong = format!("Packages of item {no} ({kind}) have no shipping marks.");
        conditions.broken("C0060", Missing, [at("/marks"), at("/type")], wrong, "Say how the packages are marked.");
    }
}

fn packed_elsewhere(
    conditions: &mut Conditions,
    packages: &Package,
    item: &DeclarationItem,
    at: &impl Fn(&str) -> String,
) {
    let kind = &*packages.r#type;
    let no = item.no;
    let fields = [at("/count"), at("/type")];
    if UNPACKED.contains(&kind) {
        let wrong = format!("Item {no} counts 0 pieces that are not packed ({kind}).");
        conditions.broken("R0220", Rule, fields.clone(), wrong, "Count the pieces, or correct the kind.");
    }
    if item.packages.iter().any(|other| is_counted(other) && other.count > 0) {
        let wrong = format!("Item {no} counts 0 packages of one kind, and some of another.");
        conditions.broken("R0219", Rule, fields.clone(), wrong, "Count the packages of the item, or none.");
    }
    let in_house = |(_, other): &(String, &DeclarationItem)| other.house == item.house && other.no != no;
    let is_of_them = |other: &Package| {
        let other_kind = &*other.r#type;
        let is_packed = !BULK.contains(&other_kind) && !UNPACKED.contains(&other_kind);
        is_packed && other.count > 0 && other.marks.is_some() && other.marks == packages.marks
    };
    if !conditions.items().filter(in_house).any(|(_, other)| other.packages.iter().any(is_of_them)) {
        let wrong = format!(
            "Item {no} counts 0 packages, and no other of its house consignment counts any with the same marks."
        );
        let remedy = "Mark them as the packages are in which the goods are, or count them.";
        conditions.broken("R0364", Rule, [at("/count"), at("/marks")], wrong, remedy);
    }
}

/// R0221: what is packed with another item is weighed with it.
fn weighed(conditions: &mut Conditions, item: &DeclarationItem, place: &str) {
    let Some(gross) = item.gross_kg else { return };
    let zero = Decimal::from(0);
    let fields = [format!("{place}/grossKg"), format!("{place}/packages")];
    let no = item.no;
    let is_elsewhere = item.packages.iter().any(is_elsewhere);
    if is_elsewhere && gross != zero {
        let wrong = format!("Item {no} is packed with another (0 packages), and weighs {gross} kg by itself.");
        conditions.broken("R0221", Rule, fields, wrong, "Weigh it with the other: 0 kg gross here.");
    } else if !is_elsewhere && gross == zero {
        let wrong = format!("Item {no} has packages of its own, and weighs 0 kg gross.");
        conditions.broken("R0221", Rule, fields, wrong, "Take the weight from the packing list.");
    }
}
