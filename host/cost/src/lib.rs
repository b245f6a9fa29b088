//! What it costs to bring a shipment's goods in, out of its context.
//!
//! An *estimate* is reckoned from the invoice and the tariff of its day; what customs says is *provisional* (67) and then
//! *assessed* (4); what carriers and brokers charge is *invoiced*. Each cost is spread over the articles so that the parts are the
//! whole to the cent. Of an article's duty the firmest counts. All of it is a function of the context and the reference tables:
//! no clock is read, and what the gateway itself has made of earlier contexts is not looked at.
//!
//! | module | what it does |
//! |---|---|
//! | `goods` | which articles there are, with value, weight, commodity and origin, and which goods item customs sees them in |
//! | `catalogue` | what the catalogue says of articles, their commodity codes above all |
//! | `read` | the documents of a context as their kinds have them |
//! | `standing` | which declarations count: none that is withdrawn, refused or cancelled |
//! | `exchange` | one currency in another, by a table of rates |
//! | `tariff` | what a tariff says of a commodity, an origin and a preference |
//! | `estimate` | customs value, duty and value added tax beforehand |
//! | `stated` | what customs and carriers have said |
//! | `spread` | a sum in parts, by largest remainder |
//! | `shared` | the part of a shipment of what others have as well |
//! | `parts` | an invoice in parts, by what each of several shipments ships of it |
//! | `cost` | one cost, and what it is spread by |
//! | `landed` | all of it, by article and in sum, with the accuracy of the estimate |
//! | `accrual` | what finance is to be told, given what it was told before |

mod accrual;
mod accuracy;
mod catalogue;
mod cost;
mod estimate;
mod exchange;
mod goods;
mod landed;
mod parts;
mod read;
mod shared;
mod spread;
mod standing;
mod stated;
mod tariff;

use jiff::civil::Date;

pub use accrual::{NotPosted, Posted, accruals, series};
pub use accuracy::Accuracy;
pub use cost::{Cost, Share, Unknown};
pub use exchange::Conversion;
pub use goods::Article;
pub use landed::{ArticleCost, Landed, Total, landed};
pub use parts::{Article as SharedArticle, Untold};
pub use shared::{Apportioned, Named, Shared, Sharer};
pub use spread::{minor_digits, spread};

/// Looks keys up in reference tables.
pub trait Tables {
    /// What a key means on a day; nothing where the table does not say, or is not there.
    fn look_up(&self, table: &str, key: &str, on: Date) -> Option<String>;
}
