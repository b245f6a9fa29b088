//! What is not well with deliveries, and which identifiers do not exist.

use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;

use super::filter::{Conditions, OPEN};
use super::value::{Param, Row};
use super::{Sql, Step};
use crate::delivery::DeadClass;
use crate::error::JournalError;
use crate::exchange::{DeliveryTrouble, Trouble};

/// Deliveries that somebody should look at, by destination; stalled are those that were due before this time.
pub(crate) async fn of_deliveries<S: Sql>(sql: &mut S, due_before: Timestamp) -> Step<Vec<DeliveryTrouble>> {
    let mut found = dead(sql).await?;
    found.extend(stalled(sql, due_before).await?);
    found.extend(unacknowledged(sql).await?);
    found.extend(tried_again(sql).await?);
    Ok(found)
}

async fn dead<S: Sql>(sql: &mut S) -> Step<Vec<DeliveryTrouble>> {
    let text = format!(
        "SELECT destination, class, count(*), min(settled_at) FROM deliveries WHERE {OPEN} AND state = 'dead' \
         GROUP BY destination, class ORDER BY destination, class"
    );
    let read = |mut row: Row| -> Result<DeliveryTrouble, JournalError> {
        let destination = row.text()?;
        let class: DeadClass =
            row.text()?.parse().map_err(|error| JournalError::Unreadable(format!("a dead letter's class: {error}")))?;
        let (count, since) = (row.count()?, row.time()?);
        Ok(DeliveryTrouble { destination, trouble: Trouble::Dead(class), count, since })
    };
    let rows = sql.query(&text, &[]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

/// One that waits in its lane is not due yet, and one that is claimed is being worked on.
async fn stalled<S: Sql>(sql: &mut S, due_before: Timestamp) -> Step<Vec<DeliveryTrouble>> {
    let text = "SELECT destination, count(*), min(claimable_at) FROM deliveries \
                WHERE claimable_at IS NOT NULL AND claimable_at < $1 GROUP BY destination ORDER BY destination";
    let read = |mut row: Row| -> Result<DeliveryTrouble, JournalError> {
        let destination = row.text()?;
        Ok(DeliveryTrouble { destination, trouble: Trouble::Stalled, count: row.count()?, since: row.time()? })
    };
    let rows = sql.query(text, &[Param::time(due_before)]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

async fn unacknowledged<S: Sql>(sql: &mut S) -> Step<Vec<DeliveryTrouble>> {
    let text = "SELECT destination, count(*), min(acknowledge_by) FROM deliveries \
                WHERE acknowledgement IN ('awaited', 'overdue') AND acknowledgement = 'overdue' \
                GROUP BY destination ORDER BY destination";
    let read = |mut row: Row| -> Result<DeliveryTrouble, JournalError> {
        let destination = row.text()?;
        Ok(DeliveryTrouble { destination, trouble: Trouble::Unacknowledged, count: row.count()?, since: row.time()? })
    };
    let rows = sql.query(text, &[]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

/// What is tried again for a reason of ours, with what the newest of them has met.
async fn tried_again<S: Sql>(sql: &mut S) -> Step<Vec<DeliveryTrouble>> {
    let text = format!(
        "SELECT destination, count(*), min(created_at), max(number) FROM deliveries WHERE {OPEN} AND retry_class = 'ours' \
         GROUP BY destination ORDER BY destination"
    );
    let mut found = Vec::new();
    for mut row in sql.query(&text, &[]).await? {
        let (destination, count, since, newest) = (row.text()?, row.count()?, row.time()?, row.int()?);
        let text = "SELECT detail FROM attempts WHERE delivery = (SELECT id FROM deliveries WHERE number = $1) \
                    ORDER BY number DESC LIMIT 1";
        let met = sql.query(text, &[Param::Int(newest)]).await?.pop();
        let met = met.map(|mut row| row.text()).transpose()?.unwrap_or_default();
        found.push(DeliveryTrouble { destination, trouble: Trouble::TriedAgain(met), count, since });
    }
    Ok(found)
}

/// The identifiers among these that no row of a table has.
pub(crate) async fn unknown<S: Sql>(sql: &mut S, table: &'static str, ids: &[Uuid]) -> Step<Vec<Uuid>> {
    let mut conditions = Conditions::new();
    conditions.one_of(Some(ids.to_vec()))?;
    let rows = sql.query(&format!("SELECT id FROM {table} WHERE {}", conditions.text()), conditions.params()).await?;
    let known: BTreeSet<Uuid> = rows.into_iter().map(|mut row| row.id()).collect::<Result<_, _>>()?;
    Ok(ids.iter().copied().filter(|id| !known.contains(id)).collect())
}
