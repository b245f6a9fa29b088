//! What a carriage costs, by the `L1` of an X12 310: an amount with two digits behind a point that is not written, and its currency
//! in the `C3` behind it, else in that of the set.

use portgate_sdk::canonical::{
    Code, CostBasis, CostKind, CostType, Currency, Decimal, LandedCostEvent, Money, RateType, Text,
};
use portgate_sdk::x12::{Message as Set, Segment};

use crate::notes::Notes;
use crate::x12_head::Head;
use crate::x12_measure::number;

/// Adds a cost for each `L1` that has an amount.
pub(crate) fn events(set: Set<'_>, begin: Segment<'_>, head: &Head<'_>, notes: &mut Notes) {
    let segments: Vec<Segment<'_>> = set.segments().collect();
    let of_set = segments.iter().take_while(|segment| segment.tag() != "LX").find(|segment| segment.tag() == "C3");
    let mut sum = Decimal::ZERO;
    let mut charges = 0;
    let mut currencies: Vec<Currency> = Vec::new();
    for (index, charge) in segments.iter().enumerate().filter(|(_, segment)| segment.tag() == "L1") {
        let Some(amount) = hundredths(*charge, 4, notes) else { continue };
        charges += 1;
        let next = segments.get(index + 1).filter(|segment| segment.tag() == "C3");
        let Some(currency) = next.or(of_set).and_then(|money| currency(*money, notes)) else {
            notes.error(
                "CURRENCY",
                charge.at(4),
                "The charge has no currency: neither a `C3` behind it nor one of the set.",
            );
            return;
        };
        sum = sum + amount;
        if !currencies.contains(&currency) {
            currencies.push(currency.clone());
        }
        if let Some(event) = event(*charge, charges, Money { amount, currency }, head, notes) {
            notes.document(&event);
        }
    }
    let total = hundredths(begin, 7, notes).unwrap_or_default();
    // Amounts of several currencies have no sum.
    if currencies.len() == 1 && !total.is_zero() && total != sum {
        let detail = format!("The invoice is of {total}, and its charges are {sum} in all; find out what is missing.");
        notes.warning("TOTAL", begin.at(7), detail);
    }
}

fn event(
    charge: Segment<'_>,
    nth: usize,
    amount: Money,
    head: &Head<'_>,
    notes: &mut Notes,
) -> Option<LandedCostEvent> {
    let Some(invoiced_at) = head.invoiced_at.clone() else {
        notes.error("MISSING", charge.location(), "The invoice has no date (`B3-06`); say when the charges arose.");
        return None;
    };
    let written = charge.element(8);
    let code = match &written {
        Some(code) => notes.identifier(charge.at(8), "code of the charge", Some(code))?,
        None => Text::new("UNSPECIFIED").ok()?,
    };
    let words = notes.free_text(charge.at(12), "charge in words", charge.element(12).as_deref());
    let code = Code { code, code_list: Text::new("X12 150").ok()?, source_code: words };
    let name: Text<128> =
        notes.identifier(charge.location(), "key of the charge", Some(&format!("{}|{nth}", head.invoice)))?;
    let source = head.message.source(head.message_id.clone(), head.written_at.clone());
    let mut event = LandedCostEvent::new(
        name.clone(),
        head.version.clone(),
        source,
        cost_type(written.as_deref()),
        code,
        CostKind::Invoiced,
        amount,
        invoiced_at,
        name,
    );
    event.references = head.references.clone();
    event.shipment_id = Some(head.shipment_id.clone());
    event.basis = basis(charge, notes);
    Some(event)
}

/// What a charge is for, by the codes of element 150 and those that ocean carriers write for it.
fn cost_type(code: Option<&str>) -> CostType {
    match code {
        None | Some("BAS" | "COF" | "OCF" | "OFT" | "FRT" | "400" | "BAF" | "BSC" | "BUA" | "FUE" | "CAF" | "PSS") => {
            CostType::Freight
        }
        Some("INS") => CostType::Insurance,
        Some("STO" | "STR" | "DEM" | "DET") => CostType::Storage,
        Some(_) => CostType::Other,
    }
}

/// The rate (`L1-02`) and what it is reckoned on (`L1-17`). A flat charge (`FC`) is its own amount.
fn basis(charge: Segment<'_>, notes: &mut Notes) -> Option<CostBasis> {
    let rate_type = match charge.element(3).as_deref() {
        Some("FC") | None => return None,
        Some("PC") => RateType::AdValorem,
        Some(_) => RateType::Specific,
    };
    let rate = charge.element(2).and_then(|_| number(charge, 2, notes))?;
    let mut basis = CostBasis::new(rate_type);
    basis.rate = Some(rate);
    basis.quantity = charge.element(17).and_then(|_| number(charge, 17, notes));
    Some(basis)
}

/// An amount whose last two digits are behind the point; one that is written with its point is taken as it is.
fn hundredths(segment: Segment<'_>, element: usize, notes: &mut Notes) -> Option<Decimal> {
    let written = segment.element(element)?;
    let amount = number(segment, element, notes)?;
    if written.contains('.') {
        notes.info("WRITTEN-POINT", segment.at(element), "The amount is written with its point; it is taken as it is.");
        return Some(amount);
    }
    Some(amount.shifted(2))
}

fn currency(money: Segment<'_>, notes: &mut Notes) -> Option<Currency> {
    let currency = Currency::new(money.element(1)?.trim());
    if currency.is_err() {
        notes.warning("CURRENCY", money.at(1), "The currency is no code of three capital letters.");
    }
    currency.ok()
}
