//! What must be there: the rules BR-01 to BR-65, BR-DEC, and those of BR-CO that reckon nothing.

use portgate_sdk::canonical::Decimal;
use portgate_sdk::xml::Element;

use super::Verdict;
use crate::terms::Group;

/// Digits of a card's number that may stand in an invoice, of which six are its last (PCI DSS).
const CARD_DIGITS_MAX: usize = 10;

/// The countries that a VAT identifier begins with: ISO 3166-1, `EL` for Greece and `XI` for Northern Ireland.
const COUNTRIES: &str = "1A AD AE AF AG AI AL AM AN AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV \
    BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH EL ER ES ET FI FJ FK FM FO FR GA \
    GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM \
    KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE \
    NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN \
    SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XI XK YE YT \
    ZA ZM ZW";

const INVOICE: &[(&str, &str, &str)] = &[
    ("BR-01", "BT-24", "The specification identifier"),
    ("BR-02", "BT-1", "The number of the invoice"),
    ("BR-03", "BT-2", "The day of issue"),
    ("BR-04", "BT-3", "The type code"),
    ("BR-05", "BT-5", "The currency"),
    ("BR-06", "BT-27", "The seller's name"),
    ("BR-07", "BT-44", "The buyer's name"),
    ("BR-08", "BG-5", "The seller's postal address"),
    ("BR-10", "BG-8", "The buyer's postal address"),
    ("BR-12", "BT-106", "The sum of the lines"),
    ("BR-13", "BT-109", "The total without tax"),
    ("BR-14", "BT-112", "The total with tax"),
    ("BR-15", "BT-115", "The amount due"),
];

const LINE: &[(&str, &str, &str)] = &[
    ("BR-21", "BT-126", "The identifier of the line"),
    ("BR-22", "BT-129", "The invoiced quantity"),
    ("BR-23", "BT-130", "The unit of the invoiced quantity"),
    ("BR-24", "BT-131", "The net amount of the line"),
    ("BR-25", "BT-153", "The item's name"),
    ("BR-26", "BT-146", "The item's net price"),
    ("BR-CO-04", "BT-151", "The item's tax category"),
];

const REPRESENTATIVE: &[(&str, &str, &str)] = &[
    ("BR-18", "BT-62", "The tax representative's name"),
    ("BR-19", "BG-12", "The tax representative's postal address"),
    ("BR-56", "BT-63", "The tax representative's VAT identifier"),
];

/// An allowance or a charge: the terms that it must have, the rules on its reason, and those on its cents.
struct Deduction {
    group: &'static str,
    must_have: &'static [(&'static str, &'static str, &'static str)],
    reason: (&'static str, &'static str),
    reasons: [&'static str; 2],
    cents: &'static [(&'static str, &'static str)],
}

const OF_THE_WHOLE: [Deduction; 2] = [
    Deduction {
        group: "BG-20",
        must_have: &[("BR-31", "BT-92", "The amount of the allowance"), ("BR-32", "BT-95", "Its tax category")],
        reason: ("BT-97", "BT-98"),
        reasons: ["BR-33", "BR-CO-21"],
        cents: &[("BR-DEC-01", "BT-92"), ("BR-DEC-02", "BT-93")],
    },
    Deduction {
        group: "BG-21",
        must_have: &[("BR-36", "BT-99", "The amount of the charge"), ("BR-37", "BT-102", "Its tax category")],
        reason: ("BT-104", "BT-105"),
        reasons: ["BR-38", "BR-CO-22"],
        cents: &[("BR-DEC-05", "BT-99"), ("BR-DEC-06", "BT-100")],
    },
];

const OF_A_LINE: [Deduction; 2] = [
    Deduction {
        group: "BG-27",
        must_have: &[("BR-41", "BT-136", "The amount of the allowance")],
        reason: ("BT-139", "BT-140"),
        reasons: ["BR-42", "BR-CO-23"],
        cents: &[("BR-DEC-24", "BT-136"), ("BR-DEC-25", "BT-137")],
    },
    Deduction {
        group: "BG-28",
        must_have: &[("BR-43", "BT-141", "The amount of the charge")],
        reason: ("BT-144", "BT-145"),
        reasons: ["BR-44", "BR-CO-24"],
        cents: &[("BR-DEC-27", "BT-141"), ("BR-DEC-28", "BT-142")],
    },
];

pub(super) fn check(invoice: &Group<'_>, verdict: &mut Verdict<'_>) {
    verdict.must_have(invoice, INVOICE);
    verdict.rule(invoice.groups("BG-25").next().is_some(), "BR-16", invoice.at, "The invoice has no line (BG-25).");
    parties(invoice, verdict);
    times(invoice, verdict);
    payment(invoice, verdict);
    deductions(invoice, &OF_THE_WHOLE, verdict);
    for line in invoice.groups("BG-25") {
        self::line(line, verdict);
    }
    for tax in invoice.groups("BG-23") {
        let is_outside = tax.text("BT-118").as_deref() == Some("O");
        verdict.must_have(
            tax,
            &[
                ("BR-45", "BT-116", "The taxable amount"),
                ("BR-46", "BT-117", "The amount of the tax"),
                ("BR-47", "BT-118", "The tax category"),
            ],
        );
        verdict.rule(tax.has("BT-119") || is_outside, "BR-48", tax.at, "The rate of the tax (BT-119) is missing.");
        verdict.cents(tax, &[("BR-DEC-19", "BT-116"), ("BR-DEC-20", "BT-117")]);
    }
    for document in invoice.groups("BG-24") {
        verdict.must_have(document, &[("BR-52", "BT-122", "The number of the supporting document")]);
    }
    for preceding in invoice.groups("BG-3") {
        verdict.must_have(preceding, &[("BR-55", "BT-25", "The number of the preceding invoice")]);
    }
    verdict.cents(
        invoice,
        &[
            ("BR-DEC-09", "BT-106"),
            ("BR-DEC-10", "BT-107"),
            ("BR-DEC-11", "BT-108"),
            ("BR-DEC-12", "BT-109"),
            ("BR-DEC-13", "BT-110"),
            ("BR-DEC-14", "BT-112"),
            ("BR-DEC-15", "BT-111"),
            ("BR-DEC-16", "BT-113"),
            ("BR-DEC-17", "BT-114"),
            ("BR-DEC-18", "BT-115"),
        ],
    );
}

fn parties(invoice: &Group<'_>, verdict: &mut Verdict<'_>) {
    for (id, address, country) in [("BR-09", "BG-5", "BT-40"), ("BR-11", "BG-8", "BT-55"), ("BR-57", "BG-15", "BT-80")]
    {
        let holds = !invoice.has(address) || invoice.has(country);
        verdict.rule(holds, id, invoice.place(address), "The postal address names no country.");
    }
    for (id, address, scheme) in [("BR-62", "BT-34", "BT-34-1"), ("BR-63", "BT-49", "BT-49-1")] {
        let holds = !invoice.has(address) || invoice.has(scheme);
        verdict.rule(holds, id, invoice.place(address), "The electronic address does not say in which scheme it is.");
    }
    for payee in invoice.groups("BG-10") {
        verdict.must_have(payee, &[("BR-17", "BT-59", "The payee's name")]);
    }
    for representative in invoice.groups("BG-11") {
        verdict.must_have(representative, REPRESENTATIVE);
        let holds = !representative.has("BG-12") || representative.has("BT-69");
        verdict.rule(holds, "BR-20", representative.place("BG-12"), "The postal address names no country.");
        vat_identifier(representative, "BT-63", verdict);
    }
    vat_identifier(invoice, "BT-31", verdict);
    vat_identifier(invoice, "BT-48", verdict);
    let is_identified = ["BT-29", "BT-30", "BT-31"].iter().any(|term| invoice.has(term));
    verdict.rule(
        is_identified,
        "BR-CO-26",
        invoice.place("BG-4"),
        "The seller has no identifier (BT-29), legal registration (BT-30) or VAT identifier (BT-31).",
    );
}

fn vat_identifier(group: &Group<'_>, term: &str, verdict: &mut Verdict<'_>) {
    for element in group.elements(term) {
        let identifier = element.text().unwrap_or_default();
        let known = identifier.get(..2).is_some_and(|country| COUNTRIES.split_whitespace().any(|code| code == country));
        verdict.rule(known, "BR-CO-09", element, "The VAT identifier does not begin with the code of a country.");
    }
}

fn times(invoice: &Group<'_>, verdict: &mut Verdict<'_>) {
    let both = invoice.has("BT-7") && invoice.has("BT-8");
    verdict.rule(
        !both,
        "BR-CO-03",
        invoice.place("BT-7"),
        "Say either the tax point's date (BT-7) or its code (BT-8).",
    );
    for period in invoice.groups("BG-14") {
        in_order(period, ("BR-29", "BT-73", "BT-74"), verdict);
        let is_filled = ["BT-73", "BT-74"].iter().any(|term| period.has(term)) || invoice.has("BT-8");
        verdict.rule(is_filled, "BR-CO-19", period.at, "The invoicing period has neither its first nor its last day.");
    }
}

/// The last day is not before the first; days of either syntax are in order as their texts are.
fn in_order(period: &Group<'_>, (id, start, end): (&str, &str, &str), verdict: &mut Verdict<'_>) {
    if let (Some(first), Some(last)) = (period.text(start), period.text(end)) {
        verdict.rule(first <= last, id, period.place(end), "The last day of the period is before its first.");
    }
}

fn payment(invoice: &Group<'_>, verdict: &mut Verdict<'_>) {
    for means in invoice.groups("BG-16") {
        verdict.must_have(means, &[("BR-49", "BT-81", "The code of the payment means")]);
        let is_transfer = matches!(means.text("BT-81").as_deref(), Some("30" | "58"));
        let holds = !is_transfer || means.has("BT-84");
        verdict.rule(holds, "BR-61", means.at, "A credit transfer must say to which account (BT-84) it goes.");
        let holds = !means.has("BG-17") || means.has("BT-84");
        verdict.rule(holds, "BR-50", means.place("BG-17"), "The account has no identifier (BT-84).");
        let card = means.text("BT-87").unwrap_or_default();
        let detail = "Of a card no more than the first 6 and the last 4 digits may be told; keep the others out.";
        verdict.advice(card.chars().count() <= CARD_DIGITS_MAX, "BR-51", means.place("BT-87"), detail);
    }
    for currency in invoice.elements("BT-6") {
        verdict.rule(
            invoice.has("BT-111"),
            "BR-53",
            currency,
            "The tax in the accounting currency (BT-111) is missing.",
        );
    }
    let owes = invoice.number("BT-115").is_some_and(|due| due > Decimal::ZERO);
    let says_when = invoice.has("BT-9") || invoice.has("BT-20");
    let detail = "Something is to be paid, and neither a due date (BT-9) nor terms (BT-20) say when.";
    let (holds, at) = (!owes || says_when, invoice.place("BT-115"));
    // A credit note in UBL has no due date, and published ones have no terms: its buyer pays nothing.
    match invoice.at.name() == "CreditNote" || invoice.text("BT-3").as_deref() == Some("381") {
        true => verdict.advice(holds, "BR-CO-25", at, detail),
        false => verdict.rule(holds, "BR-CO-25", at, detail),
    }
}

fn deductions(group: &Group<'_>, kinds: &[Deduction], verdict: &mut Verdict<'_>) {
    for kind in kinds {
        for deduction in group.groups(kind.group) {
            verdict.must_have(deduction, kind.must_have);
            let has_reason = deduction.has(kind.reason.0) || deduction.has(kind.reason.1);
            for id in kind.reasons {
                verdict.rule(has_reason, id, deduction.at, "Neither a reason nor its code says what it is for.");
            }
            verdict.cents(deduction, kind.cents);
        }
    }
}

fn line(line: &Group<'_>, verdict: &mut Verdict<'_>) {
    verdict.must_have(line, LINE);
    for (id, term) in [("BR-27", "BT-146"), ("BR-28", "BT-148")] {
        let is_negative = line.number(term).is_some_and(|price| price.is_negative());
        verdict.rule(!is_negative, id, line.place(term), "A price is not below zero; let the quantity be.");
    }
    let with_scheme = |id: &str, term: &str, scheme: &str, verdict: &mut Verdict<'_>| {
        let without = |element: &Element<'_>| !line.elements(scheme).any(|scheme| scheme == *element);
        for element in line.elements(term).filter(without) {
            verdict.rule(false, id, element, "The identifier does not say in which scheme it is.");
        }
    };
    with_scheme("BR-64", "BT-157", "BT-157-1", verdict);
    with_scheme("BR-65", "BT-158", "BT-158-1", verdict);
    for property in line.groups("BG-32") {
        let is_whole = property.has("BT-160") && property.has("BT-161");
        verdict.rule(is_whole, "BR-54", property.at, "A property of an item has a name (BT-160) and a value (BT-161).");
    }
    for period in line.groups("BG-26") {
        in_order(period, ("BR-30", "BT-134", "BT-135"), verdict);
        let is_filled = period.has("BT-134") || period.has("BT-135");
        verdict.rule(is_filled, "BR-CO-20", period.at, "The line's period has neither its first nor its last day.");
    }
    deductions(line, &OF_A_LINE, verdict);
    verdict.cents(line, &[("BR-DEC-23", "BT-131")]);
}
