//! A fulfilment of the shop becomes a canonical fulfilment: what of an order was sent, in which parcels, from where.
//!
//! Its id is the shop's own, and its version is when the shop last changed it, so that a later message replaces an earlier one.

use portgate_sdk::canonical::{
    Code, Decimal, Fulfilment, FulfilmentLine, FulfilmentParcel, FulfilmentStatus, Location, Party, PartyRole,
    Quantity, Reference, Text, Timestamp,
};
use portgate_sdk::{Decoded, Message, Rejection};
use serde::Deserialize;
use serde_json::Value;

use crate::address::{self, ShopAddress, consignee};
use crate::fields::{Fields, counted, list, number, version};
use crate::product::NO_VARIANT;
use crate::scalar::Scalar;
use crate::words;

/// The most lines that a canonical fulfilment has room for, and the most parcels.
const LINES_MAX: usize = 5_000;
const PARCELS_MAX: usize = 500;

/// A fulfilment, or the wrapper around it.
#[derive(Deserialize)]
struct ShopFulfillment {
    fulfillment: Option<Box<ShopFulfillment>>,
    id: Option<Scalar>,
    order_id: Option<u64>,
    /// The order's name, a point, and which of its fulfilments it is.
    name: Option<String>,
    status: Option<String>,
    shipment_status: Option<String>,
    created_at: Option<String>,
    updated_at: Option<String>,
    tracking_company: Option<String>,
    tracking_number: Option<String>,
    tracking_numbers: Option<Vec<String>>,
    tracking_url: Option<String>,
    tracking_urls: Option<Vec<String>>,
    location_id: Option<Scalar>,
    origin_address: Option<ShopAddress>,
    destination: Option<ShopAddress>,
    email: Option<String>,
    line_items: Option<Vec<SentLine>>,
}

/// A line of the order as far as it was sent.
#[derive(Deserialize)]
struct SentLine {
    id: Option<u64>,
    quantity: Option<i64>,
    fulfillable_quantity: Option<i64>,
    sku: Option<String>,
    title: Option<String>,
    variant_title: Option<String>,
    properties: Option<Value>,
}

/// The canonical fulfilment of a message.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let mut outer: ShopFulfillment = message.json()?;
    let (root, sent) = match outer.fulfillment.take() {
        Some(sent) => ("/fulfillment", *sent),
        None => ("", outer),
    };
    let mut decoded = Decoded::new();
    if let Some(fulfilment) = canonical(message, &mut Fields::new(root, &mut decoded), sent) {
        decoded.document(&fulfilment);
    }
    decoded.finish()
}

fn canonical(message: &Message, fields: &mut Fields<'_>, sent: ShopFulfillment) -> Option<Fulfilment> {
    let id = fields.id("id", "Fulfillment", sent.id.as_ref());
    let word = fields.required("status", sent.status);
    let created_at = fields.time("created_at", sent.created_at);
    let updated_at = fields.time("updated_at", sent.updated_at);
    let items = list(sent.line_items);
    if items.len() > LINES_MAX {
        fields.error("TOO-MANY-LINES", "line_items", format!("A fulfilment has at most {LINES_MAX} lines; split it."));
        return None;
    }
    let lines = items.into_iter().enumerate().filter_map(|(index, item)| line(fields, index, item)).collect();
    let tracking = Tracking {
        numbers: one_or_many(sent.tracking_number, sent.tracking_numbers),
        urls: one_or_many(sent.tracking_url, sent.tracking_urls),
    };
    let parcels = tracking.parcels(fields);
    if let Some(status) = sent.shipment_status.filter(|status| !status.trim().is_empty()) {
        let detail = format!("Its carrier's last word is `{status}`; what happens to it comes as events of its own.");
        fields.info("SHIPMENT-STATUS", "shipment_status", detail);
    }
    let location = place(fields, sent.location_id.as_ref(), sent.origin_address);
    let carrier_name = fields.free_text("tracking_company", "carrier", sent.tracking_company.as_deref());
    let mut ship_to = sent.destination.map(|address| consignee(fields, "destination", address));
    let email = fields.free_text("email", "e-mail", sent.email.as_deref());
    if let Some(email) = email {
        ship_to.get_or_insert_with(|| Party::new(PartyRole::Consignee)).email = Some(email);
    }
    let order_name = sent.name.as_deref().and_then(|name| name.rsplit_once('.')).map(|(order, _)| order.trim());
    let order_name = order_name.filter(|name| !name.is_empty());
    let references = references(fields, id?, sent.order_id, order_name, &parcels);
    let (status, source_status) = status(fields, &word?)?;
    let order_ref = match order_name {
        Some(name) => fields.identifier("name", "name of the order", name),
        None => sent.order_id.map(number),
    };
    Some(Fulfilment {
        references,
        order_ref,
        carrier_name,
        location,
        ship_to,
        created_at,
        lines,
        parcels,
        ..Fulfilment::new(
            number(id?),
            version(updated_at.as_ref()),
            message.source(Some(number(id?)), updated_at),
            number(id?),
            status,
            source_status,
        )
    })
}

fn references(
    fields: &mut Fields<'_>,
    id: u64,
    order: Option<u64>,
    order_name: Option<&str>,
    parcels: &[FulfilmentParcel],
) -> Vec<Reference> {
    let mut references = vec![counted("shopify-fulfillment", id)];
    references.extend(order.map(|order| counted("shopify-order", order)));
    references.extend(order_name.and_then(|name| fields.reference("name", "order", name)));
    let numbers = parcels.iter().filter_map(|parcel| parcel.tracking_number.as_ref());
    // A document has room for so many; the parcels have all of them.
    let room = 64 - references.len();
    references.extend(numbers.take(room).filter_map(|number| Reference::new("tracking-number", number).ok()));
    references
}

/// Where a fulfilment stands, by the shop's word.
fn status(fields: &mut Fields<'_>, word: &str) -> Option<(FulfilmentStatus, Code)> {
    let status = match word {
        "pending" => FulfilmentStatus::Open,
        "open" => FulfilmentStatus::InProgress,
        "success" => FulfilmentStatus::Fulfilled,
        "cancelled" | "canceled" => FulfilmentStatus::Cancelled,
        "error" | "failure" => FulfilmentStatus::Failed,
        _ => unknown(fields, word),
    };
    Some((status, code(fields, word, "Shopify fulfillment status")?))
}

/// A word that is in no table: it stands beside `UNMAPPED`, and a person should look.
pub(crate) fn unknown(fields: &mut Fields<'_>, word: &str) -> FulfilmentStatus {
    let detail = format!("The status `{word}` is not known; add it to the connector's table.");
    fields.warning("UNKNOWN-STATUS", "status", detail);
    FulfilmentStatus::Unmapped
}

/// A status in the shop's word.
pub(crate) fn code(fields: &mut Fields<'_>, word: &str, list: &str) -> Option<Code> {
    let code = fields.identifier("status", "status", word);
    if code.is_none() {
        fields.required::<String>("status", None);
    }
    Some(Code { code: code?, code_list: Text::new(list).ok()?, source_code: None })
}

fn line(fields: &mut Fields<'_>, index: usize, item: SentLine) -> Option<FulfilmentLine> {
    let mut fields = fields.element("line_items", index);
    let pieces = |pieces: i64| Quantity::pieces(Decimal::from(pieces));
    let quantity = fields.required("quantity", item.quantity);
    if quantity.is_some_and(|quantity| quantity < 0) {
        fields.error("INVALID", "quantity", "Expected a number of pieces that is not below zero.");
    }
    words::choices(&mut fields, "properties", &words::any(item.properties));
    let variant = item.variant_title.filter(|variant| !variant.trim().is_empty() && variant != NO_VARIANT);
    let title = match (item.title, variant) {
        (Some(title), Some(variant)) => Some(format!("{title}, {variant}")),
        (title, variant) => title.or(variant),
    };
    Some(FulfilmentLine {
        sku: fields.sku(item.sku),
        description: fields.free_text("title", "title", title.as_deref()),
        open_quantity: item.fulfillable_quantity.filter(|open| *open >= 0).map(pieces),
        ..FulfilmentLine::new(
            number(item.id.unwrap_or(index as u64 + 1)),
            pieces(quantity.filter(|pieces| *pieces >= 0)?),
        )
    })
}

/// A list, or what stands alone where there is none.
fn one_or_many(one: Option<String>, many: Option<Vec<String>>) -> Vec<String> {
    let many = list(many);
    let all = if many.is_empty() { one.into_iter().collect() } else { many };
    all.into_iter().filter(|text| !text.trim().is_empty()).collect()
}

/// Numbers and addresses of parcels, which the shop keeps in two lists.
struct Tracking {
    numbers: Vec<String>,
    urls: Vec<String>,
}

impl Tracking {
    /// Parcels: number and address of the same place in the lists.
    fn parcels(self, fields: &mut Fields<'_>) -> Vec<FulfilmentParcel> {
        let count = self.numbers.len().max(self.urls.len());
        if count > PARCELS_MAX {
            let detail = format!("A fulfilment has at most {PARCELS_MAX} parcels; split it.");
            fields.error("TOO-MANY-PARCELS", "tracking_numbers", detail);
            return Vec::new();
        }
        if !self.urls.is_empty() && !self.numbers.is_empty() && self.urls.len() != self.numbers.len() {
            let detail = "There are not as many addresses as numbers; which belong together is a guess by their order.";
            fields.warning("TRACKING-DIFFERS", "tracking_urls", detail);
        }
        let parcel = |index: usize| FulfilmentParcel {
            tracking_number: self
                .numbers
                .get(index)
                .and_then(|number| fields.identifier("tracking_numbers", "tracking number", number)),
            tracking_url: self.urls.get(index).and_then(|url| fields.identifier("tracking_urls", "address", url)),
        };
        (0..count).map(parcel).collect()
    }
}

/// Where it was sent from: the shop's location, and the address where the goods were.
fn place(fields: &mut Fields<'_>, id: Option<&Scalar>, address: Option<ShopAddress>) -> Option<Location> {
    let location = address::location(fields, "location_id", id, None);
    let address = address.and_then(|address| address::origin(fields, "origin_address", address));
    match (location, address) {
        (location, None) => location,
        (location, Some(address)) => {
            let country = address.country.clone();
            Some(Location { address: Some(address), country, ..location.unwrap_or_default() })
        }
    }
}

/// When a message was triggered, as the shop says in a header; it is the same where the message comes again.
pub(crate) fn triggered_at(message: &Message) -> Option<Timestamp> {
    message.header("x-shopify-triggered-at").and_then(|time| Timestamp::new(time.trim()).ok())
}
