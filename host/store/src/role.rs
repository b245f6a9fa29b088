//! The roles that the journal plays, one file each: a trait is the promise, and below it stands how any engine keeps it.

mod acts;
mod agreements;
mod approvals;
mod audit_log;
mod codes;
mod deliveries;
mod events;
mod intake;
mod lifecycle;
mod names;
mod parking;
mod plugins;
mod records;
mod refusals;
mod request_keys;
mod retention;
mod shared;
mod shipments;

pub use acts::Acts;
pub use agreements::Agreements;
pub use approvals::Approvals;
pub use audit_log::AuditLog;
pub use codes::Codes;
pub use deliveries::Deliveries;
pub use events::Events;
pub use intake::Intake;
pub use lifecycle::{Changes, Lifecycle};
pub use names::Names;
pub use parking::Parking;
pub use plugins::Plugins;
pub use records::Records;
pub use refusals::Refusals;
pub use request_keys::RequestKeys;
pub use retention::Retention;
pub use shared::Shared;
pub use shipments::Shipments;
