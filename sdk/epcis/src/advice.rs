//! What a warehouse has shipped or received.

use portgate_canonical::{Purpose, WarehouseAdvice, WarehouseAdviceLine, WarehouseEvent};

use crate::packing::{Item, RECEIVED, SHIPPED, Shipped, when};
use crate::{Refusal, names};

/// Goods that went out in their packages, or that came in.
pub(crate) fn events(advice: &WarehouseAdvice) -> Result<Vec<crate::Event>, Refusal> {
    let meanings = match advice.event {
        WarehouseEvent::Shipped => SHIPPED,
        WarehouseEvent::Received => RECEIVED,
        WarehouseEvent::Adjusted => {
            let detail = "EPCIS has no event for stock that was put right. Let the route pass `event` `shipped` and `received` alone.";
            return Err(Refusal::new("NO-EVENT", "/event", detail));
        }
    };
    let buyer = names::buyer(&advice.parties);
    let mut papers = Vec::new();
    let mut paper = |scheme: &str, number: Option<&str>| {
        papers.extend(number.map(|number| names::transaction(scheme, number, buyer)));
    };
    paper("warehouse-order", advice.order_ref.as_deref());
    paper("order", advice.purchase_order_ref.as_deref());
    paper("shipment", advice.shipment_id.as_deref());
    paper(
        if advice.event == WarehouseEvent::Received { "receipt" } else { "delivery" },
        advice.warehouse_ref.as_deref(),
    );
    papers.extend(names::transactions(&advice.references, buyer));
    let moved = Shipped {
        id: advice.shipment_id.as_deref().or(advice.warehouse_ref.as_deref()).unwrap_or(&advice.id),
        packages: &advice.packages,
        items: advice.lines.iter().filter(|line| line.quantity.is_some()).map(Item::from).collect(),
        when: when(&advice.times, meanings, &advice.source),
        papers,
        handover: names::handover(&advice.parties),
        taken_back: (advice.purpose == Some(Purpose::Cancellation)).then_some(&advice.source.recorded_at),
    };
    let day = advice.occurred_on.as_ref().map(ToString::to_string);
    let mut events = match advice.event {
        WarehouseEvent::Received => moved.received()?,
        _ => moved.events()?,
    };
    for event in &mut events {
        event.say("day", day.clone());
        event.say("equipment", equipment(advice));
    }
    Ok(events)
}

/// The containers and trailers that goods went or came in.
fn equipment(advice: &WarehouseAdvice) -> Option<serde_json::Value> {
    let names: Vec<String> = advice.equipment.iter().map(|equipment| names::equipment(&equipment.id)).collect();
    (!names.is_empty()).then(|| names.into())
}

impl<'a> From<&'a WarehouseAdviceLine> for Item<'a> {
    fn from(line: &'a WarehouseAdviceLine) -> Self {
        Item {
            line_no: Some(&line.line_no),
            sku: line.sku.as_deref(),
            gtin: line.gtin.as_deref(),
            lot: line.lot.as_deref(),
            ids: &line.ids,
            quantity: line.quantity.as_ref(),
            packages: line.package_refs.iter().map(|package| &**package).collect(),
        }
    }
}
