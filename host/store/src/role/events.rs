//! What is told to whoever listens.

use async_trait::async_trait;

use super::Changes;
use crate::engine::Engine;
use crate::error::JournalError;
use crate::event::{Cursor, Event, NewEvent};
use crate::id::ExchangeId;
use crate::statements::event;

/// Keeps events, and how far their consumers have come.
#[async_trait]
pub trait Events: Changes {
    /// Keeps events that belong to no exchange.
    async fn tell(&self, events: Vec<NewEvent>) -> Result<(), JournalError>;

    /// Events after a place, or from the first one: those that one partner may see, or all. Where several write at the same
    /// time, an event shows only when every transaction that began before it has ended, so that none is skipped.
    async fn events(
        &self,
        after: Option<Cursor>,
        partner: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Event>, JournalError>;

    /// The events of an exchange's documents, in their order, without the documents' bodies.
    async fn events_of_documents(&self, exchange: ExchangeId) -> Result<Vec<Event>, JournalError>;

    /// The place after which everything that is still to come will appear: of those that one partner may see, or of all.
    /// A partner's is the place of its own last event, so that it does not move with what others are told.
    async fn end_of_events(&self, partner: Option<&str>) -> Result<Cursor, JournalError>;

    /// How far a consumer of the events has come.
    async fn position(&self, consumer: &str) -> Result<Option<Cursor>, JournalError>;

    /// Keeps how far a consumer has come. It never goes back.
    async fn advance(&self, consumer: &str, cursor: Cursor) -> Result<(), JournalError>;
}

#[async_trait]
impl<E: Engine> Events for E {
    async fn tell(&self, events: Vec<NewEvent>) -> Result<(), JournalError> {
        self.write_and_notify(events, |sql, events| Box::pin(event::insert_events(sql, events))).await
    }

    async fn events(
        &self,
        after: Option<Cursor>,
        partner: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Event>, JournalError> {
        self.read((after, partner.map(str::to_owned), limit), |sql, (after, partner, limit)| {
            Box::pin(event::events(sql, *after, partner.as_deref(), *limit))
        })
        .await
    }

    async fn events_of_documents(&self, exchange: ExchangeId) -> Result<Vec<Event>, JournalError> {
        self.read(exchange, |sql, exchange| Box::pin(event::of_documents(sql, *exchange))).await
    }

    async fn end_of_events(&self, partner: Option<&str>) -> Result<Cursor, JournalError> {
        let partner = partner.map(str::to_owned);
        self.read(partner, |sql, partner| Box::pin(event::end_of_events(sql, partner.as_deref()))).await
    }

    async fn position(&self, consumer: &str) -> Result<Option<Cursor>, JournalError> {
        self.read(consumer.to_owned(), |sql, consumer| Box::pin(event::position(sql, consumer))).await
    }

    async fn advance(&self, consumer: &str, cursor: Cursor) -> Result<(), JournalError> {
        self.write((consumer.to_owned(), cursor), |sql, (consumer, cursor)| {
            Box::pin(event::advance(sql, consumer, *cursor))
        })
        .await
    }
}
