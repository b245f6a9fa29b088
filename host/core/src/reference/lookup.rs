//! What was looked up in tables, and what they said: what rests on it is out of date once a table says something else.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::sha256::sha256_hex;

/// So many look-ups are told apart. Of a table in which more is looked up, whatever it says counts.
pub const LOOKUPS_MAX: usize = 1_000;
/// The longest key that is told from others, in bytes.
const KEY_BYTES_MAX: usize = 200;
/// The longest value that is kept as it is, in bytes; of a longer one its beginning, and its digest.
const VALUE_BYTES_MAX: usize = 200;
const BEGINNING_CHARACTERS: usize = 100;

/// What a table said when it was asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lookup {
    /// The table.
    pub table: String,
    /// What it was asked.
    pub asked: Asked,
    /// What it said, as [`shown`]; nothing where it had no value.
    pub value: Option<String>,
    /// The SHA-256 of the table's file, in hexadecimal digits; empty where there was no such table.
    pub file: String,
}

/// What a table was asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// What a key means on a day.
    Key {
        /// The key.
        key: String,
        /// The day.
        on: Date,
    },
    /// So much that all of it counts: its value is its file.
    Everything,
}

/// All that was looked up for one thing, each look-up once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lookups(BTreeSet<Lookup>);

impl Lookups {
    /// Notes what a table said of a key on a day.
    pub fn note(&mut self, (table, file): (&str, &str), key: &str, on: Date, value: Option<&str>) {
        if self.0.len() >= LOOKUPS_MAX || key.len() > KEY_BYTES_MAX {
            return self.note_whole(table, file);
        }
        let (asked, value) = (Asked::Key { key: key.to_owned(), on }, value.map(shown));
        self.0.insert(Lookup { table: table.to_owned(), asked, value, file: file.to_owned() });
    }

    /// Notes that a table was asked for more than one key, so that it counts whole.
    pub fn note_whole(&mut self, table: &str, file: &str) {
        let (asked, value) = (Asked::Everything, Some(file.to_owned()));
        self.0.insert(Lookup { table: table.to_owned(), asked, value, file: file.to_owned() });
    }

    /// Notes all that was looked up elsewhere.
    pub fn extend(&mut self, others: Lookups) {
        for lookup in others.0 {
            match self.0.len() < LOOKUPS_MAX {
                true => drop(self.0.insert(lookup)),
                false if self.0.contains(&lookup) => {}
                false => {
                    let Lookup { table, file, .. } = lookup;
                    let (asked, value) = (Asked::Everything, Some(file.clone()));
                    self.0.insert(Lookup { table, asked, value, file });
                }
            }
        }
    }

    /// Each of them, in one order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Lookup> {
        self.0.iter()
    }
}

/// A value as it is kept to be compared and shown: two are the same where their values are.
pub fn shown(value: &str) -> String {
    match value.len() <= VALUE_BYTES_MAX {
        true => value.to_owned(),
        false => {
            let beginning: String = value.chars().take(BEGINNING_CHARACTERS).collect();
            format!("{beginning}… (sha256:{})", sha256_hex(value.as_bytes()))
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const ON: Date = date(2026, 3, 1);

    fn keys(lookups: &Lookups) -> usize {
        lookups.iter().filter(|lookup| matches!(lookup.asked, Asked::Key { .. })).count()
    }

    #[test]
    fn a_look_up_is_noted_once_with_what_was_said_and_a_miss_is_one_as_well() {
        let mut lookups = Lookups::default();
        for _ in 0..2 {
            lookups.note(("rates", "f"), "EUR", ON, Some("0.86"));
            lookups.note(("rates", "f"), "XXX", ON, None);
        }
        let noted: Vec<_> = lookups.iter().map(|lookup| (&lookup.asked, lookup.value.as_deref())).collect();
        let key = |key: &str| Asked::Key { key: key.to_owned(), on: ON };
        assert_eq!(noted, [(&key("EUR"), Some("0.86")), (&key("XXX"), None)]);
    }

    #[test]
    fn of_a_table_in_which_too_much_is_looked_up_all_counts() {
        let mut lookups = Lookups::default();
        (0..2 * LOOKUPS_MAX).for_each(|key| lookups.note(("rates", "f"), &key.to_string(), ON, None));
        assert_eq!((keys(&lookups), lookups.iter().len()), (LOOKUPS_MAX, LOOKUPS_MAX + 1));
        let mut long = Lookups::default();
        long.note(("codes", "g"), &"x".repeat(KEY_BYTES_MAX + 1), ON, None);
        long.note(("codes", "g"), "GB", ON, Some("United Kingdom"));
        assert_eq!((keys(&long), long.iter().len()), (1, 2));
        lookups.extend(long);
        let whole: Vec<_> = lookups.iter().filter(|lookup| lookup.asked == Asked::Everything).collect();
        let told: Vec<_> = whole.iter().map(|lookup| (lookup.table.as_str(), lookup.value.as_deref())).collect();
        assert_eq!(told, [("codes", Some("g")), ("rates", Some("f"))], "what did not fit stands for its whole table");
    }

    #[test]
    fn long_values_are_told_apart_by_their_digests() {
        let long = |end: &str| shown(&format!("{}{end}", "ä".repeat(300)));
        assert_eq!(long("1"), long("1"));
        assert_ne!(long("1"), long("2"));
        assert!(long("1").len() < 300, "{}", long("1"));
        assert_eq!(shown("0.86"), "0.86");
    }
}
