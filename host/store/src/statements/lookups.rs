//! What shipments rest on in reference tables: kept with their judgement, held against later versions of the tables.

mod review;

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::table::table;
use super::value::{Param, day, key_hash};
use super::{Sql, Step};
use crate::id::ShipmentId;
use crate::reference::ReliedOn;

pub(crate) use review::{forget, keep_checked, reviews, take_up, to_check, versions};

/// What tells what was looked up from all else: another value of the same key is another one.
fn hash(relied: &ReliedOn) -> [u8; 16] {
    let key = relied.key.as_ref().map(|key| format!("={key}")).unwrap_or_default();
    let on = relied.day.map(|day| day.to_string()).unwrap_or_default();
    let value = relied.value.as_ref().map(|value| format!("={value}")).unwrap_or_default();
    key_hash("lookup", &relied.table, &key, &format!("{on}{value}"))
}

/// What a table said, and the last file and day on which it did.
struct LookupRow<'r> {
    hash: [u8; 16],
    relied: &'r ReliedOn,
}

table! {
    lookups(row: LookupRow<'_>) {
        hash: Bytes = Param::Bytes(&row.hash),
        table_name: Text = Param::text(&row.relied.table),
        key: Text = Param::optional(row.relied.key.as_deref(), Param::text),
        day: Int = Param::optional(row.relied.day, day),
        value: Text = Param::optional(row.relied.value.as_deref(), Param::text),
        file: Text = Param::text(&row.relied.file),
        said_on: Int = Param::optional(row.relied.day.is_none().then_some(row.relied.asked_on), day),
    }
}

/// That a shipment rests on it.
struct RestsRow {
    shipment: ShipmentId,
    lookup: [u8; 16],
}

table! {
    shipment_lookups(row: RestsRow) {
        shipment: Id = Param::Id(row.shipment.0),
        lookup: Bytes = Param::Bytes(&row.lookup),
    }
}

/// Keeps what the judgements of shipments rest on, in the place of what those before did. Mostly that is the same.
pub(crate) async fn keep<S: Sql>(sql: &mut S, judged: &[(ShipmentId, &[ReliedOn])]) -> Step<()> {
    let text = format!("SELECT shipment, lookup FROM shipment_lookups WHERE shipment {}", S::among(1));
    let mut known: BTreeMap<Uuid, BTreeSet<[u8; 16]>> = BTreeMap::new();
    for mut row in sql.query(&text, &[Param::ids(judged.iter().map(|(shipment, _)| shipment.0))]).await? {
        known.entry(row.id()?).or_default().insert(row.hash()?);
    }
    // In one order, so that two that keep the same wait for each other and not in a circle.
    let (mut new, mut rests) = (BTreeMap::new(), Vec::new());
    for (shipment, relied) in judged {
        let mut gone = known.remove(&shipment.0).unwrap_or_default();
        let wanted: BTreeMap<[u8; 16], &ReliedOn> = relied.iter().map(|relied| (hash(relied), relied)).collect();
        for (hash, relied) in wanted {
            if !gone.remove(&hash) {
                new.insert(hash, relied);
                rests.push(RestsRow { shipment: *shipment, lookup: hash });
            }
        }
        if !gone.is_empty() {
            let text = format!("DELETE FROM shipment_lookups WHERE shipment = $1 AND lookup {}", S::among(2));
            sql.execute(&text, &[Param::Id(shipment.0), Param::hashes(&gone)]).await?;
        }
    }
    sql.add(&new.into_iter().map(|(hash, relied)| LookupRow { hash, relied }).collect::<Vec<_>>()).await?;
    sql.add(&rests).await
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
}
