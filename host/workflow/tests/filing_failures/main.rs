//! A gateway that dies while it files: failpoints are the whole process's, so this is a process of its own.

#[allow(dead_code, reason = "the other tests of filings use all of it")]
#[path = "../filings/bed.rs"]
mod bed;

use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::civil::date;
use portgate_core::filing::AtCustoms;
use portgate_store::{
    Checked, DocumentName, NewTableVersion, Operator, Outdated, Review, ShipmentAct, ShipmentActed, ShipmentChange,
};
use serde_json::json;
use tokio::sync::Mutex;

use bed::{Bed, RATES, rules};

/// Points are the whole process's: one test at a time has them fail.
static POINTS: Mutex<()> = Mutex::const_new(());

/// Where a gateway dies between any two statements of the transaction, all of it is there afterwards or nothing.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_fails_on_the_way_it_is_filed_once() {
    let _alone = POINTS.lock().await;
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

/// What a partner is told is told once, with the state of the filing that says so.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_fails_on_the_way_a_partner_is_told_once() {
    let _alone = POINTS.lock().await;
    let points = [
        "workflow::composed",
        "journal::fold::context",
        "journal::accept::exchange",
        "journal::accept::documents",
        "journal::accept::deliveries",
        "journal::fold::made",
        "journal::fold::filing",
        "journal::fold::filings",
    ];
    for bed in Bed::each().await {
        let mut bed = bed;
        bed.setting.tells("erp", &[AtCustoms::Accepted, AtCustoms::Cleared]);
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.broker_takes().await;
        bed.works().await;
        bed.customs("N-1", "CLEARED", json!({ "mrn": "26GB1" })).await;
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
            assert_eq!(bed.filing().await.filing.told, [], "{point}: nothing is half done");
            // The claim of the dead runs out.
            bed.setting.passes(60);
            bed = bed.restarted().await;
        }
        assert_eq!(bed.takes("erp").await, []);
        bed.works().await;
        let told = bed.takes("erp").await;
        assert_eq!(told.iter().map(|(_, told)| told["status"].clone()).collect::<Vec<_>>(), [json!("CLEARED")]);
        assert_eq!(bed.filing().await.filing.told.len(), 1);
    }
}

/// An operator's split is there with all that follows from it, or not at all.
#[tokio::test(flavor = "multi_thread")]
async fn an_operator_s_split_that_fails_is_none_and_is_done_when_it_is_asked_for_again() {
    let _alone = POINTS.lock().await;
    let point = "journal::place::renamed";
    for bed in Bed::each().await {
        bed.says("erp", "shipment", "S-1", 1, &["ucr:UCR-1", "order:A"], json!({ "packageCount": 4 })).await;
        bed.says("erp", "shipment", "S-2", 1, &["ucr:UCR-1", "order:B"], json!({ "packageCount": 2 })).await;
        bed.works().await;
        let named = async |bed: &Bed| {
            let mut ids = Vec::new();
            for order in ["A", "B"] {
                let found = bed.journal.shipments_named(false, None, order.to_owned(), 3).await.expect("they are read");
                ids.extend(found.iter().map(|one| one.id));
            }
            ids
        };
        let whole = named(&bed).await;
        assert!(whole.len() == 2 && whole[0] == whole[1], "both are one shipment: {whole:?}");
        let split = ShipmentAct {
            operator: Operator { name: "ada".to_owned(), reason: "it goes by another ship".to_owned() },
            change: ShipmentChange::Split {
                shipment: whole[0].as_uuid(),
                documents: vec![DocumentName { kind: "shipment".to_owned(), key: "S-2".to_owned() }],
            },
            rules: rules(),
            now: bed.now(),
        };
        fail::cfg(point, "return").expect("a failpoint");
        assert!(bed.journal.place(split.clone()).await.is_err(), "{point} is on the way");
        fail::remove(point);
        let bed = bed.restarted().await;
        bed.works().await;
        assert_eq!(named(&bed).await, whole, "nothing is half done");
        assert!(matches!(bed.journal.place(split).await, Ok(ShipmentActed::Done { .. })));
        bed.works().await;
        let apart = named(&bed).await;
        assert!(apart.len() == 2 && apart[0] != apart[1], "{apart:?}");
    }
}

/// Where a gateway dies while it has shipments judged again, it is asked for again, and every one of them is.
#[tokio::test(flavor = "multi_thread")]
async fn what_fails_while_a_table_is_held_against_shipments_is_done_when_it_is_asked_for_again() {
    let _alone = POINTS.lock().await;
    let point = "journal::lookups::reviewed";
    for bed in Bed::each().await {
        let takes_up = async |bed: &Bed, file: &str| {
            let version =
                NewTableVersion { table: RATES.to_owned(), file: file.to_owned(), change: None, now: bed.now() };
            assert_eq!(bed.journal.take_up_table(version).await, Ok(true));
        };
        let to_check = async |bed: &Bed| {
            let today = date(2026, 3, 1);
            let asked = bed.journal.lookups_to_check(RATES.to_owned(), "2".to_owned(), today, 10).await;
            asked.expect("they are read")
        };
        bed.setting.rate.store(1, Ordering::SeqCst);
        takes_up(&bed, "1").await;
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        takes_up(&bed, "2").await;
        let lookups = to_check(&bed).await;
        assert_eq!(lookups.iter().map(|one| one.value.as_deref()).collect::<Vec<_>>(), [Some("1")]);
        let checked = Checked {
            table: RATES.to_owned(),
            file: "2".to_owned(),
            confirmed: Vec::new(),
            outdated: lookups.into_iter().map(|lookup| Outdated { lookup, after: Some("2".to_owned()) }).collect(),
            shipments_max: 10,
            today: date(2026, 3, 1),
            now: bed.now(),
        };
        fail::cfg(point, "return").expect("a failpoint");
        assert!(bed.journal.keep_checked(checked.clone()).await.is_err(), "{point} is on the way");
        fail::remove(point);
        let bed = bed.restarted().await;
        assert_eq!(to_check(&bed).await.len(), 1, "it is asked for again");
        let reviews =
            async |bed: &Bed| bed.journal.table_reviews(RATES.to_owned(), 2, 10).await.expect("they are read");
        assert_eq!(reviews(&bed).await, [], "nothing is half done");
        assert_eq!(bed.journal.keep_checked(checked).await, Ok(Review { shipments: 1, more: false }));
        bed.setting.rate.store(2, Ordering::SeqCst);
        bed.works().await;
        assert_eq!(
            reviews(&bed).await.iter().map(|one| one.shipment).collect::<Vec<_>>(),
            [bed.filing().await.shipment]
        );
        assert_eq!(to_check(&bed).await, [], "it rests on what the table says now");
        assert_eq!(contracts_of(&bed).await, ["declaration"], "and is filed once");
    }
}

/// What the broker takes, by contract.
async fn contracts_of(bed: &Bed) -> Vec<String> {
    bed.broker_takes().await.into_iter().map(|(contract, _)| contract).collect()
}
