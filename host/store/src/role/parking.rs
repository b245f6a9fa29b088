//! Messages that were acknowledged and are decoded later.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::acceptance::Accepted;
use crate::engine::Engine;
use crate::error::JournalError;
use crate::parked::{ParkedContract, ParkedCount, ParkedExchange, ParkedRequest, ParkedSettlement};
use crate::statements::parked;

/// Gives parked exchanges out, and keeps what became of them.
#[async_trait]
pub trait Parking: Send + Sync {
    /// The contracts of which something parked can be taken up now, or is being taken up. A new message of such a
    /// contract must not overtake it. Cheap, however much is parked for later.
    async fn parked(&self, now: Timestamp) -> Result<Vec<ParkedContract>, JournalError>;

    /// Claims the next parked exchanges of some contracts, in their order; none while another worker has one of them.
    async fn claim_parked(&self, request: ParkedRequest) -> Result<Vec<ParkedExchange>, JournalError>;

    /// Keeps what became of a parked exchange and all that follows, in one transaction, unless its business key is known:
    /// then nothing is kept, and the claim still holds. Refused with [`JournalError::LeaseLost`] when the claim was lost.
    async fn settle_parked(&self, settlement: ParkedSettlement) -> Result<Accepted, JournalError>;

    /// How much is parked and has failed, by contract.
    async fn parked_counts(&self) -> Result<Vec<ParkedCount>, JournalError>;
}

#[async_trait]
impl<E: Engine> Parking for E {
    async fn parked(&self, now: Timestamp) -> Result<Vec<ParkedContract>, JournalError> {
        self.read(now, |sql, now| Box::pin(parked::parked(sql, *now))).await
    }

    async fn claim_parked(&self, request: ParkedRequest) -> Result<Vec<ParkedExchange>, JournalError> {
        self.write(request, |sql, request| Box::pin(parked::claim(sql, request))).await
    }

    async fn settle_parked(&self, settlement: ParkedSettlement) -> Result<Accepted, JournalError> {
        self.write_and_notify(settlement, |sql, settlement| Box::pin(parked::settle(sql, settlement))).await
    }

    async fn parked_counts(&self) -> Result<Vec<ParkedCount>, JournalError> {
        self.read((), |sql, ()| Box::pin(parked::counts(sql))).await
    }
}
