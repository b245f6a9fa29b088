//! Pricing elements: what a price is made of.

use portgate_sdk::canonical::{Charge, Currency, Money};

use crate::reader::{Others, Reader, listed};
use crate::record::Record;

/// The category of conditions that say what goods cost the seller, which is nothing that the buyer pays.
const COST: &str = "G";

/// The most that a document or a line has room for.
const CHARGES_MAX: usize = 100;

/// The conditions of a document or an item that make its price. What is only for statistics, and what the seller keeps to itself,
/// is among the others, each value under the type of its condition.
pub(crate) fn charges(
    reader: &mut Reader<'_>,
    elements: &[Record<'_>],
    of_document: &Currency,
    others: &mut Others,
) -> Vec<Charge> {
    let mut charges = Vec::new();
    for element in elements {
        element.skip(&["SalesOrder", "SalesOrderItem", "BillingDocument", "BillingDocumentItem"]);
        let kind = element.text("ConditionType").unwrap_or_else(|| "unknown".into());
        let is_cost = element.text("ConditionCategory").is_some_and(|category| category == COST);
        let is_inactive = element.text("ConditionInactiveReason").is_some();
        if !is_cost && !is_inactive && !element.flag("ConditionIsForStatistics") && charges.len() < CHARGES_MAX {
            let currency = element.text("TransactionCurrency").and_then(|code| Currency::new(&*code).ok());
            let currency = currency.unwrap_or_else(|| of_document.clone());
            if let Some(amount) = reader.decimal(element, "ConditionAmount") {
                let mut charge = Charge::new(listed("SAP ConditionType", &kind), Money { amount, currency });
                charge.reason = reader.words(element, "ConditionTypeName");
                charge.included_in_price = Some(true);
                charges.push(charge);
            }
        }
        for rest in element.rest() {
            reader.other(element, others, &format!("SAP {kind} {}", rest.name), &rest.value);
        }
    }
    charges
}
