//! The journal as everybody else sees it.

use crate::role::{
    Acts, Agreements, Approvals, AuditLog, Codes, Deliveries, Events, Exceptions, Figures, Filings, Intake, Lifecycle,
    Names, Parking, Plugins, Records, ReferenceTables, Refusals, RequestKeys, Retention, Shared, Shipments,
};

/// Where exchanges, deliveries and events are kept: all roles of one database. Code that needs one role takes that
/// trait alone.
///
/// What a method reports as done is on the disk. What it reports as an error was not done, but for
/// [`JournalError::Unreachable`](crate::JournalError::Unreachable), where nobody knows: the same `Idempotency-Key`, or the
/// next claim, finds out. Where a future is dropped before its end, what it asked for may be done or not. Lists are bounded
/// by their `limit`, at most 1,000.
pub trait Journal:
    Intake
    + RequestKeys
    + Parking
    + Deliveries
    + Refusals
    + Records
    + ReferenceTables
    + Names
    + Acts
    + Agreements
    + Codes
    + Events
    + AuditLog
    + Approvals
    + Plugins
    + Retention
    + Shared
    + Shipments
    + Figures
    + Exceptions
    + Filings
    + Lifecycle
{
}

impl<J> Journal for J where
    J: Intake
        + RequestKeys
        + Parking
        + Deliveries
        + Refusals
        + Records
        + ReferenceTables
        + ReferenceTables
        + Names
        + Acts
        + Agreements
        + Codes
        + Events
        + AuditLog
        + Approvals
        + Plugins
        + Retention
        + Shared
        + Shipments
        + Figures
        + Exceptions
        + Filings
        + Lifecycle
{
}
