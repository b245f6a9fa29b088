//! Sending again in three ways: an exchange is mapped again by today's plugin, the same bytes are sent again, and so is
//! what was delivered.

use std::collections::BTreeSet;

use portgate_store::testing::PostgresServer;
use portgate_tests::{Client, Gateway, Workshop, eventually, plugins};
use serde_json::{Value, json};

use crate::Scene;
use crate::commands::said;

/// A gateway that can be given another build of its connectors.
async fn scene(prepare: impl FnOnce(&Workshop)) -> Scene {
    Scene::new(|workshop| {
        let folder = workshop.path().join("plugins");
        plugins::copy_all(&folder);
        workshop.set("gateway.toml", "plugins", "\"../plugins\"");
        prepare(workshop);
    })
    .await
}

/// Mends the carrier's connector by replacing a text in it with another of the same length.
fn mend(scene: &Scene, text: &str, other: &str) {
    let (text, other) = (text.as_bytes(), other.as_bytes());
    let mut component = plugins::built("carrier-ocean");
    let places: Vec<usize> =
        (0..component.len() - text.len()).filter(|at| component[*at..].starts_with(text)).collect();
    assert!(!places.is_empty() && text.len() == other.len(), "the plugin knows the text");
    for at in places {
        component[at..at + text.len()].copy_from_slice(other);
    }
    replace(scene, &component);
}

fn replace(scene: &Scene, component: &[u8]) {
    let half = scene.workshop.path().join("plugins/half");
    std::fs::write(&half, plugins::signed(component)).expect("a plugin");
    std::fs::rename(half, scene.workshop.path().join("plugins/carrier-ocean.wasm")).expect("a plugin");
}

const WORDS: (&str, &str) = ("DCSA event type code", "DCSA event type CODE");

fn path(exchange: &str) -> String {
    format!("/v1/exchanges/{exchange}/rerun")
}

/// What differs, as soon as a gateway has the mended plugin.
async fn differs(scene: &Scene, exchange: &str) -> Value {
    eventually("the mended plugin is there", async || {
        let shown = scene.get(&path(exchange)).await.json();
        let differs = shown["documents"].as_array().is_some_and(|all| all.iter().any(|one| one["change"] != "same"));
        let refused = shown["difference"].is_null() && shown["findings"].as_array().is_some_and(|all| !all.is_empty());
        if differs || refused { Ok(shown) } else { Err(shown) }
    })
    .await
}

fn confirm(shown: &Value) -> String {
    json!({ "reason": "the connector is mended", "difference": shown["difference"] }).to_string()
}

async fn record(scene: &Scene, exchange: &str) -> Value {
    scene.get(&format!("/v1/exchanges/{exchange}")).await.json()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_accepted_exchange_is_mapped_again_as_it_was_shown_and_what_was_sent_is_followed_by_a_new_delivery() {
    let scene = scene(|_| {}).await;
    let exchange = scene.event(1).await;
    let first = scene.until("delivered", 1).await[0]["id"].as_str().expect("an id").to_owned();
    let same = scene.get(&path(&exchange)).await.json();
    assert_eq!((&same["documents"][0]["change"], &same["deliveries"][0]["fate"]), (&json!("same"), &json!("stays")));
    mend(&scene, WORDS.0, WORDS.1);
    let shown = differs(&scene, &exchange).await;
    let document = &shown["documents"][0];
    assert_eq!(document["change"], "changed", "{shown}");
    assert_eq!(document["before"]["document"]["sourceCode"]["codeList"], WORDS.0);
    assert_eq!(document["after"]["document"]["sourceCode"]["codeList"], WORDS.1);
    let plan = &shown["deliveries"][0];
    assert_eq!(
        (&plan["fate"], &plan["delivery"], &plan["isSentAnew"]),
        (&json!("followed"), &json!(first), &json!(true))
    );
    assert_eq!(plan["successor"], Value::Null, "nothing is made yet");
    // Nothing has changed until it is confirmed, and what was shown before the plugin was mended confirms nothing.
    assert_eq!(record(&scene, &exchange).await["documents"].as_array().map(Vec::len), Some(1));
    assert_eq!(scene.post(&path(&exchange), &confirm(&same)).await.problem(), "rerun-outdated");
    let done = scene.post(&path(&exchange), &confirm(&shown)).await;
    assert_eq!(done.status, 200, "{}", done.json());
    let successor = done.json()["deliveries"][0]["successor"].as_str().expect("an id").to_owned();
    assert_ne!(successor, first, "other bytes have another id");
    scene.until("delivered", 2).await;
    let taken = scene.portal.taken();
    assert_eq!(taken.keys().cloned().collect::<BTreeSet<_>>(), BTreeSet::from([first.clone(), successor.clone()]));
    assert!(String::from_utf8_lossy(&taken[&successor][0]).contains(WORDS.1));
    assert_eq!(taken[&first].len(), 1, "what was sent is not sent again");

    // Twice is once.
    assert_eq!(scene.post(&path(&exchange), &confirm(&shown)).await.problem(), "rerun-outdated");
    let kept = record(&scene, &exchange).await;
    let documents = kept["documents"].as_array().expect("documents");
    assert_eq!(documents.len(), 2, "what counted before is kept");
    assert_eq!((&documents[0]["supersededBy"], &documents[1]["supersededBy"]), (&json!(1), &Value::Null));
    assert_eq!(kept["reruns"][0]["reason"], "the connector is mended");
    let delivery = scene.get(&format!("/v1/deliveries/{successor}")).await.json();
    assert_eq!((&delivery["succeeds"], &delivery["state"]), (&json!(first), &json!("delivered")));
    // Its partner sees what counts.
    let token = [("authorization", format!("Bearer {}", scene.workshop.credentials.token()))];
    let partner = Client::new(scene.gateway.partner);
    let seen = partner.send(http::Method::GET, &format!("/v1/exchanges/{exchange}"), &token, Default::default()).await;
    assert_eq!(seen.json()["documents"].as_array().map(Vec::len), Some(1), "{}", seen.json());
    assert_eq!(seen.json()["documents"][0]["document"]["sourceCode"]["codeList"], WORDS.1);
    let act = &scene.get("/v1/acts").await.json()["items"][0];
    assert_eq!(
        (&act["kind"], &act["operator"], &act["count"]),
        (&json!("exchange-rerun"), &json!("on-call"), &json!(1))
    );
    let entries = scene.entries("delivery-resent", 1).await;
    assert_eq!(entries[0]["subject"], format!("delivery:{successor}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_or_is_dead_gives_way_to_what_the_mended_plugin_makes() {
    let scene = scene(|_| {}).await;
    scene.portal.answer(422);
    let exchange = scene.event(1).await;
    let dead = scene.until("dead", 1).await[0]["id"].as_str().expect("an id").to_owned();
    mend(&scene, WORDS.0, WORDS.1);
    let shown = differs(&scene, &exchange).await;
    let plan = &shown["deliveries"][0];
    assert_eq!(
        (&plan["fate"], &plan["delivery"], &plan["state"]),
        (&json!("superseded"), &json!(dead), &json!("dead"))
    );
    scene.portal.answer(200);
    let done = scene.post(&path(&exchange), &confirm(&shown)).await.json();
    let successor = done["deliveries"][0]["successor"].as_str().expect("an id").to_owned();
    assert_eq!(scene.until("delivered", 1).await[0]["id"], successor.as_str());
    let old = scene.get(&format!("/v1/deliveries/{dead}")).await.json();
    assert_eq!((&old["state"], &old["succeededBy"]), (&json!("discarded"), &json!(successor)), "{old}");
    let last = old["findings"].as_array().and_then(|findings| findings.last()).expect("a finding");
    assert_eq!(last["code"], "superseded");
    assert!(last["detail"].as_str().is_some_and(|detail| detail.contains(&successor)), "{last}");
    // The delivery that was given up is not sent as well by mistake.
    let body = json!({ "filter": { "exchange": exchange }, "reason": "everything" }).to_string();
    assert_eq!(scene.post("/v1/deliveries/retry", &body).await.json(), json!({ "changed": 0, "leftOut": [] }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_today_s_plugin_refuses_is_left_as_it_was() {
    let scene = scene(|_| {}).await;
    let exchange = scene.event(1).await;
    scene.until("delivered", 1).await;
    let strict = plugins::with_manifest(&plugins::built("carrier-ocean"), |manifest| {
        for contract in &mut manifest.contracts {
            contract.schema = contract.schema.is_some().then(|| json!({ "type": "array", "minItems": 2 }));
        }
    });
    replace(&scene, &strict);
    let shown = differs(&scene, &exchange).await;
    assert_eq!((&shown["difference"], &shown["documents"]), (&Value::Null, &json!([])), "{shown}");
    let body = json!({ "reason": "all the same", "difference": "00" }).to_string();
    assert_eq!(scene.post(&path(&exchange), &body).await.problem(), "rerun-not-possible");
    let kept = record(&scene, &exchange).await;
    assert_eq!((kept["documents"].as_array().map(Vec::len), &kept["state"]), (Some(1), &json!("accepted")));
    let command = scene.portgate(&["exchange", "rerun", &exchange, "--reason", "all the same", "--yes"]).await;
    assert!(!command.status.success() && said(&command).contains("refuses its payload"), "{}", said(&command));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_shows_what_differs_and_does_nothing_before_a_yes() {
    let scene = scene(|_| {}).await;
    let (exchange, refused) = (scene.event(1).await, scene.refused().await);
    scene.until("delivered", 1).await;
    mend(&scene, WORDS.0, WORDS.1);
    differs(&scene, &exchange).await;
    let rerun = ["exchange", "rerun", exchange.as_str(), refused.as_str(), "--reason", "the connector is mended"];
    let unsaid = scene.portgate(&rerun).await;
    assert!(!unsaid.status.success() && said(&unsaid).contains("nobody said yes"), "{}", said(&unsaid));
    assert!(said(&unsaid).contains("/document/sourceCode/codeList: \"DCSA event type code\" →"), "{}", said(&unsaid));
    assert!(said(&unsaid).contains("and a new delivery is sent after it"), "{}", said(&unsaid));
    assert_eq!(record(&scene, &exchange).await["reruns"], json!([]));
    let done = scene.portgate(&[&rerun[..], &["--yes"]].concat()).await;
    assert!(done.status.success() && said(&done).contains("rerun: 1 exchanges that were refused"), "{}", said(&done));
    scene.until("delivered", 2).await;
    assert_eq!(record(&scene, &exchange).await["reruns"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_is_sent_again_under_its_id_after_two_questions_and_under_a_new_one_if_told_so() {
    let scene = Scene::new(|_| {}).await;
    scene.event(1).await;
    let first = scene.until("delivered", 1).await[0]["id"].as_str().expect("an id").to_owned();
    let resend = ["delivery", "resend", "--id", &first, "--reason", "the portal has lost it", "--yes"];
    // If the command does not ask for delivered ones, none of them is touched; nor is any if their number is not
    // confirmed.
    let untouched = scene.portgate(&resend).await;
    assert!(said(&untouched).contains("resend: 0 deliveries"), "{}", said(&untouched));
    let once = scene.portgate(&[&resend[..], &["--delivered"]].concat()).await;
    assert!(!once.status.success() && said(&once).contains("--confirm-delivered 1"), "{}", said(&once));
    let wrong = scene.portgate(&[&resend[..], &["--delivered", "--confirm-delivered", "2"]].concat()).await;
    assert!(
        !wrong.status.success() && said(&wrong).contains("1 of those that are meant are delivered"),
        "{}",
        said(&wrong)
    );
    assert_eq!(scene.portal.requests(), 1, "nothing was sent");
    let twice = scene.portgate(&[&resend[..], &["--delivered", "--confirm-delivered", "1"]].concat()).await;
    assert!(twice.status.success() && said(&twice).contains("resend: 1 deliveries"), "{}", said(&twice));
    eventually("it is sent again", async || {
        let taken = scene.portal.taken();
        match taken.get(&first).map(Vec::len) {
            Some(2) => Ok(()),
            other => Err(format!("{other:?} times")),
        }
    })
    .await;
    let taken = scene.portal.taken();
    assert_eq!((taken.len(), &taken[&first][0]), (1, &taken[&first][1]), "the same id, the same bytes");
    scene.until("delivered", 1).await;
    let counted = scene.get(&format!("/v1/deliveries/count?id={first}")).await.json()["items"][0].clone();
    let confirmed = json!({ "count": counted["count"], "lastSettledAt": counted["lastSettledAt"] });
    let mut body = json!({ "filter": { "id": first }, "reason": "as another message", "newIds": true });
    body["confirmDelivered"] = confirmed;
    let done = scene.post("/v1/deliveries/resend", &body.to_string()).await.json();
    let new = done["resent"][0]["as"].as_str().unwrap_or_else(|| panic!("{done}")).to_owned();
    assert_eq!((&done["resent"][0]["delivery"], &done["leftOut"]), (&json!(first), &json!([])));
    assert_ne!(new, first);
    scene.until("delivered", 2).await;
    assert_eq!(scene.portal.taken()[&new][0], taken[&first][0], "the same bytes under another id");
    let entries = scene.entries("delivery-resent", 2).await;
    assert_eq!((&entries[0]["detail"]["was"], &entries[0]["detail"]["as"]), (&json!("delivered"), &json!(first)));
    assert_eq!(
        (&entries[1]["subject"], &entries[1]["detail"]["as"]),
        (&json!(format!("delivery:{first}")), &json!(new))
    );
    let act = &scene.get("/v1/acts").await.json()["items"][0];
    assert_eq!((&act["kind"], &act["reason"]), (&json!("resend"), &json!("as another message")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_gateway_has_shown_another_does_and_a_third_that_was_started_later_tells() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let mut scene = scene(|workshop| {
        workshop.keep_in(&server);
    })
    .await;
    let mut second: Gateway = scene.workshop.start().await;
    let exchange = scene.event(1).await;
    scene.until("delivered", 1).await;
    mend(&scene, WORDS.0, WORDS.1);
    let shown = differs(&scene, &exchange).await;
    std::mem::swap(&mut scene.gateway, &mut second);
    assert_eq!(differs(&scene, &exchange).await["difference"], shown["difference"], "they see the same");
    let key = [("authorization", format!("Bearer {}", scene.workshop.credentials.operator_key))];
    let at = |gateway: &Gateway| {
        let (client, key, body) = (Client::new(gateway.operator), key.clone(), confirm(&shown));
        let path = path(&exchange);
        async move { client.send(http::Method::POST, &path, &key, body.into()).await }
    };
    let (one, other) = tokio::join!(at(&scene.gateway), at(&second));
    let statuses = BTreeSet::from([one.status.as_u16(), other.status.as_u16()]);
    assert_eq!(statuses, BTreeSet::from([200, 409]), "of two at once one has it done");
    scene.until("delivered", 2).await;
    second.stopped().await;
    scene.gateway.stopped().await;
    scene.gateway = scene.workshop.start().await;
    let kept = record(&scene, &exchange).await;
    assert_eq!(kept["reruns"].as_array().map(Vec::len), Some(1), "{kept}");
    assert_eq!(scene.get(&path(&exchange)).await.json()["documents"][0]["change"], "same");
    assert_eq!(scene.portal.taken().len(), 2);
}
