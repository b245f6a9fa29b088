//! Claims about the file: who may have it, and what is in it after a restart.

use std::time::Duration;

use portgate_store::{Accepted, JournalSettings, OpenError, ParkedRequest, open};

use serde_json::json;

use crate::bed::{Bed, later, message, message_for, start};
use crate::shipments;

#[tokio::test]
async fn a_second_opening_of_the_file_is_refused() {
    let bed = Bed::sqlite().await;
    assert!(matches!(open(&bed.settings).await, Err(OpenError::Locked { .. })));
    bed.journal.close(Duration::from_secs(10)).await;
    open(&bed.settings).await.map(drop).expect("it is free now");
}

#[tokio::test]
async fn claims_of_a_former_run_are_free_and_nothing_is_lost() {
    let bed = Bed::sqlite().await;
    let (given, id) = message_for("erp", Some("box/1"), start());
    let exchange = bed.accept(given).await;
    bed.claim_one("erp", start()).await;
    bed.journal.close(Duration::from_secs(10)).await;
    let bed = Bed { journal: open(&bed.settings).await.expect("it opens"), ..bed };
    assert_eq!(bed.claim_one("erp", start()).await.claim.delivery, id);
    assert!(bed.journal.raw(exchange).await.expect("it reads").is_some());
}

#[tokio::test]
async fn what_a_former_run_was_taking_up_is_parked_again() {
    let bed = Bed::sqlite().await;
    let given = message(start());
    let id = given.exchange.id;
    assert_eq!(bed.journal.park(given).await, Ok(Accepted::Committed));
    let request = ParkedRequest {
        partner: "carrier".to_owned(),
        contracts: vec![("events".to_owned(), "1".to_owned())],
        build: [7; 32],
        worker: "worker".to_owned(),
        now: later(1),
        lease: Duration::from_secs(60),
        limit: 1,
    };
    bed.journal.claim_parked(request.clone()).await.expect("a claim");
    bed.journal.close(Duration::from_secs(10)).await;
    let bed = Bed { journal: open(&bed.settings).await.expect("it opens"), ..bed };
    let claimed = bed.journal.claim_parked(request).await.expect("a claim");
    assert_eq!(claimed.iter().map(|claimed| claimed.claim.exchange).collect::<Vec<_>>(), [id]);
}

#[tokio::test]
async fn what_a_former_run_was_putting_together_is_put_together_at_once() {
    let bed = Bed::sqlite().await;
    let shipment = shipments::document("shipment", "S", "1", 1, &["ucr:A"], json!({}));
    shipments::accept(&bed, "erp", shipment, start()).await;
    shipments::join(&bed, &shipments::rules(1_000), 1).await;
    let lease = Duration::from_secs(60);
    let first = bed.journal.claim_shipments("worker", later(200), lease, 10).await.expect("a claim").remove(0);
    bed.journal.close(Duration::from_secs(10)).await;
    let bed = Bed { journal: open(&bed.settings).await.expect("it opens"), ..bed };
    let again = bed.journal.claim_shipments("worker", later(201), lease, 10).await.expect("a claim").remove(0);
    assert_eq!(again.id, first.id);
    assert_ne!(again.claim, first.claim);
}

#[tokio::test]
async fn the_acts_of_an_older_journal_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.sqlite");
    let file = rusqlite::Connection::open(&path).expect("it opens");
    file.execute_batch(include_str!("../../migrations/sqlite/0001_journal.sql")).expect("the first schema");
    let act = "INSERT INTO acts (kind, operator, reason, at, filter, count) VALUES ('retry', 'ada', 'why', 1, '{}', 3)";
    file.execute(act, []).expect("an act");
    file.pragma_update(None, "user_version", 1).expect("it is set");
    drop(file);
    let journal = open(&JournalSettings::Sqlite { path }).await.expect("it opens");
    let acts = journal.acts(10).await.expect("it reads");
    assert_eq!(acts.iter().map(|act| (act.kind.as_str(), act.count)).collect::<Vec<_>>(), [("retry", 3)]);
}

#[tokio::test]
async fn the_folder_is_made_and_a_file_that_is_no_journal_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = JournalSettings::Sqlite { path: folder.path().join("a/b/journal.sqlite") };
    open(&settings).await.map(drop).expect("it opens");
    let path = folder.path().join("a/b/text.sqlite");
    std::fs::write(&path, "certainly no database, but long enough to be looked at as one").expect("it is written");
    assert!(matches!(open(&JournalSettings::Sqlite { path }).await, Err(OpenError::Database(_))));
}

#[tokio::test]
async fn a_file_of_a_newer_program_is_refused() {
    let bed = Bed::sqlite().await;
    bed.journal.close(Duration::from_secs(10)).await;
    let JournalSettings::Sqlite { path } = &bed.settings else { unreachable!("it is SQLite") };
    let file = rusqlite::Connection::open(path).expect("it opens");
    file.pragma_update(None, "user_version", 9999).expect("it is set");
    drop(file);
    assert!(matches!(open(&bed.settings).await, Err(OpenError::TooNew { found: 9999, .. })));
}
