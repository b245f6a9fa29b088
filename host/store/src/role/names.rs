//! What exchanges are found by, kept in order.

use async_trait::async_trait;

use crate::engine::Engine;
use crate::error::JournalError;
use crate::statements::names;

/// Packs the names that exchanges are found by. A name is found as soon as it is kept; once packed, it is found
/// quicker.
#[async_trait]
pub trait Names: Send + Sync {
    /// Packs what was gathered, one pack at most, and names a few of the exchanges that were kept before there were
    /// names. True where there is more to do.
    async fn pack_names(&self) -> Result<bool, JournalError>;
}

#[async_trait]
impl<E: Engine> Names for E {
    async fn pack_names(&self) -> Result<bool, JournalError> {
        let packed = match self.read((), |sql, ()| Box::pin(names::is_pack_due(sql))).await? {
            true => self.write((), |sql, ()| Box::pin(names::pack(sql))).await?,
            false => 0,
        };
        let more = match self.read((), |sql, ()| Box::pin(names::is_any_missing(sql))).await? {
            true => self.write((), |sql, ()| Box::pin(names::give_missing(sql))).await?,
            false => false,
        };
        Ok(packed > 0 || more)
    }
}
