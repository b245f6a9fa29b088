//! Where the business terms of EN 16931 stand in UBL (CEN/TS 16931-3-2).

use portgate_sdk::xml::Element;

use super::{is_charge, is_vat};
use crate::terms::Group;

const INVOICE: &[(&str, &str)] = &[
    ("BT-1", "ID"),
    ("BT-2", "IssueDate"),
    ("BT-3", "InvoiceTypeCode"),
    ("BT-3", "CreditNoteTypeCode"),
    ("BT-5", "DocumentCurrencyCode"),
    ("BT-6", "TaxCurrencyCode"),
    ("BT-7", "TaxPointDate"),
    ("BT-8", "InvoicePeriod/DescriptionCode"),
    ("BT-9", "DueDate"),
    ("BT-9", "PaymentMeans/PaymentDueDate"),
    ("BT-20", "PaymentTerms/Note"),
    ("BT-24", "CustomizationID"),
    ("BT-72", "Delivery/ActualDeliveryDate"),
    ("BT-80", "Delivery/DeliveryLocation/Address/Country/IdentificationCode"),
    ("BT-106", "LegalMonetaryTotal/LineExtensionAmount"),
    ("BT-107", "LegalMonetaryTotal/AllowanceTotalAmount"),
    ("BT-108", "LegalMonetaryTotal/ChargeTotalAmount"),
    ("BT-109", "LegalMonetaryTotal/TaxExclusiveAmount"),
    ("BT-112", "LegalMonetaryTotal/TaxInclusiveAmount"),
    ("BT-113", "LegalMonetaryTotal/PrepaidAmount"),
    ("BT-114", "LegalMonetaryTotal/PayableRoundingAmount"),
    ("BT-115", "LegalMonetaryTotal/PayableAmount"),
];

const SELLER: &[(&str, &str)] = &[
    ("BT-27", "PartyLegalEntity/RegistrationName"),
    ("BT-29", "PartyIdentification/ID"),
    ("BT-30", "PartyLegalEntity/CompanyID"),
    ("BT-34", "EndpointID"),
    ("BT-40", "PostalAddress/Country/IdentificationCode"),
];

const BUYER: &[(&str, &str)] = &[
    ("BT-44", "PartyLegalEntity/RegistrationName"),
    ("BT-47", "PartyLegalEntity/CompanyID"),
    ("BT-49", "EndpointID"),
    ("BT-55", "PostalAddress/Country/IdentificationCode"),
];

const MEANS: &[(&str, &str)] = &[
    ("BT-81", "PaymentMeansCode"),
    ("BT-84", "PayeeFinancialAccount/ID"),
    ("BT-87", "CardAccount/PrimaryAccountNumberID"),
];

const LINE: &[(&str, &str)] = &[
    ("BT-126", "ID"),
    ("BT-129", "InvoicedQuantity"),
    ("BT-129", "CreditedQuantity"),
    ("BT-131", "LineExtensionAmount"),
    ("BT-146", "Price/PriceAmount"),
    ("BT-148", "Price/AllowanceCharge/BaseAmount"),
    ("BT-153", "Item/Name"),
];

/// The terms of an invoice or a credit note.
pub(super) fn read(root: Element<'_>) -> Group<'_> {
    let mut invoice = Group::new(root);
    invoice.put_all(INVOICE);
    parties(&mut invoice);
    for (id, name, term, path) in [
        ("BG-3", "BillingReference", "BT-25", "InvoiceDocumentReference/ID"),
        ("BG-24", "AdditionalDocumentReference", "BT-122", "ID"),
    ] {
        for element in root.children(name) {
            let mut group = Group::new(element);
            group.put_all(&[(term, path)]);
            invoice.group(id, group);
        }
    }
    period(&mut invoice, ("BG-14", "BT-73", "BT-74"));
    for delivery in root.all("Delivery/DeliveryLocation/Address") {
        invoice.mark("BG-15", Some(delivery));
    }
    for means in root.children("PaymentMeans") {
        let mut group = Group::new(means);
        group.put_all(MEANS);
        group.mark("BG-17", means.child("PayeeFinancialAccount"));
        invoice.group("BG-16", group);
    }
    let whole = [("BG-20", ["BT-92", "BT-93", "BT-97", "BT-98"]), ("BG-21", ["BT-99", "BT-100", "BT-104", "BT-105"])];
    deductions(&mut invoice, whole, Some([("BT-95", "BT-96"), ("BT-102", "BT-103")]));
    taxes(&mut invoice);
    for name in ["InvoiceLine", "CreditNoteLine"] {
        for line in root.children(name) {
            invoice.group("BG-25", self::line(line));
        }
    }
    invoice
}

fn parties(invoice: &mut Group<'_>) {
    let root = invoice.at;
    let seller = root.path("AccountingSupplierParty/Party");
    invoice.mark("BG-4", root.child("AccountingSupplierParty"));
    for (party, paths, [address, scheme, vat]) in [
        (seller, SELLER, ["BG-5", "BT-34-1", "BT-31"]),
        (root.path("AccountingCustomerParty/Party"), BUYER, ["BG-8", "BT-49-1", "BT-48"]),
    ] {
        let Some(party) = party else { continue };
        for (term, path) in paths {
            invoice.put(term, party.path(path));
        }
        invoice.mark(address, party.child("PostalAddress"));
        invoice.mark(scheme, party.child("EndpointID").filter(|endpoint| endpoint.attribute("schemeID").is_some()));
        invoice.put(vat, tax_number(party, true));
    }
    invoice.put("BT-32", seller.and_then(|seller| tax_number(seller, false)));
    for payee in root.children("PayeeParty") {
        let mut group = Group::new(payee);
        group.put_all(&[("BT-59", "PartyName/Name")]);
        invoice.group("BG-10", group);
    }
    for representative in root.children("TaxRepresentativeParty") {
        let mut group = Group::new(representative);
        group.put_all(&[("BT-62", "PartyName/Name"), ("BT-69", "PostalAddress/Country/IdentificationCode")]);
        group.put("BT-63", tax_number(representative, true));
        group.mark("BG-12", representative.child("PostalAddress"));
        invoice.group("BG-11", group);
    }
}

/// The identifier of a party for VAT, or for another tax.
fn tax_number(party: Element<'_>, for_vat: bool) -> Option<Element<'_>> {
    let mut schemes = party.children("PartyTaxScheme").filter(|scheme| is_vat(*scheme) == for_vat);
    schemes.find_map(|scheme| scheme.child("CompanyID"))
}

fn period<'d>(group: &mut Group<'d>, (id, start, end): (&'static str, &'static str, &'static str)) {
    for period in group.at.children("InvoicePeriod") {
        let mut days = Group::new(period);
        days.put_all(&[(start, "StartDate"), (end, "EndDate")]);
        group.group(id, days);
    }
}

/// Allowances, then charges: the ids of their groups and of their terms.
fn deductions(
    group: &mut Group<'_>,
    ids: [(&'static str, [&'static str; 4]); 2],
    taxes: Option<[(&'static str, &'static str); 2]>,
) {
    for element in group.at.children("AllowanceCharge") {
        let kind = usize::from(is_charge(element));
        let (id, [amount, base, reason, code]) = ids[kind];
        let mut deduction = Group::new(element);
        let paths = [(amount, "Amount"), (base, "BaseAmount"), (reason, "AllowanceChargeReason")];
        deduction.put_all(&paths);
        deduction.put_all(&[(code, "AllowanceChargeReasonCode")]);
        if let Some((category, rate)) = taxes.map(|taxes| taxes[kind]) {
            let tax = element.children("TaxCategory").find(|tax| is_vat(*tax));
            deduction.put(category, tax.and_then(|tax| tax.child("ID")));
            deduction.put(rate, tax.and_then(|tax| tax.child("Percent")));
        }
        group.group(id, deduction);
    }
}

fn taxes(invoice: &mut Group<'_>) {
    let root = invoice.at;
    let text = |name: &str| root.child(name).and_then(|element| element.text());
    let (currency, accounted) = (text("DocumentCurrencyCode"), text("TaxCurrencyCode"));
    for total in root.children("TaxTotal") {
        let amount = total.child("TaxAmount");
        let of = amount.and_then(|amount| amount.attribute("currencyID"));
        let is_accounted = of.is_some() && of == accounted.as_deref() && of != currency.as_deref();
        invoice.put(if is_accounted { "BT-111" } else { "BT-110" }, amount);
        if of.is_some() && of == accounted.as_deref() && of == currency.as_deref() {
            invoice.put("BT-111", amount);
        }
        for part in total.children("TaxSubtotal") {
            let mut group = Group::new(part);
            group.put_all(&[("BT-116", "TaxableAmount"), ("BT-117", "TaxAmount")]);
            if let Some(category) = part.child("TaxCategory").filter(|category| is_vat(*category)) {
                group.put("BT-118", category.child("ID"));
                group.put("BT-119", category.child("Percent"));
                group.put("BT-120", category.child("TaxExemptionReason"));
                group.put("BT-121", category.child("TaxExemptionReasonCode"));
            }
            invoice.group("BG-23", group);
        }
    }
}

fn line(element: Element<'_>) -> Group<'_> {
    let mut line = Group::new(element);
    line.put_all(LINE);
    let quantities = ["InvoicedQuantity", "CreditedQuantity"].map(|name| element.child(name));
    let with_unit = quantities.into_iter().flatten().find(|quantity| quantity.attribute("unitCode").is_some());
    line.mark("BT-130", with_unit);
    let tax = element.all("Item/ClassifiedTaxCategory").into_iter().find(|tax| is_vat(*tax));
    line.put("BT-151", tax.and_then(|tax| tax.child("ID")));
    line.put("BT-152", tax.and_then(|tax| tax.child("Percent")));
    for (term, with_scheme, path, attribute) in [
        ("BT-157", "BT-157-1", "Item/StandardItemIdentification/ID", "schemeID"),
        ("BT-158", "BT-158-1", "Item/CommodityClassification/ItemClassificationCode", "listID"),
    ] {
        for identifier in element.all(path) {
            line.put(term, Some(identifier));
            line.mark(with_scheme, Some(identifier).filter(|identifier| identifier.attribute(attribute).is_some()));
        }
    }
    for property in element.all("Item/AdditionalItemProperty") {
        let mut group = Group::new(property);
        group.put_all(&[("BT-160", "Name"), ("BT-161", "Value")]);
        line.group("BG-32", group);
    }
    period(&mut line, ("BG-26", "BT-134", "BT-135"));
    let of_a_line =
        [("BG-27", ["BT-136", "BT-137", "BT-139", "BT-140"]), ("BG-28", ["BT-141", "BT-142", "BT-144", "BT-145"])];
    deductions(&mut line, of_a_line, None);
    line
}
