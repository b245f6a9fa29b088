//! What a plugin does not look at is said where the partner's policy asks, and nowhere else.

use portgate_store::testing::PostgresServer;
use portgate_tests::{Client, Workshop};
use serde_json::Value;

use crate::{ORDER, order, shop};

/// The order with a field that no connector knows, and one that the connector lists as ignored.
fn with_news() -> Vec<u8> {
    let mut order: Value = serde_json::from_slice(&order()).expect("JSON");
    order["line_items"][0]["customs_note"] = "Handle with care".into();
    order["browser_ip"] = "192.0.2.7".into();
    order.to_string().into_bytes()
}

fn asks(workshop: &Workshop, says: &str) {
    workshop.edit("partners/web-shop.toml", |text| {
        let contract = "name = \"shopify-order\"\nversions = [\"2024-10\"]";
        assert!(text.contains(contract));
        text.replace(contract, &format!("{contract}\nunread = \"{says}\""))
    });
}

/// The places of what is said to be unread.
fn unread(findings: &Value) -> Vec<&str> {
    let findings = findings.as_array().expect("findings").iter();
    let unread = findings.filter(|finding| finding["code"] == "unread");
    unread
        .map(|finding| {
            assert_eq!(finding["severity"], "warning");
            finding["location"].as_str().expect("a place")
        })
        .collect()
}

#[tokio::test]
async fn a_field_that_is_left_unread_is_a_finding_where_the_policy_asks_and_is_kept() {
    let workshop = Workshop::new();
    asks(&workshop, "finding");
    let mut gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let answer = client.post(ORDER, &shop(&workshop), with_news()).await;
    assert!(answer.status.is_success(), "{}", answer.json());
    assert_eq!(unread(&answer.json()["findings"]), ["/line_items/*/customs_note"], "what is ignored is not said");
    let place = answer.header("location").to_owned();
    gateway.tell_to_stop();
    gateway.stopped().await;

    // The finding is kept with the exchange, so a gateway that starts anew shows it. It also finds the same in the next
    // message.
    let again = workshop.start().await;
    let client = Client::new(again.partner);
    let headers = shop(&workshop);
    let kept = client.send(http::Method::GET, &place, &headers, bytes::Bytes::new()).await;
    assert_eq!(unread(&kept.json()["findings"]), ["/line_items/*/customs_note"], "{}", kept.json());
    let next = client.post(ORDER, &headers, with_news()).await;
    assert_eq!(unread(&next.json()["findings"]), ["/line_items/*/customs_note"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_gateways_on_one_database_either_says_it_and_shows_what_the_other_said() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let workshop = Workshop::new();
    asks(&workshop, "finding");
    workshop.keep_in(&server);
    let gateways = [workshop.start().await, workshop.start().await];
    let clients = gateways.each_ref().map(|gateway| Client::new(gateway.partner));
    let mut places = Vec::new();
    for (number, client) in clients.iter().enumerate() {
        let mut order: Value = serde_json::from_slice(&with_news()).expect("JSON");
        order["id"] = (7_000_001 + number).into();
        order["admin_graphql_api_id"] = format!("gid://shopify/Order/{}", 7_000_001 + number).into();
        let answer = client.post(ORDER, &shop(&workshop), order.to_string()).await;
        assert!(answer.status.is_success(), "{}", answer.json());
        assert_eq!(unread(&answer.json()["findings"]), ["/line_items/*/customs_note"]);
        places.push(answer.header("location").to_owned());
    }
    // A gateway that was started later shows both as well, though its policy asks for nothing.
    workshop.edit("partners/web-shop.toml", |text| text.replace("unread = \"finding\"", "unread = \"off\""));
    let later = workshop.start().await;
    let [first, second] = clients;
    for client in [first, second, Client::new(later.partner)] {
        for place in &places {
            let kept = client.send(http::Method::GET, place, &shop(&workshop), bytes::Bytes::new()).await;
            assert_eq!(unread(&kept.json()["findings"]), ["/line_items/*/customs_note"], "{}", kept.json());
        }
    }
}

#[tokio::test]
async fn without_being_asked_nothing_is_said() {
    for says in [None, Some("off")] {
        let workshop = Workshop::new();
        if let Some(says) = says {
            asks(&workshop, says);
        }
        let gateway = workshop.start().await;
        let answer = Client::new(gateway.partner).post(ORDER, &shop(&workshop), with_news()).await;
        assert!(answer.status.is_success(), "{}", answer.json());
        assert_eq!(unread(&answer.json()["findings"]), Vec::<&str>::new());
    }
}

#[tokio::test]
async fn a_message_of_nothing_but_unknown_fields_is_taken_with_a_bounded_number_of_findings() {
    let workshop = Workshop::new();
    asks(&workshop, "finding");
    workshop.set("gateway.toml", "findings_max", "10");
    let gateway = workshop.start().await;
    let mut order: Value = serde_json::from_slice(&order()).expect("JSON");
    for number in 0..20_000 {
        order[format!("field-{number}")] = number.into();
    }
    let answer = Client::new(gateway.partner).post(ORDER, &shop(&workshop), order.to_string()).await;
    assert!(answer.status.is_success(), "{}", answer.json());
    let json = answer.json();
    let unread = unread(&json["findings"]);
    assert_eq!((unread.len(), unread[10]), (11, ""), "ten, and one that counts the others");
}
