//! Items and house consignments: their numbers, weights, codes and previous documents.

use portgate_sdk::canonical::{Decimal, DeclarationItem};

use crate::conditions::Error::{Missing, Rule, Spare};
use crate::conditions::{Conditions, is_exported};
use crate::lists::{COMMON, UNION_STATUS};

pub(crate) fn judge(conditions: &mut Conditions) {
    numbers(conditions);
    weights(conditions);
    for (place, item) in conditions.items() {
        let at = |field: &str| format!("{place}{field}");
        classified(conditions, item, &at);
        net(conditions, item, &at);
        proven(conditions, item, &at);
    }
}

/// R0007, R0987, R0988: items are numbered throughout the declaration, and within their house consignment.
fn numbers(conditions: &mut Conditions) {
    let remedy = "Number them anew, from 1 without gaps.";
    if let Some((index, item)) =
        conditions.document().items.iter().enumerate().find(|(at, item)| item.no as usize != at + 1)
    {
        let wrong = format!(
            "Items are numbered 1, 2, 3 … over all house consignments; item {} stands where {} should.",
            item.no,
            index + 1
        );
        conditions.broken("R0007", Rule, [format!("/items/{index}/no")], wrong, remedy);
    }
    if let Some((index, house)) =
        conditions.document().houses.iter().enumerate().find(|(at, house)| house.no as usize != at + 1)
    {
        let wrong =
            format!("House consignments are numbered 1, 2, 3 …; {} stands where {} should.", house.no, index + 1);
        conditions.broken("R0987", Rule, [format!("/houses/{index}/no")], wrong, remedy);
    }
    for house in &conditions.document().houses {
        let of_house = conditions.items().filter(|(_, item)| item.house == Some(house.no));
        let wrong_one = of_house.zip(1..).find(|((_, item), no)| item.no_in_house.is_some_and(|own| own != *no));
        if let Some(((place, item), no)) = wrong_one {
            let own = item.no_in_house.unwrap_or_default();
            let wrong = format!(
                "Items of house consignment {} are numbered 1, 2, 3 …; {own} stands where {no} should.",
                house.no
            );
            conditions.broken("R0988", Rule, [format!("{place}/noInHouse")], wrong, remedy);
        }
    }
}

/// R0983, R0994: what is within weighs no more than the whole.
fn weights(conditions: &mut Conditions) {
    let document = conditions.document();
    for (place, house) in conditions.houses() {
        let items = document.items.iter().filter(|item| item.house == Some(house.no));
        let sum: Decimal = items.filter_map(|item| item.gross_kg).sum();
        if let Some(gross) = house.gross_kg.filter(|gross| sum > *gross) {
            let wrong =
                format!("The items of house consignment {} weigh {sum} kg, and it {gross} kg in all.", house.no);
            conditions.broken("R0983", Rule, [format!("{place}/grossKg")], wrong, "Correct the weight that is wrong.");
        }
    }
    let of_houses: Decimal = document.houses.iter().filter_map(|house| house.gross_kg).sum();
    let of_items: Decimal = document.items.iter().filter_map(|item| item.gross_kg).sum();
    let (sum, of, list) = match document.houses.is_empty() {
        true => (of_items, "items", "/items"),
        false => (of_houses, "house consignments", "/houses"),
    };
    if let Some(total) = document.total_gross_kg.filter(|total| sum > *total) {
        let wrong = format!("The {of} weigh {sum} kg, and the declaration says {total} kg in all.");
        conditions.broken("R0994", Rule, ["/totalGrossKg", list], wrong, "Correct the weight that is wrong.");
    }
}

fn classified(conditions: &mut Conditions, item: &DeclarationItem, at: &impl Fn(&str) -> String) {
    let exported = conditions.house_of(item).is_some_and(|(_, house)| is_exported(&house.previous_documents));
    if item.classification.is_none() && (exported || !conditions.is_tir()) {
        let wrong = format!("Item {} has no commodity code.", item.no);
        conditions.broken(
            "C0153",
            Missing,
            [at("/classification")],
            wrong,
            "Have the goods classified: six digits at least.",
        );
    }
    let code = item.classification.as_ref().map_or("", |classification| classification.commodity.as_str());
    let from = conditions.departure();
    if code.len() > 6 && COMMON.contains(&from) {
        let wrong =
            format!("The commodity code of item {} has {} digits; from {from} it has six.", item.no, code.len());
        conditions.broken(
            "C0821",
            Spare,
            [at("/classification/commodity")],
            wrong,
            "Leave the digits of the Combined Nomenclature out.",
        );
    }
}

fn net(conditions: &mut Conditions, item: &DeclarationItem, at: &impl Fn(&str) -> String) {
    let no = item.no;
    let exported = conditions.house_of(item).is_some_and(|(_, house)| is_exported(&house.previous_documents));
    match item.net_kg {
        None if exported => {
            let wrong = format!("Item {no} was exported before (N830), and has no net weight.");
            conditions.broken("C0837", Missing, [at("/netKg")], wrong, "Take it from the export declaration.");
        }
        Some(_) if !exported && conditions.is_reduced() => {
            let wrong = format!("Item {no} has a net weight, which the reduced data set has not.");
            conditions.broken("C0837", Spare, [at("/netKg"), "/reducedDataset".to_owned()], wrong, "Leave it out.");
        }
        Some(net) if item.gross_kg.is_some_and(|gross| gross > Decimal::from(0) && net > gross) => {
            let wrong = format!("Item {no} weighs more net than gross.");
            conditions.broken(
                "R0223",
                Rule,
                [at("/netKg"), at("/grossKg")],
                wrong,
                "Correct the weight that is wrong.",
            );
        }
        _ => {}
    }
}

/// C0035, R0020: where Union goods come from another party of the convention, a document proves their status.
fn proven(conditions: &mut Conditions, item: &DeclarationItem, at: &impl Fn(&str) -> String) {
    let kind = item.type_code.as_deref().unwrap_or(conditions.kind());
    let from = conditions.departure();
    if !matches!(kind, "T2" | "T2F") || !COMMON.contains(&from) {
        return;
    }
    let above = &conditions.document().previous_documents;
    let own = &item.previous_documents;
    let fields = [at("/previousDocuments"), "/previousDocuments".to_owned()];
    let remedy = "Name the document that proves the status of Union goods: C612, C620, N822 or N825.";
    if above.is_empty() && own.is_empty() {
        let wrong = format!("Item {} goes as {kind} from {from}, and no previous document is named.", item.no);
        conditions.broken("C0035", Missing, fields, wrong, remedy);
    } else if !above.iter().chain(own).any(|document| UNION_STATUS.contains(&&*document.r#type)) {
        let wrong = format!(
            "Item {} goes as {kind} from {from}, and no previous document proves that it is of the Union.",
            item.no
        );
        conditions.broken("R0020", Rule, fields, wrong, remedy);
    }
}
