//! Work for strangers that made room for other work: counted each time, logged now and then.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use portgate_http::connection::Network;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

/// What there was no more of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shed {
    /// Places for open connections.
    Connection,
    /// Places for requests that are waited for.
    Request,
    /// Memory for their bodies.
    Bytes,
    /// Hashing for wrong signatures.
    Hashing,
}

impl Shed {
    /// Its name in metrics and in the log.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Shed::Connection => "connections",
            Shed::Request => "requests",
            Shed::Bytes => "body-bytes",
            Shed::Hashing => "hashing",
        }
    }
}

/// The label of the metric.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(crate) struct ShedLabels {
    /// `connections`, `requests`, `body-bytes` or `hashing`.
    of: &'static str,
}

/// Counts what is shed.
pub(crate) struct Sheds {
    counts: Family<ShedLabels, Counter>,
    began: Instant,
    /// Since the last line in the log.
    unsaid: AtomicU64,
    /// When the next line may be written, in milliseconds since the beginning.
    next_line_ms: AtomicU64,
}

/// How far lines in the log are apart, in milliseconds.
const LINE_EVERY_MS: u64 = 10_000;

impl Sheds {
    /// Adds to this metric.
    pub(crate) fn new(counts: Family<ShedLabels, Counter>) -> Self {
        Sheds { counts, began: Instant::now(), unsaid: AtomicU64::new(0), next_line_ms: AtomicU64::new(0) }
    }

    /// Notes that so much was shed, lastly of or for this network.
    pub(crate) fn note(&self, what: Shed, times: u64, network: Network) {
        self.counts.get_or_create(&ShedLabels { of: what.name() }).inc_by(times);
        self.unsaid.fetch_add(times, Relaxed);
        if self.may_say(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)) {
            let shed = self.unsaid.swap(0, Relaxed);
            tracing::warn!(shed, last = what.name(), %network, "callers that have not proven who they are had to make room");
        }
    }

    fn may_say(&self, now_ms: u64) -> bool {
        let next = self.next_line_ms.load(Relaxed);
        now_ms >= next && self.next_line_ms.compare_exchange(next, now_ms + LINE_EVERY_MS, Relaxed, Relaxed).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_one_line_in_ten_seconds() {
        let sheds = Sheds::new(Family::default());
        let said = (0..30_000).filter(|ms| sheds.may_say(*ms)).count();
        assert_eq!(said, 3);
        sheds.note(Shed::Bytes, 3, Network::of([192, 0, 2, 1].into()));
        assert_eq!(sheds.counts.get_or_create(&ShedLabels { of: "body-bytes" }).get(), 3);
    }
}
