//! Where the business terms of EN 16931 stand in CII (CEN/TS 16931-3-3).

use portgate_sdk::xml::Element;

use super::line::is_words;
use super::settlement::is_charge;
use super::{
    AGREEMENT, CONTEXT, DELIVERY, DOCUMENT, LINES, NUMBER, RATE, SETTLEMENT, SUMS, TRANSACTION, all, one, within,
};
use crate::terms::Group;

/// The terms of an invoice.
pub(super) fn read(root: Element<'_>) -> Group<'_> {
    let mut invoice = Group::new(root);
    let transaction = one(root, TRANSACTION).unwrap_or(root);
    let (agreement, delivery) = (one(transaction, AGREEMENT), one(transaction, DELIVERY));
    let settlement = one(transaction, SETTLEMENT);
    let sums = within(settlement, SUMS);
    let document = one(root, DOCUMENT);
    invoice.put("BT-24", one(root, &format!("{CONTEXT}/GuidelineSpecifiedDocumentContextParameter/ID")));
    for (term, group, path) in [
        ("BT-1", document, "ID"),
        ("BT-2", document, "IssueDateTime/DateTimeString"),
        ("BT-3", document, "TypeCode"),
        ("BT-5", settlement, "InvoiceCurrencyCode"),
        ("BT-6", settlement, "TaxCurrencyCode"),
        ("BT-7", settlement, "ApplicableTradeTax/TaxPointDate/DateString"),
        ("BT-8", settlement, "ApplicableTradeTax/DueDateTypeCode"),
        ("BT-9", settlement, "SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString"),
        ("BT-20", settlement, "SpecifiedTradePaymentTerms/Description"),
        ("BT-72", delivery, "ActualDeliverySupplyChainEvent/OccurrenceDateTime/DateTimeString"),
        ("BT-80", delivery, "ShipToTradeParty/PostalTradeAddress/CountryID"),
        ("BT-106", sums, "LineTotalAmount"),
        ("BT-107", sums, "AllowanceTotalAmount"),
        ("BT-108", sums, "ChargeTotalAmount"),
        ("BT-109", sums, "TaxBasisTotalAmount"),
        ("BT-112", sums, "GrandTotalAmount"),
        ("BT-113", sums, "TotalPrepaidAmount"),
        ("BT-114", sums, "RoundingAmount"),
        ("BT-115", sums, "DuePayableAmount"),
    ] {
        invoice.put(term, within(group, path));
    }
    taxes_of_the_whole(&mut invoice, settlement, sums);
    parties(&mut invoice, agreement, delivery, settlement);
    for preceding in settlement.map(|settlement| all(settlement, "InvoiceReferencedDocument")).unwrap_or_default() {
        invoice.group("BG-3", numbered(preceding, "BT-25"));
    }
    for document in agreement.map(|agreement| all(agreement, "AdditionalReferencedDocument")).unwrap_or_default() {
        invoice.group("BG-24", numbered(document, "BT-122"));
    }
    if let Some(settlement) = settlement {
        period(&mut invoice, settlement, ("BG-14", "BT-73", "BT-74"));
        for means in settlement.children("SpecifiedTradeSettlementPaymentMeans") {
            let mut group = Group::new(means);
            group.put("BT-81", means.child("TypeCode"));
            group.put("BT-84", one(means, "PayeePartyCreditorFinancialAccount/IBANID|ProprietaryID"));
            group.put("BT-87", one(means, "ApplicableTradeSettlementFinancialCard/ID"));
            group.mark("BG-17", means.child("PayeePartyCreditorFinancialAccount"));
            invoice.group("BG-16", group);
        }
        let of_the_whole =
            [("BG-20", ["BT-92", "BT-93", "BT-97", "BT-98"]), ("BG-21", ["BT-99", "BT-100", "BT-104", "BT-105"])];
        deductions(&mut invoice, settlement, of_the_whole, Some([("BT-95", "BT-96"), ("BT-102", "BT-103")]));
    }
    for line in all(transaction, LINES).into_iter().filter(|line| !is_words(*line)) {
        invoice.group("BG-25", self::line(line));
    }
    invoice
}

fn numbered<'d>(element: Element<'d>, term: &'static str) -> Group<'d> {
    let mut group = Group::new(element);
    group.put(term, one(element, NUMBER));
    group
}

fn taxes_of_the_whole<'d>(invoice: &mut Group<'d>, settlement: Option<Element<'d>>, sums: Option<Element<'d>>) {
    let (currency, accounted) = (invoice.text("BT-5"), invoice.text("BT-6"));
    for amount in sums.map(|sums| all(sums, "TaxTotalAmount")).unwrap_or_default() {
        let of = amount.attribute("currencyID");
        let is_second = invoice.has("BT-110") && of == accounted.as_deref();
        let is_accounted = of.is_some() && of == accounted.as_deref() && of != currency.as_deref();
        invoice.put(if is_accounted || is_second { "BT-111" } else { "BT-110" }, Some(amount));
        if of.is_some() && of == accounted.as_deref() {
            invoice.put("BT-111", Some(amount));
        }
    }
    for part in settlement.map(|settlement| all(settlement, "ApplicableTradeTax")).unwrap_or_default() {
        let mut group = Group::new(part);
        group.put_all(&[("BT-116", "BasisAmount"), ("BT-117", "CalculatedAmount")]);
        if is_vat(part) {
            group.put_all(&[
                ("BT-118", "CategoryCode"),
                ("BT-120", "ExemptionReason"),
                ("BT-121", "ExemptionReasonCode"),
            ]);
            group.put("BT-119", one(part, RATE));
        }
        invoice.group("BG-23", group);
    }
}

fn is_vat(tax: Element<'_>) -> bool {
    tax.child("TypeCode").and_then(|of| of.text()).as_deref() == Some("VAT")
}

fn parties<'d>(
    invoice: &mut Group<'d>,
    agreement: Option<Element<'d>>,
    delivery: Option<Element<'d>>,
    settlement: Option<Element<'d>>,
) {
    if let Some(seller) = within(agreement, "SellerTradeParty") {
        invoice.mark("BG-4", Some(seller));
        invoice.put("BT-27", seller.child("Name"));
        invoice.put("BT-29", one(seller, "ID|GlobalID"));
        invoice.put("BT-30", one(seller, "SpecifiedLegalOrganization/ID"));
        invoice.put("BT-31", tax_number(seller, true));
        invoice.put("BT-32", tax_number(seller, false));
        electronic_address(invoice, seller, ["BT-34", "BT-34-1"]);
        invoice.mark("BG-5", seller.child("PostalTradeAddress"));
        invoice.put("BT-40", one(seller, "PostalTradeAddress/CountryID"));
    }
    if let Some(buyer) = within(agreement, "BuyerTradeParty") {
        invoice.put("BT-44", buyer.child("Name"));
        invoice.put("BT-47", one(buyer, "SpecifiedLegalOrganization/ID"));
        invoice.put("BT-48", tax_number(buyer, true));
        electronic_address(invoice, buyer, ["BT-49", "BT-49-1"]);
        invoice.mark("BG-8", buyer.child("PostalTradeAddress"));
        invoice.put("BT-55", one(buyer, "PostalTradeAddress/CountryID"));
    }
    if let Some(representative) = within(agreement, "SellerTaxRepresentativeTradeParty") {
        let mut group = Group::new(representative);
        group.put_all(&[("BT-62", "Name"), ("BT-69", "PostalTradeAddress/CountryID")]);
        group.put("BT-63", tax_number(representative, true));
        group.mark("BG-12", representative.child("PostalTradeAddress"));
        invoice.group("BG-11", group);
    }
    if let Some(payee) = within(settlement, "PayeeTradeParty") {
        let mut group = Group::new(payee);
        group.put_all(&[("BT-59", "Name")]);
        invoice.group("BG-10", group);
    }
    invoice.mark("BG-15", within(delivery, "ShipToTradeParty/PostalTradeAddress"));
}

fn electronic_address<'d>(invoice: &mut Group<'d>, party: Element<'d>, [address, scheme]: [&'static str; 2]) {
    let element = one(party, "URIUniversalCommunication/URIID");
    invoice.put(address, element);
    invoice.mark(scheme, element.filter(|element| element.attribute("schemeID").is_some()));
}

/// The identifier of a party for VAT (`VA`), or for another tax (`FC`).
fn tax_number(party: Element<'_>, for_vat: bool) -> Option<Element<'_>> {
    let mut numbers = all(party, "SpecifiedTaxRegistration/ID").into_iter();
    numbers.find(|number| (number.attribute("schemeID") == Some("VA")) == for_vat)
}

fn period<'d>(
    group: &mut Group<'d>,
    settlement: Element<'d>,
    (id, start, end): (&'static str, &'static str, &'static str),
) {
    for period in settlement.children("BillingSpecifiedPeriod") {
        let mut days = Group::new(period);
        days.put(start, one(period, "StartDateTime/DateTimeString"));
        days.put(end, one(period, "EndDateTime/DateTimeString"));
        group.group(id, days);
    }
}

/// Allowances, then charges: the ids of their groups and of their terms.
fn deductions<'d>(
    group: &mut Group<'d>,
    settlement: Element<'d>,
    ids: [(&'static str, [&'static str; 4]); 2],
    taxes: Option<[(&'static str, &'static str); 2]>,
) {
    for element in all(settlement, "SpecifiedTradeAllowanceCharge|SpecifiedLogisticsServiceCharge") {
        let kind = usize::from(is_charge(element));
        let (id, [amount, base, reason, code]) = ids[kind];
        let mut deduction = Group::new(element);
        deduction.put(amount, one(element, "ActualAmount|AppliedAmount"));
        deduction.put(base, element.child("BasisAmount"));
        deduction.put(reason, one(element, "Reason|Description"));
        deduction.put(code, element.child("ReasonCode"));
        if let Some((category, rate)) = taxes.map(|taxes| taxes[kind]) {
            let tax = one(element, "CategoryTradeTax|AppliedTradeTax").filter(|tax| is_vat(*tax));
            deduction.put(category, within(tax, "CategoryCode"));
            deduction.put(rate, within(tax, RATE));
        }
        group.group(id, deduction);
    }
}

fn line(element: Element<'_>) -> Group<'_> {
    let mut line = Group::new(element);
    let agreement = one(element, "SpecifiedLineTradeAgreement|SpecifiedSupplyChainTradeAgreement");
    let settlement = one(element, "SpecifiedLineTradeSettlement|SpecifiedSupplyChainTradeSettlement");
    let product = element.child("SpecifiedTradeProduct");
    let quantity = one(element, "SpecifiedLineTradeDelivery|SpecifiedSupplyChainTradeDelivery/BilledQuantity");
    line.put("BT-126", one(element, "AssociatedDocumentLineDocument/LineID"));
    line.put("BT-129", quantity);
    line.mark("BT-130", quantity.filter(|quantity| quantity.attribute("unitCode").is_some()));
    let sum = "SpecifiedTradeSettlementLineMonetarySummation|SpecifiedTradeSettlementMonetarySummation/LineTotalAmount";
    line.put("BT-131", within(settlement, sum));
    line.put("BT-146", within(agreement, "NetPriceProductTradePrice/ChargeAmount"));
    line.put("BT-148", within(agreement, "GrossPriceProductTradePrice/ChargeAmount"));
    line.put("BT-153", within(product, "Name"));
    let taxes = settlement.map(|settlement| all(settlement, "ApplicableTradeTax")).unwrap_or_default();
    let tax = taxes.into_iter().find(|tax| is_vat(*tax));
    line.put("BT-151", within(tax, "CategoryCode"));
    line.put("BT-152", within(tax, RATE));
    for (term, with_scheme, path, attribute) in [
        ("BT-157", "BT-157-1", "GlobalID", "schemeID"),
        ("BT-158", "BT-158-1", "DesignatedProductClassification/ClassCode", "listID"),
    ] {
        for identifier in product.map(|product| all(product, path)).unwrap_or_default() {
            line.put(term, Some(identifier));
            line.mark(with_scheme, Some(identifier).filter(|identifier| identifier.attribute(attribute).is_some()));
        }
    }
    for property in product.map(|product| all(product, "ApplicableProductCharacteristic")).unwrap_or_default() {
        let mut group = Group::new(property);
        group.put("BT-160", property.child("Description"));
        group.put("BT-161", one(property, "Value|ValueMeasure"));
        line.group("BG-32", group);
    }
    if let Some(settlement) = settlement {
        period(&mut line, settlement, ("BG-26", "BT-134", "BT-135"));
        let of_a_line =
            [("BG-27", ["BT-136", "BT-137", "BT-139", "BT-140"]), ("BG-28", ["BT-141", "BT-142", "BT-144", "BT-145"])];
        deductions(&mut line, settlement, of_a_line, None);
    }
    line
}
