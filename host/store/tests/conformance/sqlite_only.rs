//! Claims about the file: who may have it, and what is in it after a restart.

use std::time::Duration;

use portgate_store::{Health, JournalError, JournalSettings, OpenError, open};

use crate::bed::{Bed, later, message, message_for, start};

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
async fn a_closed_journal_says_so() {
    let bed = Bed::sqlite().await;
    assert_eq!(bed.journal.health().await, Health::Ready);
    bed.journal.close(Duration::from_secs(10)).await;
    assert!(matches!(bed.journal.accept(message(later(1))).await, Err(JournalError::Unreachable(_))));
    assert!(matches!(bed.journal.health().await, Health::Unreachable(_)));
}

#[tokio::test]
async fn the_folder_is_made_and_a_file_that_is_no_journal_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = JournalSettings::Sqlite { path: folder.path().join("a/b/journal.sqlite") };
    open(&settings).await.map(drop).expect("it opens");
    let path = folder.path().join("text.sqlite");
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
