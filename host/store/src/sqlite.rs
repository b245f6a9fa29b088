//! The journal in a SQLite file: embedded, for one gateway.
//!
//! One thread writes: it takes all commands that wait, runs them in one transaction, commits once and then answers all
//! of them, so that concurrent exchanges share one fsync. Under load one waits a moment
//! for company. Reads go to a few connections of their
//! own. After a failed commit the journal takes nothing more (see [`JournalError::Poisoned`]).

mod checkpoint;
mod command;
mod connection;
mod open;
mod readers;
mod status;
mod writer;

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use portgate_core::admission::Admitted;
use portgate_core::audit::{AuditKey, Entry, Kind, Sealed, SignedHead};
use portgate_core::delivery::Request;
use tokio::sync::watch;

use crate::acceptance::{Acceptance, Accepted, Answer, KeptAnswer, RequestKey, TakenKey};
use crate::act::{Act, ActKind, Count, Filter, Operator};
use crate::approval::{AcceptedState, Approved, PendingChange};
use crate::audit::{AuditCount, AuditFilter, AuditOrder, Unsealed};
use crate::delivery::{Claim, ClaimRequest, ClaimedDelivery, Settlement};
use crate::error::{Health, JournalError, OpenError};
use crate::event::{Cursor, Event, NewEvent};
use crate::exchange::{Delivery, Exchange, ExchangeFilter, ExchangeRecord, Raw, Waiting};
use crate::id::{DeliveryId, ExchangeId};
use crate::journal::Journal;
use crate::parked::{ExchangeAct, ParkedContract, ParkedCount, ParkedExchange, ParkedRequest, ParkedSettlement};
use crate::plugin_use::KeptUse;
use crate::rates::SharedRates;
use crate::statements::value::random_key;
use crate::statements::{
    accept, act, admission, approval, audit, claim, event, exchange, list, parked, plugin_use, request_key, retention,
    settle,
};
use readers::Readers;
use writer::Writer;

/// How many reads can go on at the same time.
const READERS: usize = 4;

/// A journal in a SQLite file.
pub(crate) struct SqliteJournal {
    writer: Writer,
    readers: Readers,
}

/// What the statements' futures give: SQLite is done when the call returns, so they are never pending.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("a statement of SQLite is done when its call returns"),
    }
}

impl SqliteJournal {
    pub(crate) async fn open(path: &Path) -> Result<Self, OpenError> {
        let path = path.to_owned();
        let opened = tokio::task::spawn_blocking(move || {
            let opened = open::open(&path)?;
            let readers = Readers::open(&opened.path, READERS)?;
            Ok(SqliteJournal { writer: Writer::start(opened), readers })
        });
        opened.await.map_err(|error| OpenError::Database(error.to_string()))?
    }
}

#[async_trait]
impl Journal for SqliteJournal {
    async fn accept(&self, acceptance: Acceptance) -> Result<Accepted, JournalError> {
        self.writer.tell(move |sql| ready(accept::accept(sql, &acceptance))).await
    }

    async fn park(&self, acceptance: Acceptance) -> Result<Accepted, JournalError> {
        self.writer.tell(move |sql| ready(parked::park(sql, &acceptance))).await
    }

    async fn parked(&self, now: Timestamp) -> Result<Vec<ParkedContract>, JournalError> {
        self.readers.read(move |sql| ready(parked::parked(sql, now))).await
    }

    async fn claim_parked(&self, request: ParkedRequest) -> Result<Vec<ParkedExchange>, JournalError> {
        self.writer.write(move |sql| ready(parked::claim(sql, &request))).await
    }

    async fn settle_parked(&self, settlement: ParkedSettlement) -> Result<Accepted, JournalError> {
        self.writer.tell(move |sql| ready(parked::settle(sql, &settlement))).await
    }

    async fn parked_counts(&self) -> Result<Vec<ParkedCount>, JournalError> {
        self.readers.read(move |sql| ready(parked::counts(sql))).await
    }

    async fn kept_answer(
        &self,
        partner: &str,
        keys: &[RequestKey],
        fingerprint: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<KeptAnswer>, JournalError> {
        let (partner, keys) = (partner.to_owned(), keys.to_vec());
        self.readers.read(move |sql| ready(request_key::kept_answer(sql, &partner, &keys, &fingerprint, now))).await
    }

    async fn take_key(&self, taken: TakenKey) -> Result<Option<KeptAnswer>, JournalError> {
        self.writer.write(move |sql| ready(request_key::take(sql, &taken))).await
    }

    async fn keep_answer(&self, partner: &str, key: &RequestKey, answer: Answer) -> Result<(), JournalError> {
        let (partner, key) = (partner.to_owned(), key.clone());
        self.writer.write(move |sql| ready(request_key::keep_answer(sql, &partner, &key, &answer))).await
    }

    async fn give_key_back(&self, partner: &str, key: &RequestKey) -> Result<(), JournalError> {
        let (partner, key) = (partner.to_owned(), key.clone());
        self.writer.write(move |sql| ready(request_key::give_back(sql, &partner, &key))).await
    }

    async fn destinations_due(&self, now: Timestamp) -> Result<Vec<String>, JournalError> {
        self.readers.read(move |sql| ready(claim::destinations_due(sql, now))).await
    }

    async fn claim(&self, request: ClaimRequest) -> Result<Vec<ClaimedDelivery>, JournalError> {
        self.writer.write(move |sql| ready(claim::claim(sql, &request))).await
    }

    async fn renew(&self, claims: &[Claim], until: Timestamp) -> Result<Vec<Claim>, JournalError> {
        let claims = claims.to_vec();
        self.writer.write(move |sql| ready(claim::renew(sql, &claims, until))).await
    }

    async fn release(&self, claims: &[Claim]) -> Result<(), JournalError> {
        let claims = claims.to_vec();
        self.writer.tell(move |sql| ready(claim::release(sql, &claims))).await
    }

    async fn render(&self, claim: Claim, request: Request) -> Result<(), JournalError> {
        self.writer.write(move |sql| ready(settle::render(sql, claim, &request))).await
    }

    async fn settle(&self, settlement: Settlement) -> Result<(), JournalError> {
        self.writer.tell(move |sql| ready(settle::settle(sql, &settlement))).await
    }

    async fn deliveries(
        &self,
        filter: &Filter,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, JournalError> {
        let filter = filter.clone();
        self.readers.read(move |sql| ready(list::deliveries(sql, &filter, after, limit))).await
    }

    async fn preview(&self, filter: &Filter) -> Result<Vec<Count>, JournalError> {
        let filter = filter.clone();
        self.readers.read(move |sql| ready(list::preview(sql, &filter))).await
    }

    async fn act(
        &self,
        kind: ActKind,
        filter: &Filter,
        operator: &Operator,
        now: Timestamp,
    ) -> Result<u64, JournalError> {
        let (begun, named) = (filter.clone(), operator.clone());
        let mut progress = self.writer.write(move |sql| ready(act::begin(sql, kind, &begun, &named, now))).await?;
        while !progress.done {
            let filter = filter.clone();
            progress = self.writer.tell(move |sql| ready(act::step(sql, kind, &filter, now, progress.clone()))).await?;
        }
        Ok(progress.changed)
    }

    async fn act_on_exchanges(
        &self,
        act: ExchangeAct,
        filter: &ExchangeFilter,
        operator: &Operator,
        now: Timestamp,
    ) -> Result<u64, JournalError> {
        let (filter, operator) = (filter.clone(), operator.clone());
        self.writer.tell(move |sql| ready(parked::act(sql, act, &filter, &operator, now))).await
    }

    async fn keep_act(&self, act: Act) -> Result<(), JournalError> {
        self.writer.write(move |sql| ready(act::keep(sql, &act, &[]))).await
    }

    async fn acts(&self, limit: u32) -> Result<Vec<Act>, JournalError> {
        self.readers.read(move |sql| ready(act::acts(sql, limit))).await
    }

    async fn admissions(&self) -> Result<BTreeMap<String, Admitted>, JournalError> {
        self.readers.read(|sql| ready(admission::admissions(sql))).await
    }

    async fn admit(&self, admitted: &BTreeMap<String, Admitted>) -> Result<(), JournalError> {
        let admitted = admitted.clone();
        self.writer.write(move |sql| ready(admission::admit(sql, &admitted))).await
    }

    async fn accepted_state(&self) -> Result<Option<AcceptedState>, JournalError> {
        self.readers.read(|sql| ready(approval::accepted(sql))).await
    }

    async fn accept_state(
        &self,
        state: AcceptedState,
        before: Option<[u8; 32]>,
        entries: Vec<Entry>,
    ) -> Result<bool, JournalError> {
        self.writer.tell(move |sql| ready(approval::accept(sql, &state, before, &entries))).await
    }

    async fn pending_changes(&self) -> Result<Vec<PendingChange>, JournalError> {
        self.readers.read(|sql| ready(approval::pending(sql))).await
    }

    async fn keep_pending(
        &self,
        digest: [u8; 32],
        against: [u8; 32],
        changes: String,
        now: Timestamp,
        entries: Vec<Entry>,
    ) -> Result<bool, JournalError> {
        self.writer.tell(move |sql| ready(approval::wait(sql, digest, against, &changes, now, &entries))).await
    }

    async fn approve_change(&self, digest: [u8; 32], by: &Operator, now: Timestamp) -> Result<Approved, JournalError> {
        let by = by.clone();
        self.writer.tell(move |sql| ready(approval::approve(sql, digest, &by, now))).await
    }

    async fn withdraw_change(&self, digest: [u8; 32], entries: Vec<Entry>) -> Result<bool, JournalError> {
        self.writer.tell(move |sql| ready(approval::withdraw(sql, digest, &entries))).await
    }

    async fn exchange(&self, id: ExchangeId) -> Result<Option<ExchangeRecord>, JournalError> {
        self.readers.read(move |sql| ready(exchange::exchange(sql, id))).await
    }

    async fn exchanges(
        &self,
        filter: &ExchangeFilter,
        after: Option<ExchangeId>,
        limit: u32,
    ) -> Result<Vec<Exchange>, JournalError> {
        let filter = filter.clone();
        self.readers.read(move |sql| ready(exchange::exchanges(sql, &filter, after, limit))).await
    }

    async fn raw(&self, id: ExchangeId) -> Result<Option<Raw>, JournalError> {
        self.readers.read(move |sql| ready(exchange::raw(sql, id))).await
    }

    async fn statistics(&self) -> Result<Vec<Waiting>, JournalError> {
        self.readers.read(move |sql| ready(list::statistics(sql))).await
    }

    async fn tell(&self, events: Vec<NewEvent>) -> Result<(), JournalError> {
        self.writer.tell(move |sql| ready(event::insert_events(sql, &events))).await
    }

    async fn events(
        &self,
        after: Option<Cursor>,
        partner: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Event>, JournalError> {
        let partner = partner.map(str::to_owned);
        self.readers.read(move |sql| ready(event::events(sql, after, partner.as_deref(), limit))).await
    }

    async fn end_of_events(&self, partner: Option<&str>) -> Result<Cursor, JournalError> {
        let partner = partner.map(str::to_owned);
        self.readers.read(move |sql| ready(event::end_of_events(sql, partner.as_deref()))).await
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.writer.changes()
    }

    async fn position(&self, consumer: &str) -> Result<Option<Cursor>, JournalError> {
        let consumer = consumer.to_owned();
        self.readers.read(move |sql| ready(event::position(sql, &consumer))).await
    }

    async fn advance(&self, consumer: &str, cursor: Cursor) -> Result<(), JournalError> {
        let consumer = consumer.to_owned();
        self.writer.write(move |sql| ready(event::advance(sql, &consumer, cursor))).await
    }

    async fn audit(&self, entries: Vec<Entry>) -> Result<(), JournalError> {
        self.writer.tell(move |sql| ready(audit::insert(sql, &entries))).await
    }

    async fn seal(&self, key: &AuditKey, now: Timestamp, limit: u32) -> Result<Option<SignedHead>, JournalError> {
        let key = key.clone();
        self.writer.write(move |sql| ready(audit::seal(sql, &key, now, limit))).await
    }

    async fn unsealed(&self) -> Result<Option<Unsealed>, JournalError> {
        self.readers.read(|sql| ready(audit::unsealed(sql))).await
    }

    async fn audit_head(&self) -> Result<Option<SignedHead>, JournalError> {
        self.readers.read(|sql| ready(audit::head(sql))).await
    }

    async fn audit_entries(
        &self,
        filter: &AuditFilter,
        order: AuditOrder,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Sealed>, JournalError> {
        let filter = filter.clone();
        self.readers.read(move |sql| ready(audit::entries(sql, &filter, order, after, limit))).await
    }

    async fn audit_latest(&self, kind: Kind) -> Result<Vec<Sealed>, JournalError> {
        self.readers.read(move |sql| ready(audit::latest(sql, kind))).await
    }

    async fn audit_counts(&self, filter: &AuditFilter) -> Result<Vec<AuditCount>, JournalError> {
        let filter = filter.clone();
        self.readers.read(move |sql| ready(audit::counts(sql, &filter))).await
    }

    async fn redact(&self, before: Timestamp, now: Timestamp, limit: u32) -> Result<u64, JournalError> {
        self.writer.write(move |sql| ready(retention::redact(sql, before, now, limit))).await
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, JournalError> {
        self.writer.write(move |sql| ready(retention::purge(sql, before, limit))).await
    }

    async fn forget_keys(&self, now: Timestamp, limit: u32) -> Result<u64, JournalError> {
        self.writer.write(move |sql| ready(request_key::forget(sql, now, limit))).await
    }

    async fn shared_key(&self, purpose: &str) -> Result<[u8; 32], JournalError> {
        let (purpose, new) = (purpose.to_owned(), random_key()?);
        self.writer.write(move |sql| ready(request_key::shared(sql, &purpose, &new))).await
    }

    fn shared_rates(&self) -> Option<Arc<dyn SharedRates>> {
        // The file belongs to this process.
        None
    }

    async fn keep_uses(&self, uses: Vec<KeptUse>) -> Result<(), JournalError> {
        self.writer.write(move |sql| ready(plugin_use::keep(sql, &uses))).await
    }

    async fn uses(&self, plugin: &str, since: Timestamp) -> Result<Vec<KeptUse>, JournalError> {
        let plugin = plugin.to_owned();
        self.readers.read(move |sql| ready(plugin_use::uses(sql, &plugin, since))).await
    }

    async fn forget_uses(&self, before: Timestamp) -> Result<u64, JournalError> {
        self.writer.write(move |sql| ready(plugin_use::forget(sql, before))).await
    }

    async fn health(&self) -> Health {
        match self.writer.health() {
            Health::Full | Health::Blocked(_) => self.writer.probe().await,
            other => other,
        }
    }

    async fn close(&self, wait: Duration) {
        self.writer.close(wait).await;
    }
}
