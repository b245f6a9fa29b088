//! What partners see of a plugin that is out for one of them.

use crate::{CALM, FOR_EVER, FORWARDED, MOODY, Scene};

#[tokio::test]
async fn what_a_partner_sends_to_a_plugin_that_is_out_for_it_is_kept_and_acknowledged() {
    let scene = Scene::new(FOR_EVER).await;
    let at = scene.start().await;
    at.take_out("acme").await;
    let answer = at.send("acme", MOODY, "m1").await;
    assert_eq!((answer.status.as_u16(), &answer.json()["state"]), (202, &"parked".into()), "{}", answer.json());
    let place = answer.header("location").to_owned();
    assert_eq!(place, format!("/v1/exchanges/{}", answer.json()["exchange"].as_str().expect("an id")));
    let shown = at.exchange("acme", &place).await;
    assert_eq!((&shown["state"], &shown["contract"]), (&"parked".into(), &"moody".into()));
    assert!(shown["documents"].as_array().is_some_and(Vec::is_empty), "{shown}");
    assert_eq!(at.told("acme", "portgate.exchange.parked", 1).await, [place]);
    let preferred = at.send_with("acme", "m2", "prefer", "return=representation").await;
    assert_eq!((preferred.status.as_u16(), preferred.header("preference-applied")), (202, ""), "there are none yet");
    assert!(scene.portal.received().is_empty(), "nothing follows from it yet");
}

#[tokio::test]
async fn other_partners_of_the_plugin_and_other_plugins_of_the_partner_are_served() {
    let scene = Scene::new(FOR_EVER).await;
    let at = scene.start().await;
    at.take_out("acme").await;
    at.park("acme", "m1").await;
    let zeta = at.send_with("zeta", "m1", "prefer", "return=representation").await;
    assert_eq!((zeta.status.as_u16(), &zeta.json()["documents"][0]["kind"]), (200, &"document-ref".into()));
    let calm = at.send("acme", CALM, "m1").await;
    assert_eq!((calm.status.as_u16(), &calm.json()["state"]), (202, &"accepted".into()), "{}", calm.json());
}

#[tokio::test]
async fn what_breaks_its_contract_or_comes_without_a_credential_is_refused_as_ever() {
    let scene = Scene::new(FOR_EVER).await;
    let at = scene.start().await;
    at.take_out("acme").await;
    let mut headers = scene.headers("acme");
    headers[1].1 = "text/plain".to_owned();
    assert_eq!(at.client.post(MOODY, &headers, "m1").await.problem(), "media-type-unsupported");
    headers[0].1.push('x');
    assert_eq!(at.client.post(MOODY, &headers, "m1").await.problem(), "unauthenticated");
}

#[tokio::test]
async fn a_refusal_of_the_plugin_is_no_failure() {
    let scene = Scene::new(FOR_EVER).await;
    let at = scene.start().await;
    for _ in 0..10 {
        assert_eq!(at.send("acme", MOODY, "reject").await.problem(), "payload-rejected");
    }
    assert_eq!(at.send("acme", MOODY, "m1").await.json()["state"], "accepted");
}

#[tokio::test]
async fn a_repeated_key_gets_the_same_answer_while_it_is_parked_and_afterwards() {
    let scene = Scene::new(FOR_EVER).await;
    let at = scene.start().await;
    at.take_out("acme").await;
    let first = at.send_with("acme", "m1", "idempotency-key", "\"one\"").await;
    assert_eq!((first.status.as_u16(), &first.json()["state"]), (202, &"parked".into()));
    let place = first.header("location").to_owned();
    let again = at.send_with("acme", "m1", "idempotency-key", "\"one\"").await;
    assert_eq!((again.status, again.header("location"), &again.body), (first.status, place.as_str(), &first.body));
    assert_eq!(at.send_with("acme", "m2", "idempotency-key", "\"one\"").await.problem(), "idempotency-key-reused");
    at.lift("acme").await;
    at.until("acme", &place, "completed").await;
    let again = at.send_with("acme", "m1", "idempotency-key", "\"one\"").await;
    assert_eq!((again.status, again.header("location"), &again.body), (first.status, place.as_str(), &first.body));
    assert_eq!(scene.portal.taken().len(), 1, "one effect");
}

#[tokio::test]
async fn what_is_forwarded_cannot_be_kept_and_is_told_when_to_come_back() {
    let scene = Scene::new(FOR_EVER).await;
    let at = scene.start().await;
    assert_eq!(at.send("acme", FORWARDED, "m0").await.status, 401, "the upstream's own answer");
    at.take_out("acme").await;
    let answer = at.send("acme", FORWARDED, "m1").await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (503, "plugin-quarantined"));
    let wait: u32 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=FOR_EVER + 1).contains(&wait), "{wait}");
    assert_eq!(at.client.get("/problems/plugin-quarantined").await.status, 200, "it explains itself");
    assert_eq!(at.send("zeta", FORWARDED, "m1").await.status, 401, "another partner");
}

#[tokio::test]
async fn a_signed_webhook_is_parked_once_and_its_copies_get_the_first_answer() {
    let scene = Scene::new(FOR_EVER).await;
    let signs = "[[authenticate]]\nkind = \"hmac\"\nsecret = \"file:customs-broker.whsec\"\n";
    scene.workshop.edit("partners/acme.toml", |text| format!("{text}\n{signs}"));
    let at = scene.start().await;
    let send = async |seconds, body: &'static str| {
        let mut headers = scene.workshop.credentials.webhook_as("msg_1", seconds, body.as_bytes());
        headers.push(("content-type", "application/octet-stream".to_owned()));
        at.client.post(MOODY, &headers, body).await
    };
    // What the plugin fails on has had no effect: the id is free.
    for seconds in 0..3 {
        assert_eq!(send(seconds, "trap").await.problem(), "plugin-failed");
    }
    let first = send(0, "m1").await;
    assert_eq!((first.status.as_u16(), &first.json()["state"]), (202, &"parked".into()), "{}", first.json());
    let place = first.header("location").to_owned();
    for seconds in [0, 9] {
        let again = send(seconds, "m1").await;
        assert_eq!((again.status, again.header("location"), &again.body), (first.status, place.as_str(), &first.body));
    }
    assert_eq!(send(0, "m2").await.problem(), "webhook-id-reused");
    at.lift("acme").await;
    at.until("acme", &place, "completed").await;
    assert_eq!(send(20, "m1").await.body, first.body);
    assert_eq!(scene.portal.taken().len(), 1, "one effect");
}
