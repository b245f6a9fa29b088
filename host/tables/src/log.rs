//! The change log of a table: who changed it, when and why, from what, and what it says otherwise since. A line of JSON for each change.

use jiff::Timestamp;
use jiff::civil::Date;
use portgate_core::reference::{Changes, Edition};
use serde::{Deserialize, Serialize};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub when: Timestamp,
    /// Who did it.
    pub who: String,
    /// Why, in words.
    pub why: String,
    /// What was done.
    pub did: Did,
    /// What the table says otherwise since.
    pub difference: Difference,
    /// The SHA-256 of the table's file before; none where there was no file.
    pub before: Option<String>,
    /// The SHA-256 of the table's file since.
    pub after: String,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Did {
    /// An edition was put in.
    Import {
        /// Which one.
        edition: Edition,
        /// The files that it was read from.
        files: Vec<Source>,
        /// How many rows they had.
        rows: usize,
        /// How many of their rows were not as the format says.
        findings: usize,
        /// Keys whose values a steward had set, and the edition sets otherwise.
        #[serde(default, skip_serializing_if = "Keys::is_empty")]
        replaced: Keys,
    },
    /// A steward gave a key a value, or ended it.
    Set {
        /// The key.
        key: String,
        /// The value; none where it was ended.
        value: Option<String>,
        /// The first day.
        from: Date,
        /// The day after the last, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Date>,
    },
}

/// A file of an edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// What it was called.
    pub name: String,
    /// The SHA-256 of what was in it.
    pub sha256: String,
}

/// What a table says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Keys that had no value on the days that changed.
    pub added: Keys,
    /// Keys that have none any more.
    pub ended: Keys,
    /// Keys that have another one.
    pub changed: Keys,
}

/// How many keys, and the first of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// How many there are.
    pub count: usize,
    /// Up to [`KEYS_MAX`] of them.
    pub keys: Vec<String>,
}

/// So many keys are named in a line of the log.
pub const KEYS_MAX: usize = 50;

impl Keys {
    /// These keys.
    pub fn of<'k>(keys: impl IntoIterator<Item = &'k str>) -> Self {
        let mut of = Keys::default();
        keys.into_iter().for_each(|key| of.add(key));
        of
    }

    fn add(&mut self, key: &str) {
        self.count += 1;
        if self.keys.len() < KEYS_MAX {
            self.keys.push(key.to_owned());
        }
    }

    fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl Difference {
    /// What changes come to, key by key.
    pub fn of(changes: &Changes<'_>) -> Self {
        let mut difference = Difference::default();
        for of_key in changes.by_key() {
            let Some(first) = of_key.first() else { continue };
            let keys = match of_key {
                all if all.iter().all(|change| change.before.is_none()) => &mut difference.added,
                all if all.iter().all(|change| change.after.is_none()) => &mut difference.ended,
                _ => &mut difference.changed,
            };
            keys.add(first.key);
        }
        difference
    }
}

/// What became of a change that the log tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The table was what it says, until the next one.
    Done,
    /// It was broken off before the table was there.
    NeverCame,
    /// The table has been changed since by something that the log does not tell of.
    ChangedSince,
}

/// The entries of a log with what became of each, where the table's file has this digest now.
pub fn outcomes<'e>(entries: &'e [Entry], now: Option<&str>) -> Vec<(&'e Entry, Outcome)> {
    let nexts = entries.iter().skip(1).map(|next| next.before.as_deref()).chain([now]);
    let outcome = |entry: &Entry, next: Option<&str>| match next {
        next if next == Some(entry.after.as_str()) => Outcome::Done,
        next if next == entry.before.as_deref() => Outcome::NeverCame,
        _ => Outcome::ChangedSince,
    };
    entries.iter().zip(nexts).map(|(entry, next)| (entry, outcome(entry, next))).collect()
}

/// Reads a log. A last line that was broken off while it was written is no entry.
///
/// # Errors
/// The number of the first other line that is none.
pub fn read(text: &str) -> Result<Vec<Entry>, u64> {
    let whole = text.rfind('\n').map_or("", |end| text.get(..end).unwrap_or_default());
    let lines = (1..).zip(whole.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(number, line)| serde_json::from_str(line).map_err(|_| number)).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn entry(before: Option<&str>, after: &str) -> Entry {
        let edition =
            Edition { publisher: "P".into(), format: "f".into(), edition: "1".into(), date: date(2026, 1, 1) };
        let files = vec![Source { name: "f.csv".into(), sha256: "00".into() }];
        Entry {
            when: "2026-01-02T03:04:05Z".parse().unwrap(),
            who: "ada".into(),
            why: "new".into(),
            did: Did::Import { edition, files, rows: 7, findings: 0, replaced: Keys::default() },
            difference: Difference { added: Keys::of(["A"]), ..Difference::default() },
            before: before.map(str::to_owned),
            after: after.into(),
        }
    }

    #[test]
    fn a_log_says_what_became_of_each_change() {
        let entries = [entry(None, "a"), entry(Some("a"), "b"), entry(Some("a"), "c"), entry(Some("x"), "d")];
        let became: Vec<Outcome> = outcomes(&entries, Some("d")).into_iter().map(|(_, outcome)| outcome).collect();
        assert_eq!(became, [Outcome::Done, Outcome::NeverCame, Outcome::ChangedSince, Outcome::Done]);
        assert_eq!(outcomes(&entries[..1], None)[0].1, Outcome::NeverCame);
    }

    #[test]
    fn a_line_that_was_broken_off_is_no_entry_and_one_that_is_none_is_named() {
        let line = serde_json::to_string(&entry(None, "a")).unwrap();
        let text = format!("{line}\n\n{line}\n{}", &line[..40]);
        assert_eq!(read(&text), Ok(vec![entry(None, "a"), entry(None, "a")]));
        assert_eq!(read(&format!("{line}\nno\n")), Err(2));
        assert_eq!(read(""), Ok(Vec::new()));
    }
}
