//! A partner tests beside its real traffic: what it sends under a test credential is marked, listed apart and goes to test
//! destinations alone, and nothing of it is taken for the real thing.

use http::Method;
use portgate_tests::{Answer, Client, Gateway, Portal, StreamedEvent, Webhook, Workshop};
use serde_json::Value;

use crate::webhooks::each_journal;
use crate::{EVENTS, carrier, event, exchange_in, with};

type Headers = Vec<(&'static str, String)>;

const CONTAINER: &str = "CSQU3054383";

/// A portal and one for tests, and a key with which the carrier tests.
async fn scene(workshop: &Workshop) -> (Portal, Portal, Headers) {
    let portal = Portal::start(workshop).await;
    let sandbox = Portal::start_beside(workshop, &portal, "portal-sandbox").await;
    workshop.edit("partners/portal-sandbox.toml", |text| text.replacen("[delivery]\n", "[delivery]\ntest = true\n", 1));
    workshop.edit("routes.toml", |text| {
        let route = "[[deliver]]\ndocument = \"milestone\"\nto = \"portal-sandbox\"\ncontract = \"portal-document\"\n\
                     version = \"1\"\nordered_by = \"container\"\n";
        format!("{text}\n{route}")
    });
    let key = workshop.test_key("ocean-carrier");
    (portal, sandbox, vec![("x-api-key", key), ("content-type", "application/json".to_owned())])
}

async fn read(client: &Client, path: &str, headers: &Headers) -> Answer {
    client.send(Method::GET, path, headers, bytes::Bytes::new()).await
}

async fn operator(workshop: &Workshop, gateway: &Gateway, path: &str) -> Value {
    let key = vec![("authorization", format!("Bearer {}", workshop.credentials.operator_key))];
    let answer = read(&Client::new(gateway.operator), path, &key).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.json());
    answer.json()
}

async fn told(client: &Client, headers: &Headers) -> Vec<StreamedEvent> {
    let mut stream = client.events("/v1/events?after=start", headers).await;
    let mut events = Vec::new();
    while let Some(event) = stream.next_within(std::time::Duration::from_millis(500)).await {
        events.push(event);
    }
    events
}

#[tokio::test]
async fn tests_go_to_test_destinations_alone_and_are_marked_and_listed_apart() {
    for (workshop, _server) in each_journal() {
        let (portal, sandbox, tester) = scene(&workshop).await;
        let mut gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        let test = client.post(EVENTS, &tester, event(1, CONTAINER)).await;
        assert_eq!(test.status, 202, "{}", test.json());
        let kept = exchange_in(&client, test.header("location"), &tester, "completed").await.json();
        assert_eq!((&kept["test"], &kept["deliveries"][0]["destination"]), (&true.into(), &"portal-sandbox".into()));
        assert_eq!(
            kept["documents"][0]["document"]["source"]["system"], "ocean-carrier",
            "the plugin sees no difference"
        );
        let real = client.post(EVENTS, &carrier(&workshop), event(1, CONTAINER)).await;
        let kept = exchange_in(&client, real.header("location"), &carrier(&workshop), "completed").await.json();
        assert_eq!((&kept["test"], &kept["deliveries"][0]["destination"]), (&false.into(), &"customer-portal".into()));
        assert_eq!((portal.taken().len(), sandbox.taken().len()), (1, 1));
        gateway.stopped().await;
        gateway = workshop.start().await;
        let id = |answer: &Answer| answer.header("location").trim_start_matches("/v1/exchanges/").to_owned();
        for (query, listed) in [
            ("", vec![id(&real)]),
            ("?test=true", vec![id(&test)]),
            ("?test=false", vec![id(&real)]),
            ("?partner=ocean-carrier", vec![id(&real)]),
            ("?partner=ocean-carrier&test=true", vec![id(&test)]),
            ("?partner=web-shop&test=true", vec![]),
            (&format!("?id={}", id(&test)), vec![id(&test)]),
        ] {
            let found = operator(&workshop, &gateway, &format!("/v1/exchanges{query}")).await;
            let ids: Vec<&str> =
                found["items"].as_array().expect("items").iter().flat_map(|item| item["id"].as_str()).collect();
            assert_eq!(ids, listed, "{query}");
            for item in found["items"].as_array().expect("items") {
                assert_eq!(
                    (&item["partner"], &item["test"]),
                    (&"ocean-carrier".into(), &(item["id"] == *id(&test)).into())
                );
            }
        }
    }
}

#[tokio::test]
async fn who_tests_and_who_does_not_see_their_own_alone() {
    for (workshop, _server) in each_journal() {
        let (_portal, _sandbox, tester) = scene(&workshop).await;
        let webhook = Webhook::start(&workshop, "ocean-carrier", "").await;
        let gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        let test = client.post(EVENTS, &tester, event(1, CONTAINER)).await;
        let real = client.post(EVENTS, &carrier(&workshop), event(2, CONTAINER)).await;
        for (own, headers, other) in [(&test, &tester, &real), (&real, &carrier(&workshop), &test)] {
            assert_eq!(read(&client, own.header("location"), headers).await.status, 200);
            assert_eq!(read(&client, other.header("location"), headers).await.status, 404);
            let exchange = own.header("location").trim_start_matches("/v1/exchanges/");
            let told = told(&client, headers).await;
            assert!(told.iter().any(|event| event.event["data"]["exchange"] == exchange), "{told:#?}");
            let is_test = headers == &tester;
            for event in &told {
                assert_eq!(event.event["portgatepartner"], "ocean-carrier");
                assert_eq!(event.event["portgatetest"] == true, is_test, "{event:#?}");
                let other = other.header("location").trim_start_matches("/v1/exchanges/");
                assert!(!event.event.to_string().contains(other), "{event:#?}");
            }
        }
        // The receiver of the partner's events takes them for real, so it hears of none that is not.
        let heard = webhook.until("the real one", |told| told.len() >= 3).await;
        assert!(heard.iter().all(|told| told.event["portgatetest"].is_null()), "{heard:#?}");
        // The place of a test's event is no place among the real events.
        let place = told(&client, &tester).await[0].id.clone();
        let elsewhere = with(carrier(&workshop), "last-event-id", &place);
        assert_eq!(read(&client, "/v1/events", &elsewhere).await.problem(), "event-unknown");
    }
}

#[tokio::test]
async fn a_key_that_was_tested_is_still_good_for_the_real_thing() {
    for (workshop, _server) in each_journal() {
        let (_portal, _sandbox, tester) = scene(&workshop).await;
        let gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        let mut places = Vec::new();
        for headers in [&tester, &carrier(&workshop)] {
            let keyed = with(headers.clone(), "idempotency-key", "order-1");
            let first = client.post(EVENTS, &keyed, event(1, CONTAINER)).await;
            let again = client.post(EVENTS, &keyed, event(1, CONTAINER)).await;
            assert_eq!((first.status.as_u16(), again.body), (202, first.body.clone()));
            places.push(first.header("location").to_owned());
        }
        assert_ne!(places[0], places[1]);
    }
}

#[tokio::test]
async fn a_destination_that_turns_real_takes_no_test_that_waits_and_the_other_way_round() {
    for (workshop, _server) in each_journal() {
        let (portal, sandbox, tester) = scene(&workshop).await;
        for file in ["partners/portal-sandbox.toml", "partners/customer-portal.toml"] {
            workshop.edit(file, |text| text.replace("enabled = true ", "enabled = false "));
        }
        let mut gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        let test = client.post(EVENTS, &tester, event(1, CONTAINER)).await;
        let real = client.post(EVENTS, &carrier(&workshop), event(2, CONTAINER)).await;
        assert_eq!((test.status.as_u16(), real.status.as_u16()), (202, 202));
        gateway.stopped().await;
        workshop.edit("partners/portal-sandbox.toml", |text| {
            text.replace("enabled = false ", "enabled = true ").replace("test = true\n", "")
        });
        workshop.edit("partners/customer-portal.toml", |text| {
            text.replace("enabled = false ", "enabled = true ").replacen("[delivery]\n", "[delivery]\ntest = true\n", 1)
        });
        let gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        for (answer, headers) in [(&test, &tester), (&real, &carrier(&workshop))] {
            exchange_in(&client, answer.header("location"), headers, "exception").await;
        }
        assert_eq!((portal.requests(), sandbox.requests()), (0, 0));
        let dead = operator(&workshop, &gateway, "/v1/deliveries?state=dead").await;
        for item in dead["items"].as_array().expect("items") {
            assert_eq!(
                (&item["class"], &item["findings"][0]["code"]),
                (&"ours".into(), &"delivery-test".into()),
                "{item}"
            );
        }
    }
}
