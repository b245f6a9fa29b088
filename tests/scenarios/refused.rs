//! What was refused is kept: its problem names it, its partner and operators see it, whoever asks finds it, and a flood of
//! it fills nothing.

use bytes::Bytes;
use http::Method;
use portgate_store::testing::PostgresServer;
use portgate_tests::{Answer, Client, Workshop};
use serde_json::{Value, json};

use crate::{EVENTS, ORDER, carrier, event, gate, order, shop, with};

/// A client of the operator API.
struct Operators {
    client: Client,
    key: String,
}

impl Operators {
    fn of(workshop: &Workshop, address: std::net::SocketAddr) -> Operators {
        Operators { client: Client::new(address), key: format!("Bearer {}", workshop.credentials.operator_key) }
    }

    async fn get(&self, path: &str) -> Answer {
        self.client.send(Method::GET, path, &[("authorization", self.key.clone())], Bytes::new()).await
    }

    async fn ids(&self, path: &str) -> Vec<String> {
        let found = self.get(path).await.json();
        let items = found["items"].as_array().cloned().unwrap_or_else(|| panic!("{path}: {found}"));
        items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
    }
}

/// The place of the exchange that a problem names.
fn named(answer: &Answer) -> String {
    let instance = answer.json()["instance"].as_str().expect("an instance").to_owned();
    assert!(instance.starts_with("/v1/exchanges/"), "{}", answer.json());
    instance
}

fn id(place: &str) -> String {
    place.trim_start_matches("/v1/exchanges/").to_owned()
}

#[tokio::test]
async fn a_problem_names_the_exchange_that_its_partner_and_operators_see() {
    let (workshop, gateway, client) = gate().await;
    let operators = Operators::of(&workshop, gateway.operator);
    let payload = br#"{"id":"no number","name":"4711"}"#.to_vec();
    let refused = client.post(ORDER, &with(shop(&workshop), "idempotency-key", "\"try-1\""), payload.clone()).await;
    assert_eq!(refused.problem(), "contract-violation");
    let place = named(&refused);
    let seen = client.send(Method::GET, &place, &shop(&workshop), Bytes::new()).await;
    let exchange = seen.json();
    assert_eq!((seen.status.as_u16(), &exchange["state"]), (200, &json!("refused")), "{exchange}");
    assert_eq!(exchange["findings"], refused.json()["findings"]);
    assert_eq!(exchange["problem"]["type"], "/problems/contract-violation");
    assert_eq!((&exchange["problem"]["status"], &exchange["documents"]), (&json!(422), &json!([])));
    // It is nobody else's.
    let other = client.send(Method::GET, &place, &carrier(&workshop), Bytes::new()).await;
    assert_eq!(other.problem(), "exchange-unknown");
    let listed = operators.get("/v1/exchanges?state=refused").await.json();
    assert_eq!(listed["items"][0]["id"], id(&place).as_str(), "{listed}");
    assert!(listed["items"][0]["reason"].as_str().is_some_and(|reason| reason.contains("breaks its contract")));
    let shown = operators.get(&place).await.json();
    assert_eq!((&shown["refused"]["status"], &shown["partner"]), (&json!(422), &json!("web-shop")), "{shown}");
    assert_eq!(operators.get(&format!("{place}/payload")).await.body, payload);
    for name in ["try-1", "contract violation", refused.header("x-request-id")] {
        let name: String = form(name);
        assert_eq!(operators.ids(&format!("/v1/find?name={name}")).await, [id(&place)], "{name}");
    }
    // The same key is free: a message that was refused leaves nothing behind that a better one would meet.
    let good = client.post(ORDER, &with(shop(&workshop), "idempotency-key", "\"try-1\""), order()).await;
    assert_eq!(good.status, 202, "{}", good.json());
}

/// A text for a query.
fn form(text: &str) -> String {
    text.replace(' ', "+")
}

#[tokio::test]
async fn every_kind_of_refusal_after_authentication_is_kept_and_none_before() {
    let (workshop, gateway, client) = gate().await;
    let operators = Operators::of(&workshop, gateway.operator);
    let shop = || shop(&workshop);
    let typed = |kind: &str| vec![shop()[0].clone(), ("content-type", kind.to_owned())];
    for (answer, problem) in [
        (client.post(ORDER, &shop(), b"{".to_vec()).await, "malformed-payload"),
        (client.post(ORDER, &shop(), b"{}".to_vec()).await, "contract-violation"),
        (client.post(ORDER, &typed("text/csv"), order()).await, "media-type-unsupported"),
        (client.post(ORDER, &with(shop(), "idempotency-key", "\"a"), order()).await, "idempotency-key-malformed"),
        (client.post(EVENTS, &shop(), order()).await, "contract-not-permitted"),
        (client.post(ORDER, &shop(), vec![b' '; 3 << 20]).await, "body-too-large"),
    ] {
        assert_eq!(answer.problem(), problem);
        let shown = operators.get(&named(&answer)).await.json();
        assert_eq!(shown["refused"]["type"], format!("/problems/{problem}"), "{shown}");
    }
    let payloads = ["contract-not-permitted", "body-too-large", "media-type-unsupported"];
    for listed in operators.get("/v1/exchanges?state=refused").await.json()["items"].as_array().expect("items") {
        let shown = operators.get(&format!("/v1/exchanges/{}", listed["id"].as_str().expect("an id"))).await.json();
        let problem = shown["refused"]["type"].as_str().expect("a type").trim_start_matches("/problems/").to_owned();
        let payload = operators.get(&format!("/v1/exchanges/{}/payload", listed["id"].as_str().expect("an id"))).await;
        assert_eq!(payload.status == 200, !payloads.contains(&problem.as_str()), "{problem}: what was read is kept");
    }
    let kept = operators.ids("/v1/exchanges").await.len();
    for answer in [
        client.post(ORDER, &[("content-type", "application/json".to_owned())], order()).await,
        client.post(ORDER, &with(vec![], "x-api-key", "nobody's"), order()).await,
        client.post("/v1/messages/nothing/1", &shop(), order()).await,
    ] {
        let instance = answer.json()["instance"].as_str().expect("an instance").to_owned();
        assert!(instance.starts_with("urn:uuid:"), "{}", answer.json());
    }
    assert_eq!(operators.ids("/v1/exchanges").await.len(), kept);
}

#[tokio::test]
async fn a_flood_of_refused_messages_fills_its_budget_and_what_is_good_goes_on() {
    let workshop = Workshop::new();
    workshop.set("gateway.toml", "refused_mib_per_day", "1");
    let gateway = workshop.start().await;
    let (client, operators) = (Client::new(gateway.partner), Operators::of(&workshop, gateway.operator));
    let mut last = String::new();
    for number in 0..30 {
        let mut payload = format!("{{\"number\":{number}}}").into_bytes();
        payload.resize(100_000, b' ');
        last = named(&client.post(ORDER, &shop(&workshop), payload).await);
    }
    let left = operators.ids("/v1/exchanges?state=refused&limit=1000").await;
    assert!((8..=10).contains(&left.len()), "{} of 100,000 bytes each within a MiB", left.len());
    assert_eq!(left[0], id(&last), "the newest are left, and come first");
    assert_eq!(client.post(ORDER, &shop(&workshop), order()).await.status, 202);
    let metrics = operators.client.get("/metrics").await;
    let metrics = String::from_utf8_lossy(&metrics.body).into_owned();
    assert!(metrics.contains("portgate_refused_messages_total{kept=\"whole\"} 30"), "{metrics}");
}

#[tokio::test]
async fn without_a_budget_none_is_kept() {
    let workshop = Workshop::new();
    workshop.set("gateway.toml", "refused_mib_per_day", "0");
    let gateway = workshop.start().await;
    let (client, operators) = (Client::new(gateway.partner), Operators::of(&workshop, gateway.operator));
    let refused = client.post(ORDER, &shop(&workshop), b"{}".to_vec()).await;
    assert_eq!(refused.problem(), "contract-violation");
    assert!(refused.json()["instance"].as_str().is_some_and(|instance| instance.starts_with("urn:uuid:")));
    assert!(operators.ids("/v1/exchanges").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_two_gateways_and_after_a_restart_it_is_the_same_exchange() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let workshop = Workshop::new();
    workshop.keep_in(&server);
    let (mut first, second) = (workshop.start().await, workshop.start().await);
    let refused = Client::new(first.partner).post(ORDER, &shop(&workshop), b"{}".to_vec()).await;
    let place = named(&refused);
    let accepted = Client::new(second.partner).post(EVENTS, &carrier(&workshop), event(1, "CSQU3054383")).await;
    assert_eq!(accepted.status, 202, "{}", accepted.json());
    first.stopped().await;
    let third = workshop.start().await;
    for gateway in [&second, &third] {
        let client = Client::new(gateway.partner);
        let seen = client.send(Method::GET, &place, &shop(&workshop), Bytes::new()).await.json();
        assert_eq!(seen["state"], "refused", "{seen}");
        let operators = Operators::of(&workshop, gateway.operator);
        assert_eq!(operators.ids("/v1/find?name=contract-violation").await, [id(&place)]);
        assert_eq!(operators.ids("/v1/find?name=csqu+305438-3").await, [id(accepted.header("location"))]);
    }
}

#[tokio::test]
async fn exchanges_are_found_by_what_names_them_the_newest_first_and_a_list_that_is_cut_says_so() {
    let (workshop, gateway, client) = gate().await;
    let operators = Operators::of(&workshop, gateway.operator);
    let mut ids = Vec::new();
    for number in 0..3 {
        let answer = client.post(EVENTS, &carrier(&workshop), event(number, "CSQU3054383")).await;
        ids.insert(0, id(answer.header("location")));
    }
    assert_eq!(operators.ids("/v1/find?name=CSQU3054383").await, ids);
    let page = operators.get("/v1/find?name=CSQU3054383&limit=2").await.json();
    assert_eq!(page["next"], ids[1].as_str(), "{page}");
    let rest = operators.get(&format!("/v1/find?name=CSQU3054383&limit=2&after={}", ids[1])).await.json();
    assert_eq!((&rest["items"][0]["id"], &rest["next"]), (&json!(ids[2]), &Value::Null), "{rest}");
    let one = operators.get("/v1/find?name=event-CSQU3054383-1").await.json();
    assert_eq!(one["items"].as_array().map(Vec::len), Some(1), "{one}");
    let item = &one["items"][0];
    assert_eq!((&item["id"], &item["partner"]), (&json!(ids[1]), &json!("ocean-carrier")));
    assert!(item["namedBy"].as_array().is_some_and(|names| !names.is_empty()), "{item}");
    assert!(item["events"][0]["type"].as_str().is_some_and(|kind| kind.starts_with("portgate.document.")), "{item}");
    let delivery = item["deliveries"][0]["id"].as_str().expect("a delivery");
    assert_eq!(operators.ids(&format!("/v1/find?name={delivery}")).await, [ids[1].clone()]);
    assert_eq!(operators.ids(&format!("/v1/find?name={}", ids[2])).await, [ids[2].clone()]);
    assert!(operators.ids("/v1/find?name=CSQU3054384").await.is_empty());
    assert_eq!(operators.get("/v1/find?name=-").await.problem(), "operator-request-invalid");
    assert_eq!(operators.get("/v1/find").await.problem(), "operator-request-invalid");
    let all = operators.get("/v1/exchanges?limit=3").await.json();
    assert_eq!((operators.ids("/v1/exchanges?limit=3").await, &all["next"]), (ids.clone(), &Value::Null), "{all}");
    let cut = operators.get("/v1/exchanges?limit=2").await.json();
    assert_eq!(cut["next"], ids[1].as_str());
}
