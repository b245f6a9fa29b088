//! Exceptions: what waits for people, and what they do with it.

use std::collections::HashMap;

use async_trait::async_trait;
use jiff::Timestamp;
use portgate_core::reconciliation::KnownState;

use crate::engine::Engine;
use crate::error::JournalError;
use crate::exception::{
    ActOnException, AskedStates, ExceptionCount, ExceptionEnd, ExceptionFilter, ExceptionRecord, KeptException,
    KeptExpectation, LeftOutCount, People, PeopleChanges, StatesPlace, WaitingThing,
};
use crate::exchange::Page;
use crate::id::{ClaimId, ExceptionId, ShipmentId};
use crate::statements::exceptions::{self, act, expectation, facts, kept, states, unattached};
use crate::statements::shipments;

/// Keeps what waits for people, and what they do with it.
#[async_trait]
pub trait Exceptions: Send + Sync {
    /// What people have to do with a shipment; of what was delivered only what went to these partners.
    async fn people(&self, shipment: ShipmentId, partners: Vec<String>) -> Result<People, JournalError> {
        Ok(self.people_of(vec![shipment], partners).await?.remove(&shipment).unwrap_or_default())
    }

    /// What people have to do with each of these shipments, in as few statements for many as for one.
    async fn people_of(
        &self,
        shipments: Vec<ShipmentId>,
        partners: Vec<String>,
    ) -> Result<HashMap<ShipmentId, People>, JournalError>;

    /// Keeps what changes for people where a shipment cannot be put together. Refused with [`JournalError::LeaseLost`] when the
    /// claim was lost.
    async fn keep_people(
        &self,
        shipment: ShipmentId,
        claim: ClaimId,
        changes: PeopleChanges,
        now: Timestamp,
    ) -> Result<(), JournalError>;

    /// Exceptions that fit, the oldest first, from behind this one on.
    async fn exceptions(
        &self,
        filter: ExceptionFilter,
        after: Option<ExceptionId>,
        limit: u32,
    ) -> Result<Page<KeptException>, JournalError>;

    /// One exception with all that was done with it.
    async fn exception(&self, id: ExceptionId) -> Result<Option<ExceptionRecord>, JournalError>;

    /// Does what an operator wants with an exception, or keeps that it waits for a second one, in one transaction with the
    /// entry of the audit log. Its shipment is put together anew.
    async fn act_on_exception(&self, act: ActOnException) -> Result<ExceptionEnd, JournalError>;

    /// How many exceptions each team has.
    async fn exception_counts(&self, now: Timestamp) -> Result<Vec<ExceptionCount>, JournalError>;

    /// Gives exceptions whose deadline has passed to whoever has them then, and tells of it, each once. Gives back how many.
    async fn escalate(&self, now: Timestamp, limit: u32) -> Result<u64, JournalError>;

    /// Notices expectations that were not met in time, each once: their shipments are put together anew. Gives back how many.
    async fn expectations_fall_due(&self, now: Timestamp, limit: u32) -> Result<u64, JournalError>;

    /// The expectations of a shipment, those first that fall due first.
    async fn expectations(&self, shipment: ShipmentId) -> Result<Vec<KeptExpectation>, JournalError>;

    /// Documents that came last within this time and have waited for a shipment since, but for these kinds, and that nobody is
    /// wanted for yet: those first that have waited longest.
    async fn waiting_things(
        &self,
        since: Timestamp,
        before: Timestamp,
        but: Vec<String>,
        limit: u32,
    ) -> Result<Vec<WaitingThing>, JournalError>;

    /// Documents that are tied to more than a shipment can be made of, of no shipment and left out of none, and that nobody is wanted for
    /// yet.
    async fn overfull_things(&self, limit: u32) -> Result<Vec<WaitingThing>, JournalError>;

    /// How many documents of each sender no shipment has room for, whether or not anybody was called for them.
    async fn left_out_counts(&self) -> Result<Vec<LeftOutCount>, JournalError>;

    /// Open exceptions of documents that wait no longer, with their versions and causes.
    async fn waited(&self, limit: u32) -> Result<Vec<(ExceptionId, u64, String)>, JournalError>;

    /// The next of what is known of a partner: documents that it sent or was sent, what customs says of declarations that it was sent,
    /// and where their filings stand; with the place behind them, where there may be more. Of what it was told several versions can come,
    /// in the order of their deliveries.
    async fn known_states(&self, asked: AskedStates) -> Result<(Vec<KnownState>, Option<StatesPlace>), JournalError>;

    /// Keeps changes of exceptions that are of no shipment.
    async fn keep_waiting(&self, changes: PeopleChanges, now: Timestamp) -> Result<(), JournalError>;
}

#[async_trait]
impl<E: Engine> Exceptions for E {
    async fn people_of(
        &self,
        shipments: Vec<ShipmentId>,
        partners: Vec<String>,
    ) -> Result<HashMap<ShipmentId, People>, JournalError> {
        self.read((shipments, partners), |sql, (shipments, partners)| {
            Box::pin(exceptions::people(sql, shipments, partners))
        })
        .await
    }

    async fn keep_people(
        &self,
        shipment: ShipmentId,
        claim: ClaimId,
        changes: PeopleChanges,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        self.write_and_notify((shipment, claim, changes, now), |sql, (shipment, claim, changes, now)| {
            Box::pin(async move {
                shipments::holds(sql, *shipment, *claim).await?;
                exceptions::keep_alone(sql, Some(*shipment), None, changes, *now).await
            })
        })
        .await
    }

    async fn exceptions(
        &self,
        filter: ExceptionFilter,
        after: Option<ExceptionId>,
        limit: u32,
    ) -> Result<Page<KeptException>, JournalError> {
        self.read((filter, after, limit), |sql, (filter, after, limit)| {
            Box::pin(kept::list(sql, filter, *after, *limit))
        })
        .await
    }

    async fn exception(&self, id: ExceptionId) -> Result<Option<ExceptionRecord>, JournalError> {
        self.read(id, |sql, id| Box::pin(exceptions::record(sql, *id))).await
    }

    async fn act_on_exception(&self, asked: ActOnException) -> Result<ExceptionEnd, JournalError> {
        self.write_and_notify(asked, |sql, asked| Box::pin(act::act(sql, asked))).await
    }

    async fn exception_counts(&self, now: Timestamp) -> Result<Vec<ExceptionCount>, JournalError> {
        self.read(now, |sql, now| Box::pin(kept::counts(sql, *now))).await
    }

    async fn escalate(&self, now: Timestamp, limit: u32) -> Result<u64, JournalError> {
        // Mostly nothing is past its deadline, which costs no transaction.
        if !self.read(now, |sql, now| Box::pin(facts::any_past_deadline(sql, *now))).await? {
            return Ok(0);
        }
        self.write_and_notify((now, limit), |sql, (now, limit)| Box::pin(facts::escalate(sql, *now, *limit))).await
    }

    async fn expectations_fall_due(&self, now: Timestamp, limit: u32) -> Result<u64, JournalError> {
        if !self.read(now, |sql, now| Box::pin(expectation::any_due(sql, *now))).await? {
            return Ok(0);
        }
        self.write_and_notify((now, limit), |sql, (now, limit)| Box::pin(expectation::fall_due(sql, *now, *limit)))
            .await
    }

    async fn expectations(&self, shipment: ShipmentId) -> Result<Vec<KeptExpectation>, JournalError> {
        self.read(shipment, |sql, shipment| Box::pin(expectation::of(sql, *shipment))).await
    }

    async fn waiting_things(
        &self,
        since: Timestamp,
        before: Timestamp,
        but: Vec<String>,
        limit: u32,
    ) -> Result<Vec<WaitingThing>, JournalError> {
        self.read((since, before, but, limit), |sql, (since, before, but, limit)| {
            Box::pin(unattached::waiting(sql, *since, *before, but, *limit))
        })
        .await
    }

    async fn overfull_things(&self, limit: u32) -> Result<Vec<WaitingThing>, JournalError> {
        self.read(limit, |sql, limit| Box::pin(unattached::overfull(sql, *limit))).await
    }

    async fn left_out_counts(&self) -> Result<Vec<LeftOutCount>, JournalError> {
        self.read((), |sql, ()| Box::pin(unattached::left_out_counts(sql))).await
    }

    async fn waited(&self, limit: u32) -> Result<Vec<(ExceptionId, u64, String)>, JournalError> {
        self.read(limit, |sql, limit| Box::pin(unattached::ended(sql, *limit))).await
    }

    async fn known_states(&self, asked: AskedStates) -> Result<(Vec<KnownState>, Option<StatesPlace>), JournalError> {
        self.read(asked, |sql, asked| Box::pin(states::known(sql, asked))).await
    }

    async fn keep_waiting(&self, changes: PeopleChanges, now: Timestamp) -> Result<(), JournalError> {
        self.write_and_notify((changes, now), |sql, (changes, now)| {
            Box::pin(exceptions::keep_alone(sql, None, None, changes, *now))
        })
        .await
    }
}
