//! The day's records, and their way into the journal.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::{Timestamp, ToSpan};
use portgate_store::{Journal, JournalError, KeptUse};

use super::record::Record;
use super::{Observed, lock};
use crate::configuration::Configuration;

/// How often what came together is added to the day's record.
const KEEP_EVERY: Duration = Duration::from_secs(60);

/// How long it is known what a plugin used: what happens once a quarter is in it.
const DAYS: i64 = 100;

/// The records of the day, by the component's digest.
pub(super) type Days = HashMap<String, Day>;

/// What this gateway saw one component use on one day.
pub(super) struct Day {
    plugin: String,
    day: Timestamp,
    record: Record,
    /// Whether the record holds more than the journal has.
    unwritten: bool,
}

/// Keeps what plugins use, again and again, until the task is dropped.
pub(crate) async fn keep(observed: &Observed, configuration: &ArcSwap<Configuration>, journal: &dyn Journal) {
    loop {
        tokio::time::sleep(KEEP_EVERY).await;
        if let Err(error) = keep_once(observed, &configuration.load_full(), journal).await {
            tracing::warn!(%error, "what plugins used could not be kept; it is tried again");
        }
    }
}

/// Keeps what has come together, and forgets what is too old.
///
/// # Errors
///
/// The journal did not take it; what was to be kept is kept with what comes next.
pub(crate) async fn keep_once(
    observed: &Observed,
    configuration: &Configuration,
    journal: &dyn Journal,
) -> Result<(), JournalError> {
    let now = Timestamp::now();
    // A plugin without calls gets a record too, which shows that nobody called it.
    for (name, plugin) in &configuration.plugins {
        observed.watched(name, plugin.digest());
    }
    let current = |digest: &str| configuration.plugins.values().any(|plugin| plugin.digest() == digest);
    let uses = observed.gather(day(now), current);
    if !uses.is_empty() {
        journal.keep_uses(uses.clone()).await?;
        observed.written(&uses);
    }
    let oldest = day(now).saturating_sub((DAYS * 24).hours()).unwrap_or(Timestamp::MIN);
    journal.forget_uses(oldest).await.map(drop)
}

impl Observed {
    /// Adds what has come together to the records of the day, and gives those that the journal does not have.
    fn gather(&self, today: Timestamp, current: impl Fn(&str) -> bool) -> Vec<KeptUse> {
        let mut uses = Vec::new();
        let mut days = lock(&self.days);
        let mut plugins = self.plugins.write().unwrap_or_else(PoisonError::into_inner);
        plugins.retain(|digest, watched| {
            let latest = lock(&watched.latest).take();
            let is_used = !latest.is_empty();
            let known = days.get_mut(digest).filter(|known| known.day == today);
            match known {
                Some(known) => {
                    known.record.merge(&latest);
                    known.unwritten |= is_used;
                }
                None => {
                    let (plugin, record) = (watched.plugin.clone(), latest);
                    let ended = days.insert(digest.clone(), Day { plugin, day: today, record, unwritten: true });
                    // This is the final record of the day before, unless the journal has it already.
                    uses.extend(ended.filter(|day| day.unwritten).and_then(|day| self.kept(digest, &day)));
                }
            }
            is_used || current(digest)
        });
        // Writing the records down takes a while, and calls go on.
        drop(plugins);
        uses.extend(days.iter().filter(|(_, day)| day.unwritten).filter_map(|(digest, day)| self.kept(digest, day)));
        uses
    }

    fn kept(&self, digest: &str, day: &Day) -> Option<KeptUse> {
        let mut sha256 = [0; 32];
        hex::decode_to_slice(digest, &mut sha256).ok()?;
        let record = serde_json::to_string(&day.record).ok()?;
        Some(KeptUse { plugin: day.plugin.clone(), sha256, day: day.day, gateway: self.gateway, record })
    }

    /// Notes what the journal has, and lets go of days that are over.
    fn written(&self, uses: &[KeptUse]) {
        let today = uses.iter().map(|kept| kept.day).max();
        let mut days = lock(&self.days);
        for kept in uses {
            if let Some(day) = days.get_mut(&hex::encode(kept.sha256)).filter(|day| day.day == kept.day) {
                day.unwritten = false;
            }
        }
        days.retain(|_, day| day.unwritten || Some(day.day) >= today);
    }
}

/// When the day of this time began, in UTC.
pub(super) fn day(time: Timestamp) -> Timestamp {
    const DAY: i64 = 24 * 3600;
    let seconds = time.as_second().div_euclid(DAY) * DAY;
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        let begins = |time: &str| day(time.parse().expect("a time")).to_string();
        assert_eq!(begins("2026-03-01T00:00:00Z"), "2026-03-01T00:00:00Z");
        assert_eq!(begins("2026-03-01T23:59:59.999999Z"), "2026-03-01T00:00:00Z");
        assert_eq!(begins("1969-12-31T12:00:00Z"), "1969-12-31T00:00:00Z");
    }

    #[test]
    fn each_day_has_a_record_of_its_own_and_only_what_is_new_is_written() {
        let (first, second) = (day(Timestamp::now()), day(Timestamp::now() + 24.hours()));
        let observed = Observed::new();
        let digest = "5f".repeat(32);
        observed.watched("acme", &digest);
        let days = |uses: &[KeptUse]| uses.iter().map(|kept| kept.day).collect::<Vec<_>>();
        let uses = observed.gather(first, |_| true);
        assert_eq!(days(&uses), [first], "that it was not used is known as well");
        assert_eq!(days(&observed.gather(first, |_| true)), [first], "the journal did not say that it has it");
        observed.written(&uses);
        assert_eq!(days(&observed.gather(first, |_| true)), []);
        let uses = observed.gather(second, |_| true);
        assert_eq!(days(&uses), [second]);
        assert_eq!(observed.gather(second, |_| false).len(), 1);
        assert!(observed.plugins.read().expect("no panic").is_empty(), "what is used no more is watched no more");
    }
}
