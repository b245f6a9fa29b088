//! Messages that were refused.

use async_trait::async_trait;

use crate::engine::Engine;
use crate::error::JournalError;
use crate::refused::{AnsweredRefusal, KeptRefusal, NewRefusal, RefusalEnd};
use crate::statements::refused;

/// Keeps refused messages, within a budget for each partner and day.
#[async_trait]
pub trait Refusals: Send + Sync {
    /// Keeps refused messages in one transaction, each as an exchange in the state `refused`. Of one partner and day
    /// (in UTC) they fill at most `bytes_per_day`: the oldest of them make room for the newest. Gives back what became
    /// of each.
    async fn keep_refused(
        &self,
        refused: Vec<NewRefusal>,
        bytes_per_day: u64,
    ) -> Result<Vec<KeptRefusal>, JournalError>;

    /// Keeps a refused message, within the same budget, with what its partner is told of it in its own format.
    async fn keep_answered(&self, answered: AnsweredRefusal, bytes_per_day: u64) -> Result<RefusalEnd, JournalError>;
}

#[async_trait]
impl<E: Engine> Refusals for E {
    async fn keep_refused(
        &self,
        refused: Vec<NewRefusal>,
        bytes_per_day: u64,
    ) -> Result<Vec<KeptRefusal>, JournalError> {
        self.write((refused, bytes_per_day), |sql, (refused, bytes_per_day)| {
            Box::pin(refused::keep(sql, refused, *bytes_per_day))
        })
        .await
    }

    async fn keep_answered(&self, answered: AnsweredRefusal, bytes_per_day: u64) -> Result<RefusalEnd, JournalError> {
        self.write_and_notify((answered, bytes_per_day), |sql, (answered, bytes_per_day)| {
            Box::pin(refused::keep_answered(sql, answered, *bytes_per_day))
        })
        .await
    }
}
