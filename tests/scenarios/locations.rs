//! What a partner has taken is done, wherever it says that it will tell what became of it.

use http::Method;
use portgate_tests::{Client, Gateway, Portal, Workshop};
use serde_json::Value;

use crate::{EVENTS, carrier, event, exchange_in};

const CONTAINER: &str = "CSQU3054383";

/// Has the portal take one document with 202 and this `Location`; gives back what operators see of the delivery, and the
/// paths that the portal was asked at.
async fn delivered(workshop: &Workshop, gateway: &Gateway, portal: &Portal, location: &str) -> (Value, Vec<String>) {
    portal.take_for_later(location);
    let client = Client::new(gateway.partner);
    let number = portal.requests();
    let answer = client.post(EVENTS, &carrier(workshop), event(number, CONTAINER)).await;
    let exchange = exchange_in(&client, answer.header("location"), &carrier(workshop), "completed").await;
    let id = exchange.json()["deliveries"][0]["id"].as_str().expect("an id").to_owned();
    let key = [("authorization", format!("Bearer {}", workshop.credentials.operator_key))];
    let operator = Client::new(gateway.operator);
    let listed = operator.send(Method::GET, "/v1/deliveries?limit=1000", &key, bytes::Bytes::new()).await;
    let items = listed.json()["items"].as_array().cloned().unwrap_or_default();
    let shown = items.into_iter().find(|delivery| delivery["id"] == *id).expect("the delivery is listed");
    let mine = portal.received().into_iter().skip(number);
    let (sent, asked): (Vec<_>, Vec<_>) = mine.partition(|request| request.method == Method::PUT);
    assert_eq!(sent.len(), 1, "{location}: it is sent once: {sent:?}");
    (shown, asked.into_iter().map(|request| request.path).collect())
}

fn codes(delivery: &Value) -> Vec<String> {
    let findings = delivery["findings"].as_array().cloned().unwrap_or_default();
    findings.iter().filter_map(|finding| Some(finding["code"].as_str()?.to_owned())).collect()
}

#[tokio::test]
async fn a_location_of_the_portals_own_is_asked_however_it_is_written() {
    let workshop = Workshop::new();
    let portal = Portal::start(&workshop).await;
    let gateway = workshop.start().await;
    let address = portal.address();
    for location in [
        "/jobs/7".to_owned(),
        format!("http://{address}/jobs/7"),
        format!("HTTP://{address}/documents/../jobs/./7#there"),
        format!("//{address}/jobs/7"),
        "../jobs/7".to_owned(),
        "/jobs/%37".to_owned(),
    ] {
        let (delivery, asked) = delivered(&workshop, &gateway, &portal, &location).await;
        assert_eq!(delivery["state"], "delivered", "{location}: {delivery}");
        assert_eq!((asked, codes(&delivery)), (vec!["/jobs/7".to_owned()], Vec::new()), "{location}: {delivery}");
    }
}

#[tokio::test]
async fn a_location_that_cannot_be_followed_is_a_finding_and_the_document_is_delivered() {
    let workshop = Workshop::new();
    let portal = Portal::start(&workshop).await;
    let gateway = workshop.start().await;
    let address = portal.address();
    for (location, code) in [
        ("https://other.example/jobs/7".to_owned(), "LOCATION-ELSEWHERE"),
        ("//169.254.169.254/latest/meta-data".to_owned(), "LOCATION-ELSEWHERE"),
        (format!("https://{address}/jobs/7"), "LOCATION-ELSEWHERE"),
        (format!("http://jobs@{address}/jobs/7"), "LOCATION-ELSEWHERE"),
        (format!("http://{address}.other.example/jobs/7"), "LOCATION-ELSEWHERE"),
        ("mailto:jobs@portal.example".to_owned(), "LOCATION-ELSEWHERE"),
        ("http://[::1".to_owned(), "LOCATION-ELSEWHERE"),
        ("/admin/7".to_owned(), "delivery-follow-up-not-permitted"),
        (format!("http://{address}/jobs/7?token=1"), "delivery-follow-up-not-permitted"),
        ("/jobs/../admin".to_owned(), "delivery-follow-up-not-permitted"),
        ("/jobs/ü".to_owned(), "delivery-follow-up-not-permitted"),
        ("/jobs//7".to_owned(), "delivery-follow-up-not-permitted"),
    ] {
        let (delivery, asked) = delivered(&workshop, &gateway, &portal, &location).await;
        assert_eq!(delivery["state"], "delivered", "{location}: {delivery}");
        assert_eq!((asked, codes(&delivery)), (Vec::new(), vec![code.to_owned()]), "{location}: {delivery}");
    }
}
