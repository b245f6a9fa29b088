//! Something between the gateway and its journal: it sees what is to be accepted, and can leave it out.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use portgate_core::admission::Admitted;
use portgate_core::audit::{AuditKey, Entry, Kind, Sealed, SignedHead};
use portgate_core::delivery::Request;
use portgate_store::{
    Acceptance, Accepted, AcceptedState, Act, ActKind, Answer, Approved, AuditCount, AuditFilter, AuditOrder, Claim,
    ClaimRequest, ClaimedDelivery, Count, Cursor, Delivery, DeliveryId, Event, Exchange, ExchangeAct, ExchangeFilter,
    ExchangeId, ExchangeRecord, Filter, Health, Journal, JournalError, KeptAnswer, KeptUse, NewEvent, Operator,
    ParkedContract, ParkedCount, ParkedExchange, ParkedRequest, ParkedSettlement, PendingChange, Raw, RequestKey,
    Settlement, SharedRates, TakenKey, Unsealed, Waiting,
};
use tokio::sync::watch;

/// A journal behind a tap.
pub(crate) struct Tap {
    pub(crate) journal: Arc<dyn Journal>,
    /// Whether anything is kept. Where it is not, all else is as it would be.
    pub(crate) keeps: bool,
    /// The first that was to be accepted.
    pub(crate) first: OnceLock<Acceptance>,
}

impl Tap {
    pub(crate) fn new(journal: Arc<dyn Journal>, keeps: bool) -> Arc<Tap> {
        Arc::new(Tap { journal, keeps, first: OnceLock::new() })
    }
}

#[async_trait]
impl Journal for Tap {
    async fn accept(&self, acceptance: Acceptance) -> Result<Accepted, JournalError> {
        if self.first.get().is_none() {
            let _ = self.first.set(acceptance.clone());
        }
        match self.keeps {
            true => self.journal.accept(acceptance).await,
            false => Ok(Accepted::Committed),
        }
    }

    async fn park(&self, acceptance: Acceptance) -> Result<Accepted, JournalError> {
        self.journal.park(acceptance).await
    }

    async fn parked(&self, now: Timestamp) -> Result<Vec<ParkedContract>, JournalError> {
        self.journal.parked(now).await
    }

    async fn claim_parked(&self, request: ParkedRequest) -> Result<Vec<ParkedExchange>, JournalError> {
        self.journal.claim_parked(request).await
    }

    async fn settle_parked(&self, settlement: ParkedSettlement) -> Result<Accepted, JournalError> {
        self.journal.settle_parked(settlement).await
    }

    async fn parked_counts(&self) -> Result<Vec<ParkedCount>, JournalError> {
        self.journal.parked_counts().await
    }

    async fn kept_answer(
        &self,
        partner: &str,
        keys: &[RequestKey],
        fingerprint: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<KeptAnswer>, JournalError> {
        self.journal.kept_answer(partner, keys, fingerprint, now).await
    }

    async fn take_key(&self, taken: TakenKey) -> Result<Option<KeptAnswer>, JournalError> {
        self.journal.take_key(taken).await
    }

    async fn keep_answer(&self, partner: &str, key: &RequestKey, answer: Answer) -> Result<(), JournalError> {
        self.journal.keep_answer(partner, key, answer).await
    }

    async fn give_key_back(&self, partner: &str, key: &RequestKey) -> Result<(), JournalError> {
        self.journal.give_key_back(partner, key).await
    }

    async fn destinations_due(&self, now: Timestamp) -> Result<Vec<String>, JournalError> {
        self.journal.destinations_due(now).await
    }

    async fn claim(&self, request: ClaimRequest) -> Result<Vec<ClaimedDelivery>, JournalError> {
        self.journal.claim(request).await
    }

    async fn renew(&self, claims: &[Claim], until: Timestamp) -> Result<Vec<Claim>, JournalError> {
        self.journal.renew(claims, until).await
    }

    async fn release(&self, claims: &[Claim]) -> Result<(), JournalError> {
        self.journal.release(claims).await
    }

    async fn render(&self, claim: Claim, request: Request) -> Result<(), JournalError> {
        self.journal.render(claim, request).await
    }

    async fn settle(&self, settlement: Settlement) -> Result<(), JournalError> {
        self.journal.settle(settlement).await
    }

    async fn deliveries(
        &self,
        filter: &Filter,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, JournalError> {
        self.journal.deliveries(filter, after, limit).await
    }

    async fn preview(&self, filter: &Filter) -> Result<Vec<Count>, JournalError> {
        self.journal.preview(filter).await
    }

    async fn act(
        &self,
        kind: ActKind,
        filter: &Filter,
        operator: &Operator,
        now: Timestamp,
    ) -> Result<u64, JournalError> {
        self.journal.act(kind, filter, operator, now).await
    }

    async fn act_on_exchanges(
        &self,
        act: ExchangeAct,
        filter: &ExchangeFilter,
        operator: &Operator,
        now: Timestamp,
    ) -> Result<u64, JournalError> {
        self.journal.act_on_exchanges(act, filter, operator, now).await
    }

    async fn keep_act(&self, act: Act) -> Result<(), JournalError> {
        self.journal.keep_act(act).await
    }

    async fn acts(&self, limit: u32) -> Result<Vec<Act>, JournalError> {
        self.journal.acts(limit).await
    }

    async fn admissions(&self) -> Result<BTreeMap<String, Admitted>, JournalError> {
        self.journal.admissions().await
    }

    async fn admit(&self, admitted: &BTreeMap<String, Admitted>) -> Result<(), JournalError> {
        self.journal.admit(admitted).await
    }

    async fn accepted_state(&self) -> Result<Option<AcceptedState>, JournalError> {
        self.journal.accepted_state().await
    }

    async fn accept_state(
        &self,
        state: AcceptedState,
        before: Option<[u8; 32]>,
        entries: Vec<Entry>,
    ) -> Result<bool, JournalError> {
        self.journal.accept_state(state, before, entries).await
    }

    async fn pending_changes(&self) -> Result<Vec<PendingChange>, JournalError> {
        self.journal.pending_changes().await
    }

    async fn keep_pending(
        &self,
        digest: [u8; 32],
        against: [u8; 32],
        changes: String,
        now: Timestamp,
        entries: Vec<Entry>,
    ) -> Result<bool, JournalError> {
        self.journal.keep_pending(digest, against, changes, now, entries).await
    }

    async fn approve_change(&self, digest: [u8; 32], by: &Operator, now: Timestamp) -> Result<Approved, JournalError> {
        self.journal.approve_change(digest, by, now).await
    }

    async fn withdraw_change(&self, digest: [u8; 32], entries: Vec<Entry>) -> Result<bool, JournalError> {
        self.journal.withdraw_change(digest, entries).await
    }

    async fn exchange(&self, id: ExchangeId) -> Result<Option<ExchangeRecord>, JournalError> {
        self.journal.exchange(id).await
    }

    async fn exchanges(
        &self,
        filter: &ExchangeFilter,
        after: Option<ExchangeId>,
        limit: u32,
    ) -> Result<Vec<Exchange>, JournalError> {
        self.journal.exchanges(filter, after, limit).await
    }

    async fn raw(&self, id: ExchangeId) -> Result<Option<Raw>, JournalError> {
        self.journal.raw(id).await
    }

    async fn statistics(&self) -> Result<Vec<Waiting>, JournalError> {
        self.journal.statistics().await
    }

    async fn tell(&self, events: Vec<NewEvent>) -> Result<(), JournalError> {
        self.journal.tell(events).await
    }

    async fn events(
        &self,
        after: Option<Cursor>,
        partner: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Event>, JournalError> {
        self.journal.events(after, partner, limit).await
    }

    async fn end_of_events(&self, partner: Option<&str>) -> Result<Cursor, JournalError> {
        self.journal.end_of_events(partner).await
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.journal.changes()
    }

    async fn position(&self, consumer: &str) -> Result<Option<Cursor>, JournalError> {
        self.journal.position(consumer).await
    }

    async fn advance(&self, consumer: &str, cursor: Cursor) -> Result<(), JournalError> {
        self.journal.advance(consumer, cursor).await
    }

    async fn audit(&self, entries: Vec<Entry>) -> Result<(), JournalError> {
        self.journal.audit(entries).await
    }

    async fn seal(&self, key: &AuditKey, now: Timestamp, limit: u32) -> Result<Option<SignedHead>, JournalError> {
        self.journal.seal(key, now, limit).await
    }

    async fn unsealed(&self) -> Result<Option<Unsealed>, JournalError> {
        self.journal.unsealed().await
    }

    async fn audit_head(&self) -> Result<Option<SignedHead>, JournalError> {
        self.journal.audit_head().await
    }

    async fn audit_entries(
        &self,
        filter: &AuditFilter,
        order: AuditOrder,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Sealed>, JournalError> {
        self.journal.audit_entries(filter, order, after, limit).await
    }

    async fn audit_latest(&self, kind: Kind) -> Result<Vec<Sealed>, JournalError> {
        self.journal.audit_latest(kind).await
    }

    async fn audit_counts(&self, filter: &AuditFilter) -> Result<Vec<AuditCount>, JournalError> {
        self.journal.audit_counts(filter).await
    }

    async fn redact(&self, before: Timestamp, now: Timestamp, limit: u32) -> Result<u64, JournalError> {
        self.journal.redact(before, now, limit).await
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, JournalError> {
        self.journal.purge(before, limit).await
    }

    async fn forget_keys(&self, now: Timestamp, limit: u32) -> Result<u64, JournalError> {
        self.journal.forget_keys(now, limit).await
    }

    async fn shared_key(&self, purpose: &str) -> Result<[u8; 32], JournalError> {
        self.journal.shared_key(purpose).await
    }

    fn shared_rates(&self) -> Option<Arc<dyn SharedRates>> {
        self.journal.shared_rates()
    }

    async fn keep_uses(&self, uses: Vec<KeptUse>) -> Result<(), JournalError> {
        self.journal.keep_uses(uses).await
    }

    async fn uses(&self, plugin: &str, since: Timestamp) -> Result<Vec<KeptUse>, JournalError> {
        self.journal.uses(plugin, since).await
    }

    async fn forget_uses(&self, before: Timestamp) -> Result<u64, JournalError> {
        self.journal.forget_uses(before).await
    }

    async fn health(&self) -> Health {
        self.journal.health().await
    }

    async fn close(&self, wait: Duration) {
        self.journal.close(wait).await;
    }
}
