//! `kill -9` at random moments under load: while it starts, while it takes messages, while it delivers. Every second time it
//! has taken some first, however slow the machine is.

use std::sync::Arc;
use std::time::Duration;

use portgate_store::testing::PostgresServer;
use portgate_tests::process::GatewayProcess;
use portgate_tests::{Client, Portal, Workshop};

use crate::ledger::Ledger;
use crate::random::{Random, seed};
use crate::{keep_in, unhurried};

/// How often the gateway is killed on each engine, unless `PORTGATE_KILLS` says so.
const KILLS: u64 = 40;
/// Partners that send at the same time.
const SENDERS: usize = 4;
/// What one of them sends in one life of the gateway.
const MESSAGES: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_killed_at_any_moment_loses_nothing_and_repeats_no_effect() {
    let (workshop, portal) = unhurried().await;
    torment(Arc::new(workshop), portal).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_does_one_whose_journal_is_in_postgresql() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let (workshop, portal) = unhurried().await;
    keep_in(&server, &workshop);
    torment(Arc::new(workshop), portal).await;
}

async fn torment(workshop: Arc<Workshop>, portal: Portal) {
    let kills: u64 = std::env::var("PORTGATE_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    println!("{kills} kills");
    let mut random = Random(seed());
    let ledger = Arc::new(Ledger::default());
    for kill in 0..kills {
        if kill % 8 == 7 {
            GatewayProcess::start_and_kill(&workshop, Duration::from_millis(random.below(150)));
            continue;
        }
        // A portal that is down now and then, so that something always waits.
        portal.answer(if random.below(3) == 0 { 503 } else { 200 });
        let gateway = GatewayProcess::start(&workshop);
        let client = Client::new(gateway.partner);
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| tokio::spawn(send(client.clone(), Arc::clone(&workshop), Arc::clone(&ledger), sender)))
            .collect();
        if kill % 2 == 0 {
            ledger.grown(3).await;
        }
        tokio::time::sleep(Duration::from_millis(random.below(120))).await;
        gateway.kill();
        for sender in senders {
            sender.await.expect("nothing unexpected is answered");
        }
    }
    println!("{} acknowledged, {} requests cut off by a kill", ledger.acknowledged(), ledger.lost());
    assert!(ledger.acknowledged() as u64 > kills, "the gateway lived long enough to take something");
    assert!(ledger.lost() as u64 > kills / 4, "it was killed while it was at work");
    let gateway = GatewayProcess::start(&workshop);
    ledger.balance(&Client::new(gateway.partner), &workshop, &portal).await;
}

/// Sends again what got no answer, then new messages, until there is no gateway any more.
async fn send(client: Client, workshop: Arc<Workshop>, ledger: Arc<Ledger>, sender: usize) {
    let again = ledger.unanswered().into_iter().filter(|number| number % SENDERS == sender).take(MESSAGES / 4);
    for number in again.collect::<Vec<_>>() {
        ledger.send(&client, &workshop, number).await;
    }
    for _ in 0..MESSAGES {
        if !ledger.send(&client, &workshop, ledger.open()).await {
            return;
        }
    }
}
