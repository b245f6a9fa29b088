//! Claims about the order within a lane.

use std::sync::Arc;

use portgate_store::{DeadClass, Settled};

use crate::bed::{Bed, delivered, delivery, later, message, message_for, start};

pub(crate) async fn of_a_lane_only_the_oldest_is_claimed(bed: Bed) {
    let mut given = message(start());
    given.deliveries = (0..3).map(|_| delivery("erp", Some("box/1"), start())).collect();
    let mut expected: Vec<_> = given.deliveries.iter().map(|delivery| delivery.id).collect();
    let exchange = bed.accept(given).await;
    let (fourth, id) = message_for("erp", Some("box/1"), later(1));
    bed.accept(fourth).await;
    expected.push(id);
    for (index, id) in expected.iter().enumerate() {
        let claimed = bed.claim("erp", later(10), 10).await;
        assert_eq!(claimed.iter().map(|claimed| claimed.claim.delivery).collect::<Vec<_>>(), [*id]);
        if index == 0 {
            assert!(bed.delivery(exchange, expected[1]).await.waits_in_lane);
        }
        // A dead one lets the next go as well: whoever looks at it decides what comes after.
        let settled = match index {
            1 => Settled::Dead { class: DeadClass::Theirs, findings: Vec::new() },
            _ => delivered(),
        };
        bed.settle(claimed[0].claim, later(10), settled).await;
    }
    assert!(bed.claim("erp", later(10), 10).await.is_empty());
}

pub(crate) async fn a_retry_keeps_the_turn(bed: Bed) {
    let (first, id) = message_for("erp", Some("box/1"), start());
    let (second, _) = message_for("erp", Some("box/1"), later(1));
    bed.accept(first).await;
    bed.accept(second).await;
    let claimed = bed.claim_one("erp", later(2)).await;
    bed.settle(claimed.claim, later(3), Settled::Retry { at: later(100), class: DeadClass::Theirs }).await;
    assert!(bed.claim("erp", later(99), 10).await.is_empty());
    assert_eq!(bed.claim_one("erp", later(100)).await.claim.delivery, id);
}

pub(crate) async fn lanes_and_destinations_do_not_wait_for_each_other(bed: Bed) {
    for (destination, lane) in
        [("erp", Some("box/1")), ("erp", Some("box/2")), ("erp", None), ("portal", Some("box/1"))]
    {
        let (given, _) = message_for(destination, lane, start());
        bed.accept(given).await;
    }
    assert_eq!(bed.claim("erp", start(), 10).await.len(), 3);
    assert_eq!(bed.claim("portal", start(), 10).await.len(), 1);
}

pub(crate) async fn concurrent_acceptances_of_a_lane_keep_one_turn(bed: Bed) {
    let accept: Vec<_> = (0..60)
        .map(|_| {
            let journal = Arc::clone(&bed.journal);
            tokio::spawn(async move { journal.accept(message_for("erp", Some("box/1"), start()).0).await })
        })
        .collect();
    let mut settled = 0;
    let work = async |settled: &mut i32| {
        let claimed = bed.claim("erp", later(1), 10).await;
        assert!(claimed.len() <= 1);
        for claimed in claimed {
            bed.settle(claimed.claim, later(1), delivered()).await;
            *settled += 1;
        }
    };
    for accepted in accept {
        accepted.await.expect("no panic").expect("no error");
        work(&mut settled).await;
    }
    while settled < 60 {
        let before = settled;
        work(&mut settled).await;
        assert!(settled > before, "the lane stands still after {settled}");
    }
}

pub(crate) async fn very_long_lanes_are_kept_apart(bed: Bed) {
    let long = "x".repeat(20_000);
    for lane in [format!("{long}1"), format!("{long}2"), format!("{long}1")] {
        let (given, _) = message_for("erp", Some(&lane), start());
        bed.accept(given).await;
    }
    assert_eq!(bed.claim("erp", start(), 10).await.len(), 2);
}
