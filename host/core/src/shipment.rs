//! Shipments: which documents speak of the same one.
//!
//! A *thing* is what the versions of one document speak of: its kind, its key, and the system that said it. Things carry
//! *names* (references), and names tie things together, each scheme in its way ([`Tie`]). A shipment is worked out from the
//! things alone ([`join::join`]), never from the order in which they came, so that every order of arrival gives the same.

pub mod facts;
pub mod join;
pub mod placement;
pub mod rules;
pub mod thing;

pub use facts::{Facts, microseconds};
pub use join::{Affected, Assembled, Lookup, TooMany, Wanted, World, join};
pub use placement::{NotPlaced, Placement, place};
pub use rules::{ShipmentRules, Tie};
pub use thing::{Name, Thing, ThingName, Version, current, in_order, names};
