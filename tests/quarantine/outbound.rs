//! A plugin that cannot render what goes to a partner: its deliveries wait for it instead of dying one after the other.

use portgate_tests::eventually;

use crate::{A_SECOND, At, FOR_EVER, MOODY, Scene};

/// Has the plugin's mood spoil after `count` messages were taken whose deliveries wait for their destination.
async fn with_deliveries<'a>(scene: &'a Scene, count: usize) -> At<'a> {
    scene.workshop.edit("partners/portal.toml", |text| text.replace("[delivery]\n", "[delivery]\nenabled = false\n"));
    let at = scene.start().await;
    for number in 0..count {
        assert_eq!(at.send("acme", MOODY, &format!("m{number}")).await.json()["state"], "accepted");
    }
    at.until_deliveries("pending", count).await;
    scene.mood("trap");
    scene.workshop.edit("partners/portal.toml", |text| text.replace("enabled = false\n", ""));
    at
}

#[tokio::test]
async fn deliveries_wait_untouched_while_their_plugin_is_out_and_go_out_when_it_is_mended() {
    let scene = Scene::new(FOR_EVER).await;
    let at = with_deliveries(&scene, 30).await;
    at.until_counted("portgate_plugin_quarantined{plugin=\"hostile\",partner=\"portal\"} 1").await;
    at.until_deliveries("dead", 3).await;
    let pending = at.get("/v1/deliveries?state=pending").await.json()["items"].clone();
    assert_eq!(pending.as_array().map(Vec::len), Some(27));
    // Another destination of the plugin, and what it decodes for others, is not touched.
    scene.mood("good");
    scene.build("1.0.1");
    at.until_deliveries("delivered", 27).await;
    assert_eq!((at.deliveries("dead").await, scene.portal.taken().len()), (3, 27));
    let body = r#"{"filter":{"state":"dead"},"reason":"the plugin is mended"}"#;
    assert_eq!(at.operate(http::Method::POST, "/v1/deliveries/retry", body).await.json()["changed"], 3);
    at.until_deliveries("delivered", 30).await;
}

#[tokio::test]
async fn a_plugin_that_stays_broken_kills_no_further_deliveries() {
    let scene = Scene::new(A_SECOND).await;
    let at = with_deliveries(&scene, 10).await;
    at.until_deliveries("dead", 3).await;
    // Each second one of the others finds out that the plugin is still broken, and comes to no harm by it.
    eventually("three of the others find out", async || {
        let metrics = String::from_utf8_lossy(&at.operator.get("/metrics").await.body).into_owned();
        let counter = "portgate_delivery_attempts_total{destination=\"portal\",outcome=\"retry\"} ";
        let retried = metrics.lines().find_map(|line| line.strip_prefix(counter)?.parse::<u32>().ok());
        if retried.is_some_and(|retried| retried >= 3) { Ok(()) } else { Err(format!("{retried:?}")) }
    })
    .await;
    assert_eq!((at.deliveries("dead").await, at.deliveries("pending").await), (3, 7));
    scene.mood("good");
    at.until_deliveries("delivered", 7).await;
    assert_eq!(at.deliveries("dead").await, 3);
}
