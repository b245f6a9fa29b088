//! What plugins used, as each gateway keeps it for each day.

use jiff::Timestamp;
use uuid::Uuid;

/// What one gateway saw one component of a plugin use on one day. A record covers the whole day so far and takes the
/// place of the record before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptUse {
    /// The plugin's name.
    pub plugin: String,
    /// SHA-256 of its component.
    pub sha256: [u8; 32],
    /// When the day began, in UTC.
    pub day: Timestamp,
    /// The gateway: one identifier from its start to its end.
    pub gateway: Uuid,
    /// What was used, as JSON; the journal does not look into it.
    pub record: String,
}
