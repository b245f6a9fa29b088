//! Where a delivery is, and what its partner has said of it, as its columns have it.

use portgate_core::state::Acknowledged;

use super::value::Row;
use crate::delivery::{DeadClass, State};
use crate::error::JournalError;

/// Where a delivery is. One that is sent and not acknowledged yet is kept as delivered, one that waits for a code as pending, with
/// that beside it.
pub(crate) const STATE: &str = "CASE WHEN acknowledgement = 'awaited' THEN 'sent' WHEN acknowledgement = 'overdue' THEN 'overdue' \
     WHEN awaits_code_since IS NOT NULL AND state = 'pending' THEN 'awaits-code' ELSE state END";

/// What becomes of the number of sendings by which the partner may have a delivery when somebody loses the right to it without having
/// said how that ended: what was rendered may have been sent.
pub(crate) const LEFT_UNSAID: &str = "may_be_taken = may_be_taken + CASE WHEN claim IS NOT NULL AND EXISTS (SELECT 1 FROM requests \
     WHERE requests.delivery = coalesce(deliveries.batch, deliveries.id)) THEN 1 ELSE 0 END";

pub(crate) fn read_state(row: &mut Row) -> Result<State, JournalError> {
    row.text()?.parse().map_err(|error| JournalError::Unreadable(format!("a delivery's state: {error}")))
}

/// What a partner has said of a delivery, from the column `acknowledgement`: nothing while it has said nothing.
pub(crate) fn said(column: Option<&str>) -> Option<Acknowledged> {
    column?.parse().ok()
}

/// Where a delivery is whose partner has said this of it.
pub(crate) fn state_after(said: Acknowledged) -> (State, Option<DeadClass>) {
    match said {
        Acknowledged::Accepted | Acknowledged::AcceptedWithErrors => (State::Delivered, None),
        // A person must look at what was not taken.
        Acknowledged::PartlyAccepted | Acknowledged::Rejected => (State::Dead, Some(DeadClass::Theirs)),
    }
}
