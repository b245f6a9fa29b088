//! X12 947, warehouse inventory adjustment advice: how stock was put right, and why.

use portgate_sdk::canonical::{Text, WarehouseEvent};
use portgate_sdk::x12::{Message as Set, Segment};
use portgate_sdk::{Decoded, Message};

use super::line::Line;
use super::{Advice, day};
use crate::amounts::quantity;
use crate::codes::{self, code};
use crate::details::identifier;
use crate::sets::{beginning, text};

/// The advice of one set.
pub(crate) fn read(message: &Message, set: Set<'_>, decoded: &mut Decoded) {
    let Some(head) = beginning(set, "W15", decoded) else { return };
    let mut advice = Advice::of(WarehouseEvent::Adjusted);
    identification(&mut advice, head, decoded);
    for segment in set.segments() {
        match segment.tag() {
            "ST" | "SE" | "W15" => {}
            "LX" => advice.begin_group(segment),
            "W19" => {
                advice.line(segment, line, decoded);
            }
            "MAN" | "PAL" => advice.package(segment, decoded),
            _ if advice.lines.len() > advice.group.first_line => advice.of_line(segment, decoded),
            _ => advice.of_head(segment, decoded),
        }
    }
    let ours = advice.details.referred("depositor-adjustment").map(str::to_owned);
    advice.key = match &advice.warehouse_ref {
        Some(warehouses) => vec![Some(warehouses.to_string())],
        None => vec![ours.as_ref().map(|_| "depositor".to_owned()), ours],
    };
    advice.finish(message, set, decoded);
}

/// `W15`: when, and which adjustment it is to the warehouse and to the owner of the goods.
fn identification(advice: &mut Advice, head: Segment<'_>, decoded: &mut Decoded) {
    advice.occurred_on = day(head, 1, &mut advice.details, decoded);
    advice.warehouse_ref = identifier(head, 2, "number of the adjustment", decoded);
    for (element, scheme) in [(2, "warehouse-adjustment"), (3, "depositor-adjustment")] {
        if let Some(number) = text(head, element) {
            advice.details.refer(scheme, &number, head.at(element).to_string(), decoded);
        }
    }
    advice.purpose = text(head, 4).as_deref().and_then(codes::purpose);
    advice.purpose = advice.purpose.or_else(|| text(head, 6).as_deref().and_then(codes::purpose_of_action));
    if !matches!(text(head, 4).as_deref(), Some("00" | "01")) {
        advice.details.classify(head, 4, "X12 353");
    }
    advice.details.classify(head, 5, "X12 640");
    advice.details.classify(head, 6, "X12 306");
    advice.details.keep_from(head, 7, decoded);
}

/// `W19`: why, and by how much the stock of which item changed.
fn line(segment: Segment<'_>, line_no: Text<64>, decoded: &mut Decoded) -> Line {
    let mut line = Line::of(segment, line_no);
    line.reason = text(segment, 1).and_then(|written| code(&written, "X12 181", None));
    line.quantity = quantity(segment, (2, 3), &mut line.details.weights.measures, decoded);
    line.item.case_code(segment, 4, decoded);
    line.item.named(segment, &[5, 7, 17], decoded);
    if line.item.lot.is_none() {
        line.item.lot = identifier(segment, 9, "lot", decoded);
    }
    line.details.weights.weight(segment, 10, Some(11), 12, decoded);
    line.details.weights.weight(segment, 13, Some(14), 15, decoded);
    line.status = text(segment, 16).and_then(|written| code(&written, "X12 529", None));
    line.details.keep_from(segment, 19, decoded);
    line
}
