//! A filing that does not go on calls a person once it has waited longer than policy lets it, and nobody before.

use std::sync::atomic::Ordering;

use portgate_core::filing::{FilingState, FilingWaits};
use portgate_store::{FilingDeed, KeptException};
use serde_json::{Value, json};

use crate::bed::{Bed, RULE, invoice};

/// People are called, for a filing that waits this long.
fn waits(bed: &Bed, automatic: bool) {
    bed.setting.is_whole.store(true, Ordering::SeqCst);
    let within = |text: &str| text.parse().expect("a time");
    let waits = FilingWaits { draft: within("5 hours"), blocked: within("1 hour"), ready: within("3 hours") };
    bed.setting.policy(|filing| (filing.waits, filing.automatic) = (waits, automatic));
}

/// Who is called for the filing.
async fn called(bed: &Bed) -> Vec<KeptException> {
    bed.wanted(&bed.filing().await.filing.lrn).await
}

/// So many minutes go by, and whoever lives then works.
async fn later(bed: Bed, minutes: i64) -> Bed {
    let bed = bed.restarted().await;
    bed.setting.passes(minutes * 60);
    bed.works().await;
    bed
}

fn wrong(total: &str) -> Value {
    let mut invoice = invoice(total);
    invoice["notes"] = json!([{ "text": "A party to it is denied." }]);
    invoice
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_blocked_for_too_long_is_somebodys_until_it_goes_on() {
    for bed in Bed::each().await {
        waits(&bed, true);
        bed.ships(1, 4, "100.00").await;
        bed.invoices(2, wrong("100.00")).await;
        bed.works().await;
        assert_eq!(bed.filing().await.filing.state, FilingState::Blocked);
        assert!(called(&bed).await.is_empty(), "the next document may mend it");
        let bed = later(bed, 61).await;
        let open = called(&bed).await;
        assert_eq!(open.len(), 1, "{open:#?}");
        let KeptException { team, deadline, known, remedy, .. } = &open[0];
        assert!(team == "desk" && deadline.is_some() && !remedy.is_empty(), "{open:#?}");
        assert!(known.detail.contains("has been blocked since") && known.detail.contains(RULE), "{}", known.detail);
        assert_eq!(known.findings.iter().map(|finding| finding.rule.as_str()).collect::<Vec<_>>(), [RULE]);
        // It is one and the same however long that goes on.
        let bed = later(bed, 600).await;
        assert_eq!(called(&bed).await[0].times, 1);
        bed.invoices(3, invoice("90.00")).await;
        bed.works().await;
        assert!(called(&bed).await.is_empty());
        assert_eq!(bed.broker_takes().await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_for_too_long_is_somebodys_with_what_is_missing() {
    for bed in Bed::each().await {
        waits(&bed, true);
        bed.ships(1, 4, "100.00").await;
        bed.invoices(2, json!({ "number": "INV-1" })).await;
        bed.works().await;
        assert_eq!(bed.filing().await.filing.state, FilingState::Draft);
        let bed = later(bed, 120).await;
        assert!(called(&bed).await.is_empty(), "documents come one after the other");
        let bed = later(bed, 240).await;
        let open = called(&bed).await;
        assert_eq!(open[0].known.findings.iter().map(|one| one.rule.as_str()).collect::<Vec<_>>(), ["C1"]);
        assert!(open[0].known.detail.contains("something is missing"), "{open:#?}");
        bed.invoices(3, invoice("100.00")).await;
        bed.works().await;
        assert!(called(&bed).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_releases_is_somebodys_and_what_is_not_to_be_declared_nobodys() {
    for bed in Bed::each().await {
        waits(&bed, false);
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        assert_eq!(bed.filing().await.filing.state, FilingState::Ready);
        let bed = later(bed, 181).await;
        let open = called(&bed).await;
        assert!(open.len() == 1 && open[0].known.detail.contains("has waited for a release since"), "{open:#?}");
        bed.orders(FilingDeed::Release).await;
        bed.works().await;
        assert!(called(&bed).await.is_empty());
    }
    for bed in Bed::each().await {
        waits(&bed, false);
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.setting.policy(|filing| {
            filing.when = [("shipment/countryOfDestination".to_owned(), ["GB".to_owned()].into())].into();
        });
        bed.ships(2, 4, "100.00").await;
        bed.works().await;
        let kept = bed.filing().await.filing;
        assert_eq!((kept.state, kept.findings[0].rule.as_str()), (FilingState::Draft, "NOT-DECLARED"));
        let bed = later(bed, 6_000).await;
        assert!(called(&bed).await.is_empty(), "it is no import any more");
    }
}
