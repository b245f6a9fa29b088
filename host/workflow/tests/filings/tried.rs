//! What was tried and surely has not left can still be given up or become something else, and what may have left cannot.

use portgate_core::filing::{FilingState, OnChange, Standing};
use portgate_store::{FilingDeed, Reach};
use serde_json::{Value, json};

use crate::bed::{Bed, invoice};

/// An invoice that is found wrong, so that nothing may be declared of it.
fn wrong(total: &str) -> Value {
    let mut invoice = invoice(total);
    invoice["notes"] = json!([{ "text": "A party to it is denied." }]);
    invoice
}

/// A declaration was made, and the broker was not to be connected to.
async fn tried(bed: &Bed) {
    bed.ships(1, 4, "100.00").await;
    bed.works().await;
    bed.fails(Reach::Nothing).await;
}

async fn stands(bed: &Bed) -> (FilingState, Vec<Standing>) {
    let kept = bed.filing().await;
    let current: Vec<Standing> = kept.filing.current().map(|step| kept.deliveries[&step.delivery]).collect();
    (kept.filing.state, current)
}

/// The time of the next attempt has come.
async fn sent(bed: &Bed) -> Vec<(Value, Value)> {
    bed.setting.passes(3_600);
    let got = bed.broker_gets().await;
    got.into_iter().map(|body| (body["totalPackages"].clone(), body["invoiceTotal"]["amount"].clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_surely_has_not_left_is_withdrawn_when_something_comes_to_stand_against_it() {
    for bed in Bed::each().await {
        tried(&bed).await;
        bed.works().await;
        assert_eq!(stands(&bed).await, (FilingState::Submitted, vec![Standing::Waiting]), "it is tried again");
        bed.invoices(2, wrong("100.00")).await;
        bed.works().await;
        assert_eq!(stands(&bed).await, (FilingState::Blocked, Vec::new()));
        // The broker is back, and whichever gateway there is by then has nothing for it.
        let bed = bed.restarted().await;
        bed.works().await;
        assert_eq!(sent(&bed).await, []);
        // It is filed once what stood against it is gone.
        bed.invoices(3, invoice("90.00")).await;
        bed.works().await;
        assert_eq!(sent(&bed).await, [(json!(4), json!("90.00"))]);
        bed.works().await;
        assert_eq!(sent(&bed).await, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_released_right_after_it_was_withdrawn_is_filed() {
    for bed in Bed::each().await {
        tried(&bed).await;
        bed.works().await;
        bed.invoices(2, wrong("100.00")).await;
        let worker = bed.worker(&bed.journal, "one");
        for _ in 0..500 {
            if bed.filing().await.filing.state == FilingState::Blocked {
                break;
            }
            worker.step().await.expect("the journal answers");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(stands(&bed).await, (FilingState::Blocked, Vec::new()));
        // It is looked at again because of the withdrawal, and is what the operator has seen.
        bed.orders(FilingDeed::Release).await;
        bed.works().await;
        assert_eq!(sent(&bed).await, [(json!(4), json!("100.00"))]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_surely_has_not_left_is_made_anew_on_what_is_known_now_and_filed_once() {
    for bed in Bed::each().await {
        tried(&bed).await;
        bed.works().await;
        bed.ships(2, 3, "60.00").await;
        bed.works().await;
        bed.fails(Reach::Nothing).await;
        let bed = bed.restarted().await;
        bed.works().await;
        assert_eq!(sent(&bed).await, [(json!(3), json!("60.00"))]);
        bed.works().await;
        assert_eq!(sent(&bed).await, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_while_it_was_being_sent_counts_before_it_is_tried_again() {
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        let claimed = bed.claim().await;
        bed.invoices(2, wrong("100.00")).await;
        bed.works().await;
        assert_eq!(stands(&bed).await, (FilingState::Submitted, vec![Standing::UnderWay]), "it may be leaving");
        bed.gives_up(&claimed, Reach::Nothing).await;
        assert_eq!(sent(&bed).await, [], "nobody has looked at it since");
        bed.works().await;
        assert_eq!(stands(&bed).await, (FilingState::Blocked, Vec::new()));
        assert_eq!(sent(&bed).await, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_dies_before_anything_was_rendered_leaves_it_to_what_is_known_by_then() {
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        assert_eq!(bed.claim().await.len(), 1);
        bed.invoices(2, wrong("100.00")).await;
        bed.works().await;
        let bed = bed.restarted().await;
        // Its right to the delivery runs out where nobody knows that it is dead.
        assert_eq!(sent(&bed).await, []);
        bed.works().await;
        assert_eq!(stands(&bed).await, (FilingState::Blocked, Vec::new()));
        assert_eq!(sent(&bed).await, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_left_goes_on_as_it_is_and_is_amended() {
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.fails(Reach::Perhaps).await;
        bed.ships(2, 3, "60.00").await;
        bed.works().await;
        assert_eq!(stands(&bed).await, (FilingState::AmendmentPending, vec![Standing::UnderWay]));
        assert_eq!(sent(&bed).await, [(json!(4), json!("100.00"))], "the same, under the same id");
        bed.customs("N-1", "ACCEPTED", json!({ "mrn": "24GB1" })).await;
        bed.works().await;
        assert_eq!(sent(&bed).await, [(json!(3), json!("60.00"))]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_cancels_what_was_tried_and_has_not_left() {
    for bed in Bed::each().await {
        tried(&bed).await;
        bed.works().await;
        bed.orders(FilingDeed::Cancel).await;
        bed.works().await;
        assert_eq!(stands(&bed).await, (FilingState::Cancelled, Vec::new()));
        assert_eq!(sent(&bed).await, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amendment_or_a_request_to_cancel_that_has_not_left_is_withdrawn_as_well() {
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        assert_eq!(sent(&bed).await.len(), 1);
        bed.customs("N-1", "ACCEPTED", json!({ "mrn": "24GB1" })).await;
        bed.works().await;
        bed.ships(2, 3, "60.00").await;
        bed.works().await;
        bed.fails(Reach::Nothing).await;
        bed.invoices(3, wrong("60.00")).await;
        bed.works().await;
        assert_eq!(stands(&bed).await, (FilingState::Blocked, vec![Standing::Taken]));
        assert_eq!(sent(&bed).await, []);
        // It is as it was, and customs has that.
        bed.ships(4, 4, "100.00").await;
        bed.works().await;
        assert_eq!(stands(&bed).await, (FilingState::Accepted, vec![Standing::Taken]));
        bed.setting.policy(|filing| filing.on_change = OnChange::CancelAndRefile);
        bed.ships(5, 5, "120.00").await;
        bed.works().await;
        bed.fails(Reach::Nothing).await;
        bed.works().await;
        assert_eq!(bed.filing().await.filing.state, FilingState::CancellationPending);
        bed.ships(6, 4, "100.00").await;
        bed.works().await;
        assert_eq!(stands(&bed).await, (FilingState::Accepted, vec![Standing::Taken]));
        assert_eq!(sent(&bed).await, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_dead_and_tried_again_goes_by_what_is_known_then() {
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.broker_refuses().await;
        bed.works().await;
        assert_eq!(stands(&bed).await, (FilingState::Undelivered, vec![Standing::Dead]));
        bed.invoices(2, wrong("100.00")).await;
        bed.works().await;
        // Something stands against it by now, so that an operator's retry sends nothing.
        assert_eq!(bed.retries().await, 1);
        assert_eq!(sent(&bed).await, [], "nobody has looked at it yet");
        bed.works().await;
        assert_eq!(stands(&bed).await, (FilingState::Blocked, Vec::new()));
        assert_eq!(sent(&bed).await, []);
        // Nor does it bring back what is given up.
        assert_eq!(bed.retries().await, 0);
    }
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.broker_refuses().await;
        bed.works().await;
        assert_eq!(bed.retries().await, 1);
        bed.works().await;
        assert_eq!(sent(&bed).await, [(json!(4), json!("100.00"))], "nothing has changed");
    }
}
