//! A steward changes a reference table: the open shipments that used what has changed are judged again, each once, and no others;
//! operators see which ones, because of whose change, and why.

use bytes::Bytes;
use http::Method;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use portgate_core::reference::changes;
use portgate_store::testing::PostgresServer;
use portgate_tables::log::{Did, Difference, Entry};
use portgate_tables::{Held, Meaning, correct};
use portgate_tests::{Client, Gateway, Workshop, eventually};
use serde_json::{Value, json};

const TABLE: &str = "unlocode";
const KEY: &str = "the-key-of-own-systems-in-a-test-0123456789";

fn steward(workshop: &Workshop, key: &str, value: Option<&str>, from: Date, why: &str) {
    set(workshop, "tables/places.jsonl", key, value, from, why);
}

/// A steward's word on a key of a table, as `portgate tables set` puts it in; without a value the key ends.
pub(super) fn set(workshop: &Workshop, file: &str, key: &str, value: Option<&str>, from: Date, why: &str) {
    let held = Held::open(&workshop.policies().join(file)).expect("the table opens");
    let meaning = value.map(|value| match value.starts_with('{') {
        true => Meaning::Json(value.to_owned()),
        false => Meaning::Text(value.to_owned()),
    });
    let table = correct(held.table(), key, meaning.as_ref(), (from, Date::MAX)).expect("a table");
    let difference = Difference::of(&changes(held.table(), &table));
    let did = Did::Set { key: key.to_owned(), value: value.map(str::to_owned), from, to: None };
    let (when, who, why) = (Timestamp::now(), "ada".to_owned(), why.to_owned());
    let entry = |before, after| Entry { when, who, why, did, difference, before, after };
    held.put(&table, entry).expect("the table is put into place");
}

/// The table of places is a steward's, with the two countries that the shipments begin in.
fn places(workshop: &Workshop) {
    for (key, value) in [
        ("VN", "Viet Nam"),
        ("VNSGN", r#"{"name":"Ho Chi Minh City","functions":["1"]}"#),
        ("VNHPH", r#"{"name":"Haiphong","functions":["1"]}"#),
        ("CN", "China"),
        ("CNSHA", r#"{"name":"Shanghai","functions":["1"]}"#),
    ] {
        steward(workshop, key, Some(value), date(2020, 1, 1), "the places that we ship from");
    }
    workshop.replace("gateway.toml", &[("tables/unlocode.csv", "tables/places.jsonl")]);
    let enrich = concat!(
        "[[enrich]]\ndocument = \"shipment\"\nfield = \"/placeOfLoading/name\"\nby = \"/placeOfLoading/unLocode\"\n",
        "table = \"unlocode\"\ntake = \"name\"\n",
    );
    workshop.edit("shipments.toml", |text| format!("{text}\n{enrich}"));
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, KEY.as_bytes());
    workshop.secret("own-systems.sha256", &hex::encode(hash));
}

async fn says(gateway: &Gateway, id: &str, loading: &str) {
    let headers = [("x-api-key", KEY.to_owned()), ("content-type", "application/json".to_owned())];
    let shipment = json!({
        "id": id, "version": "1", "shipmentId": id, "mode": "sea", "placeOfLoading": { "unLocode": loading },
        "references": [{ "scheme": "shipment", "value": id }],
    });
    let client = Client::new(gateway.partner);
    let answer = client.post("/v1/messages/shipment/1", &headers, shipment.to_string().into_bytes()).await;
    assert_eq!(answer.status, 202, "{}", answer.json());
}

async fn asked(workshop: &Workshop, gateway: &Gateway, path: &str) -> Value {
    let headers = [("authorization", format!("Bearer {}", workshop.credentials.operator_key))];
    Client::new(gateway.operator).send(Method::GET, path, &headers, Bytes::new()).await.json()
}

/// What is found in a shipment about its places, once it is as it is to be.
async fn found(workshop: &Workshop, gateway: &Gateway, id: &str, wanted: &[&str]) -> Value {
    eventually("the places are judged", async || {
        let shown = asked(workshop, gateway, &format!("/v1/shipments/{id}")).await;
        let found: Vec<&str> = shown["found"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|finding| finding["rule"] == "R16")
            .filter_map(|finding| finding["detail"].as_str())
            .collect();
        let is_current = shown["current"] == true && !shown["revision"].is_null();
        if found == wanted && is_current { Ok(shown.clone()) } else { Err(shown.clone()) }
    })
    .await
}

/// The name of the place, and who says it.
fn named(shown: &Value) -> (Value, Value) {
    let document = &shown["context"]["documents"][0];
    (document["document"]["placeOfLoading"]["name"].clone(), document["fields"][0]["provenance"]["system"].clone())
}

async fn versions(workshop: &Workshop, gateway: &Gateway, many: usize) -> Vec<Value> {
    eventually("the table was taken up", async || {
        let shown = asked(workshop, gateway, &format!("/v1/tables?table={TABLE}")).await;
        let versions = shown["items"].as_array().cloned().unwrap_or_default();
        if versions.len() == many { Ok(versions) } else { Err(shown) }
    })
    .await
}

/// The shipments that were judged again under a version, each with the key.
async fn reviews(workshop: &Workshop, gateway: &Gateway, version: usize) -> Vec<(String, String)> {
    let shown = asked(workshop, gateway, &format!("/v1/tables/reviews?table={TABLE}&version={version}")).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let items = shown["items"].as_array().cloned().unwrap_or_default();
    items.iter().map(|review| (text(&review["shipment"]), text(&review["key"]))).collect()
}

async fn a_steward_s_day(workshop: Workshop, is_shared: bool) {
    places(&workshop);
    let mut gateway = workshop.start().await;
    let mut others = if is_shared { vec![workshop.start().await] } else { Vec::new() };
    for (id, loading) in [("80000001", "VNSGN"), ("80000002", "CNSHA"), ("80000003", "VNSGN"), ("80000004", "VNHPH")] {
        says(&gateway, id, loading).await;
    }
    let mut ids = Vec::new();
    for id in ["80000001", "80000002", "80000003", "80000004"] {
        let shown = found(&workshop, &gateway, id, &[]).await;
        ids.push(shown["id"].as_str().expect("an id").to_owned());
        assert_eq!(named(&shown).1, "table:unlocode", "{shown}");
    }
    assert_eq!(versions(&workshop, &gateway, 1).await[0]["change"]["why"], "the places that we ship from");

    // The code is stale from now on: who used it hears of it, and nobody else is looked at.
    steward(&workshop, "VNSGN", None, date(2021, 1, 1), "UN/LOCODE 2021-1 has no such place");
    let gone = "UN/LOCODE has no place VNSGN.";
    let shown = found(&workshop, &gateway, "80000001", &[gone]).await;
    assert_eq!(named(&shown), (Value::Null, Value::Null), "what was filled from the table is gone with it");
    found(&workshop, &gateway, "80000003", &[gone]).await;
    let kept = versions(&workshop, &gateway, 2).await;
    let change = &kept[0]["change"];
    assert_eq!((&change["who"], &change["why"]), (&json!("ada"), &json!("UN/LOCODE 2021-1 has no such place")));
    assert_eq!(
        change["difference"]["ended"]["keys"]
            .as_array()
            .or(change["difference"]["changed"]["keys"].as_array())
            .map(Vec::len),
        Some(1),
        "{change}"
    );
    assert_eq!((&kept[0]["shipments"], &kept[1]["shipments"]), (&json!(2), &json!(0)));
    let mut judged = reviews(&workshop, &gateway, 2).await;
    judged.sort();
    let mut wanted = [(ids[0].clone(), "VNSGN".to_owned()), (ids[2].clone(), "VNSGN".to_owned())];
    wanted.sort();
    assert_eq!(judged, wanted);
    found(&workshop, &gateway, "80000002", &[]).await;
    let shown = found(&workshop, &gateway, "80000004", &[]).await;
    assert_eq!(named(&shown), (json!("Haiphong"), json!("table:unlocode")));

    // The next change comes while no gateway runs: it is held against what was kept.
    gateway.stopped().await;
    for other in &mut others {
        other.stopped().await;
    }
    steward(&workshop, "CNSHA", None, date(2021, 1, 1), "closed");
    let mut gateway = workshop.start().await;
    let mut others = if is_shared { vec![workshop.start().await] } else { Vec::new() };
    found(&workshop, &gateway, "80000002", &["UN/LOCODE has no place CNSHA."]).await;
    assert_eq!(reviews(&workshop, &gateway, 3).await, [(ids[1].clone(), "CNSHA".to_owned())]);

    // What has not changed has nobody judged again, whoever starts.
    gateway.stopped().await;
    for other in &mut others {
        other.stopped().await;
    }
    let gateway = workshop.start().await;
    says(&gateway, "80000005", "VNHPH").await;
    found(&workshop, &gateway, "80000005", &[]).await;
    let kept = versions(&workshop, &gateway, 3).await;
    let counts: Vec<&Value> = kept.iter().map(|version| &version["shipments"]).collect();
    assert_eq!(counts, [&json!(1), &json!(2), &json!(0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_table_has_the_shipments_judged_again_that_used_it_in_a_file() {
    a_steward_s_day(Workshop::new(), false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_table_has_the_shipments_judged_again_that_used_it_on_a_server_with_two_gateways() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        eprintln!("left out: PostgreSQL is not installed");
        return;
    };
    let workshop = Workshop::new();
    workshop.keep_in(&server);
    a_steward_s_day(workshop, true).await;
}
