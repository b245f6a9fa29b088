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

/// Why an edition is not put into a table: the table's is of a later day, and whoever was listed since would not be found any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this edition of `{list}` is of {date}, and the table has edition {version} of {known} already: an older one is not taken, \
     since whoever was listed since would not be found any more"
)]
pub struct Older {
    /// What the table calls the list.
    pub list: String,
    /// The day of the edition.
    pub date: String,
    /// The edition that the table has.
    pub version: String,
    /// The day of that, `YYYY-MM-DD`.
    pub known: String,
}

/// Puts an edition of a list into a table. On the day of the edition whom it no longer names stops being listed, and whom it
/// names first, or otherwise than before, is listed as it says from that day on; what was found on the days before is found on
/// them as before. The first edition of a list holds for all days, but for what it says itself. Two editions that say different
/// things are never called the same.
///
/// # Errors
/// See [`Older`].
pub fn update(table: Option<&Lists>, source: Source, entries: Vec<Entry>) -> Result<(Lists, Changes), Older> {
    let date = source.date.clone();
    let mut sources: Vec<Source> = table.map(|table| table.sources().to_vec()).unwrap_or_default();
    let known_source = sources.iter().find(|known| known.id == source.id).cloned();
    if let Some(Source { id, version, date: known, .. }) = known_source.clone().filter(|known| date < known.date) {
        return Err(Older { list: id, date, version, known });
    }
    let is_first = known_source.is_none();
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
    let version = known_source.map_or_else(|| source.version.clone(), |known| version(&known, &source, changes));
    sources.retain(|known| known.id != source.id);
    sources.push(Source { version, ..source });
    sources.sort_by(|a, b| a.id.cmp(&b.id));
    Ok((Lists::new(sources, kept), changes))
}

/// What an edition is called. Publishers correct an edition, and publish several on one day: one that says something else than the
/// table's of that name is counted, `2026-03-01 (2)`, since who was screened against the one was not screened against the other.
fn version(known: &Source, source: &Source, changes: Changes) -> String {
    let given = &source.version;
    let counted = |behind: &str| behind.strip_prefix(" (")?.strip_suffix(')')?.parse::<u32>().ok();
    let behind = known.version.strip_prefix(given.as_str());
    let Some(count) = behind.and_then(|behind| if behind.is_empty() { Some(1) } else { counted(behind) }) else {
        return given.clone();
    };
    let is_same = Changes { same: 0, ..changes } == Changes::default();
    if is_same { known.version.clone() } else { format!("{given} ({})", count.saturating_add(1)) }
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

    fn put(table: Option<&Lists>, source: Source, entries: Vec<Entry>) -> (Lists, Changes) {
        update(table, source, entries).expect("it is not older")
    }

    #[test]
    fn an_edition_holds_from_its_day_on_and_the_one_before_it_until_then() {
        let (first, changes) = put(None, source("2026-01-01"), vec![entry("1", "Harrier"), entry("2", "Kestrel")]);
        assert_eq!(changes, Changes { added: 2, ..Changes::default() });
        assert!(listed(&first, "Harrier", "2020-01-01"));
        let second = vec![entry("2", "Kestrel and Sons"), entry("3", "Merlin")];
        let (second, changes) = put(Some(&first), source("2026-02-01"), second);
        assert_eq!(changes, Changes { added: 1, changed: 1, removed: 1, same: 0 });
        let days = ["2026-01-31", "2026-02-01"];
        assert_eq!(days.map(|on| listed(&second, "Harrier", on)), [true, false]);
        assert_eq!(days.map(|on| listed(&second, "Kestrel", on)), [true, false]);
        assert_eq!(days.map(|on| listed(&second, "Kestrel and Sons", on)), [false, true]);
        assert_eq!(days.map(|on| listed(&second, "Merlin", on)), [false, true]);
        assert_eq!(second.sources()[0].version, "2026-02-01");
        let (again, changes) =
            put(Some(&second), source("2026-02-01"), vec![entry("2", "Kestrel and Sons"), entry("3", "Merlin")]);
        assert_eq!(changes, Changes { same: 2, ..Changes::default() });
        assert_eq!(again.write(), second.write());
    }

    #[test]
    fn two_editions_that_say_different_things_are_never_called_the_same() {
        let day = || source("2026-02-01");
        let named = |lists: &Lists| lists.sources()[0].version.clone();
        let (first, _) = put(None, day(), vec![entry("1", "Harrier")]);
        let (second, _) = put(Some(&first), day(), vec![entry("1", "Harrier"), entry("2", "Kestrel")]);
        let (again, _) = put(Some(&second), day(), vec![entry("1", "Harrier"), entry("2", "Kestrel")]);
        let (third, _) = put(Some(&again), day(), vec![entry("2", "Kestrel and Sons")]);
        assert_eq!(
            [&first, &second, &again, &third].map(named),
            ["2026-02-01", "2026-02-01 (2)", "2026-02-01 (2)", "2026-02-01 (3)"]
        );
        // The publisher's own names are as they are.
        for (before, given) in [("7", "70"), ("7 (x)", "7"), ("7 (2)", "8")] {
            let of = |version: &str| Source { version: version.into(), ..day() };
            let (before, _) = put(None, of(before), vec![entry("1", "Harrier")]);
            let (after, _) = put(Some(&before), of(given), vec![entry("1", "Kestrel")]);
            assert_eq!(named(&after), given);
        }
    }

    #[test]
    fn an_older_edition_is_not_taken() {
        let (table, _) = put(None, source("2026-02-01"), vec![entry("1", "Harrier")]);
        let refused = update(Some(&table), source("2026-01-31"), vec![entry("2", "Kestrel")]).expect_err("it is older");
        assert_eq!((&*refused.list, &*refused.known), ("w", "2026-02-01"));
        let other = Source { id: "v".into(), ..source("2026-01-31") };
        assert!(update(Some(&table), other, vec![entry("2", "Kestrel")]).is_ok(), "each list has its own days");
    }
}
