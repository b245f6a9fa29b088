//! What there is no room for in a shipment is said at once, and holds up what is declared of it.

use std::sync::atomic::Ordering;

use portgate_core::exception::{CauseKind, ExceptionState};
use portgate_core::filing::FilingState;
use portgate_store::{ExceptionFilter, KeptException, KeptShipment};
use serde_json::json;

use super::contracts;
use crate::bed::{Bed, invoice};

async fn shipment(bed: &Bed, name: &str) -> KeptShipment {
    let mut found = bed.journal.shipments_named(false, None, name.to_owned(), 2).await.expect("they are read");
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

/// Whom it is open for that a context is not whole.
async fn open(bed: &Bed) -> Vec<KeptException> {
    bed.worker(&bed.journal, "one").mind_the_clock().await.expect("the journal answers");
    let filter = ExceptionFilter { state: Some(ExceptionState::Open), ..ExceptionFilter::default() };
    let open = bed.journal.exceptions(filter, None, 100).await.expect("they are read").items;
    open.into_iter().filter(|kept| kept.known.cause.kind == CauseKind::Context).collect()
}

async fn notes(bed: &Bed, from: u32, to: u32) {
    for number in from..to {
        bed.says("wms", "packing", &format!("P-{number}"), 1, &["ucr:UCR-1"], json!({})).await;
        bed.works().await;
    }
}

/// All that was left out is joined again, as a gateway does now and then.
async fn looks_again(bed: &Bed) {
    let (worker, mut after) = (bed.worker(&bed.journal, "one"), Some(0));
    while let Some(from) = after {
        after = worker.join_left_out(from).await.expect("the journal answers");
    }
    bed.works().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shipment_that_has_no_room_for_a_document_says_so_at_once_and_nothing_is_filed_of_it_until_it_fits() {
    for bed in Bed::each().await {
        bed.setting.is_whole.store(true, Ordering::SeqCst);
        bed.setting.things_max.store(5, Ordering::SeqCst);
        bed.says("erp", "shipment", "S-1", 1, &["ucr:UCR-1"], json!({ "packageCount": 4 })).await;
        notes(&bed, 0, 4).await;
        assert_eq!((open(&bed).await.len(), shipment(&bed, "S-1").await.overfull), (0, 0));
        notes(&bed, 4, 6).await;
        let known = shipment(&bed, "S-1").await;
        assert_eq!(known.overfull, 2);
        let called = open(&bed).await;
        assert_eq!(called.len(), 1, "{called:#?}");
        assert_eq!((called[0].shipment, called[0].known.cause.name.as_str()), (Some(known.id), "overfull"));
        let detail = &called[0].known.detail;
        for part in [
            "2 documents are tied to it and left out",
            "5 documents of `things_max`",
            "packing `P-4` of `wms`",
            "`P-5`",
        ] {
            assert!(detail.contains(part), "{part} is not in {detail}");
        }
        assert!(called[0].remedy.contains("shipment split"), "{called:#?}");
        assert!(
            known.findings.iter().any(|one| one.rule == "OVERFULL" && one.detail == *detail),
            "the shipment says it"
        );
        // What the operator allows fits, and an invoice with it: nothing is declared meanwhile.
        bed.setting.things_max.store(6, Ordering::SeqCst);
        looks_again(&bed).await;
        assert_eq!(shipment(&bed, "S-1").await.overfull, 1, "one more has room");
        assert!(open(&bed).await[0].known.detail.contains("1 document"), "and the other is named");
        bed.setting.things_max.store(7, Ordering::SeqCst);
        looks_again(&bed).await;
        assert_eq!((open(&bed).await.len(), shipment(&bed, "S-1").await.overfull), (0, 0));
        bed.setting.things_max.store(20, Ordering::SeqCst);
        bed.invoices(1, invoice("100.00")).await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["declaration"]);
        assert_eq!(bed.filing().await.filing.state, FilingState::Submitted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_stands_against_a_filing_over_a_restart_and_a_release_sends_it() {
    for bed in Bed::each().await {
        bed.setting.is_whole.store(true, Ordering::SeqCst);
        bed.setting.policy(|filing| filing.automatic = false);
        bed.setting.things_max.store(5, Ordering::SeqCst);
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        assert_eq!(bed.filing().await.filing.state, FilingState::Ready);
        notes(&bed, 0, 4).await;
        let kept = bed.filing().await;
        assert_eq!(kept.filing.state, FilingState::Blocked, "{:#?}", kept.filing);
        assert!(kept.filing.findings.iter().any(|one| one.rule == "OVERFULL"));
        let bed = bed.restarted().await;
        looks_again(&bed).await;
        assert_eq!(bed.filing().await.filing.state, FilingState::Blocked);
        assert_eq!(open(&bed).await.len(), 1);
        bed.orders(portgate_store::FilingDeed::Release).await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["declaration"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_are_too_many_to_begin_a_shipment_want_a_person_at_once_and_become_one_where_policy_allows() {
    for bed in Bed::each().await {
        bed.setting.is_whole.store(true, Ordering::SeqCst);
        bed.setting.things_max.store(3, Ordering::SeqCst);
        for number in 0..4 {
            bed.says("wms", "packing", &format!("P-{number}"), 1, &["ucr:UCR-1"], json!({})).await;
        }
        bed.says("erp", "shipment", "S-1", 1, &["ucr:UCR-1"], json!({ "packageCount": 4 })).await;
        bed.works().await;
        let called = open(&bed).await;
        // The first three have room together, and wait for what begins a shipment.
        assert_eq!(called.len(), 2, "{called:#?}");
        assert!(
            called.iter().all(|one| one.shipment.is_none() && one.known.detail.contains("3 documents of `things_max`"))
        );
        assert_eq!(open(&bed).await.len(), 2, "nobody is called twice");
        bed.setting.things_max.store(5, Ordering::SeqCst);
        looks_again(&bed).await;
        assert_eq!((open(&bed).await.len(), shipment(&bed, "S-1").await.overfull), (0, 0));
    }
}
