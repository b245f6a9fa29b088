//! A partner that is down for long, while a hundred thousand deliveries to it gather.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::StatusCode;
use portgate_tests::process::GatewayProcess;
use portgate_tests::{Client, Portal, Workshop, case};
use serde_json::json;

use crate::ledger::Ledger;
use crate::unhurried;

/// Messages, each with one event of every container.
const MESSAGES: usize = 200;
/// Containers, each a lane of its own; as many as a message may have documents.
const CONTAINERS: usize = 500;
/// How much more memory the gateway may need with the backlog than without: its journal's page cache of 128 MiB, and as much again
/// as 96 MiB for the messages and deliveries in its hands and for what follows the events. Seen were 192 in all, of which SQLite has
/// 136 to 142. The rest is what the threads that block keep for their next turn: with one for each delivery that goes out it was
/// up to 248.
const GROWTH_BYTES_MAX: u64 = 224 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_deliveries_that_wait_harm_nobody_and_go_out_in_order() {
    let (workshop, portal) = unhurried().await;
    let branch = Portal::start_beside(&workshop, &portal, "branch-portal").await;
    workshop.edit("routes.toml", |text| {
        let (before, after) = text.split_once("document = \"customs-status\"").expect("a route");
        let after = after.replacen("customer-portal", "branch-portal", 1);
        format!("{before}document = \"customs-status\"{after}")
    });
    // The events of five hundred containers that no shipment names: what joining costs is another matter.
    workshop.replace("shipments.toml", &[("apart = [", "apart = [\"milestone\", ")]);
    portal.answer(503);
    let gateway = GatewayProcess::start(&workshop);
    let client = Client::new(gateway.partner);
    let healthy_before = median(healthy(&workshop, &client, &branch, 0).await);
    let memory_before = gateway.memory_bytes();

    let started = Instant::now();
    for number in 0..MESSAGES {
        let answer = Ledger::post(&client, &workshop, &format!("bulk-{number}"), events(number)).await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{:?}", answer.body);
    }
    let backlog = MESSAGES * CONTAINERS;
    println!("{backlog} deliveries wait after {:.1?}; memory {} MiB", started.elapsed(), gateway.memory_bytes() >> 20);
    let healthy_meanwhile = median(healthy(&workshop, &client, &branch, 1_000).await);
    let ratio = healthy_meanwhile.as_secs_f64() / healthy_before.as_secs_f64();
    println!("to a healthy partner: {healthy_before:.1?} before, {healthy_meanwhile:.1?} meanwhile, ratio {ratio:.2}");
    assert!(healthy_meanwhile < healthy_before * 4 + Duration::from_millis(100), "healthy partners are held up");

    let (started, mut memory_most) = (Instant::now(), gateway.memory_bytes());
    portal.answer(200);
    let (mut taken, mut moved) = (0, Instant::now());
    while taken < backlog {
        tokio::time::sleep(Duration::from_millis(500)).await;
        memory_most = memory_most.max(gateway.memory_bytes());
        let now = portal.taken().len();
        if now > taken {
            (taken, moved) = (now, Instant::now());
        }
        // The last ones may have been refused just before and wait for another try.
        assert!(moved.elapsed() < Duration::from_secs(15), "stuck at {taken} of {backlog}");
    }
    println!("drained in {:.1?}", started.elapsed());
    let mebibytes = |bytes: u64| bytes >> 20;
    println!("memory: {} MiB before, {} MiB at most", mebibytes(memory_before), mebibytes(memory_most));
    assert!(memory_most < memory_before + GROWTH_BYTES_MAX, "memory grows with the backlog");

    let mut lanes: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for request in portal.received().into_iter().filter(|request| request.status == 200) {
        let (_, event) = request.path.split_once("bulk-").expect("the event's id is the document's key");
        let (container, number) = event.split_once('-').expect("container and number");
        lanes.entry(container.to_owned()).or_default().push(number.parse().expect("a number"));
    }
    assert_eq!(lanes.len(), CONTAINERS);
    for (container, numbers) in &lanes {
        assert!(numbers.iter().copied().eq(0..MESSAGES), "{container} was told out of order, or twice: {numbers:?}");
    }
}

/// How long it takes from sending a notification to its arrival at the healthy partner, several times.
async fn healthy(workshop: &Workshop, client: &Client, branch: &Portal, from: usize) -> Vec<Duration> {
    let template = String::from_utf8(case("broker-cds", "accepted", "xml")).expect("text");
    let mut taken = Vec::new();
    for number in from..from + 31 {
        let body = template.replace("26GB0000000000001A", &format!("26GB0000000000{number:03}A"));
        let body = body.replace("resp-0001", &format!("resp-{number}"));
        let mut headers = workshop.credentials.webhook(body.as_bytes());
        headers.push(("content-type", "application/xml".to_owned()));
        let (started, before) = (Instant::now(), branch.requests());
        let answer = client.post("/v1/messages/dms-notification/3.6", &headers, body.into_bytes()).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{:?}", answer.body);
        while branch.requests() == before {
            assert!(started.elapsed() < Duration::from_secs(30), "a healthy partner gets nothing");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        taken.push(started.elapsed());
    }
    taken
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// One event of every container; a container's events are told in the order of their numbers.
fn events(number: usize) -> Bytes {
    let events = (0..CONTAINERS).map(|container| {
        json!({
            "eventID": format!("bulk-{container}-{number}"),
            "eventType": "EQUIPMENT",
            "eventClassifierCode": "ACT",
            "eventDateTime": format!("2026-03-01T{:02}:{:02}:00Z", number / 60, number % 60),
            "eventCreatedDateTime": "2026-03-02T00:00:00Z",
            "equipmentEventTypeCode": "GTOT",
            // Without a check digit, which is allowed.
            "equipmentReference": format!("BLKU{container:06}"),
        })
    });
    Bytes::from(serde_json::Value::from_iter(events).to_string())
}
