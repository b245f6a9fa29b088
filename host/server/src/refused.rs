//! Keeps what was refused, beside what is accepted and never in its way.
//!
//! One task writes, a few messages at a time, and rests three times as long as each writing took: so refused messages have a
//! quarter of the journal at most, whatever somebody sends. What waits for it is bounded, over all partners and for each;
//! what finds no room is not kept, and its problem names the request instead of an exchange. The journal bounds what is
//! kept of each partner and day.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use portgate_store::{ExchangeId, Journal, KeptRefusal, NewRefusal};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::configuration::Configuration;

/// Messages that wait, and those of one partner among them.
const WAITING_MAX: usize = 256;
const WAITING_OF_A_PARTNER_MAX: usize = 32;
/// Bytes of payloads that wait.
const WAITING_BYTES_MAX: u32 = 64 << 20;
/// Messages that are written at once.
const BATCH_MAX: usize = 16;
/// So much longer than it writes it rests.
const REST: u32 = 3;
/// How long a sender waits at most to be told under which name its message is kept.
const TOLD_WITHIN: Duration = Duration::from_secs(2);

/// What became of refused messages, for Prometheus.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(crate) struct RefusedLabels {
    /// `whole`, `without-payload`, `over-budget`, `no-room` or `journal`.
    kept: &'static str,
}

/// Takes refused messages in.
pub(crate) struct RefusedMessages {
    waiting: mpsc::Sender<Waiting>,
    bytes: Arc<Semaphore>,
    partners: Partners,
    kept: Family<RefusedLabels, Counter>,
}

/// Those that wait to be written.
pub(crate) struct Unwritten {
    waiting: mpsc::Receiver<Waiting>,
    kept: Family<RefusedLabels, Counter>,
}

struct Waiting {
    refusal: NewRefusal,
    answer: oneshot::Sender<KeptRefusal>,
    _bytes: OwnedSemaphorePermit,
    _turn: Turn,
}

impl RefusedMessages {
    pub(crate) fn new(kept: Family<RefusedLabels, Counter>) -> (Self, Unwritten) {
        let (waiting, unwritten) = mpsc::channel(WAITING_MAX);
        let bytes = Arc::new(Semaphore::new(WAITING_BYTES_MAX as usize));
        let unwritten = Unwritten { waiting: unwritten, kept: kept.clone() };
        (RefusedMessages { waiting, bytes, partners: Partners::default(), kept }, unwritten)
    }

    /// Has a message kept. The exchange that it is kept as, if it is by the time that its sender has to be answered.
    pub(crate) async fn keep(&self, refusal: NewRefusal) -> Option<ExchangeId> {
        let id = refusal.exchange.id;
        let (answer, answered) = oneshot::channel();
        if self.enqueue(refusal, answer).is_none() {
            count(&self.kept, "no-room");
            return None;
        }
        match tokio::time::timeout(TOLD_WITHIN, answered).await {
            Ok(Ok(KeptRefusal::Whole | KeptRefusal::WithoutPayload)) => Some(id),
            Ok(Ok(KeptRefusal::Not) | Err(_)) | Err(_) => None,
        }
    }

    fn enqueue(&self, refusal: NewRefusal, answer: oneshot::Sender<KeptRefusal>) -> Option<()> {
        let bytes = u32::try_from(refusal.exchange.payload.len()).unwrap_or(u32::MAX).min(WAITING_BYTES_MAX);
        let bytes = Arc::clone(&self.bytes).try_acquire_many_owned(bytes).ok()?;
        let turn = self.partners.begin(&refusal.exchange.partner)?;
        self.waiting.try_send(Waiting { refusal, answer, _bytes: bytes, _turn: turn }).ok()
    }
}

fn count(family: &Family<RefusedLabels, Counter>, kept: &'static str) {
    family.get_or_create(&RefusedLabels { kept }).inc();
}

/// How many of each partner wait.
#[derive(Clone, Default)]
struct Partners(Arc<Mutex<HashMap<String, usize>>>);

impl Partners {
    fn begin(&self, partner: &str) -> Option<Turn> {
        let mut partners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = partners.entry(partner.to_owned()).or_default();
        if *waiting >= WAITING_OF_A_PARTNER_MAX {
            return None;
        }
        *waiting += 1;
        Some(Turn { partners: self.clone(), partner: partner.to_owned() })
    }
}

/// One that waits, until it is dropped.
struct Turn {
    partners: Partners,
    partner: String,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut partners = self.partners.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiting) = partners.get_mut(&self.partner) {
            *waiting -= 1;
            if *waiting == 0 {
                partners.remove(&self.partner);
            }
        }
    }
}

/// Writes what is refused until the task is dropped.
pub(crate) async fn keep(unwritten: &mut Unwritten, journal: &dyn Journal, configuration: &ArcSwap<Configuration>) {
    let Unwritten { waiting, kept } = unwritten;
    let mut batch = Vec::new();
    while waiting.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let began = Instant::now();
        let bytes_per_day = configuration.load().policies.gateway.journal.refused_bytes_per_day();
        write(std::mem::take(&mut batch), journal, bytes_per_day, kept).await;
        tokio::time::sleep(began.elapsed() * REST).await;
    }
}

async fn write(
    batch: Vec<Waiting>,
    journal: &dyn Journal,
    bytes_per_day: u64,
    counted: &Family<RefusedLabels, Counter>,
) {
    let (mut refusals, mut answers) = (Vec::with_capacity(batch.len()), Vec::with_capacity(batch.len()));
    for Waiting { refusal, answer, _bytes, _turn } in batch {
        refusals.push(refusal);
        answers.push((answer, _bytes, _turn));
    }
    match journal.keep_refused(refusals, bytes_per_day).await {
        Ok(kept) => {
            for ((answer, ..), kept) in answers.into_iter().zip(kept) {
                count(
                    counted,
                    match kept {
                        KeptRefusal::Whole => "whole",
                        KeptRefusal::WithoutPayload => "without-payload",
                        KeptRefusal::Not => "over-budget",
                    },
                );
                // Whoever asked may not wait any more.
                let _ = answer.send(kept);
            }
        }
        Err(error) => {
            tracing::warn!(%error, messages = answers.len(), "refused messages are not kept");
            answers.iter().for_each(|_| count(counted, "journal"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_partner_leaves_room_for_others() {
        let partners = Partners::default();
        let turns: Vec<_> = (0..WAITING_OF_A_PARTNER_MAX).map(|_| partners.begin("flood").expect("room")).collect();
        assert!(partners.begin("flood").is_none());
        let other = partners.begin("other").expect("room");
        drop((turns, other));
        assert!(partners.begin("flood").is_some() && partners.0.lock().expect("no panic").is_empty());
    }
}
