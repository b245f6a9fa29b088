//! What all gateways of one journal share.

use std::sync::Arc;

use async_trait::async_trait;

use crate::engine::Engine;
use crate::error::JournalError;
use crate::rates::SharedRates;
use crate::statements::request_key;
use crate::statements::value::random_key;

/// Keeps what all gateways of one journal share.
#[async_trait]
pub trait Shared: Send + Sync {
    /// A random key for this purpose, the same for all who have this journal. It is made when it is first asked for.
    async fn shared_key(&self, purpose: &str) -> Result<[u8; 32], JournalError>;

    /// The rates that all gateways of this journal count together. Nothing where there can be only one gateway.
    fn shared_rates(&self) -> Option<Arc<dyn SharedRates>>;
}

#[async_trait]
impl<E: Engine> Shared for E {
    async fn shared_key(&self, purpose: &str) -> Result<[u8; 32], JournalError> {
        let asked = (purpose.to_owned(), random_key()?);
        self.write(asked, |sql, (purpose, new)| Box::pin(request_key::shared(sql, purpose, new))).await
    }

    fn shared_rates(&self) -> Option<Arc<dyn SharedRates>> {
        Engine::shared_rates(self)
    }
}
