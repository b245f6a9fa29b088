//! What people look at: the pages in a browser, and the lines of the log.

use portgate_tests::process::GatewayProcess;
use portgate_tests::{Client, Workshop, eventually};
use serde_json::Value;

use crate::{ORDER, gate, order, shop};

#[tokio::test]
async fn the_index_lists_every_problem_and_each_has_its_page() {
    let (_workshop, _gateway, client) = gate().await;
    let index = String::from_utf8_lossy(&client.get("/problems").await.body).into_owned();
    for path in ["/", "/problems/"] {
        assert_eq!(String::from_utf8_lossy(&client.get(path).await.body), index, "{path}");
    }
    let mut slugs = 0;
    let places = index.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let (pages, others): (Vec<&str>, Vec<&str>) = places.partition(|place| place.starts_with("/problems/"));
    assert_eq!(others, ["/openapi.json"]);
    let described = client.get(others[0]).await;
    assert_eq!((described.status.as_u16(), described.header("content-type")), (200, "application/json"));
    for place in pages {
        let page = client.get(place).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"), "{place}");
        slugs += 1;
    }
    assert_eq!(slugs, portgate_server::problem::ALL.len());
    assert_eq!(client.get("/problems/unheard-of").await.problem(), "not-found");
    assert_eq!(client.post("/", &[], "").await.problem(), "method-not-allowed");
}

#[tokio::test]
async fn an_exchange_that_is_not_there_is_called_that() {
    let (workshop, _gateway, client) = gate().await;
    for id in ["019ab1c2-0000-7000-8000-000000000000", "unheard-of"] {
        let answer =
            client.send(http::Method::GET, &format!("/v1/exchanges/{id}"), &shop(&workshop), bytes::Bytes::new()).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (404, "exchange-unknown"), "{id}");
        assert_eq!(answer.json()["detail"], "There is no such exchange.");
    }
}

/// The last line of the log about a request with this outcome.
async fn line(gateway: &GatewayProcess, outcome: &str) -> Value {
    eventually(&format!("the log has a request with the outcome `{outcome}`"), async || {
        let lines: Vec<Value> = gateway.log().lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let found = lines.iter().rfind(|line| line["message"] == "request" && line["outcome"] == outcome);
        found.cloned().ok_or(gateway.log())
    })
    .await
}

#[tokio::test]
async fn a_line_of_the_log_says_who_sent_what_became_of_it_and_what_was_wrong() {
    let workshop = Workshop::new();
    let gateway = GatewayProcess::start(&workshop);
    let client = Client::new(gateway.partner);
    let taken = client.post(ORDER, &shop(&workshop), order()).await;
    let accepted = line(&gateway, "ok").await;
    assert_eq!(accepted["exchange"], taken.header("location").trim_start_matches("/v1/exchanges/"));
    assert!(accepted["peer"].as_str().is_some_and(|peer| peer.starts_with("127.0.0.1:")), "{accepted}");
    assert_eq!((&accepted["partner"], &accepted["findings"]), (&"web-shop".into(), &"".into()));

    client.post(ORDER, &shop(&workshop), r#"{"id": "x", "line_items": [{"quantity": -1}]}"#).await;
    let refused = line(&gateway, "contract-violation").await;
    let codes = refused["findings"].as_str().unwrap_or_default();
    assert!(codes.split(' ').any(|code| code == "schema-required"), "{refused}");
    assert_eq!(codes.split(' ').filter(|code| *code == "schema-required").count(), 1, "{refused}");
}
