//! A journal in memory, for tests of the worker: leases, lanes and due times as the real one has them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::{SignedDuration, Timestamp};
use portgate_core::delivery::Request;
use portgate_core::document::Document;
use tokio::sync::Notify;

use crate::BoxFuture;
use crate::queue::{Claimed, End, Queue, QueueError, Settlement, Step};

/// One delivery.
pub(crate) struct Row {
    pub(crate) claimed: Claimed,
    pub(crate) lane: Option<String>,
    pub(crate) settlements: Vec<Settlement>,
    due: Option<Timestamp>,
    leased_until: Option<Timestamp>,
}

impl Row {
    /// How it ended, if it has.
    pub(crate) fn end(&self) -> Option<&End> {
        let last = self.settlements.last().map(|settlement| &settlement.end);
        last.filter(|end| matches!(end, End::Delivered { .. } | End::Dead { .. }))
    }
}

#[derive(Default)]
pub(crate) struct MemoryQueue {
    rows: Mutex<Vec<Row>>,
    changed: Notify,
    leases: AtomicUsize,
    /// How many deliveries were ever claimed.
    pub(crate) claims: AtomicUsize,
}

impl MemoryQueue {
    pub(crate) fn rows(&self) -> MutexGuard<'_, Vec<Row>> {
        self.rows.lock().expect("no panic")
    }

    /// A delivery of one document, due at once. The document's kind says what the fake plugin does with it.
    pub(crate) fn add(&self, destination: &str, kind: &str, lane: Option<&str>) -> usize {
        let mut rows = self.rows();
        let number = rows.len();
        let document =
            Document { kind: kind.to_owned(), key: number.to_string(), refs: Vec::new(), body: b"{}".to_vec() };
        let claimed = Claimed {
            id: format!("d-{number}"),
            lease: String::new(),
            destination: destination.to_owned(),
            contract: "order".to_owned(),
            version: "1".to_owned(),
            documents: vec![document],
            traceparent: None,
            step: Step::Render,
            failures: 0,
            follow_ups: 0,
        };
        let due = Some(Timestamp::MIN);
        rows.push(Row { claimed, lane: lane.map(str::to_owned), settlements: Vec::new(), due, leased_until: None });
        self.changed.notify_one();
        number
    }

    /// Takes a delivery's lease away, as a claim by somebody else would.
    pub(crate) fn take_lease(&self, number: usize) {
        self.rows()[number].claimed.lease = "another".to_owned();
    }

    /// Where a delivery that is still leased by this claim stands.
    fn leased<T>(&self, delivery: &Claimed, change: impl FnOnce(&mut Row) -> T) -> Result<T, QueueError> {
        let mut rows = self.rows();
        let row = rows.iter_mut().find(|row| row.claimed.id == delivery.id).expect("a delivery that was claimed");
        match row.claimed.lease == delivery.lease && row.leased_until.is_some() {
            true => Ok(change(row)),
            false => Err(QueueError::LeaseLost),
        }
    }
}

fn is_due(row: &Row, now: Timestamp) -> bool {
    row.due.is_some_and(|due| due <= now) && row.leased_until.is_none_or(|until| until <= now)
}

impl Queue for MemoryQueue {
    fn destinations_due(&self, now: Timestamp) -> BoxFuture<'_, Result<Vec<String>, QueueError>> {
        Box::pin(async move {
            let rows = self.rows();
            let due = rows.iter().filter(|row| is_due(row, now)).map(|row| &row.claimed.destination);
            Ok(due.collect::<std::collections::BTreeSet<_>>().into_iter().cloned().collect())
        })
    }

    fn claim<'a>(
        &'a self,
        destination: &'a str,
        limit: u32,
        lease_seconds: u32,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Claimed>, QueueError>> {
        Box::pin(async move {
            let mut rows = self.rows();
            let (mut claimed, mut lanes) = (Vec::new(), std::collections::BTreeSet::new());
            for row in rows.iter_mut().filter(|row| row.claimed.destination == destination && row.due.is_some()) {
                let first_of_its_lane = row.lane.clone().is_none_or(|lane| lanes.insert(lane));
                if first_of_its_lane && is_due(row, now) && claimed.len() < limit as usize {
                    row.claimed.lease = self.leases.fetch_add(1, Ordering::SeqCst).to_string();
                    row.leased_until = Some(now + SignedDuration::from_secs(i64::from(lease_seconds)));
                    self.claims.fetch_add(1, Ordering::SeqCst);
                    claimed.push(row.claimed.clone());
                }
            }
            Ok(claimed)
        })
    }

    fn renew<'a>(
        &'a self,
        delivery: &'a Claimed,
        lease_seconds: u32,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        let until = now + SignedDuration::from_secs(i64::from(lease_seconds));
        Box::pin(async move { self.leased(delivery, |row| row.leased_until = Some(until)) })
    }

    fn keep<'a>(&'a self, delivery: &'a Claimed, rendered: &'a Request) -> BoxFuture<'a, Result<(), QueueError>> {
        Box::pin(async move { self.leased(delivery, |row| row.claimed.step = Step::Send(rendered.clone())) })
    }

    fn settle<'a>(
        &'a self,
        delivery: &'a Claimed,
        settlement: &'a Settlement,
        _: Timestamp,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        Box::pin(async move {
            self.leased(delivery, |row| {
                row.leased_until = None;
                row.settlements.push(settlement.clone());
                match &settlement.end {
                    End::Delivered { .. } | End::Dead { .. } => row.due = None,
                    End::Retry { at } => {
                        row.due = Some(*at);
                        row.claimed.failures += 1;
                    }
                    End::FollowUp { request, at } => {
                        row.due = Some(*at);
                        row.claimed.failures = 0;
                        row.claimed.follow_ups += u32::from(matches!(delivery.step, Step::FollowUp(_)));
                        row.claimed.step = Step::FollowUp(request.clone());
                    }
                }
            })?;
            self.changed.notify_one();
            Ok(())
        })
    }

    fn changed(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.changed.notified())
    }
}

/// Waits until something is so; fails where it does not become so.
pub(crate) async fn until(what: &str, so: impl Fn() -> bool) {
    let waited = tokio::time::timeout(std::time::Duration::from_secs(30), async {
        while !so() {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    });
    assert!(waited.await.is_ok(), "never: {what}");
}

/// The queue behind the trait.
pub(crate) fn queue() -> Arc<MemoryQueue> {
    Arc::new(MemoryQueue::default())
}
