//! A fulfilment order, the shop's request to send what a location has of an order, becomes a canonical fulfilment that is not
//! done yet; that it is held or let go becomes a milestone.
//!
//! The shop tells of what happened to it with as little as its id and status, and sometimes of two: the one that was and the one
//! that is. Each is a part of the message. Its id is marked `order-`, for fulfilments are counted by themselves.

use portgate_sdk::canonical::{
    Classifier, Code, Decimal, EventType, Fulfilment, FulfilmentHold, FulfilmentLine, FulfilmentStatus, Milestone,
    MilestoneCode, Quantity, Reason, Reference, Text, Timestamp,
};
use portgate_sdk::{Decoded, Message, Rejection};
use serde::Deserialize;

use crate::address::{self, ShopAddress, ShopLocation, consignee};
use crate::fields::{Fields, counted, list, number, version};
use crate::fulfillment::{code, triggered_at, unknown};
use crate::scalar::{Scalar, gid};
use crate::words::said;

/// A fulfilment order; or what happened to one or two, by the part that each plays; or a list of them. All in one, so that the
/// message is read in one pass.
#[derive(Default, Deserialize)]
#[serde(default)]
struct FulfillmentOrder {
    original_fulfillment_order: Option<Box<FulfillmentOrder>>,
    fulfillment_order: Option<Box<FulfillmentOrder>>,
    submitted_fulfillment_order: Option<Box<FulfillmentOrder>>,
    moved_fulfillment_order: Option<Box<FulfillmentOrder>>,
    remaining_fulfillment_order: Option<Box<FulfillmentOrder>>,
    replacement_fulfillment_order: Option<Box<FulfillmentOrder>>,
    unsubmitted_fulfillment_order: Option<Box<FulfillmentOrder>>,
    fulfillment_orders: Option<Vec<FulfillmentOrder>>,
    /// Lines that are held, of `fulfillment_order`.
    held_fulfillment_order_line_items: Option<Vec<RequestedLine>>,
    /// Lines that were moved, of `moved_fulfillment_order`.
    fulfillment_order_line_items_requested: Option<Vec<RequestedLine>>,
    fulfillment_hold: Option<Hold>,
    created_fulfillment_hold: Option<Hold>,
    message: Option<Scalar>,
    fulfillment_order_merchant_request: Option<MerchantRequest>,
    id: Option<Scalar>,
    order_id: Option<Scalar>,
    status: Option<String>,
    request_status: Option<String>,
    assigned_location_id: Option<Scalar>,
    assigned_location: Option<ShopLocation>,
    destination: Option<ShopAddress>,
    line_items: Option<Vec<RequestedLine>>,
    fulfillment_holds: Option<Vec<Hold>>,
    merchant_requests: Option<Vec<MerchantRequest>>,
    delivery_method: Option<DeliveryMethod>,
    fulfill_at: Option<String>,
    created_at: Option<String>,
    updated_at: Option<String>,
}

#[derive(Deserialize)]
struct RequestedLine {
    id: Option<Scalar>,
    line_item_id: Option<Scalar>,
    quantity: Option<i64>,
    fulfillable_quantity: Option<i64>,
}

#[derive(Deserialize)]
struct Hold {
    id: Option<Scalar>,
    reason: Option<String>,
    reason_notes: Option<String>,
}

#[derive(Deserialize)]
struct MerchantRequest {
    message: Option<Scalar>,
}

#[derive(Deserialize)]
struct DeliveryMethod {
    method_type: Option<String>,
}

/// What is said of a fulfilment order beside it.
#[derive(Default)]
struct Beside {
    lines: Vec<RequestedLine>,
    lines_at: &'static str,
    hold: Option<Hold>,
    remarks: Vec<Scalar>,
}

/// The fulfilments and milestones of a message.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let mut sent: FulfillmentOrder = message.json()?;
    let mut decoded = Decoded::new();
    if let Some(hold) = sent.fulfillment_hold.take() {
        let order = sent.fulfillment_order.take().map(|order| *order);
        if let Some(milestone) = held(message, &mut Fields::new("", &mut decoded), order, hold) {
            decoded.document(&milestone);
        }
        return decoded.finish();
    }
    let listed = list(sent.fulfillment_orders.take());
    let mut told = told(&mut sent);
    if told.is_empty() && listed.is_empty() {
        told.push(("", sent, Beside::default()));
    }
    let in_parts = told.len() + listed.len() > 1;
    let name = |order: &FulfillmentOrder| order.id.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default();
    for (root, order, beside) in told {
        if in_parts {
            decoded.part(root, name(&order));
        }
        if let Some(fulfilment) = canonical(message, &mut Fields::new(root, &mut decoded), order, beside) {
            decoded.document(&fulfilment);
        }
    }
    for (index, order) in listed.into_iter().enumerate() {
        if in_parts {
            decoded.part(format!("/fulfillment_orders/{index}"), name(&order));
        }
        let mut fields = Fields::new("", &mut decoded);
        let mut fields = fields.element("fulfillment_orders", index);
        if let Some(fulfilment) = canonical(message, &mut fields, order, Beside::default()) {
            decoded.document(&fulfilment);
        }
    }
    decoded.finish()
}

/// The fulfilment orders that a message tells of, each with its place and what is said of it elsewhere. Where two are the same, the
/// one that was and the one that is, the latter counts.
fn told(sent: &mut FulfillmentOrder) -> Vec<(&'static str, FulfillmentOrder, Beside)> {
    let remarks =
        [sent.message.take(), sent.fulfillment_order_merchant_request.take().and_then(|request| request.message)];
    let held = Beside {
        lines: list(sent.held_fulfillment_order_line_items.take()),
        lines_at: "/held_fulfillment_order_line_items",
        hold: sent.created_fulfillment_hold.take(),
        remarks: Vec::new(),
    };
    let moved = Beside {
        lines: list(sent.fulfillment_order_line_items_requested.take()),
        lines_at: "/fulfillment_order_line_items_requested",
        ..Beside::default()
    };
    let all = [
        ("/original_fulfillment_order", sent.original_fulfillment_order.take(), Beside::default()),
        ("/fulfillment_order", sent.fulfillment_order.take(), held),
        ("/submitted_fulfillment_order", sent.submitted_fulfillment_order.take(), Beside::default()),
        ("/moved_fulfillment_order", sent.moved_fulfillment_order.take(), moved),
        ("/remaining_fulfillment_order", sent.remaining_fulfillment_order.take(), Beside::default()),
        ("/unsubmitted_fulfillment_order", sent.unsubmitted_fulfillment_order.take(), Beside::default()),
        ("/replacement_fulfillment_order", sent.replacement_fulfillment_order.take(), Beside::default()),
    ];
    let mut told: Vec<(&'static str, FulfillmentOrder, Beside)> = Vec::new();
    for (root, order, beside) in all.into_iter().filter_map(|(root, order, beside)| Some((root, *order?, beside))) {
        let id = order.number();
        told.retain(|(_, known, _)| id.is_none() || known.number() != id);
        told.push((root, order, beside));
    }
    let spoken_to =
        told.iter_mut().rfind(|(root, ..)| ["/fulfillment_order", "/submitted_fulfillment_order"].contains(root));
    if let Some((_, _, beside)) = spoken_to {
        beside.remarks = remarks.into_iter().flatten().collect();
    }
    told
}

fn canonical(
    message: &Message,
    fields: &mut Fields<'_>,
    order: FulfillmentOrder,
    beside: Beside,
) -> Option<Fulfilment> {
    let id = fields.id("id", "FulfillmentOrder", order.id.as_ref());
    let word = fields.required("status", order.status);
    let updated_at = fields.time("updated_at", order.updated_at).or_else(|| triggered_at(message));
    let created_at = fields.time("created_at", order.created_at);
    let due_at = fields.time("fulfill_at", order.fulfill_at);
    let location =
        address::location(fields, "assigned_location", order.assigned_location_id.as_ref(), order.assigned_location);
    let ship_to = order.destination.map(|address| consignee(fields, "destination", address));
    let service = order.delivery_method.and_then(|method| method.method_type);
    let service = fields.free_text("delivery_method/method_type", "delivery method", service.as_deref());
    let own = list(order.line_items);
    let (at, items) = if own.is_empty() { (beside.lines_at, beside.lines) } else { ("line_items", own) };
    let lines = items.into_iter().enumerate().filter_map(|(index, item)| line(fields, at, index, item)).collect();
    let mut holds = list(order.fulfillment_holds);
    let is_new = |hold: &Hold| holds.iter().all(|known| known.number() != hold.number());
    let created = beside.hold.filter(is_new);
    holds.extend(created);
    let holds = holds.into_iter().filter_map(|hold| hold.canonical(fields, "fulfillment_holds")).collect();
    let said_to = list(order.merchant_requests).into_iter().filter_map(|request| request.message).chain(beside.remarks);
    let remarks = said_to.filter_map(|text| fields.free_text("message", "message", said(Some(&text)))).collect();
    let (id, word) = (id?, word?);
    let status = status(fields, &word);
    let mut source_status = code(fields, &word, "Shopify fulfillment order status")?;
    if let Some(request) = order.request_status.filter(|request| !request.trim().is_empty()) {
        source_status.source_code = fields.identifier("request_status", "request status", &format!("{word}/{request}"));
    }
    let order_id = order.order_id.as_ref().and_then(|id| gid(id, "Order"));
    let references = [Some(counted("shopify-fulfillment-order", id)), order_id.map(|id| counted("shopify-order", id))];
    let written_id = number::<64>(id);
    Some(Fulfilment {
        references: references.into_iter().flatten().collect(),
        order_ref: order_id.map(number),
        request_ref: Some(written_id.clone()),
        service,
        location,
        ship_to,
        created_at,
        due_at,
        lines,
        holds,
        remarks,
        ..Fulfilment::new(
            Text::new(format!("order-{id}")).ok()?,
            version(updated_at.as_ref()),
            message.source(Some(number(id)), updated_at),
            written_id,
            status,
            source_status,
        )
    })
}

fn status(fields: &mut Fields<'_>, word: &str) -> FulfilmentStatus {
    match word.to_ascii_lowercase().as_str() {
        "open" => FulfilmentStatus::Open,
        "in_progress" => FulfilmentStatus::InProgress,
        "scheduled" => FulfilmentStatus::Scheduled,
        "on_hold" => FulfilmentStatus::OnHold,
        "cancelled" | "canceled" => FulfilmentStatus::Cancelled,
        "incomplete" => FulfilmentStatus::Incomplete,
        "closed" => FulfilmentStatus::Closed,
        _ => unknown(fields, word),
    }
}

/// A line of the request, with its line of the order where the shop says it.
fn line(fields: &mut Fields<'_>, at: &str, index: usize, item: RequestedLine) -> Option<FulfilmentLine> {
    let pieces = |pieces: i64| Quantity::pieces(Decimal::from(pieces));
    let place = format!("{at}/{index}").trim_start_matches('/').to_owned();
    let request_line = item.id.as_ref().and_then(|id| gid(id, "FulfillmentOrderLineItem"));
    let line_no = item.line_item_id.as_ref().and_then(|id| gid(id, "LineItem")).or(request_line);
    let quantity = item.quantity.filter(|quantity| *quantity >= 0);
    let (Some(line_no), Some(quantity)) = (line_no, quantity) else {
        fields.error("INVALID", &place, "A line has an `id`, and a `quantity` of pieces that is not below zero.");
        return None;
    };
    Some(FulfilmentLine {
        request_line: request_line.map(number),
        open_quantity: item.fulfillable_quantity.filter(|open| *open >= 0).map(pieces),
        ..FulfilmentLine::new(number(line_no), pieces(quantity))
    })
}

impl FulfillmentOrder {
    fn number(&self) -> Option<u64> {
        self.id.as_ref().and_then(|id| gid(id, "FulfillmentOrder"))
    }
}

impl Hold {
    fn number(&self) -> Option<u64> {
        self.id.as_ref().and_then(|id| gid(id, "FulfillmentHold"))
    }

    fn canonical(self, fields: &mut Fields<'_>, at: &str) -> Option<FulfilmentHold> {
        let reason = self.code(fields, at)?;
        Some(FulfilmentHold {
            hold_id: self.number().map(number),
            text: fields.free_text(&format!("{at}/reason_notes"), "note", self.reason_notes.as_deref()),
            ..FulfilmentHold::new(reason)
        })
    }

    /// Why, in the shop's word.
    fn code(&self, fields: &mut Fields<'_>, at: &str) -> Option<Code> {
        let reason = self.reason.as_deref().filter(|reason| !reason.trim().is_empty()).unwrap_or("other");
        let code = fields.identifier(&format!("{at}/reason"), "reason", reason)?;
        Some(Code { code, code_list: Text::new("Shopify hold reason").ok()?, source_code: None })
    }
}

/// That a hold was put on a fulfilment order, or taken off: the topic says which, for the message is the same.
fn held(message: &Message, fields: &mut Fields<'_>, order: Option<FulfillmentOrder>, hold: Hold) -> Option<Milestone> {
    let topic = message.header("x-shopify-topic").map(|topic| topic.trim().to_ascii_lowercase());
    let (code, done) = match topic.as_deref() {
        Some(topic) if topic.ends_with("released") => (MilestoneCode::Rels, "released"),
        Some(topic) if topic.ends_with("added") => (MilestoneCode::Hold, "added"),
        _ => {
            let detail = "Only the topic (`X-Shopify-Topic`) says whether the hold was added or released; send it.";
            fields.warning("TOPIC-MISSING", "fulfillment_hold", detail);
            (MilestoneCode::Unmapped, "changed")
        }
    };
    let Some(order) = order else {
        fields.required::<FulfillmentOrder>("fulfillment_order", None);
        return None;
    };
    let order_id = order.order_id.as_ref().and_then(|id| gid(id, "Order"));
    let order = order.number();
    let hold_id = hold.number();
    let (Some(order), Some(hold_id)) = (order, hold_id) else {
        fields.error("INVALID", "fulfillment_hold", "Fulfilment order and hold each have an `id`.");
        return None;
    };
    let reason = hold.code(fields, "fulfillment_hold")?;
    let text = fields.free_text("fulfillment_hold/reason_notes", "note", hold.reason_notes.as_deref());
    let occurred_at = triggered_at(message).or_else(|| Timestamp::new(&message.received_at).ok())?;
    let key: Text<128> = Text::new(format!("hold-{hold_id}|{done}")).ok()?;
    let source_code = Code { code: Text::new(done).ok()?, source_code: Some(reason.code.widened()), ..reason };
    let references: [Option<Reference>; 2] =
        [Some(counted("shopify-fulfillment-order", order)), order_id.map(|id| counted("shopify-order", id))];
    Some(Milestone {
        references: references.into_iter().flatten().collect(),
        reason: text.map(|text| Reason { text: Some(text), ..Reason::default() }),
        ..Milestone::new(
            key.clone(),
            occurred_at.to_version(),
            message.source(Some(number(hold_id)), Some(occurred_at.clone())),
            key,
            EventType::Shipment,
            code,
            Classifier::Act,
            occurred_at,
            source_code,
        )
    })
}
