//! What two states of a table say otherwise: which keys, and on which days. It is what a change log tells of an import, and what
//! finds those who have relied on a value that is another one now.

use jiff::civil::Date;

use super::table::{Row, Table, Value};

/// On these days a key means something else than it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change<'t> {
    /// The key.
    pub key: &'t str,
    /// The first of the days; [`Date::MIN`] where there is none.
    pub from: Date,
    /// The day after the last; [`Date::MAX`] where there is none.
    pub to: Date,
    /// What it meant; nothing where it had no value.
    pub before: Option<Value<'t>>,
    /// What it means; nothing where it has no value.
    pub after: Option<Value<'t>>,
}

/// All that two tables say otherwise, by key and day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes<'t>(Vec<Change<'t>>);

impl<'t> Changes<'t> {
    /// One after the other, by key and day; those of one key lie apart.
    pub fn iter(&self) -> impl Iterator<Item = &Change<'t>> {
        self.0.iter()
    }

    /// The changes of each key.
    pub fn by_key(&self) -> impl Iterator<Item = &[Change<'t>]> {
        self.0.chunk_by(|one, next| one.key == next.key)
    }

    /// What changed for somebody who looked a key up on a day: nothing where the answer would be the same.
    pub fn on(&self, key: &str, day: Date) -> Option<&Change<'t>> {
        let begun = self.0.partition_point(|change| (change.key, change.from) <= (key, day));
        let change = self.0.get(begun.checked_sub(1)?)?;
        (change.key == key && day < change.to).then_some(change)
    }

    /// Whether both tables say the same of every key and day.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What `after` says otherwise than `before`, on whichever days. Who said it, and in how many rows, makes no difference.
pub fn changes<'t>(before: &'t Table, after: &'t Table) -> Changes<'t> {
    let (mut before, mut after) = (before.rows().peekable(), after.rows().peekable());
    let mut changes = Vec::new();
    let (mut old, mut new) = (Vec::new(), Vec::new());
    while let Some(key) = [before.peek(), after.peek()].into_iter().flatten().map(|row| row.key).min() {
        old.clear();
        new.clear();
        old.extend(std::iter::from_fn(|| before.next_if(|row| row.key == key)));
        new.extend(std::iter::from_fn(|| after.next_if(|row| row.key == key)));
        if !old.iter().map(said).eq(new.iter().map(said)) {
            of_key(key, &old, &new, &mut changes);
        }
    }
    Changes(changes)
}

fn said<'t>(row: &Row<'t>) -> (Value<'t>, Date, Date) {
    (row.value, row.from, row.to)
}

/// Goes over the days on which either begins or ends to say something.
fn of_key<'t>(key: &'t str, old: &[Row<'t>], new: &[Row<'t>], changes: &mut Vec<Change<'t>>) {
    let mut days: Vec<Date> = old.iter().chain(new).flat_map(|row| [row.from, row.to]).collect();
    days.sort_unstable();
    days.dedup();
    let on = |rows: &[Row<'t>], day: Date| rows.iter().find(|row| row.from <= day && day < row.to).map(|row| row.value);
    for span in days.windows(2) {
        let [from, to] = *span else { continue };
        let (before, after) = (on(old, from), on(new, from));
        if before == after {
            continue;
        }
        match changes.last_mut() {
            Some(last) if last.key == key && last.to == from && (last.before, last.after) == (before, after) => {
                last.to = to
            }
            _ => changes.push(Change { key, from, to, before, after }),
        }
    }
}
