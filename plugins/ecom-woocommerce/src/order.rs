//! An order of the shop becomes a canonical order, alone, or each of a list by itself.
//!
//! Its id is the shop's own, its version when the shop changed it last. Prices of lines are without tax, which the shop always gives
//! beside them; those after discounts are what is to be paid.

use portgate_sdk::canonical::{
    Charge, Code, Currency, Decimal, Money, Note, Order, OrderLine, OrderTotals, PartyId, PartyRole, Quantity,
    SalesChannel, Text, Timestamp,
};
use portgate_sdk::{Decoded, Message, Pointer, Rejection};
use serde::Deserialize;

use crate::party::{ShopAddress, party};
use crate::reader::{Meta, Reader};
use crate::scalar::Scalar;

/// The most lines that a canonical order has room for.
const LINES_MAX: usize = 5_000;

/// Codes of charges (UNTDID 7161) and of allowances (UNTDID 5189): freight, a discount.
const FREIGHT: (&str, &str) = ("FC", "UNTDID 7161");
const DISCOUNT: (&str, &str) = ("95", "UNTDID 5189");
const OTHER: (&str, &str) = ("UNMAPPED", "UNTDID 7161");

/// An order, or what the legacy API wraps it in. The legacy API has other names for some of it.
#[derive(Deserialize)]
struct ShopOrder {
    order: Option<Box<ShopOrder>>,
    orders: Option<Vec<ShopOrder>>,
    id: Option<Scalar>,
    number: Option<Scalar>,
    order_number: Option<Scalar>,
    parent_id: Option<Scalar>,
    status: Option<String>,
    currency: Option<String>,
    date_created: Option<String>,
    date_created_gmt: Option<String>,
    created_at: Option<String>,
    date_modified: Option<String>,
    date_modified_gmt: Option<String>,
    updated_at: Option<String>,
    date_paid: Option<String>,
    payment_details: Option<PaymentDetails>,
    total: Option<Scalar>,
    total_tax: Option<Scalar>,
    customer_id: Option<Scalar>,
    billing: Option<Box<ShopAddress>>,
    billing_address: Option<Box<ShopAddress>>,
    shipping: Option<Box<ShopAddress>>,
    shipping_address: Option<Box<ShopAddress>>,
    customer_note: Option<String>,
    note: Option<String>,
    payment_method: Option<String>,
    payment_method_title: Option<String>,
    transaction_id: Option<String>,
    meta_data: Option<Vec<Meta>>,
    line_items: Option<Vec<Item>>,
    shipping_lines: Option<Vec<Extra>>,
    fee_lines: Option<Vec<Extra>>,
    coupon_lines: Option<Vec<Coupon>>,
    refunds: Option<Vec<Refunded>>,
}

/// How it is paid, in the legacy API.
#[derive(Deserialize)]
struct PaymentDetails {
    method_title: Option<String>,
    paid: Option<bool>,
}

#[derive(Deserialize)]
struct Item {
    id: Option<Scalar>,
    name: Option<String>,
    product_id: Option<Scalar>,
    variation_id: Option<Scalar>,
    quantity: Option<Scalar>,
    tax_class: Option<String>,
    subtotal: Option<Scalar>,
    total: Option<Scalar>,
    total_tax: Option<Scalar>,
    price: Option<Scalar>,
    sku: Option<String>,
    global_unique_id: Option<String>,
    meta_data: Option<Vec<Meta>>,
    meta: Option<Vec<Meta>>,
}

/// Shipping, or a fee.
#[derive(Deserialize)]
struct Extra {
    method_id: Option<String>,
    method_title: Option<String>,
    name: Option<String>,
    title: Option<String>,
    total: Option<Scalar>,
    meta_data: Option<Vec<Meta>>,
}

#[derive(Deserialize)]
struct Coupon {
    code: Option<String>,
}

/// A refund of the order, which has a message of its own.
#[derive(Deserialize)]
struct Refunded {
    id: Option<Scalar>,
    total: Option<Scalar>,
}

/// The orders of a message.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let mut outer: ShopOrder = message.json()?;
    let mut decoded = Decoded::new();
    let root = Pointer::root();
    if let Some(orders) = outer.orders.take() {
        for (index, order) in orders.into_iter().enumerate() {
            let at = root.key("orders").index(index);
            decoded.part(&at, order.id.as_ref().map(Scalar::as_str).unwrap_or_default());
            read(message, &mut Reader { decoded: &mut decoded }, &at, order);
        }
    } else if let Some(order) = outer.order.take() {
        read(message, &mut Reader { decoded: &mut decoded }, &root.key("order"), *order);
    } else {
        read(message, &mut Reader { decoded: &mut decoded }, &root, outer);
    }
    decoded.finish()
}

fn read(message: &Message, reader: &mut Reader<'_>, at: &Pointer, order: ShopOrder) {
    if let Some(order) = canonical(message, reader, at, order) {
        reader.decoded.document(&order);
    }
}

/// The canonical order; none if something is missing or wrong, which findings then say.
fn canonical(message: &Message, reader: &mut Reader<'_>, at: &Pointer, order: ShopOrder) -> Option<Order> {
    let id: Option<Text<128>> = reader.id(at.key("id"), order.id.as_ref());
    let id = reader.required(at, "id", id);
    let number = order.number.as_ref().or(order.order_number.as_ref()).or(order.id.as_ref()).map(Scalar::as_str);
    let number: Option<Text<64>> = reader.identifier(at.key("number"), "number of the order", number);
    let created = order.date_created.as_deref().or(order.created_at.as_deref());
    let issued_at = reader.time(at.key("date_created"), order.date_created_gmt.as_deref(), created);
    let issued_at = reader.required(at, "date_created_gmt", issued_at);
    let modified = order.date_modified.as_deref().or(order.updated_at.as_deref());
    let changed_at = reader.time(at.key("date_modified"), order.date_modified_gmt.as_deref(), modified);
    let currency = reader.required(at, "currency", order.currency);
    let currency = currency.and_then(|code| reader.valid(at.key("currency"), Currency::new(code.trim())));
    let gross = reader.decimal(at.key("total"), order.total.as_ref());
    let gross = reader.required(at, "total", gross);
    let tax = reader.decimal(at.key("total_tax"), order.total_tax.as_ref());
    let items = reader.required(at, "line_items", order.line_items)?;
    let (id, number, issued_at, currency, gross) = (id?, number?, issued_at?, currency?, gross?);
    if items.len() > LINES_MAX {
        reader.error("TOO-MANY-LINES", at.key("line_items"), format!("An order has at most {LINES_MAX} lines."));
        return None;
    }
    let money = |amount| Money { amount, currency: currency.clone() };
    let totals =
        OrderTotals { net: tax.map(|tax| money(gross - tax)), tax: tax.map(money), ..OrderTotals::new(money(gross)) };
    let version = changed_at.as_ref().map_or_else(|| Text::new("1").ok(), |time| Some(time.to_version()))?;
    let source = message.source(Some(id.clone()), changed_at.clone());
    let mut document =
        Order::new(id, version, source, number, issued_at, currency.clone(), SalesChannel::Ecommerce, totals);
    let list = at.key("line_items");
    let lines = items.into_iter().enumerate();
    document.lines = lines.filter_map(|(index, item)| line(reader, &list.index(index), item, &currency)).collect();
    let billing = order.billing.or(order.billing_address).unwrap_or_default();
    document.buyer = party(reader, &at.key("billing"), PartyRole::Buyer, *billing);
    let customer: Option<Text<64>> = reader.id(at.key("customer_id"), order.customer_id.as_ref());
    if let (Some(buyer), Some(customer)) = (&mut document.buyer, customer) {
        buyer.ids.extend(Text::new("woo-customer").ok().map(|scheme| PartyId::new(scheme, customer)));
    }
    let shipping = order.shipping.or(order.shipping_address).unwrap_or_default();
    document.ship_to = party(reader, &at.key("shipping"), PartyRole::ShipTo, *shipping);
    state(reader, at, order.status.as_deref(), changed_at, &mut document);
    let is_paid =
        order.date_paid.is_some() || order.payment_details.as_ref().is_some_and(|paid| paid.paid == Some(true));
    document.payment_status =
        reader.class(at.key("date_paid"), "payment", Some(if is_paid { "paid" } else { "unpaid" }));
    let title = order.payment_method_title.or(order.payment_details.and_then(|paid| paid.method_title));
    document.payment_terms = reader.words(at.key("payment_method_title"), "title", title.as_deref());
    let method = reader.class(at.key("payment_method"), "payment method", order.payment_method.as_deref());
    document.classifications.extend(method);
    document.charges = charges(reader, &at.key("shipping_lines"), order.shipping_lines, FREIGHT, &currency);
    document.charges.extend(charges(reader, &at.key("fee_lines"), order.fee_lines, OTHER, &currency));
    for (index, coupon) in order.coupon_lines.into_iter().flatten().enumerate() {
        let code = reader.class(at.key("coupon_lines").index(index), "coupon", coupon.code.as_deref());
        document.classifications.extend(code);
    }
    document.classifications.extend(reader.meta(&at.key("meta_data"), order.meta_data));
    let note = reader.words(at.key("customer_note"), "note", order.customer_note.or(order.note).as_deref());
    document.notes.extend(note.map(Note::new));
    for (index, refund) in order.refunds.into_iter().flatten().enumerate() {
        let at = at.key("refunds").index(index);
        let total = refund.total.as_ref().map(Scalar::as_str).unwrap_or_default();
        let detail = format!("{total} is refunded; lines and sums are those that were ordered.");
        reader.info("REFUNDED", at.clone(), detail);
        let id = refund.id.as_ref().map(Scalar::as_str);
        document.references.extend(reader.reference(at.key("id"), "woo-refund", id));
    }
    let names = [
        ("number", "order", Some(document.order_number.to_string())),
        ("id", "woo-order", Some(document.id.to_string())),
        ("parent_id", "woo-order", order.parent_id.filter(|id| id.as_str() != "0").map(|id| id.as_str().to_owned())),
        ("transaction_id", "payment", order.transaction_id),
    ];
    for (field, scheme, name) in names {
        document.references.extend(reader.reference(at.key(field), scheme, name.as_deref()));
    }
    Some(document)
}

/// The state of the whole: what is sent and what is wanted no more.
fn state(
    reader: &mut Reader<'_>,
    at: &Pointer,
    status: Option<&str>,
    changed_at: Option<Timestamp>,
    document: &mut Order,
) {
    let at = at.key("status");
    document.fulfilment_status = reader.class(at.clone(), "order status", status);
    match status {
        Some("cancelled" | "trash" | "failed") => {
            let detail = "The order was cancelled, thrown away or could not be paid; do not ship it.";
            reader.warning("CANCELLED", at, detail);
            document.cancelled_at = changed_at.or_else(|| Some(document.issued_at.clone()));
        }
        Some("pending" | "on-hold" | "checkout-draft" | "auto-draft") => {
            reader.info("NOT-PAID-YET", at, "The order waits to be paid, or for somebody to let it go.");
        }
        _ => {}
    }
}

fn line(reader: &mut Reader<'_>, at: &Pointer, item: Item, currency: &Currency) -> Option<OrderLine> {
    let line_no: Option<Text<64>> = reader.id(at.key("id"), item.id.as_ref());
    let line_no = reader.required(at, "id", line_no);
    let quantity = reader.decimal(at.key("quantity"), item.quantity.as_ref());
    let quantity = reader.required(at, "quantity", quantity);
    let before = reader.decimal(at.key("subtotal"), item.subtotal.as_ref());
    let line_net = reader.money(at.key("total"), item.total.as_ref(), currency);
    let gtin = item
        .global_unique_id
        .filter(|code| matches!(code.len(), 8 | 12 | 13 | 14) && code.bytes().all(|byte| byte.is_ascii_digit()));
    let mut line = OrderLine {
        item_ref: reader.identifier(at.key("sku"), "SKU", item.sku.as_deref()),
        description: reader.words(at.key("name"), "name", item.name.as_deref()),
        unit_price: reader.money(at.key("price"), item.price.as_ref(), currency),
        tax: reader.money(at.key("total_tax"), item.total_tax.as_ref(), currency),
        gtin: reader.identifier(at.key("global_unique_id"), "GTIN", gtin.as_deref()),
        ..OrderLine::new(line_no?, Quantity::pieces(quantity?))
    };
    let discount = before.zip(line_net.as_ref()).map(|(before, net)| net.amount - before);
    if let Some(amount) = discount.filter(|amount| !amount.is_zero()) {
        let amount = Money { amount, currency: currency.clone() };
        line.charges.extend(charge(DISCOUNT, None, amount));
    }
    line.line_net = line_net;
    for (name, id) in [("product_id", &item.product_id), ("variation_id", &item.variation_id)] {
        let id = id.as_ref().map(Scalar::as_str).filter(|id| *id != "0");
        line.classifications.extend(reader.class(at.key(name), name, id));
    }
    line.classifications.extend(reader.class(at.key("tax_class"), "tax_class", item.tax_class.as_deref()));
    line.classifications.extend(reader.meta(&at.key("meta_data"), item.meta_data.or(item.meta)));
    Some(line)
}

/// Shipping or fees, each a charge; what costs nothing is none, but for its name.
fn charges(
    reader: &mut Reader<'_>,
    list: &Pointer,
    lines: Option<Vec<Extra>>,
    code: (&str, &str),
    currency: &Currency,
) -> Vec<Charge> {
    let mut charges = Vec::new();
    for (index, line) in lines.into_iter().flatten().enumerate() {
        let at = list.index(index);
        let amount = reader.decimal(at.key("total"), line.total.as_ref()).unwrap_or(Decimal::ZERO);
        let title = line.method_title.or(line.name).or(line.title).or(line.method_id);
        let reason = reader.words(at.key("method_title"), "title", title.as_deref());
        for code in reader.meta(&at.key("meta_data"), line.meta_data) {
            reader.info("META", at.key("meta_data"), format!("{} is {}.", code.code_list, code.code));
        }
        charges.extend(charge(code, reason, Money { amount, currency: currency.clone() }));
    }
    charges
}

fn charge((code, list): (&str, &str), reason: Option<Text<1024>>, amount: Money) -> Option<Charge> {
    let code = Code { code: Text::new(code).ok()?, code_list: Text::new(list).ok()?, source_code: None };
    Some(Charge { reason, ..Charge::new(code, amount) })
}
