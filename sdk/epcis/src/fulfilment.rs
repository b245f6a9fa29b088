//! Where a fulfilment stands.

use portgate_canonical::{Fulfilment, FulfilmentStatus};

use crate::event::{Action, BizTransaction, ClassQuantity, Event, Kind};
use crate::{Refusal, names};

/// That its goods are picked, held, sent or called off.
pub(crate) fn events(fulfilment: &Fulfilment) -> Result<Vec<Event>, Refusal> {
    let (step, disposition) = match fulfilment.status {
        FulfilmentStatus::InProgress => ("picking", Some("in_progress")),
        FulfilmentStatus::OnHold => ("holding", None),
        FulfilmentStatus::Fulfilled => ("shipping", Some("in_transit")),
        FulfilmentStatus::Cancelled => ("void_shipping", None),
        _ => {
            let detail = "Nothing has happened to the goods yet, or it is not said what. Let the route pass `status` `IN_PROGRESS`, `ON_HOLD`, `FULFILLED` and `CANCELLED` alone.";
            return Err(Refusal::new("NOT-HAPPENED", "/status", detail));
        }
    };
    // When it was made is when it was sent; of any other status the time is that of the report.
    let sent =
        fulfilment.created_at.as_ref().filter(|at| fulfilment.status == FulfilmentStatus::Fulfilled && !at.is_local());
    let (time, location) = match sent {
        Some(at) => (at, "/createdAt"),
        None => (&fulfilment.source.recorded_at, "/source/recordedAt"),
    };
    let parcels = fulfilment.parcels.iter().filter_map(|parcel| parcel.tracking_number.as_deref());
    let mut things: Vec<String> = parcels.map(names::parcel).collect();
    let quantities: Vec<ClassQuantity> = fulfilment
        .lines
        .iter()
        .filter_map(|line| {
            let class = line.sku.as_deref().map(|sku| names::own("item", sku));
            let class = class.unwrap_or_else(|| {
                let of = fulfilment.order_ref.as_deref().unwrap_or(&fulfilment.fulfilment_id);
                format!("{}:{}", names::own("line", of), crate::gs1::encoded(&line.line_no))
            });
            ClassQuantity::new(class, &line.quantity)
        })
        .collect();
    if things.is_empty() && quantities.is_empty() {
        things.push(names::own("fulfilment", &fulfilment.fulfilment_id));
    }
    let mut event = Event::new((Kind::ObjectEvent, Action::Observe), step, time, location)?
        .disposition(disposition)
        .about(things, quantities)
        .place(fulfilment.location.as_ref().and_then(names::place), fulfilment.status != FulfilmentStatus::Fulfilled)
        .papers(papers(fulfilment));
    let parties: Vec<_> = fulfilment.ship_to.iter().cloned().collect();
    event = event.handover(names::handover(&parties));
    event.say("timeOf", sent.is_none().then_some("report"));
    event.say(
        "status",
        Some(fulfilment.source_status.source_code.as_deref().unwrap_or(&fulfilment.source_status.code).to_owned()),
    );
    event.say("carrierName", fulfilment.carrier_name.as_deref().map(str::to_owned));
    event.say("service", fulfilment.service.as_deref().map(str::to_owned));
    event.say("place", fulfilment.location.as_ref().and_then(|place| names::place_in_words(place, true)));
    let holds: Vec<String> = fulfilment.holds.iter().map(|hold| hold.reason.code.to_string()).collect();
    event.say("reasonCode", (!holds.is_empty()).then_some(holds));
    Ok(vec![event])
}

fn papers(fulfilment: &Fulfilment) -> Vec<BizTransaction> {
    let order = fulfilment.order_ref.iter().map(|order| names::transaction("order", order, None));
    let request = fulfilment.request_ref.iter().map(|request| names::transaction("fulfilment-request", request, None));
    let this = std::iter::once(names::transaction("fulfilment", &fulfilment.fulfilment_id, None));
    order.chain(request).chain(this).chain(names::transactions(&fulfilment.references, None)).collect()
}
