//! What was parked is taken up: in its order, once, whatever ended its waiting.

use portgate_tests::Client;
use portgate_tests::process::GatewayProcess;

use crate::{A_SECOND, At, FOR_EVER, MOODY, Scene};

/// Sends so many good messages, each of which may be parked or not, and gives back their places.
async fn send_some(at: &At<'_>, count: usize) -> Vec<String> {
    let mut places = Vec::new();
    for number in 0..count {
        let answer = at.send("acme", MOODY, &format!("m{number}")).await;
        assert_eq!(answer.status, 202, "{}", answer.json());
        places.push(answer.header("location").to_owned());
    }
    places
}

#[tokio::test]
async fn after_the_pause_everything_is_decoded_in_its_order_and_delivered_once() {
    let scene = Scene::new(A_SECOND).await;
    let at = scene.start().await;
    at.take_out("acme").await;
    let places = send_some(&at, 20).await;
    for place in &places {
        at.until("acme", place, "completed").await;
    }
    assert_eq!(at.told("acme", "portgate.exchange.accepted", 20).await, places);
    assert_eq!(scene.portal.taken().values().map(Vec::len).collect::<Vec<_>>(), [1; 20]);
    at.until_counted("portgate_plugin_quarantined{plugin=\"hostile\",partner=\"acme\"} 0").await;
    at.until_served("acme").await;
}

#[tokio::test]
async fn another_build_of_the_plugin_takes_everything_up_at_once_and_in_its_order() {
    let scene = Scene::new(FOR_EVER).await;
    scene.mood("trap");
    let at = scene.start().await;
    at.take_out("acme").await;
    let mut places = Vec::new();
    for number in 0..10 {
        places.push(at.park("acme", &format!("m{number}")).await);
    }
    scene.mood("good");
    scene.build("1.0.1");
    for place in &places {
        at.until("acme", place, "completed").await;
    }
    assert_eq!(at.told("acme", "portgate.exchange.accepted", 10).await, places);
    assert_eq!(scene.portal.taken().len(), 10);
    let record = at.get(&places[0]).await.json();
    assert_eq!((&record["plugin"]["version"], &record["parked"]), (&"1.0.1".into(), &serde_json::Value::Null));
    assert_eq!(at.get("/v1/quarantines").await.json()["items"].as_array().map(Vec::len), Some(0));
}

#[tokio::test]
async fn nothing_overtakes_what_is_parked() {
    let scene = Scene::new(FOR_EVER).await;
    let at = scene.start().await;
    at.take_out("acme").await;
    let mut places = vec![at.park("acme", "first").await];
    at.lift("acme").await;
    // The plugin may be called again, so that each of these is either parked behind the first or decoded after it.
    places.extend(send_some(&at, 10).await);
    assert_eq!(at.told("acme", "portgate.exchange.accepted", 11).await, places);
}

#[tokio::test]
async fn what_the_plugin_refuses_when_it_is_taken_up_ends_with_its_findings() {
    let scene = Scene::new(FOR_EVER).await;
    let at = scene.start().await;
    at.take_out("acme").await;
    let (refused, good) = (at.park("acme", "reject").await, at.park("acme", "m1").await);
    at.lift("acme").await;
    let shown = at.until("acme", &refused, "rejected").await;
    assert_eq!(shown["findings"][0]["detail"], "as the payload says", "{shown}");
    at.until("acme", &good, "completed").await;
    assert_eq!(at.told("acme", "portgate.exchange.rejected", 1).await, [refused]);
    assert_eq!(scene.portal.taken().len(), 1);
}

#[tokio::test]
async fn what_is_known_by_its_business_key_is_found_out_when_it_is_taken_up() {
    let scene = Scene::new(FOR_EVER).await;
    let at = scene.start().await;
    at.take_out("acme").await;
    let (first, second) = (at.park("acme", "the same").await, at.park("acme", "the same").await);
    at.lift("acme").await;
    at.until("acme", &first, "completed").await;
    let shown = at.until("acme", &second, "rejected").await;
    assert_eq!(shown["findings"][0]["code"], "duplicate-submission", "{shown}");
    assert!(shown["findings"][0]["detail"].as_str().is_some_and(|detail| detail.contains(&first)), "{shown}");
    assert_eq!(scene.portal.taken().len(), 1);
}

#[tokio::test]
async fn a_poisonous_message_is_in_nobody_s_way_and_waits_for_a_person_in_the_end() {
    let scene = Scene::new(A_SECOND).await;
    let at = scene.start().await;
    at.take_out("acme").await;
    let poison = loop {
        let answer = at.send("acme", MOODY, "trap in the queue").await;
        // If the pause was over, this message found out that the plugin still fails, and its sender was told so.
        if answer.status == 202 {
            break answer.header("location").to_owned();
        }
    };
    let others = send_some(&at, 5).await;
    for place in &others {
        at.until("acme", place, "completed").await;
    }
    let shown = at.until("acme", &poison, "failed").await;
    assert!(shown["documents"].as_array().is_some_and(Vec::is_empty));
    assert_eq!(at.told("acme", "portgate.exchange.failed", 1).await, std::slice::from_ref(&poison));
    let record = at.get(&poison).await.json();
    assert_eq!((&record["state"], &record["parked"]["failures"]), (&"failed".into(), &2.into()), "{record}");
    assert!(record["parked"]["lastFailure"].as_str().is_some_and(|failure| failure.contains("trap")), "{record}");
    assert_eq!(at.get("/v1/exchanges?state=failed").await.json()["items"][0]["id"], record["id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_killed_still_has_what_was_parked_and_takes_it_up() {
    let scene = Scene::new(FOR_EVER).await;
    let gateway = GatewayProcess::start(&scene.workshop);
    let client = Client::new(gateway.partner);
    let post = |client: Client, payload: String| {
        let headers = scene.headers("acme");
        async move { client.post(MOODY, &headers, payload.into_bytes()).await }
    };
    for number in 0..3 {
        assert_eq!(post(client.clone(), format!("trap {number}")).await.problem(), "plugin-failed");
    }
    let mut places = Vec::new();
    for number in 0..10 {
        let answer = post(client.clone(), format!("m{number}")).await;
        assert_eq!(answer.json()["state"], "parked", "{}", answer.json());
        places.push(answer.header("location").to_owned());
    }
    assert!(gateway.said("a plugin is in quarantine for a partner"), "operators are told");
    gateway.kill();
    // It has forgotten the quarantine and nothing else.
    let at = scene.start().await;
    assert_eq!(at.told("acme", "portgate.exchange.accepted", 10).await, places);
    for place in &places {
        at.until("acme", place, "completed").await;
    }
    assert_eq!(scene.portal.taken().values().map(Vec::len).collect::<Vec<_>>(), [1; 10]);
}
