//! What shipments rest on in reference tables: kept with their judgement, held against later versions of the tables.

mod review;

use std::collections::{BTreeMap, BTreeSet};

use super::value::{Param, Row, day, key_hash, read_day};
use super::{Sql, Step};
use crate::error::JournalError;
use crate::id::ShipmentId;
use crate::reference::ReliedOn;

pub(crate) use review::{forget, keep_checked, reviews, take_up, to_check, versions};

/// Rows of one statement.
const ROWS: usize = 20;

/// What tells what was looked up from all else: another value of the same key is another one.
fn hash(relied: &ReliedOn) -> [u8; 16] {
    let key = relied.key.as_ref().map(|key| format!("={key}")).unwrap_or_default();
    let on = relied.day.map(|day| day.to_string()).unwrap_or_default();
    let value = relied.value.as_ref().map(|value| format!("={value}")).unwrap_or_default();
    key_hash("lookup", &relied.table, &key, &format!("{on}{value}"))
}

/// Keeps what the judgement of a shipment rests on, in the place of what the one before did. Mostly that is the same.
pub(crate) async fn keep<S: Sql>(sql: &mut S, shipment: ShipmentId, relied: &[ReliedOn]) -> Step<()> {
    let text = "SELECT lookup FROM shipment_lookups WHERE shipment = $1";
    let rows = sql.query(text, &[Param::Id(shipment.0)]).await?;
    let known: BTreeSet<[u8; 16]> = rows.into_iter().map(|mut row| known(&mut row)).collect::<Result<_, _>>()?;
    // In one order, so that two that keep the same wait for each other and not in a circle.
    let wanted: BTreeMap<[u8; 16], &ReliedOn> = relied.iter().map(|relied| (hash(relied), relied)).collect();
    let new: Vec<_> = wanted.iter().filter(|(hash, _)| !known.contains(*hash)).collect();
    for new in new.chunks(ROWS) {
        let text = insert("lookups (hash, table_name, key, day, value, file, said_on)", 7, new.len());
        let params: Vec<Param<'_>> = new.iter().flat_map(|(hash, relied)| said(hash, relied)).collect();
        sql.execute(&format!("{text} ON CONFLICT (hash) DO NOTHING"), &params).await?;
        let text = insert("shipment_lookups (shipment, lookup)", 2, new.len());
        let params: Vec<Param<'_>> =
            new.iter().flat_map(|(hash, _)| [Param::Id(shipment.0), Param::Bytes(hash.as_slice())]).collect();
        sql.execute(&format!("{text} ON CONFLICT DO NOTHING"), &params).await?;
    }
    for gone in known.iter().filter(|hash| !wanted.contains_key(*hash)) {
        let text = "DELETE FROM shipment_lookups WHERE shipment = $1 AND lookup = $2";
        sql.execute(text, &[Param::Id(shipment.0), Param::Bytes(gone)]).await?;
    }
    Ok(())
}

fn said<'r>(hash: &'r [u8; 16], relied: &'r ReliedOn) -> [Param<'r>; 7] {
    let said_on = relied.day.is_none().then_some(relied.asked_on);
    [
        Param::Bytes(hash),
        Param::text(&relied.table),
        Param::optional(relied.key.as_deref(), Param::text),
        Param::optional(relied.day, day),
        Param::optional(relied.value.as_deref(), Param::text),
        Param::text(&relied.file),
        Param::optional(said_on, day),
    ]
}

/// Inserts so many rows at once.
fn insert(into: &str, columns: usize, rows: usize) -> String {
    let row = |row: usize| {
        let places: Vec<String> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", places.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!("INSERT INTO {into} VALUES {}", rows.join(", "))
}

fn known(row: &mut Row) -> Result<[u8; 16], JournalError> {
    let bytes = row.bytes()?;
    bytes.try_into().map_err(|_| JournalError::Unreadable("what was looked up has no hash of 16 bytes".to_owned()))
}

/// The parameters from `$first` on, for `IN`.
fn places(first: usize, many: usize) -> String {
    let places: Vec<String> = (first..first + many).map(|place| format!("${place}")).collect();
    places.join(", ")
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::*;

    #[test]
    fn what_was_looked_up_is_told_apart_by_table_key_day_and_value() {
        let relied = |table: &str, key: Option<&str>, day: Option<Date>, value: Option<&str>| ReliedOn {
            table: table.to_owned(),
            key: key.map(str::to_owned),
            day,
            value: value.map(str::to_owned),
            file: "f".to_owned(),
            asked_on: date(2026, 3, 1),
        };
        let day = Some(date(2026, 3, 1));
        let all = [
            relied("t", Some("k"), day, Some("v")),
            relied("t", Some("k"), day, None),
            relied("t", Some("k"), day, Some("")),
            relied("t", Some("k"), None, Some("v")),
            relied("t", Some(""), day, Some("v")),
            relied("t", None, day, Some("v")),
            relied("u", Some("k"), day, Some("v")),
        ];
        let hashes: BTreeSet<_> = all.iter().map(hash).collect();
        assert_eq!(hashes.len(), all.len());
        let later = ReliedOn { file: "g".to_owned(), asked_on: date(2026, 3, 2), ..all[0].clone() };
        assert_eq!(hash(&later), hash(&all[0]), "which file said it, and when, makes no difference");
    }

    #[test]
    fn rows_are_numbered_one_after_the_other() {
        assert_eq!(insert("t (a, b)", 2, 2), "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4)");
        assert_eq!(places(3, 2), "$3, $4");
    }
}
