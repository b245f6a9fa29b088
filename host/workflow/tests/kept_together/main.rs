//! A gateway that fails while it keeps several shipments at once: failpoints are the whole process's, so this is a process of its own.

#[allow(dead_code, reason = "the tests of filings use all of it")]
#[path = "../filings/bed.rs"]
mod bed;

use std::time::Duration;

use bed::Bed;
use portgate_store::{Cursor, KeptShipment, ShipmentNews};
use serde_json::json;

/// Shipments that are put together at once.
const SHIPMENTS: usize = 5;

fn name(round: usize, shipment: usize) -> String {
    format!("ROUND-{round}-{shipment}")
}

/// Shipments that become due together, and of which nothing is declared.
async fn ship(bed: &Bed, round: usize) {
    for shipment in 0..SHIPMENTS {
        let name = name(round, shipment);
        bed.says("erp", "shipment", &name, 1, &[&format!("ucr:{name}")], json!({ "shipmentId": name })).await;
    }
}

async fn shipments(bed: &Bed, round: usize) -> Vec<KeptShipment> {
    let mut all = Vec::new();
    for shipment in 0..SHIPMENTS {
        all.extend(bed.journal.shipments_named(false, None, name(round, shipment), 10).await.expect("they are read"));
    }
    all
}

/// Each has its context, which was told of once.
async fn each_is_kept_once(bed: &Bed, round: usize, point: &str) {
    let all = shipments(bed, round).await;
    assert_eq!(all.len(), SHIPMENTS, "{point}");
    for kept in all {
        assert!(kept.is_current && kept.context.is_some(), "{point}: {kept:?}");
        let events = bed.journal.shipment_events(kept.id, Cursor::default(), 100).await.expect("they are read");
        let revisions = events.iter().filter(|event| matches!(event.news, ShipmentNews::Revision(_)));
        assert_eq!(revisions.count(), 1, "{point}: {events:?}");
    }
}

/// Works until it fails; whether it did.
async fn fails(bed: &Bed) -> bool {
    let worker = bed.worker(&bed.journal, "one");
    for _ in 0..60 {
        if worker.step().await.is_err() {
            return true;
        }
        // An event of another connection is certain only a moment later.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_fails_while_several_are_kept_at_once_each_is_kept_once() {
    let points = [
        "workflow::claimed",
        "journal::fold::kept",
        "journal::fold::people",
        "journal::fold::context",
        "journal::fold::filings",
    ];
    for bed in Bed::each().await {
        let mut bed = bed;
        for (round, point) in points.iter().enumerate() {
            ship(&bed, round).await;
            fail::cfg(*point, "return").expect("a failpoint");
            let failed = fails(&bed).await;
            fail::remove(*point);
            assert!(failed, "{point} is on the way");
            let kept = shipments(&bed, round).await;
            assert!(kept.iter().all(|shipment| shipment.context.is_none()), "{point}: nothing is half done");
            // The claim of the dead runs out.
            bed.setting.passes(60);
            bed = bed.restarted().await;
            bed.works().await;
            each_is_kept_once(&bed, round, point).await;
        }
        // What is wrong with one of them harms that one alone: all that were to be read or kept with it are tried by themselves. If
        // it was due or ready before the others, it was alone already.
        for (round, point) in (points.len()..).zip(["workflow::claimed", "journal::fold::people"]) {
            ship(&bed, round).await;
            fail::cfg(point, "1*return").expect("a failpoint");
            let failed = fails(&bed).await;
            fail::remove(point);
            bed.works().await;
            let left = shipments(&bed, round).await.iter().filter(|shipment| shipment.context.is_none()).count();
            assert!(left <= usize::from(failed), "{point}: the others are kept");
            bed.setting.passes(60);
            bed.works().await;
            each_is_kept_once(&bed, round, point).await;
        }
    }
}
