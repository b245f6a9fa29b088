//! The audit log.

use async_trait::async_trait;
use jiff::Timestamp;
use portgate_core::audit::{AuditKey, Entry, Kind, Sealed, SignedHead};

use crate::audit::{AuditCount, AuditFilter, AuditOrder, Unsealed};
use crate::engine::Engine;
use crate::error::JournalError;
use crate::statements::audit;

/// Keeps the entries of the audit log in one chain.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Keeps entries of the audit log, all or none. They have their place in its chain once they are sealed.
    async fn audit(&self, entries: Vec<Entry>) -> Result<(), JournalError>;

    /// Gives at most `limit` entries of the audit log that have no place yet their place, and signs the new head. Gives
    /// back nothing if there are no such entries, or if another gateway is sealing.
    async fn seal(&self, key: &AuditKey, now: Timestamp, limit: u32) -> Result<Option<SignedHead>, JournalError>;

    /// The entries without a place, where there are any.
    async fn unsealed(&self) -> Result<Option<Unsealed>, JournalError>;

    /// The audit log's newest head; nothing while it is empty.
    async fn audit_head(&self) -> Result<Option<SignedHead>, JournalError>;

    /// Sealed entries of the audit log beyond this number, in this order.
    async fn audit_entries(
        &self,
        filter: &AuditFilter,
        order: AuditOrder,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Sealed>, JournalError>;

    /// The last sealed entry of a kind for each subject.
    async fn audit_latest(&self, kind: Kind) -> Result<Vec<Sealed>, JournalError>;

    /// How many sealed entries there are, by kind, actor and subject.
    async fn audit_counts(&self, filter: &AuditFilter) -> Result<Vec<AuditCount>, JournalError>;
}

#[async_trait]
impl<E: Engine> AuditLog for E {
    async fn audit(&self, entries: Vec<Entry>) -> Result<(), JournalError> {
        self.write_and_notify(entries, |sql, entries| Box::pin(audit::insert(sql, entries))).await
    }

    async fn seal(&self, key: &AuditKey, now: Timestamp, limit: u32) -> Result<Option<SignedHead>, JournalError> {
        self.write((key.clone(), now, limit), |sql, (key, now, limit)| Box::pin(audit::seal(sql, key, *now, *limit)))
            .await
    }

    async fn unsealed(&self) -> Result<Option<Unsealed>, JournalError> {
        self.read((), |sql, ()| Box::pin(audit::unsealed(sql))).await
    }

    async fn audit_head(&self) -> Result<Option<SignedHead>, JournalError> {
        self.read((), |sql, ()| Box::pin(audit::head(sql))).await
    }

    async fn audit_entries(
        &self,
        filter: &AuditFilter,
        order: AuditOrder,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Sealed>, JournalError> {
        self.read((filter.clone(), order, after, limit), |sql, (filter, order, after, limit)| {
            Box::pin(audit::entries(sql, filter, *order, *after, *limit))
        })
        .await
    }

    async fn audit_latest(&self, kind: Kind) -> Result<Vec<Sealed>, JournalError> {
        self.read(kind, |sql, kind| Box::pin(audit::latest(sql, *kind))).await
    }

    async fn audit_counts(&self, filter: &AuditFilter) -> Result<Vec<AuditCount>, JournalError> {
        self.read(filter.clone(), |sql, filter| Box::pin(audit::counts(sql, filter))).await
    }
}
