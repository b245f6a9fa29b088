//! A message broker that is killed again and again while events are published to it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use portgate_tests::nats::Published;
use portgate_tests::process::GatewayProcess;
use portgate_tests::{Client, NatsServer};

use crate::ledger::Ledger;
use crate::unhurried;

/// Messages that the gateway takes meanwhile; each makes two events or more.
const MESSAGES: usize = 400;
/// How often the broker is killed, and the gateway once in between.
const KILLS: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_killed_mid_stream_has_every_event_once_afterwards() {
    let Some(mut nats) = NatsServer::start(true) else { return };
    let (workshop, _portal) = unhurried().await;
    nats.told_by(&workshop);
    let workshop = Arc::new(workshop);
    let ledger = Arc::new(Ledger::default());
    let mut gateway = GatewayProcess::start(&workshop);
    for round in 0..KILLS {
        let client = Client::new(gateway.partner);
        let sender = {
            let (workshop, ledger) = (Arc::clone(&workshop), Arc::clone(&ledger));
            tokio::spawn(async move {
                for _ in 0..MESSAGES / KILLS {
                    assert!(ledger.send(&client, &workshop, ledger.open()).await, "a broker that is down stops nobody");
                }
            })
        };
        while ledger.acknowledged() < (round * MESSAGES + MESSAGES / 2) / KILLS {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        nats.kill();
        sender.await.expect("every message is taken");
        nats.start_again();
        if round == KILLS / 2 {
            // It may have published what it has not noted yet.
            gateway.kill();
            gateway = GatewayProcess::start(&workshop);
        }
    }
    let exchanges = ledger.exchanges();
    assert_eq!(exchanges.len(), ledger.acknowledged());
    let of_kind = |published: &[Published], kind: &str| -> Vec<String> {
        let events = published.iter().map(|published| &published.event).filter(|event| event["type"] == kind);
        events.map(|event| event["subject"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let milestones = |published: &[Published]| of_kind(published, "portgate.document.milestone").len();
    let published = nats.published(|published| milestones(published) >= exchanges.len()).await;
    let ids: BTreeSet<&str> = published.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids.len(), published.len(), "each event is there once");
    let accepted: BTreeSet<String> = of_kind(&published, "portgate.exchange.accepted").into_iter().collect();
    assert_eq!(accepted, exchanges, "and none is missing");
    assert_eq!(milestones(&published), exchanges.len());
}
