//! What shipments rest on in reference tables, and what happens when a table says something else.
//!
//! Whatever rule packs, composers and costs look up is kept with the judgement, each key with what it meant. Once a table's file is
//! another one, or a day has come, all of that is looked up once more, each key once whoever rests on it. Where the answer is
//! another one, the open shipments that rest on it are put together anew, and it is kept which ones, and why. Nothing depends on
//! a gateway seeing the change happen: what is kept is held against what there is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use portgate_core::reference::{Asked, Edition, Lookup, Lookups, shown};
use portgate_store::{Checked, JournalError, KeptLookup, NewTableVersion, Outdated, ReferenceTables, ReliedOn, Review};

/// What is looked up once more in one step.
const CHECK_STEP: u32 = 500;
/// Shipments that are judged again in one step, so few that new documents do not wait behind them for long.
const REVIEW_STEP: u32 = 200;

/// Reference tables, at one time.
pub trait Tables: portgate_cost::Tables {
    /// The SHA-256 of the file that a table is of, in hexadecimal digits; empty where there is no such table.
    fn file(&self, table: &str) -> &str;

    /// What a key means on a day, and who says so.
    fn said(&self, table: &str, key: &str, on: Date) -> Option<Said>;

    /// Whether a document is one of its kind.
    fn fits(&self, kind: &str, body: &[u8]) -> bool;

    /// All tables, as they are now.
    fn versions(&self) -> Vec<InForce>;
}

/// What a key means, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The value, a text or a JSON object.
    pub value: String,
    /// The edition that said it first; nothing where a person wrote it.
    pub edition: Option<Edition>,
    /// The first day of the value; nothing where there is none.
    pub from: Option<Date>,
}

/// No tables at all.
#[derive(Clone, Copy, Debug)]
pub struct NoTables;

impl portgate_cost::Tables for NoTables {
    fn look_up(&self, _: &str, _: &str, _: Date) -> Option<String> {
        None
    }
}

impl Tables for NoTables {
    fn file(&self, _: &str) -> &str {
        ""
    }

    fn said(&self, _: &str, _: &str, _: Date) -> Option<Said> {
        None
    }

    fn fits(&self, _: &str, _: &[u8]) -> bool {
        false
    }

    fn versions(&self) -> Vec<InForce> {
        Vec::new()
    }
}

/// A table as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// Its name.
    pub table: String,
    /// The SHA-256 of its file, in hexadecimal digits.
    pub file: String,
    /// What its change log says of that file, as JSON, where it has one.
    pub change: Option<String>,
}

/// Tables that note what is looked up in them.
pub(crate) struct Noting<'t> {
    tables: &'t dyn Tables,
    looked_up: Mutex<Lookups>,
}

impl<'t> Noting<'t> {
    pub(crate) fn new(tables: &'t dyn Tables) -> Self {
        Noting { tables, looked_up: Mutex::default() }
    }

    /// What a key means on a day, and who says so.
    pub(crate) fn said(&self, table: &str, key: &str, on: Date) -> Option<Said> {
        let said = self.tables.said(table, key, on);
        self.note(table, key, on, said.as_ref().map(|said| said.value.as_str()));
        said
    }

    /// Whether a document is one of its kind.
    pub(crate) fn fits(&self, kind: &str, body: &[u8]) -> bool {
        self.tables.fits(kind, body)
    }

    fn note(&self, table: &str, key: &str, on: Date, value: Option<&str>) {
        let mut looked_up = self.looked_up.lock().unwrap_or_else(PoisonError::into_inner);
        looked_up.note((table, self.tables.file(table)), key, on, value);
    }

    /// What was looked up.
    pub(crate) fn done(self) -> Lookups {
        self.looked_up.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl portgate_cost::Tables for Noting<'_> {
    fn look_up(&self, table: &str, key: &str, on: Date) -> Option<String> {
        let value = self.tables.look_up(table, key, on);
        self.note(table, key, on, value.as_deref());
        value
    }
}

/// What a judgement rests on, as the journal keeps it. What was looked up for a day on which the judgement was made, from `began`
/// to `now`, is looked up again as days go by.
pub(crate) fn relied_on(looked_up: &Lookups, began: Timestamp, now: Timestamp) -> Vec<ReliedOn> {
    let (first, today) = (day_of(began), day_of(now));
    let relied = |lookup: &Lookup| {
        let (key, on) = match &lookup.asked {
            Asked::Key { key, on } => (Some(key.clone()), Some(*on)),
            Asked::Everything => (None, None),
        };
        let is_of_today = on.is_none_or(|on| first <= on && on <= today);
        ReliedOn {
            table: lookup.table.clone(),
            key,
            day: on.filter(|_| !is_of_today),
            value: lookup.value.clone(),
            file: lookup.file.clone(),
            asked_on: on.unwrap_or(today),
        }
    };
    looked_up.iter().map(relied).collect()
}

pub(crate) fn day_of(time: Timestamp) -> Date {
    Offset::UTC.to_datetime(time).date()
}

/// Holds what shipments rest on against the tables of the moment.
#[derive(Default)]
pub(crate) struct Reviewer {
    /// The files that were taken up, by table.
    taken: BTreeMap<String, String>,
    /// The day of the last review that came to its end.
    reviewed_on: Option<Date>,
}

impl Reviewer {
    /// Whether tables are others than at the last review, or the day is.
    pub(crate) fn is_due(&self, tables: &dyn Tables, now: Timestamp) -> bool {
        let versions = tables.versions();
        self.reviewed_on != Some(day_of(now))
            || versions.len() != self.taken.len()
            || versions.iter().any(|one| self.taken.get(&one.table) != Some(&one.file))
    }

    /// One step of a review. Gives back whether there is more to do.
    ///
    /// # Errors
    ///
    /// The journal does not answer.
    pub(crate) async fn step(
        &mut self,
        journal: &dyn ReferenceTables,
        tables: &Arc<dyn Tables + Send + Sync>,
        now: Timestamp,
    ) -> Result<bool, JournalError> {
        let versions = tables.versions();
        self.taken.retain(|table, _| versions.iter().any(|one| one.table == *table));
        let mut more = false;
        for InForce { table, file, change } in versions {
            if self.taken.get(&table) != Some(&file) {
                let (table, file) = (table.clone(), file.clone());
                let version = NewTableVersion { table: table.clone(), file: file.clone(), change, now };
                if journal.take_up_table(version).await? {
                    tracing::info!(table, file, "a reference table was taken up");
                }
                self.taken.insert(table, file);
            }
            more |= review(journal, &**tables, &table, &file, now).await?;
        }
        self.reviewed_on = Some(day_of(now)).filter(|_| !more);
        Ok(more)
    }
}

/// Looks up once more what shipments rest on of a table. Gives back whether there is more to do.
async fn review(
    journal: &dyn ReferenceTables,
    tables: &(dyn Tables + Send + Sync),
    table: &str,
    file: &str,
    now: Timestamp,
) -> Result<bool, JournalError> {
    let today = day_of(now);
    let lookups = journal.lookups_to_check(table.to_owned(), file.to_owned(), today, CHECK_STEP).await?;
    if lookups.is_empty() {
        return Ok(false);
    }
    let is_full = lookups.len() >= CHECK_STEP as usize;
    let (mut confirmed, mut outdated) = (Vec::new(), Vec::new());
    for lookup in lookups {
        let after = said_now(tables, table, file, &lookup, today);
        match after == lookup.value {
            true => confirmed.push(lookup.hash),
            false => outdated.push(Outdated { lookup, after }),
        }
    }
    let progress = !confirmed.is_empty();
    let (table, file) = (table.to_owned(), file.to_owned());
    let checked = Checked { table: table.clone(), file, confirmed, outdated, shipments_max: REVIEW_STEP, today, now };
    let Review { shipments, more } = journal.keep_checked(checked).await?;
    if shipments > 0 {
        tracing::info!(table, shipments, "shipments are judged again, since a reference table says something else");
    }
    Ok(more || (is_full && (progress || shipments > 0)))
}

/// What a table says now to what it was asked.
fn said_now(
    tables: &(dyn Tables + Send + Sync),
    table: &str,
    file: &str,
    lookup: &KeptLookup,
    today: Date,
) -> Option<String> {
    match &lookup.key {
        Some(key) => tables.look_up(table, key, lookup.day.unwrap_or(today)).as_deref().map(shown),
        None => Some(file.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn what_is_looked_up_for_the_day_of_the_judgement_is_of_whichever_day_it_is() {
        let mut looked_up = Lookups::default();
        let on = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)];
        on.into_iter().for_each(|on| looked_up.note(("rates", "f"), "EUR", on, Some("0.8")));
        let time = |text: &str| text.parse::<Timestamp>().expect("a time");
        let relied = relied_on(&looked_up, time("2026-03-01T23:59:59Z"), time("2026-03-02T00:00:01Z"));
        let told: Vec<_> = relied.iter().map(|relied| (relied.asked_on, relied.day)).collect();
        assert_eq!(told, [(on[0], Some(on[0])), (on[1], None), (on[2], None), (on[3], Some(on[3]))]);
    }
}
