//! Shipments: which documents are of which, and what was put together of them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use portgate_core::shipment::ShipmentRules;
use uuid::Uuid;

use super::Changes;
use crate::engine::Engine;
use crate::error::JournalError;
use crate::event::Cursor;
use crate::id::{ClaimId, ShipmentId};
use crate::shipment::{
    ClaimedShipment, FoldEnd, FoldedShipment, JoinStep, Joined, KeptShipment, LeftOutDocument, LookedAgain,
    ShipmentAct, ShipmentActed, ShipmentDocuments, ShipmentEvent, ShipmentViewer, Unattached,
};
use crate::statements::shipments::{self, join, left_out, place, reader};

/// Joins documents to shipments, and gives shipments out to be put together.
#[async_trait]
pub trait Shipments: Changes {
    /// Joins the next documents that were told of, in one transaction with the place up to which that was done. Whoever joins
    /// keeps others from it meanwhile. Which documents are of which shipment does not depend on the order in which they came.
    async fn join(&self, step: JoinStep) -> Result<Joined, JournalError>;

    /// Claims shipments that are to be put together, those first that have waited longest.
    async fn claim_shipments(
        &self,
        worker: &str,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<ClaimedShipment>, JournalError>;

    /// Gives one back, to be put together not before a time.
    async fn give_back_shipment(&self, id: ShipmentId, claim: ClaimId, at: Timestamp) -> Result<(), JournalError>;

    /// Gives one back that cannot be put together, and keeps why for people to read. It is tried again when something new comes
    /// to it, and else at a time that is given back: later each time.
    async fn give_up_shipment(
        &self,
        id: ShipmentId,
        claim: ClaimId,
        problem: String,
        now: Timestamp,
    ) -> Result<Timestamp, JournalError>;

    /// All that its context is put together from.
    async fn shipment_documents(&self, id: ShipmentId) -> Result<ShipmentDocuments, JournalError> {
        Ok(self.shipments_documents(vec![id]).await?.remove(&id).unwrap_or_default())
    }

    /// The same of several, of each.
    async fn shipments_documents(
        &self,
        ids: Vec<ShipmentId>,
    ) -> Result<HashMap<ShipmentId, ShipmentDocuments>, JournalError>;

    /// What is left out of each of these shipments because too much is tied to it; those that nothing is left out of are not there.
    async fn left_out(&self, ids: Vec<ShipmentId>) -> Result<HashMap<ShipmentId, Vec<LeftOutDocument>>, JournalError>;

    /// Joins documents again that were tied to too much, so many of those behind this one.
    async fn join_left_out(
        &self,
        rules: Arc<ShipmentRules>,
        after: i64,
        limit: u32,
        now: Timestamp,
    ) -> Result<LookedAgain, JournalError>;

    /// Keeps a context, with what the gateway makes because of it, in one transaction. Refused with
    /// [`JournalError::LeaseLost`] when the claim was lost.
    async fn fold_shipment(&self, folded: FoldedShipment) -> Result<FoldEnd, JournalError>;

    /// Keeps several in one transaction, as far as nothing is in the way: what makes something, whose claim was lost or on whose
    /// shipment somebody else works just now is left out, to be kept alone. Gives back which are kept.
    async fn fold_together(&self, folded: Arc<Vec<FoldedShipment>>) -> Result<BTreeSet<ShipmentId>, JournalError>;

    /// The shipment that is, or was, called so.
    async fn shipment(&self, id: Uuid) -> Result<Option<KeptShipment>, JournalError>;

    /// The shipments of which some document carries a name, of one scheme or of any; those first that changed last.
    async fn shipments_named(
        &self,
        is_test: bool,
        scheme: Option<String>,
        value: String,
        limit: u32,
    ) -> Result<Vec<KeptShipment>, JournalError>;

    /// The shipment that is, or was, called so, as far as a viewer may see it: of another it is not told that there is one.
    async fn shipment_seen(&self, viewer: &ShipmentViewer, id: Uuid) -> Result<Option<KeptShipment>, JournalError>;

    /// The shipments that a viewer may see of which some document carries a name that it may look up by; those first that
    /// changed last, and without their contexts where there are several.
    async fn shipments_seen(
        &self,
        viewer: &ShipmentViewer,
        value: String,
        limit: u32,
    ) -> Result<Vec<KeptShipment>, JournalError>;

    /// What is told of a shipment after a place: each version of its documents as it comes to it, also such as had come
    /// before, and each revision. Nothing ever appears before a place that a reader has seen.
    async fn shipment_events(
        &self,
        id: ShipmentId,
        after: Cursor,
        limit: u32,
    ) -> Result<Vec<ShipmentEvent>, JournalError>;

    /// The place behind all that was told of a shipment so far.
    async fn end_of_shipment_events(&self, id: ShipmentId) -> Result<Cursor, JournalError>;

    /// Has documents belong to another shipment than their names say, or takes that back; keeps who did it and why, with an
    /// entry of the audit log, in one transaction with what it makes of shipments. They stay there whatever comes later, but
    /// for what later versions name beside.
    async fn place(&self, act: ShipmentAct) -> Result<ShipmentActed, JournalError>;

    /// Documents that no shipment has, but for these kinds; the latest first.
    async fn unattached(&self, but: Vec<String>, limit: u32) -> Result<Vec<Unattached>, JournalError>;

    /// Closes shipments of which nothing was heard since a time. Gives back how many.
    async fn close_quiet(&self, before: Timestamp, now: Timestamp, limit: u32) -> Result<u64, JournalError>;
}

#[async_trait]
impl<E: Engine> Shipments for E {
    async fn join(&self, step: JoinStep) -> Result<Joined, JournalError> {
        // Mostly nothing is there to join, which costs no transaction.
        if !self.read((), |sql, ()| Box::pin(join::any_news(sql))).await? {
            return Ok(Joined::default());
        }
        self.write_and_notify(step, |sql, step| Box::pin(join::step(sql, step))).await
    }

    async fn claim_shipments(
        &self,
        worker: &str,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<ClaimedShipment>, JournalError> {
        if !self.read(now, |sql, now| Box::pin(shipments::any_claimable(sql, *now))).await? {
            return Ok(Vec::new());
        }
        self.write((worker.to_owned(), now, lease, limit), |sql, (worker, now, lease, limit)| {
            Box::pin(shipments::claim(sql, worker, *now, *lease, *limit))
        })
        .await
    }

    async fn give_back_shipment(&self, id: ShipmentId, claim: ClaimId, at: Timestamp) -> Result<(), JournalError> {
        self.write((id, claim, at), |sql, (id, claim, at)| Box::pin(shipments::give_back(sql, *id, *claim, *at))).await
    }

    async fn give_up_shipment(
        &self,
        id: ShipmentId,
        claim: ClaimId,
        problem: String,
        now: Timestamp,
    ) -> Result<Timestamp, JournalError> {
        self.write((id, claim, problem, now), |sql, (id, claim, problem, now)| {
            Box::pin(shipments::give_up(sql, *id, *claim, problem, *now))
        })
        .await
    }

    async fn shipments_documents(
        &self,
        ids: Vec<ShipmentId>,
    ) -> Result<HashMap<ShipmentId, ShipmentDocuments>, JournalError> {
        self.read(ids, |sql, ids| Box::pin(shipments::documents(sql, ids))).await
    }

    async fn left_out(&self, ids: Vec<ShipmentId>) -> Result<HashMap<ShipmentId, Vec<LeftOutDocument>>, JournalError> {
        self.read(ids, |sql, ids| Box::pin(left_out::of(sql, ids))).await
    }

    async fn join_left_out(
        &self,
        rules: Arc<ShipmentRules>,
        after: i64,
        limit: u32,
        now: Timestamp,
    ) -> Result<LookedAgain, JournalError> {
        if !self.read((), |sql, ()| Box::pin(left_out::any(sql))).await? {
            return Ok(LookedAgain { shipments: 0, last: None });
        }
        self.write_and_notify((rules, after, limit, now), |sql, (rules, after, limit, now)| {
            Box::pin(join::again(sql, rules, *after, *limit, *now))
        })
        .await
    }

    async fn fold_shipment(&self, folded: FoldedShipment) -> Result<FoldEnd, JournalError> {
        self.write_and_notify(folded, |sql, folded| Box::pin(shipments::fold(sql, folded))).await
    }

    async fn fold_together(&self, folded: Arc<Vec<FoldedShipment>>) -> Result<BTreeSet<ShipmentId>, JournalError> {
        self.write_and_notify(folded, |sql, folded| Box::pin(shipments::fold_together(sql, folded))).await
    }

    async fn shipment(&self, id: Uuid) -> Result<Option<KeptShipment>, JournalError> {
        self.read(id, |sql, id| Box::pin(shipments::shipment(sql, *id))).await
    }

    async fn shipments_named(
        &self,
        is_test: bool,
        scheme: Option<String>,
        value: String,
        limit: u32,
    ) -> Result<Vec<KeptShipment>, JournalError> {
        self.read((is_test, scheme, value, limit), |sql, (is_test, scheme, value, limit)| {
            Box::pin(shipments::named(sql, *is_test, scheme.as_deref(), value, *limit))
        })
        .await
    }

    async fn shipment_seen(&self, viewer: &ShipmentViewer, id: Uuid) -> Result<Option<KeptShipment>, JournalError> {
        self.read((viewer.clone(), id), |sql, (viewer, id)| Box::pin(reader::shipment(sql, viewer, *id))).await
    }

    async fn shipments_seen(
        &self,
        viewer: &ShipmentViewer,
        value: String,
        limit: u32,
    ) -> Result<Vec<KeptShipment>, JournalError> {
        self.read((viewer.clone(), value, limit), |sql, (viewer, value, limit)| {
            Box::pin(reader::named(sql, viewer, value, *limit))
        })
        .await
    }

    async fn shipment_events(
        &self,
        id: ShipmentId,
        after: Cursor,
        limit: u32,
    ) -> Result<Vec<ShipmentEvent>, JournalError> {
        self.read((id, after, limit), |sql, (id, after, limit)| Box::pin(reader::events(sql, *id, *after, *limit)))
            .await
    }

    async fn end_of_shipment_events(&self, id: ShipmentId) -> Result<Cursor, JournalError> {
        self.read(id, |sql, id| Box::pin(reader::end(sql, *id))).await
    }

    async fn place(&self, act: ShipmentAct) -> Result<ShipmentActed, JournalError> {
        self.write_and_notify(act, |sql, act| Box::pin(place::place(sql, act))).await
    }

    async fn unattached(&self, but: Vec<String>, limit: u32) -> Result<Vec<Unattached>, JournalError> {
        self.read((but, limit), |sql, (but, limit)| Box::pin(shipments::unattached(sql, but, *limit))).await
    }

    async fn close_quiet(&self, before: Timestamp, now: Timestamp, limit: u32) -> Result<u64, JournalError> {
        self.write((before, now, limit), |sql, (before, now, limit)| {
            Box::pin(shipments::close_quiet(sql, *before, *now, *limit))
        })
        .await
    }
}
