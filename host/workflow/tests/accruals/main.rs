//! What a shipment's goods cost reaches finance once, on a real journal of each engine: whatever order documents come in, over restarts and
//! by whichever gateway.

mod bed;
mod shared;

use std::collections::BTreeMap;

use portgate_store::{JournalSettings, open};
use serde_json::{Value, json};

use bed::{Bed, assessed, invoice};

/// What finance has of each account after all that it was told.
fn net(told: &[Value]) -> BTreeMap<String, i64> {
    let pence = |money: &Value| -> i64 {
        let text = money["amount"].as_str().expect("an amount");
        text.replace('.', "").parse().expect("an amount, nought or with two digits")
    };
    let mut net = BTreeMap::new();
    for event in told {
        let balance = net.entry(event["code"]["code"].as_str().expect("a code").to_owned()).or_insert(0);
        let replaced = event["replaces"].as_array().into_iter().flatten().map(|one| pence(&one["amount"])).sum::<i64>();
        *balance += pence(&event["amount"]) - replaced;
    }
    net
}

fn kinds(told: &[Value]) -> Vec<String> {
    told.iter().map(|event| format!("{} {}", event["code"]["code"], event["kind"]).replace('"', "")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cost_is_told_once_over_restarts_and_a_firmer_one_takes_its_place() {
    for bed in Bed::each().await {
        bed.ships().await;
        bed.says("erp", "commercial-invoice", "INV-1", "1", invoice("1000.00")).await;
        bed.works().await;
        let bed = bed.restarted().await;
        bed.works().await;
        let estimated = bed.finance_takes().await;
        assert_eq!(kinds(&estimated), ["A00 estimate", "B00 estimate"]);
        assert_eq!(net(&estimated), [("A00".to_owned(), 2_000), ("B00".to_owned(), 20_400)].into());
        // The same taxes by the broker and by the customs software, and once more by the broker.
        for (system, id) in [("broker", "b"), ("customs-software", "c"), ("broker", "b")] {
            bed.says(system, "landed-cost-event", &format!("{id}1"), "1", assessed("A00", "22.00", &format!("{id}1")))
                .await;
            bed.says(system, "landed-cost-event", &format!("{id}2"), "1", assessed("B00", "204.40", &format!("{id}2")))
                .await;
        }
        bed.works().await;
        let bed = bed.restarted().await;
        if let JournalSettings::Postgres { .. } = &bed.settings {
            // Two gateways at the same time, with something to do for both.
            let other = open(&bed.settings).await.expect("it opens");
            bed.says("wms", "packing", "P-1", "1", json!({ "shipmentId": "S-1" })).await;
            tokio::join!(bed.works(), bed.works_on(&other));
        }
        let told = [estimated, bed.finance_takes().await].concat();
        assert_eq!(net(&told), [("A00".to_owned(), 2_200), ("B00".to_owned(), 20_440)].into());
        let last = told.last().expect("something was told");
        assert_eq!((&last["kind"], &last["sku"]), (&json!("assessed"), &json!("BEAN")));
        let mut names: Vec<&str> = told.iter().filter_map(|event| event["sourceRef"].as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), told.len(), "each posting is told once");
        bed.works().await;
        assert!(bed.finance_takes().await.is_empty(), "nothing is told again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_comes_first_finance_has_the_same_in_the_end() {
    let wanted: BTreeMap<String, i64> = [("A00".to_owned(), 2_200), ("B00".to_owned(), 20_440)].into();
    let documents = [
        ("erp", "commercial-invoice", "INV-1", "2", invoice("1000.00")),
        ("erp", "commercial-invoice", "INV-1", "1", invoice("900.00")),
        ("broker", "landed-cost-event", "b1", "1", assessed("A00", "22.00", "b1")),
        ("broker", "landed-cost-event", "b2", "1", assessed("B00", "204.40", "b2")),
    ];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
        for bed in Bed::each().await {
            bed.ships().await;
            let mut told = Vec::new();
            for at in order {
                let (system, kind, key, version, document) = documents[at].clone();
                bed.says(system, kind, key, version, document).await;
                bed.works().await;
                told.extend(bed.finance_takes().await);
            }
            let mut net = net(&told);
            net.retain(|_, balance| *balance != 0);
            assert_eq!(net, wanted, "{order:?}: {told:#?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn finance_is_told_nothing_of_tests() {
    for bed in Bed::each().await {
        bed.says("erp/test", "shipment", "S-1", "1", json!({ "shipmentId": "S-1", "countryOfDestination": "GB" }))
            .await;
        bed.says("erp/test", "commercial-invoice", "INV-1", "1", invoice("1000.00")).await;
        bed.works().await;
        assert!(bed.finance_takes().await.is_empty());
    }
}
