//! What stands in for the host when a plugin's crate is tested natively: the thread's own log and reference tables. One
//! test is one thread, so tests that run side by side do not see each other's.

use std::cell::RefCell;
use std::mem;

use crate::log::Level;

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

thread_local! {
    static LINES: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
    static ROWS: RefCell<Vec<Row>> = const { RefCell::new(Vec::new()) };
}

pub(crate) fn log(level: Level, text: &str, fields: &[(&str, &str)]) {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    LINES.with_borrow_mut(|lines| lines.push(Line { level, text: text.to_owned(), fields }));
}

pub(crate) fn lookup(table: &str, key: &str, on: &str) -> Option<String> {
    ROWS.with_borrow(|rows| {
        rows.iter()
            .find(|row| {
                row.table == table
                    && row.key == key
                    && row.from.as_deref().is_none_or(|from| from <= on)
                    && row.to.as_deref().is_none_or(|to| on < to)
            })
            .map(|row| row.value.clone())
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
