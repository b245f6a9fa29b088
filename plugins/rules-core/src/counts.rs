//! R03 to R07: counts and weights, within a declaration and against what was packed.

use portgate_sdk::Severity::{Error, Warning};
use portgate_sdk::canonical::{CustomsDeclaration, Decimal, DeclarationItem, Package};
use portgate_sdk::{Judge, Placed};

use crate::shipment::Facts;

/// Goods in bulk (UNECE Recommendation 21): nobody counts them.
const BULK: [&str; 7] = ["VQ", "VG", "VL", "VY", "VR", "VS", "VO"];
/// Goods that are not packed: pieces are counted.
const UNPACKED: [&str; 3] = ["NE", "NF", "NG"];

pub(crate) fn judge(facts: &Facts, judge: &mut Judge) {
    for declaration in &facts.declarations {
        items_are_counted(declaration, judge);
        items_are_numbered(declaration, judge);
        packages_are_counted(declaration, judge);
        weights(declaration, judge);
        as_packed(facts, declaration, judge);
    }
    for shipment in &facts.shipments {
        let packages = counted(&shipment.document.packages);
        let stated = shipment.document.package_count;
        for packing in
            facts.packings.iter().filter(|packing| packing.document.shipment_id == shipment.document.shipment_id)
        {
            let packed = packing.document.package_count.or_else(|| counted(&packing.document.packages));
            if let (Some(stated), Some(packed)) = (stated.or(packages), packed)
                && stated != packed
            {
                let detail = format!("The shipment has {stated} packages, and {packed} were packed.");
                let fields = [shipment.at("/packageCount"), packing.at("/packageCount")];
                judge.found(
                    "R05",
                    Warning,
                    fields,
                    detail,
                    "Have the packing list or the delivery corrected, whichever is not what was loaded.",
                );
            }
        }
    }
}

/// How many packages are meant; nothing where there are none, or some are not counted.
fn counted(packages: &[Package]) -> Option<u32> {
    let outer = packages.iter().filter(|package| package.packed_in.is_none());
    let counts: Vec<u32> = outer.map(|package| package.count).collect();
    (!counts.is_empty()).then(|| counts.iter().sum())
}

fn items_are_counted(declaration: &Placed<CustomsDeclaration>, judge: &mut Judge) {
    let items = declaration.document.items.len();
    if let Some(stated) = declaration.document.item_count.filter(|stated| *stated as usize != items && items > 0) {
        let detail = format!("The declaration says {stated} items and has {items}.");
        let fields = [declaration.at("/itemCount"), declaration.at("/items")];
        judge.found("R03", Error, fields, detail, "Correct the number, or add the items that are missing.");
    }
}

fn items_are_numbered(declaration: &Placed<CustomsDeclaration>, judge: &mut Judge) {
    let numbered = declaration.document.items.iter().enumerate();
    for (index, item) in numbered.filter(|(index, item)| item.no as usize != index + 1).take(1) {
        let detail = format!("Items are numbered from 1 without gaps; the {}th is number {}.", index + 1, item.no);
        judge.found("R04", Error, [declaration.at(&format!("/items/{index}/no"))], detail, "Number the items anew.");
    }
}

/// The packages of an item that count for the total: those that share a package with another item are 0 there.
fn packages_of(item: &DeclarationItem) -> Option<u32> {
    let mut sum = 0u32;
    for package in &item.packages {
        let r#type = &*package.r#type;
        if BULK.contains(&r#type) {
            return None;
        }
        let count = if UNPACKED.contains(&r#type) { package.pieces.unwrap_or(package.count) } else { package.count };
        sum = sum.checked_add(count)?;
    }
    Some(sum)
}

fn packages_are_counted(declaration: &Placed<CustomsDeclaration>, judge: &mut Judge) {
    let Some(stated) = declaration.document.total_packages else { return };
    let items = &declaration.document.items;
    if items.iter().any(|item| item.packages.is_empty()) {
        return;
    }
    let Some(counts) = items.iter().map(packages_of).collect::<Option<Vec<u32>>>() else { return };
    let sum: u32 = counts.into_iter().fold(0, u32::saturating_add);
    if sum != stated {
        let detail = format!("The declaration says {stated} packages, and its items have {sum}.");
        let fields = [declaration.at("/totalPackages"), declaration.at("/items")];
        judge.found("R05", Warning, fields, detail, "Correct the total, or the packages of the item that is wrong.");
    }
}

fn weights(declaration: &Placed<CustomsDeclaration>, judge: &mut Judge) {
    let items = &declaration.document.items;
    for (index, item) in items.iter().enumerate() {
        if let (Some(gross), Some(net)) = (item.gross_kg, item.net_kg)
            && net > gross
        {
            let detail = format!("Item {} weighs {net} kg net and only {gross} kg gross.", item.no);
            let fields =
                [declaration.at(&format!("/items/{index}/grossKg")), declaration.at(&format!("/items/{index}/netKg"))];
            judge.found(
                "R06",
                Error,
                fields,
                detail,
                "Correct the weight that is wrong; the gross one has the packing in it.",
            );
        }
    }
    let weighed: Option<Vec<Decimal>> = items.iter().map(|item| item.gross_kg).collect();
    if let (Some(total), Some(weighed)) = (declaration.document.total_gross_kg, weighed.filter(|all| !all.is_empty())) {
        let sum: Decimal = weighed.into_iter().sum();
        if sum > total {
            let detail = format!("The items weigh {sum} kg gross, and the declaration says {total} kg in all.");
            let fields = [declaration.at("/totalGrossKg"), declaration.at("/items")];
            judge.found("R07", Error, fields, detail, "Correct the total, or the weight of the item that is wrong.");
        }
    }
}

/// What is declared is what was packed, where one packing list is all that there is.
fn as_packed(facts: &Facts, declaration: &Placed<CustomsDeclaration>, judge: &mut Judge) {
    let Some(stated) = declaration.document.total_packages else { return };
    let packed = match (&facts.packings[..], &facts.shipments[..]) {
        ([packing], _) => {
            let count = packing.document.package_count.or_else(|| counted(&packing.document.packages));
            count.map(|count| (count, packing.at("/packageCount")))
        }
        ([], [shipment]) => {
            let count = shipment.document.package_count.or_else(|| counted(&shipment.document.packages));
            count.map(|count| (count, shipment.at("/packageCount")))
        }
        _ => None,
    };
    if let Some((packed, place)) = packed.filter(|(packed, _)| *packed != stated) {
        let detail = format!("{stated} packages are declared, and {packed} were packed.");
        let fields = [declaration.at("/totalPackages"), place];
        judge.found("R05", Warning, fields, detail, "Declare the packages as they were packed.");
    }
}
