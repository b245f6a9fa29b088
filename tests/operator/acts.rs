//! Retrying and discarding.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use portgate_tests::plugins;
use serde_json::{Value, json};

use crate::Scene;

fn ids(deliveries: &[Value]) -> BTreeSet<String> {
    deliveries.iter().filter_map(|delivery| Some(delivery["id"].as_str()?.to_owned())).collect()
}

#[tokio::test]
async fn dead_deliveries_are_retried_under_their_ids_and_the_act_has_a_name_and_a_reason() {
    let scene = Scene::new(|_| {}).await;
    scene.portal.answer(422);
    for number in 0..3 {
        scene.event(number).await;
    }
    let dead = scene.until("dead", 3).await;
    assert!(dead.iter().all(|delivery| delivery["class"] == "theirs"), "{dead:?}");
    scene.portal.answer(200);
    let body = r#"{"filter":{"state":"dead","destination":"customer-portal"},"reason":"the portal is mended"}"#;
    let answer = scene.post("/v1/deliveries/retry", body).await;
    assert_eq!(answer.json(), json!({ "changed": 3, "leftOut": [] }));
    let delivered = scene.until("delivered", 3).await;
    assert_eq!(ids(&delivered), ids(&dead), "the same deliveries");
    assert_eq!(scene.portal.taken().into_keys().collect::<BTreeSet<_>>(), ids(&dead));
    let acts = scene.get("/v1/acts").await.json();
    let act = &acts["items"][0];
    assert_eq!(act["operator"], "on-call");
    assert_eq!(act["reason"], "the portal is mended");
    assert_eq!((&act["kind"], &act["count"]), (&json!("retry"), &json!(3)));
    assert_eq!(
        scene.post("/v1/deliveries/retry", body).await.json(),
        json!({ "changed": 0, "leftOut": [] }),
        "nothing is dead"
    );
}

#[tokio::test]
async fn a_retry_goes_at_its_rate() {
    let scene = Scene::new(|_| {}).await;
    scene.portal.answer(422);
    for number in 0..6 {
        scene.event(number).await;
    }
    scene.until("dead", 6).await;
    scene.portal.answer(200);
    let began = Instant::now();
    scene.post("/v1/deliveries/retry", r#"{"filter":{},"reason":"slowly","perSecond":2}"#).await;
    scene.until("delivered", 6).await;
    // The first at once, the sixth after two and a half seconds.
    assert!(began.elapsed() >= Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn what_was_discarded_does_not_come_back() {
    let scene = Scene::new(|workshop| {
        workshop.set("partners/customer-portal.toml", "enabled", "false");
    })
    .await;
    let (kept, given_up) = (scene.event(1).await, scene.event(2).await);
    let body = json!({ "filter": { "exchange": given_up }, "reason": "sent by hand" }).to_string();
    assert_eq!(scene.post("/v1/deliveries/discard", &body).await.json(), json!({ "changed": 1, "leftOut": [] }));
    let count = scene.get("/v1/deliveries/count").await.json();
    let states: BTreeSet<_> =
        count["items"].as_array().expect("items").iter().map(|one| one["state"].clone().to_string()).collect();
    assert_eq!(states, BTreeSet::from(["\"discarded\"".to_owned(), "\"pending\"".to_owned()]));
    scene.post("/v1/deliveries/retry", r#"{"filter":{},"reason":"everything"}"#).await;
    scene.workshop.set("partners/customer-portal.toml", "enabled", "true");
    scene.until("delivered", 1).await;
    assert_eq!(scene.until("discarded", 1).await[0]["exchange"], given_up.as_str());
    assert_eq!(scene.until("delivered", 1).await[0]["exchange"], kept.as_str());
}

#[tokio::test]
async fn what_a_plugin_renders_against_its_contract_is_not_sent() {
    let scene = Scene::new(|workshop| {
        let folder = workshop.path().join("plugins");
        plugins::copy_all(&folder);
        let strict = plugins::with_manifest(&plugins::built("customer-portal"), |manifest| {
            manifest.contracts[0].format = portgate_core::manifest::Format::Json;
            manifest.contracts[0].schema = Some(json!({ "type": "object", "required": ["never-there"] }));
        });
        std::fs::write(folder.join("customer-portal.wasm"), plugins::signed(&strict)).expect("a plugin");
        workshop.set("gateway.toml", "plugins", "\"../plugins\"");
    })
    .await;
    scene.event(1).await;
    let dead = scene.until("dead", 1).await;
    assert_eq!(dead[0]["class"], "ours", "{dead:?}");
    assert_eq!(dead[0]["findings"][0]["code"], "schema-required", "{dead:?}");
    assert!(scene.portal.received().is_empty(), "nothing left the gateway");
}

#[tokio::test]
async fn operators_see_what_waits_and_what_was_tried_in_the_metrics() {
    let scene = Scene::new(|_| {}).await;
    scene.event(1).await;
    scene.until("delivered", 1).await;
    scene.portal.answer(422);
    scene.event(2).await;
    scene.until("dead", 1).await;
    let metrics = String::from_utf8_lossy(&scene.get("/metrics").await.body).into_owned();
    for line in [
        "portgate_delivery_attempts_total{destination=\"customer-portal\",outcome=\"delivered\"} 1",
        "portgate_delivery_attempts_total{destination=\"customer-portal\",outcome=\"dead-theirs\"} 1",
        "portgate_deliveries_waiting{destination=\"customer-portal\",state=\"dead\"} 1",
        "portgate_delivery_breaker_open{destination=\"customer-portal\"} 0",
        "portgate_journal_commit_seconds_count 2",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
}
