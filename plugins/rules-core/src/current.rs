//! R23: facts that other systems have changed since: quantities, orders. Commodity codes are in `codes`.

use std::collections::BTreeMap;

use portgate_sdk::Severity::{Error, Warning};
use portgate_sdk::canonical::{Decimal, Order};
use portgate_sdk::{Judge, Placed};

use crate::shipment::Facts;

pub(crate) fn judge(facts: &Facts, judge: &mut Judge) {
    quantities(facts, judge);
    orders(facts, judge);
    origins(facts, judge);
}

/// Quantities by article and unit, with the first place that names them.
type Quantities = BTreeMap<(String, String), (Decimal, String)>;

fn add(quantities: &mut Quantities, sku: &str, unit: &str, value: Decimal, place: String) {
    let known = quantities.entry((sku.to_owned(), unit.to_owned())).or_insert((Decimal::from(0), place));
    known.0 = known.0 + value;
}

/// What is invoiced is what is shipped, article by article, where both count in the same unit.
fn quantities(facts: &Facts, judge: &mut Judge) {
    let [shipment] = &facts.shipments[..] else { return };
    let mut shipped = Quantities::new();
    for (index, line) in shipment.document.lines.iter().enumerate() {
        if let Some(sku) = &line.sku {
            let place = shipment.at(&format!("/lines/{index}/quantity/value"));
            add(&mut shipped, sku, line.quantity.unit.as_str(), line.quantity.value, place);
        }
    }
    let mut invoiced = Quantities::new();
    for invoice in facts.charged() {
        for (index, line) in invoice.document.lines.iter().enumerate() {
            if let Some(sku) = &line.sku {
                let place = invoice.at(&format!("/lines/{index}/quantity/value"));
                add(&mut invoiced, sku, line.quantity.unit.as_str(), line.quantity.value, place);
            }
        }
    }
    for ((sku, unit), (ships, of_shipment)) in &shipped {
        let Some((bills, of_invoice)) = invoiced.get(&(sku.clone(), unit.clone())) else { continue };
        if ships != bills {
            let detail = format!("{ships} {unit} of {sku} are shipped, and {bills} are invoiced.");
            let fields = [of_invoice.clone(), of_shipment.clone()];
            judge.found(
                "R23",
                Warning,
                fields,
                detail,
                "Look whether the order was split or changed after the invoice, and have it corrected.",
            );
        }
    }
}

/// What is shipped was ordered, and still is.
fn orders(facts: &Facts, judge: &mut Judge) {
    for order in facts.orders.iter().filter(|order| order.document.cancelled_at.is_some()) {
        let detail = format!("Order {} was cancelled.", &*order.document.order_number);
        let remedy = "Stop the shipment, or have the order opened again.";
        judge.found("R23", Error, [order.at("/cancelledAt")], detail, remedy);
    }
    for shipment in &facts.shipments {
        for (index, line) in shipment.document.lines.iter().enumerate() {
            let (Some(number), Some(of_line)) = (&line.order_ref, &line.order_line) else { continue };
            let is_meant = |order: &&Placed<Order>| *order.document.order_number == **number;
            let Some(order) = facts.orders.iter().find(is_meant) else { continue };
            let ordered = order.document.lines.iter().enumerate();
            let Some((place, ordered)) = ordered.into_iter().find(|(_, ordered)| *ordered.line_no == **of_line) else {
                continue;
            };
            if ordered.quantity.unit == line.quantity.unit && line.quantity.value > ordered.quantity.value {
                let detail = format!(
                    "{} are shipped of line {} of order {}, and {} are ordered now.",
                    line.quantity.value, &**of_line, &**number, ordered.quantity.value
                );
                let fields = [
                    shipment.at(&format!("/lines/{index}/quantity/value")),
                    order.at(&format!("/lines/{place}/quantity/value")),
                ];
                let remedy =
                    "Look whether the order was split after the goods were picked, and have the delivery corrected.";
                judge.found("R23", Error, fields, detail, remedy);
            }
        }
    }
}

/// An article is from where its master says.
fn origins(facts: &Facts, judge: &mut Judge) {
    for invoice in facts.charged() {
        for (index, line) in invoice.document.lines.iter().enumerate() {
            let (Some(sku), Some(written)) = (&line.sku, &line.origin_country) else { continue };
            let known = facts.items.iter().find(|item| *item.document.sku == **sku);
            let Some((item, origin)) = known.and_then(|item| Some((item, item.document.origin_country.as_ref()?)))
            else {
                continue;
            };
            if origin != written {
                let detail = format!(
                    "Line {} has {} from {}, and the item master says {}.",
                    &*line.line_no,
                    &**sku,
                    written.as_str(),
                    origin.as_str()
                );
                let fields = [invoice.at(&format!("/lines/{index}/originCountry")), item.at("/originCountry")];
                judge.found("R09", Warning, fields, detail, "Ask the supplier where these goods are from.");
            }
        }
    }
}
