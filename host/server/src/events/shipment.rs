//! What is told of one shipment to who may see it: each document that it may see as it comes to the shipment, and that the
//! context says something new.
//!
//! | type | when | data |
//! |---|---|---|
//! | `portgate.document.<kind>` | a version of a document came to the shipment, by a message or by what ties them together | the document, as far as the reader may see it |
//! | `portgate.shipment.changed` | the context says something new | the shipment's id, and the revision |

use std::sync::Arc;

use async_trait::async_trait;
use portgate_core::sha256::sha256;
use portgate_store::{Cursor, EventData, EventId, Journal, JournalError, NewEvent, ShipmentEvent, ShipmentNews};
use serde_json::json;
use uuid::Uuid;

use super::cloud_event;
use super::id::EventIds;
use super::stream::{BATCH, News, Telling, write};
use crate::sight::Sight;

/// What the ids of a reader's places among the events of shipments are made for.
pub(crate) fn place_of(sender: &str) -> String {
    format!("{sender}\nshipments")
}

/// The events of one shipment, for one reader.
pub(crate) struct OfShipment {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) ids: EventIds,
    pub(crate) sight: Arc<Sight>,
    /// The partner, or the partner that tests.
    pub(crate) sender: Arc<str>,
    /// What the shipment was called when it began; it may be part of another since.
    pub(crate) shipment: Uuid,
    pub(crate) after: Cursor,
}

#[async_trait]
impl Telling for OfShipment {
    fn place(&self) -> String {
        self.ids.id(&place_of(&self.sender), self.after)
    }

    async fn news(&mut self) -> Result<News, JournalError> {
        // What is no longer to be seen ends the stream, whether or not there is something to tell.
        let viewer = self.sight.viewer(&self.sender);
        let Some(shipment) = self.journal.shipment_seen(&viewer, self.shipment).await? else { return Ok(News::Over) };
        let told = self.journal.shipment_events(shipment.id, self.after, BATCH).await?;
        let Some(last) = told.last() else { return Ok(News::None) };
        self.after = last.cursor;
        let mut text = String::new();
        for ShipmentEvent { cursor, at, news } in told {
            let name = |what: String| name(&format!("{}\n{what}", shipment.id));
            let (id, kind, subject, data) = match news {
                ShipmentNews::Document { exchange, position, sender: _, document } => {
                    let kind = format!("portgate.document.{}", document.kind);
                    let Some(seen) = self.sight.of_document(document) else { continue };
                    let Ok(body) = String::from_utf8(seen.body) else { continue };
                    (name(format!("{exchange}\n{position}")), kind, seen.key, body)
                }
                ShipmentNews::Revision(revision) => {
                    let data = json!({ "shipment": shipment.id.to_string(), "revision": revision });
                    let kind = "portgate.shipment.changed".to_owned();
                    (name(revision), kind, shipment.id.to_string(), data.to_string())
                }
                ShipmentNews::Gone => continue,
            };
            let Some(id) = id else { continue };
            let partner = self.sender.to_string();
            let event = NewEvent { id, kind, subject, partner, at, data: EventData::Own(data) };
            let place = self.ids.id(&place_of(&self.sender), cursor);
            write(&mut text, &place, &event.kind, &cloud_event::render(&event));
        }
        Ok(News::Some(text))
    }
}

/// The id of an event after what it tells: a UUID of version 8 (RFC 9562 §5.8), so that what is told twice has one.
fn name(what: &str) -> Option<EventId> {
    let mut bytes: [u8; 16] = sha256(what.as_bytes())[..16].try_into().ok()?;
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    Uuid::from_bytes(bytes).to_string().parse().ok()
}
