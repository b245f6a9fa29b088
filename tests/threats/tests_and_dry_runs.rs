//! Rows 55 and 56: what is only a test, made real.

use bytes::Bytes;
use http::Method;
use portgate_tests::{Client, Portal, Workshop};

use crate::{EVENTS, Gate, Headers, NOTIFICATION, bearer, events, json, notification};

fn tester(workshop: &Workshop) -> Headers {
    vec![("x-api-key", workshop.test_key("ocean-carrier")), json()]
}

#[tokio::test]
async fn row_55_a_test_credential_has_no_real_effect_and_reads_nothing_real() {
    let workshop = Workshop::new();
    let portal = Portal::start(&workshop).await;
    let tester = tester(&workshop);
    let gate = Gate::of(workshop).await;
    let token = bearer(&gate.workshop.credentials.token());
    let real = gate.client.post(EVENTS, &token, events()).await;
    let taken = real.json()["exchange"].as_str().map(str::to_owned).expect("an exchange");
    portal.has_taken(4).await;
    let keyed: Headers = [tester.clone(), vec![("idempotency-key", "one".to_owned())]].concat();
    let test = gate.client.post(EVENTS, &keyed, events()).await;
    assert_eq!(test.status, 202, "{}", test.json());
    let read = gate.client.send(Method::GET, test.header("location"), &tester, Bytes::new()).await.json();
    assert_eq!(
        (&read["state"], &read["deliveries"]),
        (&"completed".into(), &serde_json::json!([])),
        "no destination is one"
    );
    for path in [real.header("location"), &format!("/v1/exchanges/{taken}")] {
        assert_eq!(gate.client.send(Method::GET, path, &tester, Bytes::new()).await.status, 404, "{path}");
    }
    // It answers no real message, and no real one is answered by it.
    let keyed: Headers = [token.clone(), vec![("idempotency-key", "one".to_owned())]].concat();
    let after = gate.client.post(EVENTS, &keyed, events()).await;
    assert_ne!(after.header("location"), test.header("location"));
    portal.has_taken(8).await;
    assert_eq!(portal.taken().len(), 8, "those of the two real messages");
    gate.is_open().await;
}

#[tokio::test]
async fn row_55_a_test_of_what_is_passed_on_goes_nowhere_unless_there_is_an_upstream_for_tests() {
    let gate = Gate::of(Workshop::new()).await;
    let (workshop, mut gateway) = (gate.workshop, gate.gateway);
    gateway.stopped().await;
    let key = vec![("x-api-key", workshop.test_key("web-shop")), json()];
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let upstream = listener.local_addr().expect("an address");
    workshop.edit("routes.toml", |text| text.replace("127.0.0.1:8482", &upstream.to_string()));
    let gateway = workshop.start().await;
    let item = portgate_tests::case("ecom-shopify", "inventory-item", "json");
    let path = "/v1/messages/shopify-inventory-item/2024-10";
    let refused = Client::new(gateway.partner).post(path, &key, item).await;
    assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (422, "test-not-possible"));
    let visitor = tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept()).await;
    assert!(visitor.is_err(), "the internal system is not asked");
}

#[tokio::test]
async fn row_56_a_dry_run_that_somebody_has_caught_is_no_message() {
    let gate = Gate::open().await;
    let mut caught = gate.workshop.credentials.webhook(&notification());
    caught.push(("content-type", "application/xml".to_owned()));
    let dry: Headers = [caught.clone(), vec![("portgate-dry-run", "?1".to_owned())]].concat();
    assert_eq!(gate.client.post(NOTIFICATION, &dry, notification()).await.status, 200);
    let made_real = gate.client.post(NOTIFICATION, &caught, notification()).await;
    assert_eq!((made_real.status.as_u16(), made_real.problem().as_str()), (409, "webhook-id-taken"));
    for almost in ["1", "true", "?1, ?0"] {
        let mut meant = gate.workshop.credentials.webhook(&notification());
        meant.extend([("content-type", "application/xml".to_owned()), ("portgate-dry-run", almost.to_owned())]);
        let refused = gate.client.post(NOTIFICATION, &meant, notification()).await;
        assert_eq!(refused.problem(), "dry-run-malformed", "who means a dry run does not get the real thing");
    }
    gate.is_open().await;
}
