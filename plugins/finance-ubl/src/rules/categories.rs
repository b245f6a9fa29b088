//! What each category of tax asks for: the rules BR-S, BR-Z, BR-E, BR-AE, BR-IC, BR-G, BR-O, BR-AF and BR-AG.
//!
//! The categories have rules of the same numbers that differ in what they ask, so that a table says what each asks.

use portgate_sdk::canonical::Decimal;
use portgate_sdk::xml::Element;

use super::Verdict;
use super::sums::{is_near, total};
use crate::terms::Group;

/// What a category asks for.
struct Category {
    /// Its code, UNTDID 5305.
    code: &'static str,
    /// How its rules are called.
    rules: &'static str,
    /// How many parts of the tax it has where it is used.
    parts: Parts,
    /// Which rates it may have.
    rate: Rate,
    /// Whose identifiers it wants.
    identifiers: Identifiers,
    /// Whether the reason of its exemption must be said, or must not.
    is_exempt: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Parts {
    /// One for each rate.
    OfEachRate,
    /// One.
    One,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rate {
    AboveNought,
    NoughtOrAbove,
    Nought,
    None,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Identifiers {
    /// The seller's for VAT or another tax, or its representative's for VAT.
    Seller,
    /// The seller's, or its representative's, for VAT.
    SellerVat,
    /// As `Seller`, and the buyer's for VAT or of its registration.
    SellerAndBuyer,
    /// As `SellerVat`, and the buyer's for VAT.
    SellerVatAndBuyerVat,
    /// Nobody's for VAT.
    NoVat,
}

const CATEGORIES: [Category; 9] = {
    use Identifiers::{NoVat, Seller, SellerAndBuyer, SellerVat, SellerVatAndBuyerVat};
    use Parts::{OfEachRate, One};
    use Rate::{AboveNought, Nought, NoughtOrAbove};
    const fn category(
        (code, rules): (&'static str, &'static str),
        parts: Parts,
        rate: Rate,
        identifiers: Identifiers,
        is_exempt: bool,
    ) -> Category {
        Category { code, rules, parts, rate, identifiers, is_exempt }
    }
    [
        category(("S", "BR-S"), OfEachRate, AboveNought, Seller, false),
        category(("Z", "BR-Z"), One, Nought, Seller, false),
        category(("E", "BR-E"), One, Nought, Seller, true),
        category(("AE", "BR-AE"), One, Nought, SellerAndBuyer, true),
        category(("K", "BR-IC"), One, Nought, SellerVatAndBuyerVat, true),
        category(("G", "BR-G"), One, Nought, SellerVat, true),
        category(("O", "BR-O"), One, Rate::None, NoVat, true),
        category(("L", "BR-AF"), OfEachRate, NoughtOrAbove, Seller, false),
        category(("M", "BR-AG"), OfEachRate, NoughtOrAbove, Seller, false),
    ]
};

/// Where categories are used: the group, the terms of its category, rate and amount, and the numbers of the rules on
/// identifiers and rates there.
const USES: [(&str, &str, &str, &str, &str, &str); 3] = [
    ("BG-25", "BT-151", "BT-152", "BT-131", "02", "05"),
    ("BG-20", "BT-95", "BT-96", "BT-92", "03", "06"),
    ("BG-21", "BT-102", "BT-103", "BT-99", "04", "07"),
];

pub(super) fn check(invoice: &Group<'_>, verdict: &mut Verdict<'_>) {
    for category in &CATEGORIES {
        let parts: Vec<&Group<'_>> = of(invoice, "BG-23", "BT-118", category.code).collect();
        let mut first_use = None;
        for (group, code, rate, _, identifiers_rule, rate_rule) in USES {
            for used in of(invoice, group, code, category.code) {
                if first_use.is_none() {
                    first_use = Some(used.place(code));
                }
                category.rate(used, rate, rate_rule, verdict);
            }
            if let Some(used) = of(invoice, group, code, category.code).next() {
                category.identifiers(invoice, used.place(code), identifiers_rule, verdict);
            }
        }
        category.parts(invoice, first_use, &parts, verdict);
        for part in &parts {
            category.part(invoice, part, verdict);
        }
    }
    intra_community(invoice, verdict);
    outside(invoice, verdict);
}

/// The groups of an id whose category is this one.
fn of<'g, 'd>(
    invoice: &'g Group<'d>,
    group: &'g str,
    term: &'g str,
    code: &'g str,
) -> impl Iterator<Item = &'g Group<'d>> + use<'g, 'd> {
    invoice.groups(group).filter(move |group| group.text(term).as_deref() == Some(code))
}

impl Category {
    fn rule(&self, number: &str) -> String {
        format!("{}-{number}", self.rules)
    }

    /// Rule 01: what is used is in the breakdown, and the other way round where there is one for each rate.
    fn parts(
        &self,
        invoice: &Group<'_>,
        first_use: Option<Element<'_>>,
        parts: &[&Group<'_>],
        verdict: &mut Verdict<'_>,
    ) {
        let holds = match (self.parts, first_use, parts.len()) {
            (_, None, 0) => true,
            (Parts::OfEachRate, used, parts) => used.is_some() == (parts > 0),
            (Parts::One, _, parts) => parts == 1,
        };
        let at = first_use.or(parts.first().map(|part| part.at)).unwrap_or(invoice.at);
        let detail = match self.parts {
            Parts::OfEachRate => {
                format!("The tax by category (BG-23) and what is taxed do not both have `{}`.", self.code)
            }
            Parts::One => format!("The tax by category (BG-23) must have `{}` once.", self.code),
        };
        verdict.rule(holds, &self.rule("01"), at, &detail);
    }

    /// Rules 02 to 04: identifiers that must be there, or must not.
    fn identifiers(&self, invoice: &Group<'_>, at: Element<'_>, rule: &str, verdict: &mut Verdict<'_>) {
        let represented = invoice.groups("BG-11").any(|representative| representative.has("BT-63"));
        let seller_vat = invoice.has("BT-31") || represented;
        let seller = seller_vat || invoice.has("BT-32");
        let buyer_vat = invoice.has("BT-48");
        let (holds, wanted) = match self.identifiers {
            Identifiers::Seller => (seller, "the seller's VAT or tax registration (BT-31, BT-32), or BT-63"),
            Identifiers::SellerVat => (seller_vat, "the seller's VAT identifier (BT-31), or BT-63"),
            Identifiers::SellerAndBuyer => (
                seller && (buyer_vat || invoice.has("BT-47")),
                "the seller's registration (BT-31, BT-32 or BT-63) and the buyer's (BT-48 or BT-47)",
            ),
            Identifiers::SellerVatAndBuyerVat => {
                (seller_vat && buyer_vat, "the seller's VAT identifier (BT-31 or BT-63) and the buyer's (BT-48)")
            }
            Identifiers::NoVat => (!seller_vat && !buyer_vat, "that there is no VAT identifier (BT-31, BT-63, BT-48)"),
        };
        verdict.rule(holds, &self.rule(rule), at, &format!("The category `{}` asks for {wanted}.", self.code));
    }

    /// Rules 05 to 07: the rate of what is taxed.
    fn rate(&self, used: &Group<'_>, term: &str, rule: &str, verdict: &mut Verdict<'_>) {
        let rate = used.number(term);
        let (holds, wanted) = match self.rate {
            Rate::AboveNought => (rate.is_some_and(|rate| rate > Decimal::ZERO), "a rate above 0"),
            Rate::NoughtOrAbove => (rate.is_some_and(|rate| rate >= Decimal::ZERO), "a rate of 0 or above"),
            Rate::Nought => (rate.is_some_and(Decimal::is_zero), "the rate 0"),
            Rate::None => (!used.has(term), "that there is no rate"),
        };
        verdict.rule(
            holds,
            &self.rule(rule),
            used.place(term),
            &format!("`{}` asks for {wanted} ({term}).", self.code),
        );
    }

    /// Rules 08 to 10: what is taxable, how much the tax is, and why it is not due.
    fn part(&self, invoice: &Group<'_>, part: &Group<'_>, verdict: &mut Verdict<'_>) {
        let (basis, tax, rate) = (part.number("BT-116"), part.number("BT-117"), part.number("BT-119"));
        let by_rate = self.parts == Parts::OfEachRate;
        let taxable = |(group, code, rate_term, amount, ..): (&str, &str, &str, &str, &str, &str)| {
            let groups = of(invoice, group, code, self.code);
            total(groups.filter(|used| !by_rate || used.number(rate_term) == rate), amount)
        };
        let [lines, allowances, charges] = USES.map(taxable);
        if let (Some(basis), Some(lines), Some(allowances), Some(charges)) = (basis, lines, allowances, charges) {
            let expected = lines - allowances + charges;
            // Where there are several rates, rounding may have gone either way; the published rules allow less than one.
            let holds = if by_rate { is_near(basis, expected) } else { basis == expected };
            let detail = format!("What is taxable (BT-116) is {basis}; lines, allowances and charges make {expected}.");
            verdict.rule(holds, &self.rule("08"), part.place("BT-116"), &detail);
        }
        match (self.rate, tax, basis) {
            (Rate::Nought | Rate::None, Some(tax), _) => {
                let detail = format!("The tax (BT-117) of `{}` must be 0.", self.code);
                verdict.rule(tax.is_zero(), &self.rule("09"), part.place("BT-117"), &detail);
            }
            (_, Some(tax), Some(basis)) => {
                let expected = (basis * rate.unwrap_or(Decimal::ZERO)).shifted(2).round(2);
                let detail = format!("The tax (BT-117) is {tax}, and its rate of {basis} is {expected}.");
                verdict.rule(is_near(tax, expected), &self.rule("09"), part.place("BT-117"), &detail);
            }
            _ => {}
        }
        let gives_reason = part.has("BT-120") || part.has("BT-121");
        let detail = match self.is_exempt {
            true => format!("`{}` asks for a reason (BT-120) or its code (BT-121).", self.code),
            false => format!("`{}` has no reason of an exemption (BT-120, BT-121).", self.code),
        };
        verdict.rule(gives_reason == self.is_exempt, &self.rule("10"), part.at, &detail);
    }
}

/// A supply within the Community says when and where to it was delivered.
fn intra_community(invoice: &Group<'_>, verdict: &mut Verdict<'_>) {
    let Some(part) = of(invoice, "BG-23", "BT-118", "K").next() else { return };
    let says_when = invoice.has("BT-72") || invoice.groups("BG-14").next().is_some();
    verdict.rule(says_when, "BR-IC-11", part.at, "`K` asks for the day of delivery (BT-72) or the period (BG-14).");
    verdict.rule(invoice.has("BT-80"), "BR-IC-12", part.at, "`K` asks for the country of delivery (BT-80).");
}

/// What is outside the scope of the tax is not invoiced with what is inside.
fn outside(invoice: &Group<'_>, verdict: &mut Verdict<'_>) {
    if of(invoice, "BG-23", "BT-118", "O").next().is_none() {
        return;
    }
    let places = [
        ("BR-O-11", "BG-23", "BT-118"),
        ("BR-O-12", "BG-25", "BT-151"),
        ("BR-O-13", "BG-20", "BT-95"),
        ("BR-O-14", "BG-21", "BT-102"),
    ];
    for (id, group, term) in places {
        let other = invoice.groups(group).find(|group| group.text(term).is_some_and(|code| code != "O"));
        if let Some(other) = other {
            verdict.rule(false, id, other.place(term), "Where `O` is in the tax by category, nothing else may be.");
        }
    }
}
