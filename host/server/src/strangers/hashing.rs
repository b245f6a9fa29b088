//! How much is hashed for signatures that turn out to be wrong.
//!
//! Each network has an account that is refilled from one rate, shared by all networks that have used up some of theirs. A
//! right signature costs nothing; a wrong one what was hashed for it, afterwards, so that any body can be tried once and
//! whoever has overdrawn its account waits until it is filled again. The table holds accounts that are not full, and no
//! more than a fixed number of them: networks beyond it share one.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use portgate_http::connection::Network;

/// Networks that have an account of their own.
const ACCOUNTS_MAX: usize = 4096;
/// How often full accounts are looked for.
const SWEEP_EVERY: Duration = Duration::from_millis(100);

/// All accounts.
pub(super) struct Hashing {
    bytes_per_second: u64,
    /// What a full account holds, in bytes.
    full: u64,
    ledger: Mutex<Ledger>,
}

struct Ledger {
    accounts: HashMap<Network, Account>,
    /// That of all networks for which there was no other.
    shared: Option<Account>,
    swept: Instant,
}

struct Account {
    /// In bytes; below zero it is overdrawn.
    left: f64,
    at: Instant,
}

impl Hashing {
    pub(super) fn new(bytes_per_second: u64, full: u64) -> Self {
        let ledger = Ledger { accounts: HashMap::new(), shared: None, swept: Instant::now() };
        Hashing { bytes_per_second, full, ledger: Mutex::new(ledger) }
    }

    /// Whether anything may be hashed for this network.
    pub(super) fn has_some_left(&self, network: Network, now: Instant) -> bool {
        let mut ledger = self.ledger();
        let rate = self.rate(&ledger);
        let Ledger { accounts, shared, .. } = &mut *ledger;
        let crowded = accounts.len() >= ACCOUNTS_MAX;
        match accounts.get_mut(&network).or(shared.as_mut().filter(|_| crowded)) {
            Some(account) => account.refill(rate, self.full, now) > 0.0,
            None => true,
        }
    }

    /// Takes from the network's account what was hashed in vain.
    pub(super) fn charge(&self, network: Network, bytes: u64, now: Instant) {
        let mut ledger = self.ledger();
        let rate = self.rate(&ledger);
        if now.saturating_duration_since(ledger.swept) >= SWEEP_EVERY {
            ledger.swept = now;
            let is_full = |account: &mut Account| account.refill(rate, self.full, now) >= self.full as f64;
            ledger.accounts.retain(|_, account| !is_full(account));
            ledger.shared.take_if(|account| is_full(account));
        }
        let Ledger { accounts, shared, .. } = &mut *ledger;
        let new = || Account { left: self.full as f64, at: now };
        let account = match accounts.len() < ACCOUNTS_MAX || accounts.contains_key(&network) {
            true => accounts.entry(network).or_insert_with(new),
            false => shared.get_or_insert_with(new),
        };
        account.refill(rate, self.full, now);
        account.left -= bytes as f64;
    }

    /// What one account gets in a second.
    fn rate(&self, ledger: &Ledger) -> f64 {
        let accounts = ledger.accounts.len() + usize::from(ledger.shared.is_some());
        self.bytes_per_second as f64 / accounts.max(1) as f64
    }

    /// Nothing here can leave the accounts half written, so a panic elsewhere does not make them wrong.
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Account {
    /// Gives it what it has earned, and says what is left.
    fn refill(&mut self, rate: f64, full: u64, now: Instant) -> f64 {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + seconds * rate).min(full as f64);
        self.at = self.at.max(now);
        self.left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn network(number: u32) -> Network {
        Network::of(std::net::Ipv4Addr::from_bits(number).into())
    }

    /// Has every network fail with bodies of this size as often as it may, for so many milliseconds. Says how much that was.
    fn fail(hashing: &Hashing, networks: u32, bytes: u64, from: Instant, for_ms: u64) -> u64 {
        let mut failed = 0;
        for ms in 0..for_ms {
            let now = from + Duration::from_millis(ms);
            for number in 0..networks {
                if hashing.has_some_left(network(number), now) {
                    hashing.charge(network(number), bytes, now);
                    failed += bytes;
                }
            }
        }
        failed
    }

    #[test]
    fn all_networks_together_keep_to_the_rate_once_they_have_used_what_they_began_with() {
        let began = Instant::now();
        for networks in [1, 50] {
            let hashing = Hashing::new(128 * MIB, 16 * MIB);
            // Each may have overdrawn its account by one body.
            let at_first = fail(&hashing, networks, 2 * MIB, began, 1);
            assert_eq!(at_first, u64::from(networks) * 2 * MIB);
            fail(&hashing, networks, 2 * MIB, began, 10_000);
            let later = fail(&hashing, networks, 2 * MIB, began + Duration::from_secs(10), 10_000);
            let all = 10 * 128 * MIB;
            assert!(later <= all + u64::from(networks) * 2 * MIB && later >= all * 9 / 10, "{networks}: {later}");
        }
    }

    #[test]
    fn a_network_that_failed_little_is_not_touched_by_others() {
        let (hashing, began) = (Hashing::new(128 * MIB, 16 * MIB), Instant::now());
        fail(&hashing, 50, 16 * MIB, began, 1_000);
        let now = began + Duration::from_secs(1);
        assert!((0..50).all(|number| !hashing.has_some_left(network(number), now)));
        assert!(hashing.has_some_left(network(99), now));
        hashing.charge(network(99), MIB, now);
        assert!(hashing.has_some_left(network(99), now));
    }

    #[test]
    fn one_body_can_be_tried_whatever_its_size_and_then_costs_its_time() {
        let (hashing, now) = (Hashing::new(MIB, MIB), Instant::now());
        hashing.charge(network(1), 11 * MIB, now);
        assert!(!hashing.has_some_left(network(1), now + Duration::from_secs(9)));
        assert!(hashing.has_some_left(network(1), now + Duration::from_millis(10_001)));
    }

    #[test]
    fn the_table_is_bounded_and_full_accounts_leave_it() {
        let (hashing, now) = (Hashing::new(MIB, MIB), Instant::now());
        for number in 0..10_000 {
            hashing.charge(network(number), 2 * MIB, now);
        }
        assert_eq!(hashing.ledger().accounts.len(), ACCOUNTS_MAX);
        assert!(!hashing.has_some_left(network(20_000), now), "those beyond it share one account");
        let later = now + Duration::from_secs(100_000);
        hashing.charge(network(0), 1, later);
        assert_eq!(hashing.ledger().accounts.len(), 1);
        assert!(hashing.has_some_left(network(20_000), later));
    }
}
