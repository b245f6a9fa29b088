//! An interchange that was parked is acknowledged once it is taken up, though nobody waits for the answer any more.

use http::Method;
use portgate_store::testing::PostgresServer;
use serde_json::{Value, json};

use crate::{A_SECOND, At, MOODY, Scene};

/// What was agreed on what acme sends.
const AGREEMENT: &str = r#"
    [[agreements]]
    name = "messages-in"
    contract = "moody"
    version = "1"
    direction = "in"
    acknowledgement = "in-answer"
    ours = [{ qualifier = "ZZ", value = "US" }]
    theirs = [{ qualifier = "ZZ", value = "ACME" }]
    "#;

fn interchange(number: u32, rest: &str) -> String {
    format!(
        "ISA*00*          *00*          *ZZ*ACME           *ZZ*US             *260301*0815*U*00401*{number:09}*0*P*>~{rest}"
    )
}

async fn scene(server: Option<&PostgresServer>) -> Scene {
    let scene = Scene::new(A_SECOND).await;
    if let Some(server) = server {
        scene.workshop.keep_in(server);
    }
    scene.workshop.edit("partners/acme.toml", |text| format!("{text}{AGREEMENT}"));
    scene
}

impl At<'_> {
    async fn sent_again(&self, payload: &str, wanted: (u16, &str)) -> String {
        let again = self.send("acme", MOODY, payload).await;
        let said = String::from_utf8_lossy(&again.body).into_owned();
        assert_eq!((again.status.as_u16(), &*said), wanted);
        again.header("location").to_owned()
    }

    async fn acknowledgement(&self, place: &str) -> Value {
        self.exchange("acme", place).await["acknowledgement"].clone()
    }
}

/// Interchanges are parked, of which the second is refused when it is taken up; both are answered in their sender's format
/// from then on.
async fn is_told_what_became_of_it(server: Option<&PostgresServer>) {
    let scene = scene(server).await;
    let mut at = scene.start().await;
    at.take_out("acme").await;
    let (taken, refused) = (interchange(41, "m1"), interchange(42, "reject"));
    let (first, second) = (at.park("acme", &taken).await, at.park("acme", &refused).await);
    assert_eq!(at.acknowledgement(&first).await, Value::Null);
    at.until("acme", &first, "completed").await;
    at.until("acme", &second, "rejected").await;
    let said = |body: &str| json!({ "contentType": "text/plain", "body": body });
    at.gateway.stopped().await;
    // A gateway that begins anew knows as much.
    let mut at = scene.start().await;
    assert_eq!(at.acknowledgement(&first).await, said("taken under 1"));
    assert_eq!(at.acknowledgement(&second).await, said("refused under 2"));
    assert_eq!(at.sent_again(&taken, (200, "taken under 1")).await, first);
    assert_eq!(at.sent_again(&refused, (422, "refused under 2")).await, second);
    let other = at.send("acme", MOODY, &interchange(41, "m2")).await;
    assert_eq!(other.problem(), "control-number-reused");
    // What was refused was not taken: its number is free, and the next number of ours is the next.
    let mended = at.sent_again(&interchange(42, "m2"), (200, "taken under 3")).await;
    at.take_out("acme").await;
    let third = at.park("acme", &interchange(43, "reject")).await;
    at.until("acme", &third, "rejected").await;

    // With another plugin both are run again: one number is the mended one's meanwhile, the other is still free.
    scene.mood("lenient");
    at.reloaded(1).await;
    let ids = [&second, &third].map(|place| place.trim_start_matches("/v1/exchanges/")).join(",");
    let body = json!({ "filter": { "id": ids }, "reason": "it is mended" }).to_string();
    let changed = at.operate(Method::POST, "/v1/exchanges/rerun", &body).await.json();
    assert_eq!(changed, json!({ "changed": 2 }));
    at.until("acme", &third, "completed").await;
    assert_eq!(at.until("acme", &second, "rejected").await["findings"][0]["code"], "control-number-reused");
    assert_eq!(at.sent_again(&interchange(42, "m2"), (200, "taken under 3")).await, mended);
    let again = at.sent_again(&interchange(43, "reject"), (200, "taken under 5")).await;
    assert_eq!(again, third);
    assert_eq!(at.send("acme", MOODY, &interchange(43, "m2")).await.problem(), "control-number-reused");
    at.gateway.stopped().await;
}

#[tokio::test]
async fn the_sender_of_a_parked_interchange_is_told_what_became_of_it_when_it_sends_it_again_or_asks() {
    is_told_what_became_of_it(None).await;
}

#[tokio::test]
async fn and_so_with_a_journal_in_postgresql() {
    match PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") {
        Some(server) => is_told_what_became_of_it(Some(&server)).await,
        None => println!("left out: PostgreSQL is not installed"),
    }
}

#[tokio::test]
async fn where_acknowledgements_are_taken_it_is_posted_there_as_well() {
    let scene = scene(None).await;
    let portal = std::fs::read_to_string(scene.workshop.policies().join("partners/portal.toml")).expect("a policy");
    let delivery = portal[portal.find("[delivery]").expect("a destination")..].to_owned();
    scene.workshop.edit("partners/acme.toml", |text| {
        let path = "direction = \"in\"\n    acknowledgement_path = \"/documents/acknowledgement\"";
        format!("{}\n{delivery}", text.replacen("direction = \"in\"", path, 1))
    });
    scene.workshop.edit("plugins/hostile.toml", |text| text.replace("[\"PUT\"]", "[\"PUT\", \"POST\"]"));
    let at = scene.start().await;
    at.take_out("acme").await;
    let (taken, refused) = (interchange(41, "m1"), interchange(42, "reject"));
    at.park("acme", &taken).await;
    at.park("acme", &refused).await;
    let come = portgate_tests::eventually("both acknowledgements", async || {
        let posted = scene.portal.received().into_iter().filter(|one| one.method == Method::POST && one.status == 200);
        let posted: Vec<String> = posted.map(|one| String::from_utf8_lossy(&one.body).into_owned()).collect();
        if posted.len() >= 2 { Ok(posted) } else { Err(posted.join(", ")) }
    })
    .await;
    assert_eq!(come, ["taken under 1", "refused under 2"]);
    // In the answer it is where it was agreed to be, so that nothing more goes out for a repetition.
    at.sent_again(&taken, (200, "taken under 1")).await;
    at.sent_again(&refused, (422, "refused under 2")).await;
    let posted = scene.portal.received().into_iter().filter(|one| one.method == Method::POST).count();
    assert_eq!(posted, 2);
}
