//! Holds the payload against its contract, before any plugin sees it.

use std::sync::Arc;

use portgate_core::message::Message;
use tokio::sync::OwnedSemaphorePermit;

use super::deduplicate::{Fresh, Keys};
use super::read::Original;
use crate::configuration::Contract;
use crate::refusal::Refusal;

/// Proof that the payload is well-formed and keeps its contract's schema.
pub(crate) struct Checked {
    pub(super) contract: Arc<Contract>,
    pub(super) place: OwnedSemaphorePermit,
    pub(super) message: Message,
    pub(super) original: Original,
    pub(super) keys: Keys,
    _made_here: (),
}

/// Checks the payload and reports everything that is wrong with it at once.
pub(super) fn check(fresh: Fresh) -> Result<Checked, Refusal> {
    let Fresh { contract, place, message, original, keys, .. } = fresh;
    match contract.checker.check(&message.body, original.charset.as_deref()) {
        Ok(()) => Ok(Checked { contract, place, message, original, keys, _made_here: () }),
        Err(violations) if violations.is_malformed() => Err(Refusal::Malformed(violations)),
        Err(violations) => Err(Refusal::ContractViolated(violations)),
    }
}
