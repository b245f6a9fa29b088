//! The one place that the gateway writes its audit log through.
//!
//! What an entry may hold is said in [`portgate_core::audit`]: names, digests, counts and reasons of our own. Whoever
//! writes one waits until it is on the disk, so there is no queue that could drop anything; entries that come at the same
//! time share one commit like everything in the journal. What can still be refused is refused where the entry cannot be
//! kept ([`Audit::keep`]); what has happened already and cannot be kept is counted and said loudly ([`Audit::note`]).
//! Entries of deliveries and acts are written by the journal itself, in the transaction of what they tell of.

mod changes;
mod denied;
mod key;
mod seal;
mod taken;

use std::sync::Arc;

use portgate_core::audit::{AuditKey, Entry};
use portgate_store::{Journal, JournalError};
use prometheus_client::metrics::counter::Counter;
use tokio::sync::Notify;

pub(crate) use changes::refused;
pub(crate) use denied::denied;
pub(crate) use key::signing_key;
use seal::seal_all;
pub(crate) use seal::sealer;

/// Writes the audit log. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Audit {
    journal: Arc<dyn Journal>,
    key: AuditKey,
    /// Entries that could not be kept.
    lost: Counter,
    written: Arc<Notify>,
}

impl Audit {
    /// An audit log in this journal, whose heads this key signs.
    pub(crate) fn new(journal: Arc<dyn Journal>, key: AuditKey) -> Self {
        Audit { journal, key, lost: Counter::default(), written: Arc::new(Notify::new()) }
    }

    /// The key that signs its heads.
    pub(crate) fn key(&self) -> &AuditKey {
        &self.key
    }

    /// How many entries could not be kept, for the metrics.
    pub(crate) fn lost(&self) -> Counter {
        self.lost.clone()
    }

    /// Keeps entries, all or none, before what they tell of happens.
    ///
    /// # Errors
    /// The journal does not take them: what they tell of must not happen.
    pub(crate) async fn keep(&self, entries: Vec<Entry>) -> Result<(), JournalError> {
        if entries.is_empty() {
            return Ok(());
        }
        self.journal.audit(entries).await?;
        self.written.notify_one();
        Ok(())
    }

    /// Keeps entries of what has happened already. Where the journal does not take them each is counted, and written to
    /// the gateway's own log with everything that it says.
    pub(crate) async fn note(&self, entries: Vec<Entry>) {
        let Err(error) = self.keep(entries.clone()).await else { return };
        self.lost.inc_by(entries.len() as u64);
        for entry in &entries {
            let (kind, actor, subject, detail) = (entry.kind(), entry.actor(), entry.subject(), entry.detail());
            tracing::error!(%error, %kind, actor, subject, detail, at = %entry.at(), "an audit entry is not kept");
        }
    }
}
