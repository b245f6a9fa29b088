//! `A_SalesOrder` with its items, partners, prices, schedule lines and texts: an `order`.

use portgate_sdk::Message;
use portgate_sdk::canonical::{
    Code, Currency, Decimal, Money, Note, Order, OrderLine, OrderTotals, Party, PartyId, PartyRole, Quantity,
    Reference, SalesChannel, Text,
};

use super::pricing::charges;
use super::{Changed, Entity, moment};
use crate::number::{self, ORDER};
use crate::parties::Parties;
use crate::reader::{NOTES_MAX, Others, Reader, listed};
use crate::record::Record;

pub(crate) const SALES_ORDER: Entity = Entity {
    title: "sales order",
    key: &["SalesOrder"],
    parts: &["SalesOrderItem", "PartnerFunction", "PricingProcedureStep", "ScheduleLine", "LongTextID"],
    read,
};

/// The status of an order of which everything is rejected.
const ALL_REJECTED: &str = "C";

fn read(entity: &Record<'_>, message: &Message, reader: &mut Reader<'_>) {
    let mut others = Others::default();
    let changed = Changed::read(entity);
    let Some(order_number) = reader.required::<64>(entity, "SalesOrder") else { return };
    let mut references = number::references(ORDER, &entity.text("SalesOrder").unwrap_or_default());
    let currency = reader.currency(entity, &["TransactionCurrency"]);
    let issued = moment(reader, entity, ("SalesOrderDate", ""), None)
        .or_else(|| moment(reader, entity, ("CreationDate", "CreationTime"), None));
    let Some(issued_at) = issued.or_else(|| changed.at.clone()) else {
        reader.error(entity, "", "MISSING", "Give `SalesOrderDate`: when the order was placed.");
        return;
    };
    if let Some(number) = entity.text("PurchaseOrderByCustomer") {
        let reference = reader.decoded.reference(entity.at("PurchaseOrderByCustomer"), "order", &number);
        reader.refer(entity, &mut references, reference.into_iter().collect());
    }
    if let Some(before) = entity.set("ReferenceSDDocument") {
        reader.refer(entity, &mut references, number::references(number::DOCUMENT, &before));
    }
    let items = entity.records_of(&["to_Item", "_Item"]);
    let lines: Vec<OrderLine> =
        items.iter().filter_map(|item| line(reader, item, &currency, &mut references)).collect();
    let totals = totals(reader, entity, &lines, &currency);
    let source = message.source(Text::new(&*order_number).ok(), changed.at.clone());
    let id = order_number.widened();
    let channel = SalesChannel::Erp;
    let mut order = Order::new(id, changed.version, source, order_number, issued_at, currency.clone(), channel, totals);
    if entity.text("OverallSDDocumentRejectionSts").is_some_and(|status| status == ALL_REJECTED) {
        reader.warning(
            entity,
            "OverallSDDocumentRejectionSts",
            "REJECTED",
            "All of the order is rejected; do not ship it.",
        );
        order.cancelled_at = changed.at;
    }
    let place = entity.first(&["IncotermsTransferLocation", "IncotermsLocation1"]).map(String::from);
    let terms = reader.terms(entity, "IncotermsClassification", place);
    (order.incoterm, order.delivery_terms) = (terms.incoterm, terms.words);
    order.payment_terms = reader.words(entity, "CustomerPaymentTerms");
    order.requested_delivery_date = reader.day(entity, "RequestedDeliveryDate");
    order.delivery_block = reader.code(entity, "DeliveryBlockReason");
    order.billing_block = reader.code(entity, "HeaderBillingBlockReason");
    order.fulfilment_status =
        ["OverallTotalDeliveryStatus", "OverallDeliveryStatus"].into_iter().find_map(|name| reader.code(entity, name));
    let mut parties = Parties::default();
    for partner in entity.records_of(&["to_Partner", "_Partner"]) {
        parties.add_entity(reader, &partner, &mut others);
    }
    order.buyer = parties.take(PartyRole::Buyer).or_else(|| named(reader, entity, "SoldToParty", PartyRole::Buyer));
    entity.skip(&["SoldToParty"]);
    order.ship_to = parties.take(PartyRole::ShipTo);
    order.seller = parties.take(PartyRole::Seller);
    order.parties = parties.all;
    order.charges =
        charges(reader, &entity.records_of(&["to_PricingElement", "_PricingElement"]), &currency, &mut others);
    order.lines = lines;
    texts(reader, &entity.records_of(&["to_Text", "_Text"]), &mut others);
    reader.rest(entity, &mut others);
    (order.classifications, order.notes) = (others.codes, others.notes);
    order.references = references;
    reader.decoded.document(&order);
}

/// A party of which only the number is told.
pub(crate) fn named(reader: &mut Reader<'_>, entity: &Record<'_>, name: &str, role: PartyRole) -> Option<Party> {
    let number: Text<64> = reader.number(entity, name)?;
    let scheme = Text::new("SAP").expect("a name");
    Some(Party { ids: vec![PartyId { scheme, value: number }], ..Party::new(role) })
}

/// The sums. SAP has the net of an order, and the tax of each of its items, where it is asked for them.
fn totals(reader: &mut Reader<'_>, entity: &Record<'_>, lines: &[OrderLine], currency: &Currency) -> OrderTotals {
    let money = |amount| Money { amount, currency: currency.clone() };
    let net = reader.decimal(entity, "TotalNetAmount");
    let nets: Decimal = lines.iter().filter_map(|line| line.line_net.as_ref()).map(|net| net.amount).sum();
    if let Some(net) = net.filter(|net| !lines.is_empty() && *net != nets) {
        let detail = format!("The lines add up to {nets}, but `TotalNetAmount` is {net}.");
        reader.warning(entity, "TotalNetAmount", "SUMS-DIFFER", detail);
    }
    let taxes: Option<Vec<Decimal>> = lines.iter().map(|line| line.tax.as_ref().map(|tax| tax.amount)).collect();
    let tax: Option<Decimal> = taxes.filter(|taxes| !taxes.is_empty()).map(|taxes| taxes.into_iter().sum());
    if tax.is_none() {
        let detail = "SAP does not say the tax here; the gross is given as the net.";
        reader.info(entity, "TotalNetAmount", "GROSS-IS-NET", detail);
    }
    let gross = net.unwrap_or(nets) + tax.unwrap_or_default();
    OrderTotals { net: net.map(money), tax: tax.map(money), ..OrderTotals::new(money(gross)) }
}

/// An item. One that is rejected is not wanted any more.
fn line(
    reader: &mut Reader<'_>,
    item: &Record<'_>,
    of_order: &Currency,
    references: &mut Vec<Reference>,
) -> Option<OrderLine> {
    let mut others = Others::default();
    item.skip(&["SalesOrder"]);
    let units = ["RequestedQuantityUnit", "OrderQuantityUnit"];
    let Some(ordered) = reader.quantity(item, "RequestedQuantity", &units) else {
        reader.error(item, "", "MISSING", "Give `RequestedQuantity`: how much is wanted.");
        return None;
    };
    let unit = ordered.unit.clone();
    let currency = item.text("TransactionCurrency").and_then(|currency| Currency::new(&*currency).ok());
    let currency = currency.unwrap_or_else(|| of_order.clone());
    let mut line = OrderLine::new(reader.required(item, "SalesOrderItem")?, ordered);
    line.rejection = reader.code(item, "SalesDocumentRjcnReason");
    line.item_ref = reader.number(item, "Material").or_else(|| reader.number(item, "Product"));
    line.buyer_item_ref = reader.identifier(item, "MaterialByCustomer");
    line.description = reader.words(item, "SalesOrderItemText");
    line.gtin = reader.gtin(item, "InternationalArticleNumber", &mut others);
    line.lot = reader.identifier(item, "Batch");
    line.line_net = reader.money(item, "NetAmount", &currency);
    line.tax = reader.money(item, "TaxAmount", &currency);
    if line.rejection.is_some() {
        // Nothing of it is wanted any more, and SAP's sums are without it.
        let none = Quantity { value: Decimal::ZERO, unit: unit.clone() };
        line.ordered_quantity = Some(std::mem::replace(&mut line.quantity, none));
        for (name, money) in [("NetAmount", &mut line.line_net), ("TaxAmount", &mut line.tax)] {
            if let Some(money) = money {
                reader.other(item, &mut others, &format!("SAP {name}"), &money.amount.to_string());
                money.amount = Decimal::ZERO;
            }
        }
    }
    line.unit_price = reader.money(item, "NetPriceAmount", &currency);
    line.price_quantity = reader.quantity(item, "NetPriceQuantity", &["NetPriceQuantityUnit"]);
    line.gross_kg = reader.weight(item, "ItemGrossWeight", "ItemWeightUnit");
    line.net_kg = reader.weight(item, "ItemNetWeight", "ItemWeightUnit");
    let promised = reader.some_decimal(item, "ConfdDelivQtyInOrderQtyUnit");
    line.confirmed_quantity = promised.map(|value| Quantity { value, unit: unit.clone() });
    if let Some(number) = item.text("PurchaseOrderByCustomer") {
        let reference = reader.decoded.reference(item.at("PurchaseOrderByCustomer"), "order", &number);
        reader.refer(item, references, reference.into_iter().collect());
    }
    for schedule in item.records_of(&["to_ScheduleLine", "_ScheduleLine"]) {
        schedule.skip(&["SalesOrder", "SalesOrderItem"]);
        let (wanted, promised) =
            (reader.day(&schedule, "RequestedDeliveryDate"), reader.day(&schedule, "ConfirmedDeliveryDate"));
        line.requested_delivery_date = line.requested_delivery_date.take().or(wanted);
        line.confirmed_delivery_date = line.confirmed_delivery_date.take().or(promised);
        let number = schedule.text("ScheduleLine").unwrap_or_default();
        // Each of several schedule lines says its own, under its number.
        schedule.forget(&["RequestedDeliveryDate", "ConfirmedDeliveryDate"]);
        for rest in schedule.rest() {
            reader.other(&schedule, &mut others, &format!("SAP schedule line {number} {}", rest.name), &rest.value);
        }
    }
    let elements = item.records_of(&["to_PricingElement", "_ItemPricingElement"]);
    line.charges = charges(reader, &elements, &currency, &mut others);
    let mut parties = Parties::default();
    for partner in item.records_of(&["to_Partner", "_ItemPartner"]) {
        parties.add_entity(reader, &partner, &mut others);
    }
    for party in parties.all {
        let number = party.ids.iter().find(|id| &*id.scheme == "SAP").map(|id| id.value.to_string());
        let function = party.role_code.as_ref().map(|code| code.code.to_string()).unwrap_or_default();
        reader.other(item, &mut others, &format!("SAP PartnerFunction {function}"), &number.unwrap_or_default());
    }
    texts(reader, &item.records_of(&["to_Text", "_ItemText"]), &mut others);
    reader.rest(item, &mut others);
    (line.classifications, line.notes) = (others.codes, others.notes);
    Some(line)
}

/// Texts, each under what it is about.
pub(crate) fn texts(reader: &mut Reader<'_>, texts: &[Record<'_>], others: &mut Others) {
    for text in texts {
        text.skip(&["SalesOrder", "SalesOrderItem", "DeliveryDocument", "DeliveryDocumentItem", "BillingDocument"]);
        let subject: Option<Code> = text.first(&["LongTextID", "TextElement"]).map(|id| listed("SAP TDID", &id));
        let language = text.text("Language").and_then(|language| Text::new(language.to_lowercase()).ok());
        let name = if text.text("LongText").is_some() { "LongText" } else { "TextElementText" };
        if let Some(words) = reader.words(text, name).filter(|_| others.notes.len() < NOTES_MAX) {
            others.notes.push(Note { subject, language, ..Note::new(words) });
        }
        reader.rest(text, others);
    }
}
