//! A refund becomes a credit note: a commercial invoice of the type 381 (UNTDID 1001).
//!
//! It is what the shop gives back of what an order was invoiced for: lines, shipping, duties. It says of each line how many and for
//! how much, as an invoice does, and lowers what was paid for the goods, by which customs reckons. It is no new revision of the
//! order, which the shop sends by itself with its quantities of now, and no payment: what was paid back is its sum to be paid.
//!
//! Amounts are those that the buyer is owed, so positive. The shop's `order_adjustments` are what the order's total changes by, and
//! are turned round.

use portgate_sdk::canonical::{
    Charge, Code, CommercialInvoice, Currency, Date, Decimal, InvoiceLine, InvoiceNote, InvoiceTax, InvoiceTotals,
    Money, Quantity, Text, Timestamp,
};
use portgate_sdk::{Decoded, Message, Rejection};
use serde::Deserialize;

use crate::fields::{Fields, counted, list, number};
use crate::product::NO_VARIANT;
use crate::scalar::Scalar;
use crate::words::said;

/// The type of a credit note, and of freight among charges (UNTDID 7161).
const CREDIT_NOTE: &str = "381";
const FREIGHT: &str = "FC";

/// The most lines that a credit note has room for, and the most charges.
const LINES_MAX: usize = 5_000;
const CHARGES_MAX: usize = 64;

/// A refund, or the wrapper around it.
#[derive(Deserialize)]
struct ShopRefund {
    refund: Option<Box<ShopRefund>>,
    id: Option<Scalar>,
    order_id: Option<u64>,
    created_at: Option<String>,
    processed_at: Option<String>,
    note: Option<Scalar>,
    refund_line_items: Option<Vec<RefundLine>>,
    refund_shipping_lines: Option<Vec<RefundShipping>>,
    order_adjustments: Option<Vec<Adjustment>>,
    total_duties_set: Option<AmountSet>,
    transactions: Option<Vec<Transaction>>,
}

#[derive(Deserialize)]
struct RefundLine {
    line_item_id: Option<u64>,
    quantity: Option<i64>,
    subtotal: Option<Scalar>,
    total_tax: Option<Scalar>,
    subtotal_set: Option<AmountSet>,
    line_item: Option<RefundedItem>,
}

#[derive(Deserialize)]
struct RefundedItem {
    sku: Option<String>,
    title: Option<String>,
    variant_title: Option<String>,
    price: Option<Scalar>,
}

#[derive(Deserialize)]
struct RefundShipping {
    subtotal_amount_set: Option<AmountSet>,
    tax_amount_set: Option<AmountSet>,
}

#[derive(Deserialize)]
struct Adjustment {
    amount: Option<Scalar>,
    tax_amount: Option<Scalar>,
    amount_set: Option<AmountSet>,
    kind: Option<String>,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Transaction {
    kind: Option<String>,
    status: Option<String>,
    amount: Option<Scalar>,
    currency: Option<String>,
    test: Option<bool>,
}

/// An amount in the currency that the shop reckons in; beside it stands what the buyer was shown.
#[derive(Deserialize)]
struct AmountSet {
    shop_money: Option<ShopMoney>,
}

#[derive(Deserialize)]
struct ShopMoney {
    amount: Option<Scalar>,
    currency_code: Option<String>,
}

impl AmountSet {
    fn amount(&self) -> Option<&Scalar> {
        self.shop_money.as_ref()?.amount.as_ref()
    }

    fn currency(&self) -> Option<&String> {
        self.shop_money.as_ref()?.currency_code.as_ref()
    }
}

/// The credit note of a message.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let mut outer: ShopRefund = message.json()?;
    let (root, refund) = match outer.refund.take() {
        Some(refund) => ("/refund", *refund),
        None => ("", outer),
    };
    let mut decoded = Decoded::new();
    if let Some(note) = canonical(message, &mut Fields::new(root, &mut decoded), refund) {
        decoded.document(&note);
    }
    decoded.finish()
}

/// A part of what is given back: without tax, unless the shop's prices are with it, and the tax.
struct Given {
    amount: Decimal,
    tax: Decimal,
}

fn canonical(message: &Message, fields: &mut Fields<'_>, refund: ShopRefund) -> Option<CommercialInvoice> {
    let id = fields.id("id", "Refund", refund.id.as_ref());
    let written_at = refund.processed_at.as_ref().or(refund.created_at.as_ref()).cloned();
    let at = if refund.processed_at.is_some() { "processed_at" } else { "created_at" };
    let written_at = fields.required("created_at", written_at);
    let issued_at = fields.shaped(at, written_at, Timestamp::new);
    let currency = currency(fields, &refund);
    let items = list(refund.refund_line_items);
    if items.len() > LINES_MAX {
        fields.error("TOO-MANY-LINES", "refund_line_items", format!("A credit note has at most {LINES_MAX} lines."));
        return None;
    }
    let paid = paid(fields, list(refund.transactions));
    let lines: Vec<(RefundLine, Given)> = items
        .into_iter()
        .enumerate()
        .filter_map(|(index, item)| given(&mut fields.element("refund_line_items", index), item))
        .collect();
    let charges = charges(
        fields,
        list(refund.refund_shipping_lines),
        list(refund.order_adjustments),
        refund.total_duties_set.as_ref(),
    );
    let note: Option<Text<4096>> = fields.free_text("note", "note", said(refund.note.as_ref()));
    let (id, issued_at, currency) = (id?, issued_at?, currency?);
    if lines.is_empty() && charges.is_empty() && paid.is_zero() {
        fields.info("NOTHING-REFUNDED", "", "Nothing is given back by this refund; no credit note comes of it.");
        return None;
    }
    let money = |amount| Money { amount, currency: currency.clone() };
    let sum = |parts: &mut dyn Iterator<Item = &Given>| {
        parts.fold((Decimal::ZERO, Decimal::ZERO), |(amount, tax), given| (amount + given.amount, tax + given.tax))
    };
    let (goods, goods_tax) = sum(&mut lines.iter().map(|(_, given)| given));
    let (extra, extra_tax) = sum(&mut charges.iter().map(|(_, _, given)| given));
    let (amount, tax) = (goods + extra, goods_tax + extra_tax);
    let is_with_tax = with_tax(fields, amount, tax, paid);
    let net = |given: &Given| if is_with_tax { given.amount - given.tax } else { given.amount };
    let lines_net = lines.iter().map(|(_, given)| net(given)).sum::<Decimal>();
    let charges_net = charges.iter().map(|(_, _, given)| net(given)).sum::<Decimal>();
    let type_code = Code {
        code: Text::new(CREDIT_NOTE).ok()?,
        code_list: Text::new("UNTDID 1001").ok()?,
        source_code: Text::new("refund").ok(),
    };
    let invoice_lines = lines.iter().enumerate().map(|(index, (item, given))| {
        line(&mut fields.element("refund_line_items", index), index, item, money(net(given)), money(given.tax))
    });
    let invoice_lines = invoice_lines.collect();
    let references =
        [Some(counted("shopify-refund", id)), refund.order_id.map(|order| counted("shopify-order", order))];
    Some(CommercialInvoice {
        references: references.into_iter().flatten().collect(),
        lines: invoice_lines,
        charges: charges.iter().filter_map(|(code, reason, given)| charge(code, reason, money(net(given)))).collect(),
        notes: note.map(InvoiceNote::new).into_iter().collect(),
        ..CommercialInvoice::new(
            number(id),
            Text::new("1").ok()?,
            message.source(Some(number(id)), Some(issued_at.clone())),
            number(id),
            Date::new(issued_at.as_str().get(..10)?).ok()?,
            type_code,
            currency.clone(),
            InvoiceTotals {
                lines_net: Some(money(lines_net)),
                charges: (!charges.is_empty()).then(|| money(charges_net)),
                tax: Some(money(tax)),
                without_tax: Some(money(lines_net + charges_net)),
                with_tax: Some(money(lines_net + charges_net + tax)),
                ..InvoiceTotals::new(money(paid))
            },
        )
    })
}

/// The currency that the shop reckons in: of a line, of the sums, else of the payments.
fn currency(fields: &mut Fields<'_>, refund: &ShopRefund) -> Option<Currency> {
    let of_lines = refund.refund_line_items.iter().flatten().filter_map(|line| line.subtotal_set.as_ref());
    let of_adjustments =
        refund.order_adjustments.iter().flatten().filter_map(|adjustment| adjustment.amount_set.as_ref());
    let of_shipping =
        refund.refund_shipping_lines.iter().flatten().filter_map(|shipping| shipping.subtotal_amount_set.as_ref());
    let sets = of_lines.chain(of_adjustments).chain(of_shipping).chain(&refund.total_duties_set);
    let of_payments = refund.transactions.iter().flatten().filter_map(|transaction| transaction.currency.as_ref());
    let mut named = sets.filter_map(AmountSet::currency).chain(of_payments);
    let Some(named) = named.next() else {
        fields.error("MISSING", "", "Give a currency: of a line's `subtotal_set`, or of a transaction.");
        return None;
    };
    fields.shaped("refund_line_items", Some(named.clone()), Currency::new)
}

/// What a line is given back for, with the line; none where it cannot be told, which findings then say.
fn given(fields: &mut Fields<'_>, item: RefundLine) -> Option<(RefundLine, Given)> {
    let quantity = fields.required("quantity", item.quantity);
    if quantity.is_some_and(|quantity| quantity < 0) {
        fields.error("INVALID", "quantity", "Expected a number of pieces that is not below zero.");
        return None;
    }
    let tax = fields.decimal("total_tax", item.total_tax.as_ref()).unwrap_or_default();
    let subtotal = match &item.subtotal {
        Some(subtotal) => fields.decimal("subtotal", Some(subtotal)),
        None => {
            let price = item.line_item.as_ref().and_then(|line| line.price.as_ref());
            let price = fields.required("subtotal", price)?;
            let price = fields.decimal("line_item/price", Some(price))?;
            let detail = "The shop does not say what the line is given back for; its price times its pieces is taken.";
            fields.warning("SUBTOTAL-MISSING", "subtotal", detail);
            fields.fitting("line_item/price", price * Decimal::from(quantity?))
        }
    };
    quantity?;
    Some((item, Given { amount: subtotal?, tax }))
}

/// Shipping, duties and what the shop gives back beside lines: code, reason and amount of each.
fn charges(
    fields: &mut Fields<'_>,
    shipping: Vec<RefundShipping>,
    adjustments: Vec<Adjustment>,
    duties: Option<&AmountSet>,
) -> Vec<(&'static str, Option<Text<1024>>, Given)> {
    let mut charges = Vec::new();
    let has_shipping = !shipping.is_empty();
    for (index, line) in shipping.iter().enumerate() {
        let mut fields = fields.element("refund_shipping_lines", index);
        let amount = line.subtotal_amount_set.as_ref().and_then(AmountSet::amount);
        let amount = fields.decimal("subtotal_amount_set/shop_money/amount", amount).unwrap_or_default();
        let tax = line.tax_amount_set.as_ref().and_then(AmountSet::amount);
        let tax = fields.decimal("tax_amount_set/shop_money/amount", tax).unwrap_or_default();
        charges.push((FREIGHT, Text::new("shipping").ok(), Given { amount, tax }));
    }
    for (index, adjustment) in adjustments.into_iter().enumerate() {
        let mut fields = fields.element("order_adjustments", index);
        let amount = fields.signed("amount", adjustment.amount.as_ref()).unwrap_or_default();
        let tax = fields.signed("tax_amount", adjustment.tax_amount.as_ref()).unwrap_or_default();
        let kind = adjustment.kind.unwrap_or_default();
        // Newer versions say it twice.
        if kind == "shipping_refund" && has_shipping {
            continue;
        }
        let code = if kind == "shipping_refund" { FREIGHT } else { "UNMAPPED" };
        let words = [Some(kind), adjustment.reason].into_iter().flatten().filter(|word| !word.trim().is_empty());
        let words = words.collect::<Vec<_>>().join(": ");
        let words = fields.free_text("reason", "reason", Some(&words));
        let turned = Given { amount: Decimal::ZERO - amount, tax: Decimal::ZERO - tax };
        charges.push((code, words, turned));
    }
    let duties = fields.decimal("total_duties_set/shop_money/amount", duties.and_then(AmountSet::amount));
    if let Some(amount) = duties.filter(|amount| !amount.is_zero()) {
        charges.push(("UNMAPPED", Text::new("duties").ok(), Given { amount, tax: Decimal::ZERO }));
    }
    if charges.len() > CHARGES_MAX {
        fields.error(
            "TOO-MANY-CHARGES",
            "order_adjustments",
            format!("A credit note has at most {CHARGES_MAX} charges."),
        );
    }
    charges.truncate(CHARGES_MAX);
    charges
}

/// What was paid back. What is still on its way, or has failed, is not, and is said.
fn paid(fields: &mut Fields<'_>, transactions: Vec<Transaction>) -> Decimal {
    let mut paid = Decimal::ZERO;
    for (index, transaction) in transactions.into_iter().enumerate() {
        let mut fields = fields.element("transactions", index);
        let amount = fields.decimal("amount", transaction.amount.as_ref()).unwrap_or_default();
        let status = transaction.status.as_deref().unwrap_or("success");
        if transaction.test == Some(true) {
            fields.warning("TEST-PAYMENT", "test", "The shop marks the payment as a test.");
        }
        match (transaction.kind.as_deref(), status) {
            (Some("refund") | None, "success") => paid = paid + amount,
            (kind, status) => {
                let kind = kind.unwrap_or("refund");
                fields.info(
                    "NOT-PAID-BACK",
                    "status",
                    format!("A `{kind}` of {amount} is `{status}`; it is not counted."),
                );
            }
        }
    }
    paid
}

/// Whether the shop's amounts are with tax, which a refund does not say: by what was paid back, where there is tax.
fn with_tax(fields: &mut Fields<'_>, amount: Decimal, tax: Decimal, paid: Decimal) -> bool {
    if amount + tax == paid {
        return false;
    }
    let is_with_tax = !tax.is_zero() && amount == paid;
    if !is_with_tax && !paid.is_zero() {
        let detail =
            format!("Lines, shipping and tax add up to {}, but {paid} was paid back; find out why.", amount + tax);
        fields.warning("R01", "transactions", detail);
    }
    is_with_tax
}

fn line(fields: &mut Fields<'_>, index: usize, item: &RefundLine, net: Money, tax: Money) -> InvoiceLine {
    let quantity = Quantity::pieces(Decimal::from(item.quantity.unwrap_or_default()));
    let line_no = number(item.line_item_id.unwrap_or(index as u64 + 1));
    let taxes = (!tax.amount.is_zero()).then(|| InvoiceTax { amount: Some(tax), ..InvoiceTax::default() });
    let mut line = InvoiceLine {
        order_line: item.line_item_id.map(number),
        taxes: taxes.into_iter().collect(),
        ..InvoiceLine::new(line_no, quantity, net)
    };
    if let Some(item) = &item.line_item {
        let variant =
            item.variant_title.as_deref().filter(|variant| !variant.trim().is_empty() && *variant != NO_VARIANT);
        let title = match (&item.title, variant) {
            (Some(title), Some(variant)) => Some(format!("{title}, {variant}")),
            (title, variant) => title.clone().or(variant.map(str::to_owned)),
        };
        line.sku = fields.sku(item.sku.clone());
        line.description = fields.free_text("line_item/title", "title", title.as_deref());
    }
    line
}

fn charge(code: &str, reason: &Option<Text<1024>>, amount: Money) -> Option<Charge> {
    let code = Code { code: Text::new(code).ok()?, code_list: Text::new("UNTDID 7161").ok()?, source_code: None };
    Some(Charge { reason: reason.clone(), ..Charge::new(code, amount) })
}
