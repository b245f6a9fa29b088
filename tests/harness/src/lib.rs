//! What the tests share: a real gateway on loopback, the partners' side of the network, built plugins, samples.

pub mod client;
pub mod credentials;
pub mod edi;
pub mod events;
mod eventually;
pub mod gateway;
pub mod hostile;
pub mod hung;
pub mod nats;
pub mod paging;
pub mod plugins;
pub mod portal;
pub mod process;
pub mod samples;
pub mod signatures;
pub mod strangers;
pub mod webhook;

use std::path::PathBuf;

pub use client::{Answer, Client};
pub use events::{EventStream, StreamedEvent};
pub use eventually::{PATIENCE, eventually};
pub use gateway::{Gateway, Workshop};
pub use hung::HungMount;
pub use nats::NatsServer;
pub use portal::Portal;
pub use webhook::Webhook;

/// The root of the checkout.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The payload of a connector's case, such as `case("ecom-shopify", "order", "json")`.
pub fn case(plugin: &str, name: &str, extension: &str) -> Vec<u8> {
    let path = repository().join(format!("plugins/{plugin}/cases/{name}/message.{extension}"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A DCSA message of one event: the container of this number has left a terminal.
pub fn gate_out(number: usize) -> Vec<u8> {
    let event = serde_json::json!([{
        "eventID": format!("event-{number}"),
        "eventType": "EQUIPMENT",
        "eventClassifierCode": "ACT",
        "eventDateTime": "2026-03-01T08:00:00Z",
        "eventCreatedDateTime": "2026-03-02T00:00:00Z",
        "equipmentEventTypeCode": "GTOT",
        "equipmentReference": format!("OPSU{number:06}"),
    }]);
    event.to_string().into_bytes()
}
