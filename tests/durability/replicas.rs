//! Several gateways on one PostgreSQL database.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use portgate_store::testing::PostgresServer;
use portgate_tests::Client;
use portgate_tests::process::GatewayProcess;

use crate::ledger::{Ledger, event};
use crate::{keep_in, unhurried};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_one_of_three_gateways_is_killed_the_others_finish_its_work() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let (workshop, portal) = unhurried().await;
    keep_in(&server, &workshop);
    let workshop = Arc::new(workshop);
    let ledger = Arc::new(Ledger::default());
    let mut gateways: Vec<_> = (0..3).map(|_| GatewayProcess::start(&workshop)).collect();
    let senders: Vec<_> = gateways
        .iter()
        .map(|gateway| {
            let (client, workshop, ledger) = (Client::new(gateway.partner), Arc::clone(&workshop), Arc::clone(&ledger));
            tokio::spawn(async move {
                for _ in 0..150 {
                    if !ledger.send(&client, &workshop, ledger.open()).await {
                        return false;
                    }
                }
                true
            })
        })
        .collect();
    // Killed with work in its hands: it has taken messages, and has leases on deliveries.
    while ledger.acknowledged() < 60 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    gateways.remove(0).kill();
    let mut lived = Vec::new();
    for sender in senders {
        lived.push(sender.await.expect("nothing unexpected is answered"));
    }
    assert_eq!(lived[1..], [true, true], "the others take messages as before");
    ledger.balance(&Client::new(gateways[0].partner), &workshop, &portal).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_requests_with_one_key_at_two_gateways_have_one_effect() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let (workshop, portal) = unhurried().await;
    workshop.set("partners/ocean-carrier.toml", "requests_in_flight_max", "1000");
    workshop.set("gateway.toml", "requests_in_flight_max", "1000");
    keep_in(&server, &workshop);
    let gateways = [GatewayProcess::start(&workshop), GatewayProcess::start(&workshop)];
    let clients = gateways.each_ref().map(|gateway| Client::new(gateway.partner));
    let workshop = Arc::new(workshop);
    let calls = (0..1_000).map(|number| {
        let (client, workshop) = (clients[number % 2].clone(), Arc::clone(&workshop));
        tokio::spawn(async move { Ledger::post(&client, &workshop, "one", event(1)).await })
    });
    let mut places = BTreeSet::new();
    let mut waiting = 0;
    for call in calls.collect::<Vec<_>>() {
        let answer = call.await.expect("a call does not panic").expect("an answer");
        match answer.status {
            StatusCode::ACCEPTED => drop(places.insert(answer.header("location").to_owned())),
            StatusCode::CONFLICT => waiting += 1,
            other => panic!("{other}: {}", answer.json()),
        }
    }
    println!("{waiting} of 1000 were told that the first is still at work");
    assert_eq!(places.len(), 1, "one exchange");
    portal.has_taken(1).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(portal.taken().len(), 1, "one effect");
}
