//! What the worker needs of the journal, and no more: every `Arc<dyn Journal>` is a [`Queue`].
//!
//! A claim is a lease: whoever holds it works on the delivery, and when it runs out another may. So a settlement only
//! counts while its claim does, and a worker that was cut off cannot undo what another has done since.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use portgate_core::delivery::Request;
use portgate_store::{Claim, ClaimRequest, ClaimedDelivery, Journal, JournalError, Settlement};
use tokio::sync::watch;

/// The journal, as the worker sees it. Each method is [`Journal`]'s of the same name.
#[async_trait]
pub trait Queue: Send + Sync {
    /// The destinations that have something to claim now. Cheap, however much is waiting.
    async fn destinations_due(&self, now: Timestamp) -> Result<Vec<String>, JournalError>;

    /// Claims what is due for one destination, the oldest first, and of each lane only what is its turn.
    async fn claim(&self, request: ClaimRequest) -> Result<Vec<ClaimedDelivery>, JournalError>;

    /// Prolongs claims until this time, and gives back those that still hold.
    async fn renew(&self, claims: &[Claim], until: Timestamp) -> Result<Vec<Claim>, JournalError>;

    /// Gives claims back, as if they had not been made.
    async fn release(&self, claims: &[Claim]) -> Result<(), JournalError>;

    /// Keeps what the plugin has rendered, so that each further attempt sends the same bytes.
    async fn render(&self, claim: Claim, request: Request) -> Result<(), JournalError>;

    /// Keeps how an attempt ended and all that follows, in one transaction.
    async fn settle(&self, settlement: Settlement) -> Result<(), JournalError>;

    /// Changes its value when there may be something new to claim.
    fn changes(&self) -> watch::Receiver<u64>;
}

#[async_trait]
impl Queue for Arc<dyn Journal> {
    async fn destinations_due(&self, now: Timestamp) -> Result<Vec<String>, JournalError> {
        Journal::destinations_due(&**self, now).await
    }

    async fn claim(&self, request: ClaimRequest) -> Result<Vec<ClaimedDelivery>, JournalError> {
        Journal::claim(&**self, request).await
    }

    async fn renew(&self, claims: &[Claim], until: Timestamp) -> Result<Vec<Claim>, JournalError> {
        Journal::renew(&**self, claims, until).await
    }

    async fn release(&self, claims: &[Claim]) -> Result<(), JournalError> {
        Journal::release(&**self, claims).await
    }

    async fn render(&self, claim: Claim, request: Request) -> Result<(), JournalError> {
        Journal::render(&**self, claim, request).await
    }

    async fn settle(&self, settlement: Settlement) -> Result<(), JournalError> {
        Journal::settle(&**self, settlement).await
    }

    fn changes(&self) -> watch::Receiver<u64> {
        Journal::changes(&**self)
    }
}
