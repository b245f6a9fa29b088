//! Control numbers and batches under `kill -9`: what a partner gets is numbered one after the other, what it gets twice is the
//! same bytes under the same id, and whatever goes together is in one interchange and in no other.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use portgate_store::testing::PostgresServer;
use portgate_tests::edi::{arrived, reports, start_tms};
use portgate_tests::process::GatewayProcess;
use portgate_tests::{Client, Workshop};

use crate::keep_in;

/// How often the gateway is killed on each engine.
const KILLS: u64 = 24;
/// How many documents go together, where some do.
const BATCH: usize = 5;
/// Where it dies besides: once numbers are taken, and, where some go together, between those of a batch that is delivered.
const STEPS: [&str; 2] = ["journal::render::numbers", "journal::settle::companion"];
/// How long deliveries may take once everything is well. With several gateways what the last one had under way waits until its
/// lease has run out.
const PATIENCE: Duration = Duration::from_secs(180);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_killed_at_any_moment_uses_no_control_number_twice_and_leaves_none_out() {
    torment(&Workshop::new(), false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_killed_at_any_moment_splits_no_batch_and_sends_nothing_in_two() {
    torment(&Workshop::new(), true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_does_one_whose_journal_is_in_postgresql() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let workshop = Workshop::new();
    keep_in(&server, &workshop);
    torment(&workshop, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_does_one_that_batches_and_whose_journal_is_in_postgresql() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let workshop = Workshop::new();
    keep_in(&server, &workshop);
    torment(&workshop, true).await;
}

async fn torment(workshop: &Workshop, batches: bool) {
    let tms = start_tms(workshop).await;
    workshop.edit("partners/tms.toml", |text| {
        text.replace("delays_seconds = [5, 15,", "delays_seconds = [1, 1, 1, 1, 1, 5, 15,")
            .replace("in_flight_max = 2", "in_flight_max = 4")
    });
    if batches {
        let with = format!("name = \"status-out\"\nbatching = {{ seconds = 1, documents = {BATCH} }}");
        workshop.edit("partners/tms.toml", |text| text.replacen("name = \"status-out\"", &with, 1));
    }
    let seed = u64::from(std::process::id());
    println!("{KILLS} kills, seed {seed}");
    let mut random = seed;
    let mut taken = 0;
    for kill in 0..KILLS {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // A partner that is away now and then, so that something is rendered and waits.
        tms.answer(if kill % 3 == 0 { 503 } else { 200 });
        let gateway = GatewayProcess::start(workshop);
        let client = Client::new(gateway.partner);
        for _ in 0..4 {
            if report(&client, workshop, taken + 1).await {
                taken += 1;
            }
        }
        tokio::time::sleep(Duration::from_millis((random >> 33) % 250)).await;
        gateway.kill();
    }
    tms.answer(200);
    for point in STEPS.into_iter().take(if batches { 2 } else { 1 }) {
        let Some(dying) = GatewayProcess::start_dying(workshop, point) else { continue };
        let (client, began) = (Client::new(dying.partner), Instant::now());
        while !dying.said("reached") {
            if report(&client, workshop, taken + 1).await {
                taken += 1;
            }
            assert!(began.elapsed() < PATIENCE, "{point} is never reached");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        dying.kill();
    }
    let _gateway = GatewayProcess::start(workshop);
    let deadline = Instant::now() + PATIENCE;
    let numbered = loop {
        let mut numbered: BTreeMap<u64, (String, Vec<u8>)> = BTreeMap::new();
        let mut arrived = BTreeSet::new();
        for received in tms.received() {
            let number = String::from_utf8_lossy(&received.body[90..99]).parse().expect("ISA13");
            let come = (received.delivery.clone(), received.body.to_vec());
            let first = numbered.entry(number).or_insert_with(|| come.clone());
            assert_eq!(*first, come, "other bytes under {number}");
            if received.status == 200 {
                arrived.extend(bills(&received.body));
            }
        }
        if arrived.len() as u64 >= taken {
            break numbered;
        }
        assert!(Instant::now() < deadline, "{} of {taken} are there, {} numbers", arrived.len(), numbered.len());
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let all: Vec<Vec<String>> = numbered.values().map(|(_, body)| bills(body)).collect();
    let mut once: Vec<&String> = all.iter().flatten().collect();
    once.sort_unstable();
    once.dedup();
    assert_eq!(all.iter().flatten().count(), once.len(), "nothing is in two interchanges: {all:?}");
    assert_eq!(numbered.keys().copied().collect::<Vec<_>>(), (1..=all.len() as u64).collect::<Vec<_>>());
    match batches {
        true => {
            assert!(all.iter().any(|bills| bills.len() > 1) && all.iter().all(|bills| bills.len() <= BATCH), "{all:?}")
        }
        false => assert_eq!(all.len() as u64, taken),
    }
}

/// The bills of lading that an interchange names, one for each set.
fn bills(interchange: &[u8]) -> Vec<String> {
    let interchange = String::from_utf8_lossy(interchange);
    let segments = interchange.split('~').map(|segment| segment.trim().split('*').collect::<Vec<_>>());
    let bill = |segment: Vec<&str>| {
        segment.iter().find(|element| element.starts_with("OLNE") && element.len() > 4).map(|bill| (*bill).to_owned())
    };
    let mut bills: Vec<String> = segments.filter_map(bill).collect();
    bills.dedup();
    bills
}

/// Reports that a vessel has arrived; true where it is taken. The same number again is the same report.
async fn report(client: &Client, workshop: &Workshop, number: u64) -> bool {
    let body = reports(number, &[&arrived(1, &format!("OLNE{number}"))]);
    let headers = [
        ("authorization", format!("Bearer {}", workshop.credentials.token())),
        ("content-type", "application/edi-x12".to_owned()),
        ("idempotency-key", format!("\"report-{number}\"")),
    ];
    let path = "/v1/messages/x12-315/4010";
    let answer = client.try_send(http::Method::POST, path, &headers, body.into()).await;
    answer.is_some_and(|answer| answer.status == 202)
}
