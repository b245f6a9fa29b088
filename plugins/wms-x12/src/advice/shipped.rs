//! X12 945, warehouse shipping advice: what was shipped of what was ordered.

use portgate_sdk::canonical::{Decimal, LineOutcome, Quantity, Text, WarehouseEvent};
use portgate_sdk::x12::{Message as Set, Segment};
use portgate_sdk::{Decoded, Finding, Message};

use super::line::Line;
use super::{Advice, day};
use crate::amounts::{self, decimal, quantity};
use crate::codes::{self, Rest, code};
use crate::details::identifier;
use crate::items::Item;
use crate::sets::{beginning, text};

/// The advice of one set.
pub(crate) fn read(message: &Message, set: Set<'_>, decoded: &mut Decoded) {
    let Some(head) = beginning(set, "W06", decoded) else { return };
    let mut advice = Advice::of(WarehouseEvent::Shipped);
    identification(&mut advice, head, decoded);
    let mut is_detail = false;
    for segment in set.segments() {
        match segment.tag() {
            "ST" | "SE" | "W06" => {}
            "LX" => {
                is_detail = true;
                advice.begin_group(segment);
            }
            "W12" => {
                is_detail = true;
                advice.line(segment, line, decoded);
            }
            "W03" => total(&mut advice, segment, decoded),
            "MAN" | "PAL" => advice.package(segment, decoded),
            _ if is_detail && advice.lines.len() > advice.group.first_line => advice.of_line(segment, decoded),
            _ => advice.of_head(segment, decoded),
        }
    }
    let shipment = advice.shipment_id.as_deref().or(advice.details.referred("transport-document")).map(str::to_owned);
    let order = advice.order_ref.as_deref().or(advice.purchase_order_ref.as_deref()).map(str::to_owned);
    let part = advice.split.as_ref().filter(|split| split.parts != Some(1)).map(|split| split.part.to_string());
    let on = text(head, 3).filter(|_| shipment.is_none() && order.is_some());
    advice.key = vec![order, shipment.or(on), part];
    advice.occurred_on = advice.details.day(&["11"]).cloned().or(advice.occurred_on);
    advice.finish(message, set, decoded);
}

/// `W06`: what is reported, of which order and shipment, and which part of a split order it is.
fn identification(advice: &mut Advice, head: Segment<'_>, decoded: &mut Decoded) {
    advice.report_type = text(head, 1).and_then(|written| code(&written, "X12 514", None));
    advice.order_ref = identifier(head, 2, "number of the order", decoded);
    advice.occurred_on = day(head, 3, &mut advice.details, decoded);
    advice.shipment_id = identifier(head, 4, "number of the shipment", decoded);
    if let Some(agents) = text(head, 5) {
        advice.details.refer("agent-shipment", &agents, head.at(5).to_string(), decoded);
    }
    advice.purchase_order_ref = identifier(head, 6, "number of the customer's order", decoded);
    advice.split(head, 7, 8, decoded);
    advice.details.classify(head, 9, "X12 152");
    advice.details.classify(head, 10, "X12 891");
    advice.details.classify(head, 11, "X12 640");
    let action = text(head, 12);
    advice.purpose = action.as_deref().and_then(codes::purpose_of_action);
    advice.details.classify(head, 12, "X12 306");
    advice.details.keep_from(head, 13, decoded);
}

/// `W12`: an item, how much of it was ordered and shipped, and what becomes of the rest.
fn line(segment: Segment<'_>, line_no: Text<64>, decoded: &mut Decoded) -> Line {
    let by = shift(segment, decoded);
    let at = |element: usize| if element < 7 { element } else { element + by };
    let mut line = Line::of(segment, line_no);
    let measures = &mut line.details.weights.measures;
    line.ordered = text(segment, 2).and_then(|_| quantity(segment, (2, 5), measures, decoded));
    line.quantity = text(segment, 3).and_then(|_| quantity(segment, (3, 5), measures, decoded));
    let status = text(segment, 1);
    let rest = status.as_deref().and_then(codes::rest);
    line.status = status.as_deref().and_then(|written| code(written, "X12 368", None));
    difference(&mut line, segment, rest.as_ref(), decoded);
    line.item.case_code(segment, 6 + by, decoded);
    line.item.named(segment, &[at(7), at(21)], decoded);
    if line.item.lot.is_none() {
        line.item.lot = identifier(segment, at(9), "lot", decoded);
    }
    line.details.weights.weight(segment, at(10), Some(at(11)), at(12), decoded);
    line.details.weights.weight(segment, at(13), Some(at(14)), at(15), decoded);
    let mut other = Item::default();
    other.case_code(segment, at(16), decoded);
    other.named(segment, &[at(17)], decoded);
    match rest {
        Some(Rest::Substituted) => line.ordered_ids = other.into_ids(),
        _ => line.item.ids.extend(other.into_ids()),
    }
    line.reason = text(segment, at(19)).and_then(|written| code(&written, "X12 892", None));
    line.details.keep_element(segment, at(20), decoded);
    line.details.keep_from(segment, at(23), decoded);
    line
}

/// Some systems write one empty element too many before the item's names, so that a name stands where its qualifier should.
fn shift(segment: Segment<'_>, decoded: &mut Decoded) -> usize {
    let is_qualifier = |element| text(segment, element).is_some_and(|code| code.len() == 2);
    let is_moved = text(segment, 6).is_none()
        && text(segment, 7).is_some_and(|name| name.len() == 12)
        && is_qualifier(8)
        && text(segment, 9).is_some();
    if is_moved {
        let detail = "`W12-07` is a name where its qualifier should be; the elements from there on are read one place before \
                      theirs.";
        decoded.finding(Finding::warning("ELEMENTS-MOVED", segment.at(7), detail));
    }
    // The case code stands in the seventh place then, and is read from there.
    usize::from(is_moved)
}

/// How much less was shipped than ordered, and what that means.
fn difference(line: &mut Line, segment: Segment<'_>, rest: Option<&Rest>, decoded: &mut Decoded) {
    let [ordered, shipped] = [&line.ordered, &line.quantity].map(|quantity| quantity.as_ref().map(|of| of.value));
    let stated = decimal(segment, 4, decoded);
    let counted = ordered.zip(shipped).map(|(ordered, shipped)| ordered - shipped);
    if let (Some(counted), Some(stated)) = (counted, stated)
        && counted != stated
        && counted != Decimal::ZERO - stated
    {
        let detail =
            format!("The line says a difference of {stated}, and between ordered and shipped there are {counted}.");
        decoded.finding(Finding::warning("DIFFERENCE", segment.at(4), detail));
        line.details.keep_element(segment, 4, decoded);
    }
    let difference = counted.or(stated);
    let unit = line.quantity.as_ref().or(line.ordered.as_ref()).map(|quantity| quantity.unit.clone());
    line.difference = difference.zip(unit).map(|(value, unit)| Quantity { value, unit });
    line.outcome = codes::outcome(ordered, shipped, stated, rest);
    if let (Some(Rest::None), Some(counted)) = (rest, counted)
        && !counted.is_zero()
    {
        let detail =
            "The line calls itself complete, and not as much was shipped as was ordered; the quantities count.";
        decoded.finding(Finding::warning("STATUS-AND-QUANTITY", segment.at(1), detail));
    }
    if matches!(line.outcome, None | Some(LineOutcome::Short)) && rest.is_none() && line.status.is_some() {
        let detail = "What this status (X12 368) means for the rest of the line is not known; it is kept as it is.";
        decoded.finding(Finding::warning("UNKNOWN-STATUS", segment.at(1), detail));
    }
}

/// `W03`: all units, their weight and volume, and how many packages there are.
fn total(advice: &mut Advice, segment: Segment<'_>, decoded: &mut Decoded) {
    advice.total_quantity = decimal(segment, 1, decoded);
    advice.details.weights.weight(segment, 2, None, 3, decoded);
    advice.details.weights.volume(segment, 4, 5, decoded);
    let measures = &mut advice.details.weights.measures;
    advice.package_count = amounts::count(segment, 6, "package-count", measures, decoded);
    advice.details.keep_element(segment, 7, decoded);
    advice.details.keep_from(segment, 8, decoded);
    let shipped = advice.lines.iter().filter_map(|line| line.quantity.as_ref()).map(|quantity| quantity.value);
    let counted: Decimal = shipped.sum();
    if let Some(stated) = advice.total_quantity
        && stated != counted
    {
        let detail = format!("The total says {stated}, and the lines hold {counted}; one of them is wrong.");
        decoded.finding(Finding::warning("TOTAL", segment.at(1), detail));
    }
}
