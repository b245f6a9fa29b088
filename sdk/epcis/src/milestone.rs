//! A milestone as an event.

use portgate_canonical::{Classifier, EventType, Milestone, MilestoneCode, Reference, Seal};
use serde_json::{Value, json};

use crate::event::{Action, Event, Kind};
use crate::{Refusal, names};

/// The milestone's one event, and another one for seals that were put on.
pub(crate) fn events(milestone: &Milestone) -> Result<Vec<Event>, Refusal> {
    if milestone.classifier != Classifier::Act {
        let detail = "EPCIS tells of what has happened; this is expected, planned or asked for. Let the route pass `classifier` `ACT` alone.";
        return Err(Refusal::new("NOT-HAPPENED", "/classifier", detail));
    }
    let things = things(milestone);
    if things.is_empty() {
        let detail = "Neither a container, a parcel, a shipment nor a ship is named that it happened to.";
        return Err(Refusal::new("NO-OBJECT", "/references", detail));
    }
    let why = why(milestone.code);
    let kind = match milestone.event_type {
        EventType::Shipment | EventType::Document | EventType::Customs => Kind::TransactionEvent,
        EventType::Transport | EventType::Equipment | EventType::Parcel => Kind::ObjectEvent,
    };
    let papers = papers(milestone, &things);
    // Without a paper nothing is tied to one.
    let kind = if papers.is_empty() { Kind::ObjectEvent } else { kind };
    let action = match kind {
        Kind::TransactionEvent => Action::Add,
        _ if milestone.code == MilestoneCode::Labelled => Action::Add,
        _ => Action::Observe,
    };
    let place = milestone.location.as_ref().and_then(names::place);
    let disposition = match (milestone.is_return, why.disposition) {
        (Some(true), Some("in_transit")) => Some("returned"),
        (_, disposition) => disposition,
    };
    let new = |what, step| Event::new(what, step, &milestone.occurred_at, "/occurredAt");
    let mut event = new((kind, action), why.step)?
        .disposition(disposition)
        .about(things.clone(), Vec::new())
        .place(place.clone(), why.stays)
        .papers(papers.clone());
    say(&mut event, milestone);
    let mut events = vec![event];
    if let Some(container) = milestone.equipment_id.as_deref().filter(|_| milestone.code == MilestoneCode::Rsea)
        && !milestone.seals.is_empty()
    {
        let seals = milestone.seals.iter().map(|seal| names::own("seal", &seal.number)).collect();
        let sealed = new((Kind::AssociationEvent, Action::Add), "installing")?
            .disposition(Some("container_closed"))
            .parent(names::equipment(container))
            .about(seals, Vec::new())
            .place(place, false)
            .papers(papers);
        events.push(sealed);
    }
    Ok(events)
}

/// What it happened to: containers and parcels; where there are none the shipment, and where that is not named the ship.
fn things(milestone: &Milestone) -> Vec<String> {
    let named = |scheme: &str| {
        let named = milestone.references.iter().filter(|reference| &*reference.scheme == scheme);
        named.map(|reference| reference.value.to_string()).collect::<Vec<_>>()
    };
    let containers = milestone.equipment_id.iter().map(ToString::to_string).chain(named(Reference::CONTAINER));
    let parcels = named("tracking-number").into_iter().chain(named("sscc"));
    let things: Vec<String> = containers
        .map(|number| names::equipment(&number))
        .chain(parcels.map(|number| names::parcel(&number)))
        .collect();
    if !things.is_empty() {
        return things;
    }
    let shipment = milestone.shipment_id.iter().map(|id| names::own("shipment", id)).next();
    let by_reference = ["shipment", "ucr", "transport-document", "booking", "order"].into_iter();
    let shipment = shipment.or_else(|| {
        by_reference.flat_map(|scheme| named(scheme).into_iter().map(move |value| names::own(scheme, &value))).next()
    });
    let ship = || milestone.transport_ref.as_ref()?.vessel_imo.as_deref().and_then(names::vessel);
    shipment.or_else(ship).into_iter().collect()
}

/// The business documents, but for one that stands for the thing itself.
fn papers(milestone: &Milestone, things: &[String]) -> Vec<crate::event::BizTransaction> {
    let shipment = milestone.shipment_id.iter().map(|id| names::transaction("shipment", id, None));
    let papers = shipment.chain(names::transactions(&milestone.references, None));
    papers.filter(|paper| !things.contains(&paper.biz_transaction)).collect()
}

/// Why a thing is where it is.
struct Why {
    step: &'static str,
    disposition: Option<&'static str>,
    /// Whether it is at the place from then on.
    stays: bool,
}

/// The business step and disposition of a milestone's code (CBV 7.1, 7.2).
fn why(code: MilestoneCode) -> Why {
    use MilestoneCode as M;
    let (step, disposition, stays) = match code {
        M::Arri | M::Gtin | M::Arrived => ("arriving", Some("in_transit"), true),
        M::Depa | M::Gtot | M::Departed => ("departing", Some("in_transit"), false),
        M::Load => ("loading", Some("in_transit"), false),
        M::Disc => ("unloading", Some("in_transit"), true),
        M::Stuf => ("packing", Some("in_progress"), true),
        M::Strp => ("unpacking", Some("in_progress"), true),
        M::Pick => ("collecting", Some("in_transit"), false),
        M::Drop => ("accepting", Some("in_progress"), true),
        M::Insp => ("inspecting", Some("in_progress"), true),
        M::Rsea => ("other", Some("container_closed"), false),
        M::Hold | M::Held => ("holding", None, true),
        M::Labelled => ("commissioning", Some("active"), false),
        M::Accepted => ("accepting", Some("in_transit"), false),
        M::Transit | M::OutForDelivery => ("transporting", Some("in_transit"), false),
        M::ReadyForPickup => ("staging_outbound", Some("in_progress"), true),
        M::Delivered => ("receiving", Some("in_progress"), true),
        M::Returning => ("transporting", Some("returned"), false),
        M::Returned => ("receiving", Some("returned"), true),
        M::Attempted | M::Delayed => ("other", Some("in_transit"), false),
        M::Damaged => ("other", Some("damaged"), false),
        M::Lost => ("other", Some("unknown"), false),
        M::Disposed => ("destroying", Some("disposed"), false),
        M::Cancelled => ("void_shipping", None, false),
        _ => ("other", None, false),
    };
    Why { step, disposition, stays }
}

/// What EPCIS has no field for.
fn say(event: &mut Event, milestone: &Milestone) {
    let text = |text: Option<&str>| text.map(str::to_owned);
    event.say("code", serde_json::to_value(milestone.code).ok());
    let code = &milestone.source_code;
    event.say("sourceCode", Some(code.source_code.as_deref().unwrap_or(&code.code).to_owned()));
    event.say("sourceCodeList", Some(code.code_list.to_string()));
    event.say("mode", milestone.mode.and_then(|mode| serde_json::to_value(mode).ok()));
    event.say("isoType", text(milestone.iso_type.as_deref()));
    event.say("empty", milestone.empty.map(|empty| empty.to_string()));
    event.say("return", milestone.is_return.map(|is_return| is_return.to_string()));
    // Where a parcel is handed over is where a person lives, and events are shown to many: no street, and nobody who signs.
    let at_a_door = milestone.event_type == EventType::Parcel;
    event.say("place", milestone.location.as_ref().and_then(|place| names::place_in_words(place, !at_a_door)));
    if let Some(journey) = &milestone.transport_ref {
        names::say_journey(event, journey);
    }
    if let Some(reason) = &milestone.reason {
        event.say("reasonCode", text(reason.code.as_deref()));
        event.say("reason", text(reason.text.as_deref()));
    }
    let list = |values: Vec<Value>| (!values.is_empty()).then_some(Value::Array(values));
    event.say("seal", list(milestone.seals.iter().map(seal).collect()));
    event.say("remark", list(milestone.remarks.iter().map(|remark| json!(remark)).collect()));
}

/// A seal with who has put it there.
fn seal(seal: &Seal) -> Value {
    let members = [("number", Some(&*seal.number)), ("source", seal.source.as_deref()), ("kind", seal.kind.as_deref())];
    let members =
        members.into_iter().filter_map(|(name, value)| Some((format!("{}:{name}", names::PREFIX), json!(value?))));
    Value::Object(members.collect())
}
