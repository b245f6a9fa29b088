//! Reference tables of keys: what a key means, from which day on and until when, and which edition of whose list said so.
//!
//! A table is a file in one of two forms, which says itself which one it is. People write CSV (RFC 4180) with the header
//! `key,value` or `key,value,from,to`. What is made of published lists is JSON Lines: the first line names the editions, each
//! other one is a row, in the order of keys and days, so that two states of a table differ in the lines that say something else.
//!
//! ```text
//! {"table":{"editions":[{"publisher":"UNECE","format":"unlocode","edition":"2026-1","date":"2026-07-01"}]}}
//! {"key":"GBFXT","value":{"name":"Felixstowe"},"to":"2027-01-01","of":0}
//! ```
//!
//! `from` is a row's first day, `to` the day after its last; either may be left out. `of` counts the editions from 0; a row
//! without it is somebody's own word. A table is read whole, checked whole and kept in one piece of memory: looking something
//! up in it allocates nothing. [`changes`] says of which keys two tables say something else, and on which days.

mod changes;
mod form;
mod lookup;
mod table;
#[cfg(test)]
mod tests;

pub use changes::{Change, Changes, changes};
pub use form::{day, is_made_of_editions, read, write};
pub use lookup::{Asked, LOOKUPS_MAX, Lookup, Lookups, shown};
pub use table::{Edition, Row, Table, TableError, Value};
