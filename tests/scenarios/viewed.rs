//! What a partner looks up of shipments: those that it may see, in them what it may see, and what is told of them.

use bytes::Bytes;
use http::Method;
use portgate_tests::{Answer, Client, Gateway, Workshop, case, eventually, gate_out};
use serde_json::{Value, json};

use crate::{EVENTS, carrier};

/// The headers of a partner with an API key that the workshop's policies know from now on.
fn keyed(workshop: &Workshop, secret: &str) -> Vec<(&'static str, String)> {
    let key = format!("the-key-of-{secret}-in-a-test-0123456789");
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes());
    workshop.secret(&format!("{secret}.sha256"), &hex::encode(hash));
    vec![("x-api-key", key)]
}

/// Headers with one more.
fn with(headers: &[(&'static str, String)], name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    headers.iter().cloned().chain([(name, value.to_owned())]).collect()
}

async fn get(gateway: &Gateway, headers: &[(&'static str, String)], path: &str) -> Answer {
    Client::new(gateway.partner).send(Method::GET, path, headers, Bytes::new()).await
}

/// The shipment of this name as a partner sees it, once it is put together of so many documents.
async fn shown(gateway: &Gateway, headers: &[(&'static str, String)], name: &str, documents: usize) -> Answer {
    eventually("the shipment", async || {
        let answer = get(gateway, headers, &format!("/v1/shipments/{name}")).await;
        let seen = answer.json();
        let there = seen["shipments"][0]["context"]["documents"].as_array().map_or(0, Vec::len);
        let is_there = answer.status == 200 && seen["shipments"][0]["current"] == true && there == documents;
        if is_there { Ok(answer) } else { Err(seen) }
    })
    .await
}

/// An ERP system's delivery, and a portal that may see every shipment but not all of it.
struct Scene {
    workshop: Workshop,
    gateway: Gateway,
    erp: Vec<(&'static str, String)>,
    portal: Vec<(&'static str, String)>,
}

async fn scene() -> Scene {
    let workshop = Workshop::new();
    // What the ERP may see is for each test to say.
    workshop.erp_sees_nothing();
    let erp = with(&keyed(&workshop, "erp"), "content-type", "application/xml");
    let portal = keyed(&workshop, "customer-portal-reader");
    let gateway = workshop.start().await;
    for idoc in ["idoc-delivery-with-handling-units", "idoc-invoice"] {
        let body = case("erp-sap", idoc, "xml");
        let answer = Client::new(gateway.partner).post("/v1/messages/idoc/4.0", &erp, body).await;
        assert_eq!(answer.status, 202, "{idoc}: {}", answer.json());
    }
    // Nothing more comes of it.
    let key = format!("Bearer {}", workshop.credentials.operator_key);
    eventually("the whole shipment", async || {
        let (client, headers) = (Client::new(gateway.operator), [("authorization", key.clone())]);
        let seen = client.send(Method::GET, "/v1/shipments/90000042", &headers, Bytes::new()).await.json();
        let is_there = seen["current"] == true && seen["documents"].as_array().map_or(0, Vec::len) == 3;
        if is_there { Ok(()) } else { Err(seen) }
    })
    .await;
    Scene { workshop, gateway, erp, portal }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_sees_the_shipment_by_any_name_of_its_schemes_and_of_it_what_it_is_granted() {
    let Scene { workshop: _workshop, gateway, portal, .. } = scene().await;
    let answer = shown(&gateway, &portal, "80000123", 2).await;
    let seen = answer.json();
    let shipment = &seen["shipments"][0];
    let documents = shipment["context"]["documents"].as_array().expect("documents");
    let kinds: Vec<&str> = documents.iter().filter_map(|one| one["kind"].as_str()).collect();
    assert_eq!(kinds, ["packing", "shipment"], "the invoice is not for the portal");
    assert!(!seen.to_string().contains("commercial-invoice") && !seen.to_string().contains("90000042"), "{seen}");
    assert_eq!(shipment["context"]["id"], shipment["id"]);
    // It may not look up by invoices, so that a guess confirms none; by id it may.
    let (id, tag) = (shipment["id"].as_str().expect("an id").to_owned(), answer.header("etag").to_owned());
    let guessed = get(&gateway, &portal, "/v1/shipments/90000042").await;
    let unknown = get(&gateway, &portal, "/v1/shipments/no-such-name").await;
    assert_eq!((guessed.status.as_u16(), guessed.problem()), (404, "shipment-unknown".to_owned()));
    let plain = |answer: &Answer, name: &str| answer.json()["detail"].to_string().replace(name, "NAME");
    assert_eq!(plain(&guessed, "90000042"), plain(&unknown, "no-such-name"));
    assert_eq!(get(&gateway, &portal, &format!("/v1/shipments/{id}")).await.json(), seen);
    let again = get(&gateway, &with(&portal, "if-none-match", &tag), &format!("/v1/shipments/{id}")).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    assert!(tag.contains(shipment["revision"].as_str().expect("a revision")), "{tag}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_document_in_a_shipment_sees_it_once_its_policy_says_so_and_nobody_else_does() {
    let Scene { workshop, gateway, erp, portal } = scene().await;
    shown(&gateway, &portal, "80000123", 2).await;
    let denied = async |headers: &[(&'static str, String)]| {
        let answer = get(&gateway, headers, "/v1/shipments/80000123").await;
        assert_eq!((answer.status.as_u16(), answer.problem()), (404, "shipment-unknown".to_owned()));
    };
    denied(&erp).await;
    let reads = "\n[shipments]\nread = [\"shipment\"]\nreferences = [\"shipment\", \"sap-delivery\"]\n";
    let warehouse = keyed(&workshop, "warehouse");
    let test = vec![("x-api-key", workshop.test_key("erp"))];
    for partner in ["erp", "warehouse"] {
        workshop.edit(&format!("partners/{partner}.toml"), |text| format!("{text}{reads}"));
    }
    let seen = shown(&gateway, &erp, "80000123", 1).await.json();
    assert_eq!(seen["shipments"][0]["context"]["documents"][0]["kind"], "shipment");
    // Both have the same grants; one has sent something of it.
    denied(&warehouse).await;
    let id = seen["shipments"][0]["id"].as_str().expect("an id").to_owned();
    for path in [format!("/v1/shipments/{id}"), format!("/v1/shipments/{id}/events")] {
        assert_eq!(get(&gateway, &warehouse, &path).await.status, 404, "{path}");
    }
    // What tests has another name, and sees nothing of production.
    denied(&test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_to_a_shipment_is_streamed_goes_on_where_it_was_cut_off_and_is_there_as_epcis() {
    let workshop = Workshop::new();
    // Here an event begins a shipment, and its container is of that one alone.
    workshop.edit("shipments.toml", |text| {
        let text = text.replace("opens = [", "opens = [\"milestone\", ");
        let text = text.replace("identifying = [", "identifying = [\"container\", ");
        text.replace("windowed = { container = 45 }", "windowed = {}")
    });
    let portal = keyed(&workshop, "customer-portal-reader");
    let gateway = workshop.start().await;
    for again in ["", "-again"] {
        let event = String::from_utf8(gate_out(7)).expect("text").replace("event-7", &format!("event-7{again}"));
        let answer = Client::new(gateway.partner).post(EVENTS, &carrier(&workshop), event).await;
        assert_eq!(answer.status, 202, "{}", answer.json());
    }
    let seen = shown(&gateway, &portal, "OPSU0000073", 2).await.json();
    let id = seen["shipments"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/v1/shipments/{id}/events");
    let client = Client::new(gateway.partner);
    let mut stream = client.events(&format!("{path}?after=start"), &portal).await;
    let (mut told, mut first): (Vec<(String, String)>, String) = Default::default();
    let count = |told: &[(String, String)], wanted: &str| told.iter().filter(|(kind, _)| kind == wanted).count();
    while count(&told, "portgate.document.milestone") < 2 || count(&told, "portgate.shipment.changed") < 1 {
        let event = stream.next().await;
        assert_eq!(event.event["portgatepartner"], "customer-portal", "it is told to who reads, not by whom it is");
        if first.is_empty() {
            first.clone_from(&event.id);
        }
        told.push((event.kind, event.event["id"].to_string()));
    }
    // Behind the first comes the second, under the same id.
    let mut stream = client.events(&path, &with(&portal, "last-event-id", &first)).await;
    assert_eq!(stream.next().await.event["id"].to_string(), told[1].1);
    let elsewhere = get(&gateway, &with(&portal, "last-event-id", "x"), &path).await;
    assert_eq!(elsewhere.problem(), "event-unknown");
    // What happened to the goods, in the words of GS1.
    let epcis = get(&gateway, &with(&portal, "accept", "application/ld+json"), &path).await;
    assert_eq!((epcis.status.as_u16(), epcis.header("content-type")), (200, "application/ld+json"));
    let document = epcis.json();
    assert_eq!((&document["type"], &document["schemaVersion"]), (&json!("EPCISQueryDocument"), &json!("2.0")));
    let events = document["epcisBody"]["queryResults"]["resultsBody"]["eventList"].as_array().expect("a list");
    assert_eq!(events.len(), 2, "{document}");
    let hashed = |event: &Value| event["eventID"].as_str().is_some_and(|id| id.starts_with("ni:///sha-256;"));
    assert!(events.iter().all(|event| event["type"] == "ObjectEvent" && hashed(event)), "{document}");
}
