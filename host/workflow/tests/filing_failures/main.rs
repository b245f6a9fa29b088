//! A gateway that dies while it files: failpoints are the whole process's, so this is a process of its own.

#[allow(dead_code, reason = "the other tests of filings use all of it")]
#[path = "../filings/bed.rs"]
mod bed;

use std::time::Duration;

use bed::Bed;

/// Where a gateway dies between any two statements of the transaction, all of it is there afterwards or nothing.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_fails_on_the_way_it_is_filed_once() {
    let points = [
        "journal::fold::context",
        "journal::accept::exchange",
        "journal::accept::documents",
        "journal::accept::deliveries",
        "journal::accept::events",
        "journal::fold::made",
        "journal::fold::filing",
        "journal::fold::filings",
    ];
    for bed in Bed::each().await {
        let mut bed = bed;
        bed.ships(1, 4, "100.00").await;
        for point in points {
            fail::cfg(point, "return").expect("a failpoint");
            let worker = bed.worker(&bed.journal, "one");
            let mut failed = false;
            for _ in 0..40 {
                failed |= worker.step().await.is_err();
                if failed {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            fail::remove(point);
            assert!(failed, "{point} is on the way");
            assert_eq!(bed.filings().await.len(), 0, "{point}: nothing is half done");
            // The claim of the dead runs out.
            bed.setting.passes(60);
            bed = bed.restarted().await;
        }
        bed.works().await;
        let taken = bed.broker_takes().await;
        assert_eq!(taken.iter().map(|(contract, _)| contract.as_str()).collect::<Vec<_>>(), ["declaration"]);
        assert_eq!(bed.filing().await.filing.steps.len(), 1);
    }
}
