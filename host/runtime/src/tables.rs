//! Reference tables: what a key meant on a day, and who is listed under a name like this one.
//!
//! A table is read whole, checked whole and kept in memory. One of keys is a sorted list of rows; looking something up in it
//! allocates nothing. One of lists (`portgate_names::Lists`) has an index over its names.

use std::collections::BTreeMap;

use jiff::civil::Date;
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
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    /// Rows by key and first day.
    Rows(Vec<Row>),
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

/// One value of a key, from its first day on and before its last.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    key: Box<str>,
    from: Date,
    to: Date,
    value: Box<str>,
}

/// Why a table cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct TableError {
    /// The line of the file, from 1.
    pub line: u64,
    /// What is wrong there.
    pub problem: String,
}

impl Tables {
    /// Adds a table: from CSV (RFC 4180) with the header `key,value` or `key,value,from,to`, where `from` is inclusive, `to`
    /// exclusive, and either may be empty; or from the JSON Lines of published lists.
    ///
    /// # Errors
    ///
    /// The first line that is not such a row, or whose days another row of the same key has as well.
    pub fn add(&mut self, name: &str, file: &[u8]) -> Result<(), TableError> {
        let content = match Lists::is_one(file) {
            true => Content::Lists(Lists::read(file)?),
            false => Content::Rows(rows(file)?),
        };
        self.tables.insert(name.to_owned(), Table { digest: crate::digest(file), content });
        Ok(())
    }

    /// The value of `key` in `table` on the day `on`.
    pub fn lookup(&self, table: &str, key: &str, on: Date) -> Option<&str> {
        let Content::Rows(rows) = &self.tables.get(table)?.content else { return None };
        let begun = rows.partition_point(|row| (&*row.key, row.from) <= (key, on));
        let row = rows.get(begun.checked_sub(1)?)?;
        (&*row.key == key && on < row.to).then_some(&*row.value)
    }

    /// The lists of a table, where it is one of lists.
    pub fn lists(&self, table: &str) -> Option<&Lists> {
        match &self.tables.get(table)?.content {
            Content::Lists(lists) => Some(lists),
            Content::Rows(_) => None,
        }
    }

    /// Whether there is a table of this name.
    pub fn contains(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }
}

impl From<ListError> for TableError {
    fn from(ListError { line, problem }: ListError) -> Self {
        TableError { line, problem }
    }
}

/// The rows of a table of keys, in their order.
fn rows(csv: &[u8]) -> Result<Vec<Row>, TableError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(csv);
    let header: Vec<String> = reader.headers().map_err(broken)?.iter().map(str::to_owned).collect();
    let dated = match header.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["key", "value"] => false,
        ["key", "value", "from", "to"] => true,
        _ => return Err(at(1, "the header must be `key,value` or `key,value,from,to`")),
    };
    let mut rows: Vec<(Row, u64)> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let line = record.position().map_or(0, csv::Position::line);
        rows.push((row(&record, dated, line)?, line));
    }
    rows.sort_by(|(a, _), (b, _)| (&a.key, a.from).cmp(&(&b.key, b.from)));
    for pair in rows.windows(2) {
        let [(one, line), (next, next_line)] = pair else { continue };
        if one.key == next.key && next.from < one.to {
            return Err(at(*line.max(next_line), "this key has another value on some of these days"));
        }
    }
    Ok(rows.into_iter().map(|(row, _)| row).collect())
}

/// A day that is written as RFC 3339 does, `YYYY-MM-DD`, and nothing else.
pub(crate) fn day(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shape = |(at, byte): (usize, &u8)| if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() };
    match bytes.len() == 10 && bytes.iter().enumerate().all(shape) {
        true => text.parse().ok(),
        false => None,
    }
}

fn row(record: &csv::StringRecord, dated: bool, line: u64) -> Result<Row, TableError> {
    let field = |index: usize| record.get(index).unwrap_or_default();
    let bound = |index: usize, open: Date| match field(index) {
        "" => Ok(open),
        text => day(text).ok_or_else(|| at(line, "a day must be written YYYY-MM-DD")),
    };
    let (from, to) = match dated {
        true => (bound(2, Date::MIN)?, bound(3, Date::MAX)?),
        false => (Date::MIN, Date::MAX),
    };
    match from < to {
        true => Ok(Row { key: field(0).into(), from, to, value: field(1).into() }),
        false => Err(at(line, "`to` must be later than `from`")),
    }
}

fn at(line: u64, problem: &str) -> TableError {
    TableError { line, problem: problem.to_owned() }
}

fn broken(error: csv::Error) -> TableError {
    let line = error.position().map_or(1, csv::Position::line);
    at(line, "the row has another number of fields than the header, or is no UTF-8")
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
    fn a_key_without_days_holds_always() {
        let tables = table("key,value\nGB,United Kingdom\n").unwrap();
        assert_eq!(value(&tables, "GB", "2026-01-01"), Some("United Kingdom"));
    }

    #[test]
    fn a_bad_row_is_named_by_its_line() {
        assert_eq!(table("key,value\nA,1\nB\n").unwrap_err().line, 3);
        assert_eq!(table("key,value,from,to\nA,1,2026-1-1,\n").unwrap_err().line, 2);
        assert_eq!(table("key,value,from,to\nA,1,2026-02-30,\n").unwrap_err().line, 2);
        assert_eq!(table("key,value,from,to\nA,1,2026-02-02,2026-02-02\n").unwrap_err().line, 2);
        assert_eq!(table("key,value,from,to\nA,1,,\nB,1,,\nA,2,2026-01-01,\n").unwrap_err().line, 4);
        assert_eq!(table("name,value\n").unwrap_err().line, 1);
    }

    #[test]
    fn only_one_way_of_writing_a_day_is_taken() {
        assert_eq!(day("2026-03-01"), Some(Date::constant(2026, 3, 1)));
        for other in ["", "2026-3-1", "20260301", "2026-02-30", "2026-03-01T00:00:00Z", "+026-03-01", "２026-03"] {
            assert_eq!(day(other), None, "{other}");
        }
    }
}
