//! A refund of the shop becomes a credit note: a commercial invoice of the type 381 (UNTDID 1001).
//!
//! The shop writes what lines take away as amounts below zero; a credit note has what the buyer is owed, so they are turned round. A
//! refund names no currency: that is the agreement's. Which order it is of, its link says.

use portgate_sdk::canonical::{
    Charge, Code, CommercialInvoice, Currency, Date, Decimal, InvoiceLine, InvoiceNote, InvoiceTax, InvoiceTotals,
    Money, Quantity, Text,
};
use portgate_sdk::{Decoded, Message, Pointer, Rejection};
use serde::Deserialize;

use crate::reader::Reader;
use crate::scalar::Scalar;

/// The type of a credit note, and the codes of its charges (UNTDID 7161).
const CREDIT_NOTE: &str = "381";
const FREIGHT: &str = "FC";
const OTHER: &str = "UNMAPPED";

/// The most lines that a credit note has room for, and the most charges.
const LINES_MAX: usize = 5_000;
const CHARGES_MAX: usize = 64;

#[derive(Deserialize)]
struct ShopRefund {
    id: Option<Scalar>,
    parent_id: Option<Scalar>,
    date_created: Option<String>,
    date_created_gmt: Option<String>,
    amount: Option<Scalar>,
    reason: Option<String>,
    refunded_payment: Option<bool>,
    line_items: Option<Vec<Item>>,
    shipping_lines: Option<Vec<Item>>,
    fee_lines: Option<Vec<Item>>,
    #[serde(rename = "_links")]
    links: Option<Links>,
}

/// A line, shipping or a fee that is given back.
#[derive(Deserialize)]
struct Item {
    id: Option<Scalar>,
    name: Option<String>,
    method_title: Option<String>,
    quantity: Option<Scalar>,
    total: Option<Scalar>,
    total_tax: Option<Scalar>,
    sku: Option<String>,
}

#[derive(Deserialize)]
struct Links {
    up: Option<Vec<Link>>,
}

#[derive(Deserialize)]
struct Link {
    href: Option<String>,
}

/// What is given back for one thing: without tax, and the tax.
struct Given {
    at: Pointer,
    net: Decimal,
    tax: Decimal,
    item: Item,
}

/// The credit note of a message.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let refund: ShopRefund = message.json()?;
    let mut decoded = Decoded::new();
    if let Some(note) = canonical(message, &mut Reader { decoded: &mut decoded }, refund) {
        decoded.document(&note);
    }
    decoded.finish()
}

fn canonical(message: &Message, reader: &mut Reader<'_>, refund: ShopRefund) -> Option<CommercialInvoice> {
    let root = Pointer::root();
    let id: Option<Text<64>> = reader.id(root.key("id"), refund.id.as_ref());
    let id = reader.required(&root, "id", id);
    let at = root.key("date_created_gmt");
    let issued_at = reader.time(at, refund.date_created_gmt.as_deref(), refund.date_created.as_deref());
    let issued_at = reader.required(&root, "date_created_gmt", issued_at);
    let paid = reader.decimal(root.key("amount"), refund.amount.as_ref());
    let paid = reader.required(&root, "amount", paid);
    let currency = currency(message, reader);
    let lines = given(reader, &root.key("line_items"), refund.line_items);
    let mut charges: Vec<(&str, Given)> = Vec::new();
    for (code, name, list) in
        [(FREIGHT, "shipping_lines", refund.shipping_lines), (OTHER, "fee_lines", refund.fee_lines)]
    {
        charges.extend(given(reader, &root.key(name), list).into_iter().map(|given| (code, given)));
    }
    if lines.len() > LINES_MAX || charges.len() > CHARGES_MAX {
        let detail = format!("A credit note has at most {LINES_MAX} lines and {CHARGES_MAX} charges.");
        reader.error("TOO-MANY-LINES", root.key("line_items"), detail);
        return None;
    }
    let (id, issued_at, paid, currency) = (id?, issued_at?, paid?, currency?);
    let money = |amount| Money { amount, currency: currency.clone() };
    let net: Decimal = lines.iter().map(|given| given.net).sum();
    let extra: Decimal = charges.iter().map(|(_, given)| given.net).sum();
    let tax: Decimal = lines.iter().chain(charges.iter().map(|(_, given)| given)).map(|given| given.tax).sum();
    let with_tax = net + extra + tax;
    let is_itemised = !lines.is_empty() || !charges.is_empty();
    if is_itemised && with_tax != paid {
        let detail =
            format!("Lines, shipping, fees and tax add up to {with_tax}, but {paid} is refunded; find out why.");
        reader.warning("R01", root.key("amount"), detail);
    }
    if refund.refunded_payment == Some(false) {
        let detail = "The shop has not paid it back by itself; somebody pays it by hand.";
        reader.info("NOT-PAID-BACK", root.key("refunded_payment"), detail);
    }
    let type_code = code(CREDIT_NOTE, "UNTDID 1001")?;
    let date = Date::new(issued_at.as_str().get(..10)?).ok()?;
    let source = message.source(Some(id.widened()), Some(issued_at));
    let totals = InvoiceTotals {
        lines_net: is_itemised.then(|| money(net)),
        charges: (!charges.is_empty()).then(|| money(extra)),
        tax: is_itemised.then(|| money(tax)),
        without_tax: is_itemised.then(|| money(net + extra)),
        with_tax: is_itemised.then(|| money(with_tax)),
        ..InvoiceTotals::new(money(paid))
    };
    let mut document = CommercialInvoice::new(
        id.widened(),
        Text::new("1").ok()?,
        source,
        id.clone(),
        date,
        type_code,
        currency.clone(),
        totals,
    );
    document.lines =
        lines.into_iter().enumerate().filter_map(|(index, given)| line(reader, index, given, &money)).collect();
    for (of, given) in charges {
        let title = given.item.method_title.or(given.item.name);
        let reason = reader.words(given.at.key("name"), "name", title.as_deref());
        let taxes = taxed(given.tax, &money);
        let charge = Charge { reason, taxes, ..Charge::new(code(of, "UNTDID 7161")?, money(given.net)) };
        document.charges.push(charge);
    }
    let reason = reader.words(root.key("reason"), "reason", refund.reason.as_deref());
    document.notes.extend(reason.map(InvoiceNote::new));
    document.references.extend(reader.reference(root.key("id"), "woo-refund", Some(&*id)));
    let order = refund.parent_id.filter(|id| id.as_str() != "0").map(|id| id.as_str().to_owned());
    let order = order.or_else(|| up(refund.links.as_ref()));
    if order.is_none() {
        reader.warning("NO-ORDER", root.key("_links"), "Neither its parent nor its link says which order it is of.");
    }
    document.references.extend(reader.reference(root.key("_links"), "woo-order", order.as_deref()));
    Some(document)
}

/// The currency of the shop, by the agreement.
fn currency(message: &Message, reader: &mut Reader<'_>) -> Option<Currency> {
    let setting = message.agreement.as_ref().and_then(|agreement| agreement.setting("currency"));
    let currency = setting.and_then(|code| Currency::new(code).ok());
    if currency.is_none() {
        let detail = "A refund names no currency; the agreement has to (`settings.currency`, three capital letters).";
        reader.error("NO-CURRENCY", Pointer::root(), detail);
    }
    currency
}

/// The order that the link of a refund leads up to: the end of `…/orders/723`.
fn up(links: Option<&Links>) -> Option<String> {
    let href = links?.up.as_ref()?.first()?.href.as_deref()?;
    let id = href.trim_end_matches('/').rsplit('/').next()?;
    (!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())).then(|| id.to_owned())
}

fn given(reader: &mut Reader<'_>, list: &Pointer, items: Option<Vec<Item>>) -> Vec<Given> {
    let mut all = Vec::new();
    for (index, item) in items.into_iter().flatten().enumerate() {
        let at = list.index(index);
        let turned = |amount: Option<Decimal>| Decimal::ZERO - amount.unwrap_or_default();
        let net = turned(reader.decimal(at.key("total"), item.total.as_ref()));
        let tax = turned(reader.decimal(at.key("total_tax"), item.total_tax.as_ref()));
        all.push(Given { at, net, tax, item });
    }
    all
}

fn line(reader: &mut Reader<'_>, index: usize, given: Given, money: &impl Fn(Decimal) -> Money) -> Option<InvoiceLine> {
    let Given { at, net, tax, item } = given;
    let quantity = reader.decimal(at.key("quantity"), item.quantity.as_ref()).unwrap_or_default();
    let line_no: Option<Text<64>> = reader.id(at.key("id"), item.id.as_ref());
    let line_no = line_no.or_else(|| Text::new((index + 1).to_string()).ok())?;
    Some(InvoiceLine {
        sku: reader.identifier(at.key("sku"), "SKU", item.sku.as_deref()),
        description: reader.words(at.key("name"), "name", item.name.as_deref()),
        taxes: taxed(tax, money),
        ..InvoiceLine::new(line_no, Quantity::pieces(Decimal::ZERO - quantity), money(net))
    })
}

fn taxed(tax: Decimal, money: &impl Fn(Decimal) -> Money) -> Vec<InvoiceTax> {
    let tax = (!tax.is_zero()).then(|| InvoiceTax { amount: Some(money(tax)), ..InvoiceTax::default() });
    tax.into_iter().collect()
}

fn code(code: &str, list: &str) -> Option<Code> {
    Some(Code { code: Text::new(code).ok()?, code_list: Text::new(list).ok()?, source_code: None })
}
