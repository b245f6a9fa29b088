//! Public reference data in its publishers' own formats, made tables that say what a key means on a day
//! ([`portgate_core::reference`]), each with a change log.
//!
//! | list | published by | key | told by |
//! |---|---|---|---|
//! | UN/LOCODE, CSV, whole or in three parts | UNECE | `GBFXT` | its columns, or the line of a country |
//! | Recommendations 20 and 21, CSV | UNECE | `KGM`, `BX` | `CommonCode`; `Status,Code,Name` with a numeric code |
//! | countries (ISO 3166), CSV | ISO | `GB` | `ISO3166-1-Alpha-2`; `CountryCode,CountryName` |
//! | currencies (ISO 4217), XML and CSV | ISO | `EUR` | `ISO_4217`; `AlphabeticCode` and `MinorUnit` |
//! | Harmonised System, CSV and JSON | WCO | `090121` | `hscode`; `results` with `id` and `text` |
//! | Combined Nomenclature, CSV | European Commission | `09012100` | `CN_CODE`, or `Order` beside codes and descriptions |
//! | UK tariff: measures (CSV), a commodity (JSON) | HMRC | `0901210000` | `measure__type__id`; `import_measures` |
//! | UK tariff: areas, schemes of origin, rates of the euro, JSON | HMRC | `1013`, `albania`, `EUR/GBP` | their members |
//! | euro reference rates, XML and CSV | ECB | `EUR/USD` | `Envelope` with `Cube`; `Date`, `USD` |
//! | monthly rates, XML and CSV | HMRC | `GBP/USD` | `exchangeRateMonthList`; `Currency Units per` |
//! | lists of codes, JSON; CS/RD2, JSON and XML | HMRC, European Commission, … | the code | a member such as `code`; `RDEntity` |
//!
//! Lists of denied parties are `portgate-lists`, since they are searched by name. [`read()`] reads the files of an edition,
//! [`update`] puts it into a table, [`correct`] a steward's word, and [`Held`] keeps both with the [`log`] of who did it and why.

mod content;
mod file;
mod json;
mod json_api;
mod lists;
pub mod log;
mod read;
mod sheet;
mod update;

pub use content::{Finding, List, Meaning, Place, Said, Scope};
pub use file::{FileError, Held, log as log_at, log_of, open};
pub use read::{Asked, Given, ReadError, read};
pub use update::{UpdateError, Updated, correct, update};
