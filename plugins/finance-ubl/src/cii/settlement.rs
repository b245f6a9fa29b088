//! Allowances, charges, taxes, sums, and how and when to pay.

use portgate_sdk::canonical::{
    Charge, CommercialInvoice, ExchangeRate, InvoiceTax, Money, PartyRole, PaymentMeans, PaymentTerm, PrecedingInvoice,
};
use portgate_sdk::xml::Element;

use super::{NUMBER, RATE, SUMS, all, date, one, party, period};
use crate::invoice::{ALLOWANCES, CHARGES, TYPES, negated, unmapped};
use crate::notes::{At, Notes};
use crate::payment::card_number;

/// What the settlement says of the whole.
pub(super) fn read(settlement: Element<'_>, invoice: &mut CommercialInvoice, notes: &mut Notes) {
    for (name, role) in [
        ("InvoiceeTradeParty", PartyRole::BillTo),
        ("PayeeTradeParty", PartyRole::Payee),
        ("InvoicerTradeParty", PartyRole::Seller),
        ("PayerTradeParty", PartyRole::Buyer),
    ] {
        for element in settlement.children(name) {
            invoice.parties.extend(party::of(Some(element), role, notes));
        }
    }
    invoice.tax_currency = notes.currency(settlement.child("TaxCurrencyCode"));
    invoice.buyer_account = notes.words(one(settlement, "ReceivableSpecifiedTradeAccountingAccount/ID"));
    invoice.period = period(settlement.child("BillingSpecifiedPeriod"), notes);
    invoice.tax_point_date = date(one(settlement, "ApplicableTradeTax/TaxPointDate"), notes);
    invoice.tax_point = notes.code(one(settlement, "ApplicableTradeTax/DueDateTypeCode"), "UNTDID 2475");
    invoice.fx_rate = fx_rate(settlement, notes);
    for element in settlement.children("ApplicableTradeTax") {
        invoice.taxes.push(tax(element, notes));
    }
    for element in all(settlement, "SpecifiedTradeAllowanceCharge|SpecifiedLogisticsServiceCharge") {
        invoice.charges.extend(charge(element, notes));
    }
    for element in settlement.children("InvoiceReferencedDocument") {
        let Some(number) = notes.id(one(element, NUMBER)) else { continue };
        invoice.preceding.push(PrecedingInvoice {
            issue_date: date(one(element, "FormattedIssueDateTime|IssueDateTime"), notes),
            type_code: notes.code(element.child("TypeCode"), TYPES),
            ..PrecedingInvoice::new(number)
        });
    }
    sums(settlement, invoice, notes);
    payment(settlement, invoice, notes);
}

fn fx_rate(settlement: Element<'_>, notes: &mut Notes) -> Option<ExchangeRate> {
    let element = one(settlement, "TaxApplicableTradeCurrencyExchange|InvoiceApplicableTradeCurrencyExchange")?;
    let to = notes.currency(element.child("TargetCurrencyCode"))?;
    let rate = notes.decimal(element.child("ConversionRate"))?;
    Some(ExchangeRate { date: date(element.child("ConversionRateDateTime"), notes), ..ExchangeRate::new(to, rate) })
}

/// A tax, on the whole, a line or a charge.
pub(super) fn tax(element: Element<'_>, notes: &mut Notes) -> InvoiceTax {
    let tax_type = notes.code(element.child("TypeCode"), "UNTDID 5153");
    InvoiceTax {
        // Value added tax is what is meant where nothing is said.
        tax_type: tax_type.filter(|of| &*of.code != "VAT"),
        category: notes.code(element.child("CategoryCode"), "UNTDID 5305"),
        rate: notes.decimal(one(element, RATE)),
        basis: notes.money(element.child("BasisAmount")),
        amount: notes.money(element.child("CalculatedAmount")),
        exemption_reason: notes.words(element.child("ExemptionReason")),
        exemption_code: notes.code(element.child("ExemptionReasonCode"), "VATEX"),
    }
}

/// Whether an allowance or charge is a charge. What a carrier is paid for always is.
pub(super) fn is_charge(element: Element<'_>) -> bool {
    let flag = one(element, "ChargeIndicator/Indicator").or_else(|| element.child("ChargeIndicator"));
    match flag.and_then(|flag| flag.text()) {
        Some(flag) => matches!(&*flag, "true" | "1"),
        None => element.name() == "SpecifiedLogisticsServiceCharge",
    }
}

/// An allowance or charge, on the whole, a line or a price; an allowance is below zero where it lowers the sum.
pub(super) fn charge(element: Element<'_>, notes: &mut Notes) -> Option<Charge> {
    let is_charge = is_charge(element);
    let Some(amount) = notes.money(one(element, "ActualAmount|AppliedAmount")) else {
        notes.error("MISSING", At(element), "The allowance or charge has no amount, or none that can be read.");
        return None;
    };
    let list = if is_charge { CHARGES } else { ALLOWANCES };
    let known = notes.code(element.child("ReasonCode"), list);
    Some(Charge {
        reason: notes.words(one(element, "Reason|Description")),
        percent: notes.decimal(element.child("CalculationPercent")),
        basis: notes.money(element.child("BasisAmount")),
        taxes: all(element, "CategoryTradeTax|AppliedTradeTax")
            .into_iter()
            .map(|element| tax(element, notes))
            .collect(),
        ..Charge::new(known.unwrap_or_else(|| unmapped(list)), if is_charge { amount } else { negated(amount) })
    })
}

fn sums(settlement: Element<'_>, invoice: &mut CommercialInvoice, notes: &mut Notes) {
    let Some(sums) = one(settlement, SUMS) else { return };
    let mut sum = |name: &str| notes.money(sums.child(name));
    invoice.totals.lines_net = sum("LineTotalAmount");
    invoice.totals.charges = sum("ChargeTotalAmount");
    invoice.totals.allowances = sum("AllowanceTotalAmount");
    invoice.totals.without_tax = sum("TaxBasisTotalAmount");
    invoice.totals.with_tax = sum("GrandTotalAmount");
    invoice.totals.prepaid = sum("TotalPrepaidAmount");
    invoice.totals.rounding = sum("RoundingAmount");
    for element in sums.children("TaxTotalAmount") {
        let Some(amount): Option<Money> = notes.money(Some(element)) else { continue };
        let is_first = invoice.totals.tax.is_none() && amount.currency == invoice.currency;
        match is_first {
            true => invoice.totals.tax = Some(amount),
            false => invoice.totals.tax_accounted = Some(amount),
        }
    }
}

fn payment(settlement: Element<'_>, invoice: &mut CommercialInvoice, notes: &mut Notes) {
    let reference = settlement.child("PaymentReference");
    let creditor = settlement.child("CreditorReferenceID");
    let mandate = one(settlement, "SpecifiedTradePaymentTerms/DirectDebitMandateID");
    for element in settlement.children("SpecifiedTradeSettlementPaymentMeans") {
        let means = means(element, notes);
        invoice.payment_means.extend((means != PaymentMeans::default()).then_some(means));
    }
    // They stand beside the means of payment and hold for all of them.
    if invoice.payment_means.is_empty() && [reference, creditor, mandate].iter().any(Option::is_some) {
        invoice.payment_means.push(PaymentMeans::default());
    }
    if let Some(first) = invoice.payment_means.first_mut() {
        first.payment_reference = notes.id(reference);
        first.creditor = notes.id(creditor);
        first.mandate = notes.id(mandate);
    }
    for element in settlement.children("SpecifiedTradePaymentTerms") {
        terms(element, invoice, notes);
    }
}

fn means(element: Element<'_>, notes: &mut Notes) -> PaymentMeans {
    PaymentMeans {
        code: notes.code(element.child("TypeCode"), "UNTDID 4461"),
        text: notes.words(element.child("Information")),
        account: notes.id(one(element, "PayeePartyCreditorFinancialAccount/IBANID|ProprietaryID")),
        account_name: notes.words(one(element, "PayeePartyCreditorFinancialAccount/AccountName")),
        bank: notes.id(one(element, "PayeeSpecifiedCreditorFinancialInstitution/BICID")),
        card_number: card_number(one(element, "ApplicableTradeSettlementFinancialCard/ID"), notes),
        card_holder: notes.words(one(element, "ApplicableTradeSettlementFinancialCard/CardholderName")),
        debited_account: notes.id(one(element, "PayerPartyDebtorFinancialAccount/IBANID|ProprietaryID")),
        ..PaymentMeans::default()
    }
}

/// Terms of payment: in words with a due date, and one for each discount.
fn terms(element: Element<'_>, invoice: &mut CommercialInvoice, notes: &mut Notes) {
    let due = date(element.child("DueDateDateTime"), notes);
    if invoice.due_date.is_none() {
        invoice.due_date = due.clone();
    }
    let discounts = all(element, "ApplicableTradePaymentDiscountTerms");
    let text = notes.words(element.child("Description"));
    let mut first = Some(PaymentTerm { text, due_date: due, ..PaymentTerm::default() });
    for discount in &discounts {
        let measure = discount.child("BasisPeriodMeasure");
        let days = notes.decimal(measure).map(|days| days.to_string());
        let unit = measure.and_then(|measure| measure.attribute("unitCode"));
        if let Some(measure) = measure.filter(|_| !matches!(unit, None | Some("DAY"))) {
            notes.warning(
                "TERM-UNIT",
                At(measure),
                "The time for the discount is not in days; the terms say it in words.",
            );
        }
        let days = days.filter(|_| matches!(unit, None | Some("DAY")));
        let days = days.and_then(|days| days.split('.').next().and_then(|days| days.parse().ok()));
        invoice.payment_terms.push(PaymentTerm {
            discount_percent: notes.decimal(discount.child("CalculationPercent")),
            discount_amount: notes.money(discount.child("ActualDiscountAmount")),
            discount_basis: notes.money(discount.child("BasisAmount")),
            discount_date: date(discount.child("BasisDateTime"), notes),
            discount_days: days,
            ..first.take().unwrap_or_default()
        });
    }
    invoice.payment_terms.extend(first.filter(|term| *term != PaymentTerm::default()));
}
