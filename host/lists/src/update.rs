//! An edition of a list in the place of the one before it.

use std::collections::BTreeMap;

use portgate_names::{Entry, Lists, Source};

/// What an edition changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Parties that were not listed before.
    pub added: usize,
    /// Parties of whom something else is said now.
    pub changed: usize,
    /// Parties that are listed no longer.
    pub removed: usize,
    /// Parties of whom the same is said.
    pub same: usize,
}

/// Puts an edition of a list into a table. On the day of the edition whom it no longer names stops being listed, and whom it
/// names first, or otherwise than before, is listed as it says from that day on; what was found on the days before is found on
/// them as before. The first edition of a list holds for all days, but for what it says itself.
pub fn update(table: Option<&Lists>, source: Source, entries: Vec<Entry>) -> (Lists, Changes) {
    let date = source.date.clone();
    let mut sources: Vec<Source> = table.map(|table| table.sources().to_vec()).unwrap_or_default();
    let is_first = !sources.iter().any(|known| known.id == source.id);
    let (mut kept, known): (Vec<Entry>, Vec<Entry>) = table
        .map(|table| table.entries().to_vec())
        .unwrap_or_default()
        .into_iter()
        .partition(|entry| entry.list != source.id || !is_open(entry, &date));
    let mut known: BTreeMap<String, Entry> = known.into_iter().map(|entry| (entry.id.clone(), entry)).collect();
    let mut changes = Changes::default();
    for entry in entries {
        match known.remove(&entry.id) {
            Some(before) if says_the_same(&before, &entry) => {
                changes.same += 1;
                kept.push(before);
            }
            Some(before) => {
                changes.changed += 1;
                let from = Some(date.clone());
                if before.from.as_deref() < Some(&date) {
                    kept.push(Entry { to: Some(date.clone()), ..before });
                }
                kept.push(Entry { from, ..entry });
            }
            None => {
                changes.added += 1;
                let from = if is_first { entry.from.clone() } else { entry.from.clone().or(Some(date.clone())) };
                kept.push(Entry { from, ..entry });
            }
        }
    }
    for before in known.into_values() {
        changes.removed += 1;
        if before.from.as_deref() < Some(&date) {
            kept.push(Entry { to: Some(date.clone()), ..before });
        }
    }
    kept.sort_by(|a, b| (&a.list, &a.id, &a.from).cmp(&(&b.list, &b.id, &b.from)));
    sources.retain(|known| known.id != source.id);
    sources.push(source);
    sources.sort_by(|a, b| a.id.cmp(&b.id));
    (Lists::new(sources, kept), changes)
}

/// Whether an entry holds on a day and after it.
fn is_open(entry: &Entry, date: &str) -> bool {
    entry.to.as_deref().is_none_or(|to| date < to)
}

fn says_the_same(one: &Entry, other: &Entry) -> bool {
    let about = |entry: &Entry| entry.about.as_ref().map(|about| about.get().to_owned());
    one.names == other.names && about(one) == about(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, name: &str) -> Entry {
        let names = vec![name.to_owned()];
        Entry { list: "w".into(), id: id.into(), names, from: None, to: None, about: None }
    }

    fn source(date: &str) -> Source {
        Source { id: "w".into(), name: "Watch".into(), version: date.into(), date: date.into() }
    }

    fn listed(table: &Lists, name: &str, on: &str) -> bool {
        table.candidates(name, on, 5).iter().any(|found| found.name == name)
    }

    #[test]
    fn an_edition_holds_from_its_day_on_and_the_one_before_it_until_then() {
        let (first, changes) = update(None, source("2026-01-01"), vec![entry("1", "Harrier"), entry("2", "Kestrel")]);
        assert_eq!(changes, Changes { added: 2, ..Changes::default() });
        assert!(listed(&first, "Harrier", "2020-01-01"));
        let second = vec![entry("2", "Kestrel and Sons"), entry("3", "Merlin")];
        let (second, changes) = update(Some(&first), source("2026-02-01"), second);
        assert_eq!(changes, Changes { added: 1, changed: 1, removed: 1, same: 0 });
        let days = ["2026-01-31", "2026-02-01"];
        assert_eq!(days.map(|on| listed(&second, "Harrier", on)), [true, false]);
        assert_eq!(days.map(|on| listed(&second, "Kestrel", on)), [true, false]);
        assert_eq!(days.map(|on| listed(&second, "Kestrel and Sons", on)), [false, true]);
        assert_eq!(days.map(|on| listed(&second, "Merlin", on)), [false, true]);
        assert_eq!(second.sources()[0].version, "2026-02-01");
        let (again, changes) =
            update(Some(&second), source("2026-02-01"), vec![entry("2", "Kestrel and Sons"), entry("3", "Merlin")]);
        assert_eq!(changes, Changes { same: 2, ..Changes::default() });
        assert_eq!(again.write(), second.write());
    }
}
