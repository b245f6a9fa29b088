//! What is to be declared is declared once, on current facts, and customs hears of every change: the workflow on a real journal
//! of each engine.

#[allow(dead_code, reason = "the tests of failures use the rest of it")]
mod bed;

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use portgate_core::filing::{FilingState, OnChange, Standing};
use portgate_store::{FilingDeed, JournalSettings, open};
use serde_json::{Value, json};

use bed::{Bed, RULE};

fn contracts(taken: &[(String, Value)]) -> Vec<&str> {
    taken.iter().map(|(contract, _)| contract.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declaration_is_filed_once_over_restarts_and_by_whichever_gateway() {
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        let mut bed = bed.restarted().await;
        bed.works().await;
        if let JournalSettings::Postgres { .. } = &bed.settings {
            // Two gateways at the same time, with something to do for both.
            let other = open(&bed.settings).await.expect("it opens");
            bed.says("wms", "packing", "P-1", 1, &["ucr:UCR-1"], json!({})).await;
            tokio::join!(bed.works(), bed.works_on(&other));
        }
        let taken = bed.broker_takes().await;
        assert_eq!(contracts(&taken), ["declaration"]);
        let kept = bed.filing().await;
        let declaration = &taken[0].1;
        assert_eq!(declaration["lrn"], json!(kept.filing.lrn));
        assert_eq!((&declaration["version"], &declaration["totalPackages"]), (&json!("1"), &json!(4)));
        assert_eq!(kept.filing.state, FilingState::Submitted);
        // It is part of its shipment, and begins none of its own though declarations of others do.
        let found = bed.journal.shipments_named(false, None, kept.filing.lrn.clone(), 10).await.expect("they are read");
        assert_eq!(found.iter().map(|one| one.id).collect::<Vec<_>>(), [kept.shipment]);
        bed.works().await;
        assert_eq!(bed.filing().await.deliveries.values().copied().collect::<Vec<_>>(), [Standing::Taken]);
        bed = bed.restarted().await;
        bed.works().await;
        assert_eq!(bed.broker_takes().await, [], "nothing is filed twice");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_split_before_anything_was_sent_is_declared_as_it_is_then() {
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.ships(2, 3, "60.00").await;
        bed.works().await;
        let taken = bed.broker_takes().await;
        assert_eq!(contracts(&taken), ["declaration"], "customs hears of it once");
        let declared = (&taken[0].1["totalPackages"], &taken[0].1["invoiceTotal"]["amount"]);
        assert_eq!(declared, (&json!(3), &json!("60.00")));
        let steps = bed.filing().await.filing.steps;
        // Each document of the change may have been looked at by itself: all but the last were replaced.
        assert!(steps.len() >= 2);
        assert_eq!(steps.iter().filter(|step| !step.replaced).count(), 1);
        assert_eq!(steps.iter().map(|step| step.lrn.as_str()).collect::<BTreeSet<_>>().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_split_after_it_was_sent_is_amended_with_what_changed() {
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["declaration"]);
        bed.ships(2, 3, "60.00").await;
        bed.works().await;
        assert_eq!(bed.broker_takes().await, [], "customs has not accepted it yet");
        let kept = bed.filing().await;
        assert_eq!(kept.filing.state, FilingState::AmendmentPending);
        assert_eq!(kept.filing.pending.len(), 2, "{:?}", kept.filing.pending);
        bed.customs("N-1", "ACCEPTED", json!({ "mrn": "24GB1" })).await;
        bed.works().await;
        let taken = bed.broker_takes().await;
        assert_eq!(contracts(&taken), ["amendment"]);
        assert_eq!((&taken[0].1["mrn"], &taken[0].1["version"]), (&json!("24GB1"), &json!("2")));
        let kept = bed.filing().await;
        let changed: Vec<(&str, Option<&Value>, Option<&Value>)> = kept.filing.steps[1]
            .differences
            .iter()
            .map(|one| (one.field.as_str(), one.before.as_ref(), one.after.as_ref()))
            .collect();
        assert_eq!(
            changed,
            [
                ("/invoiceTotal/amount", Some(&json!("100.00")), Some(&json!("60.00"))),
                ("/totalPackages", Some(&json!(4)), Some(&json!(3))),
            ]
        );
        bed.customs("N-2", "REQUEST_OUTCOME", json!({ "granted": true })).await;
        bed.customs("N-3", "RELEASED", json!({ "mrn": "24GB1" })).await;
        bed.works().await;
        let kept = bed.filing().await;
        assert_eq!((kept.filing.state, kept.filing.mrn.as_deref()), (FilingState::Released, Some("24GB1")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_says_what_customs_said_and_a_corrected_one_is_filed_under_another_number() {
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.broker_takes().await;
        let errors = json!([{ "code": "CDS12056", "text": "Relation error", "pointer": "42A/67A/68A/79A" }]);
        bed.customs("N-1", "REJECTED", json!({ "errors": errors })).await;
        bed.works().await;
        let rejected = bed.filing().await.filing;
        assert!(rejected.state == FilingState::Rejected && rejected.state.wants_person());
        let fault = &rejected.faults[0];
        assert_eq!((fault.code.as_str(), fault.pointer.as_str()), ("CDS12056", "42A/67A/68A/79A"));
        assert_eq!(bed.broker_takes().await, [], "the same is not filed again");
        bed.ships(2, 4, "120.00").await;
        bed.works().await;
        let taken = bed.broker_takes().await;
        assert_eq!(contracts(&taken), ["declaration"]);
        let kept = bed.filing().await.filing;
        assert_eq!((kept.state, kept.number), (FilingState::Submitted, 2));
        assert_eq!(taken[0].1["lrn"], json!(kept.lrn));
        assert_ne!(kept.lrn, rejected.lrn);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_blocks_a_filing_until_it_is_gone_or_an_operator_says_so() {
    for released in [false, true] {
        for bed in Bed::each().await {
            bed.ships(1, 4, "100.00").await;
            bed.invoices(2, json!({ "number": "INV-1", "total": "90.00", "wrong": "The total is not the sum." })).await;
            bed.works().await;
            let kept = bed.filing().await.filing;
            let rules: Vec<&str> = kept.findings.iter().map(|finding| finding.rule.as_str()).collect();
            assert_eq!((kept.state, rules), (FilingState::Blocked, vec![RULE]));
            assert_eq!(bed.broker_takes().await, []);
            match released {
                true => bed.orders(FilingDeed::Release).await,
                false => bed.invoices(3, json!({ "number": "INV-1", "total": "100.00" })).await,
            }
            bed.works().await;
            let taken = bed.broker_takes().await;
            assert_eq!(contracts(&taken), ["declaration"]);
            let total = if released { "90.00" } else { "100.00" };
            assert_eq!(taken[0].1["invoiceTotal"]["amount"], json!(total));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_automatic_waits_for_a_release_which_counts_for_what_was_looked_at() {
    for bed in Bed::each().await {
        bed.setting.policy(|filing| filing.automatic = false);
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        assert_eq!(bed.filing().await.filing.state, FilingState::Ready);
        // The release and a change cross: what is filed then is nothing that nobody has seen.
        bed.orders(FilingDeed::Release).await;
        bed.ships(2, 5, "100.00").await;
        bed.works().await;
        assert_eq!(bed.filing().await.filing.state, FilingState::Ready);
        assert_eq!(bed.broker_takes().await, []);
        bed.orders(FilingDeed::Release).await;
        bed.works().await;
        let taken = bed.broker_takes().await;
        assert_eq!(taken[0].1["totalPackages"], json!(5));
        assert_eq!(bed.filing().await.released, None, "a release is used once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_and_a_composer_that_traps_leave_a_draft_and_hold_nobody_else() {
    for bed in Bed::each().await {
        bed.says("erp", "shipment", "S-1", 1, &["ucr:UCR-1"], json!({ "packages": 4 })).await;
        bed.works().await;
        assert_eq!(bed.filings().await.len(), 0, "no invoice yet");
        bed.invoices(1, json!({ "number": "INV-1" })).await;
        bed.works().await;
        let kept = bed.filing().await.filing;
        assert_eq!((kept.state, kept.findings[0].rule.as_str()), (FilingState::Draft, "C1"));
        bed.setting.traps.store(true, Ordering::SeqCst);
        bed.invoices(2, json!({ "number": "INV-1", "total": "100.00" })).await;
        bed.works().await;
        let kept = bed.filing().await.filing;
        assert_eq!((kept.state, kept.findings[0].rule.as_str()), (FilingState::Draft, "COMPOSER-FAILED"));
        let shipment = bed.journal.shipments_named(false, None, "UCR-1".to_owned(), 2).await.expect("it is read");
        assert!(shipment[0].is_current, "the shipment itself goes on");
        bed.setting.traps.store(false, Ordering::SeqCst);
        bed.says("wms", "packing", "P-1", 1, &["ucr:UCR-1"], json!({})).await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["declaration"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_refuses_waits_for_a_person_and_goes_again_when_it_is_released() {
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.broker_refuses().await;
        bed.works().await;
        let kept = bed.filing().await.filing;
        assert!(kept.state == FilingState::Undelivered && kept.state.wants_person());
        bed.orders(FilingDeed::Release).await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["declaration"]);
        assert_eq!(bed.filing().await.filing.steps.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_cancels_is_never_sent_or_cancelled_at_customs() {
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.orders(FilingDeed::Cancel).await;
        bed.works().await;
        assert_eq!(bed.filing().await.filing.state, FilingState::Cancelled);
        assert_eq!(bed.broker_takes().await, [], "it had not left");
        bed.orders(FilingDeed::Release).await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["declaration"]);
        bed.customs("N-1", "ACCEPTED", json!({ "mrn": "24GB1" })).await;
        bed.works().await;
        bed.orders(FilingDeed::Cancel).await;
        bed.works().await;
        let taken = bed.broker_takes().await;
        assert_eq!(contracts(&taken), ["cancellation"]);
        assert_eq!((&taken[0].1["typeCode"], &taken[0].1["mrn"]), (&json!("INV"), &json!("24GB1")));
        bed.customs("N-2", "INVALIDATED", json!({})).await;
        bed.works().await;
        assert_eq!(bed.filing().await.filing.state, FilingState::Cancelled);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_by_policy_stops_for_a_person_or_is_cancelled_and_filed_anew() {
    for bed in Bed::each().await {
        bed.setting.policy(|filing| filing.on_change = OnChange::Stop);
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.broker_takes().await;
        bed.customs("N-1", "ACCEPTED", json!({ "mrn": "24GB1" })).await;
        bed.ships(2, 3, "60.00").await;
        bed.works().await;
        assert_eq!(bed.filing().await.filing.state, FilingState::Stopped);
        assert_eq!(bed.broker_takes().await, []);
        bed.setting.policy(|filing| filing.on_change = OnChange::CancelAndRefile);
        bed.says("wms", "packing", "P-1", 1, &["ucr:UCR-1"], json!({})).await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["cancellation"]);
        bed.customs("N-2", "REQUEST_OUTCOME", json!({ "granted": true })).await;
        bed.works().await;
        let taken = bed.broker_takes().await;
        assert_eq!(contracts(&taken), ["declaration"]);
        assert_eq!(taken[0].1["totalPackages"], json!(3));
        assert_eq!(bed.filing().await.filing.number, 2);
    }
}
