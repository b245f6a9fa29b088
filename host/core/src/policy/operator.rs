//! `operators/<name>.toml`: a person who runs the gateway, and what that person may do.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who may use the operator API beyond health and metrics. The file's name is the name that every act is kept under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperatorPolicy {
    /// Who it is, for people.
    pub title: String,
    /// SHA-256 of the operator's key (`portgate operator key` makes one): 64 lower-case hexadecimal digits, or
    /// `file:NAME` or `env:NAME` with them.
    pub key_sha256: String,
    /// What the operator may do.
    #[schemars(length(min = 1))]
    pub may: BTreeSet<Permission>,
}

/// What an operator may do; each is given by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    /// See exchanges, deliveries and acts, without payloads and documents.
    Read,
    /// See payloads, documents and the bodies of what was sent and answered; and so replay exchanges, and see what differs where
    /// one is mapped again.
    Payload,
    /// Retry, resend and discard deliveries, retry and discard failed exchanges, have messages mapped again, and lift quarantines.
    Deliver,
    /// See the audit log.
    Audit,
    /// Approve changes that widen anything, as one of two persons.
    Approve,
    /// Decide what waits for a person, within the own team: override, correct, discard, confirm, assign.
    Decide,
}

impl Permission {
    /// As it is written in policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Permission::Read => "read",
            Permission::Payload => "payload",
            Permission::Deliver => "deliver",
            Permission::Audit => "audit",
            Permission::Approve => "approve",
            Permission::Decide => "decide",
        }
    }
}
