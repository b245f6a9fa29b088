//! When and how to pay.

use portgate_sdk::canonical::{CommercialInvoice, PaymentMeans, PaymentTerm, Text};
use portgate_sdk::xml::Element;

use crate::notes::{At, Notes};
use crate::payment::card_number;

/// Terms and means of payment, and the day it is due.
pub(super) fn read(root: Element<'_>, invoice: &mut CommercialInvoice, notes: &mut Notes) {
    invoice.due_date = notes.date(root.child("DueDate"));
    for element in root.children("PaymentMeans") {
        let due = notes.date(element.child("PaymentDueDate"));
        invoice.due_date = invoice.due_date.take().or(due);
        let means = means(element, notes);
        // One account is all that the standard has; what has several is paid to either.
        let others = element.children("PayeeFinancialAccount").skip(1).map(|other| {
            let (code, text) = (means.code.clone(), means.text.clone());
            PaymentMeans { code, text, ..account(Some(other), notes) }
        });
        let others: Vec<PaymentMeans> = others.collect();
        invoice.payment_means.extend((means != PaymentMeans::default()).then_some(means));
        invoice.payment_means.extend(others);
    }
    for element in root.children("PaymentTerms") {
        let term = PaymentTerm {
            text: words(element, notes),
            due_date: notes.date(element.child("PaymentDueDate")),
            discount_percent: notes.decimal(element.child("SettlementDiscountPercent")),
            discount_amount: notes.money(element.child("SettlementDiscountAmount")),
            discount_basis: notes.money(element.child("Amount")),
            discount_date: notes.date(element.path("SettlementPeriod/EndDate")),
            ..PaymentTerm::default()
        };
        invoice.payment_terms.extend((term != PaymentTerm::default()).then_some(term));
    }
}

/// All notes of the terms as one text.
fn words(element: Element<'_>, notes: &mut Notes) -> Option<Text<2048>> {
    let words: Vec<_> = element.children("Note").filter_map(|note| note.text()).collect();
    notes.free_text(At(element), "terms of payment", &words.join("\n"))
}

fn means(element: Element<'_>, notes: &mut Notes) -> PaymentMeans {
    let code = element.child("PaymentMeansCode");
    let named = code.and_then(|code| code.attribute("name"));
    let named = named.and_then(|name| notes.free_text(At(element), "name of the payment means", name));
    let payment_id = element.child("PaymentID").or_else(|| element.child("InstructionID"));
    PaymentMeans {
        code: notes.code(code, "UNTDID 4461"),
        text: named.or_else(|| notes.words(element.child("InstructionNote"))),
        payment_reference: notes.id(payment_id),
        card_number: card_number(element.path("CardAccount/PrimaryAccountNumberID"), notes),
        card_holder: notes.words(element.path("CardAccount/HolderName")),
        card_network: notes.words(element.path("CardAccount/NetworkID")),
        mandate: notes.id(element.path("PaymentMandate/ID")),
        debited_account: notes.id(element.path("PaymentMandate/PayerFinancialAccount/ID")),
        ..account(element.child("PayeeFinancialAccount"), notes)
    }
}

/// The account that is paid to.
fn account(element: Option<Element<'_>>, notes: &mut Notes) -> PaymentMeans {
    let Some(element) = element else { return PaymentMeans::default() };
    let bank = ["FinancialInstitutionBranch/ID", "FinancialInstitutionBranch/FinancialInstitution/ID"];
    let bank = bank.into_iter().find_map(|path| element.path(path));
    PaymentMeans {
        account: notes.id(element.child("ID")),
        account_name: notes.words(element.child("Name")),
        bank: notes.id(bank),
        ..PaymentMeans::default()
    }
}
