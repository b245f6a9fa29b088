//! The gateway over the network: what partners and operators see, with real policies and the project's own plugins.

mod acknowledgements;
mod agreements;
mod answers;
mod authentication;
mod bad_input;
mod batches;
mod batching;
mod characters;
mod codes;
mod forwarding;
mod limits;
mod operators;
mod people;
mod reloading;
mod shared_limits;
mod tls;
mod unread;
mod versions;

use portgate_tests::{Client, Gateway, Workshop, case};

const ORDER: &str = "/v1/messages/shopify-order/2024-10";
const EVENTS: &str = "/v1/messages/dcsa-track-trace/2.2";
const NOTIFICATION: &str = "/v1/messages/dms-notification/3.6";

/// A gateway with the project's policies, and a client of its partner API.
async fn gate() -> (Workshop, Gateway, Client) {
    let workshop = Workshop::new();
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    (workshop, gateway, client)
}

/// Asks for the documents in the answer, where otherwise only the place of the exchange would be.
fn documents_please() -> (&'static str, String) {
    ("prefer", "return=representation".to_owned())
}

/// The web shop's headers for a JSON message.
fn shop(workshop: &Workshop) -> Vec<(&'static str, String)> {
    let key = workshop.credentials.api_key.clone();
    vec![("x-api-key", key), ("content-type", "application/json".to_owned()), documents_please()]
}

/// The ocean carrier's headers for a JSON message.
fn carrier(workshop: &Workshop) -> Vec<(&'static str, String)> {
    bearer(&workshop.credentials.token())
}

fn bearer(token: &str) -> Vec<(&'static str, String)> {
    let token = format!("Bearer {token}");
    vec![("authorization", token), ("content-type", "application/json".to_owned()), documents_please()]
}

/// The broker's headers for this notification.
fn broker(workshop: &Workshop, body: &[u8]) -> Vec<(&'static str, String)> {
    let mut headers = workshop.credentials.webhook(body);
    headers.push(("content-type", "application/xml".to_owned()));
    headers.push(documents_please());
    headers
}

fn order() -> Vec<u8> {
    case("ecom-shopify", "order", "json")
}

fn events() -> Vec<u8> {
    case("carrier-ocean", "dcsa-2-2-events", "json")
}

fn tax_assessed() -> Vec<u8> {
    case("broker-cds", "tax-assessed", "xml")
}
