//! Lines.

use portgate_sdk::canonical::{
    Code, Hs6, InvoiceLine, ItemComponent, ItemProperty, PartyId, PartyRole, Quantity, Text,
};
use portgate_sdk::xml::Element;

use super::settlement::{charge, tax};
use super::{NUMBER, all, document, one, party, period, within};
use crate::notes::{At, Notes};
use crate::party::{HARMONISED_SYSTEM, identify, scheme};

const AGREEMENT: &str = "SpecifiedLineTradeAgreement|SpecifiedSupplyChainTradeAgreement";
const DELIVERY: &str = "SpecifiedLineTradeDelivery|SpecifiedSupplyChainTradeDelivery";
const SETTLEMENT: &str = "SpecifiedLineTradeSettlement|SpecifiedSupplyChainTradeSettlement";
const SUM: &str =
    "SpecifiedTradeSettlementLineMonetarySummation|SpecifiedTradeSettlementMonetarySummation/LineTotalAmount";

/// A line; nothing where it does not say what every line must, which is an error.
pub(super) fn read(element: Element<'_>, notes: &mut Notes) -> Option<InvoiceLine> {
    let (agreement, delivery) = (one(element, AGREEMENT), one(element, DELIVERY));
    let settlement = one(element, SETTLEMENT);
    let number: Option<Text<64>> = notes.id(one(element, "AssociatedDocumentLineDocument/LineID"));
    let quantity = within(delivery, "BilledQuantity|ChargeFreeQuantity");
    let value = notes.decimal(quantity);
    let net = notes.money(within(settlement, SUM));
    let (Some(number), Some(value), Some(net)) = (number, value, net) else {
        let detail = "A line must have `LineID`, a billed quantity and `LineTotalAmount` that can be read.";
        notes.error("MISSING", At(element), detail);
        return None;
    };
    let unit =
        notes.unit_code(At(quantity.unwrap_or(element)), quantity.and_then(|quantity| quantity.attribute("unitCode")));
    let mut line = InvoiceLine::new(number, Quantity { value, unit }, net);
    line.note = words(element, notes);
    if let Some(product) = element.child("SpecifiedTradeProduct") {
        self::product(product, &mut line, notes);
    }
    if let Some(agreement) = agreement {
        self::agreement(agreement, &mut line, notes);
    }
    line.packages = within(delivery, "PackageQuantity").and_then(|packages| {
        let value = notes.decimal(Some(packages))?;
        Some(Quantity { value, unit: notes.unit_code(At(packages), packages.attribute("unitCode")) })
    });
    line.parties.extend(party::of(within(delivery, "ShipToTradeParty"), PartyRole::ShipTo, notes));
    if let Some(settlement) = settlement {
        self::settlement(settlement, &mut line, notes);
    }
    Some(line)
}

/// Whether a line is none but a remark, as ZUGFeRD 1 has them between lines.
pub(super) fn is_words(element: Element<'_>) -> bool {
    let says = |path: &str| one(element, path).is_some_and(|element| element.text().is_some());
    let (quantity, sum) = (format!("{DELIVERY}/BilledQuantity"), format!("{SETTLEMENT}/{SUM}"));
    says("AssociatedDocumentLineDocument/IncludedNote/Content") && !says(&quantity) && !says(&sum)
}

/// The remarks on a line.
pub(super) fn words(element: Element<'_>, notes: &mut Notes) -> Option<Text<4096>> {
    let words = all(element, "AssociatedDocumentLineDocument/IncludedNote/Content");
    let words: Vec<_> = words.into_iter().filter_map(|words| words.text()).collect();
    notes.free_text(At(element), "note", &words.join("\n"))
}

fn agreement(agreement: Element<'_>, line: &mut InvoiceLine, notes: &mut Notes) {
    let order = agreement.child("BuyerOrderReferencedDocument");
    line.order_number = notes.id(within(order, NUMBER));
    line.order_line = notes.id(within(order, "LineID"));
    for reference in agreement.children("AdditionalReferencedDocument") {
        line.documents.extend(document(reference, notes));
    }
    let net = agreement.child("NetPriceProductTradePrice");
    line.unit_price = notes.money(within(net, "ChargeAmount"));
    let gross = agreement.child("GrossPriceProductTradePrice");
    line.gross_price = notes.money(within(gross, "ChargeAmount"));
    for allowance in gross.map(|gross| all(gross, "AppliedTradeAllowanceCharge")).unwrap_or_default() {
        line.price_charges.extend(charge(allowance, notes));
    }
    let bases = [within(net, "BasisQuantity"), within(gross, "BasisQuantity")];
    for base in bases.into_iter().flatten() {
        let value = notes.decimal(Some(base));
        line.base_quantity = line.base_quantity.or(value);
        if base.attribute("unitCode").is_some_and(|unit| unit != line.quantity.unit.as_str()) {
            let detail =
                "The price is for another unit than the line's quantity is in; what it is for is taken as a number.";
            notes.warning("PRICE-UNIT", At(base), detail);
        }
    }
}

fn product(product: Element<'_>, line: &mut InvoiceLine, notes: &mut Notes) {
    line.description = notes.words(product.child("Name"));
    line.details = notes.words(product.child("Description"));
    if line.description.is_none() {
        line.description = notes.words(product.child("Description"));
    }
    line.origin_country = notes.country(one(product, "OriginTradeCountry/ID"));
    line.item_ids = ids(product, notes);
    // What the buyer calls it, or else the seller: whoever comes first.
    line.sku = line.item_ids.first().map(|id| id.value.clone());
    for property in product.children("ApplicableProductCharacteristic") {
        let value = one(property, "Value|ValueMeasure");
        let (name, words) = (notes.words(property.child("Description")), notes.words::<1024>(value));
        let unit = value.and_then(|value| value.attribute("unitCode"));
        let words = match (words, unit) {
            (Some(words), Some(unit)) => notes.free_text(At(property), "value", &format!("{words} {unit}")),
            (words, _) => words,
        };
        // One without the other is a finding of the rules (BR-54).
        if let (Some(name), Some(value)) = (name, words) {
            line.properties.push(ItemProperty::new(name, value));
        }
    }
    for class in all(product, "DesignatedProductClassification/ClassCode") {
        let version = class.attribute("listVersionID").map(|version| format!(":{version}")).unwrap_or_default();
        let list = format!("{}{version}", class.attribute("listID").unwrap_or("own"));
        let list = notes.identifier(At(class), "list of the class", &list);
        let (Some(list), Some(code)) = (list, notes.code(Some(class), "own")) else { continue };
        if list.split(':').next() == Some(HARMONISED_SYSTEM) {
            line.hs6 = code.code.get(..6).and_then(|heading| Hs6::new(heading).ok());
        }
        line.classifications.push(Code { code_list: list, ..code });
    }
    for part in product.children("IncludedReferencedProduct") {
        let Some(name) = notes.words(part.child("Name")) else { continue };
        let quantity = part.child("UnitQuantity").and_then(|quantity| {
            let value = notes.decimal(Some(quantity))?;
            Some(Quantity { value, unit: notes.unit_code(At(quantity), quantity.attribute("unitCode")) })
        });
        line.components.push(ItemComponent { quantity, ids: ids(part, notes), ..ItemComponent::new(name) });
    }
}

/// What a product is known by.
fn ids(product: Element<'_>, notes: &mut Notes) -> Vec<PartyId> {
    let mut ids = Vec::new();
    for (name, kind) in [
        ("BuyerAssignedID", "buyer"),
        ("SellerAssignedID", "seller"),
        ("ManufacturerAssignedID", "manufacturer"),
        ("ModelID", "model"),
        ("GlobalID", ""),
        ("ID", "own"),
    ] {
        for id in product.children(name) {
            let called = match kind {
                "" => scheme("", id.attribute("schemeID")),
                kind => kind.to_owned(),
            };
            let called = notes.identifier(At(id), "scheme", &called);
            identify(&mut ids, called, notes.id(Some(id)));
        }
    }
    ids
}

fn settlement(settlement: Element<'_>, line: &mut InvoiceLine, notes: &mut Notes) {
    for element in settlement.children("ApplicableTradeTax") {
        line.taxes.push(tax(element, notes));
    }
    for element in settlement.children("SpecifiedTradeAllowanceCharge") {
        line.charges.extend(charge(element, notes));
    }
    line.period = period(settlement.child("BillingSpecifiedPeriod"), notes);
    line.buyer_account = notes.words(one(settlement, "ReceivableSpecifiedTradeAccountingAccount/ID"));
    for reference in settlement.children("AdditionalReferencedDocument") {
        line.documents.extend(document(reference, notes));
    }
}
