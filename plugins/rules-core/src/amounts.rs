//! R01, R02: sums and currencies.

use std::collections::BTreeSet;

use portgate_sdk::Severity::{Error, Warning};
use portgate_sdk::canonical::{CommercialInvoice, CustomsDeclaration, Decimal, Money};
use portgate_sdk::{Judge, Placed};

use crate::shipment::Facts;

pub(crate) fn judge(facts: &Facts, judge: &mut Judge) {
    for invoice in &facts.invoices {
        sum_of_lines(invoice, judge);
        one_currency(invoice, judge);
        rate_is_somebody_s(invoice, judge);
    }
    for declaration in &facts.declarations {
        sum_of_items(declaration, judge);
        one_declared_currency(declaration, judge);
        against_invoices(facts, declaration, judge);
    }
}

/// A cent, by which sums of rounded amounts may differ for each of them.
fn tolerance(terms: usize) -> Decimal {
    const CENT: &str = "0.01";
    let cent = Decimal::parse(CENT).unwrap_or_else(|_| Decimal::from(0));
    cent * Decimal::from(i64::try_from(terms.max(1)).unwrap_or(i64::MAX))
}

fn differ(one: Decimal, other: Decimal, tolerance: Decimal) -> bool {
    let difference = if one > other { one - other } else { other - one };
    difference > tolerance
}

fn sum<'m>(amounts: impl IntoIterator<Item = &'m Money>) -> Decimal {
    amounts.into_iter().map(|money| money.amount).sum()
}

/// What the lines of an invoice come to is what it says they come to.
fn sum_of_lines(invoice: &Placed<CommercialInvoice>, judge: &mut Judge) {
    let CommercialInvoice { lines, totals, .. } = &invoice.document;
    let Some(stated) = totals.lines_net.as_ref().filter(|_| !lines.is_empty()) else { return };
    let lines_net = sum(lines.iter().map(|line| &line.line_net));
    if differ(lines_net, stated.amount, tolerance(1)) {
        let detail = format!(
            "The lines come to {lines_net} {currency}, and the invoice says {}.",
            stated.amount,
            currency = stated.currency
        );
        let fields = [invoice.at("/totals/linesNet"), invoice.at("/lines")];
        judge.found("R01", Error, fields, detail, "Ask who issued the invoice for a corrected one.");
    }
}

fn one_currency(invoice: &Placed<CommercialInvoice>, judge: &mut Judge) {
    let currency = &invoice.document.currency;
    for (index, line) in
        invoice.document.lines.iter().enumerate().filter(|(_, line)| line.line_net.currency != *currency)
    {
        let detail =
            format!("Line {} is in {}, and the invoice in {currency}.", &*line.line_no, line.line_net.currency);
        let fields = [invoice.at(&format!("/lines/{index}/lineNet/currency")), invoice.at("/currency")];
        judge.found("R02", Error, fields, detail, "Ask who issued the invoice for one in one currency.");
    }
}

/// A rate of exchange is one of a day and of somebody who published it, or nobody can look it up again.
fn rate_is_somebody_s(invoice: &Placed<CommercialInvoice>, judge: &mut Judge) {
    let CommercialInvoice { fx_rate: Some(rate), currency, number, .. } = &invoice.document else { return };
    let lacks = match (&rate.date, &rate.source) {
        (Some(_), Some(_)) => return,
        (None, Some(_)) => "the day",
        (Some(_), None) => "the source",
        (None, None) => "the day and the source",
    };
    let detail = format!(
        "Invoice {} was reckoned at {} {} for one {currency}, without {lacks} of that rate.",
        &**number, rate.rate, rate.to
    );
    let remedy = "Ask who issued the invoice of which day the rate is, and who published it.";
    judge.found("R02", Warning, [invoice.at("/fxRate")], detail, remedy);
}

/// What is declared for the items is the invoice total of the declaration.
fn sum_of_items(declaration: &Placed<CustomsDeclaration>, judge: &mut Judge) {
    let Some(total) = &declaration.document.invoice_total else { return };
    let prices: Vec<&Money> = declaration.document.items.iter().filter_map(|item| item.price.as_ref()).collect();
    if prices.is_empty() || prices.iter().any(|price| price.currency != total.currency) {
        return;
    }
    let declared = sum(prices.iter().copied());
    if differ(declared, total.amount, tolerance(1)) {
        let detail = format!(
            "The prices of the items come to {declared} {}, and the declaration says {}.",
            total.currency, total.amount
        );
        let fields = [declaration.at("/invoiceTotal"), declaration.at("/items")];
        judge.found("R01", Error, fields, detail, "Correct the price of the item that is wrong, or the total.");
    }
}

fn one_declared_currency(declaration: &Placed<CustomsDeclaration>, judge: &mut Judge) {
    let priced = declaration.document.items.iter().enumerate();
    let prices: Vec<(usize, &Money)> = priced.filter_map(|(index, item)| Some((index, item.price.as_ref()?))).collect();
    let currencies: BTreeSet<String> = prices.iter().map(|(_, price)| price.currency.to_string()).collect();
    let total = declaration.document.invoice_total.as_ref();
    if currencies.len() > 1 {
        let listed: Vec<&str> = currencies.iter().map(String::as_str).collect();
        let detail = format!("The prices of the items are in several currencies: {}.", listed.join(", "));
        let fields = prices.iter().map(|(index, _)| declaration.at(&format!("/items/{index}/price/currency")));
        judge.found(
            "R02",
            Error,
            fields.take(16),
            detail,
            "Declare goods of one invoice currency, or convert the others.",
        );
    } else if let (Some(total), Some((index, price))) = (total, prices.first())
        && price.currency != total.currency
    {
        let detail = format!("The items are in {}, and the invoice total in {}.", price.currency, total.currency);
        let fields =
            [declaration.at("/invoiceTotal/currency"), declaration.at(&format!("/items/{index}/price/currency"))];
        judge.found("R02", Error, fields, detail, "Declare the total in the currency of the invoice.");
    }
}

/// What an invoice has of freight (`FC`) and insurance (`INS`) beside its lines.
fn carriage(invoice: &CommercialInvoice) -> Decimal {
    let beside = invoice.charges.iter().filter(|charge| charge.included_in_price != Some(true));
    sum(beside.filter(|charge| matches!(&*charge.code.code, "FC" | "INS")).map(|charge| &charge.amount))
}

/// What is declared is what was invoiced, as far as the declaration names the invoice or there is only one.
fn against_invoices(facts: &Facts, declaration: &Placed<CustomsDeclaration>, judge: &mut Judge) {
    let Some(total) = &declaration.document.invoice_total else { return };
    let named = |invoice: &&Placed<CommercialInvoice>| {
        let number = &*invoice.document.number;
        let documents =
            declaration.document.items.iter().flat_map(|item| &item.documents).chain(&declaration.document.documents);
        let in_documents = documents.filter_map(|document| document.id.as_deref()).any(|id| id == number);
        in_documents
            || declaration.document.invoice_number.as_deref() == Some(number)
            || declaration.document.references.iter().any(|name| &*name.scheme == "invoice" && &*name.value == number)
    };
    let invoices: Vec<&Placed<CommercialInvoice>> = facts.charged().filter(named).collect();
    if invoices.is_empty() || invoices.iter().any(|invoice| invoice.document.currency != total.currency) {
        return;
    }
    let net = |invoice: &&Placed<CommercialInvoice>| {
        let totals = &invoice.document.totals;
        totals.without_tax.as_ref().or(totals.lines_net.as_ref()).unwrap_or(&totals.payable).amount
    };
    let invoiced: Decimal = invoices.iter().map(net).sum();
    // What a declaration has in all is the price of the goods: freight and insurance can be apart from it (DE 4/9).
    let lines = |invoice: &&Placed<CommercialInvoice>| {
        invoice.document.totals.lines_net.as_ref().map_or_else(|| net(invoice), |lines| lines.amount)
    };
    let goods = invoiced - invoices.iter().map(|invoice| carriage(&invoice.document)).sum();
    let known = [invoiced, invoices.iter().map(lines).sum(), goods];
    if known.iter().all(|known| differ(total.amount, *known, tolerance(invoices.len()))) {
        let numbers: Vec<&str> = invoices.iter().map(|invoice| &*invoice.document.number).collect();
        let detail = format!(
            "{} {} are declared, and invoice {} comes to {invoiced}.",
            total.amount,
            total.currency,
            numbers.join(", "),
        );
        let fields = [declaration.at("/invoiceTotal/amount")]
            .into_iter()
            .chain(invoices.iter().map(|invoice| invoice.at("/totals/payable/amount")));
        judge.found("R23", Error, fields, detail, "Declare the value of the invoice as it is now.");
    }
    for invoice in &invoices {
        let revised = invoice.document.revision.as_deref().is_some_and(|revision| revision != "1");
        if revised && invoice.provenance.recorded_at.as_str() > declaration.provenance.recorded_at.as_str() {
            let detail = format!("Invoice {} was changed after the declaration was made.", &*invoice.document.number);
            let fields = [invoice.at("/revision"), declaration.at("/version")];
            judge.found(
                "R23",
                Warning,
                fields,
                detail,
                "Look whether the declaration still says what the invoice says.",
            );
        }
    }
}
