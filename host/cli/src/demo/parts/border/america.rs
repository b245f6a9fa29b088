//! The same manufacturer's parcel to a shop in Portland, Oregon: what crosses that border is a parcel with what customs is told of it,
//! declared by its carrier, who says where it is until it is there.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{ERP, OWN, watch};
use crate::demo::credentials::Auth;
use crate::demo::message::{JSON, Message, Run, X12, message};
use crate::demo::stage::Stage;
use crate::demo::timeline::Timeline;

const SHOP: Auth = Auth::ApiKey("web-shop");

pub(super) const ORDER: Message =
    message!(SHOP, "an order from Portland, Oregon", "shopify-order/2024-10", JSON, "america-order.json");
pub(super) const SALES_ORDER: Message =
    message!(ERP, "its sales order, by OData", "s4-sales-order/2", JSON, "america-sales-order.json");
pub(super) const PARTIES: Message =
    message!(Auth::ApiKey("compliance"), "who takes part in that", "screening-request/1", JSON, "america-parties.json");
pub(super) const PACKED: Message =
    message!(Auth::ApiKey("warehouse"), "that a carton is packed, X12 856", "x12-856/4010", X12, "america-packed.edi");
pub(super) const PARCEL: Message =
    message!(OWN, "the parcel with its customs data", "shipment/1", JSON, "america-parcel.json");
pub(super) const FULFILMENT: Message =
    message!(OWN, "that it is sent, and its number", "fulfilment/1", JSON, "america-fulfilment.json");
const TRACKED: Message = super::written(Auth::EasyPost, "where the parcel is", "easypost-tracker/2", JSON);

/// Ordered, booked, screened, packed, sent; held and let go by customs, and delivered.
pub(super) async fn crosses(stage: &mut Stage<'_>) -> Result<(), String> {
    stage.sends(&ORDER, &["order"]).await?;
    stage.sends(&SALES_ORDER, &["order"]).await?;
    stage.sends(&PARTIES, &["screening-result"; 2]).await?;
    stage.answers_with_997(&PACKED).await?;
    let parcel = stage.sends(&PARCEL, &["shipment"]).await?;
    let says = ["customs_info", "940521", "\"country\":\"US\"", "5{NUM}"];
    stage.delivers(&parcel, "easypost", "the parcel, with what customs is told", &says).await?;
    let sent = stage.sends(&FULFILMENT, &["fulfilment"]).await?;
    stage.delivers(&sent, "web-shop", "the number to track it by", &["1Z{NUM}"]).await?;
    let now = Timestamp::now();
    // What the carrier expects counts as a forecast if it says so before.
    let under_way = tracker(stage.run, now, 5);
    let told = stage.says(&TRACKED, under_way, &["milestone"; 6]).await?;
    stage.delivers(&told, "customer-portal", "that US customs has let it go", &["\"HELD\"", "\"DEPARTED\""]).await?;
    let told = stage.says(&TRACKED, tracker(stage.run, now, EVENTS.len()), &["milestone"; 8]).await?;
    stage.delivers(&told, "customer-portal", "that it is delivered", &["\"DELIVERED\"", "1Z{NUM}"]).await?;
    is_one(stage).await
}

/// What happens to the parcel: how many hours ago, EasyPost's words and the carrier's, and where.
struct Event(i64, &'static str, &'static str, &'static str, &'static str, &'static str);

const EVENTS: [Event; 7] = [
    Event(90, "pre_transit", "label_created", "Shipment information sent", "", "VN"),
    Event(86, "in_transit", "received_at_origin_facility", "Picked up", "HO CHI MINH CITY", "VN"),
    Event(78, "in_transit", "departed_facility", "Departed", "HO CHI MINH CITY", "VN"),
    Event(58, "in_transit", "held", "Held until customs has released it", "LOS ANGELES", "US"),
    Event(52, "in_transit", "departed_facility", "Released by customs, departed", "LOS ANGELES", "US"),
    Event(6, "out_for_delivery", "out_for_delivery", "On vehicle for delivery", "PORTLAND", "US"),
    Event(0, "delivered", "arrived_at_destination", "Delivered", "PORTLAND", "US"),
];

/// EasyPost's webhook once so many of the events have happened. The parcel is expected within the hour.
fn tracker(run: Run, now: Timestamp, count: usize) -> String {
    let ago = |hours: i64| (now - SignedDuration::from_hours(hours)).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let happened: Vec<&Event> = EVENTS.iter().take(count).collect();
    let detail = |Event(hours, status, detail, words, city, country): &&Event| {
        json!({
            "object": "TrackingDetail", "message": words, "description": "", "status": status, "status_detail": detail,
            "datetime": ago(*hours), "source": "AnyPost", "carrier_code": null,
            "tracking_location": {
                "object": "TrackingLocation", "city": city, "state": null, "country": country, "zip": null,
            },
        })
    };
    let details: Vec<Value> = happened.iter().map(detail).collect();
    let Some(Event(hours, status, state, ..)) = happened.last() else { return String::new() };
    let is_there = *status == "delivered";
    let event = json!({
        "description": "tracker.updated", "mode": "production", "id": format!("evt_a{count}{{RUN}}"), "object": "Event",
        "created_at": ago(*hours), "updated_at": ago(*hours), "status": "pending", "user_id": "user_1",
        "previous_attributes": {}, "pending_urls": [], "completed_urls": [],
        "result": {
            "id": "trk_a{RUN}", "object": "Tracker", "mode": "production", "tracking_code": "1Z{NUM}",
            "status": status, "status_detail": state, "created_at": ago(90), "updated_at": ago(*hours),
            "signed_by": is_there.then_some("D. WHITLOCK"), "weight": 155.2, "est_delivery_date": ago(-1),
            "shipment_id": "shp_5{NUM}", "carrier": "AnyPost", "tracking_details": details, "carrier_detail": null,
            "finalized": is_there, "is_return": false, "public_url": "https://track.example/trk", "fees": [],
            "delivery_evidence": [],
        },
    });
    run.fill(&event.to_string())
}

/// Whatever was said of it is one shipment, in which nothing is wrong.
async fn is_one(stage: &Stage<'_>) -> Result<(), String> {
    let place = stage.run.fill("/v1/shipments/1Z{NUM}");
    let of = |shown: &Value| {
        let documents = shown["context"]["documents"].as_array()?;
        let count = |kind: &str| documents.iter().filter(|one| one["kind"] == kind).count();
        let is_delivered = documents.iter().any(|one| one["document"]["code"] == "DELIVERED");
        let kinds = ["order", "packing", "shipment", "fulfilment", "screening-result"];
        let is_whole = kinds.iter().all(|kind| count(kind) > 0) && count("order") == 2 && is_delivered;
        (is_whole && shown["current"] == true).then(|| (documents.len(), shown["found"].clone()))
    };
    let (count, found) = watch::once(stage, &place, "the parcel with all that was said of it", of).await?;
    let is_clean = found.as_array().is_some_and(Vec::is_empty);
    let told =
        "of the parcel to Portland, from the order to the door, are one shipment, and no rule finds anything in it";
    Timeline::note(is_clean, &format!("{count} documents {told}"));
    if is_clean { Ok(()) } else { Err(format!("nothing should be found of the parcel: {found}")) }
}
