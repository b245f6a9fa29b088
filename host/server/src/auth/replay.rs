//! The signed webhooks that were accepted, so that a copy is refused for as long as its timestamp would let it in.
//!
//! There is room for a bounded number. When it is full of signatures whose copies could still come, the next webhook
//! is refused for now instead of forgetting one of them: to forget is to accept the copy. One partner fills its own
//! share only, so that it cannot shut out the others. The memory is this process's: it ends with it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::AuthError;

/// What one partner may have in here: 333 webhooks a second over the window, about 8 MB.
const PARTNER_SHARE_MAX: usize = 100_000;
/// What all partners may have in here, about 32 MB.
const ALL_MAX: usize = 400_000;

/// The accepted signatures.
pub(super) struct Accepted {
    memory: Mutex<Memory>,
    partner_share_max: usize,
    all_max: usize,
}

#[derive(Default)]
struct Memory {
    /// Last second at which the signature would be let in, and its hash; ordered, so that the oldest leave first.
    /// The second is signed as well: one signature has one place here.
    signatures: BTreeMap<(i64, [u8; 32]), Arc<str>>,
    shares: HashMap<Arc<str>, usize>,
}

impl Default for Accepted {
    fn default() -> Self {
        Accepted { memory: Mutex::default(), partner_share_max: PARTNER_SHARE_MAX, all_max: ALL_MAX }
    }
}

impl Accepted {
    /// Remembers a signature until `until`, a second since 1970, has passed; refuses it if it is here already.
    pub(super) fn remember(
        &self,
        partner: &Arc<str>,
        signature_sha256: [u8; 32],
        until: i64,
        now: Timestamp,
    ) -> Result<(), AuthError> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.forget_before(now.as_second());
        if memory.signatures.contains_key(&(until, signature_sha256)) {
            return Err(AuthError::Replayed);
        }
        let share = memory.shares.get(partner).copied().unwrap_or(0);
        if share >= self.partner_share_max || memory.signatures.len() >= self.all_max {
            return Err(AuthError::ReplayStoreFull);
        }
        memory.signatures.insert((until, signature_sha256), Arc::clone(partner));
        memory.shares.insert(Arc::clone(partner), share + 1);
        Ok(())
    }
}

impl Memory {
    fn forget_before(&mut self, second: i64) {
        while let Some(oldest) = self.signatures.first_entry().filter(|oldest| oldest.key().0 < second) {
            let partner = oldest.remove();
            match self.shares.get_mut(&partner) {
                Some(share) if *share > 1 => *share -= 1,
                Some(_) | None => drop(self.shares.remove(&partner)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_copy_is_refused_until_its_time_has_passed() {
        let accepted = Accepted::default();
        let partner: Arc<str> = Arc::from("broker");
        assert_eq!(accepted.remember(&partner, [1; 32], 1300, at(1000)), Ok(()));
        assert_eq!(accepted.remember(&partner, [1; 32], 1300, at(1300)), Err(AuthError::Replayed));
        assert_eq!(accepted.remember(&partner, [2; 32], 1300, at(1300)), Ok(()));
        assert_eq!(accepted.memory.lock().unwrap().signatures.len(), 2);
        assert_eq!(accepted.remember(&partner, [3; 32], 1601, at(1301)), Ok(()));
        assert_eq!(accepted.memory.lock().unwrap().signatures.len(), 1);
    }

    #[test]
    fn a_full_share_refuses_its_partner_and_no_other_and_forgets_nothing() {
        let accepted = Accepted { partner_share_max: 2, all_max: 3, ..Accepted::default() };
        let (loud, quiet): (Arc<str>, Arc<str>) = (Arc::from("loud"), Arc::from("quiet"));
        for signature in [1, 2] {
            assert_eq!(accepted.remember(&loud, [signature; 32], 1300, at(1000)), Ok(()));
        }
        assert_eq!(accepted.remember(&loud, [3; 32], 1300, at(1000)), Err(AuthError::ReplayStoreFull));
        assert_eq!(accepted.remember(&loud, [1; 32], 1300, at(1000)), Err(AuthError::Replayed));
        assert_eq!(accepted.remember(&quiet, [4; 32], 1300, at(1000)), Ok(()));
        assert_eq!(accepted.remember(&quiet, [5; 32], 1300, at(1000)), Err(AuthError::ReplayStoreFull));
        // Room comes back as time passes.
        assert_eq!(accepted.remember(&loud, [6; 32], 1601, at(1301)), Ok(()));
    }
}
