//! Partners' codes beside ours, and what waits for them.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::codes::{
    AddCodes, Awaited, CodeEnded, CodeFilter, CodedDelivery, CodedExchange, CodesAdded, EndCode, KeptCode,
    RefusedAfterAll,
};
use crate::engine::Engine;
use crate::error::JournalError;
use crate::id::{ClaimId, ExchangeId};
use crate::statements::codes;
use crate::statements::codes::awaited;

/// Keeps codes, and gives out what waited for them.
#[async_trait]
pub trait Codes: Send + Sync {
    /// Adds rows to a table, with an entry of the audit log. All are there afterwards or none is added; one that is there
    /// already, as it is to be, is no row in the way.
    async fn add_codes(&self, add: AddCodes) -> Result<CodesAdded, JournalError>;

    /// Gives a row its last day, with an entry of the audit log.
    async fn end_code(&self, end: EndCode) -> Result<CodeEnded, JournalError>;

    /// Rows that fit, in the order in which they were added, from behind this number on.
    async fn codes(&self, filter: CodeFilter, after: u64, limit: u32) -> Result<Vec<KeptCode>, JournalError>;

    /// Rows that were added or ended after this revision, in the order of theirs.
    async fn codes_since(&self, revision: u64, limit: u32) -> Result<Vec<KeptCode>, JournalError>;

    /// What is waited for, the code that the most wait for first.
    async fn awaited_codes(&self, limit: u32) -> Result<Vec<Awaited>, JournalError>;

    /// Makes deliveries due that waited for codes all of which are there now. Gives back which.
    async fn release_coded(&self, now: Timestamp, limit: u32) -> Result<Vec<CodedDelivery>, JournalError>;

    /// Claims exchanges that waited for a code which is there now, in the order of their acceptance; none of a sender of
    /// which somebody has one.
    async fn claim_coded(
        &self,
        worker: &str,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<CodedExchange>, JournalError>;

    /// Gives an exchange back, to be taken up not before a time.
    async fn give_back_coded(&self, exchange: ExchangeId, claim: ClaimId, at: Timestamp) -> Result<(), JournalError>;

    /// Keeps that an exchange which waited for a code is not taken after all. Refused with [`JournalError::LeaseLost`] when
    /// the claim was lost.
    async fn refuse_coded(&self, refused: RefusedAfterAll) -> Result<(), JournalError>;
}

#[async_trait]
impl<E: Engine> Codes for E {
    async fn add_codes(&self, add: AddCodes) -> Result<CodesAdded, JournalError> {
        self.write_and_notify(add, |sql, add| Box::pin(codes::add(sql, add))).await
    }

    async fn end_code(&self, end: EndCode) -> Result<CodeEnded, JournalError> {
        self.write_and_notify(end, |sql, end| Box::pin(codes::end(sql, end))).await
    }

    async fn codes(&self, filter: CodeFilter, after: u64, limit: u32) -> Result<Vec<KeptCode>, JournalError> {
        self.read((filter, after, limit), |sql, (filter, after, limit)| {
            Box::pin(codes::list(sql, filter, *after, *limit))
        })
        .await
    }

    async fn codes_since(&self, revision: u64, limit: u32) -> Result<Vec<KeptCode>, JournalError> {
        self.read((revision, limit), |sql, (revision, limit)| Box::pin(codes::since(sql, *revision, *limit))).await
    }

    async fn awaited_codes(&self, limit: u32) -> Result<Vec<Awaited>, JournalError> {
        self.read(limit, |sql, limit| Box::pin(awaited::list(sql, *limit))).await
    }

    async fn release_coded(&self, now: Timestamp, limit: u32) -> Result<Vec<CodedDelivery>, JournalError> {
        let ready = self.read(limit, |sql, limit| Box::pin(awaited::ready_deliveries(sql, *limit))).await?;
        if ready.is_empty() {
            return Ok(Vec::new());
        }
        self.write_and_notify((ready, now), |sql, (ready, now)| Box::pin(awaited::release(sql, ready, *now))).await
    }

    async fn claim_coded(
        &self,
        worker: &str,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<CodedExchange>, JournalError> {
        // Mostly nothing is there to claim, which costs no transaction.
        if !self.read(now, |sql, now| Box::pin(awaited::any_ready(sql, *now))).await? {
            return Ok(Vec::new());
        }
        self.write((worker.to_owned(), now, lease, limit), |sql, (worker, now, lease, limit)| {
            Box::pin(awaited::claim(sql, worker, *now, *lease, *limit))
        })
        .await
    }

    async fn give_back_coded(&self, exchange: ExchangeId, claim: ClaimId, at: Timestamp) -> Result<(), JournalError> {
        self.write((exchange, claim, at), |sql, (exchange, claim, at)| {
            Box::pin(awaited::give_back(sql, *exchange, *claim, *at))
        })
        .await
    }

    async fn refuse_coded(&self, refused: RefusedAfterAll) -> Result<(), JournalError> {
        self.write_and_notify(refused, |sql, refused| Box::pin(awaited::refuse(sql, refused))).await
    }
}
