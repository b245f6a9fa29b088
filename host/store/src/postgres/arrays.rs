//! Many rows in one statement: an array for each column.

use std::ops::RangeFrom;

use crate::statements::table::{Column, Insert, Kind};
use crate::statements::value::Param;

/// What the rows have in each column.
pub(super) fn arrays<'r, R: Insert + 'r>(rows: impl IntoIterator<Item = &'r R>) -> Vec<Vec<Param<'r>>> {
    let mut arrays: Vec<Vec<Param<'r>>> = R::COLUMNS.iter().map(|_| Vec::new()).collect();
    for row in rows {
        for (array, value) in arrays.iter_mut().zip(row.values()) {
            array.push(value);
        }
    }
    arrays
}

/// The columns of a table.
pub(super) fn columns<R: Insert>() -> String {
    R::COLUMNS.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

/// The next parameters as the columns of a table, an array each.
pub(super) fn given<R: Insert>(places: &mut RangeFrom<usize>) -> String {
    let array = |(column, place): (&Column, usize)| {
        let kind = match column.kind {
            Kind::Id => "uuid",
            Kind::Int => "bigint",
            Kind::Text => "text",
            Kind::Bytes => "bytea",
        };
        format!("${place}::{kind}[]")
    };
    let arrays: Vec<String> = R::COLUMNS.iter().zip(places).map(array).collect();
    format!("unnest({})", arrays.join(", "))
}
