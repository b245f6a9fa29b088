//! What must add up: the rules BR-CO-10 to BR-CO-18. Sums are rounded to cents, as the standard does.

use portgate_sdk::canonical::Decimal;
use portgate_sdk::xml::Element;

use super::Verdict;
use crate::terms::Group;

pub(super) fn check(invoice: &Group<'_>, verdict: &mut Verdict<'_>) {
    let of = |group: &str, term: &str| total(invoice.groups(group), term);
    let lines = of("BG-25", "BT-131").filter(|_| invoice.has("BT-106"));
    equal(invoice, "BR-CO-10", "BT-106", lines, "the sum of the lines' net amounts (BT-131)", verdict);
    for (id, group, sum, amount) in [("BR-CO-11", "BG-20", "BT-107", "BT-92"), ("BR-CO-12", "BG-21", "BT-108", "BT-99")]
    {
        // Where there is none, their sum need not be said.
        let is_said = invoice.has(sum) || invoice.groups(group).next().is_some();
        let parts = of(group, amount).filter(|_| is_said);
        equal(invoice, id, sum, parts, &format!("the sum of the amounts ({amount})"), verdict);
    }
    let or_nought = |term: &str| invoice.number(term).unwrap_or(Decimal::ZERO);
    let net = invoice.number("BT-106").map(|lines| lines - or_nought("BT-107") + or_nought("BT-108"));
    let net = net.filter(|_| invoice.has("BT-109"));
    equal(invoice, "BR-CO-13", "BT-109", net, "lines (BT-106) less allowances (BT-107) plus charges (BT-108)", verdict);
    if invoice.groups("BG-23").next().is_some() && invoice.has("BT-110") {
        let taxes = of("BG-23", "BT-117");
        equal(invoice, "BR-CO-14", "BT-110", taxes, "the sum of the categories' tax (BT-117)", verdict);
    }
    let gross = invoice.number("BT-109").map(|net| net + or_nought("BT-110")).filter(|_| invoice.has("BT-112"));
    equal(invoice, "BR-CO-15", "BT-112", gross, "the total without tax (BT-109) plus the tax (BT-110)", verdict);
    let due = invoice.number("BT-112").map(|gross| gross - or_nought("BT-113") + or_nought("BT-114"));
    let due = due.filter(|_| invoice.has("BT-115"));
    equal(
        invoice,
        "BR-CO-16",
        "BT-115",
        due,
        "the total (BT-112) less what is paid (BT-113) plus rounding (BT-114)",
        verdict,
    );
    for tax in invoice.groups("BG-23") {
        rate(tax, verdict);
    }
    let has_taxes = invoice.groups("BG-23").next().is_some();
    verdict.rule(has_taxes, "BR-CO-18", invoice.at, "The invoice has no part of its tax by category (BG-23).");
}

/// The sum of a term over groups; nothing where one of them is no number, which is told elsewhere.
pub(super) fn total<'g, 'd: 'g>(groups: impl Iterator<Item = &'g Group<'d>>, term: &str) -> Option<Decimal> {
    groups.filter(|group| group.has(term)).map(|group| group.number(term)).sum()
}

fn equal(invoice: &Group<'_>, id: &str, term: &str, sum: Option<Decimal>, what: &str, verdict: &mut Verdict<'_>) {
    let Some(sum) = sum.map(|sum| sum.round(2)) else { return };
    let stated = match invoice.text(term) {
        // What is no number is told elsewhere.
        Some(_) => match invoice.number(term) {
            Some(stated) => stated,
            None => return,
        },
        None => return verdict.rule(false, id, invoice.at, &format!("{term} is missing and should be {sum}, {what}.")),
    };
    let at: Element<'_> = invoice.place(term);
    verdict.rule(stated == sum, id, at, &format!("{term} is {stated} and should be {sum}, {what}."));
}

/// The tax of a category is its rate of what is taxable. Those who reckon line by line come out a little different, which the
/// published rules allow up to less than one.
fn rate(tax: &Group<'_>, verdict: &mut Verdict<'_>) {
    let (Some(basis), Some(amount)) = (tax.number("BT-116"), tax.number("BT-117")) else { return };
    let rate = tax.number("BT-119").unwrap_or(Decimal::ZERO);
    let expected = (basis * rate).shifted(2).round(2);
    let detail = format!("The tax (BT-117) is {amount} and should be {expected}, {rate} % of {basis}.");
    verdict.rule(is_near(amount, expected), "BR-CO-17", tax.place("BT-117"), &detail);
}

/// Whether two amounts differ by less than one.
pub(super) fn is_near(one: Decimal, other: Decimal) -> bool {
    let difference = one - other;
    difference < Decimal::from(1) && difference > Decimal::from(-1)
}
