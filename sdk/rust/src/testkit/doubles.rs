//! What stands in for the host when a plugin's crate is tested natively: the thread's own log and reference tables. One
//! test is one thread, so tests that run side by side do not see each other's.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::mem;

use portgate_names::{Lists, Source};

use crate::codes::{Translation, Unknown};
use crate::log::Level;
use crate::names::Candidate;

/// One logged line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How much it matters.
    pub level: Level,
    /// Its text.
    pub text: String,
    /// Names and values beside it.
    pub fields: Vec<(String, String)>,
}

/// One row of a reference table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The table's name.
    pub table: String,
    /// What is looked up.
    pub key: String,
    /// The first day on which the row holds, `YYYY-MM-DD`; none for ever before.
    pub from: Option<String>,
    /// The first day on which it holds no longer, `YYYY-MM-DD`; none for ever after.
    pub to: Option<String>,
    /// What is found.
    pub value: String,
}

/// What the agreement of a test has of the partner's codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Codes {
    /// Its tables, each with what becomes of a code that it does not know.
    pub unknown: BTreeMap<String, Unknown>,
    /// The rows of all tables.
    pub rows: Vec<CodeRow>,
}

/// A code of theirs beside one of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRow {
    /// The table's name.
    pub table: String,
    /// The partner's code.
    pub theirs: String,
    /// Our code.
    pub ours: String,
    /// `in` where it counts from theirs to ours alone, `out` where it counts the other way alone.
    pub way: Option<String>,
    /// The first day on which the row holds, `YYYY-MM-DD`; none for ever before.
    pub from: Option<String>,
    /// The first day on which it holds no longer, `YYYY-MM-DD`; none for ever after.
    pub to: Option<String>,
}

thread_local! {
    static CODES: RefCell<Codes> = RefCell::default();
    static LISTS: RefCell<BTreeMap<String, Lists>> = const { RefCell::new(BTreeMap::new()) };
    static LINES: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
    static ROWS: RefCell<Vec<Row>> = const { RefCell::new(Vec::new()) };
}

pub(crate) fn log(level: Level, text: &str, fields: &[(&str, &str)]) {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    LINES.with_borrow_mut(|lines| lines.push(Line { level, text: text.to_owned(), fields }));
}

pub(crate) fn ours(table: &str, theirs: &str, on: &str) -> Translation {
    translate(table, on, |row| (row.way.as_deref() != Some("out") && row.theirs == theirs).then_some(&row.ours))
}

pub(crate) fn theirs(table: &str, ours: &str, on: &str) -> Translation {
    translate(table, on, |row| (row.way.as_deref() != Some("in") && row.ours == ours).then_some(&row.theirs))
}

fn translate(table: &str, on: &str, other: impl Fn(&CodeRow) -> Option<&String>) -> Translation {
    CODES.with_borrow(|codes| {
        let Some(unknown) = codes.unknown.get(table) else { return Translation::Unknown(Unknown::Pass) };
        let holds = |row: &&CodeRow| row.table == table && is_within(row.from.as_deref(), row.to.as_deref(), on);
        match codes.rows.iter().filter(holds).find_map(other) {
            Some(code) => Translation::Known(code.clone()),
            None => Translation::Unknown(*unknown),
        }
    })
}

fn is_within(from: Option<&str>, to: Option<&str>, on: &str) -> bool {
    from.is_none_or(|from| from <= on) && to.is_none_or(|to| on < to)
}

pub(crate) fn lookup(table: &str, key: &str, on: &str) -> Option<String> {
    ROWS.with_borrow(|rows| {
        rows.iter()
            .find(|row| row.table == table && row.key == key && is_within(row.from.as_deref(), row.to.as_deref(), on))
            .map(|row| row.value.clone())
    })
}

pub(crate) fn sources(table: &str) -> Vec<Source> {
    LISTS.with_borrow(|all| all.get(table).map(|lists| lists.sources().to_vec()).unwrap_or_default())
}

pub(crate) fn candidates(table: &str, name: &str, on: &str, most: u32) -> Vec<Candidate> {
    LISTS.with_borrow(|all| {
        let Some(lists) = all.get(table) else { return Vec::new() };
        let found = lists.candidates(name, on, (most as usize).min(portgate_names::CANDIDATES_MAX));
        let candidate = |found: portgate_names::Candidate<'_>| Candidate {
            source: found.entry.list.clone(),
            entry: found.entry.id.clone(),
            names: found.entry.names.clone(),
            about: found.entry.about.as_ref().map(|about| about.get().to_owned()).unwrap_or_default(),
        };
        found.into_iter().map(candidate).collect()
    })
}

/// Takes the lines that this thread has logged so far.
pub fn logged() -> Vec<Line> {
    LINES.with_borrow_mut(mem::take)
}

/// Sets this thread's reference tables; what was there before is gone.
pub fn provide(rows: Vec<Row>) {
    ROWS.with_borrow_mut(|all| *all = rows);
}

/// Sets this thread's tables of lists; what was there before is gone.
pub fn provide_lists(lists: BTreeMap<String, Lists>) {
    LISTS.set(lists);
}

/// Sets what this thread's agreement has of the partner's codes; what was there before is gone.
pub fn provide_codes(codes: Codes) {
    CODES.set(codes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_found_on_its_first_day_and_not_on_its_last() {
        provide(vec![Row {
            table: "rates".into(),
            key: "EUR".into(),
            from: Some("2026-01-01".into()),
            to: Some("2026-02-01".into()),
            value: "0.86".into(),
        }]);
        assert_eq!(crate::reference::lookup("rates", "EUR", "2025-12-31"), None);
        assert_eq!(crate::reference::lookup("rates", "EUR", "2026-01-01").as_deref(), Some("0.86"));
        assert_eq!(crate::reference::lookup("rates", "EUR", "2026-02-01"), None);
    }

    #[test]
    fn logged_lines_are_kept_for_the_test() {
        crate::log::write(Level::Warn, "odd", &[("order", "7")]);
        let lines = logged();
        assert_eq!((lines[0].level, lines[0].text.as_str()), (Level::Warn, "odd"));
        assert!(logged().is_empty());
    }
}
