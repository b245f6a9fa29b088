//! `A_BillingDocument` with its items, partners and prices: a `commercial-invoice`.

use portgate_sdk::Message;
use portgate_sdk::canonical::{
    Code, CommercialInvoice, Currency, Decimal, InvoiceLine, InvoiceTotals, ItemProperty, Money, PartyRole,
    PaymentTerm, PrecedingInvoice, Text,
};

use super::pricing::charges;
use super::sales_order::named;
use super::{Changed, Entity};
use crate::number::{self, BILLING, DELIVERY, ORDER};
use crate::parties::Parties;
use crate::reader::{Others, Reader, hs6, invoice_type, listed};
use crate::record::Record;

pub(crate) const BILLING_DOCUMENT: Entity = Entity {
    title: "billing document",
    key: &["BillingDocument"],
    parts: &["BillingDocumentItem", "PartnerFunction", "PricingProcedureStep"],
    read,
};

fn read(entity: &Record<'_>, message: &Message, reader: &mut Reader<'_>) {
    let mut others = Others::default();
    let changed = Changed::read(entity);
    let Some(invoice_number) = reader.required::<64>(entity, "BillingDocument") else { return };
    let mut references = number::references(BILLING, &entity.text("BillingDocument").unwrap_or_default());
    let currency = reader.currency(entity, &["TransactionCurrency"]);
    let issued = reader.day(entity, "BillingDocumentDate").or_else(|| reader.day(entity, "CreationDate"));
    let Some(issue_date) = issued else {
        reader.error(entity, "", "MISSING", "Give `BillingDocumentDate`: the day of the invoice.");
        return;
    };
    let category = entity.text("SDDocumentCategory").unwrap_or_default();
    let type_code = invoice_type(reader, entity, "SDDocumentCategory", &category);
    let items = entity.records_of(&["to_Item", "_Item"]);
    let mut orders = Vec::new();
    let lines: Vec<InvoiceLine> =
        items.iter().filter_map(|item| line(reader, item, &currency, &mut orders, &mut others)).collect();
    let money = |amount| Money { amount, currency: currency.clone() };
    let net = reader.decimal(entity, "TotalNetAmount");
    let tax = reader.decimal(entity, "TaxAmount").or_else(|| reader.decimal(entity, "TotalTaxAmount"));
    let payable = reader.decimal(entity, "TotalGrossAmount").or_else(|| Some(net? + tax.unwrap_or_default()));
    let added: Decimal = lines.iter().map(|line| line.line_net.amount).sum();
    let payable = payable.unwrap_or_else(|| {
        let detail = "SAP does not say what is to be paid; the lines are added up.";
        reader.warning(entity, "", "NO-TOTAL", detail);
        added
    });
    let totals = InvoiceTotals {
        lines_net: (!lines.is_empty()).then(|| money(added)),
        without_tax: net.map(money),
        tax: tax.map(money),
        ..InvoiceTotals::new(money(payable))
    };
    let source = message.source(Text::new(&*invoice_number).ok(), changed.at);
    let (id, version) = (invoice_number.widened(), changed.version);
    let mut invoice =
        CommercialInvoice::new(id, version, source, invoice_number, issue_date, type_code, currency.clone(), totals);
    if entity.flag("BillingDocumentIsCancelled") {
        reader.warning(entity, "BillingDocumentIsCancelled", "CANCELLED", "The invoice is cancelled; do not pay it.");
        reader.other(entity, &mut others, "SAP BillingDocumentIsCancelled", "true");
    }
    if let Some(before) = reader.number(entity, "CancelledBillingDocument") {
        invoice.preceding.push(PrecedingInvoice::new(before));
    }
    for name in ["DocumentReferenceID", "PurchaseOrderByCustomer"] {
        if let Some(written) = entity.text(name) {
            let scheme = if name == "DocumentReferenceID" { BILLING } else { ORDER };
            reader.refer(entity, &mut references, number::references(scheme, &written));
        }
    }
    reader.refer(entity, &mut references, orders);
    let place = entity.first(&["IncotermsTransferLocation", "IncotermsLocation1"]).map(String::from);
    let terms = reader.terms(entity, "IncotermsClassification", place);
    invoice.incoterm = terms.incoterm;
    if let Some(words) = terms.words {
        reader.other(entity, &mut others, "SAP terms of delivery", &words);
    }
    let key = entity.text("CustomerPaymentTerms").map(|key| listed("SAP CustomerPaymentTerms", &key));
    invoice.payment_terms.extend(key.map(|kind| PaymentTerm { kind: Some(kind), ..PaymentTerm::default() }));
    invoice.due_date = reader.day(entity, "NetDueDate");
    let mut parties = Parties::default();
    for partner in entity.records_of(&["to_Partner", "_Partner"]) {
        parties.add_entity(reader, &partner, &mut others);
    }
    invoice.buyer = parties.take(PartyRole::Buyer).or_else(|| named(reader, entity, "SoldToParty", PartyRole::Buyer));
    entity.skip(&["SoldToParty"]);
    invoice.seller = parties.take(PartyRole::Seller);
    let payer = named(reader, entity, "PayerParty", PartyRole::BillTo);
    if !parties.all.iter().any(|party| party.role == PartyRole::BillTo) {
        parties.all.extend(payer);
    }
    parties.all.truncate(16);
    invoice.parties = parties.all;
    let elements = entity.records_of(&["to_PricingElement", "_PricingElement"]);
    invoice.charges = charges(reader, &elements, &currency, &mut others);
    invoice.charges.truncate(64);
    invoice.lines = lines;
    reader.rest(entity, &mut others);
    invoice.classifications = others.codes;
    invoice.references = references;
    reader.decoded.document(&invoice);
}

fn line(
    reader: &mut Reader<'_>,
    item: &Record<'_>,
    of_invoice: &Currency,
    references: &mut Vec<portgate_sdk::canonical::Reference>,
    of_whole: &mut Others,
) -> Option<InvoiceLine> {
    let mut others = Others::default();
    item.skip(&["BillingDocument"]);
    let currency = item.text("TransactionCurrency").and_then(|currency| Currency::new(&*currency).ok());
    let currency = currency.unwrap_or_else(|| of_invoice.clone());
    let quantity = reader.quantity(item, "BillingQuantity", &["BillingQuantityUnit"]);
    let net = reader.money(item, "NetAmount", &currency);
    if quantity.is_none() || net.is_none() {
        reader.error(item, "", "MISSING", "Give `BillingQuantity` and `NetAmount`.");
    }
    let mut line = InvoiceLine::new(reader.required(item, "BillingDocumentItem")?, quantity?, net?);
    line.sku = reader.number(item, "Material").or_else(|| reader.number(item, "Product"));
    line.description = reader.words(item, "BillingDocumentItemText");
    line.net_kg = reader.weight(item, "ItemNetWeight", "ItemWeightUnit");
    line.origin_country = reader.country(item, "CountryOfOrigin");
    if let Some(code) = reader.commodity(item, "CommodityCode") {
        line.hs6 = hs6(&code);
        line.classifications.push(listed("SAP CommodityCode", code.as_str()));
    }
    line.order_number = reader.number(item, "SalesDocument");
    line.order_line = reader.number(item, "SalesDocumentItem");
    for (name, kind) in [("SalesDocument", ORDER), ("ReferenceSDDocument", DELIVERY)] {
        if let Some(written) = item.text(name) {
            reader.refer(item, references, number::references(kind, &written));
        }
    }
    if let Some(gtin) = reader.gtin(item, "InternationalArticleNumber", &mut others) {
        let scheme = Text::new("GTIN").expect("a name");
        line.item_ids.push(portgate_sdk::canonical::PartyId { scheme, value: gtin.widened() });
    }
    let elements = item.records_of(&["to_PricingElement", "_ItemPricingElement"]);
    // Every condition is told here, that of the price itself as well, so they are properties and no charges.
    for charge in charges(reader, &elements, &currency, &mut others) {
        reader.other(
            item,
            &mut others,
            &format!("SAP {} ConditionAmount", charge.code.code),
            &charge.amount.amount.to_string(),
        );
    }
    let mut parties = Parties::default();
    for partner in item.records_of(&["to_Partner", "_ItemPartner"]) {
        partner.skip(&["BillingDocumentItem"]);
        parties.add_entity(reader, &partner, &mut others);
    }
    parties.all.truncate(8);
    line.parties = parties.all;
    reader.rest(item, &mut others);
    let property = |code: &Code| {
        Some(ItemProperty::new(Text::new(code.code_list.to_string()).ok()?, Text::new(code.code.to_string()).ok()?))
    };
    line.properties = others.codes.iter().take(128).filter_map(property).collect();
    for code in others.codes.iter().skip(128) {
        reader.other(item, of_whole, &format!("{} {}", line.line_no, code.code_list), &code.code);
    }
    Some(line)
}
