//! What composers of declarations have in common, whatever the regime and the country: the documents of a shipment
//! ([`Facts`]), its goods line by line with packages and weights ([`Facts::goods`]), goods items of one or several lines
//! ([`Together`]), what policy says ([`Settings`]), and what is missing ([`Gaps`]).
//!
//! Nothing is guessed. What a document says of a line counts; where documents say something of a package or of the whole
//! alone, a line's part of it is reckoned exactly ([`apportion`]) and marked as such. Everything here depends on the context and
//! the settings alone, and where it looks at classifications on the day that is asked for.

#![cfg_attr(not(test), deny(clippy::unwrap_used))]

mod apportion;
mod draft;
mod facts;
mod gaps;
mod goods;
mod items;
mod packing;
mod settings;
mod tariff;
mod weights;

pub use apportion::apportion;
pub use draft::{draft, tie};
pub use facts::{Facts, Said};
pub use gaps::Gaps;
pub use goods::{ApportionBy, Goods};
pub use items::Together;
pub use settings::Settings;
pub use weights::{Totals, Weight};
