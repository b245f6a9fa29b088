//! An event of a fulfilment becomes a milestone of its parcel, and when it is expected to be delivered another one.

use portgate_sdk::canonical::{
    Address, Classifier, Code, Country, EventType, Location, Milestone, MilestoneCode, Reference, Text, Timestamp,
};
use portgate_sdk::{Decoded, Message, Rejection};
use serde::Deserialize;

use crate::fields::{Fields, counted, number, version};
use crate::scalar::Scalar;
use crate::words::said;

/// An event, or the wrapper around it.
#[derive(Deserialize)]
struct ShopEvent {
    fulfillment_event: Option<Box<ShopEvent>>,
    id: Option<Scalar>,
    fulfillment_id: Option<u64>,
    order_id: Option<u64>,
    status: Option<String>,
    message: Option<String>,
    happened_at: Option<String>,
    created_at: Option<String>,
    updated_at: Option<String>,
    estimated_delivery_at: Option<String>,
    address1: Option<String>,
    city: Option<String>,
    province: Option<String>,
    country: Option<String>,
    zip: Option<String>,
    latitude: Option<Scalar>,
    longitude: Option<Scalar>,
}

/// The milestones of a message.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let mut outer: ShopEvent = message.json()?;
    let (root, event) = match outer.fulfillment_event.take() {
        Some(event) => ("/fulfillment_event", *event),
        None => ("", outer),
    };
    let mut decoded = Decoded::new();
    for milestone in milestones(message, &mut Fields::new(root, &mut decoded), event).into_iter().flatten() {
        decoded.document(&milestone);
    }
    decoded.finish()
}

fn milestones(message: &Message, fields: &mut Fields<'_>, event: ShopEvent) -> Option<Vec<Milestone>> {
    let id = fields.id("id", "FulfillmentEvent", event.id.as_ref());
    let word = fields.required("status", event.status.clone());
    let happened_at = fields.required("happened_at", event.happened_at.clone());
    let happened_at = fields.shaped("happened_at", happened_at, Timestamp::new);
    let updated_at = fields.time("updated_at", event.updated_at.clone());
    let recorded_at = updated_at.clone().or_else(|| fields.time("created_at", event.created_at.clone()));
    let expected_at = fields.time("estimated_delivery_at", event.estimated_delivery_at.clone());
    let location = event.location(fields);
    let remarks = event.remarks(fields);
    let references = [
        event.fulfillment_id.map(|id| counted("shopify-fulfillment", id)),
        event.order_id.map(|id| counted("shopify-order", id)),
    ];
    let references: Vec<Reference> = references.into_iter().flatten().collect();
    let (id, word, happened_at) = (id?, word?, happened_at?);
    let code = status(fields, &word);
    let source_code = Code {
        code: fields.identifier("status", "status", &word)?,
        code_list: Text::new("Shopify fulfillment event").ok()?,
        source_code: None,
    };
    let source = message.source(Some(number(id)), recorded_at.clone());
    let new = |key: Text<128>, code, classifier, at| {
        Milestone::new(
            key.clone(),
            version(updated_at.as_ref()),
            source.clone(),
            key,
            EventType::Parcel,
            code,
            classifier,
            at,
            source_code.clone(),
        )
    };
    let happened = Milestone {
        references: references.clone(),
        recorded_at: recorded_at.clone(),
        location,
        remarks,
        ..new(number(id), code, Classifier::Act, happened_at)
    };
    // One for the whole fulfilment, so that a later word replaces an earlier one.
    let whole = event.fulfillment_id.unwrap_or(id);
    let expected = expected_at.and_then(|at| {
        let key = Text::new(format!("{whole}|estimated_delivery_at")).ok()?;
        Some(Milestone { references, recorded_at, ..new(key, MilestoneCode::Delivered, Classifier::Est, at) })
    });
    Some([Some(happened), expected].into_iter().flatten().collect())
}

/// What happened, by the shop's word.
fn status(fields: &mut Fields<'_>, word: &str) -> MilestoneCode {
    match word.to_ascii_lowercase().as_str() {
        "label_purchased" | "label_printed" | "confirmed" | "submitted" => MilestoneCode::Labelled,
        "carrier_picked_up" => MilestoneCode::Accepted,
        "in_transit" => MilestoneCode::Transit,
        "out_for_delivery" => MilestoneCode::OutForDelivery,
        "attempted_delivery" => MilestoneCode::Attempted,
        "ready_for_pickup" => MilestoneCode::ReadyForPickup,
        "delivered" | "picked_up" => MilestoneCode::Delivered,
        "delayed" => MilestoneCode::Delayed,
        "failure" | "not_delivered" => MilestoneCode::Exception,
        "canceled" | "cancelled" => MilestoneCode::Cancelled,
        _ => {
            let detail = format!("The status `{word}` is not known; add it to the connector's table.");
            fields.warning("UNKNOWN-STATUS", "status", detail);
            MilestoneCode::Unmapped
        }
    }
}

impl ShopEvent {
    /// Where it happened; a country that is written in words is the place's name.
    fn location(&self, fields: &mut Fields<'_>) -> Option<Location> {
        let text = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let country = text(&self.country);
        let code = country.clone().and_then(|country| Country::new(country.trim()).ok());
        let name = country.filter(|_| code.is_none());
        let address = Address {
            city: fields.free_text("city", "city", self.city.as_deref()),
            region: fields.free_text("province", "province", self.province.as_deref()),
            postcode: text(&self.zip).and_then(|zip| fields.identifier("zip", "postcode", &zip)),
            country: code.clone(),
            lines: fields.free_text("address1", "line of the address", self.address1.as_deref()).into_iter().collect(),
        };
        let has_address = address != Address { country: code.clone(), ..Address::default() };
        let location = Location {
            name: fields.free_text("country", "country", name.as_deref()),
            country: code,
            address: has_address.then_some(address),
            ..Location::default()
        };
        (location != Location::default()).then_some(location)
    }

    /// The carrier's words, and where on the map it was.
    fn remarks(&self, fields: &mut Fields<'_>) -> Vec<Text<512>> {
        let message = fields.free_text("message", "message", self.message.as_deref());
        let position = match (said(self.latitude.as_ref()), said(self.longitude.as_ref())) {
            (Some(latitude), Some(longitude)) => Some(format!("At latitude {latitude}, longitude {longitude}")),
            _ => None,
        };
        let position = fields.free_text("latitude", "position", position.as_deref());
        [message, position].into_iter().flatten().collect()
    }
}
