//! X12 944, warehouse stock transfer receipt advice: what came in, and what of it was short, over or damaged.

use portgate_sdk::canonical::{Decimal, LineOutcome, Quantity, Reference, StockException, Text, WarehouseEvent};
use portgate_sdk::x12::{Message as Set, Segment};
use portgate_sdk::{Decoded, Finding, Message};

use super::line::Line;
use super::{Advice, day};
use crate::amounts::{self, decimal, measure, quantity};
use crate::codes::{code, scheme};
use crate::details::identifier;
use crate::sets::{beginning, text};

/// The advice of one set.
pub(crate) fn read(message: &Message, set: Set<'_>, decoded: &mut Decoded) {
    let Some(head) = beginning(set, "W17", decoded) else { return };
    let mut advice = Advice::of(WarehouseEvent::Received);
    identification(&mut advice, head, decoded);
    // Whether what comes is of an exception rather than of its line.
    let mut is_exception = false;
    for segment in set.segments() {
        match segment.tag() {
            "ST" | "SE" | "W17" => {}
            "LX" => advice.begin_group(segment),
            "W07" => {
                is_exception = false;
                advice.line(segment, line, decoded);
            }
            "W13" => {
                is_exception = exception(&mut advice, segment, decoded);
            }
            "N9" if is_exception => of_exception(&mut advice, segment, decoded),
            "W14" => total(&mut advice, segment, decoded),
            "G08" => {
                let measures = &mut advice.details.weights.measures;
                advice.pallet_count = amounts::count(segment, 1, "pallet-count", measures, decoded);
                (2..=segment.element_count()).for_each(|n| advice.details.keep_element(segment, n, decoded));
            }
            "MAN" | "PAL" => advice.package(segment, decoded),
            _ if advice.lines.len() > advice.group.first_line => advice.of_line(segment, decoded),
            _ => advice.of_head(segment, decoded),
        }
    }
    advice.lines.iter_mut().for_each(settle);
    let receipt = advice.warehouse_ref.as_deref().map(str::to_owned);
    let order = advice.order_ref.as_deref().or(advice.shipment_id.as_deref()).map(str::to_owned);
    let on = text(head, 2).filter(|_| order.is_some());
    advice.key = if receipt.is_some() { vec![receipt] } else { vec![order, on] };
    advice.finish(message, set, decoded);
}

/// `W17`: what is reported, when it came, and of which receipt, order and shipment.
fn identification(advice: &mut Advice, head: Segment<'_>, decoded: &mut Decoded) {
    advice.report_type = text(head, 1).and_then(|written| code(&written, "X12 514", None));
    advice.occurred_on = day(head, 2, &mut advice.details, decoded);
    advice.warehouse_ref = identifier(head, 3, "number of the receipt", decoded);
    advice.order_ref = identifier(head, 4, "number of the order", decoded);
    advice.shipment_id = identifier(head, 5, "number of the shipment", decoded);
    if let (Some(date), Some(clock)) = (text(head, 2), text(head, 7)) {
        let meaning = text(head, 6).and_then(|written| code(&written, "X12 176", None));
        let meaning = meaning.or_else(|| code("W17-07", "X12 segment", None));
        advice.details.time(meaning, &date, Some(clock), None, head.at(7).to_string(), decoded);
    }
    advice.split(head, 8, 9, decoded);
    advice.details.keep_from(head, 10, decoded);
    if let Some(receipt) = advice.warehouse_ref.as_deref().map(str::to_owned) {
        advice.details.refer("warehouse-receipt", &receipt, head.at(3).to_string(), decoded);
    }
}

/// `W07`: an item, and how much of it came.
fn line(segment: Segment<'_>, line_no: Text<64>, decoded: &mut Decoded) -> Line {
    let mut line = Line::of(segment, line_no);
    line.quantity = quantity(segment, (1, 2), &mut line.details.weights.measures, decoded);
    line.item.case_code(segment, 3, decoded);
    line.item.named(segment, &[4, 6, 10], decoded);
    if line.item.lot.is_none() {
        line.item.lot = identifier(segment, 8, "lot", decoded);
    }
    line.details.keep_element(segment, 9, decoded);
    line.details.keep_from(segment, 12, decoded);
    line
}

/// `W13`: how much of the line is not as it should be, what is wrong, and why. True where it was taken.
fn exception(advice: &mut Advice, segment: Segment<'_>, decoded: &mut Decoded) -> bool {
    let Some(line) = advice.lines.last_mut() else {
        advice.details.keep(segment, decoded);
        return false;
    };
    let quantity = quantity(segment, (1, 2), &mut line.details.weights.measures, decoded);
    let condition = text(segment, 3).and_then(|written| code(&written, "X12 412", None));
    let (Some(quantity), Some(condition)) = (quantity, condition) else {
        line.details.keep(segment, decoded);
        return false;
    };
    let exception = StockException {
        reason: text(segment, 5).and_then(|written| code(&written, "X12 853", None)),
        lot: identifier(segment, 4, "lot", decoded),
        ..StockException::new(quantity, condition)
    };
    line.exceptions.push(exception);
    line.details.keep_from(segment, 6, decoded);
    true
}

/// A name of what is not as it should be; words beside it are the line's.
fn of_exception(advice: &mut Advice, segment: Segment<'_>, decoded: &mut Decoded) {
    let Some(line) = advice.lines.last_mut() else { return };
    let qualifier = text(segment, 1).unwrap_or_default();
    let value = text(segment, 2).unwrap_or_default();
    let reference: Option<Reference> = decoded.reference(segment.at(2), &scheme(&qualifier), &value);
    if let (Some(reference), Some(exception)) = (reference, line.exceptions.last_mut()) {
        exception.references.push(reference);
    }
    line.details.say(segment, 3, (&qualifier, "X12 128"), decoded);
    line.details.keep_from(segment, 4, decoded);
}

/// What was announced and has not come is short; what came beyond it is over. Where the units differ nobody can tell.
fn settle(line: &mut Line) {
    let Some(received) = &line.quantity else { return };
    let sum = |condition: &[&str]| -> Option<Decimal> {
        let of = line.exceptions.iter().filter(|exception| condition.contains(&&*exception.condition.code));
        let mut quantities = of.map(|exception| &exception.quantity).peekable();
        quantities.peek()?;
        let same = quantities.clone().all(|quantity| quantity.unit == received.unit);
        same.then(|| quantities.map(|quantity| quantity.value).sum())
    };
    let (short, over) = (sum(&["02"]), sum(&["03", "12"]));
    if short.is_none() && over.is_none() {
        return;
    }
    let value = short.unwrap_or(Decimal::ZERO) - over.unwrap_or(Decimal::ZERO);
    line.outcome = Some(match () {
        () if value.is_negative() => LineOutcome::Over,
        () if value.is_zero() => LineOutcome::Complete,
        () => LineOutcome::Short,
    });
    line.ordered = Some(Quantity { value: received.value + value, unit: received.unit.clone() });
    line.difference = Some(Quantity { value, unit: received.unit.clone() });
}

/// `W14`: how much came in all, was shipped, and is damaged or held.
fn total(advice: &mut Advice, segment: Segment<'_>, decoded: &mut Decoded) {
    advice.total_quantity = decimal(segment, 1, decoded);
    for (element, kind) in [(2, "shipped-quantity"), (3, "damaged-or-held-quantity"), (5, "lading-quantity")] {
        let number = decimal(segment, element, decoded);
        advice.details.weights.measures.extend(number.and_then(|number| measure(kind, number, None, None)));
    }
    let measures = &mut advice.details.weights.measures;
    advice.package_count = amounts::count(segment, 4, "package-count", measures, decoded);
    advice.details.keep_from(segment, 6, decoded);
    let counted: Decimal =
        advice.lines.iter().filter_map(|line| line.quantity.as_ref()).map(|quantity| quantity.value).sum();
    if let Some(stated) = advice.total_quantity
        && stated != counted
    {
        let detail = format!("The total says {stated}, and the lines hold {counted}; one of them is wrong.");
        decoded.finding(Finding::warning("TOTAL", segment.at(1), detail));
    }
}
