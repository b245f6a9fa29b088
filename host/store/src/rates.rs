//! Rates that several gateways count together.
//!
//! A bucket of tokens for each rate is kept where all gateways can reach it. A gateway takes some at once, a lease, and
//! spends them by itself, so that a request need not wait for the database. What is counted need not outlive a crash of
//! the database's server: its buckets are full again then.

use std::time::Duration;

use async_trait::async_trait;

use crate::error::JournalError;
use crate::statements::value::key_hash;

/// Where tokens are leased. All time is that of the one clock there, so that gateways' clocks may differ.
#[async_trait]
pub trait SharedRates: Send + Sync {
    /// Leases tokens of some buckets, all different. The leases are in the order of the requests.
    async fn lease(&self, requests: &[LeaseRequest]) -> Result<Vec<Lease>, JournalError>;

    /// Says that this gateway is alive, and gives back how many are: those that said so within this time, with this one.
    async fn alive(&self, within: Duration) -> Result<u32, JournalError>;
}

/// Names a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket(pub(crate) [u8; 16]);

impl Bucket {
    /// The bucket of a partner, over all contracts or for one.
    pub fn new(partner: &str, contract: Option<&str>) -> Self {
        Bucket(key_hash("rate", partner, contract.unwrap_or_default(), ""))
    }
}

/// What a gateway wants of one bucket.
#[derive(Clone, Copy, Debug)]
pub struct LeaseRequest {
    /// The bucket. If there is none yet, a full one is made.
    pub bucket: Bucket,
    /// Tokens wanted.
    pub tokens: u32,
    /// Tokens that this gateway has spent without a lease, while it could reach nobody.
    pub spent: u32,
    /// One token comes into the bucket each time this has passed.
    pub interval: Duration,
    /// Tokens that fit into the bucket.
    pub burst: u32,
    /// Tokens that may be leased before they have come.
    pub ahead: u32,
}

/// What a gateway got of one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Tokens, at most as many as were wanted.
    pub tokens: u32,
    /// How long it takes until the bucket is full again if nobody takes anything.
    pub full_in: Duration,
}

impl LeaseRequest {
    /// The lease from a bucket that is full at this time, and when the bucket is full after it. Nanoseconds of one clock.
    pub(crate) fn judge(&self, full_at: Option<i64>, now: i64) -> (Lease, i64) {
        let interval = i128::try_from(self.interval.as_nanos()).unwrap_or(i128::MAX).max(1);
        let (before, now) = (i128::from(full_at.unwrap_or(now)), i128::from(now));
        let room = interval.saturating_mul(i128::from(self.burst) + i128::from(self.ahead));
        // Tokens that were spent elsewhere count as spent since the bucket was last asked. The bucket may owe as much
        // as fits into it and no more, so that neither the spending of a gateway that was cut off nor a change of the
        // rate starves everybody.
        let spent = interval.saturating_mul(i128::from(self.spent));
        let before = before.saturating_add(spent).clamp(now, now + room * 2);
        let tokens = ((now + room - before).max(0) / interval).min(i128::from(self.tokens));
        let full_at = before + tokens * interval;
        let full_in = u64::try_from(full_at - now).unwrap_or(u64::MAX);
        let lease = Lease { tokens: u32::try_from(tokens).unwrap_or(u32::MAX), full_in: Duration::from_nanos(full_in) };
        (lease, i64::try_from(full_at).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn request(tokens: u32, per_second: u64, burst: u32, ahead: u32) -> LeaseRequest {
        let interval = Duration::from_nanos(1_000_000_000 / per_second);
        LeaseRequest { bucket: Bucket::new("p", None), tokens, spent: 0, interval, burst, ahead }
    }

    #[test]
    fn a_bucket_gives_its_burst_then_its_rate_and_a_lease_ahead() {
        let now = 1_000 * SECOND;
        let (lease, full_at) = request(8, 10, 5, 1).judge(None, now);
        assert_eq!((lease.tokens, lease.full_in), (6, Duration::from_millis(600)));
        let (lease, full_at) = request(8, 10, 5, 1).judge(Some(full_at), now + SECOND / 20);
        assert_eq!(lease.tokens, 0, "half a token is none");
        let (lease, full_at) = request(8, 10, 5, 1).judge(Some(full_at), now + SECOND / 2);
        assert_eq!(lease.tokens, 5);
        let (lease, _) = request(8, 10, 5, 1).judge(Some(full_at), now + 100 * SECOND);
        assert_eq!(lease.tokens, 6, "what is not taken is not saved up beyond the burst");
    }

    #[test]
    fn what_was_spent_elsewhere_is_counted_where_it_was_spent() {
        let now = 1_000 * SECOND;
        let (_, empty_at) = request(5, 10, 5, 0).judge(None, now);
        // For ten seconds it was spent as fast as it came: the bucket is as empty as before.
        let after = LeaseRequest { spent: 100, ..request(5, 10, 5, 0) };
        assert_eq!(after.judge(Some(empty_at), now + 10 * SECOND).0.tokens, 0);
        // If the others went on in the meantime, the bucket owes it, up to as much as fits.
        let (lease, owing) = LeaseRequest { spent: 3, ..after }.judge(Some(empty_at), now);
        assert_eq!((lease.tokens, lease.full_in), (0, Duration::from_millis(800)));
        assert_eq!(request(5, 10, 5, 0).judge(Some(owing), now + SECOND * 4 / 10).0.tokens, 1);
        assert_eq!(after.judge(Some(empty_at), now).0.full_in, Duration::from_secs(1));
        let half = LeaseRequest { spent: 98, ..after };
        assert_eq!(half.judge(Some(empty_at), now + 10 * SECOND).0.tokens, 2);
    }

    #[test]
    fn a_rate_that_was_changed_starves_nobody() {
        let now = 1_000 * SECOND;
        let (_, empty_at) = request(1_000, 1, 1_000, 0).judge(None, now);
        let (lease, full_at) = request(5, 10, 5, 0).judge(Some(empty_at), now);
        assert_eq!((lease.tokens, full_at), (0, now + SECOND));
        let (lease, _) = request(5, 10, 5, 0).judge(Some(full_at), now + SECOND);
        assert_eq!(lease.tokens, 5);
    }

    #[test]
    fn buckets_of_partners_and_contracts_are_different() {
        let of = Bucket::new;
        assert_ne!(of("a", None), of("b", None));
        assert_ne!(of("a", None), of("a", Some("x")));
        assert_ne!(of("ab", Some("c")), of("a", Some("bc")));
    }
}
