//! A table in memory.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// An edition of a published list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    /// Who publishes the list.
    pub publisher: String,
    /// The list, and the form that it is published in.
    pub format: String,
    /// What the publisher calls the edition.
    pub edition: String,
    /// The day from which it holds.
    pub date: Date,
}

/// The value of a key, from its first day on and before its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'t> {
    /// What is looked up.
    pub key: &'t str,
    /// What it means.
    pub value: Value<'t>,
    /// The first day; [`Date::MIN`] where there is none.
    pub from: Date,
    /// The day after the last; [`Date::MAX`] where there is none.
    pub to: Date,
    /// Which of the table's editions said it first; none where a person did.
    pub edition: Option<u16>,
}

/// What a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'t> {
    /// A text.
    Text(&'t str),
    /// A JSON object, as it is written.
    Json(&'t str),
}

impl<'t> Value<'t> {
    /// The text, or the JSON.
    pub fn as_str(self) -> &'t str {
        match self {
            Value::Text(text) | Value::Json(text) => text,
        }
    }
}

/// Rows by key and first day.
#[derive(Clone, Debug, Default)]
pub struct Table {
    editions: Vec<Edition>,
    /// The key and the value of each row, one behind the other.
    text: String,
    places: Vec<Place>,
}

/// Where the texts of a row are, and what else it says.
#[derive(Clone, Copy, Debug)]
struct Place {
    key: u32,
    value: u32,
    end: u32,
    from: Date,
    to: Date,
    /// [`NOBODYS`] where it is of none.
    edition: u16,
    is_json: bool,
}

/// In the place of an edition, for a row that is of none.
const NOBODYS: u16 = u16::MAX;

/// Why there is no table of these rows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct TableError {
    /// The line of the file, from 1; where there is no file, the row.
    pub line: u64,
    /// What is wrong there, with the key that it is about.
    pub problem: String,
}

impl TableError {
    pub(super) fn at(line: u64, problem: impl Into<String>) -> Self {
        TableError { line, problem: problem.into() }
    }
}

impl Table {
    /// A table of rows in whatever order.
    ///
    /// # Errors
    /// A row without a day or of an edition that is not there, two rows of one key on one day, and more than fits into 4 GiB.
    pub fn new<'r>(editions: Vec<Edition>, rows: impl IntoIterator<Item = Row<'r>>) -> Result<Self, TableError> {
        let mut builder = Builder::default();
        for (line, row) in (1..).zip(rows) {
            builder.push(row, line)?;
        }
        builder.finish(editions)
    }

    /// The editions of published lists that it is made of.
    pub fn editions(&self) -> &[Edition] {
        &self.editions
    }

    /// Its rows, by key and first day.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        self.places.iter().map(|place| self.row(place))
    }

    /// The rows of a key, by first day.
    pub fn rows_of(&self, key: &str) -> impl ExactSizeIterator<Item = Row<'_>> {
        let begin = self.places.partition_point(|place| self.key(place) < key);
        let many = self.places.get(begin..).unwrap_or_default().partition_point(|place| self.key(place) == key);
        self.places.iter().skip(begin).take(many).map(|place| self.row(place))
    }

    /// The row of a key on a day.
    pub fn on(&self, key: &str, day: Date) -> Option<Row<'_>> {
        let begun = self.places.partition_point(|place| (self.key(place), place.from) <= (key, day));
        let place = self.places.get(begun.checked_sub(1)?)?;
        (self.key(place) == key && day < place.to).then(|| self.row(place))
    }

    /// How much memory its rows take, in bytes.
    pub fn bytes(&self) -> usize {
        self.text.capacity() + self.places.capacity() * size_of::<Place>()
    }

    fn key(&self, place: &Place) -> &str {
        self.text.get(place.key as usize..place.value as usize).unwrap_or_default()
    }

    fn row(&self, place: &Place) -> Row<'_> {
        let value = self.text.get(place.value as usize..place.end as usize).unwrap_or_default();
        Row {
            key: self.key(place),
            value: if place.is_json { Value::Json(value) } else { Value::Text(value) },
            from: place.from,
            to: place.to,
            edition: (place.edition != NOBODYS).then_some(place.edition),
        }
    }
}

/// Takes rows up one after the other.
#[derive(Default)]
pub(super) struct Builder {
    table: Table,
    /// The lines of the rows.
    lines: Vec<u32>,
}

impl Builder {
    pub(super) fn push(&mut self, row: Row<'_>, line: u64) -> Result<(), TableError> {
        let Row { key, value, from, to, edition } = row;
        if from >= to {
            return Err(TableError::at(line, format!("`to` of the key `{key}` must be later than its `from`")));
        }
        let text = &mut self.table.text;
        let mut place = |part: &str| {
            let begin = u32::try_from(text.len()).ok();
            text.push_str(part);
            begin.zip(u32::try_from(text.len()).ok())
        };
        let (key, value_at) = (place(key), place(value.as_str()));
        let (Some((key, _)), Some((value_at, end)), Ok(line_at)) = (key, value_at, u32::try_from(line)) else {
            return Err(TableError::at(line, "a table has no room for more than 4 GiB"));
        };
        let is_json = matches!(value, Value::Json(_));
        let edition = edition.unwrap_or(NOBODYS);
        self.table.places.push(Place { key, value: value_at, end, from, to, edition, is_json });
        self.lines.push(line_at);
        Ok(())
    }

    pub(super) fn finish(self, editions: Vec<Edition>) -> Result<Table, TableError> {
        let Builder { mut table, lines } = self;
        let mut order: Vec<usize> = (0..table.places.len()).collect();
        let of = |at: &usize| table.places.get(*at).map(|place| (table.key(place), place.from));
        order.sort_by(|one, other| of(one).cmp(&of(other)));
        let line = |at: usize| lines.get(at).copied().map_or(0, u64::from);
        for at in &order {
            let edition = table.places.get(*at).map_or(NOBODYS, |place| place.edition);
            if edition != NOBODYS && usize::from(edition) >= editions.len() {
                return Err(TableError::at(line(*at), format!("there is no edition {edition} in the first line")));
            }
        }
        for pair in order.windows(2) {
            let [one, next] = *pair else { continue };
            let (Some(before), Some(after)) = (table.places.get(one), table.places.get(next)) else { continue };
            if table.key(before) == table.key(after) && after.from < before.to {
                let problem = format!("the key `{}` has another value on some of these days", table.key(after));
                return Err(TableError::at(line(one).max(line(next)), problem));
            }
        }
        table.places = order.iter().filter_map(|at| table.places.get(*at).copied()).collect();
        table.text.shrink_to_fit();
        table.editions = editions;
        Ok(table)
    }
}
