//! What is acknowledged is kept, and what other partners must know reaches them once: the gateway, its journal and the
//! partners on both sides.

mod away;
mod codes;
mod costs;
mod cross_border;
mod deliveries;
mod dry_runs;
mod events;
mod exceptions;
mod exchanges;
mod filings;
mod idempotency;
mod locations;
mod parts;
mod provider_webhooks;
mod reconciled;
mod refused;
mod screening;
mod shipments;
mod tables;
mod testing;
mod told;
mod viewed;
mod webhooks;

use portgate_tests::{Answer, Client, Gateway, Workshop, case, eventually};

const ORDER: &str = "/v1/messages/shopify-order/2024-10";
const EVENTS: &str = "/v1/messages/dcsa-track-trace/2.2";

/// A gateway with the project's policies, and a client of its partner API.
async fn gate() -> (Workshop, Gateway, Client) {
    let workshop = Workshop::new();
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    (workshop, gateway, client)
}

/// The web shop's headers.
fn shop(workshop: &Workshop) -> Vec<(&'static str, String)> {
    vec![("x-api-key", workshop.credentials.api_key.clone()), ("content-type", "application/json".to_owned())]
}

/// The ocean carrier's headers.
fn carrier(workshop: &Workshop) -> Vec<(&'static str, String)> {
    let token = format!("Bearer {}", workshop.credentials.token());
    vec![("authorization", token), ("content-type", "application/json".to_owned())]
}

fn with(mut headers: Vec<(&'static str, String)>, name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    headers.push((name, value.to_owned()));
    headers
}

fn order() -> Vec<u8> {
    case("ecom-shopify", "order", "json")
}

/// One event of one container, as DCSA Track & Trace 2.2 has it.
fn event(number: usize, container: &str) -> Vec<u8> {
    let minute = number % 60;
    let hour = number / 60 % 24;
    serde_json::json!([{
        "eventID": format!("event-{container}-{number}"),
        "eventType": "EQUIPMENT",
        "eventClassifierCode": "ACT",
        "eventDateTime": format!("2026-03-01T{hour:02}:{minute:02}:00Z"),
        "eventCreatedDateTime": "2026-03-02T00:00:00Z",
        "equipmentEventTypeCode": "GTOT",
        "equipmentReference": container,
    }])
    .to_string()
    .into_bytes()
}

/// Waits until an exchange is in this state, and gives it back.
async fn exchange_in(client: &Client, place: &str, headers: &[(&str, String)], state: &str) -> Answer {
    eventually(&format!("{place} is `{state}`"), async || {
        let answer = client.send(http::Method::GET, place, headers, bytes::Bytes::new()).await;
        if answer.json()["state"] == state { Ok(answer) } else { Err(answer.json()) }
    })
    .await
}
