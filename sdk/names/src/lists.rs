//! Published lists of parties, in one table that is searched by name.
//!
//! A table is a file of JSON Lines. Its first line says which lists it is made of, each line after it is one entry of one of
//! them:
//!
//! ```json
//! {"lists": [{"id": "acme-watch", "name": "Acme watch list", "version": "7", "date": "2026-03-01"}]}
//! {"list": "acme-watch", "id": "12", "names": ["Northern Harrier Ltd", "NHL"], "from": "2026-01-01", "about": {"programs": ["X"]}}
//! ```
//!
//! `names` are all that it is known under, the main one first. `from` and `to` are the first day on which it is listed and the
//! first on which it is no longer; either may be left out. `about` is whatever else is known of it, and is handed on as it is.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::index::Index;

/// The most candidates of one search: who wants more has no name to go by.
pub const CANDIDATES_MAX: usize = 100;

/// Lists in one table.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    sources: Vec<Source>,
    entries: Vec<Entry>,
    /// All names, in the order of the entries.
    index: Index,
    /// Of each name the number of its entry, and which of its names it is.
    names: Vec<(u32, u32)>,
}

/// A list as it was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What entries call it.
    pub id: String,
    /// What its publisher calls it.
    pub name: String,
    /// Which edition it is, in its publisher's words; its date where that counts none.
    pub version: String,
    /// The day of its publication, `YYYY-MM-DD`.
    pub date: String,
}

/// One entry of a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The list, by its `id`.
    pub list: String,
    /// What the list calls the entry.
    pub id: String,
    /// What it is known under, the main name first.
    pub names: Vec<String>,
    /// The first day on which it is listed, `YYYY-MM-DD`; none for ever before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The first day on which it is listed no longer, `YYYY-MM-DD`; none for ever after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// What else is known of it: an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Box<RawValue>>,
}

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    lists: Vec<Source>,
}

/// An entry with a name that resembles another.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'l> {
    /// The entry.
    pub entry: &'l Entry,
    /// That of its names which is the most alike.
    pub name: &'l str,
}

/// Why a table cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListError {
    /// The line of the file, from 1.
    pub line: u64,
    /// What is wrong there.
    pub problem: String,
}

impl Lists {
    /// Whether a file means to be such a table, by its first byte.
    pub fn is_one(bytes: &[u8]) -> bool {
        bytes.trim_ascii_start().first() == Some(&b'{')
    }

    /// Reads a table.
    ///
    /// # Errors
    /// The first line that is not as it should be: no JSON of its shape, of a list that the first line does not name, an entry
    /// that is there twice on one day or that has no name.
    pub fn read(bytes: &[u8]) -> Result<Self, ListError> {
        let text = std::str::from_utf8(bytes).map_err(|_| at(1, "it is no UTF-8"))?;
        let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        let (_, first) = lines.next().ok_or_else(|| at(1, "it is empty: the first line names the lists"))?;
        let Header { lists: sources } = read_line(1, first)?;
        let ids: BTreeSet<&str> = sources.iter().map(|source| source.id.as_str()).collect();
        if ids.len() != sources.len() {
            return Err(at(1, "two lists have one `id`"));
        }
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen: BTreeSet<(String, String, Option<String>)> = BTreeSet::new();
        for (number, line) in lines {
            let entry: Entry = read_line(number, line)?;
            let is_day = |day: &Option<String>| day.as_deref().is_none_or(is_day);
            let problem = match &entry {
                entry if !ids.contains(entry.list.as_str()) => "`list` is none of those that the first line names",
                entry if entry.names.iter().all(|name| name.trim().is_empty()) => "an entry has a name",
                entry if !is_day(&entry.from) || !is_day(&entry.to) => "a day is written YYYY-MM-DD",
                entry if !seen.insert((entry.list.clone(), entry.id.clone(), entry.from.clone())) => {
                    "this entry of this list is there already"
                }
                _ => {
                    entries.push(entry);
                    continue;
                }
            };
            return Err(at(number, problem));
        }
        Ok(Lists::new(sources, entries))
    }

    /// The table of these entries.
    pub fn new(sources: Vec<Source>, entries: Vec<Entry>) -> Self {
        let names =
            (0..).zip(&entries).flat_map(|(number, entry)| (0..).zip(&entry.names).map(move |(at, _)| (number, at)));
        let names: Vec<(u32, u32)> = names.collect();
        let index = Index::new(entries.iter().flat_map(|entry| &entry.names).map(String::as_str));
        Lists { sources, entries, index, names }
    }

    /// The table as a file.
    pub fn write(&self) -> String {
        let header = Header { lists: self.sources.clone() };
        let mut text = line(&header);
        self.entries.iter().for_each(|entry| text.push_str(&line(entry)));
        text
    }

    /// The lists that it is made of.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Its entries.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries that are listed on the day `on` (`YYYY-MM-DD`) and have a name that resembles this one: the most alike first,
    /// each with that name of it, at most `most`.
    pub fn candidates(&self, name: &str, on: &str, most: usize) -> Vec<Candidate<'_>> {
        let is_listed = |number: u32| {
            let entry = &self.entries[self.names[number as usize].0 as usize];
            entry.from.as_deref().is_none_or(|from| from <= on) && entry.to.as_deref().is_none_or(|to| on < to)
        };
        // Several names of one entry may be found, of which the first is the most alike.
        let found = self.index.search(name, most.saturating_mul(4), is_listed);
        let mut entries = BTreeSet::new();
        let mut candidates = Vec::new();
        for found in found {
            let (number, at) = self.names[found.number as usize];
            if candidates.len() < most && entries.insert(number) {
                let entry = &self.entries[number as usize];
                candidates.push(Candidate { entry, name: &entry.names[at as usize] });
            }
        }
        candidates
    }
}

fn line(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).expect("texts and lists of texts are JSON");
    format!("{json}\n")
}

fn read_line<'t, T: Deserialize<'t>>(number: u64, line: &'t str) -> Result<T, ListError> {
    serde_json::from_str(line).map_err(|error| {
        let problem = error.to_string();
        let problem = problem.split(" at line ").next().unwrap_or_default();
        ListError { line: number, problem: format!("{problem} (column {})", error.column()) }
    })
}

fn at(line: u64, problem: &str) -> ListError {
    ListError { line, problem: problem.to_owned() }
}

/// Whether it has the shape of a day.
fn is_day(text: &str) -> bool {
    let is_right = |(at, byte): (usize, &u8)| if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() };
    text.len() == 10 && text.as_bytes().iter().enumerate().all(is_right)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = r#"{"lists": [{"id": "a", "name": "A", "version": "7", "date": "2026-03-01"}]}
{"list": "a", "id": "1", "names": ["Northern Harrier Ltd", "Harrier of the North"], "about": {"programs": ["X"]}}

{"list": "a", "id": "2", "names": ["Southern Kestrel"], "from": "2026-02-01", "to": "2026-03-01"}
"#;

    fn found(name: &str, on: &str) -> Vec<(String, String)> {
        let lists = Lists::read(TABLE.as_bytes()).unwrap();
        let candidates = lists.candidates(name, on, 5);
        candidates.iter().map(|found| (found.entry.id.clone(), found.name.to_owned())).collect()
    }

    #[test]
    fn an_entry_is_found_once_by_the_most_alike_of_its_names_and_on_its_days() {
        let first = vec![("1".to_owned(), "Northern Harrier Ltd".to_owned())];
        assert_eq!(found("NORTHERN HARIER", "2026-01-01"), first);
        assert_eq!(found("Harrier of the Nord", "2026-01-01")[0].1, "Harrier of the North");
        let is_found = |on: &str| found("Southern Kestrel", on).iter().any(|(id, _)| id == "2");
        assert_eq!(["2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01"].map(is_found), [false, true, true, false]);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let lists = Lists::read(TABLE.as_bytes()).unwrap();
        let again = Lists::read(lists.write().as_bytes()).unwrap();
        assert_eq!((again.write(), again.sources()), (lists.write(), lists.sources()));
        assert_eq!(again.entries()[0].about.as_ref().unwrap().get(), r#"{"programs": ["X"]}"#);
    }

    #[test]
    fn a_bad_line_is_named() {
        let header = TABLE.lines().next().unwrap();
        for (text, line, problem) in [
            ("", 1, "empty"),
            ("{}", 1, "missing field `lists`"),
            (&format!("{header}\n{{\"list\": \"b\", \"id\": \"1\", \"names\": [\"N\"]}}"), 2, "`list`"),
            (&format!("{header}\n\n{{\"list\": \"a\", \"id\": \"1\", \"names\": [\" \"]}}"), 3, "has a name"),
            (&format!("{TABLE}{{\"list\": \"a\", \"id\": \"1\", \"names\": [\"N\"]}}"), 5, "there already"),
            (
                &format!("{header}\n{{\"list\": \"a\", \"id\": \"1\", \"names\": [\"N\"], \"from\": \"1.1.26\"}}"),
                2,
                "a day",
            ),
            (&format!("{header}\n{{\"list\": \"a\", \"id\": 1}}"), 2, "column"),
        ] {
            let error = Lists::read(text.as_bytes()).unwrap_err();
            assert!(error.line == line && error.problem.contains(problem), "{text}: {error:?}");
        }
        assert!(Lists::is_one(TABLE.as_bytes()) && !Lists::is_one(b"key,value\n") && !Lists::is_one(b""));
    }
}
