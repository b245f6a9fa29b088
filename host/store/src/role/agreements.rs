//! What agreements with partners need to be remembered.

use async_trait::async_trait;
use jiff::Timestamp;
use portgate_core::agreement::LastNumbers;
use portgate_core::document::Reference;

use crate::agreement::{NamedBy, SentAbout, SentUnder};
use crate::delivery::Overdue;
use crate::engine::Engine;
use crate::error::JournalError;
use crate::id::ExchangeId;
use crate::statements::{acknowledgement, numbers};

/// Counts what goes out and comes in under agreements, and finds what is acknowledged.
#[async_trait]
pub trait Agreements: Send + Sync {
    /// The control numbers that an agreement used last.
    async fn last_numbers(&self, partner: &str, agreement: &str) -> Result<LastNumbers, JournalError>;

    /// The control number of the interchange that came last under an agreement.
    async fn last_received(&self, partner: &str, agreement: &str) -> Result<Option<u64>, JournalError>;

    /// What was sent to a partner under one of these numbers, the newest first; at most 1,000 for each.
    async fn sent_under(&self, partner: &str, named: Vec<NamedBy>) -> Result<Vec<SentUnder>, JournalError>;

    /// What was sent to a partner under control numbers of documents that carry one of these references: such as carry most
    /// of them.
    async fn sent_about(&self, partner: &str, references: Vec<Reference>) -> Result<SentAbout, JournalError>;

    /// Sends the acknowledgement of an exchange once more, the same bytes as a delivery of their own, unless one of them is
    /// still under way. False, where none is kept.
    async fn acknowledge_again(&self, exchange: ExchangeId, now: Timestamp) -> Result<bool, JournalError>;

    /// Deliveries that were to be acknowledged before this time and were not, the oldest first.
    async fn unacknowledged(&self, now: Timestamp, limit: u32) -> Result<Vec<SentUnder>, JournalError>;

    /// Keeps that these are overdue, but for those that were acknowledged meanwhile. Gives back how many are.
    async fn keep_overdue(&self, overdue: Vec<Overdue>, now: Timestamp) -> Result<u64, JournalError>;
}

#[async_trait]
impl<E: Engine> Agreements for E {
    async fn last_numbers(&self, partner: &str, agreement: &str) -> Result<LastNumbers, JournalError> {
        let asked = (partner.to_owned(), agreement.to_owned());
        self.read(asked, |sql, (partner, agreement)| Box::pin(numbers::last(sql, partner, agreement))).await
    }

    async fn last_received(&self, partner: &str, agreement: &str) -> Result<Option<u64>, JournalError> {
        let asked = (partner.to_owned(), agreement.to_owned());
        self.read(asked, |sql, (partner, agreement)| Box::pin(numbers::last_received(sql, partner, agreement))).await
    }

    async fn sent_under(&self, partner: &str, named: Vec<NamedBy>) -> Result<Vec<SentUnder>, JournalError> {
        self.read((partner.to_owned(), named), |sql, (partner, named)| {
            Box::pin(acknowledgement::sent_under(sql, partner, named))
        })
        .await
    }

    async fn sent_about(&self, partner: &str, references: Vec<Reference>) -> Result<SentAbout, JournalError> {
        self.read((partner.to_owned(), references), |sql, (partner, references)| {
            Box::pin(acknowledgement::sent_about(sql, partner, references))
        })
        .await
    }

    async fn acknowledge_again(&self, exchange: ExchangeId, now: Timestamp) -> Result<bool, JournalError> {
        self.write_and_notify((exchange, now), |sql, (exchange, now)| {
            Box::pin(acknowledgement::send_again(sql, *exchange, *now))
        })
        .await
    }

    async fn unacknowledged(&self, now: Timestamp, limit: u32) -> Result<Vec<SentUnder>, JournalError> {
        self.read((now, limit), |sql, (now, limit)| Box::pin(acknowledgement::unacknowledged(sql, *now, *limit))).await
    }

    async fn keep_overdue(&self, overdue: Vec<Overdue>, now: Timestamp) -> Result<u64, JournalError> {
        self.write_and_notify((overdue, now), |sql, (overdue, now)| {
            Box::pin(acknowledgement::keep_overdue(sql, overdue, *now))
        })
        .await
    }
}
