//! Events as deliveries to the webhooks of the partners that they concern, kept in the very transaction that keeps the
//! events: what was told cannot be forgotten, and what was not kept is not told.

use jiff::Timestamp;
use portgate_core::policy::{Policies, Webhook};
use portgate_delivery::webhook;
use portgate_store::{DeliveryId, NewDelivery, NewEvent};

use crate::events::cloud_event;

/// What a webhook is told in: the deliveries' contract and its version.
const CONTRACT: (&str, &str) = ("cloudevents", "1.0");

/// One delivery for each event that its partner's webhook wants to hear of. They have no order, as the standard has it.
pub(super) fn deliveries(policies: &Policies, events: &[NewEvent], now: Timestamp) -> Vec<NewDelivery> {
    let wanted = events.iter().filter(|event| {
        let partner = policies.partners.get(&event.partner);
        partner.and_then(|partner| partner.webhook.as_ref()).is_some_and(|webhook| webhook.wants(&event.kind))
    });
    let delivery = |event: &NewEvent| NewDelivery {
        id: DeliveryId::new(now),
        destination: Webhook::destination(&event.partner),
        contract: CONTRACT.0.to_owned(),
        version: CONTRACT.1.to_owned(),
        documents: Vec::new(),
        parts: Vec::new(),
        lane: None,
        request: Some(webhook::request(cloud_event::render(event))),
        batched: None,
    };
    wanted.map(delivery).collect()
}
