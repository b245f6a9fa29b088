//! The journal in a PostgreSQL database, which several gateways can share.
//!
//! Acceptances that come at the same time go out together in one statement (see [`batch`]); everything else takes a
//! connection of the pool for its own transaction, which is tried again when the server breaks a deadlock. All is read
//! from the primary. Other gateways' changes are noticed by looking four times a second: `NOTIFY` would make every commit
//! of the database wait for every other.

mod batch;
mod connect;
mod rates;
mod session;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deadpool_postgres::Pool;
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
use batch::Batcher;
use rates::PostgresRates;
use session::{Session, said};

/// How often others' changes are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Connections for counting rates: one for the counts, one to say that this gateway is alive.
const RATES_CONNECTIONS: u32 = 2;
/// How often a transaction is tried that the server ends because of another one.
const TRIES: u32 = 8;
/// How long the server may take to say that it is well.
const HEALTH_WAIT: Duration = Duration::from_secs(2);

/// A journal in a PostgreSQL database.
pub(crate) struct PostgresJournal {
    pool: Pool,
    batcher: Batcher,
    rates: Arc<PostgresRates>,
    told: Arc<watch::Sender<u64>>,
    look: tokio::task::AbortHandle,
}

/// Runs a transaction, again where another one was in its way.
macro_rules! transact {
    ($pool:expr, $sql:ident, $work:expr) => {{
        let mut tries = 1;
        loop {
            let $sql = match Session::begin($pool).await {
                Ok(begun) => begun,
                Err(failure) => break Err(said(failure)),
            };
            let worked = $work.await;
            match $sql.end(worked).await {
                Ok(value) => break Ok(value),
                Err(failure) if tries < TRIES && session::is_passing(&failure) => tries += 1,
                Err(failure) => break Err(said(failure)),
            }
        }
    }};
}

/// Runs statements that only read.
macro_rules! read {
    ($pool:expr, $sql:ident, $work:expr) => {{
        match Session::alone($pool).await {
            Ok($sql) => $work.await.map_err(said),
            Err(failure) => Err(said(failure)),
        }
    }};
}

impl PostgresJournal {
    pub(crate) async fn open(url: &str, connections_max: u32) -> Result<Self, OpenError> {
        let pool = connect::pool(url, connections_max)?;
        connect::check_and_migrate(&pool).await?;
        let told = Arc::new(watch::channel(0).0);
        // Connections of their own: who counts does not wait behind who keeps.
        let rates = PostgresRates::new(connect::pool(url, RATES_CONNECTIONS)?);
        let rates = Arc::new(rates.map_err(|error| OpenError::Database(error.to_string()))?);
        let batcher = Batcher::start(pool.clone(), Arc::clone(&told));
        let look = tokio::spawn(look_for_changes(pool.clone(), Arc::clone(&told))).abort_handle();
        Ok(PostgresJournal { pool, batcher, rates, told, look })
    }

    fn told_of<T>(&self, result: Result<T, JournalError>) -> Result<T, JournalError> {
        if result.is_ok() {
            tell(&self.told);
        }
        result
    }
}

impl Drop for PostgresJournal {
    fn drop(&mut self) {
        self.look.abort();
    }
}

fn tell(told: &watch::Sender<u64>) {
    told.send_modify(|count| *count = count.wrapping_add(1));
}

/// Tells of events that other gateways wrote, and of our own once every reader sees them.
async fn look_for_changes(pool: Pool, told: Arc<watch::Sender<u64>>) {
    let mut seen = None;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let end = read!(&pool, sql, event::end_of_events(&sql, None));
        // While the server is away there is nothing to tell; those who read notice it themselves.
        if let Ok(end) = end
            && seen.replace(end) != Some(end)
        {
            tell(&told);
        }
    }
}

/// Keeps one acceptance by itself, with a look at its keys first.
async fn accept_alone(pool: &Pool, acceptance: &Acceptance) -> Result<Accepted, JournalError> {
    transact!(pool, sql, accept::accept(&sql, acceptance))
}

#[async_trait]
impl Journal for PostgresJournal {
    async fn accept(&self, acceptance: Acceptance) -> Result<Accepted, JournalError> {
        self.batcher.accept(acceptance).await
    }

    async fn park(&self, acceptance: Acceptance) -> Result<Accepted, JournalError> {
        self.told_of(transact!(&self.pool, sql, parked::park(&sql, &acceptance)))
    }

    async fn parked(&self, now: Timestamp) -> Result<Vec<ParkedContract>, JournalError> {
        read!(&self.pool, sql, parked::parked(&sql, now))
    }

    async fn claim_parked(&self, request: ParkedRequest) -> Result<Vec<ParkedExchange>, JournalError> {
        transact!(&self.pool, sql, parked::claim(&sql, &request))
    }

    async fn settle_parked(&self, settlement: ParkedSettlement) -> Result<Accepted, JournalError> {
        self.told_of(transact!(&self.pool, sql, parked::settle(&sql, &settlement)))
    }

    async fn parked_counts(&self) -> Result<Vec<ParkedCount>, JournalError> {
        read!(&self.pool, sql, parked::counts(&sql))
    }

    async fn kept_answer(
        &self,
        partner: &str,
        keys: &[RequestKey],
        fingerprint: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<KeptAnswer>, JournalError> {
        read!(&self.pool, sql, request_key::kept_answer(&sql, partner, keys, &fingerprint, now))
    }

    async fn take_key(&self, taken: TakenKey) -> Result<Option<KeptAnswer>, JournalError> {
        transact!(&self.pool, sql, request_key::take(&sql, &taken))
    }

    async fn keep_answer(&self, partner: &str, key: &RequestKey, answer: Answer) -> Result<(), JournalError> {
        transact!(&self.pool, sql, request_key::keep_answer(&sql, partner, key, &answer))
    }

    async fn give_key_back(&self, partner: &str, key: &RequestKey) -> Result<(), JournalError> {
        transact!(&self.pool, sql, request_key::give_back(&sql, partner, key))
    }

    async fn destinations_due(&self, now: Timestamp) -> Result<Vec<String>, JournalError> {
        read!(&self.pool, sql, claim::destinations_due(&sql, now))
    }

    async fn claim(&self, request: ClaimRequest) -> Result<Vec<ClaimedDelivery>, JournalError> {
        transact!(&self.pool, sql, claim::claim(&sql, &request))
    }

    async fn renew(&self, claims: &[Claim], until: Timestamp) -> Result<Vec<Claim>, JournalError> {
        transact!(&self.pool, sql, claim::renew(&sql, claims, until))
    }

    async fn release(&self, claims: &[Claim]) -> Result<(), JournalError> {
        self.told_of(transact!(&self.pool, sql, claim::release(&sql, claims)))
    }

    async fn render(&self, claim: Claim, request: Request) -> Result<(), JournalError> {
        transact!(&self.pool, sql, settle::render(&sql, claim, &request))
    }

    async fn settle(&self, settlement: Settlement) -> Result<(), JournalError> {
        self.told_of(transact!(&self.pool, sql, settle::settle(&sql, &settlement)))
    }

    async fn deliveries(
        &self,
        filter: &Filter,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, JournalError> {
        read!(&self.pool, sql, list::deliveries(&sql, filter, after, limit))
    }

    async fn preview(&self, filter: &Filter) -> Result<Vec<Count>, JournalError> {
        read!(&self.pool, sql, list::preview(&sql, filter))
    }

    async fn act(
        &self,
        kind: ActKind,
        filter: &Filter,
        operator: &Operator,
        now: Timestamp,
    ) -> Result<u64, JournalError> {
        let begun: Result<act::Progress, _> = transact!(&self.pool, sql, act::begin(&sql, kind, filter, operator, now));
        let mut progress = begun?;
        while !progress.done {
            let stepped = transact!(&self.pool, sql, act::step(&sql, kind, filter, now, progress.clone()));
            progress = self.told_of(stepped)?;
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
        self.told_of(transact!(&self.pool, sql, parked::act(&sql, act, filter, operator, now)))
    }

    async fn keep_act(&self, act: Act) -> Result<(), JournalError> {
        transact!(&self.pool, sql, act::keep(&sql, &act, &[]))
    }

    async fn acts(&self, limit: u32) -> Result<Vec<Act>, JournalError> {
        read!(&self.pool, sql, act::acts(&sql, limit))
    }

    async fn admissions(&self) -> Result<BTreeMap<String, Admitted>, JournalError> {
        read!(&self.pool, sql, admission::admissions(&sql))
    }

    async fn admit(&self, admitted: &BTreeMap<String, Admitted>) -> Result<(), JournalError> {
        transact!(&self.pool, sql, admission::admit(&sql, admitted))
    }

    async fn accepted_state(&self) -> Result<Option<AcceptedState>, JournalError> {
        read!(&self.pool, sql, approval::accepted(&sql))
    }

    async fn accept_state(
        &self,
        state: AcceptedState,
        before: Option<[u8; 32]>,
        entries: Vec<Entry>,
    ) -> Result<bool, JournalError> {
        self.told_of(transact!(&self.pool, sql, approval::accept(&sql, &state, before, &entries)))
    }

    async fn pending_changes(&self) -> Result<Vec<PendingChange>, JournalError> {
        read!(&self.pool, sql, approval::pending(&sql))
    }

    async fn keep_pending(
        &self,
        digest: [u8; 32],
        against: [u8; 32],
        changes: String,
        now: Timestamp,
        entries: Vec<Entry>,
    ) -> Result<bool, JournalError> {
        self.told_of(transact!(&self.pool, sql, approval::wait(&sql, digest, against, &changes, now, &entries)))
    }

    async fn approve_change(&self, digest: [u8; 32], by: &Operator, now: Timestamp) -> Result<Approved, JournalError> {
        self.told_of(transact!(&self.pool, sql, approval::approve(&sql, digest, by, now)))
    }

    async fn withdraw_change(&self, digest: [u8; 32], entries: Vec<Entry>) -> Result<bool, JournalError> {
        self.told_of(transact!(&self.pool, sql, approval::withdraw(&sql, digest, &entries)))
    }

    async fn exchange(&self, id: ExchangeId) -> Result<Option<ExchangeRecord>, JournalError> {
        read!(&self.pool, sql, exchange::exchange(&sql, id))
    }

    async fn exchanges(
        &self,
        filter: &ExchangeFilter,
        after: Option<ExchangeId>,
        limit: u32,
    ) -> Result<Vec<Exchange>, JournalError> {
        read!(&self.pool, sql, exchange::exchanges(&sql, filter, after, limit))
    }

    async fn raw(&self, id: ExchangeId) -> Result<Option<Raw>, JournalError> {
        read!(&self.pool, sql, exchange::raw(&sql, id))
    }

    async fn statistics(&self) -> Result<Vec<Waiting>, JournalError> {
        read!(&self.pool, sql, list::statistics(&sql))
    }

    async fn tell(&self, events: Vec<NewEvent>) -> Result<(), JournalError> {
        self.told_of(transact!(&self.pool, sql, event::insert_events(&sql, &events)))
    }

    async fn events(
        &self,
        after: Option<Cursor>,
        partner: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Event>, JournalError> {
        read!(&self.pool, sql, event::events(&sql, after, partner, limit))
    }

    async fn end_of_events(&self, partner: Option<&str>) -> Result<Cursor, JournalError> {
        read!(&self.pool, sql, event::end_of_events(&sql, partner))
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.told.subscribe()
    }

    async fn position(&self, consumer: &str) -> Result<Option<Cursor>, JournalError> {
        read!(&self.pool, sql, event::position(&sql, consumer))
    }

    async fn advance(&self, consumer: &str, cursor: Cursor) -> Result<(), JournalError> {
        transact!(&self.pool, sql, event::advance(&sql, consumer, cursor))
    }

    async fn audit(&self, entries: Vec<Entry>) -> Result<(), JournalError> {
        self.told_of(transact!(&self.pool, sql, audit::insert(&sql, &entries)))
    }

    async fn seal(&self, key: &AuditKey, now: Timestamp, limit: u32) -> Result<Option<SignedHead>, JournalError> {
        transact!(&self.pool, sql, audit::seal(&sql, key, now, limit))
    }

    async fn unsealed(&self) -> Result<Option<Unsealed>, JournalError> {
        read!(&self.pool, sql, audit::unsealed(&sql))
    }

    async fn audit_head(&self) -> Result<Option<SignedHead>, JournalError> {
        read!(&self.pool, sql, audit::head(&sql))
    }

    async fn audit_entries(
        &self,
        filter: &AuditFilter,
        order: AuditOrder,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Sealed>, JournalError> {
        read!(&self.pool, sql, audit::entries(&sql, filter, order, after, limit))
    }

    async fn audit_latest(&self, kind: Kind) -> Result<Vec<Sealed>, JournalError> {
        read!(&self.pool, sql, audit::latest(&sql, kind))
    }

    async fn audit_counts(&self, filter: &AuditFilter) -> Result<Vec<AuditCount>, JournalError> {
        read!(&self.pool, sql, audit::counts(&sql, filter))
    }

    async fn redact(&self, before: Timestamp, now: Timestamp, limit: u32) -> Result<u64, JournalError> {
        transact!(&self.pool, sql, retention::redact(&sql, before, now, limit))
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, JournalError> {
        transact!(&self.pool, sql, retention::purge(&sql, before, limit))
    }

    async fn forget_keys(&self, now: Timestamp, limit: u32) -> Result<u64, JournalError> {
        transact!(&self.pool, sql, request_key::forget(&sql, now, limit))
    }

    async fn shared_key(&self, purpose: &str) -> Result<[u8; 32], JournalError> {
        let new = random_key()?;
        transact!(&self.pool, sql, request_key::shared(&sql, purpose, &new))
    }

    fn shared_rates(&self) -> Option<Arc<dyn SharedRates>> {
        Some(Arc::clone(&self.rates) as Arc<dyn SharedRates>)
    }

    async fn keep_uses(&self, uses: Vec<KeptUse>) -> Result<(), JournalError> {
        transact!(&self.pool, sql, plugin_use::keep(&sql, &uses))
    }

    async fn uses(&self, plugin: &str, since: Timestamp) -> Result<Vec<KeptUse>, JournalError> {
        read!(&self.pool, sql, plugin_use::uses(&sql, plugin, since))
    }

    async fn forget_uses(&self, before: Timestamp) -> Result<u64, JournalError> {
        transact!(&self.pool, sql, plugin_use::forget(&sql, before))
    }

    async fn health(&self) -> Health {
        match tokio::time::timeout(HEALTH_WAIT, connect::check(&self.pool)).await {
            Ok(Ok(())) => self.batcher.health(),
            Ok(Err(error)) => Health::Unreachable(error.to_string()),
            Err(_) => Health::Unreachable(format!("no answer within {} s", HEALTH_WAIT.as_secs())),
        }
    }

    async fn close(&self, wait: Duration) {
        self.look.abort();
        let _ = tokio::time::timeout(wait, self.batcher.close()).await;
        self.rates.close(wait).await;
        self.pool.close();
    }
}
