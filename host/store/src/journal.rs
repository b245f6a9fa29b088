//! The journal as everybody else sees it.

use std::collections::BTreeMap;
use std::sync::Arc;
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
use crate::error::{Health, JournalError};
use crate::event::{Cursor, Event, NewEvent};
use crate::exchange::{Delivery, Exchange, ExchangeFilter, ExchangeRecord, Raw, Waiting};
use crate::id::{DeliveryId, ExchangeId};
use crate::parked::{ExchangeAct, ParkedContract, ParkedCount, ParkedExchange, ParkedRequest, ParkedSettlement};
use crate::plugin_use::KeptUse;
use crate::rates::SharedRates;

/// Where exchanges, deliveries and events are kept.
///
/// What a method reports as done is on the disk. What it reports as an error was not done, but for
/// [`JournalError::Unreachable`], where nobody knows: the same `Idempotency-Key`, or the next claim, finds out.
/// Where a future is
/// dropped before its end, what it asked for may be done or not. Lists are bounded by their `limit`, at most
/// 1,000.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Keeps a message with all that came of it, in one transaction, unless its keys are known.
    async fn accept(&self, acceptance: Acceptance) -> Result<Accepted, JournalError>;

    /// Keeps a message that is to be decoded later, in one transaction, unless its `Idempotency-Key` is known. It has no
    /// documents and no business key yet.
    async fn park(&self, acceptance: Acceptance) -> Result<Accepted, JournalError>;

    /// The contracts of which something parked can be taken up now or is being taken up: in their order, nothing of them
    /// may overtake it. Cheap, however much is parked for later.
    async fn parked(&self, now: Timestamp) -> Result<Vec<ParkedContract>, JournalError>;

    /// Claims the next parked exchanges of some contracts, in their order; none while another worker has one of them.
    async fn claim_parked(&self, request: ParkedRequest) -> Result<Vec<ParkedExchange>, JournalError>;

    /// Keeps what became of a parked exchange and all that follows, in one transaction, unless its business key is known:
    /// then nothing is kept, and the claim still holds. Refused with [`JournalError::LeaseLost`] when the claim was lost.
    async fn settle_parked(&self, settlement: ParkedSettlement) -> Result<Accepted, JournalError>;

    /// How much is parked and has failed, by contract.
    async fn parked_counts(&self) -> Result<Vec<ParkedCount>, JournalError>;

    /// What is remembered for the keys of a partner's request, before any work is done. One that another request had
    /// decides, then the first one that has an answer.
    async fn kept_answer(
        &self,
        partner: &str,
        keys: &[RequestKey],
        fingerprint: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<KeptAnswer>, JournalError>;

    /// Takes a key for a request whose effect is not in this journal, before it has the effect: of those that ask at the
    /// same time one takes it. What is remembered for it, and nothing is done, where it is known already.
    async fn take_key(&self, taken: TakenKey) -> Result<Option<KeptAnswer>, JournalError>;

    /// Keeps the answer of the request that has taken a key; each repetition will get it.
    async fn keep_answer(&self, partner: &str, key: &RequestKey, answer: Answer) -> Result<(), JournalError>;

    /// Gives a key back whose request has had no effect. One that has an answer stays.
    async fn give_key_back(&self, partner: &str, key: &RequestKey) -> Result<(), JournalError>;

    /// The destinations that have something to claim now.
    async fn destinations_due(&self, now: Timestamp) -> Result<Vec<String>, JournalError>;

    /// Claims what is due for one destination, the oldest first, and of each lane only what is its turn. What was claimed
    /// and neither renewed nor settled within its lease is due again.
    async fn claim(&self, request: ClaimRequest) -> Result<Vec<ClaimedDelivery>, JournalError>;

    /// Prolongs claims until this time, and gives back those that still hold.
    async fn renew(&self, claims: &[Claim], until: Timestamp) -> Result<Vec<Claim>, JournalError>;

    /// Gives claims back, as if they had not been made; those that were lost are left alone.
    async fn release(&self, claims: &[Claim]) -> Result<(), JournalError>;

    /// Keeps the rendered request, so that each further attempt sends the same bytes. Refused with
    /// [`JournalError::LeaseLost`] when the claim was lost; the first rendering stays when there is one.
    async fn render(&self, claim: Claim, request: Request) -> Result<(), JournalError>;

    /// Keeps how an attempt ended and all that follows, in one transaction. Refused with [`JournalError::LeaseLost`] when
    /// the claim was lost.
    async fn settle(&self, settlement: Settlement) -> Result<(), JournalError>;

    /// Deliveries in the order of their acceptance, after this one, without their attempts.
    async fn deliveries(
        &self,
        filter: &Filter,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, JournalError>;

    /// How many deliveries a filter means, by destination and state.
    async fn preview(&self, filter: &Filter) -> Result<Vec<Count>, JournalError>;

    /// Does something with all deliveries that a filter means and the act can touch, and keeps who did it and why. Large
    /// acts go in steps, so that nobody waits for them. Gives back how many were changed. The audit log has the act's
    /// beginning and end, and each delivery that was discarded, each in the transaction of what it tells of.
    async fn act(
        &self,
        kind: ActKind,
        filter: &Filter,
        operator: &Operator,
        now: Timestamp,
    ) -> Result<u64, JournalError>;

    /// Does something with all failed exchanges that a filter means, and keeps who did it and why. Gives back how many were
    /// changed.
    async fn act_on_exchanges(
        &self,
        act: ExchangeAct,
        filter: &ExchangeFilter,
        operator: &Operator,
        now: Timestamp,
    ) -> Result<u64, JournalError>;

    /// Keeps an act that changes nothing in the journal, with its entry in the audit log.
    async fn keep_act(&self, act: Act) -> Result<(), JournalError>;

    /// The latest acts, the newest first.
    async fn acts(&self, limit: u32) -> Result<Vec<Act>, JournalError>;

    /// The highest version of each plugin that was ever admitted, by the plugin's name.
    async fn admissions(&self) -> Result<BTreeMap<String, Admitted>, JournalError>;

    /// Keeps that these plugins were admitted. Where a higher version of one was, that stays; where this very build was,
    /// the time of its first admission stays.
    async fn admit(&self, admitted: &BTreeMap<String, Admitted>) -> Result<(), JournalError>;

    /// What is accepted under the two-person rule; nothing where the rule never held.
    async fn accepted_state(&self) -> Result<Option<AcceptedState>, JournalError>;

    /// Accepts a state in the place of the one with this digest, or as the first, and keeps these audit entries with it.
    /// Everything that waits is forgotten, with its approvals, since it was measured by what was accepted before. False,
    /// and nothing is done, where another one is accepted by now.
    async fn accept_state(
        &self,
        state: AcceptedState,
        before: Option<[u8; 32]>,
        entries: Vec<Entry>,
    ) -> Result<bool, JournalError>;

    /// Changes that wait for people, the oldest first.
    async fn pending_changes(&self) -> Result<Vec<PendingChange>, JournalError>;

    /// Keeps that a change waits, by what is different from the accepted state `against`, and these audit entries with
    /// it. False, and nothing is done, where it waits already, or another state is accepted by now.
    async fn keep_pending(
        &self,
        digest: [u8; 32],
        against: [u8; 32],
        changes: String,
        now: Timestamp,
        entries: Vec<Entry>,
    ) -> Result<bool, JournalError>;

    /// Keeps a person's word for a change that waits, with an audit entry. A person's word counts once.
    async fn approve_change(&self, digest: [u8; 32], by: &Operator, now: Timestamp) -> Result<Approved, JournalError>;

    /// Forgets a change that waits no longer, and keeps these audit entries. False where it did not wait.
    async fn withdraw_change(&self, digest: [u8; 32], entries: Vec<Entry>) -> Result<bool, JournalError>;

    /// One exchange with all that came of it.
    async fn exchange(&self, id: ExchangeId) -> Result<Option<ExchangeRecord>, JournalError>;

    /// Exchanges in the order of their acceptance, after this one.
    async fn exchanges(
        &self,
        filter: &ExchangeFilter,
        after: Option<ExchangeId>,
        limit: u32,
    ) -> Result<Vec<Exchange>, JournalError>;

    /// The payload of an exchange.
    async fn raw(&self, id: ExchangeId) -> Result<Option<Raw>, JournalError>;

    /// What is not delivered, by destination: those that have something.
    async fn statistics(&self) -> Result<Vec<Waiting>, JournalError>;

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

    /// The place after which everything that is still to come will appear: of those that one partner may see, or of all.
    /// A partner's is the place of its own last event, so that it does not move with what others are told.
    async fn end_of_events(&self, partner: Option<&str>) -> Result<Cursor, JournalError>;

    /// Changes its value when there may be something new to read or to claim. Hints can be early, never missing.
    fn changes(&self) -> watch::Receiver<u64>;

    /// How far a consumer of the events has come.
    async fn position(&self, consumer: &str) -> Result<Option<Cursor>, JournalError>;

    /// Keeps how far a consumer has come. It never goes back.
    async fn advance(&self, consumer: &str, cursor: Cursor) -> Result<(), JournalError>;

    /// Keeps entries of the audit log, all or none. They have their place in its chain once they are sealed.
    async fn audit(&self, entries: Vec<Entry>) -> Result<(), JournalError>;

    /// Gives entries of the audit log that have no place yet theirs, at most `limit`, and signs the new head. Nothing
    /// where there are none, or where another gateway is at it.
    async fn seal(&self, key: &AuditKey, now: Timestamp, limit: u32) -> Result<Option<SignedHead>, JournalError>;

    /// The entries without a place, where there are any.
    async fn unsealed(&self) -> Result<Option<Unsealed>, JournalError>;

    /// The audit log's newest head; nothing while it is empty.
    async fn audit_head(&self) -> Result<Option<SignedHead>, JournalError>;

    /// Sealed entries of the audit log beyond this number, in this order.
    async fn audit_entries(
        &self,
        filter: &AuditFilter,
        order: AuditOrder,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Sealed>, JournalError>;

    /// Of each subject the last sealed entry of a kind.
    async fn audit_latest(&self, kind: Kind) -> Result<Vec<Sealed>, JournalError>;

    /// How many sealed entries there are, by kind, actor and subject.
    async fn audit_counts(&self, filter: &AuditFilter) -> Result<Vec<AuditCount>, JournalError>;

    /// Removes payloads, documents and rendered requests of exchanges from before this time that are neither parked nor
    /// failed and whose deliveries are all delivered or discarded; digests stay. At most `limit` exchanges at once; gives
    /// back how many. Events from before this time go as well, as many at once.
    async fn redact(&self, before: Timestamp, now: Timestamp, limit: u32) -> Result<u64, JournalError>;

    /// Removes exchanges from before this time that are neither parked nor failed and whose deliveries are all delivered or
    /// discarded, with everything of theirs. At most `limit` at once; gives back how many.
    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, JournalError>;

    /// A random key for this purpose, the same for all who have this journal. It is made when it is first asked for.
    async fn shared_key(&self, purpose: &str) -> Result<[u8; 32], JournalError>;

    /// The rates that all gateways of this journal count together. Nothing where there can be only one gateway.
    fn shared_rates(&self) -> Option<Arc<dyn SharedRates>>;

    /// Forgets keys of requests that have expired. At most `limit` at once; gives back how many.
    async fn forget_keys(&self, now: Timestamp, limit: u32) -> Result<u64, JournalError>;

    /// Keeps what plugins used; each takes the place of what the same gateway said of the same component and day.
    async fn keep_uses(&self, uses: Vec<KeptUse>) -> Result<(), JournalError>;

    /// What a plugin used since this day, the latest days first, at most 1,000.
    async fn uses(&self, plugin: &str, since: Timestamp) -> Result<Vec<KeptUse>, JournalError>;

    /// Forgets what plugins used before this day. Gives back how many were removed.
    async fn forget_uses(&self, before: Timestamp) -> Result<u64, JournalError>;

    /// Whether the journal can take anything now. Answers within a moment.
    async fn health(&self) -> Health;

    /// Ends orderly: what was asked for is done, nothing more is taken. Waits at most this long.
    async fn close(&self, wait: Duration);
}
