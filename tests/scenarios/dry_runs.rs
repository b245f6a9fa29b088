//! `Portgate-Dry-Run: ?1`: everything is done but what has an effect, and the answer says what would have happened.

use bytes::Bytes;
use http::Method;
use portgate_tests::signatures::Provider;
use portgate_tests::{Client, Portal, Workshop, case};
use serde_json::{Value, json};

use crate::webhooks::each_journal;
use crate::{EVENTS, ORDER, carrier, event, order, shop, with};

const NOTIFICATION: &str = "/v1/messages/dms-notification/3.6";

type Headers = Vec<(&'static str, String)>;

fn dry(headers: Headers) -> Headers {
    with(headers, "portgate-dry-run", "?1")
}

/// All that the journal has of exchanges and deliveries.
async fn kept(workshop: &Workshop, gateway: &portgate_tests::Gateway) -> usize {
    let key = [("authorization", format!("Bearer {}", workshop.credentials.operator_key))];
    let client = Client::new(gateway.operator);
    let mut count = 0;
    for path in ["/v1/exchanges", "/v1/exchanges?test=true", "/v1/deliveries"] {
        let listed = client.send(Method::GET, path, &key, Bytes::new()).await;
        count += listed.json()["items"].as_array().expect("items").len();
    }
    count
}

#[tokio::test]
async fn a_dry_run_says_what_would_have_happened_and_leaves_nothing() {
    for (workshop, _server) in each_journal() {
        let portal = Portal::start(&workshop).await;
        let gateway = workshop.start().await;
        for client in [Client::new(gateway.partner), Client::over_http2(gateway.partner)] {
            let headers = with(dry(carrier(&workshop)), "idempotency-key", "run-1");
            let told = client.post(EVENTS, &headers, event(1, "CSQU3054383")).await;
            assert_eq!((told.status.as_u16(), told.header("portgate-dry-run")), (200, "?1"), "{}", told.json());
            let json = told.json();
            assert_eq!((&json["dryRun"], &json["outcome"]), (&true.into(), &"accepted".into()), "{json}");
            assert_eq!(json["documents"][0]["kind"], "milestone", "{json}");
            assert_eq!(
                json["deliveries"],
                json!([{ "destination": "customer-portal", "contract": "portal-document", "version": "1", "documents": [0] }])
            );
            assert_eq!(told.header("location"), "", "there is no exchange");
        }
        assert_eq!(kept(&workshop, &gateway).await, 0);
        let client = Client::new(gateway.partner);
        let mut events = client.events("/v1/events?after=start", &carrier(&workshop)).await;
        assert!(events.next_within(std::time::Duration::from_millis(300)).await.is_none());
        // Its key is free, for another message as well.
        let real =
            client.post(EVENTS, &with(carrier(&workshop), "idempotency-key", "run-1"), event(2, "CSQU3054383")).await;
        assert_eq!(real.status, 202, "{}", real.json());
        portal.has_taken(1).await;
        assert_eq!(portal.requests(), 1);
    }
}

#[tokio::test]
async fn a_dry_run_is_refused_as_the_message_would_be() {
    let workshop = Workshop::new();
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    for (body, problem) in [(&b"{"[..], "malformed-payload"), (&b"{}"[..], "contract-violation")] {
        let refused = client.post(ORDER, &dry(shop(&workshop)), body).await;
        assert_eq!((refused.problem().as_str(), refused.header("portgate-dry-run")), (problem, "?1"));
    }
    let keyed = |key: &str| with(shop(&workshop), "idempotency-key", key);
    let first = client.post(ORDER, &keyed("order-1"), order()).await;
    let repeated = client.post(ORDER, &dry(keyed("order-1")), order()).await.json();
    assert_eq!((&repeated["outcome"], &repeated["repeats"]), (&"repeated".into(), &first.header("location").into()));
    let changed = [order(), b" ".to_vec()].concat();
    assert_eq!(client.post(ORDER, &dry(keyed("order-1")), changed).await.problem(), "idempotency-key-reused");
    let unknown = client.post(ORDER, &dry(vec![]), order()).await;
    assert_eq!(unknown.status, 401);
    for almost in ["1", "true", "yes", "?2", ""] {
        let refused = client.post(ORDER, &with(shop(&workshop), "portgate-dry-run", almost), order()).await;
        assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (400, "dry-run-malformed"), "{almost}");
    }
    assert_eq!(kept(&workshop, &gateway).await, 1, "the one that was no dry run");
    let real = client.post(ORDER, &with(shop(&workshop), "portgate-dry-run", "?0"), order()).await;
    assert_eq!((real.status.as_u16(), real.header("portgate-dry-run")), (202, ""));
}

#[tokio::test]
async fn a_dry_run_knows_the_business_key() {
    for (workshop, _server) in each_journal() {
        let gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        let signed = |body: &[u8]| with(workshop.credentials.webhook(body), "content-type", "application/xml");
        let notification = case("broker-cds", "tax-assessed", "xml");
        let first = client.post(NOTIFICATION, &signed(&notification), notification.clone()).await;
        assert_eq!(first.status, 202, "{}", first.json());
        let again = client.post(NOTIFICATION, &dry(signed(&notification)), notification.clone()).await.json();
        assert_eq!((&again["outcome"], &again["repeats"]), (&"repeated".into(), &first.header("location").into()));
        let changed = [notification, b"\n".to_vec()].concat();
        let refused = client.post(NOTIFICATION, &dry(signed(&changed)), changed).await;
        assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (409, "duplicate-submission"));
    }
}

#[tokio::test]
async fn a_signed_dry_run_uses_up_its_id_and_a_signature_without_an_id_signs_none() {
    for (workshop, _server) in each_journal() {
        let github = Provider::new("github");
        github.signs_for(&workshop, "web-shop");
        let mut gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        let body = case("broker-cds", "tax-assessed", "xml");
        let caught = with(workshop.credentials.webhook_as("msg_1", 0, &body), "content-type", "application/xml");
        let told = client.post(NOTIFICATION, &dry(caught.clone()), body.clone()).await;
        assert_eq!((told.status.as_u16(), &told.json()["outcome"]), (200, &Value::from("accepted")), "{}", told.json());
        for restart in [false, true] {
            if restart {
                gateway.stopped().await;
                gateway = workshop.start().await;
            }
            let client = Client::new(gateway.partner);
            for headers in [caught.clone(), dry(caught.clone())] {
                let again = client.post(NOTIFICATION, &headers, body.clone()).await;
                assert_eq!((again.status.as_u16(), again.problem().as_str()), (409, "webhook-id-taken"));
            }
        }
        let client = Client::new(gateway.partner);
        let real = with(workshop.credentials.webhook_as("msg_2", 0, &body), "content-type", "application/xml");
        assert_eq!(client.post(NOTIFICATION, &real, body).await.status, 202);
        let unsigned = dry(with(github.sign(&order()), "content-type", "application/json"));
        let refused = client.post(ORDER, &unsigned, order()).await;
        assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (422, "dry-run-not-possible"));
    }
}
