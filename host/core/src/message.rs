//! One message of a partner, as it arrived.

use crate::agreement::{Agreement, ControlNumbers};

/// What a plugin's `decode` is given. Mirrors `message` of `wit/connector/v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The partner that the credential named.
    pub partner: String,
    /// The contract's name.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// The media type, without parameters, in lower case.
    pub content_type: String,
    /// Only the headers that the contract lists; names in lower case.
    pub headers: Vec<(String, String)>,
    /// When the host had read it, RFC 3339 in UTC.
    pub received_at: String,
    /// SHA-256 of `body`, 64 lower-case hexadecimal digits.
    pub digest: String,
    /// The payload, byte for byte.
    pub body: Vec<u8>,
    /// What was settled with the partner, where there is an agreement.
    pub agreement: Option<Agreement>,
    /// Numbers for the reply, where the agreement wants one.
    pub control_numbers: Option<ControlNumbers>,
}
