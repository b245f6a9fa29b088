//! A journal in memory, for tests of the worker: leases, lanes and due times as the real one has them.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use jiff::Timestamp;
use portgate_core::agreement::LastNumbers;
use portgate_core::delivery::Request;
use portgate_core::document::Document;
use portgate_store::{
    Changes, Claim, ClaimId, ClaimRequest, ClaimedDelivery, Deliveries, DeliveryId, ExchangeId, JournalError,
    Numbering, Rendered, Settled, Settlement, Work,
};
use tokio::sync::watch;

/// One delivery.
pub(crate) struct Row {
    claimed: ClaimedDelivery,
    pub(crate) settlements: Vec<Settlement>,
    due: Option<Timestamp>,
    leased_until: Option<Timestamp>,
}

impl Row {
    /// How it ended, if it has.
    pub(crate) fn end(&self) -> Option<&Settled> {
        let last = self.settlements.last().map(|settlement| &settlement.settled);
        last.filter(|settled| {
            matches!(settled, Settled::Delivered { .. } | Settled::Sent { .. } | Settled::Dead { .. })
        })
    }

    fn is_due(&self, now: Timestamp) -> bool {
        self.due.is_some_and(|due| due <= now) && self.leased_until.is_none_or(|until| until <= now)
    }
}

pub(crate) struct MemoryQueue {
    rows: Mutex<Vec<Row>>,
    changed: watch::Sender<u64>,
    /// The control numbers that were used last, of all destinations together.
    pub(crate) last_numbers: Mutex<LastNumbers>,
    /// How many deliveries were ever claimed.
    pub(crate) claims: AtomicUsize,
}

/// An empty one.
pub(crate) fn queue() -> Arc<MemoryQueue> {
    Arc::new(MemoryQueue {
        rows: Mutex::default(),
        changed: watch::Sender::new(0),
        last_numbers: Mutex::default(),
        claims: AtomicUsize::new(0),
    })
}

impl MemoryQueue {
    pub(crate) fn rows(&self) -> MutexGuard<'_, Vec<Row>> {
        self.rows.lock().expect("no panic")
    }

    /// A delivery of one document, due at once. The document's kind says what the fake plugin does with it.
    pub(crate) fn add(&self, destination: &str, kind: &str, lane: Option<&str>) -> usize {
        let mut rows = self.rows();
        let (number, now) = (rows.len(), Timestamp::UNIX_EPOCH);
        let document =
            Document { kind: kind.to_owned(), key: number.to_string(), refs: Vec::new(), body: b"{}".to_vec() };
        let claimed = ClaimedDelivery {
            claim: Claim { delivery: DeliveryId::new(now), id: ClaimId::new(now) },
            exchange: ExchangeId::new(now),
            partner: "origin".to_owned(),
            trace: None,
            destination: destination.to_owned(),
            contract: "order".to_owned(),
            version: "1".to_owned(),
            parts: Vec::new(),
            lane: lane.map(str::to_owned),
            created_at: now,
            attempt: 1,
            tries: 0,
            follow_ups: 0,
            work: Work::Render(vec![document]),
            batch: None,
            companions: Vec::new(),
        };
        rows.push(Row { claimed, settlements: Vec::new(), due: Some(Timestamp::MIN), leased_until: None });
        self.tell();
        number
    }

    /// A delivery whose request is known already.
    pub(crate) fn add_request(&self, destination: &str, request: Request) -> usize {
        let number = self.add(destination, "", None);
        self.rows()[number].claimed.work = Work::Send(request);
        self.tell();
        number
    }

    /// The id of a delivery, as its destination sees it.
    pub(crate) fn id(&self, number: usize) -> String {
        self.rows()[number].claimed.claim.delivery.to_string()
    }

    /// Takes a delivery's claim away, as a claim by somebody else would.
    pub(crate) fn take(&self, number: usize) {
        self.rows()[number].claimed.claim.id = ClaimId::new(Timestamp::UNIX_EPOCH);
    }

    fn tell(&self) {
        self.changed.send_modify(|changes| *changes += 1);
    }

    /// Changes a delivery whose claim still holds.
    fn claimed<T>(&self, claim: &Claim, change: impl FnOnce(&mut Row) -> T) -> Result<T, JournalError> {
        let mut rows = self.rows();
        let row = rows.iter_mut().find(|row| row.claimed.claim == *claim && row.leased_until.is_some());
        row.map(change).ok_or(JournalError::LeaseLost)
    }
}

#[async_trait]
impl Deliveries for MemoryQueue {
    async fn destinations_due(&self, now: Timestamp) -> Result<Vec<String>, JournalError> {
        let rows = self.rows();
        let due: BTreeSet<&String> =
            rows.iter().filter(|row| row.is_due(now)).map(|row| &row.claimed.destination).collect();
        Ok(due.into_iter().cloned().collect())
    }

    async fn claim(&self, request: ClaimRequest) -> Result<Vec<ClaimedDelivery>, JournalError> {
        let ClaimRequest { destination, now, lease, limit, .. } = request;
        let (mut claimed, mut lanes) = (Vec::new(), BTreeSet::new());
        for row in self.rows().iter_mut().filter(|row| row.claimed.destination == destination && row.due.is_some()) {
            let first_of_its_lane = row.claimed.lane.clone().is_none_or(|lane| lanes.insert(lane));
            if first_of_its_lane && row.is_due(now) && claimed.len() < limit as usize {
                row.claimed.claim.id = ClaimId::new(now);
                row.leased_until = Some(now + lease);
                self.claims.fetch_add(1, Ordering::SeqCst);
                claimed.push(row.claimed.clone());
            }
        }
        Ok(claimed)
    }

    async fn renew(&self, claims: &[Claim], until: Timestamp) -> Result<Vec<Claim>, JournalError> {
        let held = |claim: &&Claim| self.claimed(claim, |row| row.leased_until = Some(until)).is_ok();
        Ok(claims.iter().filter(held).copied().collect())
    }

    async fn release(&self, claims: &[Claim], _: Timestamp) -> Result<(), JournalError> {
        for claim in claims {
            let _ = self.claimed(claim, |row| row.leased_until = None);
        }
        self.tell();
        Ok(())
    }

    async fn part(&self, claims: &[Claim], now: Timestamp) -> Result<(), JournalError> {
        self.release(claims, now).await
    }

    async fn render(&self, Rendered { deliveries, request, numbering }: Rendered) -> Result<bool, JournalError> {
        if let Some(Numbering { after, numbers, .. }) = numbering {
            let mut last = self.last_numbers.lock().expect("no panic");
            if *last != after {
                return Ok(false);
            }
            *last = numbers.last();
        }
        let (claim, _) = deliveries[0];
        self.claimed(&claim, |row| row.claimed.work = Work::Send(request)).map(|()| true)
    }

    async fn settle(&self, settlement: Settlement) -> Result<(), JournalError> {
        self.claimed(&settlement.claim.clone(), |row| {
            row.leased_until = None;
            row.claimed.attempt += 1;
            match &settlement.settled {
                Settled::Delivered { .. }
                | Settled::Sent { .. }
                | Settled::AwaitsCodes { .. }
                | Settled::Dead { .. } => row.due = None,
                Settled::Retry { at, .. } => {
                    row.due = Some(*at);
                    row.claimed.tries += 1;
                }
                Settled::Pending { follow_up, at } => {
                    row.due = Some(*at);
                    row.claimed.tries = 0;
                    row.claimed.follow_ups += u32::from(matches!(row.claimed.work, Work::Ask(_)));
                    row.claimed.work = Work::Ask(follow_up.clone());
                }
            }
            row.settlements.push(settlement);
        })?;
        self.tell();
        Ok(())
    }
}

impl Changes for MemoryQueue {
    fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }
}

/// Waits until a condition holds; fails if that takes too long.
pub(crate) async fn until(what: &str, so: impl Fn() -> bool) {
    let waited = tokio::time::timeout(std::time::Duration::from_secs(30), async {
        while !so() {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    });
    assert!(waited.await.is_ok(), "never: {what}");
}
