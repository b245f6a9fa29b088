//! Tracks of Shippo (API 2018-02-08): bare, as its API answers them, or below `data`, as its webhooks send them.

use portgate_sdk::canonical::{Classifier, MilestoneCode};
use portgate_sdk::{Decoded, Finding, Message, Pointer, Rejection};
use serde::Deserialize;
use serde_json::Value;

use crate::parcel::{Dated, Event, Parcel, Place, Words, milestones};
use crate::{refusal, status};

const WORDS: Words = Words { statuses: "Shippo tracking status", dates: "Shippo track field", meaning: status::shippo };

/// What Shippo sends: a track; or an event with one as its `data`; or, where it refuses, the `detail` of that.
#[derive(Deserialize)]
struct Sent {
    detail: Option<Value>,
    event: Option<String>,
    data: Option<Box<Sent>>,
    test: Option<bool>,
    carrier: Option<String>,
    tracking_number: Option<String>,
    address_to: Option<ShippoPlace>,
    eta: Option<String>,
    original_eta: Option<String>,
    servicelevel: Option<ServiceLevel>,
    metadata: Option<String>,
    transaction: Option<String>,
    messages: Option<Vec<Value>>,
    tracking_status: Option<TrackingStatus>,
    tracking_history: Option<Vec<TrackingStatus>>,
}

#[derive(Deserialize)]
struct ServiceLevel {
    token: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct TrackingStatus {
    object_created: Option<String>,
    object_updated: Option<String>,
    status: Option<String>,
    status_details: Option<String>,
    status_date: Option<String>,
    substatus: Option<Substatus>,
    location: Option<ShippoPlace>,
}

#[derive(Deserialize)]
struct Substatus {
    code: Option<String>,
    text: Option<String>,
    action_required: Option<bool>,
}

#[derive(Deserialize)]
struct ShippoPlace {
    city: Option<String>,
    state: Option<String>,
    zip: Option<String>,
    country: Option<String>,
}

/// The milestones of a message.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let sent: Sent = message.json()?;
    if let Some(detail) = sent.detail {
        return Err(Rejection::new(refusal::shippo(&serde_json::json!({ "detail": detail }))));
    }
    let mut decoded = Decoded::new();
    let root = Pointer::root();
    match (sent.event.as_deref(), sent.data) {
        (None | Some("track_updated"), Some(track)) => {
            add(*track, root.key("data"), sent.test, message, &mut decoded);
        }
        (Some("track_updated"), None) => {
            let detail = "The event is of a track and does not hold it; send the event as the webhook does.";
            decoded.finding(Finding::error("NO-DATA", root, detail));
        }
        (Some(event), _) => {
            let detail = format!("The event `{event}` is not about where a parcel is; nothing comes of it.");
            decoded.finding(Finding::info("OTHER-EVENT", root.key("event"), detail));
        }
        (None, None) => add(Sent { data: None, detail: None, ..sent }, root, None, message, &mut decoded),
    }
    decoded.finish()
}

/// Adds what a track tells. `is_test` is what its event says of it.
fn add(track: Sent, at: Pointer, is_test: Option<bool>, message: &Message, decoded: &mut Decoded) {
    if track.test.or(is_test) == Some(true) {
        let detail = "The track is one of Shippo's test mode: nothing of it has happened to a real parcel.";
        decoded.finding(Finding::info("TEST-MODE", &at, detail));
    }
    let Some(number) = track.tracking_number.clone().filter(|number| !number.trim().is_empty()) else {
        decoded.finding(Finding::error("MISSING", &at, "Give `tracking_number`."));
        return;
    };
    for (index, said) in track.messages.iter().flatten().enumerate() {
        let said = said.as_str().map_or_else(|| said.to_string(), str::to_owned);
        let detail = format!("Shippo says of the track: {said}");
        decoded.finding(Finding::info("MESSAGE", at.key("messages").index(index), detail));
    }
    if let Some(metadata) = track.metadata.as_deref().map(str::trim).filter(|metadata| !metadata.is_empty()) {
        let detail = format!("The track was asked for with these words: {metadata}");
        decoded.finding(Finding::info("METADATA", at.key("metadata"), detail));
    }
    let parcel = track.into_parcel(at, number, decoded);
    milestones(&parcel, &WORDS, parcel.events.len() > 1, message, decoded);
}

impl Sent {
    fn into_parcel(self, at: Pointer, number: String, decoded: &mut Decoded) -> Parcel {
        let list = at.key("tracking_history");
        let history = self.tracking_history.unwrap_or_default().into_iter().enumerate();
        let mut events: Vec<Event> = history.map(|(index, event)| event.into_event(list.index(index))).collect();
        // The state of now is the last event said again, under another id. It counts where it is none of them.
        let now = self.tracking_status.map(|status| status.into_event(at.key("tracking_status")));
        let is_among =
            |now: &Event| events.iter().any(|event| (&event.status, &event.time.0) == (&now.status, &now.time.0));
        events.extend(now.filter(|now| !is_among(now)));
        if events.is_empty() {
            let detail = "The track has no event yet; nothing comes of it.";
            decoded.finding(Finding::info("NO-EVENT", list, detail));
        }
        let carrier = self.carrier.filter(|carrier| !carrier.trim().is_empty());
        let key = format!("{}|{number}", carrier.as_deref().unwrap_or_default());
        let mut references = vec![("tracking-number", number, "tracking_number")];
        references.extend(self.transaction.map(|id| ("shippo-transaction", id, "transaction")));
        let service = self.servicelevel.and_then(|level| level.name.or(level.token));
        let place = self.address_to.map(Place::from).unwrap_or_default();
        // The first estimate counts where there is no newer one.
        let eta = self.eta.map(|eta| ("eta", eta)).or(self.original_eta.map(|eta| ("original_eta", eta)));
        let dates = eta.filter(|(_, time)| !time.trim().is_empty()).map(|(name, time)| Dated {
            at: at.key(name),
            name,
            code: MilestoneCode::Delivered,
            classifier: Classifier::Est,
            time,
            place,
        });
        Parcel {
            key,
            message_id: None,
            recorded_at: None,
            references,
            carrier: carrier.map(|carrier| (carrier, "carrier")),
            service,
            signed_by: None,
            is_return: None,
            events,
            dates: dates.into_iter().collect(),
            at,
        }
    }
}

impl TrackingStatus {
    fn into_event(self, at: Pointer) -> Event {
        let (mut detail, mut words) = (None, Vec::from_iter(self.status_details));
        if let Some(substatus) = self.substatus {
            detail = substatus.code;
            words.extend(substatus.text);
            if substatus.action_required == Some(true) {
                words.push("Somebody has to do something, says Shippo.".to_owned());
            }
        }
        Event {
            at,
            status: self.status.unwrap_or_default(),
            detail,
            carrier_code: None,
            time: (self.status_date, "status_date"),
            recorded_at: self.object_updated.or(self.object_created),
            words,
            place: self.location.map(Place::from).unwrap_or_default(),
        }
    }
}

impl From<ShippoPlace> for Place {
    fn from(place: ShippoPlace) -> Self {
        Place { city: place.city, region: place.state, postcode: place.zip, country: place.country, name: None }
    }
}
