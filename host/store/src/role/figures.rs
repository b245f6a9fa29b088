//! How well things go, counted from what the journal keeps.

use async_trait::async_trait;

use crate::engine::Engine;
use crate::error::JournalError;
use crate::figures::{Counted, FiguresQuery};
use crate::statements::figures;

/// Counts.
#[async_trait]
pub trait Figures: Send + Sync {
    /// What the journal has to say of a time: of each figure and group how often, and how long. What it looks at is bounded: of
    /// deliveries the latest hundred thousand of the time.
    async fn figures(&self, query: FiguresQuery) -> Result<Counted, JournalError>;
}

#[async_trait]
impl<E: Engine> Figures for E {
    async fn figures(&self, query: FiguresQuery) -> Result<Counted, JournalError> {
        self.read(query, |sql, query| Box::pin(figures::counted(sql, query))).await
    }
}
