//! The two forms of a table's file.

use std::borrow::Cow;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::table::{Builder, Edition, Row, Table, TableError, Value};

/// The first line of the JSON Lines.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    table: Editions,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Editions {
    editions: Vec<Edition>,
}

/// Each other line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'l> {
    #[serde(borrow)]
    key: Cow<'l, str>,
    #[serde(borrow)]
    value: &'l RawValue,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    from: Option<Cow<'l, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    to: Option<Cow<'l, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of: Option<u16>,
}

/// Whether a file means to be a table that is made of published lists: its first line says so.
pub fn is_made_of_editions(file: &[u8]) -> bool {
    let inside = file.trim_ascii_start().strip_prefix(b"{").unwrap_or_default();
    inside.trim_ascii_start().starts_with(b"\"table\"")
}

/// Reads a table, in whichever form it is.
///
/// # Errors
/// The first line that is no row, or whose key has another value on some of its days.
pub fn read(file: &[u8]) -> Result<Table, TableError> {
    match is_made_of_editions(file) {
        true => lines(file),
        false => csv(file),
    }
}

/// The table as JSON Lines.
pub fn write(table: &Table) -> String {
    let head = Head { table: Editions { editions: table.editions().to_vec() } };
    let mut written = serde_json::to_string(&head).unwrap_or_default();
    written.push('\n');
    for row in table.rows() {
        let day = |day: Date, open: Date| (day != open).then(|| Cow::Owned(day.to_string()));
        let value = match row.value {
            Value::Json(json) => RawValue::from_string(json.to_owned()),
            Value::Text(text) => serde_json::value::to_raw_value(text),
        };
        let value = value.unwrap_or_else(|_| RawValue::NULL.to_owned());
        let (from, to) = (day(row.from, Date::MIN), day(row.to, Date::MAX));
        let line = Line { key: Cow::Borrowed(row.key), value: &value, from, to, of: row.edition };
        written.push_str(&serde_json::to_string(&line).unwrap_or_default());
        written.push('\n');
    }
    written
}

fn lines(file: &[u8]) -> Result<Table, TableError> {
    let text = std::str::from_utf8(file).map_err(|_| TableError::at(1, "it is no UTF-8"))?;
    let mut lines = (1..).zip(text.lines());
    let (_, first) = lines.next().unwrap_or_default();
    let Head { table: Editions { editions } } = serde_json::from_str(first).map_err(|error| no_json(1, &error))?;
    let mut builder = Builder::default();
    for (line, text) in lines.filter(|(_, text)| !text.trim().is_empty()) {
        let Line { key, value, from, to, of } = serde_json::from_str(text).map_err(|error| no_json(line, &error))?;
        let unescaped: Cow<'_, str>;
        let value = match value.get().as_bytes().first() {
            Some(b'{') => Value::Json(value.get()),
            Some(b'"') => {
                unescaped = serde_json::from_str(value.get()).map_err(|error| no_json(line, &error))?;
                Value::Text(&unescaped)
            }
            _ => {
                return Err(TableError::at(
                    line,
                    format!("the value of the key `{key}` is neither a text nor an object"),
                ));
            }
        };
        let from = bound(from.as_deref().unwrap_or_default(), Date::MIN, &key, line)?;
        let to = bound(to.as_deref().unwrap_or_default(), Date::MAX, &key, line)?;
        builder.push(Row { key: &key, value, from, to, edition: of }, line)?;
    }
    builder.finish(editions)
}

/// What is wrong with a line as JSON. The error counts the line as the first of its text.
fn no_json(line: u64, error: &serde_json::Error) -> TableError {
    let problem = error.to_string();
    let said = problem.split(" at line ").next().unwrap_or_default();
    TableError::at(line, format!("{said} (column {})", error.column()))
}

fn csv(file: &[u8]) -> Result<Table, TableError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let header = reader.headers().map_err(no_row)?.clone();
    let dated = match header.iter().collect::<Vec<_>>().as_slice() {
        ["key", "value"] => false,
        ["key", "value", "from", "to"] => true,
        _ => return Err(TableError::at(1, "the header must be `key,value` or `key,value,from,to`")),
    };
    let mut builder = Builder::default();
    for record in reader.records() {
        let record = record.map_err(no_row)?;
        let line = record.position().map_or(0, csv::Position::line);
        let field = |index: usize| record.get(index).unwrap_or_default();
        let key = field(0);
        let (from, to) = match dated {
            true => (bound(field(2), Date::MIN, key, line)?, bound(field(3), Date::MAX, key, line)?),
            false => (Date::MIN, Date::MAX),
        };
        builder.push(Row { key, value: Value::Text(field(1)), from, to, edition: None }, line)?;
    }
    builder.finish(Vec::new())
}

fn no_row(error: csv::Error) -> TableError {
    let line = error.position().map_or(1, csv::Position::line);
    TableError::at(line, "the row has another number of fields than the header, or is no UTF-8")
}

/// The day that a text is, or the open end that an empty one is.
fn bound(text: &str, open: Date, key: &str, line: u64) -> Result<Date, TableError> {
    match text {
        "" => Ok(open),
        text => day(text)
            .ok_or_else(|| TableError::at(line, format!("a day of the key `{key}` must be written YYYY-MM-DD"))),
    }
}

/// A day that is written as RFC 3339 does, `YYYY-MM-DD`, and nothing else.
pub fn day(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shape = |(at, byte): (usize, &u8)| if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() };
    match bytes.len() == 10 && bytes.iter().enumerate().all(shape) {
        true => text.parse().ok(),
        false => None,
    }
}
