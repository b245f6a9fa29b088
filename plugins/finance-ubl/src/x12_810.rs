//! X12 810, the invoice, of the editions 003010 to 005010 and later: one `commercial-invoice` for each transaction set.

mod fields;
mod line;

use portgate_sdk::canonical::{
    Charge, Code, Currency, Date, Decimal, Incoterm, IncotermCode, InvoiceTax, Money, Party, PaymentTerm,
};
use portgate_sdk::x12::{self, Interchange, Limits, Message as Set, Segment};
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection};

use crate::edi::{Draft, no_segment, remark, required, text};
use crate::invoice::{TYPES, refer};
use crate::notes::{Notes, code, short, text as constant};
use fields::{date, implied};

/// The currency where a set names none: 810 is an American format.
const CURRENCY: &str = "USD";

/// The invoices of an interchange, with the acknowledgement that was agreed.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let interchange = Interchange::parse(&message.body, &Limits::default())?;
    x12::reply(message, &interchange, invoices(message, &interchange))
}

fn invoices(message: &Message, interchange: &Interchange<'_>) -> Result<Decoded, Rejection> {
    let mut notes = Notes::default();
    for anomaly in interchange.anomalies() {
        notes.finding(anomaly.clone());
    }
    for set in interchange.messages() {
        if notes.are_overfull() {
            break;
        }
        notes.part(set.location(), set.reference().unwrap_or_default());
        match (set.broken(), set.kind().as_deref()) {
            (Some(broken), _) => notes.finding(broken),
            (None, Some("810") | None) => read(set, message, &mut notes),
            (None, Some(other)) => {
                let detail =
                    format!("This is a transaction set `{}`; only 810 is taken under this contract.", short(other));
                notes.finding(Finding::error("NOT-AN-INVOICE", set.location(), detail).because(Mistake::Unsupported));
            }
        }
        if notes.is_part_refused() {
            set.pass_over();
        }
    }
    notes.end_part();
    if notes.are_empty() {
        notes.error("NO-INVOICE", "segment 1", "The interchange holds no transaction set 810; send at least one.");
    }
    notes.finish()
}

/// Which loop the segments belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Loop {
    Header,
    Party,
    Line,
    LineParty,
    Summary,
}

fn read(set: Set<'_>, message: &Message, notes: &mut Notes) {
    let Some(begin) = set.first("BIG") else {
        return no_segment("BIG", set.location(), "says which invoice it is", notes);
    };
    let mut draft = Draft { currency: currency(set, message, notes), ..Draft::default() };
    notes.amounts_are_in(draft.currency.clone());
    self::begin(begin, &mut draft, notes);
    let (mut at, mut party, mut line) = (Loop::Header, None::<Party>, None::<line::Line>);
    for segment in set.segments() {
        // A party ends where the next one begins, or what is not of it.
        let is_of_party = matches!(segment.tag(), "N2" | "N3" | "N4" | "REF" | "PER");
        if matches!(at, Loop::Party | Loop::LineParty) && !is_of_party {
            match (at, &mut line) {
                (Loop::LineParty, Some(line)) => line.line.parties.extend(party.take()),
                _ => draft.parties.extend(party.take()),
            }
            at = if at == Loop::LineParty { Loop::Line } else { Loop::Header };
        }
        match segment.tag() {
            "IT1" => {
                draft.lines.extend(line.take().and_then(|line| line.finish(notes)));
                line = line::begin(segment, draft.lines.len() + 1, notes);
                at = Loop::Line;
            }
            "TDS" => {
                draft.lines.extend(line.take().and_then(|line| line.finish(notes)));
                at = Loop::Summary;
                total(segment, &mut draft, notes);
            }
            "N1" => {
                at = if at == Loop::Line { Loop::LineParty } else { Loop::Party };
                party = fields::party(segment, notes);
                if party.is_none() {
                    notes.warning(
                        "UNKNOWN-PARTY",
                        segment.at(1),
                        "The party does not say which part it plays; it is left out.",
                    );
                }
            }
            "N2" | "N3" | "N4" | "PER" => fields::of_party(segment, party.as_mut(), &mut draft, notes),
            "REF" => match (at, &mut party, &mut line) {
                (Loop::Party | Loop::LineParty, Some(party), _) => fields::identifier(segment, party, notes),
                (Loop::Line, _, Some(line)) => line.reference(segment, notes),
                _ => refer(&mut draft.references, fields::reference(segment, notes)),
            },
            "SAC" => match (at, &mut line) {
                (Loop::Line, Some(line)) => line.line.charges.extend(charge(segment, notes)),
                _ => draft.charges.extend(charge(segment, notes)),
            },
            "TXI" => match (at, &mut line) {
                (Loop::Line, Some(line)) => line.line.taxes.push(tax(segment, notes)),
                _ => draft.taxes.push(tax(segment, notes)),
            },
            "ITD" => draft.terms.extend(terms(segment, &mut draft.due_date, notes)),
            "DTM" => match (at, &mut line) {
                (Loop::Line, Some(line)) => line.day(segment, notes),
                _ => day(segment, &mut draft, notes),
            },
            "NTE" | "MSG" => {
                let words = text(segment, if segment.tag() == "NTE" { 2 } else { 1 }, 1);
                draft.notes.extend(words.as_deref().and_then(remark));
            }
            "FOB" => delivery_terms(segment, &mut draft),
            "CAD" | "ISS" | "AMT" | "BAL" | "INC" => draft.notes.extend(fields::in_words(segment)),
            "CTT" => {
                let lines = text(segment, 1, 1).and_then(|count| count.parse::<usize>().ok());
                if lines.is_some_and(|lines| lines != draft.lines.len()) && !notes.is_part_refused() {
                    let detail = format!("`CTT` counts other lines than the {} that are there.", draft.lines.len());
                    notes.warning("LINE-COUNT", segment.at(1), detail);
                }
            }
            _ => {
                if let (Loop::Line, Some(line)) = (at, &mut line) {
                    line.more(segment, notes);
                }
            }
        }
    }
    draft.lines.extend(line.take().and_then(|line| line.finish(notes)));
    if draft.sums.payable.is_none() && !notes.is_part_refused() {
        return no_segment("TDS", set.location(), "says how much is to be paid", notes);
    }
    let invoice = draft.finish(message, begin.location(), notes);
    if let Some(invoice) = invoice.filter(|_| !notes.is_part_refused()) {
        notes.document(&invoice);
    }
}

/// The currency of a set: `CUR`, or what was agreed, or the dollar.
fn currency(set: Set<'_>, message: &Message, notes: &mut Notes) -> Option<Currency> {
    if let Some((segment, named)) = set.first("CUR").and_then(|segment| Some((segment, text(segment, 2, 1)?))) {
        return notes.valid(segment.at(2), Currency::new(named));
    }
    let agreed = message.agreement.as_ref().and_then(|agreement| agreement.setting("currency"));
    if agreed.is_none() {
        let detail = "The set names no currency; US dollars are taken. Agree on another with the setting `currency`.";
        notes.warning("CURRENCY-ASSUMED", set.location(), detail);
    }
    notes.valid(set.location(), Currency::new(agreed.unwrap_or(CURRENCY)))
}

/// `BIG`: which invoice it is, of which order.
fn begin(segment: Segment<'_>, draft: &mut Draft, notes: &mut Notes) {
    draft.issue_date = required(segment, 1, "day of issue", notes).and_then(|day| date(&day, segment.at(1), notes));
    draft.number = required(segment, 2, "number of the invoice", notes)
        .and_then(|number| notes.identifier(segment.at(2), "number of the invoice", &number));
    for (element, scheme) in [(4, "order"), (5, "order-release"), (6, "order-change")] {
        let reference =
            text(segment, element, 1).and_then(|value| notes.reference_at(segment.at(element), scheme, &value));
        refer(&mut draft.references, reference);
    }
    if let Some(day) = text(segment, 3, 1) {
        draft
            .notes
            .extend(date(&day, segment.at(3), notes).and_then(|day| remark(&format!("Date of the order: {day}"))));
    }
    // What kind of invoice it is (640).
    let own = text(segment, 7, 1);
    let kind = match own.as_deref() {
        Some("CR" | "CN") => "381",
        Some("DR") => "383",
        _ => "380",
    };
    let source_code = own.and_then(|own| notes.identifier(segment.at(7), "type of the transaction", &own));
    draft.type_code = Some(Code { source_code, ..code(constant(kind), TYPES) });
    if text(segment, 8, 1).as_deref() == Some("01") {
        let detail = "The set cancels an invoice, for which there is no document; send a credit memo.";
        notes.error("CANCELLATION", segment.at(8), detail);
    }
    if let Some(purpose) = text(segment, 8, 1).filter(|purpose| purpose != "00") {
        let detail =
            format!("The purpose of the set is `{}`, not an original (00); look what it changes.", short(&purpose));
        notes.warning("PURPOSE", segment.at(8), detail);
    }
}

/// `TDS`: the sums, with two decimal places that are not written.
fn total(segment: Segment<'_>, draft: &mut Draft, notes: &mut Notes) {
    let mut sum = |element: usize| -> Option<Money> {
        let amount = implied(&text(segment, element, 1)?, segment.at(element), notes)?;
        notes.amount(segment.at(element), amount, None)
    };
    draft.sums.payable = sum(1);
    // What a discount is reckoned on, what is paid with it, and the discount itself.
    let (basis, discounted, discount) = (sum(2), sum(3), sum(4));
    if let Some(discounted) = discounted {
        draft
            .notes
            .extend(remark(&format!("With the discount {} {} is to be paid", discounted.amount, discounted.currency)));
    }
    let first = draft.terms.first_mut();
    match first {
        Some(terms) => {
            terms.discount_basis = terms.discount_basis.take().or(basis);
            terms.discount_amount = terms.discount_amount.take().or(discount);
        }
        None if basis.is_some() || discount.is_some() => {
            draft.terms.push(PaymentTerm {
                discount_basis: basis,
                discount_amount: discount,
                ..PaymentTerm::default()
            });
        }
        None => {}
    }
}

/// `SAC`: an allowance or charge; its amount has two decimal places that are not written.
fn charge(segment: Segment<'_>, notes: &mut Notes) -> Option<Charge> {
    let indicator = text(segment, 1, 1).unwrap_or_default();
    let amount = text(segment, 5, 1).and_then(|amount| implied(&amount, segment.at(5), notes));
    let reason = text(segment, 15, 1).and_then(|words| notes.free_text(segment.at(15), "description", &words));
    // A service that costs nothing, or is only named, lowers and raises nothing.
    let amount = match (&*indicator, amount) {
        ("A", Some(amount)) => Decimal::ZERO - amount,
        (_, Some(amount)) => amount,
        (_, None) => Decimal::ZERO,
    };
    let known = text(segment, 2, 1).and_then(|own| notes.identifier(segment.at(2), "code", &own));
    let agency = text(segment, 4, 1).and_then(|own| notes.identifier::<64>(segment.at(4), "code of the agency", &own));
    let list = if known.is_some() { "X12 1300" } else { "X12 559" };
    let percent = text(segment, 7, 1).and_then(|percent| notes.number(segment.at(7), &percent));
    Some(Charge {
        included_in_price: (indicator == "N").then_some(true),
        reason,
        percent,
        ..Charge::new(
            code(known.or(agency).unwrap_or_else(|| constant("UNMAPPED")), list),
            notes.amount(segment.at(5), amount, None)?,
        )
    })
}

/// `TXI`: a tax.
fn tax(segment: Segment<'_>, notes: &mut Notes) -> InvoiceTax {
    let kind = text(segment, 1, 1).filter(|kind| kind != "VA");
    let tax_type = kind.and_then(|kind| Some(code(notes.identifier(segment.at(1), "kind of tax", &kind)?, "X12 963")));
    let mut number =
        |element: usize| text(segment, element, 1).and_then(|text| notes.number(segment.at(element), &text));
    let (amount, rate, basis) = (number(2), number(3), number(8));
    // 954 is a percentage as a decimal: 0.0825 for 8.25. Those who write 8.25 mean the same.
    let rate = rate.map(|rate| if rate <= Decimal::from(1) { rate * Decimal::from(100) } else { rate });
    InvoiceTax {
        tax_type,
        rate,
        amount: amount.and_then(|amount| notes.amount(segment.at(2), amount, None)),
        basis: basis.and_then(|basis| notes.amount(segment.at(8), basis, None)),
        exemption_reason: text(segment, 6, 1)
            .filter(|exempt| exempt != "2" && exempt != "0")
            .and_then(|exempt| notes.free_text(segment.at(6), "exemption", &format!("X12 441: {exempt}"))),
        ..InvoiceTax::default()
    }
}

/// `ITD`: when to pay, and what for paying early. The first due date is the invoice's.
fn terms(segment: Segment<'_>, due_date: &mut Option<Date>, notes: &mut Notes) -> Option<PaymentTerm> {
    let kind = text(segment, 1, 1).and_then(|kind| notes.identifier(segment.at(1), "kind of terms", &kind));
    let mut day = |element: usize| text(segment, element, 1).and_then(|day| date(&day, segment.at(element), notes));
    let (discount_date, due) = (day(4), day(6));
    let days = |element: usize| text(segment, element, 1).and_then(|days| days.parse::<u32>().ok());
    let percent = text(segment, 3, 1).and_then(|percent| notes.number(segment.at(3), &percent));
    let amount = text(segment, 8, 1).and_then(|amount| implied(&amount, segment.at(8), notes));
    if due_date.is_none() {
        due_date.clone_from(&due);
    }
    let words: Vec<String> = [
        text(segment, 2, 1).map(|basis| format!("X12 333: {basis}")),
        text(segment, 12, 1),
        text(segment, 13, 1).map(|day| format!("Day of the month: {day}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    Some(PaymentTerm {
        text: notes.free_text(segment.at(12), "terms of payment", &words.join("; ")),
        kind: kind.map(|kind| code(kind, "X12 336")),
        due_date: due,
        days: days(7),
        discount_percent: percent,
        discount_amount: amount.and_then(|amount| notes.amount(segment.at(8), amount, None)),
        discount_basis: None,
        discount_date,
        discount_days: days(5),
    })
}

/// `DTM`: a day, by its qualifier (374).
fn day(segment: Segment<'_>, draft: &mut Draft, notes: &mut Notes) {
    let (Some(qualifier), Some(written)) = (text(segment, 1, 1), text(segment, 2, 1)) else { return };
    let Some(day) = date(&written, segment.at(2), notes) else { return };
    match &*qualifier {
        "003" if draft.issue_date.is_none() => draft.issue_date = Some(day),
        "003" => {}
        "035" | "002" | "017" => draft.delivery_date = Some(day),
        "150" | "186" => draft.period.start = Some(day),
        "151" | "187" => draft.period.end = Some(day),
        "011" => draft.notes.extend(remark(&format!("Shipped: {day}"))),
        other => draft.notes.extend(remark(&format!("X12 374 {other}: {day}"))),
    }
}

/// `FOB`: terms of delivery where they are Incoterms, and who pays the freight.
fn delivery_terms(segment: Segment<'_>, draft: &mut Draft) {
    let term = text(segment, 5, 1).filter(|_| text(segment, 4, 1).as_deref() == Some("01"));
    let term = term.and_then(|term| serde_json::from_value::<IncotermCode>(term.to_ascii_uppercase().into()).ok());
    if let Some(code) = term {
        draft.incoterm = Some(Incoterm::new(code));
    }
    draft.notes.extend(fields::in_words(segment));
}
