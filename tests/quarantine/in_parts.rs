//! A message that was taken in parts is mapped again, part by part.
//!
//! The plugin takes each line of a message as a part, but for the one that the table `codes` names.

use http::Method;
use serde_json::{Value, json};

use crate::{At, FOR_EVER, Scene};

const IN_PARTS: &str = "/v1/messages/in-parts/1";

/// A member of each of a list.
fn each<'v>(list: &'v Value, member: &str) -> Vec<&'v Value> {
    list.as_array().into_iter().flatten().map(|one| &one[member]).collect()
}

impl At<'_> {
    /// What would become of an exchange, as soon as as many documents as that are new.
    async fn plan(&self, path: &str, new: usize) -> Value {
        portgate_tests::eventually("today's plugin says something else", async || {
            let shown = self.get(path).await.json();
            let found = each(&shown["documents"], "change").into_iter().filter(|change| **change == "new").count();
            if found == new { Ok(shown) } else { Err(shown) }
        })
        .await
    }

    async fn carry_out(&self, path: &str, shown: &Value) {
        let body = json!({ "reason": "the plugin is mended", "difference": shown["difference"] }).to_string();
        let done = self.operate(Method::POST, path, &body).await;
        assert_eq!(done.status, 200, "{}", done.json());
    }
}

#[tokio::test]
async fn a_message_that_was_taken_in_parts_is_mapped_again_part_by_part() {
    let scene = Scene::new(FOR_EVER).await;
    scene.mood("m2");
    let mut at = scene.start().await;
    let sent = at.send("acme", IN_PARTS, "m1\nm2\nm3").await;
    assert_eq!((sent.status.as_u16(), each(&sent.json()["parts"], "verdict").len()), (202, 3), "{}", sent.json());
    let place = sent.header("location").to_owned();
    let seen = at.until("acme", &place, "completed").await;
    assert_eq!(each(&seen["documents"], "part"), ["m1", "m3"]);

    scene.mood("m3");
    let path = format!("{place}/rerun");
    let shown = at.plan(&path, 1).await;
    assert_eq!(each(&shown["partsBefore"], "verdict"), ["accepted", "refused", "accepted"], "{shown}");
    assert_eq!(each(&shown["parts"], "verdict"), ["accepted", "accepted", "refused"], "{shown}");
    assert_eq!(each(&shown["documents"], "change"), ["same", "new", "gone"], "{shown}");
    assert_eq!(each(&shown["documents"], "part"), [&json!("m1"), &json!("m2"), &Value::Null], "{shown}");
    at.carry_out(&path, &shown).await;
    let seen = at.until("acme", &place, "completed").await;
    assert_eq!(each(&seen["parts"], "verdict"), ["accepted", "accepted", "refused"], "{seen}");
    assert_eq!(each(&seen["documents"], "part"), ["m1", "m2"], "{seen}");
    assert_eq!(each(&seen["documents"], "key"), ["m1", "m2"], "{seen}");
    let kept = at.get(&place).await.json();
    assert_eq!(each(&kept["documents"], "part"), [&json!("m1"), &Value::Null, &json!("m2")], "{kept}");
    assert_eq!(each(&kept["documents"], "supersededBy"), [&Value::Null, &json!(1), &Value::Null], "{kept}");
    assert_eq!(scene.portal.taken().len(), 3, "what is new goes out, and nothing twice");
    let found = at.get("/v1/find?name=m2").await.json();
    assert_eq!(found["items"][0]["id"], place.trim_start_matches("/v1/exchanges/"), "{found}");

    // After a restart, and once more: a part that is taken again is another document than the one that was superseded.
    at.gateway.stopped().await;
    scene.mood("none");
    let at = scene.start().await;
    let shown = at.plan(&path, 1).await;
    assert_eq!(each(&shown["documents"], "change"), ["same", "same", "new"], "{shown}");
    at.carry_out(&path, &shown).await;
    let seen = at.until("acme", &place, "completed").await;
    assert_eq!(each(&seen["documents"], "part"), ["m1", "m2", "m3"], "{seen}");
    let mut events = at.client.events("/v1/events?after=start", &scene.headers("acme")).await;
    let mut told = Vec::new();
    while told.len() < 2 {
        let event = events.next_within(std::time::Duration::from_secs(60)).await.expect("an event within a minute");
        if event.kind == "portgate.exchange.rerun" {
            told.push(event.event["data"].clone());
        }
    }
    assert_eq!(told[0]["documents"], json!([{ "kind": "document-ref", "key": "m2", "part": "m2" }]));
    assert_eq!(told[0]["gone"], json!([{ "kind": "document-ref", "key": "m3" }]));
    assert_eq!(told[0]["parts"], json!({ "accepted": 2, "awaitingCodes": 0, "refused": 1 }));
    assert_eq!(told[1]["parts"], json!({ "accepted": 3, "awaitingCodes": 0, "refused": 0 }));
}
