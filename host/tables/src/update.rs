//! An edition of a list, or a steward's word, put into a table.
//!
//! Nothing that the table says of days before is touched by it: what an edition says otherwise holds from its day on, and
//! what it no longer names ends there.

use std::collections::BTreeMap;

use jiff::civil::Date;
use portgate_core::reference::{Edition, Row, Table, TableError};

use crate::content::{Meaning, Said, Scope};

/// What came of an edition.
#[derive(Debug)]
pub struct Updated {
    /// The table with the edition in it.
    pub table: Table,
    /// Keys of which a steward had said something else for days from the edition's on.
    pub replaced: Vec<String>,
    /// What a series says otherwise of a day than the table does, which stays.
    pub kept: Vec<Said>,
}

/// Why an edition cannot be put into a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpdateError {
    /// A later one is there already.
    #[error("the edition holds from {given}, and the table has one of the same list that holds from {has}")]
    Older {
        /// The day of the edition.
        given: Date,
        /// The day of the one that is there.
        has: Date,
    },
    /// It has no room for one more.
    #[error("the table has {0} editions, and room for no more: begin another one")]
    Full(usize),
    /// What came out is no table.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// Puts an edition into a table. Its rows are by key and day, none twice on a day. The first edition of a list holds for all days,
/// but for what it says of its days itself.
///
/// # Errors
/// See [`UpdateError`].
pub fn update(table: &Table, edition: Edition, scope: Scope, said: &[Said]) -> Result<Updated, UpdateError> {
    let of_this_list = |known: &Edition| known.publisher == edition.publisher && known.format == edition.format;
    let latest = table.editions().iter().rev().find(|known| of_this_list(known));
    if let Some(latest) = latest.filter(|latest| edition.date < latest.date && scope != Scope::Series) {
        return Err(UpdateError::Older { given: edition.date, has: latest.date });
    }
    let begin = if latest.is_some() { edition.date } else { Date::MIN };
    let mut editions = table.editions().to_vec();
    let list: Vec<bool> = editions.iter().map(of_this_list).collect();
    let is_of_list = |row: &Row<'_>| row.edition.is_some_and(|of| list.get(usize::from(of)).is_none_or(|is| *is));
    let of = editions.iter().rposition(|known| match scope {
        // The days of a series are in its values: of the series itself its newest edition is enough.
        Scope::Series => of_this_list(known),
        Scope::Whole | Scope::Part => *known == edition,
    });
    let of = match of {
        Some(of) => of,
        None => {
            editions.push(edition.clone());
            editions.len() - 1
        }
    };
    if let Some(known) = editions.get_mut(of).filter(|known| known.date <= edition.date) {
        *known = edition;
    }
    let Some(number) = u16::try_from(of).ok().filter(|number| *number < u16::MAX) else {
        return Err(UpdateError::Full(editions.len()));
    };

    let mut before: BTreeMap<&str, Vec<Row<'_>>> = BTreeMap::new();
    for row in table.rows() {
        before.entry(row.key).or_default().push(row);
    }
    let mut replaced = Vec::new();
    let mut kept = Vec::new();
    let mut rows = Vec::new();
    for group in said.chunk_by(|one, next| one.key == next.key) {
        let Some(first) = group.first() else { continue };
        let was = before.remove(first.key.as_str()).unwrap_or_default();
        if scope == Scope::Series {
            rows.extend(go_on(was, group, number, &mut kept));
            continue;
        }
        let news: Vec<Row<'_>> = group.iter().map(|said| said.row(Some(number))).collect();
        let is_lost =
            |row: &Row<'_>| row.edition.is_none() && row.to > begin && !news.iter().any(|new| new.value == row.value);
        if was.iter().any(is_lost) {
            replaced.push(first.key.clone());
        }
        rows.extend(overlay(was, (begin, Date::MAX), news, &is_of_list));
    }
    for row in before.into_values().flatten() {
        match scope == Scope::Whole && is_of_list(&row) {
            true => rows.extend(until(row, begin)),
            false => rows.push(row),
        }
    }
    Ok(Updated { table: Table::new(editions, rows)?, replaced, kept })
}

/// Puts a steward's word on a key into a table, for the days from the first and before the last; nothing ends what there is.
///
/// # Errors
/// The days are none.
pub fn correct(
    table: &Table,
    key: &str,
    value: Option<&Meaning>,
    (from, to): (Date, Date),
) -> Result<Table, UpdateError> {
    let (was, others): (Vec<Row<'_>>, Vec<Row<'_>>) = table.rows().partition(|row| row.key == key);
    let word = value.map(|value| Row { key, value: value.value(), from, to, edition: None });
    if from >= to {
        return Err(TableError { line: 1, problem: "the last day must be later than the first".to_owned() }.into());
    }
    let rows = overlay(was, (from, to), word.into_iter().collect(), &|row| row.edition.is_some());
    Ok(Table::new(table.editions().to_vec(), others.into_iter().chain(rows))?)
}

/// The rows of a key, with others in their place from one day on and before another. Rows that follow each other and say the same
/// are one, where the same list says both, or a steward.
fn overlay<'r>(
    was: Vec<Row<'r>>,
    (begin, end): (Date, Date),
    news: Vec<Row<'r>>,
    is_of_list: &dyn Fn(&Row<'r>) -> bool,
) -> Vec<Row<'r>> {
    let after = was.iter().filter(|row| row.to > end).map(|row| Row { from: row.from.max(end), ..*row });
    let news = news.iter().map(|row| Row { from: row.from.max(begin), to: row.to.min(end), ..*row });
    let before = was.iter().filter_map(|row| until(*row, begin));
    let mut rows: Vec<Row<'r>> = before.chain(news.filter(|row| row.from < row.to)).chain(after).collect();
    rows.sort_by_key(|row| row.from);
    rows.dedup_by(|next, row| {
        let who = |row: &Row<'r>| (is_of_list(row), row.edition.is_some());
        let same = row.value == next.value && row.to == next.from && who(row) == who(next);
        if same {
            row.to = next.to;
        }
        same
    });
    rows
}

/// The row as it is before a day; none where it begins there.
fn until(row: Row<'_>, day: Date) -> Option<Row<'_>> {
    (row.from < day).then_some(Row { to: row.to.min(day), ..row })
}

/// The rows of a key of a series with what is said of further days.
fn go_on<'r>(mut rows: Vec<Row<'r>>, said: &'r [Said], edition: u16, kept: &mut Vec<Said>) -> Vec<Row<'r>> {
    for said in said {
        let new = said.row(Some(edition));
        let after = rows.partition_point(|row| row.from <= new.from);
        let next = rows.get(after).map_or(Date::MAX, |row| row.from);
        match rows.get_mut(..after).unwrap_or_default().last_mut() {
            Some(row) if row.from == new.from && row.value == new.value => {}
            // What is said of a day again, and otherwise, or of one between two that are known, would be another past.
            Some(row) if row.from == new.from || (new.from < row.to && next < Date::MAX) => kept.push(said.clone()),
            Some(row) => {
                row.to = row.to.min(new.from);
                rows.insert(after, Row { to: new.to.min(next), ..new });
            }
            None => rows.insert(after, Row { to: new.to.min(next), ..new }),
        }
    }
    rows
}
