//! Reading back what is kept.

use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

use crate::act::Filter;
use crate::engine::Engine;
use crate::error::JournalError;
use crate::exchange::{
    Delivery, DeliveryRecord, DeliveryTrouble, ExchangeFilter, ExchangeRecord, ListedExchange, Page, Raw, Waiting,
};
use crate::id::{DeliveryId, ExchangeId};
use crate::name::Wanted;
use crate::statements::{exchange, list, names, trouble};

/// Shows exchanges and deliveries to whoever may see them.
#[async_trait]
pub trait Records: Send + Sync {
    /// One exchange with all that came of it.
    async fn exchange(&self, id: ExchangeId) -> Result<Option<ExchangeRecord>, JournalError>;

    /// Exchanges, the newest first: those that came before this one.
    async fn exchanges(
        &self,
        filter: &ExchangeFilter,
        after: Option<ExchangeId>,
        limit: u32,
    ) -> Result<Page<ListedExchange>, JournalError>;

    /// The exchanges that are found by what is wanted, the newest first: those that came before this one, at most
    /// `limit`.
    async fn find(
        &self,
        wanted: &Wanted,
        before: Option<ExchangeId>,
        limit: u32,
    ) -> Result<Vec<ExchangeId>, JournalError>;

    /// The exchange that a delivery came of.
    async fn exchange_of(&self, delivery: DeliveryId) -> Result<Option<ExchangeId>, JournalError>;

    /// The payload of an exchange.
    async fn raw(&self, id: ExchangeId) -> Result<Option<Raw>, JournalError>;

    /// Deliveries, the newest first: those that came before this one. Each has the last of its attempts.
    async fn deliveries(
        &self,
        filter: &Filter,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Page<Delivery>, JournalError>;

    /// One delivery with what was sent, and what was said in each attempt.
    async fn delivery(&self, id: DeliveryId) -> Result<Option<DeliveryRecord>, JournalError>;

    /// How much is not delivered, by destination. A destination where everything is delivered is left out.
    async fn statistics(&self) -> Result<Vec<Waiting>, JournalError>;

    /// Deliveries that somebody should look at, by destination; stalled are those that were due before this time.
    async fn delivery_troubles(&self, due_before: Timestamp) -> Result<Vec<DeliveryTrouble>, JournalError>;

    /// The identifiers among these that no delivery has.
    async fn unknown_deliveries(&self, ids: &[DeliveryId]) -> Result<Vec<DeliveryId>, JournalError>;

    /// The identifiers among these that no exchange has.
    async fn unknown_exchanges(&self, ids: &[ExchangeId]) -> Result<Vec<ExchangeId>, JournalError>;
}

#[async_trait]
impl<E: Engine> Records for E {
    async fn exchange(&self, id: ExchangeId) -> Result<Option<ExchangeRecord>, JournalError> {
        self.read(id, |sql, id| Box::pin(exchange::exchange(sql, *id))).await
    }

    async fn exchanges(
        &self,
        filter: &ExchangeFilter,
        after: Option<ExchangeId>,
        limit: u32,
    ) -> Result<Page<ListedExchange>, JournalError> {
        self.read((filter.clone(), after, limit), |sql, (filter, after, limit)| {
            Box::pin(exchange::exchanges(sql, filter, *after, *limit))
        })
        .await
    }

    async fn find(
        &self,
        wanted: &Wanted,
        before: Option<ExchangeId>,
        limit: u32,
    ) -> Result<Vec<ExchangeId>, JournalError> {
        self.read((wanted.clone(), before, limit), |sql, (wanted, before, limit)| {
            Box::pin(names::find(sql, wanted, *before, *limit))
        })
        .await
    }

    async fn exchange_of(&self, delivery: DeliveryId) -> Result<Option<ExchangeId>, JournalError> {
        self.read(delivery, |sql, delivery| Box::pin(list::exchange_of(sql, *delivery))).await
    }

    async fn raw(&self, id: ExchangeId) -> Result<Option<Raw>, JournalError> {
        self.read(id, |sql, id| Box::pin(exchange::raw(sql, *id))).await
    }

    async fn deliveries(
        &self,
        filter: &Filter,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Page<Delivery>, JournalError> {
        self.read((filter.clone(), after, limit), |sql, (filter, after, limit)| {
            Box::pin(list::deliveries(sql, filter, *after, *limit))
        })
        .await
    }

    async fn delivery(&self, id: DeliveryId) -> Result<Option<DeliveryRecord>, JournalError> {
        self.read(id, |sql, id| Box::pin(list::delivery(sql, *id))).await
    }

    async fn statistics(&self) -> Result<Vec<Waiting>, JournalError> {
        self.read((), |sql, ()| Box::pin(list::statistics(sql))).await
    }

    async fn delivery_troubles(&self, due_before: Timestamp) -> Result<Vec<DeliveryTrouble>, JournalError> {
        self.read(due_before, |sql, due_before| Box::pin(trouble::of_deliveries(sql, *due_before))).await
    }

    async fn unknown_deliveries(&self, ids: &[DeliveryId]) -> Result<Vec<DeliveryId>, JournalError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let unknown = self.read(ids, |sql, ids| Box::pin(trouble::unknown(sql, "deliveries", ids))).await?;
        Ok(unknown.into_iter().map(DeliveryId).collect())
    }

    async fn unknown_exchanges(&self, ids: &[ExchangeId]) -> Result<Vec<ExchangeId>, JournalError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let unknown = self.read(ids, |sql, ids| Box::pin(trouble::unknown(sql, "exchanges", ids))).await?;
        Ok(unknown.into_iter().map(ExchangeId).collect())
    }
}
