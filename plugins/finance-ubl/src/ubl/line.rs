//! Lines.

use portgate_sdk::canonical::{Hs6, InvoiceLine, InvoiceTax, ItemProperty, PartyId, Quantity, Text};
use portgate_sdk::xml::Element;

use super::{charges, class, document, party, period};
use crate::notes::{At, Notes};
use crate::party::{HARMONISED_SYSTEM, identify, is_known, scheme};

/// A line; nothing where it does not say what every line must, which is an error.
pub(super) fn read(element: Element<'_>, notes: &mut Notes) -> Option<InvoiceLine> {
    let number: Option<Text<64>> = notes.id(element.child("ID"));
    let quantity = element.child("InvoicedQuantity").or_else(|| element.child("CreditedQuantity"));
    let value = notes.decimal(quantity);
    let net = notes.money(element.child("LineExtensionAmount"));
    let (Some(number), Some(value), Some(net)) = (number, value, net) else {
        let detail = "A line must have `ID`, a quantity and `LineExtensionAmount` that can be read.";
        notes.error("MISSING", At(element), detail);
        return None;
    };
    let unit =
        notes.unit_code(At(quantity.unwrap_or(element)), quantity.and_then(|quantity| quantity.attribute("unitCode")));
    let mut line = InvoiceLine::new(number, Quantity { value, unit }, net);
    line.note = words(element, "Note", notes);
    line.buyer_account = notes.words(element.child("AccountingCost"));
    line.period = element.child("InvoicePeriod").and_then(|period| self::period(period, notes));
    line.order_line = notes.id(element.path("OrderLineReference/LineID"));
    line.order_number = notes.id(element.path("OrderLineReference/OrderReference/ID"));
    for reference in element.children("DocumentReference") {
        line.documents.extend(document(reference, notes));
    }
    for charge in element.children("AllowanceCharge") {
        line.charges.extend(charges::charge(charge, notes));
    }
    for delivery in element.children("Delivery") {
        let place = party::delivered_to(delivery, notes);
        line.parties.extend(Some(place).filter(is_known));
    }
    price(element, &mut line, notes);
    if let Some(item) = element.child("Item") {
        self::item(item, &mut line, notes);
    }
    taxes(element, &mut line, notes);
    Some(line)
}

fn price(element: Element<'_>, line: &mut InvoiceLine, notes: &mut Notes) {
    let Some(price) = element.child("Price") else { return };
    line.unit_price = notes.money(price.child("PriceAmount"));
    let base = price.child("BaseQuantity");
    line.base_quantity = notes.decimal(base);
    let unit = base.and_then(|base| base.attribute("unitCode"));
    if unit.is_some_and(|unit| unit != line.quantity.unit.as_str()) {
        let detail =
            "The price is for another unit than the line's quantity is in; what it is for is taken as a number.";
        notes.warning("PRICE-UNIT", At(base.unwrap_or(price)), detail);
    }
    for charge in price.children("AllowanceCharge") {
        line.gross_price = notes.money(charge.child("BaseAmount"));
        line.price_charges.extend(charges::charge(charge, notes));
    }
}

fn item(item: Element<'_>, line: &mut InvoiceLine, notes: &mut Notes) {
    line.description = notes.words(item.child("Name"));
    line.details = words(item, "Description", notes);
    if line.description.is_none() {
        line.description = notes.words(item.child("Description"));
    }
    line.origin_country = notes.country(item.path("OriginCountry/IdentificationCode"));
    let mut known: Vec<PartyId> = Vec::new();
    for (name, kind) in [
        ("BuyersItemIdentification", "buyer"),
        ("SellersItemIdentification", "seller"),
        ("ManufacturersItemIdentification", "manufacturer"),
        ("StandardItemIdentification", ""),
    ] {
        for id in item.all(&format!("{name}/ID")) {
            let called = match kind {
                "" => scheme("", id.attribute("schemeID")),
                kind => kind.to_owned(),
            };
            let called = notes.identifier(At(id), "scheme", &called);
            identify(&mut known, called, notes.id(Some(id)));
        }
    }
    // What the buyer calls it, or else the seller: whoever comes first.
    line.sku = known.first().map(|id| id.value.clone());
    line.item_ids = known;
    for code in item.all("CommodityClassification/ItemClassificationCode") {
        let Some(class) = class(code, notes) else { continue };
        if class.code_list.split(':').next() == Some(HARMONISED_SYSTEM) {
            line.hs6 = class.code.get(..6).and_then(|heading| Hs6::new(heading).ok());
        }
        line.classifications.push(class);
    }
    for property in item.children("AdditionalItemProperty") {
        let (name, value) = (notes.words(property.child("Name")), notes.words(property.child("Value")));
        // One without the other is a finding of the rules (BR-54).
        if let (Some(name), Some(value)) = (name, value) {
            line.properties.push(ItemProperty::new(name, value));
        }
    }
    for category in item.children("ClassifiedTaxCategory") {
        line.taxes.push(charges::category(category, notes));
    }
}

/// The amounts of a line's taxes, each with its category where the line has one.
fn taxes(element: Element<'_>, line: &mut InvoiceLine, notes: &mut Notes) {
    for total in element.children("TaxTotal") {
        let parts: Vec<InvoiceTax> = total.children("TaxSubtotal").map(|part| charges::part(part, notes)).collect();
        let amount = notes.money(total.child("TaxAmount"));
        match (&mut line.taxes[..], parts.is_empty()) {
            ([one], true) if one.amount.is_none() => one.amount = amount,
            (_, true) => line.taxes.push(InvoiceTax { amount, ..InvoiceTax::default() }),
            (_, false) => line.taxes.extend(parts),
        }
    }
}

/// All elements of a name as one text.
fn words<const MAX: usize>(element: Element<'_>, name: &str, notes: &mut Notes) -> Option<Text<MAX>> {
    let words: Vec<_> = element.children(name).filter_map(|note| note.text()).collect();
    notes.free_text(At(element), name, &words.join("\n"))
}
