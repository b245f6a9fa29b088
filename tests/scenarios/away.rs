//! A broker that is away is sent what is right when it is back, and nothing of what was wrong in the meantime: what was tried and never
//! left is withdrawn, or becomes what is known now. The gateway is stopped in between.

use bytes::Bytes;
use http::Method;
use portgate_store::testing::PostgresServer;
use portgate_tests::{Client, Gateway, Portal, Workshop, case, eventually};
use serde_json::{Value, json};

use super::filings::Day;
use super::screening::{by_key, screened};

/// Whom the demo's lists name.
const LISTED: &str = "Grey Heron Logistics Ltd";

/// A day at whose beginning the broker cannot be connected to, and is tried every second.
async fn away(workshop: Workshop) -> (Day, Vec<(&'static str, String)>) {
    let day = Day::new(workshop).await;
    let to = "partners/hmrc-cds.toml";
    day.workshop.set(to, "delays_seconds", &format!("{:?}", [1; 60]));
    day.workshop.set(to, "open_seconds", "1");
    day.workshop.replace("filings.toml", &[("but = [\"R22\", \"R23\"]", "rules = [\"R22\"]\nbut = [\"R23\"]")]);
    let compliance = by_key(&day.workshop, "compliance");
    day.customs.leave().await;
    (day, compliance)
}

async fn operator(day: &Day, gateway: &Gateway, path: &str) -> Value {
    let headers = [("authorization", format!("Bearer {}", day.workshop.credentials.operator_key))];
    Client::new(gateway.operator).send(Method::GET, path, &headers, Bytes::new()).await.json()
}

/// The shipment is declared, and the declaration was tried. Its local reference number.
async fn is_tried(day: &Day, gateway: &Gateway) -> String {
    let client = Client::new(gateway.partner);
    let answer = client.post("/v1/messages/idoc/4.0", &day.erp, case("erp-sap", "idoc-material", "xml")).await;
    assert_eq!(answer.status, 202, "{}", answer.json());
    day.tells(gateway, 1, 2).await;
    let filing = day.filing(gateway, |filing| filing["state"] == "submitted").await;
    let current = filing["steps"].as_array().and_then(|steps| steps.last().cloned()).expect("a step");
    let delivery = current["delivery"].as_str().expect("a delivery");
    eventually("it was tried", async || {
        let shown = operator(day, gateway, &format!("/v1/deliveries/{delivery}")).await;
        match shown["attempts"].as_array().map_or(0, Vec::len) {
            2.. => Ok(()),
            _ => Err(format!("{shown:#}")),
        }
    })
    .await;
    filing["lrn"].as_str().expect("a reference number").to_owned()
}

/// The shipping desk says who gets the goods, and trade compliance has that person screened.
async fn is_denied(day: &Day, gateway: &Gateway, compliance: &[(&'static str, String)]) {
    let [(_, body), _] = day.shipped(2, 2);
    let mut shipment: Value = serde_json::from_slice(&body).expect("a shipment");
    shipment["parties"] = json!([{ "role": "consignee", "name": LISTED }]);
    let client = Client::new(gateway.partner);
    let answer = client.post("/v1/messages/shipment/1", &day.own, shipment.to_string()).await;
    assert_eq!(answer.status, 202, "{}", answer.json());
    let found = screened(gateway.partner, compliance, &shipment).await;
    assert!(found.contains(&(LISTED.to_owned(), "hit".to_owned())), "{found:?}");
}

/// An operator has looked at a filing as it is, and says that it may go.
async fn is_released(day: &Day, gateway: &Gateway, filing: &Value) {
    let headers = [
        ("authorization", format!("Bearer {}", day.workshop.credentials.operator_key)),
        ("content-type", "application/json".to_owned()),
    ];
    let word = json!({ "lrn": filing["lrn"], "digest": filing["digest"], "reason": "it is another of this name" });
    let client = Client::new(gateway.operator);
    let answer = client.send(Method::POST, "/v1/filings/release", &headers, word.to_string().into()).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
}

/// What customs has been sent since the broker is back, once it is so much, and whether more comes.
async fn declared(day: &Day, count: usize) -> Vec<String> {
    eventually("customs has it", async || {
        let declared = day.declared();
        if declared.len() >= count { Ok(()) } else { Err(format!("{declared:#?}")) }
    })
    .await;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    day.declared()
}

async fn a_party_is_denied(workshop: Workshop) {
    let (mut day, compliance) = away(workshop).await;
    let address = day.customs.address();
    let mut gateway = day.workshop.start().await;
    let lrn = is_tried(&day, &gateway).await;
    is_denied(&day, &gateway, &compliance).await;
    let is_listed = |filing: &Value| {
        let mut findings = filing["findings"].as_array().into_iter().flatten();
        let of_the_list =
            |one: &Value| one["rule"] == "R22" && one["detail"].as_str().is_some_and(|said| said.contains(LISTED));
        filing["state"] == "blocked" && findings.any(of_the_list)
    };
    day.filing(&gateway, is_listed).await;
    gateway.stopped().await;
    day.customs = Portal::listen_at(&day.workshop, address).await;
    day.customs.answer(202);
    let gateway = day.workshop.start().await;
    assert_eq!(declared(&day, 0).await, Vec::<String>::new(), "nothing was filed");
    let blocked = day.filing(&gateway, |filing| filing["state"] == "blocked").await;
    assert_eq!(blocked["lrn"], json!(lrn));
    // Somebody knows better, and then it is declared, once.
    is_released(&day, &gateway, &blocked).await;
    let declared = declared(&day, 1).await;
    assert!(declared.len() == 1 && declared[0].contains(&lrn), "{declared:#?}");
}

async fn the_invoice_changes(workshop: Workshop) {
    let (mut day, _) = away(workshop).await;
    let address = day.customs.address();
    let mut gateway = day.workshop.start().await;
    let lrn = is_tried(&day, &gateway).await;
    let invoice = String::from_utf8(day.invoice(20, 17)).expect("text").replace("456.00", "410.40");
    let answer = Client::new(gateway.partner).post("/v1/messages/idoc/4.0", &day.erp, invoice.into_bytes()).await;
    assert_eq!(answer.status, 202, "{}", answer.json());
    let is_current = |step: &Value| step["replaced"] == false;
    let made_anew = |filing: &Value| filing["steps"].as_array().is_some_and(|steps| steps.len() > 1);
    let filing = day.filing(&gateway, made_anew).await;
    let current = filing["steps"].as_array().into_iter().flatten().filter(|step| is_current(step));
    assert_eq!((current.count(), &filing["state"]), (1, &json!("submitted")), "{filing:#}");
    gateway.stopped().await;
    let gateway = day.workshop.start().await;
    day.customs = Portal::listen_at(&day.workshop, address).await;
    day.customs.answer(202);
    let declared = declared(&day, 1).await;
    assert!(
        declared.len() == 1 && declared[0].contains(&lrn) && declared[0].contains("410.40"),
        "the changed one is filed, once: {declared:#?}"
    );
    day.filing(&gateway, |filing| filing["state"] == "submitted").await;
}

fn server() -> Option<PostgresServer> {
    let server = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed");
    if server.is_none() {
        eprintln!("left out: PostgreSQL is not installed");
    }
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_filed_of_a_denied_party_that_is_found_while_the_broker_is_away_in_a_file() {
    a_party_is_denied(Workshop::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_filed_of_a_denied_party_that_is_found_while_the_broker_is_away_on_a_server() {
    let Some(server) = server() else { return };
    let workshop = Workshop::new();
    workshop.keep_in(&server);
    a_party_is_denied(workshop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_that_changes_while_the_broker_is_away_is_filed_as_it_is_then_in_a_file() {
    the_invoice_changes(Workshop::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_that_changes_while_the_broker_is_away_is_filed_as_it_is_then_on_a_server() {
    let Some(server) = server() else { return };
    let workshop = Workshop::new();
    workshop.keep_in(&server);
    the_invoice_changes(workshop).await;
}
