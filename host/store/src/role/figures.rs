//! How well things go, counted from what the journal keeps.

use async_trait::async_trait;

use crate::engine::Engine;
use crate::error::JournalError;
use crate::figures::{Counted, FiguresQuery};
use crate::statements::figures;

/// Counts.
#[async_trait]
pub trait Figures: Send + Sync {
    /// What the journal has to say of a time: of each figure and group how often, and how long. Deliveries were summed up as they were
    /// tried, by quarters of an hour. What else it looks at is bounded: of messages, and of deliveries on lanes, the latest hundred thousand
    /// of the time.
    async fn figures(&self, query: FiguresQuery) -> Result<Counted, JournalError>;
}

#[async_trait]
impl<E: Engine> Figures for E {
    async fn figures(&self, query: FiguresQuery) -> Result<Counted, JournalError> {
        self.read(query, |sql, query| Box::pin(figures::counted(sql, query))).await
    }
}
