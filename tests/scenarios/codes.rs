//! The ERP system gives an article another commodity code, or the tariff ends one: what still has it is caught before anything is filed.

use bytes::Bytes;
use http::Method;
use jiff::civil::date;
use portgate_store::testing::PostgresServer;
use portgate_tests::{Client, Gateway, Workshop, case, eventually};
use serde_json::Value;

use super::filings::Day;
use super::tables::set;

/// The code that the invoice has, of the Harmonised System of 2017, and what takes its place.
const OLD: &str = "8517120000";
const NEW: &str = "8517130000";

/// The material with this code in the plant in Leeds, changed on that day of March; the plant in the United States keeps its code.
fn material(code: &str, day: u32) -> Vec<u8> {
    let text = String::from_utf8(case("erp-sap", "idoc-material", "xml")).expect("text");
    let (gb, us) = (format!("<WERKS>GB10</WERKS><STAWN>{code}<"), format!("<WERKS>US10</WERKS><STAWN>{OLD}<"));
    text.replace("<WERKS>GB10</WERKS><STAWN>8517130000<", &gb)
        .replace("<WERKS>US10</WERKS><STAWN>8517130000<", &us)
        .replace("<STAWN>85171300<", &format!("<STAWN>{}<", &code[..8]))
        .replace("<CREDAT>20260228<", &format!("<CREDAT>202603{day:02}<"))
        .replace("0000000000770010", &format!("00000000007701{day:02}"))
        .into_bytes()
}

async fn says(gateway: &Gateway, headers: &[(&'static str, String)], contract: &str, body: Vec<u8>) {
    let answer = Client::new(gateway.partner).post(&format!("/v1/messages/{contract}"), headers, body).await;
    assert_eq!(answer.status, 202, "{contract}: {}", answer.json());
}

/// The shipment once a rule has found so many things in it.
async fn found(day: &Day, gateway: &Gateway, rule: &str, many: usize) -> (Value, Vec<Value>) {
    let headers = [("authorization", format!("Bearer {}", day.workshop.credentials.operator_key))];
    let client = Client::new(gateway.operator);
    eventually(&format!("{many} of {rule}"), async || {
        let shown = client.send(Method::GET, "/v1/shipments/80000123", &headers, Bytes::new()).await.json();
        let all = shown["found"].as_array().into_iter().flatten();
        let of_rule: Vec<Value> = all.filter(|finding| finding["rule"] == rule).cloned().collect();
        let is_so = shown["current"] == true && !shown["revision"].is_null() && of_rule.len() == many;
        if is_so { Ok((shown, of_rule)) } else { Err(shown) }
    })
    .await
}

/// What is kept of the code in the UK: what counts, and what it was before.
fn kept(shown: &Value) -> Vec<(Value, Vec<Value>)> {
    let all = shown["context"]["catalogue"].as_array().into_iter().flatten();
    let of_uk = all.filter(|known| known["kind"] == "item-classification" && known["document"]["jurisdiction"] == "GB");
    let earlier = |known: &Value| -> Vec<Value> {
        let all = known["earlier"].as_array().into_iter().flatten();
        all.filter(|value| value["field"] == "/code").map(|value| value["value"].clone()).collect()
    };
    of_uk.map(|known| (known["document"]["code"].clone(), earlier(known))).collect()
}

/// The article changes its code, in whatever order the ERP system's messages come, and the invoice still has the old one.
async fn an_article_is_classified_otherwise(workshop: Workshop, materials: [Vec<u8>; 2], is_shared: bool) {
    let day = Day::new(workshop).await;
    // Here what is not of today stands in the way of filing, as by the shipped policy.
    day.workshop.replace("filings.toml", &[("but = [\"R22\", \"R23\"]", "but = [\"R22\"]")]);
    let mut gateway = day.workshop.start().await;
    let other = if is_shared { Some(day.workshop.start().await) } else { None };
    let [first, second] = materials;
    says(&gateway, &day.erp, "idoc/4.0", first).await;
    says(other.as_ref().unwrap_or(&gateway), &day.erp, "idoc/4.0", second).await;
    let stale = String::from_utf8(day.invoice(20, 16)).expect("text").replace(NEW, OLD);
    for (kind, body) in day.shipped(1, 2) {
        says(&gateway, &day.own, &format!("{kind}/1"), body).await;
    }
    says(&gateway, &day.erp, "idoc/4.0", stale.into_bytes()).await;
    let (shown, of_rule) = found(&day, &gateway, "R23", 1).await;
    let line = of_rule[0]["detail"].as_str().expect("a sentence");
    assert!(
        line.ends_with("has 603 under 851712, and it is classified as 85171300 in EU and as 8517130000 in GB."),
        "{line}"
    );
    let values: Vec<&Value> =
        of_rule[0]["fields"].as_array().into_iter().flatten().map(|field| &field["value"]).collect();
    assert!(
        values.len() == 3 && values[0].to_string().contains("851712") && values[2].to_string().contains(NEW),
        "{values:?}"
    );
    assert_eq!(
        kept(&shown),
        [(Value::from(NEW), vec![Value::from(format!("\"{OLD}\""))])],
        "one document, with what it was"
    );
    let blocked = day.filing(&gateway, |filing| filing["state"] == "blocked").await;
    assert!(blocked["findings"].to_string().contains("R23"), "{blocked}");
    // Whoever comes after that gateway still waits for the right invoice, and then files it under the code of today.
    gateway.stopped().await;
    let gateway = day.workshop.start().await;
    found(&day, &gateway, "R23", 1).await;
    assert_eq!(day.declared(), Vec::<String>::new());
    says(&gateway, &day.erp, "idoc/4.0", day.invoice(20, 17)).await;
    found(&day, &gateway, "R23", 0).await;
    day.filing(&gateway, |filing| filing["state"] == "submitted").await;
    eventually("customs has the code of today", async || match day.declared().as_slice() {
        [one] if one.contains(">85171300<") && !one.contains(">85171200<") => Ok(()),
        declared => Err(format!("{declared:#?}")),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_with_the_code_that_the_erp_system_has_replaced_is_caught_before_filing_in_a_file() {
    an_article_is_classified_otherwise(Workshop::new(), [material(OLD, 1), material(NEW, 2)], false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_with_the_code_that_the_erp_system_has_replaced_is_caught_before_filing_on_a_server_whatever_came_first()
 {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        eprintln!("left out: PostgreSQL is not installed");
        return;
    };
    let workshop = Workshop::new();
    workshop.keep_in(&server);
    an_article_is_classified_otherwise(workshop, [material(NEW, 2), material(OLD, 1)], true).await;
}

/// What the tariff of the next year has in the place of the code.
const NEXT: &str = "8517130090";
const TARIFF: &str = "tables/tariff-of-a-test.jsonl";

/// The tariff ends a code that a declaration waits with, while gateways run or while none does.
async fn the_tariff_ends_a_code(workshop: Workshop, is_shared: bool) {
    let day = Day::new(workshop).await;
    let edition = |code: &str, value: Option<&str>, why: &str| {
        set(&day.workshop, TARIFF, code, value, date(2021, 1, 1), why);
    };
    edition(NEW, Some(r#"{"description":"Telephones"}"#), "the tariff");
    day.workshop.replace("gateway.toml", &[("tables/uk-tariff.csv", TARIFF)]);
    day.workshop.replace("filings.toml", &[("automatic = true", "automatic = false")]);
    let mut gateway = day.workshop.start().await;
    let mut other = if is_shared { Some(day.workshop.start().await) } else { None };
    says(&gateway, &day.erp, "idoc/4.0", material(NEW, 1)).await;
    day.tells(&gateway, 1, 2).await;
    found(&day, &gateway, "R08", 0).await;
    day.filing(&gateway, |filing| filing["state"] == "ready").await;
    if !is_shared {
        gateway.stopped().await;
    }
    // The ERP system has said the code before that.
    set(&day.workshop, TARIFF, NEW, None, date(2026, 3, 10), "the tariff divides telephones");
    edition(NEXT, Some(r#"{"description":"Telephones, others"}"#), "the tariff divides telephones");
    if !is_shared {
        gateway = day.workshop.start().await;
    }
    // Nobody has sent anything.
    let (shown, of_rule) = found(&day, &gateway, "R08", 1).await;
    let detail = of_rule[0]["detail"].as_str().expect("a sentence");
    assert!(
        detail.starts_with("603 is classified as 8517130000 in GB, and 8517130000 is not in the UK's tariff on ")
            && detail.ends_with(", which had it before."),
        "{detail}"
    );
    assert!(of_rule[0]["fields"][0]["value"].to_string().contains(NEW), "{shown}");
    let blocked = day.filing(&gateway, |filing| filing["state"] == "blocked").await;
    assert!(blocked["findings"].to_string().contains("R08"), "{blocked}");
    // Whoever starts after that finds it as it is, and what the ERP system says next mends it.
    gateway.stopped().await;
    if let Some(other) = &mut other {
        other.stopped().await;
    }
    let gateway = day.workshop.start().await;
    found(&day, &gateway, "R08", 1).await;
    says(&gateway, &day.erp, "idoc/4.0", material(NEXT, 2)).await;
    found(&day, &gateway, "R08", 0).await;
    let ready = day.filing(&gateway, |filing| filing["state"] == "ready").await;
    assert_eq!(day.declared(), Vec::<String>::new(), "{ready}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_a_new_edition_of_the_tariff_ends_stops_a_declaration_that_waits_with_it_in_a_file() {
    the_tariff_ends_a_code(Workshop::new(), false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_a_new_edition_of_the_tariff_ends_stops_a_declaration_that_waits_with_it_on_a_server_with_two_gateways()
 {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        eprintln!("left out: PostgreSQL is not installed");
        return;
    };
    let workshop = Workshop::new();
    workshop.keep_in(&server);
    the_tariff_ends_a_code(workshop, true).await;
}
