//! A commit that fails at any of its steps, by an error or by the death of the process.

use std::time::Duration;

use portgate_store::testing::PostgresServer;
use portgate_tests::process::GatewayProcess;
use portgate_tests::{Client, Portal, Workshop};

use crate::ledger::Ledger;
use crate::{keep_in, unhurried};

/// The steps of taking a message. PostgreSQL takes them all in one statement, so there they cannot fail one by one.
const ACCEPTING: [&str; 5] = [
    "journal::accept::exchange",
    "journal::accept::documents",
    "journal::accept::deliveries",
    "journal::accept::answer",
    "journal::accept::events",
];

/// The steps of a delivery, and the transaction around everything.
const OTHERS: [&str; 8] = [
    "journal::begin",
    "journal::claim::batch",
    "journal::render::request",
    "journal::settle::attempt",
    "journal::settle::state",
    "journal::settle::events",
    "journal::commit",
    "journal::committed",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_fails_at_any_step_leaves_nothing_half_done() {
    let (workshop, portal) = unhurried().await;
    fail_everywhere(&workshop, &portal, ACCEPTING.into_iter().chain(OTHERS)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_does_one_in_postgresql() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let (workshop, portal) = unhurried().await;
    keep_in(&server, &workshop);
    fail_everywhere(&workshop, &portal, OTHERS).await;
}

async fn fail_everywhere(workshop: &Workshop, portal: &Portal, points: impl IntoIterator<Item = &str>) {
    let ledger = Ledger::default();
    for point in points {
        for by in ["error", "death"] {
            let gateway = GatewayProcess::start_failing(workshop, point, 5, by);
            let client = Client::new(gateway.partner);
            let mut sent = 0;
            while !gateway.said("reached") {
                ledger.send(&client, workshop, ledger.open()).await;
                sent += 1;
                assert!(sent < 500, "{point} is never reached");
                // Deliveries are made meanwhile.
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            if by == "error" {
                // The one that failed is over, and everything goes on.
                for _ in 0..5 {
                    ledger.send(&client, workshop, ledger.open()).await;
                }
                let number = ledger.open();
                assert!(ledger.send(&client, workshop, number).await, "after an error at {point} nothing goes on");
            }
            gateway.kill();
        }
    }
    println!("{} acknowledged, {} without an answer", ledger.acknowledged(), ledger.unanswered().len());
    let gateway = GatewayProcess::start(workshop);
    ledger.balance(&Client::new(gateway.partner), workshop, portal).await;
}
