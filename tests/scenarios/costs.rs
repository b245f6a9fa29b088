//! What a shipment's goods cost: the invoice of the ERP system, what customs assessed, and the carrier's freight bill become costs by article,
//! which an operator sees and finance is told once.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Method;
use portgate_store::testing::PostgresServer;
use portgate_tests::{Client, Gateway, Portal, Workshop, case, eventually};
use serde_json::{Value, json};

/// Headers of a partner that has an API key, which the workshop's policies know from now on.
fn by_key(workshop: &Workshop, partner: &str, media_type: &str) -> Vec<(&'static str, String)> {
    let key = format!("the-key-of-{partner}-in-a-test-0123456789");
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes());
    workshop.secret(&format!("{partner}.sha256"), &hex::encode(hash));
    vec![("x-api-key", key), ("content-type", media_type.to_owned())]
}

/// Finance is the portal here; the ledger's route and the portal's own for costs are not there.
fn reckoned(workshop: &Workshop) {
    let route = "[[deliver]]\ndocument = \"landed-cost-event\"\nto = \"customer-portal\"\ncontract = \"portal-document\"\nversion = \"1\"\n";
    workshop.edit("routes.toml", |text| {
        assert!(text.contains(route), "the portal is told costs by a route");
        text.replace(route, "").replace("when = { kind = [\"assessed\"] }", "when = { kind = [\"adjustment\"] }")
    });
    workshop.edit("tables/tariff-gb.csv", |text| format!("{text}8517130000,2.0,2020-01-01,\n"));
    let accruals = "\n[accruals]\nkinds = [\"estimate\", \"provisional\", \"assessed\", \"invoiced\"]\nto = \"customer-portal\"\ncontract = \"portal-document\"\nversion = \"1\"\n";
    workshop.edit("costs.toml", |text| {
        let (rules, _) = text.split_once("\n[accruals]").expect("the project's own accruals");
        format!("{rules}{accruals}")
    });
}

/// The desk's own word on the shipment ties the names of all systems together.
fn desk() -> Vec<u8> {
    let reference = |scheme: &str, value: &str| json!({ "scheme": scheme, "value": value });
    let shipment = json!({
        "id": "DESK-1", "version": "1", "shipmentId": "DESK-1", "countryOfDestination": "GB",
        "references": [reference("shipment", "80000123"), reference("lrn", "PO-2026-04711-1"), reference("transport-document", "BL-55")],
    });
    shipment.to_string().into_bytes()
}

async fn costs(workshop: &Workshop, gateway: &Gateway, is_there: impl Fn(&Value) -> bool) -> Value {
    let headers = [("authorization", format!("Bearer {}", workshop.credentials.operator_key))];
    let client = Client::new(gateway.operator);
    eventually("the costs", async || {
        let shown = client.send(Method::GET, "/v1/shipments/80000123/costs", &headers, Bytes::new()).await.json();
        if is_there(&shown) { Ok(shown) } else { Err(shown) }
    })
    .await
}

/// What finance has of each cost after all that it was told, in pence and cents.
fn net(portal: &Portal) -> BTreeMap<String, i64> {
    let cents = |money: &Value| -> i64 {
        money["amount"]
            .as_str()
            .unwrap_or_default()
            .replace('.', "")
            .parse()
            .expect("an amount of two digits, or nought")
    };
    let mut told: BTreeMap<String, Value> = BTreeMap::new();
    for received in portal.received().into_iter().filter(|received| received.status == 200) {
        let body: Value = serde_json::from_slice(&received.body).expect("JSON");
        let document = body.get("document").unwrap_or(&body).clone();
        if let Some(name) = document["sourceRef"].as_str() {
            told.insert(name.to_owned(), document);
        }
    }
    let mut net = BTreeMap::new();
    for event in told.values() {
        let replaced = event["replaces"].as_array().into_iter().flatten().map(|one| cents(&one["amount"])).sum::<i64>();
        let account = format!(
            "{} {}",
            event["code"]["code"].as_str().unwrap_or_default(),
            event["amount"]["currency"].as_str().unwrap_or_default()
        );
        *net.entry(account).or_insert(0) += cents(&event["amount"]) - replaced;
    }
    net.retain(|_, balance| *balance != 0);
    net
}

async fn finance_has(portal: &Portal, wanted: &[(&str, i64)]) {
    let wanted: BTreeMap<String, i64> = wanted.iter().map(|(account, cents)| ((*account).to_owned(), *cents)).collect();
    eventually("finance has it", async || {
        let net = net(portal);
        if net == wanted { Ok(()) } else { Err(format!("{net:?}")) }
    })
    .await;
}

async fn a_day(workshop: Workshop) {
    let portal = Portal::start(&workshop).await;
    reckoned(&workshop);
    let (erp, own, tms) = (
        by_key(&workshop, "erp", "application/xml"),
        by_key(&workshop, "own-systems", "application/json"),
        by_key(&workshop, "tms", "application/edi-x12"),
    );
    let mut gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    assert_eq!(client.post("/v1/messages/shipment/1", &own, desk()).await.status, 202);
    for idoc in ["idoc-invoice", "idoc-material"] {
        let answer = client.post("/v1/messages/idoc/4.0", &erp, case("erp-sap", idoc, "xml")).await;
        assert_eq!(answer.status, 202, "{}", answer.json());
    }
    // 456.00 × 2 % = 9.12, 465.12 × 20 % = 93.02.
    let shown = costs(&workshop, &gateway, |shown| shown["total"] == "102.14").await;
    assert_eq!((&shown["goodsValue"], &shown["articles"][0]["name"]), (&json!("456.00"), &json!("603")));
    finance_has(&portal, &[("A00 GBP", 912), ("B00 GBP", 9_302)]).await;
    gateway.stopped().await;
    let mut gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let taxes = case("broker-cds", "tax-assessed", "xml");
    let mut headers = workshop.credentials.webhook(&taxes);
    headers.push(("content-type", "application/xml".to_owned()));
    assert_eq!(client.post("/v1/messages/dms-notification/3.6", &headers, taxes).await.status, 202);
    let bill =
        client.post("/v1/messages/x12-210/4010", &tms, case("tms-edi", "x12-210-charges-and-costs", "edi")).await;
    assert!(bill.status.is_success(), "{}", bill.status);
    let shown = costs(&workshop, &gateway, |shown| {
        shown["accuracy"]["assessed"] == "224.00" && shown["totals"].as_array().is_some_and(|totals| totals.len() == 3)
    })
    .await;
    // The seller pays the carriage to the place (DPU), so that the price has it already: the estimate stays what it was.
    assert_eq!(
        (&shown["accuracy"]["estimate"], &shown["accuracy"]["difference"]),
        (&json!("102.14"), &json!("-121.86"))
    );
    // 1885.00 + 125.50 + 25.00 dollars, each converted at 1.33 to the pound: 1417.29 + 94.36 + 18.80.
    assert_eq!(shown["totals"][2]["invoiced"], "1530.45");
    let all = [("A00 GBP", 2_000), ("B00 GBP", 20_400), ("FC USD", 188_500), ("405 USD", 12_550), ("DET USD", 2_500)];
    finance_has(&portal, &all).await;
    gateway.stopped().await;
    let gateway = workshop.start().await;
    costs(&workshop, &gateway, |again| again["total"] == shown["total"]).await;
    finance_has(&portal, &all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn costs_are_seen_by_article_and_told_to_finance_once_in_a_file() {
    a_day(Workshop::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn costs_are_seen_by_article_and_told_to_finance_once_on_a_server() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        eprintln!("left out: PostgreSQL is not installed");
        return;
    };
    let workshop = Workshop::new();
    workshop.keep_in(&server);
    a_day(workshop).await;
}
