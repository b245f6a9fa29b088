//! What a plugin has failed on or refused is kept, and is run again once it is mended.

use http::Method;
use serde_json::{Value, json};

use crate::{At, FOR_EVER, FORWARDED, MOODY, Scene};

impl At<'_> {
    /// Sends what is refused, and gives back the place of its exchange.
    async fn refuse(&self, payload: &str, problem: &str) -> String {
        let answer = self.send("acme", MOODY, payload).await;
        assert_eq!(answer.problem(), problem);
        answer.json()["instance"].as_str().expect("an instance").to_owned()
    }

    /// Has refused messages run again.
    async fn rerun(&self, filter: Value) -> Value {
        let body = json!({ "filter": filter, "reason": "the plugin is mended" }).to_string();
        self.operate(Method::POST, "/v1/exchanges/rerun", &body).await.json()
    }
}

#[tokio::test]
async fn what_a_plugin_failed_on_is_run_again_once_it_is_mended() {
    let scene = Scene::new(FOR_EVER).await;
    scene.mood("trap");
    let at = scene.start().await;
    let place = at.refuse("m1", "plugin-failed").await;
    let seen = at.exchange("acme", &place).await;
    assert_eq!((&seen["state"], &seen["problem"]["status"]), (&json!("refused"), &json!(500)), "{seen}");
    // With the plugin as it is, the message is refused again and stays where it was.
    assert_eq!(at.rerun(json!({ "state": "refused" })).await, json!({ "changed": 1 }));
    let again = at.until("acme", &place, "refused").await;
    assert_eq!(again["documents"], json!([]), "{again}");
    scene.mood("good");
    at.reloaded(1).await;
    let id = place.trim_start_matches("/v1/exchanges/");
    assert_eq!(at.rerun(json!({ "id": id })).await, json!({ "changed": 1 }));
    let done = at.until("acme", &place, "completed").await;
    assert_eq!((&done["problem"], done["documents"].as_array().map(Vec::len)), (&Value::Null, Some(1)), "{done}");
    assert_eq!(scene.portal.taken().len(), 1, "what follows of it goes out, once");
    assert_eq!(at.rerun(json!({ "id": id })).await, json!({ "changed": 0 }), "it is no refused one any more");
    let act = at.get("/v1/acts").await.json()["items"][1].clone();
    assert_eq!((&act["kind"], &act["reason"]), (&json!("exchange-rerun"), &json!("the plugin is mended")), "{act}");
    assert_eq!(act["operator"], "on-call");
    assert_eq!(at.told("acme", "portgate.exchange.accepted", 1).await, [place]);
}

#[tokio::test]
async fn what_a_plugin_refuses_is_kept_and_found_by_the_words_of_its_findings() {
    let scene = Scene::new(FOR_EVER).await;
    let at = scene.start().await;
    let place = at.refuse("reject", "payload-rejected").await;
    let seen = at.exchange("acme", &place).await;
    let code = seen["findings"][0]["code"].as_str().expect("a code").to_owned();
    let found = at.get(&format!("/v1/find?name={code}")).await.json();
    assert_eq!(found["items"][0]["id"], place.trim_start_matches("/v1/exchanges/"), "{found}");
    assert_eq!(found["items"][0]["namedBy"][0], format!("finding {code}"));
    // Nothing waits behind it, and a retry of what has failed is not meant for it.
    at.send("acme", MOODY, "m1").await;
    let body = json!({ "filter": { "partner": "acme" }, "reason": "not meant" }).to_string();
    assert_eq!(at.operate(Method::POST, "/v1/exchanges/retry", &body).await.json(), json!({ "changed": 0 }));
    assert_eq!(at.rerun(json!({ "partner": "zeta" })).await, json!({ "changed": 0 }), "it is another partner's");
}

#[tokio::test]
async fn what_is_passed_on_is_not_kept_when_it_is_refused() {
    let scene = Scene::new(FOR_EVER).await;
    let at = scene.start().await;
    let headers = [("x-api-key", scene.key("acme")), ("content-type", "text/csv".to_owned())];
    let answer = at.client.post(FORWARDED, &headers, b"m1".to_vec()).await;
    assert_eq!(answer.problem(), "media-type-unsupported");
    assert!(answer.json()["instance"].as_str().is_some_and(|it| it.starts_with("urn:uuid:")), "{}", answer.json());
    assert_eq!(at.get("/v1/exchanges").await.json()["items"], json!([]));
}

#[tokio::test]
async fn running_again_needs_the_permission() {
    let scene = Scene::new(FOR_EVER).await;
    scene.workshop.set("operators/on-call.toml", "may", "[\"read\"]");
    let at = scene.start().await;
    let body = r#"{"filter":{},"reason":"a test"}"#;
    assert_eq!(at.operate(Method::POST, "/v1/exchanges/rerun", body).await.problem(), "operator-not-permitted");
    assert_eq!(at.operate(Method::PUT, "/v1/exchanges/rerun", "").await.problem(), "method-not-allowed");
}
