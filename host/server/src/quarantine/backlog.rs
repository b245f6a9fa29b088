//! Whose messages are parked, so that none overtakes those before it: as long as something of a partner waits to be taken
//! up by a plugin, what comes after it is parked behind it, even where the plugin could be called.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use super::Quarantines;

/// A plugin and a partner, by their names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Pair {
    pub(crate) plugin: String,
    pub(crate) partner: String,
}

/// What is known of the messages of a pair.
#[derive(Default)]
pub(super) struct Backlog {
    /// Whether something may wait to be taken up.
    waiting: bool,
    /// Messages that are being parked at this moment.
    parking: u32,
    /// How many messages were parked. A look at the journal that began before the last of them must not clear
    /// `waiting`.
    parked: u64,
}

impl Backlog {
    pub(super) fn is_known(&self) -> bool {
        self.waiting || self.parking > 0
    }
}

/// How many messages of each pair had been parked at some time.
pub(crate) struct Glance(BTreeMap<Pair, u64>);

/// A message that is being parked. From its beginning on, those after it are parked as well.
#[must_use]
pub(crate) struct Parking<'a> {
    quarantines: &'a Quarantines,
    pair: Pair,
}

impl Quarantines {
    /// Whether what comes now has to be parked behind what is parked already.
    pub(crate) fn has_backlog(&self, plugin: &str, partner: &str) -> bool {
        if self.knows_nothing() {
            return false;
        }
        let known = self.lock();
        let known = known.0.get(plugin).and_then(|partners| partners.get(partner));
        known.is_some_and(|known| known.backlog.waiting)
    }

    /// Begins to park a message.
    pub(crate) fn park(&self, plugin: &str, partner: &str) -> Parking<'_> {
        let mut known = self.lock();
        let backlog = &mut known.known_or_new(plugin, partner).backlog;
        (backlog.waiting, backlog.parking) = (true, backlog.parking + 1);
        self.count.fetch_max(1, Ordering::Release);
        Parking { quarantines: self, pair: Pair { plugin: plugin.to_owned(), partner: partner.to_owned() } }
    }

    /// Notes how much was parked before the journal is looked at.
    pub(crate) fn glance(&self) -> Glance {
        let known = self.lock();
        let partners = known.0.iter().flat_map(|(plugin, partners)| {
            partners.iter().map(move |(partner, known)| {
                (Pair { plugin: plugin.clone(), partner: partner.clone() }, known.backlog.parked)
            })
        });
        Glance(partners.collect())
    }

    /// Takes over what the journal says: of these pairs something waits, and of no others.
    pub(crate) fn looked(&self, before: &Glance, waiting: &BTreeSet<Pair>) {
        let mut known = self.lock();
        for pair in waiting {
            known.known_or_new(&pair.plugin, &pair.partner).backlog.waiting = true;
            self.count.fetch_max(1, Ordering::Release);
        }
        for (pair, parked) in &before.0 {
            let known = known.0.get_mut(&pair.plugin).and_then(|partners| partners.get_mut(&pair.partner));
            if let Some(known) = known
                && !waiting.contains(pair)
                && known.backlog.parking == 0
                && known.backlog.parked == *parked
            {
                known.backlog.waiting = false;
            }
        }
    }
}

impl Drop for Parking<'_> {
    fn drop(&mut self) {
        let mut known = self.quarantines.lock();
        let backlog = &mut known.known_or_new(&self.pair.plugin, &self.pair.partner).backlog;
        backlog.parking = backlog.parking.saturating_sub(1);
        backlog.parked += 1;
        drop(known);
        self.quarantines.look_again();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::FailedCalls;

    fn pair() -> Pair {
        Pair { plugin: "shop".to_owned(), partner: "acme".to_owned() }
    }

    #[test]
    fn a_message_that_is_parked_makes_the_next_wait_until_the_journal_has_nothing_more() {
        let (quarantines, _announcements) = Quarantines::new(FailedCalls::default());
        assert!(!quarantines.has_backlog("shop", "acme"));
        let parking = quarantines.park("shop", "acme");
        assert!(quarantines.has_backlog("shop", "acme") && !quarantines.has_backlog("shop", "zeta"));
        let none = BTreeSet::new();
        quarantines.looked(&quarantines.glance(), &none);
        assert!(quarantines.has_backlog("shop", "acme"), "it is not in the journal yet");
        let before = quarantines.glance();
        drop(parking);
        quarantines.looked(&before, &none);
        assert!(quarantines.has_backlog("shop", "acme"), "that look may have been too early");
        quarantines.looked(&quarantines.glance(), &[pair()].into());
        assert!(quarantines.has_backlog("shop", "acme"));
        quarantines.looked(&quarantines.glance(), &none);
        assert!(!quarantines.has_backlog("shop", "acme"));
    }

    #[test]
    fn what_another_gateway_has_parked_is_found_in_the_journal() {
        let (quarantines, _announcements) = Quarantines::new(FailedCalls::default());
        quarantines.looked(&quarantines.glance(), &[pair()].into());
        assert!(quarantines.has_backlog("shop", "acme"));
        quarantines.looked(&quarantines.glance(), &BTreeSet::new());
        assert!(!quarantines.has_backlog("shop", "acme"));
    }
}
