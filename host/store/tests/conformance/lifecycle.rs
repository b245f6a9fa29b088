//! Claims about the journal's end.

use std::time::Duration;

use portgate_store::{Health, JournalError};

use crate::bed::{Bed, later, message};

pub(crate) async fn a_closed_journal_says_so(bed: Bed) {
    assert_eq!(bed.journal.health().await, Health::Ready);
    bed.journal.close(Duration::from_secs(10)).await;
    assert!(matches!(bed.journal.accept(message(later(1))).await, Err(JournalError::Unreachable(_))));
    assert!(matches!(bed.journal.health().await, Health::Unreachable(_)));
}
