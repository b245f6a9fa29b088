//! What has happened on a shipment's way.

use portgate_canonical::{Leg, Location, Shipment, Timestamp};

use crate::event::{Action, BizTransaction, Event, Kind};
use crate::{Refusal, names};

/// A departure and an arrival of each leg, as far as they have happened.
pub(crate) fn events(shipment: &Shipment) -> Result<Vec<Event>, Refusal> {
    let mut events = Vec::new();
    for (index, leg) in shipment.legs.iter().enumerate() {
        if let Some(at) = &leg.atd {
            let passage = Passage { leg, step: "departing", at, place: leg.from.as_ref() };
            events.push(passage.event(shipment, &format!("/legs/{index}/atd"))?);
        }
        if let Some(at) = &leg.ata {
            let passage = Passage { leg, step: "arriving", at, place: leg.to.as_ref() };
            events.push(passage.event(shipment, &format!("/legs/{index}/ata"))?);
        }
    }
    Ok(events)
}

/// One end of a leg.
struct Passage<'a> {
    leg: &'a Leg,
    step: &'static str,
    at: &'a Timestamp,
    place: Option<&'a Location>,
}

impl Passage<'_> {
    fn event(&self, shipment: &Shipment, location: &str) -> Result<Event, Refusal> {
        let mut things: Vec<String> =
            shipment.equipment.iter().map(|equipment| names::equipment(&equipment.id)).collect();
        if things.is_empty() {
            things.push(names::own("shipment", &shipment.shipment_id));
        }
        let mut event = Event::new((Kind::ObjectEvent, Action::Observe), self.step, self.at, location)?
            .disposition(Some("in_transit"))
            .about(things, Vec::new())
            .place(self.place.and_then(names::place), self.step == "arriving")
            .papers(papers(shipment))
            .handover(names::handover(&shipment.parties));
        event.say("leg", Some(self.leg.seq.to_string()));
        event.say("mode", self.leg.mode.and_then(|mode| serde_json::to_value(mode).ok()));
        event.say("place", self.place.and_then(|place| names::place_in_words(place, true)));
        if let Some(journey) = &self.leg.transport {
            names::say_journey(&mut event, journey);
        }
        Ok(event)
    }
}

fn papers(shipment: &Shipment) -> Vec<BizTransaction> {
    let buyer = names::buyer(&shipment.parties);
    let named = [
        ("shipment", Some(&shipment.shipment_id)),
        ("ucr", shipment.ucr.as_ref()),
        ("transport-document", shipment.master_transport_doc.as_ref()),
        ("transport-document", shipment.house_transport_doc.as_ref()),
        ("booking", shipment.booking_ref.as_ref()),
    ];
    let named = named.into_iter().filter_map(|(scheme, number)| Some(names::transaction(scheme, number?, buyer)));
    let orders = shipment.lines.iter().filter_map(|line| line.order_ref.as_ref());
    let orders = orders.map(|order| names::transaction("order", order, buyer));
    named.chain(names::transactions(&shipment.references, buyer)).chain(orders).collect()
}
