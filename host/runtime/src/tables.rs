//! Reference tables: what a key meant on a day.
//!
//! A table is read whole, checked whole and kept in memory, one sorted list of rows; looking something up allocates
//! nothing.

use std::collections::BTreeMap;

use jiff::civil::Date;

/// Effective-dated tables by name, in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables {
    /// The rows of each table, by key and first day.
    tables: BTreeMap<String, Vec<Row>>,
}

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
    /// Adds a table from CSV (RFC 4180) with the header `key,value` or `key,value,from,to`; `from` is inclusive, `to`
    /// exclusive, either may be empty.
    ///
    /// # Errors
    ///
    /// The first line that is not such a row, or whose days another row of the same key has as well.
    pub fn add(&mut self, name: &str, csv: &[u8]) -> Result<(), TableError> {
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
        self.tables.insert(name.to_owned(), rows.into_iter().map(|(row, _)| row).collect());
        Ok(())
    }

    /// The value of `key` in `table` on the day `on`.
    pub fn lookup(&self, table: &str, key: &str, on: Date) -> Option<&str> {
        let rows = self.tables.get(table)?;
        let begun = rows.partition_point(|row| (&*row.key, row.from) <= (key, on));
        let row = rows.get(begun.checked_sub(1)?)?;
        (&*row.key == key && on < row.to).then_some(&*row.value)
    }

    /// Whether there is a table of this name.
    pub fn contains(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }
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
