//! Orders and draft orders become canonical orders.
//!
//! The order's id is the shop's own, which never changes; a draft's id is of another count and is marked `draft-`. What
//! the canonical order has no word for (a test, not placed yet) is a finding. That the lines add up to
//! `subtotal_price`, and what is left of them to `current_subtotal_price`, is checked, and said if not.
//!
//! An order that was changed after it was placed carries what is wanted now: quantities, prices and sums. What was ordered
//! first stands beside them ([`crate::change`]).

use portgate_sdk::canonical::{
    Code, Currency, Decimal, Money, Order, OrderTotals, Reference, SalesChannel, Text, Timestamp,
};
use portgate_sdk::{Decoded, Message, Rejection};
use serde::Deserialize;
use serde_json::Value;

use crate::address::{Customer, ShopAddress, buyer, consignee};
use crate::change::{Refund, Said, returned, said};
use crate::fields::{Fields, counted, list, number, version};
use crate::order_line::{Discount, LineItem, Terms, line};
use crate::scalar::Scalar;
use crate::words::{self, Shipping};

/// The most lines that a canonical order has room for.
const LINES_MAX: usize = 5_000;

/// An order of the shop, or one of the two wrappers around it. All in one, so that the message is read in one pass.
#[derive(Deserialize)]
struct ShopOrder {
    order: Option<Box<ShopOrder>>,
    draft_order: Option<Box<ShopOrder>>,
    id: Option<u64>,
    name: Option<String>,
    order_number: Option<u64>,
    created_at: Option<String>,
    updated_at: Option<String>,
    cancelled_at: Option<String>,
    cancel_reason: Option<Scalar>,
    note: Option<Scalar>,
    note_attributes: Option<Value>,
    po_number: Option<Scalar>,
    shipping_lines: Option<Vec<Shipping>>,
    shipping_line: Option<Shipping>,
    test: Option<bool>,
    currency: Option<String>,
    taxes_included: Option<bool>,
    subtotal_price: Option<Scalar>,
    total_tax: Option<Scalar>,
    total_price: Option<Scalar>,
    current_subtotal_price: Option<Scalar>,
    current_total_tax: Option<Scalar>,
    current_total_price: Option<Scalar>,
    #[serde(default, deserialize_with = "said")]
    financial_status: Said<String>,
    #[serde(default, deserialize_with = "said")]
    fulfillment_status: Said<String>,
    refunds: Option<Vec<Refund>>,
    email: Option<String>,
    customer: Option<Box<Customer>>,
    shipping_address: Option<Box<ShopAddress>>,
    billing_address: Option<Box<ShopAddress>>,
    applied_discount: Option<Discount>,
    /// The id of the order that a draft has become.
    order_id: Option<u64>,
    line_items: Option<Vec<LineItem>>,
}

/// One canonical order of a message.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let mut outer: ShopOrder = message.json()?;
    let (root, draft, order) = match (outer.order.take(), outer.draft_order.take()) {
        (Some(order), _) => ("/order", false, *order),
        (None, Some(draft)) => ("/draft_order", true, *draft),
        (None, None) => ("", false, outer),
    };
    let mut decoded = Decoded::new();
    let order = canonical(message, &mut Fields::new(root, &mut decoded), draft, order);
    if let Some(order) = order {
        decoded.document(&order);
    }
    decoded.finish()
}

/// The canonical order; none if something is missing or wrong, which findings then say.
fn canonical(message: &Message, fields: &mut Fields<'_>, draft: bool, order: ShopOrder) -> Option<Order> {
    state(fields, draft, &order);
    words::choices(fields, "note_attributes", &words::any(order.note_attributes));
    let id = fields.required("id", order.id);
    let created_at = fields.required("created_at", order.created_at);
    let issued_at = fields.shaped("created_at", created_at, Timestamp::new);
    let recorded_at = fields.shaped("updated_at", order.updated_at, Timestamp::new);
    let currency = fields.required("currency", order.currency);
    let currency = fields.shaped("currency", currency, Currency::new);
    let taxes_included = order.taxes_included.unwrap_or(false);

    if order.total_price.is_none() {
        fields.required::<Scalar>("total_price", None);
    }
    let ordered = Sums {
        gross: fields.decimal("total_price", order.total_price.as_ref()),
        tax: fields.decimal("total_tax", order.total_tax.as_ref()),
        subtotal: fields.decimal("subtotal_price", order.subtotal_price.as_ref()),
    };
    let current = ordered.changed(Sums {
        gross: fields.decimal("current_total_price", order.current_total_price.as_ref()),
        tax: fields.decimal("current_total_tax", order.current_total_tax.as_ref()),
        subtotal: fields.decimal("current_subtotal_price", order.current_subtotal_price.as_ref()),
    });
    let discount =
        order.applied_discount.and_then(|discount| fields.decimal("applied_discount/amount", discount.amount.as_ref()));

    let items = list(fields.required("line_items", order.line_items));
    if items.len() > LINES_MAX {
        fields.error("TOO-MANY-LINES", "line_items", format!("An order has at most {LINES_MAX} lines; split it."));
        return None;
    }
    let ships = items.iter().any(|item| item.requires_shipping == Some(true));
    if ships && order.shipping_address.is_none() {
        fields.warning(
            "SHIP-TO-MISSING",
            "shipping_address",
            "There are goods to ship but no address to ship them to.",
        );
    }
    let returned = returned(fields, list(order.refunds));
    let terms = Terms { currency: currency.as_ref(), taxes_included, returned: &returned };
    let mut lines = Vec::with_capacity(items.len());
    let (mut goods, mut goods_left) = (Decimal::ZERO, Some(Decimal::ZERO));
    let count = items.len();
    for (index, item) in items.into_iter().enumerate() {
        if let Some(read) = line(&mut fields.element("line_items", index), index, item, &terms) {
            goods = goods + read.goods;
            goods_left = goods_left.zip(read.goods_left).map(|(sum, left)| sum + left);
            lines.push(read.line);
        }
    }
    // Lines that could not be read are errors already; their sum would only confuse.
    if lines.len() == count {
        // Lines that were added later are in the sums of now alone.
        let is_changed = current.subtotal != ordered.subtotal;
        if let (Some(subtotal), Some(left)) = (current.subtotal, goods_left.filter(|_| is_changed)) {
            compare(fields, "current_subtotal_price", left, subtotal);
        }
        if let Some(subtotal) = ordered.subtotal.filter(|_| !is_changed) {
            compare(fields, "subtotal_price", goods - discount.unwrap_or_default(), subtotal);
        }
    }
    let less = lines.iter().filter(|line| line.ordered_quantity.is_some()).count();
    if less > 0 {
        let detail = format!("Of {less} lines less is wanted than was ordered; their quantities are those of now.");
        fields.info("ORDER-CHANGED", "line_items", detail);
        if order.current_total_price.is_none() {
            let detail = "The shop sends no sums of what is wanted now; the totals are those of what was ordered.";
            fields.warning("TOTALS-AS-ORDERED", "total_price", detail);
        }
    }

    let (billing, customer) = (order.billing_address.map(|it| *it), order.customer.map(|it| *it));
    let buyer = buyer(fields, billing, customer, order.email.as_deref());
    let ship_to = order.shipping_address.map(|address| consignee(fields, "shipping_address", *address));
    let cancelled_at = fields.time("cancelled_at", order.cancelled_at);
    let payment_status = status(fields, "financial_status", order.financial_status, None);
    // A draft has none, and an order of which nothing was sent has a null.
    let fulfilment_status =
        status(fields, "fulfillment_status", order.fulfillment_status, (!draft).then_some("unfulfilled"));
    let (id, issued_at, currency, gross) = (id?, issued_at?, currency?, current.gross?);
    let money = |amount| Money { amount, currency: currency.clone() };
    // Without tax the goods' price is what the shop calls the subtotal. With tax included only the whole can be told
    // apart from its tax.
    let tax = current.tax;
    let net = if taxes_included { tax.map(|tax| gross - tax) } else { current.subtotal };
    let ordered_gross = ordered.gross.filter(|ordered| *ordered != gross);
    let written = order.name.filter(|name| !name.trim().is_empty());
    let order_number = match written {
        Some(name) => fields.identifier("name", "name of the order", &name)?,
        None => number(order.order_number.unwrap_or(id)),
    };
    let references = [
        Some(Reference { scheme: Text::new("order").ok()?, value: order_number.widened(), written: None }),
        Some(counted(if draft { "shopify-draft-order" } else { "shopify-order" }, id)),
        order.order_id.map(|id| counted("shopify-order", id)),
        // What the buyer calls the order.
        words::said(order.po_number.as_ref()).and_then(|number| fields.reference("po_number", "order", number)),
    ];
    let message_id = number(id);
    let id = if draft { Text::new(format!("draft-{id}")).ok()? } else { number(id) };
    let source = message.source(Some(message_id), recorded_at.clone());
    let totals = OrderTotals {
        gross: money(gross),
        ordered_gross: ordered_gross.map(money),
        net: net.map(money),
        tax: tax.map(money),
    };
    let (version, channel) = (version(recorded_at.as_ref()), SalesChannel::Ecommerce);
    Some(Order {
        references: references.into_iter().flatten().collect(),
        buyer,
        ship_to,
        payment_status,
        fulfilment_status,
        cancelled_at,
        lines,
        ..Order::new(id, version, source, order_number, issued_at, currency, channel, totals)
    })
}

/// Says what the canonical order has no word for.
fn state(fields: &mut Fields<'_>, draft: bool, order: &ShopOrder) {
    if draft {
        fields.info("DRAFT", "", "This is a draft order; nothing is bought yet.");
    }
    if let Some(at) = &order.cancelled_at {
        let reason = words::said(order.cancel_reason.as_ref()).map(|reason| format!(" ({reason})")).unwrap_or_default();
        fields.warning(
            "CANCELLED",
            "cancelled_at",
            format!("The order was cancelled at {at}{reason}; do not ship it."),
        );
    }
    words::note(fields, order.note.as_ref());
    for shipping in order.shipping_lines.iter().flatten() {
        words::shipping(fields, "shipping_lines", shipping);
    }
    if let Some(shipping) = &order.shipping_line {
        words::shipping(fields, "shipping_line", shipping);
    }
    if order.test == Some(true) {
        fields.warning("TEST-ORDER", "test", "The shop marks the order as a test; do not ship it.");
    }
    if order.taxes_included == Some(true) {
        let detail = "Prices are with tax: lines are given without it, unit prices only where there is none.";
        fields.info("TAXES-INCLUDED", "taxes_included", detail);
    }
}

/// The sums of an order, as far as the shop gives them.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Sums {
    gross: Option<Decimal>,
    tax: Option<Decimal>,
    subtotal: Option<Decimal>,
}

impl Sums {
    /// The sums of now. A sum that the shop does not give anew is what it was, unless others have changed: then it is not
    /// known, but for a tax of nought.
    fn changed(self, now: Sums) -> Sums {
        let is_same = |was: Option<Decimal>, now: Option<Decimal>| now.is_none() || was == now;
        let nothing_changed = is_same(self.gross, now.gross) && is_same(self.subtotal, now.subtotal);
        let kept = |was: Option<Decimal>| was.filter(|was| nothing_changed || was.is_zero());
        Sums {
            gross: now.gross.or(self.gross),
            tax: now.tax.or(kept(self.tax)),
            subtotal: now.subtotal.or(kept(self.subtotal)),
        }
    }
}

/// A state in the shop's own word; for a null, the word that the shop itself shows for it, where there is one.
fn status(fields: &mut Fields<'_>, name: &str, said: Said<String>, for_null: Option<&str>) -> Option<Code> {
    let word = match said {
        None => return None,
        Some(Some(word)) => word,
        Some(None) => for_null?.to_owned(),
    };
    let code = Text::new(word).ok();
    if code.is_none() {
        fields.warning("STATE-INVALID", name, "This is no word of up to 64 characters; the state is left out.");
    }
    Some(Code { code: code?, code_list: Text::new(format!("Shopify {name}")).ok()?, source_code: None })
}

/// Rule R01: the lines add up to the subtotal, but for a hundredth.
fn compare(fields: &mut Fields<'_>, name: &str, lines: Decimal, subtotal: Decimal) {
    let difference = if lines < subtotal { subtotal - lines } else { lines - subtotal };
    if difference > Decimal::from(1).shifted(2) {
        let detail = format!("The lines add up to {lines}, but `{name}` is {subtotal}; find out which is right.");
        fields.warning("R01", name, detail);
    }
}
