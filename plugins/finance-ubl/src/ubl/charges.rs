//! Allowances, charges, taxes and sums.

use portgate_sdk::canonical::{Charge, CommercialInvoice, Decimal, InvoiceTax, Money};
use portgate_sdk::xml::Element;

use super::is_charge;
use crate::invoice::{ALLOWANCES, CHARGES, negated, unmapped};
use crate::notes::{At, Notes};

/// An allowance or charge, on the whole, a line or a price; an allowance is below zero where it lowers the sum.
pub(super) fn charge(element: Element<'_>, notes: &mut Notes) -> Option<Charge> {
    let is_charge = is_charge(element);
    let Some(amount) = notes.money(element.child("Amount")) else {
        notes.error("MISSING", At(element), "The allowance or charge has no `Amount`, or none that can be read.");
        return None;
    };
    let list = if is_charge { CHARGES } else { ALLOWANCES };
    let known = notes.code(element.child("AllowanceChargeReasonCode"), list);
    let mut taxes = Vec::new();
    for tax in element.children("TaxCategory") {
        taxes.push(category(tax, notes));
    }
    Some(Charge {
        reason: notes.words(element.child("AllowanceChargeReason")),
        percent: notes.decimal(element.child("MultiplierFactorNumeric")),
        basis: notes.money(element.child("BaseAmount")),
        taxes,
        ..Charge::new(known.unwrap_or_else(|| unmapped(list)), if is_charge { amount } else { negated(amount) })
    })
}

/// A category of tax.
pub(super) fn category(element: Element<'_>, notes: &mut Notes) -> InvoiceTax {
    let tax_type = notes.code(element.path("TaxScheme/ID"), "UNTDID 5153");
    InvoiceTax {
        // Value added tax is what is meant where nothing is said.
        tax_type: tax_type.filter(|of| !of.code.eq_ignore_ascii_case("VAT")),
        category: notes.code(element.child("ID"), "UNTDID 5305"),
        rate: notes.decimal(element.child("Percent")),
        exemption_reason: notes.words(element.child("TaxExemptionReason")),
        exemption_code: notes.code(element.child("TaxExemptionReasonCode"), "VATEX"),
        ..InvoiceTax::default()
    }
}

/// A part of a tax: its category, what is taxable, and how much it is.
pub(super) fn part(element: Element<'_>, notes: &mut Notes) -> InvoiceTax {
    let category = element.child("TaxCategory").map(|category| self::category(category, notes)).unwrap_or_default();
    let rate = notes.decimal(element.child("Percent"));
    InvoiceTax {
        rate: category.rate.or(rate),
        basis: notes.money(element.child("TaxableAmount")),
        amount: notes.money(element.child("TaxAmount")),
        ..category
    }
}

/// The sums of the whole, and its taxes.
pub(super) fn totals(root: Element<'_>, invoice: &mut CommercialInvoice, notes: &mut Notes) {
    if let Some(totals) = root.child("LegalMonetaryTotal") {
        let mut sum = |name: &str| notes.money(totals.child(name));
        invoice.totals.lines_net = sum("LineExtensionAmount");
        invoice.totals.without_tax = sum("TaxExclusiveAmount");
        invoice.totals.with_tax = sum("TaxInclusiveAmount");
        invoice.totals.allowances = sum("AllowanceTotalAmount");
        invoice.totals.charges = sum("ChargeTotalAmount");
        invoice.totals.prepaid = sum("PrepaidAmount");
        invoice.totals.rounding = sum("PayableRoundingAmount");
    }
    let mut own: Vec<Money> = Vec::new();
    for total in root.children("TaxTotal") {
        let amount = notes.money(total.child("TaxAmount"));
        for part in total.children("TaxSubtotal") {
            invoice.taxes.push(self::part(part, notes));
        }
        let Some(amount) = amount else { continue };
        let is_accounted = Some(&amount.currency) == invoice.tax_currency.as_ref();
        match is_accounted && (amount.currency != invoice.currency || !own.is_empty()) {
            true => invoice.totals.tax_accounted = Some(amount),
            false => own.push(amount),
        }
    }
    // There is one for each kind of tax where there are several.
    let sum: Decimal = own.iter().map(|amount| amount.amount).sum();
    let currency = own.first().map(|amount| amount.currency.clone());
    invoice.totals.tax = match (own.len(), currency) {
        (1, _) => own.pop(),
        (_, currency) => currency.map(|currency| Money { amount: sum, currency }),
    };
}
