//! One line of an order: what is bought, how much of it is wanted now, how much was ordered, and at which price.

use std::collections::BTreeMap;

use portgate_sdk::canonical::{Currency, Decimal, Money, OrderLine, Quantity};
use serde::Deserialize;
use serde_json::Value;

use crate::change::{Returned, Worth, left};
use crate::fields::{Fields, list, number};
use crate::product::NO_VARIANT;
use crate::scalar::Scalar;
use crate::words;

/// A member of `line_items`.
#[derive(Deserialize)]
pub(crate) struct LineItem {
    id: Option<u64>,
    sku: Option<String>,
    title: Option<String>,
    variant_title: Option<String>,
    properties: Option<Value>,
    quantity: Option<i64>,
    current_quantity: Option<i64>,
    fulfillable_quantity: Option<i64>,
    fulfillment_status: Option<String>,
    price: Option<Scalar>,
    pub(crate) requires_shipping: Option<bool>,
    total_discount: Option<Scalar>,
    discount_allocations: Option<Vec<Allocation>>,
    applied_discount: Option<Discount>,
    tax_lines: Option<Vec<TaxLine>>,
}

/// A part of a discount that falls to a line.
#[derive(Deserialize)]
struct Allocation {
    amount: Option<Scalar>,
}

/// A discount of a draft order, or of a line of one.
#[derive(Deserialize)]
pub(crate) struct Discount {
    pub(crate) amount: Option<Scalar>,
}

/// A tax on a line.
#[derive(Deserialize)]
struct TaxLine {
    price: Option<Scalar>,
}

/// A canonical line with what only the order's sums need.
pub(crate) struct Line {
    /// The line.
    pub(crate) line: OrderLine,
    /// Price times quantity less discounts, with tax where the shop's prices are with tax: what `subtotal_price` sums.
    pub(crate) goods: Decimal,
    /// The same for what is left of the line, if that can be told: what `current_subtotal_price` sums.
    pub(crate) goods_left: Option<Decimal>,
}

/// What the lines of an order have in common.
pub(crate) struct Terms<'a> {
    /// The order's currency, if it has a valid one.
    pub(crate) currency: Option<&'a Currency>,
    /// Whether prices are with tax.
    pub(crate) taxes_included: bool,
    /// What was taken back, by the id of its line.
    pub(crate) returned: &'a BTreeMap<u64, Returned>,
}

/// The line at `index`; none if it cannot be one, which findings then say.
pub(crate) fn line(fields: &mut Fields<'_>, index: usize, item: LineItem, terms: &Terms<'_>) -> Option<Line> {
    let quantity = fields.required("quantity", item.quantity);
    let quantity = pieces(fields, "quantity", quantity);
    let said = pieces(fields, "current_quantity", item.current_quantity);
    let open = pieces(fields, "fulfillable_quantity", item.fulfillable_quantity);
    let open = open.or_else(|| (item.fulfillment_status.as_deref() == Some("fulfilled")).then_some(0));
    let returned = item.id.and_then(|id| terms.returned.get(&id));
    let left = quantity.map(|quantity| left(fields, quantity, said, returned));
    if item.price.is_none() {
        fields.required::<Scalar>("price", None);
    }
    let price = fields.decimal("price", item.price.as_ref());
    let discount = discount(fields, &item);
    words::choices(fields, "properties", &words::any(item.properties));
    let tax = match terms.taxes_included {
        true => sum(fields, "tax_lines", list(item.tax_lines).iter().map(|tax| tax.price.as_ref())),
        false => Decimal::ZERO,
    };
    let item_ref = fields.sku(item.sku);
    if item_ref.is_none() {
        fields.warning("SKU-MISSING", "sku", "The line names no SKU that can be used, so it is tied to no item.");
    }
    let (quantity, left, price) = (quantity?, left?, price?);
    let goods = fields.fitting("price", price * Decimal::from(quantity) - discount)?;
    let money = |amount| Some(Money { amount, currency: terms.currency?.clone() });
    let count = |pieces: i64| Quantity::pieces(Decimal::from(pieces));
    let ordered = Worth { goods, tax };
    let now = match left == quantity {
        true => Some(ordered),
        false => ordered.of_what_is_left(price, quantity, left, discount, returned),
    };
    let line_no = number(item.id.unwrap_or(index as u64 + 1));
    let line = OrderLine {
        ordered_quantity: (left != quantity).then(|| count(quantity)),
        open_quantity: open.map(count),
        item_ref,
        description: fields.free_text("title", "title", description(item.title, item.variant_title).as_deref()),
        // A unit's share of the tax is seldom a decimal, and a price with tax is no price without.
        unit_price: if tax.is_zero() { money(price) } else { None },
        line_net: now.and_then(|now| money(now.goods - now.tax)),
        ..OrderLine::new(line_no, count(left))
    };
    Some(Line { line, goods, goods_left: now.map(|now| now.goods) })
}

/// What the line calls the item, which of its variants included.
fn description(title: Option<String>, variant: Option<String>) -> Option<String> {
    match (title, variant.filter(|variant| !variant.trim().is_empty() && variant != NO_VARIANT)) {
        (Some(title), Some(variant)) => Some(format!("{title}, {variant}")),
        (title, variant) => title.or(variant),
    }
}

/// A number of pieces that is not below zero.
fn pieces(fields: &mut Fields<'_>, name: &str, pieces: Option<i64>) -> Option<i64> {
    if pieces.is_some_and(|pieces| pieces < 0) {
        fields.error("INVALID", name, "Expected a number of pieces that is not below zero.");
    }
    pieces.filter(|pieces| *pieces >= 0)
}

/// What is taken off a line. Allocations are the shop's full account, of discounts on the order too; where it gives none,
/// it is the line's own discount, or that of a draft.
fn discount(fields: &mut Fields<'_>, item: &LineItem) -> Decimal {
    if let Some(allocations) = item.discount_allocations.as_ref().filter(|allocations| !allocations.is_empty()) {
        return sum(fields, "discount_allocations", allocations.iter().map(|allocation| allocation.amount.as_ref()));
    }
    let (path, amount) = match &item.applied_discount {
        Some(applied) => ("applied_discount/amount", applied.amount.as_ref()),
        None => ("total_discount", item.total_discount.as_ref()),
    };
    fields.decimal(path, amount).unwrap_or_default()
}

fn sum<'s>(fields: &mut Fields<'_>, path: &str, amounts: impl Iterator<Item = Option<&'s Scalar>>) -> Decimal {
    amounts.map(|amount| fields.decimal(path, amount).unwrap_or_default()).sum()
}
