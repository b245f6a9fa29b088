//! Deliveries on their way out.

use async_trait::async_trait;
use jiff::Timestamp;

use super::Changes;
use crate::delivery::{Claim, ClaimRequest, ClaimedDelivery, Rendered, Settlement};
use crate::engine::Engine;
use crate::error::JournalError;
use crate::statements::{batch, claim, settle};

/// Gives deliveries out to be worked on, and keeps how each attempt ended.
#[async_trait]
pub trait Deliveries: Changes {
    /// The destinations that have something to claim now.
    async fn destinations_due(&self, now: Timestamp) -> Result<Vec<String>, JournalError>;

    /// Claims what is due for one destination, the oldest first, and of each lane only what is its turn, with what goes
    /// together with it. What was claimed and neither renewed nor settled within its lease is due again. What a filing declares,
    /// and surely has not left, is claimed only of shipments that were put together of all that is known: whatever becomes of it
    /// meanwhile, its filing looks at it first.
    async fn claim(&self, request: ClaimRequest) -> Result<Vec<ClaimedDelivery>, JournalError>;

    /// Prolongs claims until this time, and gives back those that still hold.
    async fn renew(&self, claims: &[Claim], until: Timestamp) -> Result<Vec<Claim>, JournalError>;

    /// Gives claims back, as if they had not been made; those that were lost are left alone.
    async fn release(&self, claims: &[Claim], now: Timestamp) -> Result<(), JournalError>;

    /// Has claimed deliveries that would go together go alone from now on, and at once; what was rendered already goes as it
    /// is.
    async fn part(&self, claims: &[Claim], now: Timestamp) -> Result<(), JournalError>;

    /// Keeps the rendered request with the control numbers that it has, so that each further attempt sends the same bytes.
    /// Refused with [`JournalError::LeaseLost`] when a claim was lost. Without control numbers the first rendering stays
    /// when there is one; with them nothing is kept then, nor where the agreement has used others meanwhile, and false
    /// says so.
    async fn render(&self, rendered: Rendered) -> Result<bool, JournalError>;

    /// Keeps how an attempt ended and all that follows, in one transaction. Refused with [`JournalError::LeaseLost`] when
    /// the claim was lost.
    async fn settle(&self, settlement: Settlement) -> Result<(), JournalError>;
}

#[async_trait]
impl<E: Engine> Deliveries for E {
    async fn destinations_due(&self, now: Timestamp) -> Result<Vec<String>, JournalError> {
        self.read(now, |sql, now| Box::pin(claim::destinations_due(sql, *now))).await
    }

    async fn claim(&self, request: ClaimRequest) -> Result<Vec<ClaimedDelivery>, JournalError> {
        self.write(request, |sql, request| Box::pin(claim::claim(sql, request))).await
    }

    async fn renew(&self, claims: &[Claim], until: Timestamp) -> Result<Vec<Claim>, JournalError> {
        self.write((claims.to_vec(), until), |sql, (claims, until)| Box::pin(claim::renew(sql, claims, *until))).await
    }

    async fn release(&self, claims: &[Claim], now: Timestamp) -> Result<(), JournalError> {
        self.write_and_notify((claims.to_vec(), now), |sql, (claims, now)| Box::pin(claim::release(sql, claims, *now)))
            .await
    }

    async fn part(&self, claims: &[Claim], now: Timestamp) -> Result<(), JournalError> {
        self.write_and_notify((claims.to_vec(), now), |sql, (claims, now)| Box::pin(batch::part(sql, claims, *now)))
            .await
    }

    async fn render(&self, rendered: Rendered) -> Result<bool, JournalError> {
        self.write(rendered, |sql, rendered| Box::pin(settle::render(sql, rendered))).await
    }

    async fn settle(&self, settlement: Settlement) -> Result<(), JournalError> {
        self.write_and_notify(settlement, |sql, settlement| Box::pin(settle::settle(sql, settlement))).await
    }
}
