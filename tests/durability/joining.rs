//! Joining and putting together that fail at any of their steps, by an error or by the death of the process: every document is
//! in the one shipment that it is of, and that shipment's context has it.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use portgate_store::testing::PostgresServer;
use portgate_tests::process::GatewayProcess;
use portgate_tests::{Client, Workshop, eventually};
use serde_json::json;

use crate::{keep_in, unhurried};

/// The steps: a document becomes a thing, what it makes of shipments is kept, a context is kept.
const STEPS: [&str; 3] = ["journal::join::thing", "journal::join::shipments", "journal::fold::kept"];
/// Documents of each shipment.
const EACH: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_fails_anywhere_loses_and_doubles_no_document_of_a_shipment() {
    let (workshop, _portal) = unhurried().await;
    fail_everywhere(&workshop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_does_one_in_postgresql() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let (workshop, _portal) = unhurried().await;
    keep_in(&server, &workshop);
    fail_everywhere(&workshop).await;
}

/// An event of a container; all events of one container are of one shipment.
fn event(number: usize) -> Vec<u8> {
    let container = number / EACH;
    let event = json!([{
        "eventID": format!("joined-{number}"),
        "eventType": "EQUIPMENT",
        "eventClassifierCode": "ACT",
        "eventDateTime": "2026-03-01T08:00:00Z",
        "eventCreatedDateTime": format!("2026-03-02T00:00:{:02}Z", number % EACH),
        "equipmentEventTypeCode": "GTOT",
        "equipmentReference": format!("JOIN{container:06}"),
    }]);
    event.to_string().into_bytes()
}

async fn send(client: &Client, workshop: &Workshop, number: usize) -> bool {
    let headers = [
        ("authorization", format!("Bearer {}", workshop.credentials.token())),
        ("content-type", "application/json".to_owned()),
        ("idempotency-key", format!("\"joined-{number}\"")),
    ];
    let answer =
        client.try_send(Method::POST, "/v1/messages/dcsa-track-trace/2.2", &headers, event(number).into()).await;
    answer.is_some_and(|answer| answer.status == 202)
}

async fn fail_everywhere(workshop: &Workshop) {
    // Here an event begins a shipment, and its container is of that one alone.
    workshop.edit("shipments.toml", |text| {
        let text = text.replace("opens = [", "opens = [\"milestone\", ");
        let text = text.replace("identifying = [", "identifying = [\"container\", ");
        text.replace("windowed = { container = 45 }", "windowed = {}")
    });
    let (mut number, mut acknowledged) = (0, Vec::new());
    for point in STEPS {
        for by in ["error", "death"] {
            let gateway = GatewayProcess::start_failing(workshop, point, 5, by);
            let client = Client::new(gateway.partner);
            let first = number;
            while !gateway.said("reached") {
                if send(&client, workshop, number).await {
                    acknowledged.push(number);
                }
                number += 1;
                assert!(number < first + 1_000, "{point} is never reached");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            gateway.kill();
        }
    }
    let gateway = GatewayProcess::start(workshop);
    let operator = Client::new(gateway.operator);
    let headers = [("authorization", format!("Bearer {}", workshop.credentials.operator_key))];
    println!("{} documents", acknowledged.len());
    for chunk in (0..number).collect::<Vec<_>>().chunks(EACH) {
        let there: Vec<String> = chunk
            .iter()
            .filter(|number| acknowledged.contains(number))
            .map(|number| format!("joined-{number}"))
            .collect();
        let Some(any) = there.first() else { continue };
        let found = eventually("the shipment of all events of a container", async || {
            let path = format!("/v1/shipments?reference={any}");
            let found = operator.send(Method::GET, &path, &headers, Bytes::new()).await.json();
            let shipment = &found["items"][0];
            let has = |id: &String| {
                shipment["documents"].as_array().into_iter().flatten().any(|one| one["id"] == id.as_str())
            };
            let is_whole = shipment["current"] == true && there.iter().all(has);
            if is_whole { Ok(found) } else { Err(found) }
        })
        .await;
        let items = found["items"].as_array().expect("a list");
        assert_eq!(items.len(), 1, "{any} is in one shipment: {found}");
        let mut ids: Vec<&str> =
            items[0]["documents"].as_array().into_iter().flatten().filter_map(|one| one["id"].as_str()).collect();
        let documents = ids.len();
        ids.sort_unstable();
        ids.dedup();
        // A message without an answer may have been taken as well.
        assert!(ids.len() == documents && (there.len()..=EACH).contains(&documents), "{found}");
    }
}
