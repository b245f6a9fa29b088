//! What was sent is seen, and what was answered: by whoever may see it, as long as it is kept, and never a credential.

use portgate_store::testing::PostgresServer;
use portgate_tests::{Gateway, Workshop};
use serde_json::{Value, json};

use crate::Scene;
use crate::approval::operator;

/// The delivery of one event to the portal, once it is in this state.
async fn delivery(scene: &Scene, state: &str) -> Value {
    scene.event(1).await;
    let id = scene.until(state, 1).await[0]["id"].as_str().expect("an id").to_owned();
    shown(scene, &id).await
}

async fn shown(scene: &Scene, id: &str) -> Value {
    let answer = scene.get(&format!("/v1/deliveries/{id}")).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()
}

fn value<'a>(fields: &'a Value, name: &str) -> &'a Value {
    let mut fields = fields.as_array().expect("fields").iter();
    &fields.find(|field| field["name"] == name).unwrap_or_else(|| panic!("no field `{name}`"))["value"]
}

#[tokio::test]
async fn a_delivery_is_shown_with_its_request_and_each_attempt_with_its_answer() {
    let scene = Scene::new(|_| {}).await;
    scene.portal.answer(422);
    let shown = delivery(&scene, "dead").await;
    let received = &scene.portal.received()[0];
    let url = format!("http://{}{}", scene.portal.address(), received.path);
    let request = &shown["request"];
    assert_eq!((&request["method"], &request["url"]), (&json!(received.method.as_str()), &json!(url)), "{shown}");
    assert_eq!(request["body"]["text"], String::from_utf8_lossy(&received.body).as_ref());
    assert_eq!(value(&request["headers"], "x-api-key"), &Value::Null, "the credential's field is named and withheld");
    let attempt = &shown["attempts"][0];
    assert_eq!((&attempt["status"], &attempt["number"]), (&json!(422), &json!(1)), "{attempt}");
    assert!(attempt["milliseconds"].is_u64(), "{attempt}");
    let said = &attempt["transcript"];
    assert_eq!((&said["url"], &said["answer"]["status"]), (&json!(url), &json!(422)), "{said}");
    assert_eq!(value(&said["headers"], "idempotency-key"), &json!(format!("\"{}\"", received.delivery)));
    assert_eq!(value(&said["headers"], "x-api-key"), &Value::Null);
    let body = &said["answer"]["body"];
    assert!(body["text"].as_str().is_some_and(|text| text.contains("The portal does not know this code.")), "{body}");
    assert_eq!(body["cut"], false);
}

#[tokio::test]
async fn an_answer_that_the_plugin_never_sees_is_kept_as_well() {
    let scene = Scene::new(|_| {}).await;
    scene.portal.say(&[("server", "portal/7")], "{\"wait\":\"the database is being moved\"}");
    scene.portal.answer(503);
    scene.event(1).await;
    let id = scene.until("pending", 1).await[0]["id"].as_str().expect("an id").to_owned();
    let answer = portgate_tests::eventually("the first attempt is settled", async || {
        let shown = shown(&scene, &id).await;
        let answer = shown["attempts"][0]["transcript"]["answer"].clone();
        if answer.is_object() { Ok(answer) } else { Err(shown) }
    })
    .await;
    assert_eq!((&answer["status"], value(&answer["headers"], "server")), (&json!(503), &json!("portal/7")));
    assert_eq!(answer["body"]["text"], "{\"wait\":\"the database is being moved\"}");
}

#[tokio::test]
async fn bodies_are_for_operators_who_may_see_payloads_and_each_look_is_in_the_audit_log() {
    let mut reader = String::new();
    let scene = Scene::new(|workshop| reader = operator(workshop, "reader", "\"read\"")).await;
    let shown = delivery(&scene, "delivered").await;
    let id = shown["id"].as_str().expect("an id");
    let seen = scene.ask(http::Method::GET, &format!("/v1/deliveries/{id}"), &reader, "").await.json();
    assert_eq!(seen["request"]["url"], shown["request"]["url"]);
    for body in [&seen["request"]["body"], &seen["attempts"][0]["transcript"]["answer"]["body"]] {
        assert!(body["bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{body}");
        assert_eq!((&body["text"], &body["base64"]), (&Value::Null, &Value::Null), "{body}");
    }
    let looks = portgate_tests::eventually("the look is sealed", async || {
        let path = format!("/v1/audit?kind=payload-read&subject=delivery:{id}");
        let looks = scene.get(&path).await.json()["items"].as_array().cloned().unwrap_or_default();
        if looks.is_empty() { Err("none") } else { Ok(looks) }
    })
    .await;
    assert_eq!(looks.len(), 1, "the reader saw no body: {looks:?}");
    assert_eq!(looks[0]["actor"], "operator:on-call");
}

#[tokio::test]
async fn of_an_answer_as_much_is_kept_as_the_policy_says_and_with_nothing_only_its_status() {
    for (bytes, text) in [(3, json!("{\"a")), (0, Value::Null)] {
        let scene = Scene::new(|workshop| {
            workshop.set("gateway.toml", "answer_bytes", &bytes.to_string());
        })
        .await;
        scene.portal.say(&[("server", "portal/7")], "{\"a\":1}");
        let shown = delivery(&scene, "delivered").await;
        let answer = &shown["attempts"][0]["transcript"]["answer"];
        assert_eq!((&answer["body"]["text"], &answer["status"]), (&text, &json!(200)), "{answer}");
        assert_eq!(answer["headers"].as_array().is_some_and(Vec::is_empty), bytes == 0, "{answer}");
        if bytes > 0 {
            assert_eq!((&answer["body"]["bytes"], &answer["body"]["cut"]), (&json!(7), &json!(true)));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_gateway_sent_another_shows_and_so_does_one_that_was_started_later() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let mut scene = Scene::new(|workshop: &Workshop| {
        workshop.keep_in(&server);
    })
    .await;
    let first = delivery(&scene, "delivered").await;
    let id = first["id"].as_str().expect("an id").to_owned();
    let second: Gateway = scene.workshop.start().await;
    scene.gateway.stopped().await;
    scene.gateway = second;
    assert_eq!(shown(&scene, &id).await, first);
}
