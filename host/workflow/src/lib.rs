//! What happens after the commit: documents are joined to shipments, and what all systems say of a shipment is put together
//! into its context.
//!
//! The journal drives it. Each step is one transaction that begins where the last one ended, so that a kill at any time loses
//! and doubles nothing, and several gateways on one journal share the shipments among them. Which documents are of which
//! shipment and what its context says is a function of the set of its documents ([`portgate_core::shipment::join()`], [`fold()`]).

mod accrue;
mod batch;
mod figures;
mod filing;
pub mod fold;
mod inspect;
mod known;
mod left_out;
mod made;
mod own;
mod ownership;
mod people;
mod shared;
mod standing;
mod tables;
mod told;
mod worker;

pub use accrue::Reckoned;
pub use filing::{Composed, Composers};
pub use fold::{Folded, fold};
pub use inspect::{Inspected, Packs};
pub use made::{Made, Makes, Recipient, Recipients};
pub use ownership::Ownership;
pub use people::{Calendar, Desk};
pub use shared::shared_with_others;
pub use standing::Standing;
pub use tables::{InForce, NoTables, Said, Tables};
pub use worker::{Plan, Plans, Worker};
