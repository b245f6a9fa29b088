//! What operators see of a quarantine, and do about it.

use http::Method;
use portgate_tests::process::program;
use serde_json::json;

use crate::{At, FOR_EVER, Scene};

impl At<'_> {
    /// Ends the quarantine of the plugin for a partner.
    pub(crate) async fn lift(&self, partner: &str) {
        let body = json!({ "plugin": "hostile", "partner": partner, "reason": "it was only once" }).to_string();
        let answer = self.operate(Method::POST, "/v1/quarantines/lift", &body).await;
        assert_eq!(answer.json(), json!({ "changed": 1 }), "{}", answer.json());
    }

    /// Runs a command against the operator API, and gives back what it printed.
    async fn command(&self, arguments: &[&str]) -> String {
        let mut command = tokio::process::Command::new(program("portgate"));
        command.args(arguments).args(["--operator", &format!("http://{}", self.gateway.operator)]);
        command.env("PORTGATE_OPERATOR_KEY", &self.scene.workshop.credentials.operator_key);
        let output = command.output().await.expect("it runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }
}

#[tokio::test]
async fn operators_see_who_is_out_for_whom_and_what_waits() {
    let scene = Scene::new(FOR_EVER).await;
    let at = scene.start().await;
    assert_eq!(at.get("/v1/quarantines").await.json(), json!({ "items": [], "parked": [] }));
    at.take_out("acme").await;
    at.park("acme", "m1").await;
    at.park("acme", "m2").await;
    let shown = at.get("/v1/quarantines").await.json();
    let quarantine = &shown["items"][0];
    assert_eq!((&quarantine["plugin"], &quarantine["partner"]), (&json!("hostile"), &json!("acme")), "{shown}");
    assert_eq!((&quarantine["state"], &quarantine["relapses"]), (&json!("open"), &json!(0)), "{shown}");
    assert!(quarantine["lastFailure"].as_str().is_some_and(|failure| failure.contains("trap")), "{shown}");
    assert!(quarantine["until"].is_string() && quarantine["sha256"].is_string(), "{shown}");
    assert_eq!((&shown["parked"][0]["state"], &shown["parked"][0]["count"]), (&json!("parked"), &json!(2)), "{shown}");
    for line in [
        "portgate_plugin_calls_failed_total{plugin=\"hostile\",partner=\"acme\"} 3",
        "portgate_plugin_quarantines_total{plugin=\"hostile\",partner=\"acme\"} 1",
        "portgate_plugin_quarantined{plugin=\"hostile\",partner=\"acme\"} 1",
        "portgate_exchanges_parked{partner=\"acme\",contract=\"moody\",state=\"parked\"} 2",
    ] {
        at.until_counted(line).await;
    }
    let status = at.get("/v1/status").await.json();
    let told = |index: usize, key: &str| status["troubles"][index][key].clone();
    assert_eq!((told(0, "kind"), told(0, "subject")), (json!("quarantine"), json!("hostile")), "{status}");
    assert_eq!((told(1, "kind"), told(1, "subject"), told(1, "count")), (json!("parked"), json!("acme"), json!(2)));
    assert!(told(0, "detail").as_str().is_some_and(|why| why.contains("`acme`") && why.contains("trap")), "{status}");
    let listed = at.command(&["quarantine", "list"]).await;
    assert!(listed.contains("hostile") && listed.contains("acme") && listed.contains("open"), "{listed}");
}

#[tokio::test]
async fn an_operator_ends_a_quarantine_and_the_act_is_kept() {
    let scene = Scene::new(FOR_EVER).await;
    let at = scene.start().await;
    at.take_out("acme").await;
    let place = at.park("acme", "m1").await;
    let said = at.command(&["quarantine", "lift", "hostile", "acme", "--reason", "the partner has mended it"]).await;
    assert!(said.contains("is called for `acme` again"), "{said}");
    at.until("acme", &place, "completed").await;
    at.until_counted("portgate_plugin_quarantined{plugin=\"hostile\",partner=\"acme\"} 0").await;
    let act = at.get("/v1/acts").await.json()["items"][0].clone();
    assert_eq!((&act["kind"], &act["operator"]), (&json!("quarantine-lift"), &json!("on-call")), "{act}");
    assert_eq!((&act["reason"], &act["count"]), (&json!("the partner has mended it"), &json!(1)), "{act}");
    assert_eq!(act["filter"], json!({ "plugin": "hostile", "partner": "acme" }));
    let body = r#"{"plugin":"hostile","partner":"acme","reason":"once more"}"#;
    assert_eq!(at.operate(Method::POST, "/v1/quarantines/lift", body).await.json(), json!({ "changed": 0 }));
}

#[tokio::test]
async fn lifting_and_acts_on_exchanges_need_the_permission() {
    let scene = Scene::new(FOR_EVER).await;
    scene.workshop.set("operators/on-call.toml", "may", "[\"read\"]");
    let at = scene.start().await;
    assert_eq!(at.get("/v1/quarantines").await.status, 200);
    let lift = r#"{"plugin":"hostile","partner":"acme","reason":"a test"}"#;
    assert_eq!(at.operate(Method::POST, "/v1/quarantines/lift", lift).await.problem(), "operator-not-permitted");
    for act in ["retry", "discard"] {
        let path = format!("/v1/exchanges/{act}");
        let answer = at.operate(Method::POST, &path, r#"{"filter":{},"reason":"a test"}"#).await;
        assert_eq!(answer.problem(), "operator-not-permitted", "{act}");
        assert_eq!(at.operate(Method::PUT, &path, "").await.problem(), "method-not-allowed", "{act}");
    }
}

#[tokio::test]
async fn an_operator_has_failed_exchanges_tried_again_once_the_plugin_is_mended() {
    let scene = Scene::new(FOR_EVER).await;
    // One try is enough, so that nothing has to be waited for.
    scene.workshop.edit("plugins/hostile.toml", |text| text.replace("tries_max = 2", "tries_max = 1"));
    let at = scene.start().await;
    at.take_out("acme").await;
    let (good, given_up) = (at.park("acme", "m1").await, at.park("acme", "m2").await);
    scene.mood("trap");
    at.reloaded(1).await;
    at.lift("acme").await;
    for place in [&good, &given_up] {
        at.until("acme", place, "failed").await;
    }
    let status = at.get("/v1/status").await.json();
    let failed = status["troubles"].as_array().expect("troubles").iter().find(|one| one["kind"] == "failed");
    assert_eq!(failed.map(|one| (&one["subject"], &one["count"])), Some((&json!("acme"), &json!(2))), "{status}");
    let id = given_up.trim_start_matches("/v1/exchanges/");
    let said = at.command(&["exchange", "discard", id, "--reason", "sent by hand"]).await;
    assert_eq!(said, "discard: 1 exchanges that had failed\n");
    scene.mood("good");
    at.reloaded(2).await;
    let said = at.command(&["exchange", "retry", "--partner", "acme", "--reason", "the plugin is mended"]).await;
    assert_eq!(said, "retry: 1 exchanges that had failed\n");
    at.until("acme", &good, "completed").await;
    assert_eq!(at.exchange("acme", &given_up).await["state"], "discarded");
    let acts = at.get("/v1/acts").await.json();
    assert_eq!(
        (&acts["items"][0]["kind"], &acts["items"][0]["count"]),
        (&json!("exchange-retry"), &json!(1)),
        "{acts}"
    );
    at.until_served("acme").await;
}
