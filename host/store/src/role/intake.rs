//! Messages on their way in.

use async_trait::async_trait;

use crate::acceptance::{Acceptance, Accepted};
use crate::engine::Engine;
use crate::error::JournalError;
use crate::statements::parked;

/// Takes messages in.
#[async_trait]
pub trait Intake: Send + Sync {
    /// Keeps a message with all that came of it, in one transaction, unless its keys are known.
    async fn accept(&self, acceptance: Acceptance) -> Result<Accepted, JournalError>;

    /// Keeps a message that is to be decoded later, in one transaction, unless its `Idempotency-Key` is known. It has no
    /// documents and no business key yet.
    async fn park(&self, acceptance: Acceptance) -> Result<Accepted, JournalError>;
}

#[async_trait]
impl<E: Engine> Intake for E {
    async fn accept(&self, acceptance: Acceptance) -> Result<Accepted, JournalError> {
        self.keep(acceptance).await
    }

    async fn park(&self, acceptance: Acceptance) -> Result<Accepted, JournalError> {
        self.write_and_notify(acceptance, |sql, acceptance| Box::pin(parked::park(sql, acceptance))).await
    }
}
