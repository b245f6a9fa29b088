//! Which versions of tables a gateway has taken up, and which shipments were judged again because of them.

use portgate_operator::{Items, TableQuery, TableReview, TableReviewQuery, TableVersion};
use portgate_tables::log::Entry;

use super::shown::counted;
use crate::operator::{Connection, OperatorClient, OperatorError, print_json};
use crate::printable::printable;
use crate::table::table as columns;

/// Prints the versions of a table, or of all.
pub(super) fn versions(connection: &Connection, table: Option<&String>, json: bool) -> Result<(), OperatorError> {
    let query = TableQuery { table: table.cloned() };
    let found: Items<TableVersion> = OperatorClient::new(connection)?.get("/v1/tables", &query)?;
    if json {
        print_json(&found);
        return Ok(());
    }
    let row = |version: &TableVersion| {
        let entry = version.change.as_ref().and_then(|change| serde_json::from_value::<Entry>(change.clone()).ok());
        let (who, why, keys) = match entry {
            Some(Entry { who, why, difference, .. }) => (who, why, counted(&difference)),
            None => (String::new(), String::new(), String::new()),
        };
        vec![
            printable(&version.table),
            version.number.to_string(),
            version.taken_at.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
            printable(&who),
            printable(&why),
            keys,
            version.shipments.to_string(),
        ]
    };
    let headings = ["table", "version", "taken up", "who", "why", "difference", "shipments"];
    print!("{}", columns(&headings, found.items.iter().map(row).collect()));
    Ok(())
}

/// Prints the shipments that were judged again under a version of a table.
pub(super) fn reviews(
    connection: &Connection,
    table: &str,
    version: Option<u64>,
    json: bool,
) -> Result<(), OperatorError> {
    let query = TableReviewQuery { table: table.to_owned(), version };
    let found: Items<TableReview> = OperatorClient::new(connection)?.get("/v1/tables/reviews", &query)?;
    if json {
        print_json(&found);
        return Ok(());
    }
    let value = |value: &Option<String>| value.as_deref().map_or("nothing".to_owned(), printable);
    let row = |review: &TableReview| {
        vec![
            review.at.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
            review.shipment.clone(),
            review.key.as_deref().map_or("all of it".to_owned(), printable),
            value(&review.before),
            value(&review.after),
            review.day.to_string(),
        ]
    };
    let headings = ["when", "shipment", "key", "was", "is", "on"];
    print!("{}", columns(&headings, found.items.iter().map(row).collect()));
    Ok(())
}
