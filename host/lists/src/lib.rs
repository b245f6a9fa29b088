//! Lists of denied parties in their publishers' own formats, made one table that is searched by name
//! ([`portgate_names::Lists`]).
//!
//! | format | published by | told by |
//! |---|---|---|
//! | Consolidated Screening List, JSON and CSV | US International Trade Administration | `results`; the column `source_list_url` |
//! | SDN and consolidated list, CSV (`sdn.csv`, `alt.csv`, `add.csv`, `cons_*.csv`) and XML | US Treasury, OFAC | twelve, five and six columns without a header; `sdnList` |
//! | Consolidated Financial Sanctions List 1.1, XML | European Commission | `export` with `sanctionEntity` |
//! | Security Council Consolidated List, XML | United Nations | `CONSOLIDATED_LIST` |
//! | Denied Persons List, text with tabs | US Commerce, BIS | the columns `Name` and `FR_Citation` |
//!
//! Which format a file is in is told by its content. [`read`] makes entries of the files of one list; [`update`] puts an
//! edition of a list into a table in the place of the one before it, day by day: who is no longer listed is still found for
//! the days before.

mod content;
mod csl;
mod delimited;
mod dpl;
mod eu;
mod file;
mod ofac;
mod party;
mod un;
mod update;

pub use file::{Edition, ReadError, read};
pub use update::{Changes, Older, update};
