//! The two-person rule.

use async_trait::async_trait;
use jiff::Timestamp;
use portgate_core::audit::Entry;

use crate::act::Operator;
use crate::approval::{AcceptedState, Approved, PendingChange};
use crate::engine::Engine;
use crate::error::JournalError;
use crate::statements::approval;

/// Keeps what is accepted under the two-person rule, and what waits for people.
#[async_trait]
pub trait Approvals: Send + Sync {
    /// What is accepted under the two-person rule; nothing where the rule never held.
    async fn accepted_state(&self) -> Result<Option<AcceptedState>, JournalError>;

    /// Accepts a state in the place of the one with this digest, or as the first, and keeps these audit entries with it.
    /// Everything that waits is forgotten, with its approvals, since it was measured by what was accepted before. False,
    /// and nothing is done, where another one is accepted by now.
    async fn accept_state(
        &self,
        state: AcceptedState,
        before: Option<[u8; 32]>,
        entries: Vec<Entry>,
    ) -> Result<bool, JournalError>;

    /// Changes that wait for people, the oldest first.
    async fn pending_changes(&self) -> Result<Vec<PendingChange>, JournalError>;

    /// Keeps that a change waits, by what is different from the accepted state `against`, and these audit entries with
    /// it. False, and nothing is done, where it waits already, or another state is accepted by now.
    async fn keep_pending(
        &self,
        digest: [u8; 32],
        against: [u8; 32],
        changes: String,
        now: Timestamp,
        entries: Vec<Entry>,
    ) -> Result<bool, JournalError>;

    /// Keeps a person's word for a change that waits, with an audit entry. A person's word counts once.
    async fn approve_change(&self, digest: [u8; 32], by: &Operator, now: Timestamp) -> Result<Approved, JournalError>;

    /// Forgets a change that waits no longer, and keeps these audit entries. False where it did not wait.
    async fn withdraw_change(&self, digest: [u8; 32], entries: Vec<Entry>) -> Result<bool, JournalError>;
}

#[async_trait]
impl<E: Engine> Approvals for E {
    async fn accepted_state(&self) -> Result<Option<AcceptedState>, JournalError> {
        self.read((), |sql, ()| Box::pin(approval::accepted(sql))).await
    }

    async fn accept_state(
        &self,
        state: AcceptedState,
        before: Option<[u8; 32]>,
        entries: Vec<Entry>,
    ) -> Result<bool, JournalError> {
        self.write_and_notify((state, before, entries), |sql, (state, before, entries)| {
            Box::pin(approval::accept(sql, state, *before, entries))
        })
        .await
    }

    async fn pending_changes(&self) -> Result<Vec<PendingChange>, JournalError> {
        self.read((), |sql, ()| Box::pin(approval::pending(sql))).await
    }

    async fn keep_pending(
        &self,
        digest: [u8; 32],
        against: [u8; 32],
        changes: String,
        now: Timestamp,
        entries: Vec<Entry>,
    ) -> Result<bool, JournalError> {
        let waits = (digest, against, changes, now, entries);
        self.write_and_notify(waits, |sql, (digest, against, changes, now, entries)| {
            Box::pin(approval::wait(sql, *digest, *against, changes, *now, entries))
        })
        .await
    }

    async fn approve_change(&self, digest: [u8; 32], by: &Operator, now: Timestamp) -> Result<Approved, JournalError> {
        self.write_and_notify((digest, by.clone(), now), |sql, (digest, by, now)| {
            Box::pin(approval::approve(sql, *digest, by, *now))
        })
        .await
    }

    async fn withdraw_change(&self, digest: [u8; 32], entries: Vec<Entry>) -> Result<bool, JournalError> {
        self.write_and_notify((digest, entries), |sql, (digest, entries)| {
            Box::pin(approval::withdraw(sql, *digest, entries))
        })
        .await
    }
}
