//! Where a declaration stands at customs is told to the partners that policy names, once each, by the names that are their own.

use portgate_core::filing::{AtCustoms, FilingState};
use portgate_store::{FilingDeed, JournalSettings, open};
use serde_json::{Value, json};

use crate::bed::{Bed, invoice};

const DAY: [AtCustoms; 4] = [AtCustoms::Accepted, AtCustoms::Held, AtCustoms::Released, AtCustoms::Cleared];

/// What was told, as the status and the movement reference number of each.
fn statuses(told: &[(String, Value)]) -> Vec<(&str, &str)> {
    fn text(field: &Value) -> &str {
        field.as_str().unwrap_or_default()
    }
    told.iter().map(|(_, body)| (text(&body["status"]), text(&body["mrn"]))).collect()
}

/// A shipment that is declared, of which the ERP system is told all of customs' day.
async fn declared(bed: &Bed) {
    bed.setting.tells("erp", &DAY);
    bed.ships(1, 4, "100.00").await;
    bed.works().await;
    bed.broker_takes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_told_once_in_order_over_restarts_and_by_whichever_gateway() {
    for bed in Bed::each().await {
        declared(&bed).await;
        assert_eq!(bed.takes("erp").await, [], "customs has said nothing");
        bed.customs("N-1", "ACCEPTED", json!({ "mrn": "26GB1" })).await;
        bed.works().await;
        let bed = bed.restarted().await;
        bed.works().await;
        bed.customs("N-2", "CONTROL", json!({})).await;
        bed.works().await;
        // The release is heard twice, and by two gateways at the same time where they can be.
        for key in ["N-3", "N-3b"] {
            bed.customs(key, "RELEASED", json!({ "mrn": "26GB1" })).await;
        }
        if let JournalSettings::Postgres { .. } = &bed.settings {
            let other = open(&bed.settings).await.expect("it opens");
            tokio::join!(bed.works(), bed.works_on(&other));
        }
        bed.works().await;
        bed.customs("N-4", "CLEARED", json!({})).await;
        bed.works().await;
        // What comes late is told nobody any more.
        bed.customs("N-5", "ACCEPTED", json!({ "occurredAt": { "value": "2026-03-01T11:00:00Z" } })).await;
        bed.works().await;
        let told = bed.takes("erp").await;
        let day = [("ACCEPTED", "26GB1"), ("CONTROL", "26GB1"), ("RELEASED", "26GB1"), ("CLEARED", "26GB1")];
        assert_eq!(statuses(&told), day);
        let kept = bed.filing().await.filing;
        let names = json!([
            { "scheme": "ucr", "value": "UCR-1" }, { "scheme": "order", "value": "ORDER-1" },
            { "scheme": "lrn", "value": kept.lrn }, { "scheme": "mrn", "value": "26GB1" },
        ]);
        for ((contract, body), number) in told.iter().zip(1..) {
            assert_eq!((contract.as_str(), &body["references"], &body["lrn"]), ("status", &names, &json!(kept.lrn)));
            assert_eq!(
                (&body["id"], &body["source"]["system"]),
                (&json!(format!("{}/erp/{number}", kept.lrn)), &json!("portgate"))
            );
        }
        assert_eq!(kept.told.iter().map(|told| told.at_customs).collect::<Vec<_>>(), DAY);
        assert_eq!((kept.state, kept.steps.len()), (FilingState::Cleared, 1));
        // None of it is a fact: the context has what customs has said, and that alone.
        let context = bed.context().await;
        let said = context["documents"].as_array().into_iter().flatten().filter(|one| one["kind"] == "customs-status");
        let by: Vec<&Value> = said.map(|one| &one["provenance"]["system"]).collect();
        assert_eq!(by, vec!["broker"; 6], "{context:#}");
        let bed = bed.restarted().await;
        bed.works().await;
        assert_eq!(bed.takes("erp").await, [], "nothing is told again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_said_nothing_of_the_shipment_is_told_when_it_has_and_of_what_policy_says_alone() {
    for bed in Bed::each().await {
        declared(&bed).await;
        bed.setting.tells("portal", &[AtCustoms::Cleared]);
        bed.setting.tells("wms", &[AtCustoms::Accepted, AtCustoms::Cleared]);
        bed.customs("N-1", "ACCEPTED", json!({ "mrn": "26GB1" })).await;
        bed.works().await;
        assert_eq!(statuses(&bed.takes("erp").await), [("ACCEPTED", "26GB1")]);
        assert_eq!(bed.takes("wms").await, [], "it knows the shipment by no name");
        bed.says("wms", "packing", "P-1", 1, &["ucr:UCR-1"], json!({})).await;
        bed.works().await;
        let told = bed.takes("wms").await;
        assert_eq!(statuses(&told), [("ACCEPTED", "26GB1")]);
        let schemes = told[0].1["references"].as_array().into_iter().flatten().map(|name| name["scheme"].clone());
        assert_eq!(schemes.collect::<Vec<_>>(), ["ucr", "lrn", "mrn"], "the order is a name of the ERP system");
        assert_eq!(bed.takes("portal").await, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_with_its_faults_and_what_is_filed_anew_goes_after_it() {
    for bed in Bed::each().await {
        let all = AtCustoms::ALL;
        bed.setting.tells("erp", all);
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.broker_takes().await;
        let first = bed.filing().await.filing.lrn;
        let errors = json!([{ "code": "CDS12056", "text": "Relation error", "pointer": "42A/67A/68A/79A" }]);
        bed.customs("N-1", "REJECTED", json!({ "errors": errors })).await;
        bed.works().await;
        bed.ships(2, 4, "120.00").await;
        bed.works().await;
        bed.broker_takes().await;
        bed.customs("N-2", "ACCEPTED", json!({ "mrn": "26GB2" })).await;
        bed.works().await;
        // A change that customs refuses, and that is taken back: customs has what it had.
        bed.invoices(3, invoice("60.00")).await;
        bed.works().await;
        bed.broker_takes().await;
        bed.customs("N-3", "REQUEST_OUTCOME", json!({ "granted": false })).await;
        bed.works().await;
        bed.invoices(4, invoice("120.00")).await;
        bed.works().await;
        bed.orders(FilingDeed::Cancel).await;
        bed.works().await;
        bed.broker_takes().await;
        bed.customs("N-4", "REQUEST_OUTCOME", json!({ "granted": true })).await;
        bed.works().await;
        let told = bed.takes("erp").await;
        let day = [("REJECTED", ""), ("ACCEPTED", "26GB2"), ("REQUEST_OUTCOME", "26GB2"), ("INVALIDATED", "26GB2")];
        assert_eq!(statuses(&told), day);
        assert_eq!((&told[0].1["errors"], &told[0].1["lrn"]), (&errors, &json!(first)));
        assert_ne!(told[1].1["lrn"], json!(first), "it is another declaration");
        let kept = bed.filing().await.filing;
        assert_eq!((kept.state, kept.told.len()), (FilingState::Cancelled, 4));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_is_told_to_whoever_has_heard_of_it() {
    for bed in Bed::each().await {
        bed.setting.tells("erp", &[AtCustoms::Rejected, AtCustoms::Cancelled]);
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.broker_takes().await;
        bed.customs("N-1", "REJECTED", json!({})).await;
        bed.works().await;
        bed.orders(FilingDeed::Cancel).await;
        bed.works().await;
        let told = bed.takes("erp").await;
        assert_eq!(statuses(&told), [("REJECTED", ""), ("INVALIDATED", "")]);
        assert_eq!(told[1].1["code"], json!({ "code": "cancelled", "codeList": "Portgate filing state" }));
    }
    for bed in Bed::each().await {
        bed.setting.tells("erp", AtCustoms::ALL);
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.orders(FilingDeed::Cancel).await;
        bed.works().await;
        assert_eq!(bed.filing().await.filing.state, FilingState::Cancelled);
        assert_eq!(bed.takes("erp").await, [], "customs never had it");
    }
}
