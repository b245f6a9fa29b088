//! Trackers of EasyPost (API v2): bare, in the events that its webhooks send, or in the lists that it answers.

use std::fmt;

use portgate_sdk::canonical::{Classifier, MilestoneCode};
use portgate_sdk::{Decoded, Finding, Message, Pointer, Rejection};
use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::parcel::{Dated, Event, Parcel, Place, Words, milestones};
use crate::refusal::{self, EasyPostError};
use crate::status;

const WORDS: Words =
    Words { statuses: "EasyPost tracking status", dates: "EasyPost tracker field", meaning: status::easypost };

/// What EasyPost sends: a tracker; or an event with one as its `result`; or a list of `trackers`; or an `error`.
#[derive(Deserialize)]
struct Sent {
    error: Option<EasyPostError>,
    trackers: Option<Vec<Sent>>,
    has_more: Option<bool>,
    /// What an event is of: `tracker.updated`.
    description: Option<String>,
    result: Option<Box<Sent>>,
    id: Option<String>,
    mode: Option<String>,
    tracking_code: Option<String>,
    #[serde(default)]
    status: Word,
    status_detail: Option<String>,
    updated_at: Option<String>,
    signed_by: Option<String>,
    est_delivery_date: Option<String>,
    shipment_id: Option<String>,
    carrier: Option<String>,
    is_return: Option<bool>,
    tracking_details: Option<Vec<TrackingDetail>>,
    carrier_detail: Option<CarrierDetail>,
}

#[derive(Deserialize)]
struct TrackingDetail {
    message: Option<String>,
    description: Option<String>,
    status: Option<String>,
    status_detail: Option<String>,
    datetime: Option<String>,
    carrier_code: Option<String>,
    tracking_location: Option<TrackingLocation>,
}

#[derive(Deserialize)]
struct TrackingLocation {
    city: Option<String>,
    state: Option<String>,
    country: Option<String>,
    zip: Option<String>,
}

#[derive(Deserialize)]
struct CarrierDetail {
    service: Option<String>,
    est_delivery_date_local: Option<String>,
    est_delivery_time_local: Option<String>,
    destination_location: Option<String>,
    destination_tracking_location: Option<TrackingLocation>,
    guaranteed_delivery_date: Option<String>,
    alternate_identifier: Option<String>,
    initial_delivery_attempt: Option<String>,
}

/// A word; none where the object of an event that is not about a parcel has something else in its place, as a batch has.
#[derive(Default)]
struct Word(Option<String>);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordVisitor)
    }
}

struct WordVisitor;

impl<'de> Visitor<'de> for WordVisitor {
    type Value = Word;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, an object or null")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Word, E> {
        Ok(Word(Some(text.to_owned())))
    }

    fn visit_unit<E: Error>(self) -> Result<Word, E> {
        Ok(Word(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Word, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Word(None))
    }
}

/// The milestones of a message.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let sent: Sent = message.json()?;
    if let Some(error) = &sent.error {
        return Err(Rejection::new(refusal::easypost(error)));
    }
    let mut decoded = Decoded::new();
    let root = Pointer::root();
    if let Some(trackers) = sent.trackers {
        if sent.has_more == Some(true) {
            let detail = "There are more trackers than these; they are in the next page of the list.";
            decoded.finding(Finding::info("MORE-PAGES", root.key("has_more"), detail));
        }
        let list = root.key("trackers");
        for (index, tracker) in trackers.into_iter().enumerate() {
            add(tracker, list.index(index), true, None, message, &mut decoded);
        }
    } else if let Some(description) = &sent.description {
        match (description.starts_with("tracker."), sent.result) {
            (true, Some(tracker)) => add(*tracker, root.key("result"), false, sent.id, message, &mut decoded),
            (true, None) => {
                let detail = "The event is of a tracker and does not hold it; send the event as the webhook does.";
                decoded.finding(Finding::error("NO-RESULT", root, detail));
            }
            (false, _) => {
                let detail = format!("The event `{description}` is not about where a parcel is; nothing comes of it.");
                decoded.finding(Finding::info("OTHER-EVENT", root.key("description"), detail));
            }
        }
    } else {
        add(sent, root, false, None, message, &mut decoded);
    }
    decoded.finish()
}

/// Adds what a tracker tells. `event` is the id of the event that it came in.
fn add(tracker: Sent, at: Pointer, in_list: bool, event: Option<String>, message: &Message, decoded: &mut Decoded) {
    if tracker.mode.as_deref() == Some("test") {
        let detail = "The tracker is one of EasyPost's test mode: nothing of it has happened to a real parcel.";
        decoded.finding(Finding::info("TEST-MODE", at.key("mode"), detail));
    }
    let Some(code) = tracker.tracking_code.clone().filter(|code| !code.trim().is_empty()) else {
        decoded.finding(Finding::error("MISSING", &at, "Give `tracking_code`."));
        return;
    };
    let parcel = tracker.into_parcel(at, code, event, decoded);
    let in_parts = in_list || parcel.events.len() > 1;
    milestones(&parcel, &WORDS, in_parts, message, decoded);
}

impl Sent {
    fn into_parcel(self, at: Pointer, code: String, event: Option<String>, decoded: &mut Decoded) -> Parcel {
        let details = self.tracking_details.unwrap_or_default();
        let list = at.key("tracking_details");
        let mut events: Vec<Event> =
            details.into_iter().enumerate().map(|(index, detail)| detail.into_event(list.index(index))).collect();
        let carrier = self.carrier.filter(|carrier| !carrier.trim().is_empty());
        if events.is_empty() {
            events.extend(state_alone(&at, &self.status, self.status_detail, self.updated_at.as_ref(), decoded));
        }
        let id = self.id.filter(|id| !id.trim().is_empty());
        // Carriers use their numbers again after some time, and trackers tell them apart.
        let key = id.clone().unwrap_or_else(|| format!("{}|{code}", carrier.as_deref().unwrap_or_default()));
        let mut references = vec![("tracking-number", code, "tracking_code")];
        references.extend(id.clone().map(|id| ("easypost-tracker", id, "id")));
        references.extend(self.shipment_id.map(|id| ("easypost-shipment", id, "shipment_id")));
        let mut parcel = Parcel {
            key,
            message_id: event.or(id),
            recorded_at: self.updated_at,
            references,
            carrier: carrier.map(|carrier| (carrier, "carrier")),
            service: None,
            signed_by: self.signed_by.filter(|name| !name.trim().is_empty()),
            is_return: self.is_return,
            events,
            dates: Vec::new(),
            at,
        };
        let mut detail = self.carrier_detail;
        let destination = detail.as_mut().map(CarrierDetail::destination).unwrap_or_default();
        parcel.date(
            "est_delivery_date",
            MilestoneCode::Delivered,
            Classifier::Est,
            self.est_delivery_date,
            &destination,
        );
        if let Some(detail) = detail {
            parcel.carrier_detail(detail, &destination);
        }
        parcel
    }
}

/// What a tracker without events says by its own status: the state of the parcel, whose time is when EasyPost noted it.
fn state_alone(
    at: &Pointer,
    status: &Word,
    detail: Option<String>,
    updated_at: Option<&String>,
    decoded: &mut Decoded,
) -> Option<Event> {
    let status = status.0.clone().filter(|status| status != "unknown" && !status.trim().is_empty());
    let (Some(status), Some(updated_at)) = (status, updated_at) else {
        let detail = "The tracker has no event yet; nothing comes of it.";
        decoded.finding(Finding::info("NO-EVENT", at.key("tracking_details"), detail));
        return None;
    };
    let said = "The tracker has a status and no event; when it was noted stands for when it happened.";
    decoded.finding(Finding::warning("STATUS-WITHOUT-EVENT", at.key("status"), said));
    Some(Event {
        at: at.clone(),
        status,
        detail,
        carrier_code: None,
        time: (Some(updated_at.clone()), "updated_at"),
        recorded_at: None,
        words: Vec::new(),
        place: Place::default(),
    })
}

impl TrackingDetail {
    fn into_event(self, at: Pointer) -> Event {
        Event {
            at,
            status: self.status.unwrap_or_default(),
            detail: self.status_detail,
            carrier_code: self.carrier_code,
            time: (self.datetime, "datetime"),
            recorded_at: None,
            words: [self.message, self.description].into_iter().flatten().collect(),
            place: self.tracking_location.map(Place::from).unwrap_or_default(),
        }
    }
}

impl From<TrackingLocation> for Place {
    fn from(location: TrackingLocation) -> Self {
        Place {
            city: location.city,
            region: location.state,
            postcode: location.zip,
            country: location.country,
            name: None,
        }
    }
}

impl CarrierDetail {
    /// Where the parcel goes: taken out, for it is said once.
    fn destination(&mut self) -> Place {
        let place = self.destination_tracking_location.take().map(Place::from).unwrap_or_default();
        Place { name: self.destination_location.take(), ..place }
    }
}

impl Parcel {
    fn date(
        &mut self,
        name: &'static str,
        code: MilestoneCode,
        classifier: Classifier,
        time: Option<String>,
        place: &Place,
    ) {
        if let Some(time) = time.filter(|time| !time.trim().is_empty()) {
            let at = self.at.key(name);
            self.dates.push(Dated { at, name, code, classifier, time, place: place.clone() });
        }
    }

    /// What the carrier adds for those of its own services.
    fn carrier_detail(&mut self, detail: CarrierDetail, destination: &Place) {
        let at = std::mem::replace(&mut self.at, Pointer::root());
        self.at = at.key("carrier_detail");
        let (code, delivered) = (MilestoneCode::Attempted, MilestoneCode::Delivered);
        self.date("guaranteed_delivery_date", delivered, Classifier::Pln, detail.guaranteed_delivery_date, destination);
        self.date("initial_delivery_attempt", code, Classifier::Act, detail.initial_delivery_attempt, destination);
        // The same as the tracker's own estimate, in the time of the place; it counts where that is missing.
        if self.dates.iter().all(|date| date.name != "est_delivery_date") {
            let time = detail.est_delivery_date_local.map(|day| match &detail.est_delivery_time_local {
                Some(time) => format!("{day}T{time}"),
                None => day,
            });
            self.date("est_delivery_date_local", delivered, Classifier::Est, time, destination);
        }
        self.at = at;
        self.service = detail.service;
        self.references.extend(detail.alternate_identifier.map(|id| ("tracking-number", id, "carrier_detail")));
    }
}
