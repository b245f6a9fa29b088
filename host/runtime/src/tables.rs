//! Reference tables: what a key meant on a day, and who is listed under a name like this one.
//!
//! A table is read whole, checked whole and kept in memory. One of keys (`portgate_core::reference`) is a sorted list of rows;
//! looking something up in it allocates nothing. One of lists (`portgate_names::Lists`) has an index over its names.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
pub(crate) use portgate_core::reference::day;
use portgate_core::reference::{self, Edition, Row, TableError};
use portgate_names::{ListError, Lists};

/// Effective-dated tables by name, in memory.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    tables: BTreeMap<String, Table>,
}

/// A table, with the SHA-256 of the file that it is of.
#[derive(Clone, Debug)]
struct Table {
    digest: String,
    content: Arc<Content>,
}

#[derive(Debug)]
enum Content {
    Rows(reference::Table),
    Lists(Lists),
}

/// The same files are the same tables.
impl PartialEq for Tables {
    fn eq(&self, other: &Self) -> bool {
        let files = |(name, table): (&String, &Table)| (name.clone(), table.digest.clone());
        self.tables.iter().map(files).eq(other.tables.iter().map(files))
    }
}

impl Eq for Tables {}

impl Tables {
    /// Adds a table of keys, in either form of `portgate_core::reference`, or the JSON Lines of lists of parties.
    ///
    /// # Errors
    ///
    /// The first line that is no row, or whose days another row of the same key has as well.
    pub fn add(&mut self, name: &str, file: &[u8]) -> Result<(), TableError> {
        self.add_unless_read(name, file, &Tables::default())
    }

    /// The same, and where one of the tables `before` is of the same file, whatever its name, it is that one: reading a table
    /// and making its index takes seconds for large lists.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add).
    pub fn add_unless_read(&mut self, name: &str, file: &[u8], before: &Tables) -> Result<(), TableError> {
        let digest = crate::digest(file);
        let content = match before.tables.values().find(|table| table.digest == digest) {
            Some(read) => Arc::clone(&read.content),
            None if Lists::is_one(file) && !reference::is_made_of_editions(file) => {
                Arc::new(Content::Lists(Lists::read(file).map_err(of_lists)?))
            }
            None => Arc::new(Content::Rows(reference::read(file)?)),
        };
        self.tables.insert(name.to_owned(), Table { digest, content });
        Ok(())
    }

    /// The value of `key` in `table` on the day `on`.
    pub fn lookup(&self, table: &str, key: &str, on: Date) -> Option<&str> {
        let Content::Rows(rows) = &*self.tables.get(table)?.content else { return None };
        Some(rows.on(key, on)?.value.as_str())
    }

    /// The row of `key` in `table` on the day `on`, and the edition of a published list that said it first.
    pub fn said(&self, table: &str, key: &str, on: Date) -> Option<(Row<'_>, Option<&Edition>)> {
        let Content::Rows(rows) = &*self.tables.get(table)?.content else { return None };
        let row = rows.on(key, on)?;
        let edition = row.edition.and_then(|edition| rows.editions().get(usize::from(edition)));
        Some((row, edition))
    }

    /// The lists of a table, where it is one of lists.
    pub fn lists(&self, table: &str) -> Option<&Lists> {
        match &*self.tables.get(table)?.content {
            Content::Lists(lists) => Some(lists),
            Content::Rows(_) => None,
        }
    }

    /// The SHA-256 of the file that a table is of; empty where there is no such table.
    pub fn file(&self, table: &str) -> &str {
        self.tables.get(table).map_or("", |table| &table.digest)
    }

    /// The tables by name, each with the SHA-256 of its file.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tables.iter().map(|(name, table)| (name.as_str(), table.digest.as_str()))
    }

    /// Whether there is a table of this name.
    pub fn contains(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }
}

fn of_lists(ListError { line, problem }: ListError) -> TableError {
    TableError { line, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(csv: &str) -> Result<Tables, TableError> {
        let mut tables = Tables::default();
        tables.add("rates", csv.as_bytes()).map(|()| tables)
    }

    fn value<'a>(tables: &'a Tables, key: &str, on: &str) -> Option<&'a str> {
        tables.lookup("rates", key, day(on).expect("a day"))
    }

    #[test]
    fn a_key_has_the_value_of_its_day() {
        let tables = table("key,value,from,to\nA,2,2026-01-01,2027-01-01\nB,x,,\nA,1,,2026-01-01\n").unwrap();
        assert_eq!(value(&tables, "A", "2025-12-31"), Some("1"));
        assert_eq!(value(&tables, "A", "2026-01-01"), Some("2"));
        assert_eq!(value(&tables, "A", "2027-01-01"), None);
        assert_eq!(value(&tables, "B", "1999-01-01"), Some("x"));
        for absent in ["", "0", "AA", "C"] {
            assert_eq!(value(&tables, absent, "2026-01-01"), None);
        }
        assert_eq!(tables.lookup("other", "A", Date::constant(2026, 1, 1)), None);
    }

    #[test]
    fn a_table_of_lists_is_told_by_its_content_and_searched_by_name() {
        let text = concat!(
            "{\"lists\": [{\"id\": \"w\", \"name\": \"W\", \"version\": \"1\", \"date\": \"2026-03-01\"}]}\n",
            "{\"list\": \"w\", \"id\": \"7\", \"names\": [\"Northern Harrier\"]}\n",
        );
        let tables = table(text).unwrap();
        let found = tables.lists("rates").unwrap().candidates("Harier, Northern", "2026-03-01", 5);
        assert_eq!(found[0].entry.id, "7");
        assert_eq!(value(&tables, "7", "2026-03-01"), None);
        assert!(tables.lists("other").is_none() && table("key,value\n").unwrap().lists("rates").is_none());
        let broken = table(&format!("{text}{{}}\n")).unwrap_err();
        assert_eq!((broken.line, broken.problem.as_str()), (3, "missing field `list` (column 2)"));
        assert_eq!(tables, table(text).unwrap());
        assert_ne!(tables, table(&text.replace('7', "8")).unwrap());
    }

    #[test]
    fn what_is_made_of_published_lists_is_looked_up_as_it_is_written() {
        let text = concat!(
            "{\"table\":{\"editions\":[]}}\n",
            "{\"key\":\"GBFXT\",\"value\":{\"name\":\"Felixstowe\"},\"from\":\"2026-01-01\"}\n",
            "{\"key\":\"GBFXT\",\"value\":\"a port\",\"to\":\"2026-01-01\"}\n",
        );
        let tables = table(text).unwrap();
        assert_eq!(value(&tables, "GBFXT", "2026-01-01"), Some("{\"name\":\"Felixstowe\"}"));
        assert_eq!(value(&tables, "GBFXT", "2025-12-31"), Some("a port"));
        assert!(tables.lists("rates").is_none());
    }

    #[test]
    fn a_key_without_days_holds_always() {
        let tables = table("key,value\nGB,United Kingdom\n").unwrap();
        assert_eq!(value(&tables, "GB", "2026-01-01"), Some("United Kingdom"));
    }
}
