//! Several gateways on one PostgreSQL database.

use std::collections::BTreeSet;

use portgate_store::testing::PostgresServer;

use crate::{FOR_EVER, Scene};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_gateway_has_parked_another_takes_up_where_the_plugin_works_and_no_two_take_the_same() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let scene = Scene::new(FOR_EVER).await;
    let url = server.database("journal").expect("a database");
    scene.workshop.secret("journal.url", &url).set("gateway.toml", "database", "\"file:journal.url\"");
    let key = "\n[audit]\nsigning_key = \"file:audit.key\"\n";
    scene.workshop.edit("gateway.toml", |text| format!("{text}{key}"));
    let (first, mut second) = (scene.start().await, scene.start().await);
    first.take_out("acme").await;
    // Each is parked at the first gateway, whatever the second does in the meantime.
    let mut places = Vec::new();
    for number in 0..30 {
        places.push(first.park("acme", &format!("m{number}")).await);
    }
    for place in &places {
        second.until("acme", place, "completed").await;
    }
    // A quarantine is a gateway's own affair.
    for (at, is_out) in [(&first, true), (&second, false)] {
        let status = at.get("/v1/status").await.json();
        let told = status["troubles"].as_array().expect("troubles").iter().any(|one| one["kind"] == "quarantine");
        assert_eq!(told, is_out, "{status}");
    }
    let told = second.told("acme", "portgate.exchange.accepted", 30).await;
    assert_eq!(told, places, "in their order");
    assert_eq!(scene.portal.taken().values().map(Vec::len).collect::<Vec<_>>(), [1; 30]);
    // The plugin fails at the second as well, and nothing is lost between the two.
    let more = second.until_served("acme").await;
    second.take_out("acme").await;
    let parked = [first.park("acme", "n1").await, second.park("acme", "n2").await];
    second.gateway.stopped().await;
    first.lift("acme").await;
    for place in &parked {
        first.until("acme", place, "completed").await;
    }
    let effects: BTreeSet<String> = scene.portal.taken().into_keys().collect();
    assert_eq!(effects.len(), 30 + more + 2);
}
