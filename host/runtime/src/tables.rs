//! Reference tables: what a key meant on a day.

use std::collections::BTreeMap;

/// Effective-dated tables by name, in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables {
    tables: BTreeMap<String, BTreeMap<String, Vec<Row>>>,
}

/// One value of a key. Days are `YYYY-MM-DD`, so text order is time order; an empty `to` has no end.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    from: String,
    to: String,
    value: String,
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
    /// Adds a table from CSV (RFC 4180) with the header `key,value` or `key,value,from,to`; `from` is inclusive, `to`
    /// exclusive, either may be empty.
    ///
    /// # Errors
    ///
    /// The first line that is not such a row, or whose span overlaps another's of the same key.
    pub fn add(&mut self, name: &str, csv: &[u8]) -> Result<(), TableError> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(csv);
        let header: Vec<String> = reader.headers().map_err(broken)?.iter().map(str::to_owned).collect();
        let dated = match header.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["key", "value"] => false,
            ["key", "value", "from", "to"] => true,
            _ => return Err(at(1, "the header must be `key,value` or `key,value,from,to`")),
        };
        let mut rows: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for record in reader.records() {
            let record = record.map_err(broken)?;
            let line = record.position().map_or(0, csv::Position::line);
            let field = |index: usize| record.get(index).unwrap_or_default().to_owned();
            let (from, to) = if dated { (field(2), field(3)) } else { (String::new(), String::new()) };
            for day in [&from, &to] {
                if !day.is_empty() && !is_day(day) {
                    return Err(at(line, "a day must be written YYYY-MM-DD"));
                }
            }
            if !to.is_empty() && to <= from {
                return Err(at(line, "`to` must be later than `from`"));
            }
            let row = Row { from, to, value: field(1) };
            let of_key = rows.entry(field(0)).or_default();
            if of_key.iter().any(|other| overlap(other, &row)) {
                return Err(at(line, "this key has another value on some of these days"));
            }
            of_key.push(row);
        }
        self.tables.insert(name.to_owned(), rows);
        Ok(())
    }

    /// The value of `key` in `table` on the day `on`.
    pub fn lookup(&self, table: &str, key: &str, on: &str) -> Option<&str> {
        let rows = self.tables.get(table)?.get(key)?;
        let holds = |row: &&Row| row.from.as_str() <= on && (row.to.is_empty() || on < row.to.as_str());
        rows.iter().find(holds).map(|row| row.value.as_str())
    }

    /// Whether there is a table of this name.
    pub fn contains(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }
}

fn overlap(one: &Row, other: &Row) -> bool {
    let ends_before = |a: &Row, b: &Row| !a.to.is_empty() && a.to <= b.from;
    !ends_before(one, other) && !ends_before(other, one)
}

fn is_day(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit_or_dash = |(at, byte): (usize, &u8)| if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() };
    bytes.len() == 10 && bytes.iter().enumerate().all(digit_or_dash)
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

    #[test]
    fn a_key_has_the_value_of_its_day() {
        let tables = table("key,value,from,to\nA,1,,2026-01-01\nA,2,2026-01-01,\n").unwrap();
        assert_eq!(tables.lookup("rates", "A", "2025-12-31"), Some("1"));
        assert_eq!(tables.lookup("rates", "A", "2026-01-01"), Some("2"));
        assert_eq!(tables.lookup("rates", "B", "2026-01-01"), None);
        assert_eq!(tables.lookup("other", "A", "2026-01-01"), None);
    }

    #[test]
    fn a_bad_row_is_named_by_its_line() {
        assert_eq!(table("key,value\nA,1\nB\n").unwrap_err().line, 3);
        assert_eq!(table("key,value,from,to\nA,1,2026-1-1,\n").unwrap_err().line, 2);
        assert_eq!(table("key,value,from,to\nA,1,,\nA,2,2026-01-01,\n").unwrap_err().line, 3);
        assert_eq!(table("name,value\n").unwrap_err().line, 1);
    }
}
